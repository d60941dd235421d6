"""Payment requests, from the form to the end: made, announced to PortOne, given up, repeated.

What becomes of one is found out in ``verifying.py``. Source: payment-window, 2 to 4.
"""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from dashboard import events, gateway
from dashboard.checkout import stock, store, verifying
from dashboard.checkout.confirming import RARE
from dashboard.checkout.states import PAYABLE
from dashboard.checkout.wishes import wish_to_json
from dashboard.clock import kst
from dashboard.database import write
from dashboard.ksnet.window_facts import WindowWish
from dashboard.orders.ledger import apply_payment
from dashboard.orders.live import QUICK
from dashboard.portone import Payment, PortOneError
from dashboard.runtime import NoKeys, OtherShop, Runtime, portone_of

Row = store.Row

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that is misread on the phone
_LETTERS = 8
_MOST_ACCOUNTS = 5  # of one order number


class CannotRequest(Exception):
    """Nothing was written down and nobody was asked."""


class NotSetUp(CannotRequest):
    """The shop's merchant code or channel is missing."""


class CannotGiveUp(Exception):
    """The request is paid, or over already; nothing was changed."""


class NotRevoked(Exception):
    """PortOne did not take the account back; ``error`` says why, None: it could not be asked, or
    the account is no longer waiting."""

    def __init__(self, error: PortOneError | None) -> None:
        super().__init__(repr(error))
        self.error = error


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of goods. ``unit_price`` in the request's own unit, VAT included."""

    name: str
    unit_price: int
    quantity: int
    tax_free: bool
    product_id: int | None = None

    @property
    def total(self) -> int:
        return self.unit_price * self.quantity


def create(
    runtime: Runtime,
    db: Database,
    *,
    form_token: str,
    wish: WindowWish,
    lines: Sequence[Line],
    expires_at: int,
    person_id: int,
    overruled: Sequence[str] = (),
    copied_from: str | None = None,
) -> Row:
    """Write a request down and have PortOne hold its amount; twice the same form is one request.

    Without an answer the request stays ``preparing``, and the worker asks again: announcing an
    amount moves no money, and nobody can pay before it is announced.

    :param wish: judged already; ``amount`` and ``tax_free`` are those of ``lines``
    :param expires_at: of the buyer's link, UNIX seconds
    :param overruled: numbers of the rules whose warnings the owner overruled
    :raise NotSetUp: no merchant code, no channel
    """
    if (known := store.find_by_form(db, form_token)) is not None:
        return known
    shop = gateway.read(runtime, db)
    if not shop.ready:
        raise NotSetUp
    now = runtime.now()
    row: Row = {
        "id": str(uuid.uuid4()),
        "form_token": form_token,
        "name": wish.name,
        "amount": wish.amount,
        "tax_free": wish.tax_free,
        "currency": wish.currency,
        "pay_method": wish.pay_method,
        "escrow": int(wish.escrow),
        "wish": wish_to_json(wish),
        "channel_key": shop.shop.channel_key,
        "pg_mid": shop.shop.pg_mid,
        "sandbox": int(shop.shop.sandbox),
        "overruled": json.dumps(list(overruled)),
        "state": "preparing",
        "expires_at": expires_at,
        "next_check_at": now,
        "copied_from": copied_from,
        "person_id": person_id,
        "created_at": now,
    }
    with write(db):
        if (known := store.find_by_form(db, form_token)) is not None:  # the other click was first
            return known
        row["merchant_uid"] = _new_number(db, now)
        store.add(
            db,
            row,
            [
                {
                    "product_id": line.product_id,
                    "name": line.name,
                    "unit_price": line.unit_price,
                    "quantity": line.quantity,
                    "tax_free": int(line.tax_free),
                }
                for line in lines
            ],
        )
        events.record(
            db,
            "payment_request.made",
            at=now,
            actor="person",
            person_id=person_id,
            detail={
                "request_id": row["id"],
                "merchant_uid": row["merchant_uid"],
                "amount": wish.amount,
                "currency": wish.currency,
                "overruled": list(overruled),
            },
        )
    return look(runtime, db, row["id"]) or row


def _new_number(db: Database, now: int) -> str:
    """An order number nobody has used: the Korean day, and letters that cannot be guessed."""
    while True:
        letters = "".join(secrets.choice(_ALPHABET) for _ in range(_LETTERS))
        number = f"{kst(now):%Y%m%d}-{letters}"
        if not store.number_is_taken(db, number):
            return number


# -- reading ------------------------------------------------------------------------------------


def find(db: Database, request_id: str) -> Row | None:
    return store.find(db, request_id)


def find_by_number(db: Database, merchant_uid: str) -> Row | None:
    return store.find_by_number(db, merchant_uid)


def lines(db: Database, request_id: str) -> list[Row]:
    """The goods of a request: name, unit_price, quantity, tax_free, product_id."""
    return store.lines(db, request_id)


def payment_of(db: Database, row: Row) -> Payment | None:
    """The payment that says what became of a request, as the ledger has it."""
    if not row["imp_uid"]:
        return None
    found = db.conn.execute(
        "SELECT raw FROM payments WHERE imp_uid = ?", (row["imp_uid"],)
    ).fetchone()
    return None if found is None else Payment.from_json(json.loads(found["raw"]))


def order_of(db: Database, row: Row) -> int | None:
    """The order of a request in the ledger, once PortOne knows a payment of it."""
    return store.order_of(db, row["merchant_uid"])


