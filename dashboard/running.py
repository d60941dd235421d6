"""One `python app.py` per instance folder: the second start finds the first (F50)."""

from __future__ import annotations

import json
import os
import time
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from dashboard.instance import Instance

_NAME = "running.json"
_ANSWER_TIMEOUT_S = 2
_ANSWER_BYTES = 1_000


@dataclass(frozen=True)
class Running:
    """Where a running Jangbu answers; ``open_url`` is what a browser should open."""

    url: str
    open_url: str
    run_id: str
    pid: int


def take_lock(instance: Instance) -> FileLock | None:
    """The folder's lock, or None when another process holds it. The system frees it at exit."""
    lock = FileLock(instance.lock_path, mode=0o600)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return None
    return lock


def note(instance: Instance, *, url: str, open_url: str, run_id: str) -> None:
    """Leave word where this process answers. The file is private: the link may carry a token."""
    instance.save_json(
        _NAME, {"url": url, "open_url": open_url, "run_id": run_id, "pid": os.getpid()}
    )


def forget_token(instance: Instance) -> None:
    """The one-time link is spent: a second start opens the front page from now on."""
    found = _noted(instance)
    if found is not None:
        instance.save_json(_NAME, asdict(replace(found, open_url=found.url)))


def forget(instance: Instance) -> None:
    """Take the word back."""
    instance.remove(_NAME)


def find(instance: Instance, *, patience_s: float = 10) -> Running | None:
    """The process that holds the folder, once it answers as itself; None when it does not."""
    until = time.monotonic() + patience_s
    while True:
        found = _noted(instance)
        if found is not None and answers(found.url, found.run_id):
            return found
        if time.monotonic() >= until:
            return None
        time.sleep(0.2)


def answers(url: str, run_id: str) -> bool:
    """Whether exactly that process answers at ``url``, and not some other program."""
    # Not requests: loading it takes the first page's time, and the address is our own.
    try:
        at = urlsplit(url)
        with closing(HTTPConnection(at.hostname or "", at.port, timeout=_ANSWER_TIMEOUT_S)) as line:
            line.request("GET", "/healthz")
            said = json.loads(line.getresponse().read(_ANSWER_BYTES))
    except (OSError, HTTPException, ValueError):
        return False
    return isinstance(said, dict) and said.get("run") == run_id


def _noted(instance: Instance) -> Running | None:
    noted = instance.load_json(_NAME)
    try:
        return None if noted is None else Running(**noted)
    except TypeError:
        return None
