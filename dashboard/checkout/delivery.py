"""Delivery data of escrow payments: registering them, correcting them, looking them up.

Not money, but nothing is sent blindly twice: each send starts with a look, and one whose fate is
open is decided by a look alone. Source: portone-v1-api 9, K43 to K46.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlite_utils import Database

from dashboard.checkout import delivery_store as store
from dashboard.checkout.delivery_rules import Against, against, changes_from, is_what_we_asked
from dashboard.database import write
from dashboard.orders.live import QUICK
from dashboard.portone import (
    Delivery,
    Parcel,
    Party,
    Payment,
    PortOne,
    PortOneError,
    PortOneNotFound,
    PortOneNotSent,
    PortOneRejected,
    Why,
)
from dashboard.portone.errors import N_, SENTENCES
from dashboard.portone.ids import is_imp_uid
from dashboard.receipts.rules import weigh
from dashboard.refunds.rules import pause_after
from dashboard.resident_number import mask_text
from dashboard.runtime import NoKeys, OtherShop, Runtime, portone_of

_log = logging.getLogger(__name__)

Row = store.Row
Outcome = Literal["registered", "changed", "same", "refused", "unknown"]

SENDING_S = 60  # a call takes nine seconds; then its process is gone
NOT_DONE = N_("포트원에 요청한 내용이 등록되어 있지 않습니다.")
GONE = N_("등록했던 배송정보가 이제 포트원에 없습니다.")

_NOTHING_THERE = frozenset({200, 404, 405, 409})
_NOTHING: dict[str, Any] = {"company": None, "invoice": None, "sent_at": None, "applied_at": None}
_ANSWERED: dict[str, Any] = {
    "asked_company": None,
    "asked_invoice": None,
    "asked_sent_at": None,
    "asked_at": None,
    "api_message": None,
}
_AT_REST: dict[str, Any] = {"looks": 0, "next_look_at": None}


class CannotDeliver(Exception):
    """Nothing was sent."""


class NotEligible(CannotDeliver):
    """This payment has no delivery to register; ``why`` says what stands against it."""

    def __init__(self, why: Against) -> None:
        super().__init__(why)
        self.why: Against = why


class Busy(CannotDeliver):
    """Somebody else's call is under way, or has just ended: what the page shows is old."""


class Moved(CannotDeliver):
    """PortOne has another delivery than the form showed; it is in the row now."""


class CannotAsk(CannotDeliver):
    """PortOne could not be asked first; ``error`` says why."""

    def __init__(self, error: PortOneError) -> None:
        super().__init__(repr(error))
        self.error = error


class NotSent(CannotAsk):
    """The look went well, but the call itself never went out."""


@dataclass(frozen=True, kw_only=True)
class Shipment:
    """One delivery as a form has it."""

    parcel: Parcel
    sender: Party = field(repr=False)
    receiver: Party = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class DeliveryOf:
    """One escrow payment and its delivery, for pages.

    :ivar row: of ``deliveries``, or None
    :ivar standing: none, sending, unknown, registered or refused
    :ivar changes_from: from when KSNET takes changes for sure, UNIX seconds; None: already
    """

    payment: Row
    row: Row | None
    against: Against | None
    standing: str
    changes_from: int | None

    @property
    def open(self) -> bool:
        """Whether a call's fate is not known."""
        return self.standing in ("sending", "unknown")


# -- for pages ----------------------------------------------------------------------------------


def deliveries_of_order(db: Database, order_id: int, *, now: int) -> Sequence[DeliveryOf]:
    """By escrow payment of an order; one that was cancelled only while it has a delivery."""
    found = [_of(db, payment, now) for payment in store.escrow_payments(db, order_id)]
    return [one for one in found if one.against is None or one.row is not None]


def delivery_of(db: Database, imp_uid: str, *, now: int) -> DeliveryOf | None:
    """The same of one payment; None: the ledger does not know it."""
    payment = store.find_payment(db, imp_uid)
    return None if payment is None else _of(db, payment, now)


def shown(row: Row | None) -> str:
    """What stands registered, in one word: a form brings it back to say what it spoke of."""
    if row is None or row["invoice"] is None:
        return ""
    return f"{row['company']}/{row['invoice']}/{row['sent_at'] or 0}"


