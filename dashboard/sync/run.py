"""One run: reads PortOne page by page, applies each page and its place in one transaction.

Killed at any row it goes on at the last stored place; what it reads twice changes nothing. No
transaction is open while PortOne is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from sqlite_utils import Database

from dashboard.clock import Clock
from dashboard.database import write
from dashboard.orders.ledger import apply_payments, heard_since
from dashboard.portone import Payment, PaymentBatch, PaymentPage, PortOneRejected
from dashboard.portone.ids import is_imp_uid
from dashboard.refunds import lock
from dashboard.sync import store
from dashboard.sync.plan import (
    BATCH_SIZE,
    DAILY_RECHECK_S,
    NO_ID,
    PAGE_SIZE,
    READ_BACK_S,
    RECHECK_S,
    WRONG_CLOCK_S,
    Cursor,
    turn_page,
    windows,
)

Told = Callable[[Cursor], None]
"""Hears where the run stands, after each stored step."""


class Reads(Protocol):
    """What a run asks of PortOne; every call has its own deadline.

    ``clock_skew``: seconds this PC's clock is ahead of PortOne's, None before any call.
    """

    clock_skew: float | None

    def list_payments(
        self, status: str = "all", *, from_at: int, to_at: int, page: int = 1, limit: int = 100
    ) -> PaymentPage: ...

    def get_payments(self, imp_uids: Sequence[str]) -> PaymentBatch: ...


class Run:
    """The steps of one claimed run."""

    def __init__(
        self,
        db: Database,
        row: store.Row,
        portone: Reads,
        *,
        owner: str,
        clock: Clock,
        stopped: Callable[[], bool] = lambda: False,
        told: Told = lambda cursor: None,
    ) -> None:
        self._db, self._id, self._portone = db, int(row["id"]), portone
        self._owner, self._clock, self._stopped, self._told = owner, clock, stopped, told
        self._row = row
        self._read_between(row["from_at"], row["to_at"])
        self._rechecks = row["kind"] != "first"  # the first run has just read everything
        self._cursor = Cursor.load(row["cursor"])
        self._clock_compared = bool(self._cursor.totals)

    def go(self) -> bool:
        """Walk to the end; False when asked to stop before it.

        :raise PortOneError: PortOne could not be read; all that was read before is kept
        :raise store.LostRun: another process goes on with this run
        """
        steps = {
            "count": self._count,
            "read": self._read,
            "recheck_paid": self._recheck_paid,
            "recheck_open": self._recheck_open,
        }
        while self._cursor.phase != "done":
            if self._stopped():
                with write(self._db):
                    store.let_go(self._db, self._id, owner=self._owner)
                return False
            steps[self._cursor.phase]()
            self._told(self._cursor)
        with write(self._db):
            store.end(self._db, self._id, owner=self._owner, now=(now := self._now()), error=None)
            lock.run_ended(self._db, run_id=self._id, kind=self._row["kind"], now=now)
        return True

    def _now(self) -> int:
        return int(self._clock())

    def _read_between(self, from_at: int, to_at: int) -> None:
        daily = self._row["kind"] == "daily"
        self._windows = windows(from_at, to_at)
        self._since = to_at - (DAILY_RECHECK_S if daily else RECHECK_S)

    # -- steps ------------------------------------------------------------------------------

    def _count(self) -> None:
        """Ask one window's total, so that the progress bar knows its end."""
        cursor = self._cursor
        from_at, to_at = self._windows[len(cursor.totals)]
        page = self._portone.list_payments(from_at=from_at, to_at=to_at, page=1, limit=1)
        if not self._clock_compared and self._go_by_portones_clock():
            return
        cursor.totals.append(page.total)
        if len(cursor.totals) == len(self._windows):
            cursor.phase = "read"
        self._store((), asked_at=self._now())

    def _go_by_portones_clock(self) -> bool:
        """End the run at PortOne's present where this PC's clock is wrong; whether it was.

        Nine hours ahead, say, every run but the daily one would read hours that are yet to come.
        """
        self._clock_compared = True
        skew_s = self._portone.clock_skew or 0.0
        if abs(skew_s) <= WRONG_CLOCK_S:
            return False
        to_at = self._row["created_at"] - round(skew_s)
        from_at = min(self._row["from_at"], to_at - READ_BACK_S[self._row["kind"]])
        with write(self._db):
            store.move(self._db, self._id, from_at, to_at, owner=self._owner, now=self._now())
        self._read_between(from_at, to_at)
        return True

    def _read(self) -> None:
        cursor = self._cursor
        while cursor.window < len(self._windows) and not cursor.totals[cursor.window]:
            cursor.window += 1
        if cursor.window >= len(self._windows):
            self._begin_recheck()
            return
        from_at, to_at = self._windows[cursor.window]
        asked_at = self._now()
        try:
            page = self._portone.list_payments(
                from_at=from_at, to_at=to_at, page=cursor.page, limit=PAGE_SIZE
            )
        except PortOneRejected as refusal:
            page = self._page_that_is_gone(from_at, to_at, refusal)
        for entry in page.unreadable:
            cursor.note(cursor.unreadable, entry.imp_uid or NO_ID)
        turn_page(cursor, page.total, page.next)
        self._store(page.payments, asked_at=asked_at)

    def _page_that_is_gone(self, from_at: int, to_at: int, refusal: PortOneRejected) -> PaymentPage:
        """A page beyond the end is refused: so many payments left the window meanwhile.

        :raise PortOneRejected: ``refusal``, when that was not the reason
        """
        if self._cursor.page == 1:
            raise refusal
        page = self._portone.list_payments(from_at=from_at, to_at=to_at, page=1, limit=1)
        if page.total >= self._cursor.totals[self._cursor.window]:
            raise refusal
        return PaymentPage(total=page.total, previous=0, next=0, payments=())

    def _begin_recheck(self) -> None:
        cursor = self._cursor
        cursor.phase = "done"
        if self._rechecks:
            cursor.phase = "recheck_paid"
            cursor.recheck_total = store.count_to_recheck(self._db, self._since)
        self._store((), asked_at=self._now())

    def _recheck_paid(self) -> None:
        """A cancel made elsewhere may change neither status nor time: only asking tells."""
        self._recheck(store.paid_after(self._db, self._since, self._cursor), "recheck_open")

    def _recheck_open(self) -> None:
        self._recheck(store.open_after(self._db, self._since, self._cursor), "done")

    def _recheck(self, known: list[tuple[int, str]], following: str) -> None:
        cursor, asked_at = self._cursor, self._now()
        payments: tuple[Payment, ...] = ()
        if known:
            batch = self._portone.get_payments(self._askable(known))
            payments = batch.payments
            for imp_uid in batch.missing:
                cursor.note(cursor.missing, imp_uid)
            for entry in batch.unreadable:
                cursor.note(cursor.unreadable, entry.imp_uid or NO_ID)
            cursor.after_paid_at, cursor.after_imp_uid = known[-1]
            cursor.rechecked += len(known)
            cursor.recheck_total = max(cursor.recheck_total, cursor.rechecked)
        if len(known) < BATCH_SIZE:
            cursor.phase = "done" if following == "done" else "recheck_open"
            cursor.after_paid_at, cursor.after_imp_uid = 0, ""
        if cursor.phase == "done":
            cursor.recheck_total = cursor.rechecked
        self._store(payments, asked_at=asked_at)

    def _askable(self, known: list[tuple[int, str]]) -> list[str]:
        """The ids that can be asked for; an odd one must not keep the others from being read."""
        for _paid_at, imp_uid in known:
            if not is_imp_uid(imp_uid):
                self._cursor.note(self._cursor.unreadable, imp_uid)
        return [imp_uid for _paid_at, imp_uid in known if is_imp_uid(imp_uid)]

    # -- one transaction --------------------------------------------------------------------

    def _store(self, payments: Iterable[Payment], *, asked_at: int) -> None:
        cursor = self._cursor
        with write(self._db):
            applied = apply_payments(self._db, payments, source="sync", now=self._now())
            for one in applied:
                if one.outcome != "older":
                    cursor.settle(one.imp_uid)
                elif not heard_since(self._db, one.imp_uid, asked_at):
                    cursor.note(cursor.older, one.imp_uid)
            if cursor.phase == "done":
                cursor.events_to = store.last_event_id(self._db)
            outcomes = [one.outcome for one in applied]
            store.save(
                self._db,
                self._id,
                cursor,
                owner=self._owner,
                now=self._now(),
                new=outcomes.count("new"),
                changed=outcomes.count("changed"),
            )