def search(
    db: Database,
    *,
    states: Sequence[str] = (),
    alarmed: bool = False,
    text: str = "",
    personal: bool = False,
    limit: int,
    offset: int = 0,
) -> list[Row]:
    """Requests, newest first; no states: all.

    :param text: a part of number or goods; with ``personal`` also of the buyer's name or phone
    """
    return store.search(
        db,
        states=states,
        alarmed=alarmed,
        text=text,
        personal=personal,
        limit=limit,
        offset=offset,
    )


def counts(db: Database) -> dict[str, int]:
    """How many requests are in each state; ``alarm``: how many a person must look at."""
    return store.counts(db)


# -- what a person or the buyer does ------------------------------------------------------------


def look(runtime: Runtime, db: Database, request_id: str, *, hint: str = "") -> Row | None:
    """Ask PortOne now what became of a request; without an answer the row says so.

    :param hint: the ``imp_uid`` a browser named
    """
    row = store.find(db, request_id)
    if row is None:
        return None
    try:
        portone = portone_of(runtime, db, QUICK)
    except (NoKeys, OtherShop):
        return row
    return verifying.verify(runtime, db, portone, row, hint=hint)


def opened(runtime: Runtime, db: Database, row: Row) -> stock.RanOut | None:
    """The buyer is about to open the window: looked at more often from now on.

    :return: goods that have run out meanwhile: then no window should open
    """
    now = runtime.now()
    with write(db):
        if (missing := stock.short_of(db, row["id"], now)) is not None:
            return missing
        columns: Row = {"opened_at": row["opened_at"] or now}
        if row["opened_at"] is None or row["checks"] >= RARE:
            columns |= {"checks": 0, "next_check_at": now + verifying.BUSY_PAUSES_S[0]}
        store.change(db, row["id"], columns)
    runtime.wake.set()
    return None


def give_up(runtime: Runtime, db: Database, request_id: str, *, person_id: int) -> Row:
    """End a request nobody has paid; the buyer's page says so from then on.

    PortOne is asked first when a window was opened: an account may have been issued. A window that
    is open already may still be paid in: that is noticed, and alarms.

    :raise CannotGiveUp: it is paid, over, or waits for a deposit (:func:`revoke` first)
    """
    known = store.find(db, request_id)
    if known is not None and known["opened_at"] is not None:
        look(runtime, db, request_id)
    now = runtime.now()
    with write(db):
        row = store.find(db, request_id)
        if row is None or row["state"] not in ("preparing", *PAYABLE):
            raise CannotGiveUp
        columns = {
            "state": "cancelled",
            "ended_at": now,
            "ended_by": person_id,
            "next_check_at": now + verifying.AFTER_PAUSE_S if row["opened_at"] else None,
        }
        store.change(db, request_id, columns)
        stock.let_go(db, request_id)
        _record(db, row, "cancelled", now, person_id)
    return row | columns


def revoke(runtime: Runtime, db: Database, request_id: str, *, person_id: int) -> Row:
    """Take an unpaid virtual account back (K39), and end its request.

    The payment is read first: a deposit may just have come in. Afterwards only what PortOne shows
    ends the request.

    Every account of the order number that still waits is taken back.

    :raise CannotGiveUp: the request waits for no deposit
    :raise NotRevoked: PortOne could not be asked, or said no
    :raise NoKeys: the shop has no API keys
    :raise OtherShop: the modes were changed in this moment
    """
    row = store.find(db, request_id)
    if row is None or row["imp_uid"] is None or row["state"] not in ("waiting", "mismatch"):
        raise CannotGiveUp
    portone = portone_of(runtime, db, QUICK)
    row = verifying.verify(runtime, db, portone, row)
    wrong: PortOneError | None = None
    for _account in range(_MOST_ACCOUNTS):
        if row["check_error"] is not None:
            raise NotRevoked(wrong)
        if row["state"] not in ("waiting", "mismatch") or wrong is not None:
            break
        try:
            revoked = portone.revoke_vbank(row["imp_uid"])
        except PortOneError as error:
            wrong = error
        else:
            with write(db):
                apply_payment(db, revoked, source="live", now=runtime.now())
        row = verifying.verify(runtime, db, portone, row)
    if row["state"] != "cancelled":
        raise NotRevoked(wrong)
    with write(db):
        store.change(db, request_id, {"ended_by": person_id})
        _record(db, row, "revoked", runtime.now(), person_id)
    return row | {"ended_by": person_id}


def close_alarm(runtime: Runtime, db: Database, request_id: str, *, person_id: int) -> bool:
    """Somebody has seen to an alarm; the same one is not raised again. False: there is none."""
    with write(db):
        row = store.find(db, request_id)
        if row is None or row["alarm"] is None or row["state"] == "mismatch":
            return False
        closed = f"{row['alarm']} {row['alarm_about'] or ''}".rstrip()
        store.change(db, request_id, {"alarm": None, "alarm_closed": closed})
        _record(db, row, "alarm_closed", runtime.now(), person_id)
    return True


def _record(db: Database, row: Row, what: str, now: int, person_id: int) -> None:
    detail: dict[str, Any] = {
        "request_id": row["id"],
        "merchant_uid": row["merchant_uid"],
        "amount": row["amount"],
        "alarm": row["alarm"],
    }
    events.record(
        db,
        f"payment_request.{what}",
        at=now,
        actor="person",
        person_id=person_id,
        order_id=order_of(db, row),
        imp_uid=row["imp_uid"],
        detail=detail,
    )
