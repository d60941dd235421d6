"""Finding out what became of a receipt, by reading it back. Source: refund-safety 1.9.

PortOne answers a gateway's plain refusal with HTTP 500 too; no status decides, the GET does.
"""

from __future__ import annotations

import logging
import uuid
from typing import Any

from sqlite_utils import Database

from dashboard.database import write
from dashboard.portone import PortOne, PortOneError, PortOneNotFound, Receipt
from dashboard.receipts import rules, store
from dashboard.receipts.states import CANCEL_NOT_DONE, OLD_STAYS, State
from dashboard.refunds import tasks
from dashboard.refunds.rules import Wait, patience, pause_after
from dashboard.runtime import Runtime

_log = logging.getLogger(__name__)

NO_WAIT: dict[str, Any] = {
    "answer": None,
    "http_status": None,
    "api_code": None,
    "api_message": None,
    "checks": 0,
    "next_check_at": None,
    "check_error": None,
    "settle_from": None,
    "sight": None,
    "sight_at": None,
}


def read_receipt(
    portone: PortOne, *, imp_uid: str | None = None, merchant_uid: str | None = None
) -> Receipt | None:
    """PortOne's receipt of a payment or of an outside sale; None: it knows of none.

    :raise PortOneError: it cannot be asked
    """
    try:
        if imp_uid is not None:
            return portone.get_receipt(imp_uid)
        return portone.get_external_receipt(merchant_uid or "")
    except PortOneNotFound:
        return None


def check(runtime: Runtime, db: Database, portone: PortOne, row: store.Row) -> None:
    """Look once at what became of an issue or a cancel, and write down what that means."""
    try:
        seen = read_receipt(portone, imp_uid=row["imp_uid"], merchant_uid=row["merchant_uid"])
    except PortOneError as error:  # also a 401 or a 5xx: proof of nothing
        _log.info("receipt %s: the look failed, why=%s", row["id"], error.why)
        with write(db):
            store.note(db, row, **_next(runtime, row), check_error=str(error.why))
        return
    far_now = int(runtime.now() - (portone.clock_skew or 0.0))
    if row["state"] == "unknown":
        _issue(runtime, db, row, seen, far_now)
    elif row["state"] == "cancel_unknown":
        _cancel(runtime, db, row, seen, far_now)


# -- was it issued? -----------------------------------------------------------------------------


def _issue(
    runtime: Runtime, db: Database, row: store.Row, seen: Receipt | None, far_now: int
) -> None:
    found = rules.look(seen, row["base_tid"])
    if found == "nothing" or seen is None:
        wait, believed, helps_in = _patience(runtime, row, _sight(seen), far_now)
        if row["answer"] != "no" and not believed:
            _wait_on(runtime, db, row, wait, helps_in)
            return
        # What PortOne or the gateway said no to is refused; the rest simply never happened.
        to: State = "rejected" if row["api_code"] not in (None, 0) else "not_issued"
        with write(db):
            store.move(db, row, to, at=runtime.now(), **_waited(wait), **_looked(runtime, row))
        return
    with write(db):
        settle_issued(runtime, db, row, seen, to="cancelled" if seen.cancelled_at else "issued")


def settle_issued(
    runtime: Runtime,
    db: Database,
    row: store.Row,
    seen: Receipt,
    *,
    to: State,
    **columns: Any,
) -> bool:
    """Write down that a receipt stands at PortOne, and what that settles (the caller's
    transaction)."""
    alarm = rules.alarm_of(seen, amount=row["amount"], type=row["type"])
    now = runtime.now()
    moved = store.move(
        db,
        row,
        to,
        at=now,
        alarm=alarm,
        next_check_at=None,
        **_facts(seen),
        **_looked(runtime, row),
        **columns,
    )
    if moved and alarm:
        _log.warning("receipt %s: PortOne issued it with another %s", row["id"], alarm)
    if moved and to == "issued" and row["imp_uid"] is not None and alarm != "amount":
        tasks.settle(
            db,
            row["imp_uid"],
            ("receipt_reissue", "receipt_missing"),
            person_id=row["person_id"],
            now=now,
        )
    return moved


# -- was it cancelled? --------------------------------------------------------------------------


def _cancel(
    runtime: Runtime, db: Database, row: store.Row, seen: Receipt | None, far_now: int
) -> None:
    if seen is not None and (seen.cancelled_at or seen.receipt_tid != row["receipt_tid"]):
        with write(db):
            settle_cancelled(runtime, db, row, seen.cancelled_at or runtime.now())
        return
    wait, believed, helps_in = _patience(runtime, row, _sight(seen), far_now)
    if row["answer"] != "no" and not believed:
        _wait_on(runtime, db, row, wait, helps_in)
        return
    with write(db):
        stays(runtime, db, row, row["api_message"] or CANCEL_NOT_DONE, **_waited(wait))


def settle_cancelled(
    runtime: Runtime,
    db: Database,
    row: store.Row,
    cancelled_at: int,
    *,
    another_lives: bool = False,
) -> bool:
    """Write down that a receipt is cancelled, and let the one go that waited for it (the caller's
    transaction).

    :param another_lives: it was issued again elsewhere, so what a refund owes is still owed
    """
    now = runtime.now()
    moved = store.move(
        db, row, "cancelled", at=now, cancelled_at=cancelled_at, **_looked(runtime, row)
    )
    if not moved:
        return False
    if row["imp_uid"] is not None and not another_lives:
        tasks.settle(
            db,
            row["imp_uid"],
            ("receipt_cancel",),
            person_id=row["cancelled_by"] or row["person_id"],
            now=now,
        )
    waiting = store.waits_for(db, row["id"])
    if waiting is not None:
        store.move(db, waiting, "intent", at=now)
        runtime.wake.set()
    return True


