"""Cash receipts, from the click to the certainty: asking for one, taking one back, looking one up.

Each send is a row first, leaves once, and is believed only when a GET shows it. Source:
refund-safety 1.9. The worker's part is in ``sending.py`` and ``resolving.py``.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlite_utils import Database

from dashboard import settings
from dashboard.clock import kst
from dashboard.database import write
from dashboard.orders.ledger import apply_payment
from dashboard.orders.live import QUICK
from dashboard.orders.states import payment_state
from dashboard.portone import (
    Payment,
    PortOne,
    PortOneError,
    PortOneNotSent,
    Receipt,
    ReceiptFor,
    Why,
)
from dashboard.receipts import identifier, known, resolving, store
from dashboard.receipts.identifier import Identifier
from dashboard.receipts.states import BUSY, State
from dashboard.refunds import service as refunds
from dashboard.refunds import tasks
from dashboard.refunds.amounts import Rest
from dashboard.refunds.by_hand import reserved_of
from dashboard.refunds.facts import own_refunds, what_is_left
from dashboard.runtime import OtherShop, Runtime, portone_of

Row = store.Row
Against = Literal[
    "method",  # only vbank and trans through PortOne have one (cash-receipts 3)
    "not_paid",
    "nothing_left",
    "currency",
    "refund_open",  # what is left is about to change
    "reserved",  # money went back another way: PortOne would issue for too much
    "unclear",  # the payment's state is not understood
]


class CannotIssue(Exception):
    """Nothing was sent and nothing was written down."""


class NotEligible(CannotIssue):
    """This payment has no cash receipt to issue; ``why`` says what stands against it."""

    def __init__(self, why: Against) -> None:
        super().__init__(why)
        self.why = why


class AmountMoved(CannotIssue):
    """What is left of the payment is not what the form showed; ``balance`` is it now, won."""

    def __init__(self, balance: int) -> None:
        super().__init__()
        self.balance = balance


class AlreadyThere(CannotIssue):
    """One lives already or may, or this form has become one."""

    def __init__(self, receipt_id: str) -> None:
        super().__init__()
        self.receipt_id = receipt_id


class InPortOne(CannotIssue):
    """The order number of an outside sale is one of a payment; ``imp_uid`` is that payment's."""

    def __init__(self, imp_uid: str) -> None:
        super().__init__()
        self.imp_uid = imp_uid


class CannotAsk(CannotIssue):
    """PortOne could not be asked first; ``error`` says why."""

    def __init__(self, error: PortOneError) -> None:
        super().__init__(repr(error))
        self.error = error


