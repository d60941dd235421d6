"""The worker's part: each receipt, and each cancel of one, leaves once; then it is looked for.

No transaction is open while PortOne is asked (refund-safety, 0.1).
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from typing import Any

from sqlite_utils import Database

from dashboard.database import path_of, write
from dashboard.orders.ledger import apply_payment
from dashboard.portone import PortOne, PortOneError, Receipt, ReceiptFor, Why
from dashboard.portone.errors import SENTENCES
from dashboard.receipts import known, resolving, store
from dashboard.receipts.rules import weigh
from dashboard.receipts.states import (
    AMOUNT_MOVED,
    CANCEL_UNSENT,
    IDENTIFIER_GONE,
    IN_PORTONE,
    ISSUED_ELSEWHERE,
    TOO_OLD,
    State,
)
from dashboard.resident_number import mask_text
from dashboard.runtime import NoKeys, OtherShop, Runtime, portone_of

_log = logging.getLogger(__name__)

_GRACE_S = 60  # another living process gets this long to finish what it has begun
_PAUSE_S = 60  # after a failed look for missing receipts
_NOTHING_MISSING_S = 600  # to the next look: a big ledger is not gone through every second


def has_work(runtime: Runtime, db: Database) -> bool:
    """Whether :func:`work` would have something to send or to look at."""
    return bool(store.to_send(db, runtime.run_id) or store.due(db, runtime.now()))


def work(runtime: Runtime, db: Database, *, stopped: Callable[[], bool] = lambda: False) -> None:
    """Send what is written down, look at what is unknown, notice what was never issued.

    :param stopped: asked between two receipts
    """
    _recover(runtime, db)
    looking = _to_look_at(runtime, db)
    if not (looking or has_work(runtime, db)):
        return
    try:
        portone = portone_of(runtime, db)
    except (NoKeys, OtherShop):
        return
    for row in store.to_send(db, runtime.run_id):
        if stopped():
            return
        if row["state"] == "intent":
            _send(runtime, db, portone, row)
        else:
            _send_cancel(runtime, db, portone, row)
        after = store.find(db, row["id"])
        if after is not None and after["state"] in ("unknown", "cancel_unknown"):
            _check(runtime, db, portone, after)
    for row in store.due(db, runtime.now()):
        if stopped():
            return
        _check(runtime, db, portone, row)
    if looking and not stopped():
        _look_for_missing(runtime, db, portone, looking)


def _check(runtime: Runtime, db: Database, portone: PortOne, row: store.Row) -> None:
    try:
        resolving.check(runtime, db, portone, row)
    except sqlite3.OperationalError:
        raise
    except Exception:  # a fault of ours must not keep the others waiting
        _log.exception("receipt %s: the look broke", row["id"])
        with write(db):
            store.note(db, row, next_check_at=runtime.now() + 300, check_error="broken")


# -- issuing ------------------------------------------------------------------------------------


def _send(runtime: Runtime, db: Database, portone: PortOne, row: store.Row) -> None:
    """Look once more, mark it as leaving, send it once, keep the answer."""
    subject = runtime.receipt_subjects.get(row["id"])
    if subject is None:
        _give_up(runtime, db, row, IDENTIFIER_GONE)
        return
    try:
        base_tid = _last_look(runtime, db, portone, row)
    except PortOneError as error:
        _log.info("receipt %s: not sent yet, why=%s", row["id"], error.why)
        with write(db):
            store.note(db, row, check_error=str(error.why))
        return  # nothing was sent; asked again until its time is over
    except _Settled:
        runtime.receipt_subjects.pop(row["id"], None)
        return
    runtime.receipts_in_flight.add(row["id"])
    try:
        with write(db):
            leaves = store.move(
                db,
                row,
                "sending",
                at=runtime.now(),
                held_by=runtime.run_id,
                attempt=1,
                sent_at=runtime.now(),
                base_tid=base_tid,
                check_error=None,
            )
        runtime.receipt_subjects.pop(row["id"], None)
        if leaves:
            _keep(runtime, db, row["id"], "sending", _ask(lambda: _issue(portone, row, subject)))
    finally:
        runtime.receipts_in_flight.discard(row["id"])


class _Settled(Exception):
    """Nothing is to be sent: the row has come to its end."""


def _last_look(runtime: Runtime, db: Database, portone: PortOne, row: store.Row) -> str | None:
    """What PortOne shows before this leaves: the number of an older receipt, or None.

    :raise _Settled: the amount has moved, it is a payment's, or one lives there already
    :raise PortOneError: it cannot be asked
    """
    if row["imp_uid"] is not None:
        payment = portone.get_payment(row["imp_uid"], sandbox=bool(row["sandbox"]))
        with write(db):
            apply_payment(db, payment, source="live", now=runtime.now())
        if payment.balance != row["amount"]:
            _give_up(runtime, db, row, AMOUNT_MOVED)
            raise _Settled
    elif portone.find_payment(row["merchant_uid"], "paid") is not None:
        _give_up(runtime, db, row, IN_PORTONE, to="rejected")
        raise _Settled
    seen = resolving.read_receipt(portone, imp_uid=row["imp_uid"], merchant_uid=row["merchant_uid"])
    if seen is None:
        return None
    if seen.cancelled_at:
        return seen.receipt_tid
    if seen.amount == row["amount"]:
        with write(db):
            resolving.settle_issued(runtime, db, row, seen, to="issued", adopted=1)
    else:
        _give_up(runtime, db, row, ISSUED_ELSEWHERE, to="rejected")
    raise _Settled


def _issue(portone: PortOne, row: store.Row, subject: ReceiptFor) -> Receipt:
    if row["imp_uid"] is not None:
        return portone.issue_receipt(row["imp_uid"], subject, tax_free=row["tax_free"])
    return portone.issue_external_receipt(
        row["merchant_uid"],
        subject,
        name=row["name"],
        amount=row["amount"],
        tax_free=row["tax_free"],
        channel_key=row["channel_key"] or "",
        pg=row["pg"] or "",
    )


def _give_up(
    runtime: Runtime, db: Database, row: store.Row, why: str, *, to: State = "not_issued"
) -> None:
    runtime.receipt_subjects.pop(row["id"], None)
    with write(db):
        store.move(db, row, to, at=runtime.now(), answer="unsent", api_message=why)


# -- cancelling ---------------------------------------------------------------------------------


def _send_cancel(runtime: Runtime, db: Database, portone: PortOne, row: store.Row) -> None:
    """A cancel needs no identifier: whoever wrote it down, this process may send it, once.

    PortOne cancels by payment, not by receipt: it is looked first whether the one that lives there
    still is the one meant.
    """
    try:
        seen = resolving.read_receipt(
            portone, imp_uid=row["imp_uid"], merchant_uid=row["merchant_uid"]
        )
    except PortOneError as error:
        _cancel_later(runtime, db, row, error)
        return
    if seen is not None and (seen.cancelled_at or seen.receipt_tid != row["receipt_tid"]):
        _gone_already(runtime, db, row, seen)
        return
    runtime.receipts_in_flight.add(row["id"])
    try:
        with write(db):
            leaves = store.move(
                db,
                row,
                "cancel_sending",
                at=runtime.now(),
                owner=runtime.run_id,
                cancel_sent_at=runtime.now(),
            )
        if leaves:
            _keep(runtime, db, row["id"], "cancel_sending", _ask(lambda: _revoke(portone, row)))
    finally:
        runtime.receipts_in_flight.discard(row["id"])


def _gone_already(runtime: Runtime, db: Database, row: store.Row, seen: Receipt) -> None:
    """It was cancelled elsewhere, and perhaps issued again there: that one becomes known."""
    lives, now = not seen.cancelled_at, runtime.now()
    person_id = row["cancelled_by"] or row["person_id"]
    with write(db):
        resolving.settle_cancelled(runtime, db, row, seen.cancelled_at or now, another_lives=lives)
        if lives and row["imp_uid"] is not None:
            resolving.adopt(runtime, db, seen, imp_uid=row["imp_uid"], person_id=person_id)


def _cancel_later(runtime: Runtime, db: Database, row: store.Row, error: PortOneError) -> None:
    """Nothing was sent; asked again until its time is over."""
    asked_at = row["next_check_at"] or runtime.now()
    with write(db):
        if abs(runtime.now() - asked_at) > runtime.config.intent_life_s:
            resolving.stays(runtime, db, row, CANCEL_UNSENT)
        else:
            store.note(db, row, check_error=str(error.why))


def _revoke(portone: PortOne, row: store.Row) -> Receipt:
    if row["imp_uid"] is not None:
        return portone.cancel_receipt(row["imp_uid"])
    return portone.cancel_external_receipt(row["merchant_uid"])


# -- the answer ---------------------------------------------------------------------------------


def _ask(call: Callable[[], Receipt]) -> Receipt | PortOneError | None:
    """The one call; what came of it, None when even that cannot be said."""
    try:
        return call()
    except PortOneError as error:
        return error
    except Exception:  # a fault of ours: nobody knows how far it got
        _log.exception("the call about a receipt broke")
        return None


def _keep(
    runtime: Runtime,
    db: Database,
    receipt_id: str,
    state: State,
    answer: Receipt | PortOneError | None,
) -> None:
    """What was answered, or the proof that nothing was asked. Success is not decided here."""
    now, columns = runtime.now(), _columns(answer)
    with write(db):
        row = store.find(db, receipt_id)
        if row is None or row["state"] != state:
            return  # another process has taken it over and finds out
        unsent = columns["answer"] == "unsent"
        if state == "sending":
            to: State = "rejected" if unsent else "unknown"
            store.move(db, row, to, at=now, **columns, next_check_at=None if unsent else 0)
        elif unsent:
            resolving.stays(runtime, db, row, columns["api_message"] or CANCEL_UNSENT)
        else:
            store.move(db, row, "cancel_unknown", at=now, **columns, next_check_at=0)


def _columns(answer: Receipt | PortOneError | None) -> dict[str, Any]:
    if isinstance(answer, Receipt):
        return {"answer": "yes", "http_status": 200, "api_code": 0, "api_message": None}
    if answer is None:
        return {"answer": "doubtful", "http_status": None, "api_code": None, "api_message": None}
    return {
        "answer": weigh(answer),
        "http_status": answer.http_status,
        "api_code": answer.code,
        # Of a refused address our sentence says what to do; PortOne's words would not.
        "api_message": SENTENCES[Why.IP]
        if answer.why is Why.IP
        else mask_text(answer.user_message),
    }


# -- what a stopped process left behind ---------------------------------------------------------


def _recover(runtime: Runtime, db: Database) -> None:
    """Close what never left, look for what may have. A row of a living process may be taken over
    too soon here, never wrongly: that one notices at its next guarded step."""
    path = path_of(db)
    first = path not in runtime.receipts_recovered
    for row in store.stranded(db):
        if row["id"] in runtime.receipts_in_flight:
            continue
        if row["state"] in ("waiting", "intent"):
            _recover_unsent(runtime, db, row, first=first)
        else:
            _recover_sending(runtime, db, row, first=first)
    runtime.receipts_recovered.add(path)


def _recover_unsent(runtime: Runtime, db: Database, row: store.Row, *, first: bool) -> None:
    age, life = abs(runtime.now() - row["created_at"]), runtime.config.intent_life_s
    if row["owner"] == runtime.run_id:
        if row["id"] not in runtime.receipt_subjects:
            _give_up(runtime, db, row, IDENTIFIER_GONE)
        elif row["state"] == "intent" and age > life:
            _give_up(runtime, db, row, TOO_OLD)
    elif age > life + _GRACE_S or (first and row["created_at"] < runtime.started_at):
        _give_up(runtime, db, row, IDENTIFIER_GONE)


def _recover_sending(runtime: Runtime, db: Database, row: store.Row, *, first: bool) -> None:
    """A call that no living process of ours makes any more, or that has run out of time."""
    issuing = row["state"] == "sending"
    now, sent_at = runtime.now(), row["sent_at"] if issuing else row["cancel_sent_at"]
    over = sent_at is None or not 0 <= now - sent_at <= runtime.config.limits.total_s + _GRACE_S
    if row["owner"] == runtime.run_id or over or (first and sent_at < runtime.started_at):
        with write(db):
            to: State = "unknown" if issuing else "cancel_unknown"
            if store.move(db, row, to, at=now, answer="doubtful", next_check_at=0):
                _log.warning("receipt %s was being sent when its process stopped", row["id"])


# -- what was never issued (K40) ----------------------------------------------------------------


def _to_look_at(runtime: Runtime, db: Database) -> str | None:
    if runtime.receipts_look_after > runtime.now():
        return None
    found = known.to_look_at(db, runtime.now())
    if found is None:
        runtime.receipts_look_after = runtime.now() + _NOTHING_MISSING_S
    return found


def _look_for_missing(runtime: Runtime, db: Database, portone: PortOne, imp_uid: str) -> None:
    """Ask for the receipt of one sale that should have one by now; the others wait their turn."""
    try:
        seen = resolving.read_receipt(portone, imp_uid=imp_uid)
    except PortOneError as error:
        _log.info("looking for a missing receipt failed, why=%s", error.why)
        runtime.receipts_look_after = runtime.now() + _PAUSE_S
        return
    with write(db):
        store.looked(db, imp_uid, found=seen is not None, now=runtime.now())
