"""Starts the real `python app.py` and watches what it says."""

from __future__ import annotations

import hashlib
import os
import queue
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def environment(**extra: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JANGBU_")}
    return kept | {"PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"} | extra


class Jangbu:
    """One started process."""

    def __init__(self, instance: Path, *arguments: str, port: int | None = None, **env: str):
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "app.py", "--port", str(self.port), "--no-browser"]
        self.process = subprocess.Popen(
            [*command, "--instance", str(instance), *arguments],
            cwd=ROOT,
            env=environment(**env),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self.lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._said: str | None = None
        self.before_ready: list[str] = []

    def _read(self) -> None:
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))

    def ready_line(self) -> str:
        """What it prints once it answers."""
        while True:
            line = self.lines.get(timeout=PATIENCE_S)
            if line.startswith("Jangbu is ready: "):
                return line
            self.before_ready.append(line)

    def get(self, path: str) -> requests.Response:
        return requests.get(self.url + path, timeout=PATIENCE_S, allow_redirects=False)

    def stop(self, signal_number: int) -> int:
        self.process.send_signal(signal_number)
        return self.process.wait(timeout=PATIENCE_S)

    def close(self) -> str:
        """End it whatever it does; answers what it said on stderr."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(timeout=PATIENCE_S)
        self._reader.join(timeout=PATIENCE_S)
        if self._said is None:
            with self.process.stdout, self.process.stderr:
                self._said = self.process.stderr.read()
        return self._said

    def recovery_line(self) -> tuple[str, str]:
        """What is wrong, and where the recovery page is."""
        return self.lines.get(timeout=PATIENCE_S), self.lines.get(timeout=PATIENCE_S)


def fingerprint(folder: Path) -> dict[str, str]:
    """What the shop keeps in its folder, without what SQLite leaves there when it only reads."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.is_file()
        and path.name not in ("running.json", "jangbu.lock")
        and path.suffix != ".db-shm"
        and not (path.suffix == ".db-wal" and not path.stat().st_size)
    }


@contextmanager
def started(instance: Path, *arguments: str, **extra):
    """A running Jangbu that already answers."""
    jangbu = Jangbu(instance, *arguments, **extra)
    try:
        yield jangbu
    finally:
        jangbu.close()


def refused(instance: Path, *arguments: str, port: int | None = None, **env: str) -> str:
    """Start it where it must not start; answers its one sentence."""
    jangbu = Jangbu(instance, *arguments, port=port, **env)
    code = jangbu.process.wait(timeout=PATIENCE_S)
    said = jangbu.close()
    assert code == 1, said
    assert said.count("\n") == 1, said
    assert "Traceback" not in said
    return said


def flask(instance: Path, *arguments: str, given: str = "", **env: str):
    """Run `flask --app app ...`."""
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", *arguments],
        cwd=ROOT,
        env=environment(JANGBU_INSTANCE=str(instance), **env),
        input=given,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE_S * 2,
    )
