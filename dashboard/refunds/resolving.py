"""Finding out what became of a refund, by looking at the payment. Source: refund-safety, 1.4.

One function for the worker, the start after a crash, and a refund that comes to light late.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from typing import Any, Literal

from sqlite_utils import Database

from dashboard import settings
from dashboard.database import write
from dashboard.orders.ledger import apply_payment
from dashboard.portone import Payment, PortOne, PortOneError, PortOneNotFound
from dashboard.receipts.known import may_live
from dashboard.refunds import by_hand_store, rules, store, tasks
from dashboard.refunds.rules import Finding, Sent, Wait
from dashboard.refunds.states import BELIEVED_DEAD, RECHECK_FOR_S, RECHECK_S
from dashboard.runtime import Runtime

_log = logging.getLogger(__name__)


def check(runtime: Runtime, db: Database, portone: PortOne, row: store.Row) -> None:
    """Look at the payment of a refund once, and write down what that means."""
    try:
        payment = portone.get_payment(row["imp_uid"], sandbox=bool(row["sandbox"]))
    except PortOneError as error:
        _log.info("refund %s: the look failed, why=%s", row["id"], error.why)
        with write(db):
            store.note(db, row, **_next(runtime, row), check_error=str(error.why))
        return
    now_row = store.find(db, row["id"])  # it may have taken a minute
    if now_row is not None and now_row["state"] == row["state"]:
        learn(runtime, db, portone, now_row, payment)


def postpone(runtime: Runtime, db: Database, row: store.Row) -> None:
    """Look at a refund later whose look broke: it must not keep the others waiting."""
    with write(db):
        store.note(db, row, **_next(runtime, row), check_error="broken")


def learn(
    runtime: Runtime, db: Database, portone: PortOne, row: store.Row, payment: Payment
) -> bool:
    """Draw the conclusion from one sight of the payment; whether the refund was found."""
    skew = portone.clock_skew or 0.0
    finding = rules.look(sent_of(row), payment, skew_s=skew)
    if row["state"] in BELIEVED_DEAD and finding.match != "nonce":
        # Only our own mark brings back what was given up; an equal amount is asked about (P2a).
        marked = (
            finding.alarm if finding.alarm in ("nonce_twice", "nonce_amount", "no_id") else None
        )
        _note(runtime, db, row, payment, alarm=marked)
        return False
    if finding.kind == "found":
        return _succeed(runtime, db, portone, row, payment, finding)
    if finding.kind == "undecided":
        _note(runtime, db, row, payment, alarm=finding.alarm)
    else:
        _nothing_yet(runtime, db, row, payment, finding, far_now=int(runtime.now() - skew))
    return False


def sent_of(row: store.Row) -> Sent:
    """What the rules need to know of a refund."""
    return Sent(
        imp_uid=row["imp_uid"],
        merchant_uid=row["merchant_uid"],
        amount=row["amount"],
        base_cancelled=row["base_cancelled"],
        known_cancel_ids=frozenset(json.loads(row["known_cancel_ids"])),
        nonce=row["nonce"],
        sent_at=row["sent_at"] if row["sent_at"] is not None else row["created_at"],
    )


# -- found --------------------------------------------------------------------------------------


def _succeed(
    runtime: Runtime,
    db: Database,
    portone: PortOne,
    row: store.Row,
    payment: Payment,
    finding: Finding,
) -> bool:
    """TX4: the refund, the ledger and what is owed, all of it or nothing."""
    assert finding.entry is not None  # noqa: S101 - that is what "found" means
    entry, receipt, now = finding.entry, receipt_is(db, portone, row), runtime.now()
    try:
        with write(db):
            apply_payment(db, payment, source="cancel", now=now)
            moved = store.move(
                db,
                row,
                "succeeded",
                at=now,
                detail={
                    "cancellation_id": entry.cancellation_id,
                    "match": finding.match,
                    "tax_free": row["tax_free"],
                },
                cancellation_id=entry.cancellation_id,
                match=finding.match,
                cancelled_at=entry.cancelled_at,
                pg_tid=entry.pg_tid,
                last_checked_at=now,
                next_check_at=None,
                check_error=None,
                alarm=None,
            )
            if moved:
                reserved = by_hand_store.reserved_of(db, row["imp_uid"])
                tasks.owe_receipts(
                    db,
                    row,
                    receipt=receipt,
                    left=reserved.possible(payment.balance),
                    tax_free_left=None if reserved.amount else _tax_free_left(db, row),
                    now=now,
                    balance_misleads=bool(reserved.amount),
                )
                if row["request_id"] is not None:
                    tasks.sent_after_all(db, row, now)
    except sqlite3.IntegrityError:
        _note(runtime, db, row, payment, alarm="id_taken")
        return False
    runtime.refund_accounts.pop(row["id"], None)
    return moved


def receipt_is(db: Database, portone: PortOne, row: store.Row) -> tasks.ReceiptIs:
    """Whether a cash receipt of the payment is alive. Asks PortOne: never inside a transaction.

    One that is being issued at this moment counts as alive until that is certain (F76); so does
    one that PortOne does not list but the payment speaks of: the window's may be missing there.
    """
    if row["pay_method"] not in tasks.CASH_METHODS:
        return "none"
    try:
        if not portone.get_receipt(row["imp_uid"]).cancelled_at:
            return "issued"
    except PortOneNotFound:
        payment = store.find_payment(db, row["imp_uid"])
        if payment is not None and json.loads(payment["raw"]).get("cash_receipt_issued"):
            return "unknown"
    except PortOneError:
        return "unknown"
    return "unknown" if may_live(db, row["imp_uid"]) else "none"


def _tax_free_left(db: Database, row: store.Row) -> int | None:
    """Tax-free won still paid after this refund, where that is certain."""
    payment = store.find_payment(db, row["imp_uid"])
    total = payment["tax_free"] if payment else None
    if total is None:
        return 0 if settings.get(db, "sells_tax_free") == "no" else None
    if total and store.cancelled_elsewhere(db, row["imp_uid"]):
        return None
    return max(0, int(total) - store.tax_free_cancelled(db, row["imp_uid"]))


# -- no trace of it -----------------------------------------------------------------------------


def _nothing_yet(
    runtime: Runtime,
    db: Database,
    row: store.Row,
    payment: Payment,
    finding: Finding,
    *,
    far_now: int,
) -> None:
    """E and F: believed only after a plain no, or after the wait and two equal looks."""
    config = runtime.config
    wait, believed, helps_in = rules.patience(
        _wait(runtime, row, far_now),
        json.dumps([payment.cancel_amount, sorted(rules.cancel_ids(payment))]),
        far_now=far_now,
        settle_s=config.t_settle_slow_s if row["answer"] == "slow_no" else config.t_settle_s,
        gap_s=config.min_equal_checks_gap_s,
    )
    plain_no = row["answer"] == "no" and not finding.others
    kept: dict[str, Any] = {
        "settle_from": wait.settle_from,
        "sight": wait.sight,
        "sight_at": wait.sight_at,
        "seen_at": far_now,
        "foreign_cancelled": finding.foreign or None,
    }
    if not (plain_no or believed):
        _note(runtime, db, row, payment, alarm=None, helps_in=helps_in, **kept)
        return
    refused = row["api_code"] not in (None, 0) and not finding.others
    state: Literal["rejected", "not_executed"] = "rejected" if refused else "not_executed"
    now = runtime.now()
    with write(db):
        apply_payment(db, payment, source="cancel", now=now)
        moved = store.move(
            db,
            row,
            state,
            at=now,
            detail={"foreign": finding.foreign} if finding.foreign else None,
            **kept,
            checks=row["checks"] + 1,
            last_checked_at=now,
            next_check_at=now + RECHECK_S,
            check_error=None,
            alarm=None,
        )
        if moved and row["request_id"] is not None:  # whoever asked is not at the page any more
            tasks.not_sent(db, row, why=state, now=now)


def _wait(runtime: Runtime, row: store.Row, far_now: int) -> Wait:
    """The wait so far. It begins when the call can no longer be leaving, by PortOne's clock: a PC
    whose clock jumps ahead must not believe early (F64). A clock seen going back begins anew."""
    call_s = int(runtime.config.limits.total_s) + 1
    known, now = store.wait_of(row), runtime.now()
    if known is not None and row["seen_at"] is not None and far_now >= row["seen_at"] - 2:
        return known
    left = call_s
    if known is None and row["sent_at"] is not None and now >= row["sent_at"]:
        left = max(0, row["sent_at"] + call_s - now)
    return Wait(settle_from=far_now + left, sight=None, sight_at=None)


# -- the next look ------------------------------------------------------------------------------


def _note(
    runtime: Runtime,
    db: Database,
    row: store.Row,
    payment: Payment,
    *,
    alarm: str | None,
    helps_in: int | None = None,
    **columns: Any,
) -> None:
    """Keep a look that decided nothing; what it showed of the payment goes into the ledger."""
    following = _next(runtime, row)
    if helps_in is not None and following["next_check_at"] is not None:
        soonest = runtime.now() + max(helps_in, 1)
        following["next_check_at"] = min(following["next_check_at"], soonest)
    if alarm and alarm != row["alarm"]:
        _log.warning("refund %s: %s", row["id"], alarm)
    with write(db):
        apply_payment(db, payment, source="cancel", now=runtime.now())
        noted = store.note(db, row, **following, check_error=None, alarm=alarm, **columns)
        if noted and alarm and alarm != row["alarm"]:
            store.raise_alarm(db, row, alarm, at=runtime.now())


def _next(runtime: Runtime, row: store.Row) -> dict[str, Any]:
    """When to look again: an unknown one for ever, one believed dead for a day."""
    now, checks = runtime.now(), row["checks"] + 1
    following: int | None = now + rules.pause_after(checks, runtime.config.check_pauses_s)
    if row["state"] in BELIEVED_DEAD:
        born = row["sent_at"] if row["sent_at"] is not None else row["created_at"]
        following = now + RECHECK_S if abs(now - born) < RECHECK_FOR_S else None
    return {"checks": checks, "last_checked_at": now, "next_check_at": following}
