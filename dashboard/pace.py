"""How often one person may do something: faster than this is a script, or a stuck key (SEC-66)."""

from __future__ import annotations

import threading
from collections import defaultdict, deque

WINDOW_S = 60


class Pace:
    """What each person did within the last minute, in this process."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._done: defaultdict[int, deque[float]] = defaultdict(deque)
        self._lock = threading.Lock()

    def may(self, person_id: int, now: float) -> bool:
        """Count one more, unless it is one too many.

        :param now: UNIX seconds; a clock that went back starts the minute afresh
        """
        with self._lock:
            done = self._done[person_id]
            while done and not 0 <= now - done[0] < WINDOW_S:
                done.popleft()
            if len(done) >= self._most:
                return False
            done.append(now)
            return True
