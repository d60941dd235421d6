"""Finding out what became of a request: PortOne is asked, the ledger is told, one verdict is kept.

The buyer's browser, a webhook and the clock all lead here; none of them is believed. No
transaction is open while PortOne is asked. Source: payment-window, 4; refund-safety 0.1.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable
from typing import Any

from sqlite_utils import Database

from dashboard import events
from dashboard.checkout import stock, store
from dashboard.checkout.rules import Asked, Verdict, judge
from dashboard.checkout.states import ENDED, PAYABLE, Alarm
from dashboard.database import write
from dashboard.orders.ledger import Source, apply_payments
from dashboard.orders.live import QUICK
from dashboard.orders.service import keep_tax_free
from dashboard.orders.states import was_paid
from dashboard.portone import (
    Payment,
    PortOne,
    PortOneError,
    PortOneNotFound,
    PortOneRejected,
    Prepared,
    Why,
)
from dashboard.portone.ids import is_imp_uid
from dashboard.runtime import NoKeys, OtherShop, Runtime, portone_of

_log = logging.getLogger(__name__)

BUSY_PAUSES_S = (5, 10, 20, 40, 60, 120, 300, 600)
"""Between two looks at a request whose page was opened; the last one until it ends."""

QUIET_PAUSE_S = 900  # nobody has opened the page yet
DEPOSIT_PAUSE_S = 600  # deposits come in with the synchronisation, too
AFTER_S = 24 * 60 * 60  # a window opened in time may be paid in late
AFTER_PAUSE_S = 3600
_MOST_ATTEMPTS = 100

UNREACHABLE = frozenset({Why.NO_CONNECTION, Why.NO_ANSWER, Why.NO_TIME, Why.NOT_SECURE, Why.KEY})
"""Errors that the next question would meet, too."""


def has_work(runtime: Runtime, db: Database) -> bool:
    """Whether :func:`work` would have something to look at."""
    return bool(store.due(db, runtime.now(), most=1))


def work(runtime: Runtime, db: Database, *, stopped: Callable[[], bool] = lambda: False) -> None:
    """Look at every request whose time has come."""
    rows = store.due(db, runtime.now())
    if not rows:
        return
    try:
        portone = portone_of(runtime, db, QUICK)
    except (NoKeys, OtherShop):
        return
    for row in rows:
        if stopped():
            return
        try:
            if verify(runtime, db, portone, row)["check_error"] in UNREACHABLE:
                return  # the others would wait as long for nothing
        except sqlite3.OperationalError:
            raise
        except Exception:  # a fault of ours must not keep the others waiting
            _log.exception("payment request %s: the look broke", row["id"])
            _failed(runtime, db, row, "broken")


def verify(
    runtime: Runtime,
    db: Database,
    portone: PortOne,
    row: store.Row,
    *,
    hint: str = "",
    source: Source = "live",
) -> store.Row:
    """Ask PortOne about a request and keep what that comes to; answers the request as it is then.

    :param hint: the ``imp_uid`` a browser or webhook named: looked up, never believed
    """
    try:
        preparing = row["state"] == "preparing"
        if preparing:
            _prepare(portone, row)
        payments, forged, whole = _ask(portone, row, hint)
    except PortOneError as error:
        _log.info("payment request %s: could not be looked at, why=%s", row["id"], error.why)
        return _failed(runtime, db, row, str(error.why))
    now = runtime.now()
    with write(db):
        apply_payments(db, payments, source=source, now=now)
        row = store.find(db, row["id"]) or row
        if forged and row["forged_at"] is None:
            store.change(db, row["id"], {"forged_at": now})
            _record(db, row, "forged", now, {"imp_uid": hint})
        if preparing and row["state"] == "preparing":
            store.change(db, row["id"], {"state": "open", "prepared_at": now})
            row |= {"state": "open", "prepared_at": now, "next_check_at": None}
        # From the ledger, not from this one answer: another look may have seen more meanwhile.
        verdict = judge(_asked(row), _known(db, row), now)
        if not whole and verdict.state in PAYABLE:
            verdict = Verdict(state=None)
        _settle(db, row, verdict, now)
    return store.find(db, row["id"]) or row


# -- asking -------------------------------------------------------------------------------------


def _prepare(portone: PortOne, row: store.Row) -> None:
    """Have PortOne hold the amount, so that a window with another one is blocked.

    What POST answers for a number that is held already is not documented: then it is read, and
    corrected when it is another amount (portone-v1-api, 6).
    """
    uid, amount, currency = row["merchant_uid"], row["amount"], row["currency"]
    try:
        held = portone.prepare(uid, amount, currency=currency)
    except PortOneRejected:
        held = portone.get_prepared(uid)
    if not _is_held(held, row):
        held = portone.change_prepared(uid, amount, currency=currency)
    if not _is_held(held, row):
        raise PortOneRejected


def _is_held(held: Prepared, row: store.Row) -> bool:
    return (held.amount, held.currency) == (row["amount"], row["currency"])


def _known(db: Database, row: store.Row) -> list[Payment]:
    found = store.payments(db, row["merchant_uid"])
    return [Payment.from_json(json.loads(one["raw"])) for one in found]


def _ask(portone: PortOne, row: store.Row, hint: str) -> tuple[list[Payment], bool, bool]:
    """Every attempt of the request's number; whether the hint is a payment of another one; and
    whether those are all there are.

    What may count as money is read alone: only that look-up hides test payments from a real shop
    (portone-v1-api, 4.1), and only there is a payment certain to be what it is now.
    """
    page = portone.find_payments(row["merchant_uid"], limit=_MOST_ATTEMPTS)
    found = {one.imp_uid: one for one in page.payments}
    forged = False
    if hint and hint not in found and is_imp_uid(hint):
        try:
            named = portone.get_payment(hint, sandbox=bool(row["sandbox"]))
        except PortOneNotFound:
            pass  # not one of this shop, or of the other kind
        else:
            forged = named.merchant_uid != row["merchant_uid"]
            if not forged:
                found[hint] = named
    for imp_uid, one in found.items():
        if was_paid(one) and imp_uid != hint:
            try:
                found[imp_uid] = portone.get_payment(imp_uid, sandbox=bool(row["sandbox"]))
            except PortOneNotFound:
                if not one.sandbox:
                    raise
    return list(found.values()), forged, not (page.unreadable or page.next)


def _asked(row: store.Row) -> Asked:
    late = str(row["alarm"] or "") + str(row["alarm_closed"] or "")
    was_over = row["ended_at"] is not None and (row["state"] != "paid" or "late" in late)
    return Asked(
        merchant_uid=row["merchant_uid"],
        amount=row["amount"],
        currency=row["currency"],
        sandbox=bool(row["sandbox"]),
        pg_mid=row["pg_mid"],
        escrow=bool(row["escrow"]),
        given_up_at=row["ended_at"] if was_over else None,
    )


# -- keeping ------------------------------------------------------------------------------------


def _failed(runtime: Runtime, db: Database, row: store.Row, why: str) -> store.Row:
    """Nothing was learnt: ask again later, and say so on the page."""
    now = runtime.now()
    with write(db):
        fresh = store.find(db, row["id"]) or row
        if fresh["last_checked_at"] == row["last_checked_at"] and fresh["state"] == row["state"]:
            store.change(
                db,
                row["id"],
                {
                    "check_error": why,
                    "checks": row["checks"] + 1,
                    "next_check_at": now + _pause(row, "preparing"),
                },
            )
    return store.find(db, row["id"]) or row


def _settle(db: Database, row: store.Row, verdict: Verdict, now: int) -> None:
    """Keep a verdict, once: the same again changes nothing but the time of the next look."""
    state = _next_state(row, verdict, now)
    columns: dict[str, Any] = {
        "state": state,
        "imp_uid": verdict.imp_uid or row["imp_uid"],
        "fail_reason": verdict.fail_reason or None,
        "last_checked_at": now,
        "check_error": None if verdict.state is not None else "unclear",
    }
    alarm = verdict.alarm or _goods(db, row, state, now)
    if alarm is None and state == "waiting" and row["ended_at"] is not None:
        alarm = "late"  # an account that can be paid into after all
    about = " ".join(verdict.about) or str(columns["imp_uid"] or "")
    seen_to = row["alarm_closed"] == f"{alarm} {about}".rstrip()
    columns |= {"alarm": None if seen_to else alarm, "alarm_about": about if alarm else None}
    if state == "paid":
        columns["paid_at"] = verdict.paid_at or row["paid_at"] or now
    if state in ENDED and row["ended_at"] is None:
        columns["ended_at"] = now
    changed = (state, columns["alarm"]) != (row["state"], row["alarm"])
    columns["checks"] = 0 if changed else row["checks"] + 1
    columns["next_check_at"] = _next_look(row | columns, now)
    store.change(db, row["id"], columns)
    if row["currency"] == "KRW":
        keep_tax_free(db, row["merchant_uid"], row["tax_free"])
    if changed:
        detail = {"from": row["state"], "alarm": columns["alarm"], "amount": row["amount"]}
        _record(db, row | columns, state, now, detail)


def _goods(db: Database, row: store.Row, state: str, now: int) -> Alarm | None:
    """Sell, keep or let go what the request holds back; the alarm where there is too little."""
    short = None
    if state == "paid":
        short = stock.sell(db, row["id"], now)
    elif state == "waiting":
        short = stock.hold(db, row["id"], now, until=None)
    elif state in ENDED or (state == "failed" and row["state"] != "failed"):
        stock.let_go(db, row["id"])
    kept = row["alarm"] == "stock" and state == "paid" == row["state"]
    return "stock" if short is not None or kept else None


def _next_state(row: store.Row, verdict: Verdict, now: int) -> str:
    """The state a verdict leads to; what has ended stays so unless money came."""
    was, found = str(row["state"]), verdict.state
    if found == "paid" or was == "paid":
        return "paid"
    if found is None:
        return was
    if found == "mismatch":
        return "mismatch"
    if was in ENDED:
        return "waiting" if found == "waiting" else was
    if found in PAYABLE and now >= row["expires_at"]:
        return "expired"
    return str(found)


def _next_look(row: store.Row, now: int) -> int | None:
    """When to look again, UNIX seconds; None: not by the clock."""
    state = row["state"]
    if state == "paid":
        return None
    if state in ENDED:
        until = max(row["ended_at"] or now, row["expires_at"]) + AFTER_S
        return now + AFTER_PAUSE_S if row["opened_at"] and now < until else None
    return now + _pause(row, state)


def _pause(row: store.Row, state: str) -> int:
    if state in ("waiting", "mismatch"):
        return DEPOSIT_PAUSE_S
    if state in PAYABLE and row["opened_at"] is None:
        left = int(row["expires_at"]) - int(row["last_checked_at"] or 0)
        return max(min(QUIET_PAUSE_S, left), BUSY_PAUSES_S[0])
    return BUSY_PAUSES_S[min(row["checks"], len(BUSY_PAUSES_S) - 1)]


def _record(db: Database, row: store.Row, what: str, now: int, detail: dict[str, Any]) -> None:
    events.record(
        db,
        f"payment_request.{what}",
        at=now,
        actor="portone",
        order_id=store.order_of(db, row["merchant_uid"]),
        imp_uid=row["imp_uid"],
        detail={"request_id": row["id"], "merchant_uid": row["merchant_uid"]} | detail,
    )
