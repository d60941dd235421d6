"""Where a run goes and where it stands: pure, and small enough to be stored after every page."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Literal

DAY_S = 86_400
WINDOW_S = 90 * DAY_S  # PortOne answers at most 90 days in one query
FIRST_RUN_S = 3 * 365 * DAY_S + DAY_S  # the first run walks back three years
OVERLAP_S = 3600  # later runs read the last hour again: PortOne may write late, clocks differ
DAILY_BACK_S = 7 * DAY_S  # the daily run reads a week again: whatever a wrong clock left out
KEEP_RUNS_S = 30 * DAY_S  # rows of regular runs: one every few minutes, for years
RECHECK_S = 7 * DAY_S  # each run re-reads cancellable payments of a week ...
DAILY_RECHECK_S = 200 * DAY_S  # ... and once a day of KSNET's six months and a little (K4)
WRONG_CLOCK_S = 120  # refund-safety, 1.8: further from PortOne's time, this PC's clock is wrong
PAGE_SIZE = 500
BATCH_SIZE = 100  # ids PortOne takes at once
NO_ID = "?"  # stands for what has not even an id
NOTED = 20  # ids of each oddity kept for the page

Kind = Literal["first", "regular", "daily"]
READ_BACK_S: dict[Kind, int] = {
    "first": FIRST_RUN_S,
    "regular": OVERLAP_S,
    "daily": DAILY_BACK_S,
}
"""How far back of its end a run of each kind reads at least."""

Phase = Literal["count", "read", "recheck_paid", "recheck_open", "done"]


def windows(from_at: int, to_at: int) -> list[tuple[int, int]]:
    """``from_at`` to ``to_at``, both included, in stretches PortOne answers; newest first."""
    found = []
    end = to_at
    while end >= from_at:
        start = max(from_at, end - WINDOW_S + 1)
        found.append((start, end))
        end = start - 1
    return found


@dataclass
class Cursor:
    """Where to go on after a crash; stored in the transaction that applied what was read."""

    phase: Phase = "count"
    totals: list[int] = field(default_factory=list)  # payments of each window, newest first
    window: int = 0
    page: int = 1
    recheck_total: int = 0
    rechecked: int = 0
    after_paid_at: int = 0  # last re-read payment, ordered by these two
    after_imp_uid: str = ""
    events_from: int = 0  # the run's events are those after this id ...
    events_to: int | None = None  # ... up to this one, once it has ended
    older: list[str] = field(default_factory=list)  # PortOne said less than is known
    missing: list[str] = field(default_factory=list)  # PortOne does not know it any more
    unreadable: list[str] = field(default_factory=list)  # no payment can be read from it

    @classmethod
    def load(cls, text: str) -> Cursor:
        return cls(**json.loads(text))

    def dump(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @property
    def total(self) -> int | None:
        """Payments this run will have read, once they have been counted."""
        return None if self.phase == "count" else sum(self.totals) + self.recheck_total

    @property
    def seen(self) -> int:
        """Payments read so far: follows from the place, so that nothing counts twice."""
        if self.phase == "count":
            return 0
        if self.phase != "read":
            return sum(self.totals) + self.rechecked
        done = sum(self.totals[: self.window])
        here = self.totals[self.window] if self.window < len(self.totals) else 0
        return done + min((self.page - 1) * PAGE_SIZE, here)

    @property
    def oddities(self) -> tuple[list[str], ...]:
        """The lists of what a person should look at."""
        return self.older, self.missing, self.unreadable

    def settle(self, imp_uid: str) -> None:
        """PortOne has told of ``imp_uid`` as it should: nobody has to look any more."""
        for oddity in self.oddities:
            if imp_uid in oddity:
                oddity.remove(imp_uid)

    def note(self, oddity: list[str], imp_uid: str) -> None:
        """Keep ``imp_uid`` among ``oddity``, each once and not too many."""
        if imp_uid not in oddity and len(oddity) < NOTED:
            oddity.append(imp_uid)


def turn_page(cursor: Cursor, total: int, following: int) -> None:
    """Move on after a page of the current window that said ``total`` and ``following`` page.

    A payment that changes while its window is read leaves it (its time is now the change's), and
    the ones behind it move up. As many as left can have slipped onto pages already read, so the
    walk goes back far enough to meet them.
    """
    lost = abs(cursor.totals[cursor.window] - total)
    cursor.totals[cursor.window] = total
    if lost and cursor.page > 1:
        cursor.page = max(1, cursor.page - (lost + PAGE_SIZE - 1) // PAGE_SIZE)
    elif following and following > cursor.page:
        cursor.page = following
    else:
        cursor.window, cursor.page = cursor.window + 1, 1
