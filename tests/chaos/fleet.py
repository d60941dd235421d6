"""The processes of one shop: started, killed, started again."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import threading
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import requests

from tests.chaos.process import Setup, serve

PATIENCE_S = 60
ANSWER_WITHIN_S = 10  # then whoever asked thinks the process is dead, and it may not be


def context() -> Any:
    """How processes are made: copied off one that has everything imported, where that exists."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(["tests.chaos.process"])
    return made


class Gone(Exception):
    """Nobody answers: the process has been killed, maybe in the middle of this request."""


class Process:
    """One of them; knows its port."""

    def __init__(self, setup: Setup) -> None:
        made = context()
        self._mine, theirs = made.Pipe()
        self.process: BaseProcess = made.Process(target=serve, args=(setup, theirs), daemon=True)
        self.process.start()
        theirs.close()
        self.die_at, self._log = setup.die_at, setup.log
        self.killed = False  # by us
        self._port: int | None = None
        self._asking = threading.Lock()

    @property
    def alive(self) -> bool:
        return self.process.is_alive()

    def port(self) -> int:
        """:raise Gone: it died before it could say"""
        pipe: Connection = self._mine
        with self._asking:
            if self._port is None:
                try:
                    if not pipe.poll(PATIENCE_S):
                        raise Gone
                    self._port = pipe.recv()
                except (EOFError, OSError) as error:
                    raise Gone(Path(self._log).read_text("utf-8")[-2_000:]) from error
            return self._port

    def freeze(self, frozen: bool) -> None:
        """Stop it in the middle of whatever it does, as a PC that sleeps; or let it go on."""
        if hasattr(signal, "SIGSTOP") and self.alive and self.process.pid:
            with suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGSTOP if frozen else signal.SIGCONT)

    def kill(self) -> None:
        """As hard as the machine can."""
        self.killed = self.alive
        self.process.kill()
        self.process.join(PATIENCE_S)
        with self._asking:
            self._mine.close()

    @property
    def died(self) -> bool:
        """Whether it got to its crash point."""
        return self.die_at is not None and not self.alive and not self.killed


class Fleet:
    """Two processes over one folder. Threads may ask while another kills and starts."""

    def __init__(self, setup: Setup, count: int = 2) -> None:
        self._setup = setup
        self._lock = threading.Lock()
        self.killed = 0
        self.died: list[str] = []  # crash points that were reached
        self._processes = [Process(setup) for _ in range(count)]

    def ask(self, what: str, *, at: int | None = None, **fields: Any) -> dict[str, Any]:
        """Be served at a counter, any when ``at`` does not say.

        :raise Gone: no answer came, whatever was done
        """
        with self._lock:
            process = self._processes[random.randrange(2) if at is None else at]
        with requests.Session() as session:
            session.trust_env = False
            try:
                url = f"http://127.0.0.1:{process.port()}/counter/{what}"
                said = session.post(url, json=fields, timeout=ANSWER_WITHIN_S)
                return said.json()
            except (requests.RequestException, ValueError) as error:
                raise Gone from error

    def kill(self, place: int) -> None:
        self._processes[place].kill()
        self.killed += 1

    def freeze(self, place: int, frozen: bool) -> None:
        self._processes[place].freeze(frozen)

    def start_dead(self, place: int, die_at: str | None = None) -> bool:
        """Start what does not run; whether there was something to start."""
        dead = self._processes[place]
        if dead.alive:
            return False
        with suppress(OSError):
            dead.kill()
        if dead.died:
            self.died.append(dead.die_at or "")
        fresh = Process(replace(self._setup, die_at=die_at))
        with self._lock:
            self._processes[place] = fresh
        return True

    def stop(self) -> None:
        for process in self._processes:
            process.kill()
