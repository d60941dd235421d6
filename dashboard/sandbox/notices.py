"""Webhooks: small requests to the shop that say "look again". Source: payment-window.md 6.

Delivered by background threads after the event was committed. No signature, no amount, no order.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import requests

logger = logging.getLogger(__name__)

LONGEST = 2_000  # notices remembered; older ones fall out
MOST_RETRIES = 5
TIMEOUT_S = (3, 5)  # connect, read; PortOne waits 10 and 30, which would only hold up a stop
_ENDING_S = 9


@dataclass
class Notice:
    """One webhook and what became of it. ``attempts`` hold HTTP status or None, and an error."""

    id: int
    url: str
    body: dict[str, Any]
    form: bool = False
    copies: int = 1
    late_s: float = 0.0
    retries: int = 0
    pause_s: float = 60.0
    forged: bool = False
    state: str = "waiting"  # waiting, done, dropped
    attempts: list[dict[str, Any]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "url": self.url,
            "body": self.body,
            "form": self.form,
            "forged": self.forged,
            "state": self.state,
            "attempts": list(self.attempts),
            "statuses": [attempt["status"] for attempt in self.attempts],
        }


class Notices:
    """Sends them and remembers them. Thread-safe."""

    def __init__(self) -> None:
        self._sent: deque[Notice] = deque(maxlen=LONGEST)
        self._threads: set[threading.Thread] = set()
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._stopping = threading.Event()

    def send(self, url: str, body: dict[str, Any], *, dropped: bool = False, **how: Any) -> Notice:
        """Deliver ``body`` to ``url`` soon; ``how`` as in :class:`Notice`."""
        notice = Notice(next(self._numbers), url, body, **how)
        with self._lock:
            self._sent.append(notice)
        if dropped:
            notice.state = "dropped"
        else:
            self._start(notice)
        return notice

    def replay(self, notice_id: int, times: int) -> Notice | None:
        """Deliver one again ``times`` times, one after the other; None: it is unknown."""
        found = next((one for one in self.all() if one.id == notice_id), None)
        if found is None:
            return None
        return self.send(found.url, found.body, form=found.form, forged=found.forged, copies=times)

    def all(self) -> list[Notice]:
        """Every notice remembered, oldest first."""
        with self._lock:
            return list(self._sent)

    def clear(self) -> None:
        with self._lock:
            self._sent.clear()

    def settle(self, timeout_s: float = 10.0) -> bool:
        """Wait until nothing is on its way any more; whether that came about in time."""
        end = time.monotonic() + timeout_s
        while threads := self._running():
            left = end - time.monotonic()
            if left <= 0:
                return False
            threads[0].join(left)
        return True

    def stop(self) -> None:
        """Forget what has not gone out; wait for what is being delivered."""
        self._stopping.set()
        self.settle(_ENDING_S)

    def _running(self) -> list[threading.Thread]:
        with self._lock:
            return list(self._threads)

    def _start(self, notice: Notice) -> None:
        thread = threading.Thread(
            target=self._deliver, args=(notice,), name="sandbox-notice", daemon=True
        )
        with self._lock:
            if self._stopping.is_set():
                return
            self._threads.add(thread)
            thread.start()

    def _deliver(self, notice: Notice) -> None:
        try:
            if notice.late_s and self._stopping.wait(notice.late_s):
                return
            for _copy in range(notice.copies):
                if not self._one(notice):
                    return
            notice.state = "done"
        finally:
            with self._lock:
                self._threads.discard(threading.current_thread())

    def _one(self, notice: Notice) -> bool:
        """Deliver, again after a network error or a 5xx; False: the sandbox is ending."""
        for tries in range(1 + min(notice.retries, MOST_RETRIES)):
            if (tries and self._stopping.wait(notice.pause_s)) or self._stopping.is_set():
                return False
            status, error = _post(notice)
            notice.attempts.append({"at": time.time(), "status": status, "error": error})
            if status is not None and status < 500:
                break
        return True


def _post(notice: Notice) -> tuple[int | None, str | None]:
    """Status of the answer, or None and what went wrong."""
    form, body = (notice.body, None) if notice.form else (None, notice.body)
    try:
        with requests.Session() as session:
            session.trust_env = False
            with session.post(
                notice.url,
                data=form,
                json=body,
                timeout=TIMEOUT_S,
                allow_redirects=False,
                stream=True,
            ) as answer:
                return answer.status_code, None
    except (requests.RequestException, ValueError) as error:
        logger.debug("a webhook did not arrive", exc_info=True)
        return None, type(error).__name__