def buyer(payment: Row) -> dict[str, str]:
    """The buyer's fields that a receiver needs, in full: whoever shows them logs the look."""
    known = Payment.from_json(json.loads(payment["raw"]))
    return {
        "buyer_name": known.buyer_name,
        "buyer_tel": known.buyer_tel,
        "buyer_addr": known.buyer_addr,
        "buyer_postcode": known.buyer_postcode,
    }


def _of(db: Database, payment: Row, now: int) -> DeliveryOf:
    row = store.find(db, payment["imp_uid"])
    standing = "none" if row is None else str(row["state"])
    if row is not None and standing == "sending" and not _is_under_way(row, now):
        standing = "unknown"
    safe_from = changes_from(row["applied_at"]) if row is not None else 0
    return DeliveryOf(
        payment=payment,
        row=row,
        against=_against(payment),
        standing=standing,
        changes_from=safe_from if safe_from > now else None,
    )


def _against(payment: Row) -> Against | None:
    if not is_imp_uid(payment["imp_uid"]):
        return "unclear"
    return against(escrow=bool(payment["escrow"]), state=payment["state"])


def _is_under_way(row: Row, now: int) -> bool:
    """Whether a living process may still be at it."""
    return bool(row["state"] == "sending" and 0 <= now - row["asked_at"] < SENDING_S)


# -- registering and correcting -----------------------------------------------------------------


def send(
    runtime: Runtime, db: Database, imp_uid: str, *, shipment: Shipment, form: str, person_id: int
) -> Outcome:
    """Register a delivery, or correct the one that is registered; what became of it.

    Looks first: where PortOne has nothing it is registered, where it has what the form showed it
    is corrected, and where it has something else nothing is sent. The same form twice is once.

    :param form: :func:`shown` of the row the form started from
    :raise CannotDeliver: one of the classes above; nothing was sent
    :raise NoKeys: live mode without keys
    :raise ValueError: a field PortOne would refuse
    """
    payment = store.find_payment(db, imp_uid)
    why = "unclear" if payment is None else _against(payment)
    if payment is None or why is not None:
        raise NotEligible(why or "unclear")
    portone, parcel = _portone(runtime, db), shipment.parcel
    before = _row_at_rest(runtime, db, imp_uid)
    seen = _read(portone, imp_uid)
    with write(db):
        row = _note_look(runtime, db, payment, before, seen)
        same_start = shown(row) == form
        if same_start:
            _mark_as_leaving(runtime, db, imp_uid, parcel, person_id)
    if not same_start:
        if seen is not None and is_what_we_asked(seen, parcel):
            return "same"
        raise Moved
    call = portone.register_delivery if seen is None else portone.change_delivery
    answer = _ask(
        lambda: call(imp_uid, sender=shipment.sender, receiver=shipment.receiver, parcel=parcel)
    )
    return _keep(runtime, db, portone, payment, answer)


def _mark_as_leaving(
    runtime: Runtime, db: Database, imp_uid: str, parcel: Parcel, person_id: int
) -> None:
    now = runtime.now()
    store.put(
        db,
        imp_uid,
        now=now,
        state="sending",
        asked_company=parcel.company,
        asked_invoice=parcel.invoice,
        asked_sent_at=parcel.sent_at,
        asked_at=now,
        api_message=None,
        looks=0,
        next_look_at=now + SENDING_S,
        person_id=person_id,
    )


def _ask(call: Callable[[], Delivery]) -> Delivery | PortOneError | None:
    """The one call; what came of it, None when even that cannot be said."""
    try:
        return call()
    except PortOneError as error:
        return error
    except Exception:  # a fault of ours: nobody knows how far it got
        _log.exception("the call about a delivery broke")
        return None