def stays(runtime: Runtime, db: Database, row: store.Row, why: str, **columns: Any) -> None:
    """A cancel that did not happen: the receipt lives on, and what waited for it is given up (the
    caller's transaction)."""
    now = runtime.now()
    told = columns | {"api_message": why, "next_check_at": None}
    if not store.move(db, row, "issued", at=now, **told):
        return
    waiting = store.waits_for(db, row["id"])
    if waiting is not None:
        store.move(db, waiting, "not_issued", at=now, answer="unsent", api_message=OLD_STAYS)
        runtime.receipt_subjects.pop(waiting["id"], None)
        tasks.replacement_off(db, row["imp_uid"], now)


# -- what PortOne has and we did not know -------------------------------------------------------


def adopt(
    runtime: Runtime, db: Database, seen: Receipt | None, *, imp_uid: str, person_id: int
) -> store.Row | None:
    """Bring a look at a payment's receipt into the ledger (the caller's transaction).

    One of ours that was given up and stands there after all comes back; one that was issued
    elsewhere becomes a row; one that was cancelled elsewhere is marked so.

    :return: the receipt that lives, or may, now; or None
    """
    live = store.live_of(db, imp_uid)
    if live is not None:
        cancelled_elsewhere(runtime, db, live, seen)
        return store.live_of(db, imp_uid)
    if seen is None or seen.cancelled_at:
        return None
    for dead in store.dead_of(db, imp_uid, None):
        if dead["base_tid"] != seen.receipt_tid and dead["amount"] == seen.amount:
            settle_issued(runtime, db, dead, seen, to="issued", ended_at=None)
            return store.live_of(db, imp_uid)
    row = db.conn.execute(
        "SELECT p.order_id, o.name, o.buyer_name FROM payments p JOIN orders o"
        " ON o.id = p.order_id WHERE p.imp_uid = ?",
        (imp_uid,),
    ).fetchone()
    if row is None:
        return None
    store.looked(db, imp_uid, found=True, now=runtime.now())
    store.add(
        db,
        {
            "id": str(uuid.uuid4()),
            "form_token": str(uuid.uuid4()),
            "imp_uid": imp_uid,
            "order_id": row["order_id"],
            "name": row["name"],
            "buyer_name": row["buyer_name"] or "",
            "amount": seen.amount,
            "type": seen.type if seen.type in ("person", "company") else "",
            "state": "issued",
            "adopted": 1,
            "person_id": person_id,
            "created_at": seen.applied_at or runtime.now(),
            **_facts(seen),
        },
        now=runtime.now(),
        what="found",
    )
    return store.live_of(db, imp_uid)


def cancelled_elsewhere(
    runtime: Runtime, db: Database, row: store.Row, seen: Receipt | None
) -> None:
    """Mark an issued receipt that PortOne shows as cancelled (the caller's transaction)."""
    gone = seen is not None and seen.receipt_tid == row["receipt_tid"] and seen.cancelled_at
    if row["state"] == "issued" and gone:
        settle_cancelled(runtime, db, row, gone)


def _facts(seen: Receipt) -> dict[str, Any]:
    return {
        "receipt_tid": seen.receipt_tid or "?",
        "apply_num": seen.apply_num,
        "issued_amount": seen.amount,
        "vat_amount": seen.vat_amount,
        "receipt_url": seen.receipt_url,
        "applied_at": seen.applied_at,
        "cancelled_at": seen.cancelled_at,
    }


# -- the wait -----------------------------------------------------------------------------------


def _sight(seen: Receipt | None) -> str:
    return "none" if seen is None else f"{seen.receipt_tid} {seen.cancelled_at or 0}"


def _patience(runtime: Runtime, row: store.Row, sight: str, far_now: int) -> tuple[Wait, bool, int]:
    """404, or the old state, is believed after the settle time and two equal looks only."""
    config = runtime.config
    wait = store.wait_of(row)
    if wait is None:
        sent_at = row["cancel_sent_at"] if row["state"] == "cancel_unknown" else row["sent_at"]
        call_s = int(config.limits.total_s) + 1
        left = max(0, (sent_at or runtime.now()) + call_s - runtime.now())
        wait = Wait(settle_from=far_now + min(left, call_s), sight=None, sight_at=None)
    return patience(
        wait,
        sight,
        far_now=far_now,
        settle_s=config.t_settle_s,
        gap_s=config.min_equal_checks_gap_s,
    )


def _wait_on(runtime: Runtime, db: Database, row: store.Row, wait: Wait, helps_in: int) -> None:
    following = _next(runtime, row)
    following["next_check_at"] = min(following["next_check_at"], runtime.now() + max(helps_in, 1))
    with write(db):
        store.note(db, row, **following, **_waited(wait), check_error=None)


def _waited(wait: Wait) -> dict[str, Any]:
    return {"settle_from": wait.settle_from, "sight": wait.sight, "sight_at": wait.sight_at}


def _looked(runtime: Runtime, row: store.Row) -> dict[str, Any]:
    return {
        "checks": row["checks"] + 1,
        "last_checked_at": runtime.now(),
        "check_error": None,
    }


def _next(runtime: Runtime, row: store.Row) -> dict[str, Any]:
    now, checks = runtime.now(), row["checks"] + 1
    return {
        "checks": checks,
        "last_checked_at": now,
        "next_check_at": now + pause_after(checks, runtime.config.check_pauses_s),
    }