class CannotCancel(Exception):
    """Not issued any more, or on its way already; nothing was changed."""


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What the form of a payment starts from. Money in won.

    :ivar against: why none can be issued, or None
    :ivar tax_free: of ``amount``; None: the shop has to say
    """

    payment: Row  # of ``payments``, with the order's name and buyer
    amount: int
    tax_free: int | None
    against: Against | None
    live: Row | None  # the receipt it would replace


# -- forms --------------------------------------------------------------------------------------


def offer(db: Database, imp_uid: str) -> Offer | None:
    """What a receipt of this payment would be for, as far as the ledger knows; None: unknown."""
    known = refunds.find_payment(db, imp_uid)
    if known is None:
        return None
    payment = Payment.from_json(json.loads(known["raw"]))
    rest = _rest(db, payment, known["tax_free"])
    return Offer(
        payment=known,
        amount=payment.balance,
        tax_free=rest.most if rest.certain or rest.assumed else None,
        against=_against(db, payment),
        live=store.live_of(db, imp_uid),
    )


def _rest(db: Database, payment: Payment, tax_free: int | None) -> Rest:
    return what_is_left(
        payment,
        tax_free,
        settings.get(db, "sells_tax_free"),
        own_refunds(db, payment.imp_uid),
    )


def _against(db: Database, payment: Payment) -> Against | None:
    state = payment_state(payment)
    if payment.pay_method not in tasks.CASH_METHODS:
        return "method"
    if payment.currency != "KRW":
        return "currency"
    if state == "check":
        return "unclear"
    if state in ("cancelled", "full") or (payment.paid_at and payment.balance <= 0):
        return "nothing_left"
    if state not in ("paid", "partial"):
        return "not_paid"
    if refunds.open_refund_of(db, payment.imp_uid) is not None:
        return "refund_open"
    if reserved_of(db, payment.imp_uid).amount:
        return "reserved"
    return None


# -- issuing ------------------------------------------------------------------------------------


def request_receipt(
    runtime: Runtime,
    db: Database,
    *,
    imp_uid: str,
    form_token: str,
    receipt_for: ReceiptFor,
    tax_free: int,
    shown_amount: int,
    person_id: int,
    replace: str | None = None,
) -> str:
    """Write down a receipt of a payment for the worker to issue; answers its id.

    Looks at the payment and at PortOne's receipt afresh first.

    :param tax_free: won of ``shown_amount``; always sent
    :param shown_amount: won left of the payment, as the form showed it
    :param replace: id of the one that lives, where the form said that it is cancelled first; the
        new one waits until that is certain (K13)
    :raise CannotIssue: one of the classes above; nothing was sent
    :raise NoKeys: live mode without keys
    :raise ValueError: a field PortOne would refuse
    """
    receipt_for.fields()
    if not 0 <= tax_free <= shown_amount:
        raise ValueError("tax_free does not fit into the amount")
    _form_is_new(db, form_token)
    known = refunds.find_payment(db, imp_uid)
    if known is None:
        raise NotEligible("unclear")
    portone = _portone(runtime, db)
    try:
        fresh = portone.get_payment(imp_uid, sandbox=bool(known["sandbox"]))
        seen = resolving.read_receipt(portone, imp_uid=imp_uid)
    except PortOneError as error:
        raise CannotAsk(error) from error
    with write(db):
        apply_payment(db, fresh, source="live", now=runtime.now())
        live = resolving.adopt(runtime, db, seen, imp_uid=imp_uid, person_id=person_id)
    if (why := _against(db, fresh)) is not None:
        raise NotEligible(why)
    if fresh.balance != shown_amount:
        raise AmountMoved(fresh.balance)
    if live is not None and (live["id"], live["state"]) != (replace, "issued"):
        raise AlreadyThere(live["id"])
    row = _row(runtime, receipt_for, tax_free, shown_amount, form_token, person_id) | {
        "imp_uid": imp_uid,
        "order_id": known["order_id"],
        "name": known["name"],
        "state": "waiting" if live is not None else "intent",
        "replaces": live["id"] if live is not None else None,
    }
    return _write_down(runtime, db, row, receipt_for, live=live)


def request_external(
    runtime: Runtime,
    db: Database,
    *,
    merchant_uid: str,
    form_token: str,
    receipt_for: ReceiptFor,
    name: str,
    amount: int,
    tax_free: int,
    sold_on: date,
    person_id: int,
    channel_key: str = "",
    batch_id: str | None = None,
) -> str:
    """Write down a receipt of a sale outside PortOne; answers its id.

    PortOne is asked for a payment of that number first, and by the worker again before it sends;
    rows of a file only by the worker. ``pg`` is always KSNET's (K47), with the channel where the
    account has one: both documents' forms.

    :raise InPortOne: there is a payment of this number; the sale would be reported twice
    :raise AlreadyThere: it has a receipt already, or this form has become one
    :raise ValueError: a field PortOne would refuse
    """
    receipt_for.fields()
    if not 0 <= tax_free <= amount or amount < 1:
        raise ValueError("tax_free does not fit into the amount")
    _form_is_new(db, form_token)
    if batch_id is None:
        _learn_payment(runtime, db, merchant_uid)
    not_a_payments(db, merchant_uid)
    row = _row(runtime, receipt_for, tax_free, amount, form_token, person_id) | {
        "merchant_uid": merchant_uid,
        "order_id": None,
        "imp_uid": None,
        "name": name,
        "sold_on": sold_on.isoformat(),
        "state": "intent",
        "channel_key": channel_key or None,
        "pg": "ksnet",
        "batch_id": batch_id,
    }
    return _write_down(runtime, db, row, receipt_for, live=None)


def not_a_payments(db: Database, merchant_uid: str) -> None:
    """Make sure that no paid payment the ledger knows has this order number.

    :raise InPortOne: one has
    """
    row = db.conn.execute(
        "SELECT imp_uid FROM payments WHERE merchant_uid = ? AND paid_at IS NOT NULL"
        " ORDER BY paid_at DESC LIMIT 1",
        (merchant_uid,),
    ).fetchone()
    if row is not None:
        raise InPortOne(str(row[0]))


def _learn_payment(runtime: Runtime, db: Database, merchant_uid: str) -> None:
    """Ask PortOne for a paid payment of this order number, so that its page can be led to.

    Where it cannot be asked the worker does so before it sends.
    """
    try:
        found = _portone(runtime, db).find_payment(merchant_uid, "paid")
    except (PortOneError, CannotAsk):
        return
    if found is not None:
        with write(db):
            apply_payment(db, found, source="live", now=runtime.now())


def fingerprint(runtime: Runtime, receipt_for: ReceiptFor) -> str:
    """A keyed digest of an identifier: tells that a later one is the same, and nothing more.

    :raise OSError: the key cannot be read
    """
    key = hashlib.sha256(b"receipt identifiers" + runtime.instance.account_key()).digest()
    read = Identifier(identifier_type=receipt_for.identifier_type, digits=receipt_for.identifier)
    return identifier.fingerprint(read, key)


def suggest_merchant_uid(now: int, taken: Sequence[str] = ()) -> str:
    """An order number for a sale outside PortOne, at most 40 characters."""
    while True:
        found = f"cash-{kst(now):%Y%m%d}-{uuid.uuid4().hex[:8]}"
        if found not in taken:
            return found


def _row(
    runtime: Runtime,
    receipt_for: ReceiptFor,
    tax_free: int,
    amount: int,
    form_token: str,
    person_id: int,
) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()),
        "form_token": form_token,
        "amount": amount,
        "tax_free": tax_free,
        "type": receipt_for.type,
        "identifier_type": receipt_for.identifier_type,
        "last4": receipt_for.identifier[-4:],
        "fingerprint": fingerprint(runtime, receipt_for),
        "product_type": receipt_for.product_type,
        "buyer_name": receipt_for.buyer_name,
        "owner": runtime.run_id,
        "person_id": person_id,
        "created_at": runtime.now(),
    }


def _write_down(
    runtime: Runtime,
    db: Database,
    row: dict[str, Any],
    receipt_for: ReceiptFor,
    *,
    live: Row | None,
) -> str:
    receipt_id, now = str(row["id"]), runtime.now()
    runtime.receipt_subjects[receipt_id] = receipt_for  # before the worker can see the row
    try:
        with write(db):
            store.add(db, row, now=now)
            if live is not None and not _move_to_cancel(db, live, row["person_id"], "재발급", now):
                raise AlreadyThere(live["id"])
            if live is not None:
                tasks.owe_replacement(
                    db,
                    order_id=row["order_id"],
                    imp_uid=row["imp_uid"],
                    left=row["amount"],
                    tax_free_left=row["tax_free"],
                    person_id=row["person_id"],
                    now=now,
                )
    except BaseException as error:
        runtime.receipt_subjects.pop(receipt_id, None)
        if isinstance(error, sqlite3.IntegrityError):
            _form_is_new(db, row["form_token"])
            other = (
                store.live_of(db, row["imp_uid"])
                if row["imp_uid"]
                else store.live_of_sale(db, row["merchant_uid"])
            )
            if other is not None:
                raise AlreadyThere(other["id"]) from error
        raise
    runtime.wake.set()
    return receipt_id


def _form_is_new(db: Database, form_token: str) -> None:
    found = store.by_form(db, form_token)
    if found is not None:
        raise AlreadyThere(found["id"])


# -- cancelling ---------------------------------------------------------------------------------


def request_cancel(
    runtime: Runtime, db: Database, receipt_id: str, *, person_id: int, reason: str
) -> None:
    """Write down that an issued receipt is to be cancelled; the worker sends it once (F79).

    :raise CannotCancel: it is not issued any more, or on its way already
    """
    with write(db):
        row = store.find(db, receipt_id)
        if row is None or row["state"] != "issued":
            raise CannotCancel
        _move_to_cancel(db, row, person_id, reason, runtime.now())
    runtime.wake.set()


def _move_to_cancel(db: Database, row: Row, person_id: int, reason: str, now: int) -> bool:
    return store.move(
        db,
        row,
        "cancel_intent",
        at=now,
        person_id=person_id,
        cancelled_by=person_id,
        cancel_reason=reason,
        **resolving.NO_WAIT | {"next_check_at": now},
    )


# -- looking up ---------------------------------------------------------------------------------


def look_up(
    runtime: Runtime, db: Database, *, imp_uid: str, person_id: int
) -> tuple[Receipt | None, Row | None]:
    """Ask PortOne for a payment's receipt now: what it says, and our row of it.

    One that was issued elsewhere becomes a row of ours; one cancelled elsewhere is marked so.

    :raise CannotAsk: it cannot be asked
    """
    try:
        seen = resolving.read_receipt(_portone(runtime, db), imp_uid=imp_uid)
    except PortOneError as error:
        raise CannotAsk(error) from error
    with write(db):
        row = resolving.adopt(runtime, db, seen, imp_uid=imp_uid, person_id=person_id)
        if seen is None and row is None:
            store.looked(db, imp_uid, found=False, now=runtime.now())
    return seen, row


def look_up_external(
    runtime: Runtime, db: Database, receipt_id: str
) -> tuple[Receipt | None, Row | None]:
    """The same for a receipt of an outside sale we have a row of."""
    row = store.find(db, receipt_id)
    if row is None or row["merchant_uid"] is None:
        return None, row
    try:
        seen = resolving.read_receipt(_portone(runtime, db), merchant_uid=row["merchant_uid"])
    except PortOneError as error:
        raise CannotAsk(error) from error
    with write(db):
        resolving.cancelled_elsewhere(runtime, db, row, seen)
    return seen, store.find(db, receipt_id)


def check_now(runtime: Runtime, db: Database, receipt_id: str) -> bool:
    """Let the worker look at once; False when nothing is to be looked at."""
    with write(db):
        row = store.find(db, receipt_id)
        if row is None or row["state"] not in ("unknown", "cancel_unknown"):
            return False
        if row["last_checked_at"] is None or runtime.now() - row["last_checked_at"] >= 5:
            store.note(db, row, next_check_at=runtime.now())
    runtime.wake.set()
    return True


def _portone(runtime: Runtime, db: Database) -> PortOne:
    try:
        return portone_of(runtime, db, QUICK)
    except OtherShop as error:
        raise CannotAsk(PortOneNotSent(why=Why.NO_TIME)) from error


# -- for pages ----------------------------------------------------------------------------------


def find(db: Database, receipt_id: str) -> Row | None:
    """One receipt with its order's number and people's names, or None."""
    return store.find(db, receipt_id)


def last_of(db: Database, imp_uid: str) -> Row | None:
    """The payment's receipt that stands or stood last: what another one starts from; or None."""
    return known.latest_of(db, imp_uid)


def find_sale(db: Database, merchant_uid: str) -> Row | None:
    """The receipt of an outside sale that lives or may, else its newest, or None."""
    return store.live_of_sale(db, merchant_uid) or store.of_sale(db, merchant_uid)


def of_batch(db: Database, batch_id: str) -> Sequence[Row]:
    """The receipts one file has become, in its order."""
    return store.of_batch(db, batch_id)


def waits_for(db: Database, receipt_id: str) -> Row | None:
    """The receipt that is issued once this one is cancelled, or None."""
    return store.waits_for(db, receipt_id)


def search(db: Database, **given: Any) -> Sequence[Row]:
    """Receipts, the newest first; see :func:`dashboard.receipts.store.search`."""
    return store.search(db, **given)


def sums(db: Database, **given: Any) -> dict[str, int]:
    """Their sums; see :func:`dashboard.receipts.store.sums`."""
    return store.sums(db, **given)


def is_busy(state: State) -> bool:
    """Whether a page about it should ask again soon."""
    return state in BUSY