def _keep(
    runtime: Runtime,
    db: Database,
    portone: PortOne,
    payment: Row,
    answer: Delivery | PortOneError | None,
) -> Outcome:
    """Write down what was answered. A no is believed only when a look agrees."""
    imp_uid, now = payment["imp_uid"], runtime.now()
    said = "yes" if isinstance(answer, Delivery) else weigh(answer) if answer else "doubtful"
    with write(db):
        row = store.find(db, imp_uid)
        if row is None or row["state"] != "sending":
            return "unknown"  # a look has taken it over and finds out
        if isinstance(answer, Delivery):
            return _registered(runtime, db, payment, row, answer)
        columns = _open(runtime) if said != "unsent" else _unsent(row)
        words = _words(answer) if answer is not None and said != "doubtful" else None
        store.put(db, imp_uid, now=now, api_message=words, **columns)
        row = store.find(db, imp_uid)
    if said == "unsent" and answer is not None:
        raise NotSent(answer)
    return "unknown" if said == "doubtful" else _after_a_no(runtime, db, portone, payment, row)


def _open(runtime: Runtime) -> dict[str, Any]:
    """Nobody knows; the worker looks once a late success can no longer look like a no."""
    return {"state": "unknown", "next_look_at": runtime.now() + runtime.config.t_settle_s}


def _unsent(row: Row) -> dict[str, Any]:
    return {"state": "refused" if row["invoice"] is None else "registered"} | _AT_REST


def _after_a_no(
    runtime: Runtime, db: Database, portone: PortOne, payment: Row, row: Row | None
) -> Outcome:
    """PortOne refused: what it has says whether that was all."""
    try:
        seen = _read(portone, payment["imp_uid"])
    except CannotAsk:
        return "unknown"
    with write(db):
        settled = _note_look(runtime, db, payment, row, seen)
    if row is None or settled is None or settled["api_message"] is not None:
        return "refused"
    return "registered" if row["invoice"] is None else "changed"


def _words(error: PortOneError) -> str:
    """Why it was refused. Of a refused key or address our sentence says what to do."""
    if error.why in (Why.IP, Why.KEY):
        return SENTENCES[error.why]
    return mask_text(error.user_message)


# -- looking ------------------------------------------------------------------------------------


def look(runtime: Runtime, db: Database, imp_uid: str) -> Row | None:
    """Ask PortOne what is registered and write it down; the row, None where there is nothing.

    :raise CannotDeliver: NotEligible, Busy or CannotAsk
    :raise NoKeys: live mode without keys
    """
    payment = store.find_payment(db, imp_uid)
    if payment is None or not payment["escrow"] or not is_imp_uid(imp_uid):
        raise NotEligible("not_escrow")
    portone, before = _portone(runtime, db), _row_at_rest(runtime, db, imp_uid)
    seen = _read(portone, imp_uid)
    with write(db):
        return _note_look(runtime, db, payment, before, seen)


def work(runtime: Runtime, db: Database, *, stopped: Callable[[], bool] = lambda: False) -> None:
    """The worker's part: look at deliveries whose fate is open.

    :param stopped: asked between two of them
    """
    for row in store.due(db, runtime.now()):
        if stopped():
            return
        try:
            look(runtime, db, row["imp_uid"])
        except NoKeys:
            return
        except CannotDeliver as error:
            _log.info("delivery of %s: the look failed: %s", row["imp_uid"], error)
            _look_later(runtime, db, row)
        except sqlite3.OperationalError:
            raise
        except Exception:  # a fault of ours must not keep the others waiting
            _log.exception("delivery of %s: the look broke", row["imp_uid"])
            _look_later(runtime, db, row)


def _look_later(runtime: Runtime, db: Database, row: Row) -> None:
    now, looks = runtime.now(), row["looks"] + 1
    pause_s = pause_after(looks, runtime.config.check_pauses_s)
    with write(db):
        if _still(db, row):
            store.put(db, row["imp_uid"], now=now, looks=looks, next_look_at=now + pause_s)


def _still(db: Database, row: Row) -> bool:
    """Whether a row is as it was read."""
    now = store.find(db, row["imp_uid"]) or {}
    return all(now.get(name) == value for name, value in row.items())


def _row_at_rest(runtime: Runtime, db: Database, imp_uid: str) -> Row | None:
    row = store.find(db, imp_uid)
    if row is not None and _is_under_way(row, runtime.now()):
        raise Busy
    return row


