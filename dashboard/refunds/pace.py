"""How often one person may send a refund: faster than this is a script, or a stuck key (SEC-66)."""

from __future__ import annotations

import threading
from collections import defaultdict, deque

MOST = 20
WINDOW_S = 60


class Pace:
    """Sends of each person within the last minute, in this process."""

    def __init__(self) -> None:
        self._sent: defaultdict[int, deque[float]] = defaultdict(deque)
        self._lock = threading.Lock()

    def may(self, person_id: int, now: float) -> bool:
        """Count one send, unless it is one too many.

        :param now: UNIX seconds; a clock that went back starts the minute afresh
        """
        with self._lock:
            sent = self._sent[person_id]
            while sent and not 0 <= now - sent[0] < WINDOW_S:
                sent.popleft()
            if len(sent) >= MOST:
                return False
            sent.append(now)
            return True