def _read(portone: PortOne, imp_uid: str) -> Delivery | None:
    """What PortOne has registered; None: nothing.

    :raise CannotAsk: it cannot be asked
    """
    try:
        return portone.get_delivery(imp_uid)
    except PortOneNotFound:
        return None
    except PortOneRejected as error:
        if error.http_status in _NOTHING_THERE:
            return None
        raise CannotAsk(error) from error
    except PortOneError as error:
        raise CannotAsk(error) from error


def _portone(runtime: Runtime, db: Database) -> PortOne:
    try:
        return portone_of(runtime, db, QUICK)
    except OtherShop as error:
        raise CannotAsk(PortOneNotSent(why=Why.NO_TIME)) from error


# -- what a look means, inside the caller's write transaction -----------------------------------


def _note_look(
    runtime: Runtime, db: Database, payment: Row, before: Row | None, seen: Delivery | None
) -> Row | None:
    """Bring a look into the ledger; the row as it is now.

    :param before: the row as it was read before PortOne was asked
    :raise Busy: it is another one by now, and the look may be older
    """
    imp_uid, now = payment["imp_uid"], runtime.now()
    row = store.find(db, imp_uid)
    if row != before:
        raise Busy
    if row is None:
        if seen is not None:
            _found(runtime, db, payment, None, seen, api_message=None)
        return store.find(db, imp_uid)
    asked = _asked(row)
    if asked is not None and seen is not None and is_what_we_asked(seen, asked):
        _registered(runtime, db, payment, row, seen)
    elif seen is None:
        words = row["api_message"] or (NOT_DONE if asked else GONE)
        store.put(
            db,
            imp_uid,
            now=now,
            state="refused",
            api_message=words,
            looked_at=now,
            **_NOTHING,
            **_AT_REST,
        )
    else:
        words = (row["api_message"] or NOT_DONE) if asked else None
        _found(runtime, db, payment, row, seen, api_message=words)
    return store.find(db, imp_uid)


def _asked(row: Row) -> Parcel | None:
    """What a call asked for whose fate is open, or None."""
    if row["state"] not in ("sending", "unknown"):
        return None
    return Parcel(
        company=row["asked_company"], invoice=row["asked_invoice"], sent_at=row["asked_sent_at"]
    )


def _registered(
    runtime: Runtime, db: Database, payment: Row, row: Row, seen: Delivery
) -> Literal["registered", "changed"]:
    """What we asked for stands at PortOne."""
    what: Literal["registered", "changed"] = "registered" if row["invoice"] is None else "changed"
    _write_down(runtime, db, payment, seen, **_ANSWERED)
    store.record(
        db,
        what,
        payment=payment,
        at=runtime.now(),
        person_id=row["person_id"],
        detail=_told(seen),
    )
    return what


def _found(
    runtime: Runtime,
    db: Database,
    payment: Row,
    row: Row | None,
    seen: Delivery,
    *,
    api_message: str | None,
) -> None:
    """PortOne has something we did not ask for, or still has what it had."""
    known = row is not None and row["invoice"] is not None
    is_old = row is not None and (row["company"], row["invoice"], row["sent_at"]) == (
        seen.company,
        seen.invoice,
        seen.sent_at,
    )
    columns = {"api_message": api_message} if api_message else _ANSWERED
    if is_old and row is not None and row["state"] == "registered":
        columns = {}  # why the last correction failed stays on the page
    _write_down(runtime, db, payment, seen, **columns)
    if not is_old:
        store.record(
            db,
            "changed" if known else "registered",
            payment=payment,
            at=runtime.now(),
            person_id=None,
            detail=_told(seen) | {"found": True},
        )


def _write_down(
    runtime: Runtime, db: Database, payment: Row, seen: Delivery, **columns: Any
) -> None:
    now = runtime.now()
    store.put(
        db,
        payment["imp_uid"],
        now=now,
        state="registered",
        company=seen.company,
        invoice=seen.invoice,
        sent_at=seen.sent_at,
        applied_at=seen.applied_at or now,
        looked_at=now,
        **_AT_REST,
        **columns,
    )


def _told(seen: Delivery) -> dict[str, Any]:
    return {"company": seen.company, "invoice": seen.invoice, "sent_at": seen.sent_at}
