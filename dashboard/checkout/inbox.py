"""Webhooks (결제알림): each is a knock on the door. It is written down, answered, and looked into.

V1 signs nothing, so a body can only make Jangbu ask PortOne about a payment; what it claims is
kept to be compared. Source: payment-window, 6; F80-F84; SEC-32, SEC-33.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from sqlite_utils import Database

from dashboard import events, gateway
from dashboard.checkout import store, verifying
from dashboard.checkout.states import is_live
from dashboard.database import all_rows, one_row, write
from dashboard.orders.ledger import apply_payment
from dashboard.orders.live import QUICK
from dashboard.portone import Payment, PortOne, PortOneError, PortOneNotFound, Why
from dashboard.portone.ids import is_imp_uid
from dashboard.resident_number import mask_text
from dashboard.runtime import NoKeys, OtherShop, Runtime, portone_of

_log = logging.getLogger(__name__)

LONGEST_BODY = 8192  # bytes
SAME_S = 60  # the same payment again within this time is the same row
GAP_S = 10  # between two questions about one payment
MOST_PER_MINUTE = 10  # questions because of webhooks; each may be followed by two about its request
MOST_ROWS = 10_000  # of the strangers' and unreadable ones
PAUSES_S = (5, 15, 60, 300, 900, 3600)
MOST_OF_ONE = 20  # of unknown payments that name one request: its buyer knows its number
MOST_STRANGERS = 500  # of unknown payments that wait at once
_LONGEST = 100  # characters of a field
_ROOM, _STRANGERS_ROOM = LONGEST_BODY, 500  # bytes kept of a body
_DUE = """
SELECT * FROM webhook_inbox AS one WHERE next_check_at <= ?1 AND NOT EXISTS
    (SELECT 1 FROM webhook_inbox WHERE imp_uid = one.imp_uid AND asked_at > ?2)
GROUP BY imp_uid
ORDER BY (EXISTS (SELECT 1 FROM payments WHERE payments.imp_uid = one.imp_uid)
    OR EXISTS (SELECT 1 FROM payment_requests WHERE merchant_uid = one.merchant_uid)) DESC,
    next_check_at, id
LIMIT ?3
"""
_NAMES = ("imp_uid", "merchant_uid", "status", "cancellation_id")


def receive(db: Database, *, content_type: str, body: bytes, remote_addr: str, now: int) -> int:
    """Write a webhook down for the worker; answers its row.

    Asks nobody, so the answer to PortOne takes no longer than a row. Whatever the body is, the
    answer outside is the same: strangers learn nothing (SEC-33).

    :raise sqlite3.OperationalError: the file is busy, full or cannot be written: PortOne is told,
        and comes again where retries are on
    """
    told = read(content_type, body)
    imp_uid = told["imp_uid"] if is_imp_uid(told["imp_uid"]) else ""
    verdict = "waiting" if imp_uid else "unreadable"
    row: dict[str, Any] = {
        **told,
        "imp_uid": imp_uid,
        "content_type": content_type[:_LONGEST],
        "remote_addr": remote_addr,
        "verdict": verdict,
        "done_at": None if imp_uid else now,
        "last_at": now,
    }
    with write(db):
        known = _is_ours(db, row)
        room = _ROOM if known else _STRANGERS_ROOM
        row["body"] = mask_text(body[:room].decode("utf-8", "replace"))
        row["next_check_at"] = _when(db, imp_uid, now) if imp_uid else None
        same = one_row(
            db,
            "SELECT id FROM webhook_inbox WHERE imp_uid = ? AND first_at > ?"
            " ORDER BY id DESC LIMIT 1",
            imp_uid,
            now - SAME_S,
        )
        if same is not None:
            if imp_uid:
                places = ", ".join(f"{name} = :{name}" for name in row)
                db.conn.execute(
                    f"UPDATE webhook_inbox SET {places}, count = count + 1, checks = 0"  # noqa: S608 - our own names
                    " WHERE id = :id",
                    row | {"id": same["id"]},
                )
            return int(same["id"])
        if not known and _is_full(db):
            return 0  # the answer is the same; what is ours is never turned away
        _prune(db)
        row["first_at"] = now
        names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
        done = db.conn.execute(f"INSERT INTO webhook_inbox ({names}) VALUES ({values})", row)  # noqa: S608 - as above
        return int(done.lastrowid or 0)


def read(content_type: str, body: bytes) -> dict[str, str]:
    """What a body says, JSON or form; "" for what it does not. Values are texts of one line."""
    nothing = dict.fromkeys(_NAMES, "")
    text = body.decode("utf-8", "replace")
    found: Any
    if "json" in content_type.lower() or text.lstrip().startswith("{"):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return nothing
        if not isinstance(found, dict):
            return nothing
    else:
        found = dict(parse_qsl(text, max_num_fields=None, keep_blank_values=True))
    return nothing | {
        name: value.strip()[:_LONGEST]
        for name in _NAMES
        if isinstance(value := found.get(name), str) and value.strip().isprintable()
    }


def has_work(runtime: Runtime, db: Database) -> bool:
    """Whether :func:`work` would have something to ask about."""
    return bool(_due(runtime, db))


def work(runtime: Runtime, db: Database, *, stopped: Callable[[], bool] = lambda: False) -> None:
    """Ask PortOne about the payments that were named, a few a minute at most."""
    rows = _due(runtime, db)
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
            runtime.webhooks_asked.append(runtime.now())
            if _look_into(runtime, db, portone, row) in verifying.UNREACHABLE:
                return
        except sqlite3.OperationalError:
            raise
        except Exception:
            _log.exception("webhook %s: the look broke", row["id"])
            _later(runtime, db, row, "broken")


def replay(db: Database, row_id: int, *, person_id: int, now: int) -> bool:
    """Look into a webhook again, as if it had come again; False: there is nothing to ask about."""
    with write(db):
        row = find(db, row_id)
        if row is None or not row["imp_uid"]:
            return False
        db.conn.execute(
            "UPDATE webhook_inbox SET verdict = 'waiting', next_check_at = ?, done_at = NULL,"
            " checks = 0 WHERE id = ?",
            (_when(db, row["imp_uid"], now), row_id),
        )
        events.record(
            db,
            "webhook.replayed",
            at=now,
            actor="person",
            person_id=person_id,
            imp_uid=row["imp_uid"],
            detail={"webhook": row_id},
        )
    return True


def find(db: Database, row_id: int) -> store.Row | None:
    return one_row(db, "SELECT * FROM webhook_inbox WHERE id = ?", row_id)


def listed(db: Database, *, limit: int, offset: int) -> list[store.Row]:
    """Webhooks, newest first, with the order each belongs to, if there is one."""
    return all_rows(
        db,
        "SELECT webhook_inbox.*, payments.order_id FROM webhook_inbox"
        " LEFT JOIN payments USING (imp_uid) ORDER BY last_at DESC, id DESC LIMIT ? OFFSET ?",
        limit,
        offset,
    )


def newest(db: Database) -> store.Row | None:
    """The last one that came."""
    return one_row(db, "SELECT * FROM webhook_inbox ORDER BY last_at DESC, id DESC LIMIT 1")


# -- looking into one ---------------------------------------------------------------------------


def _look_into(runtime: Runtime, db: Database, portone: PortOne, row: store.Row) -> Why | None:
    """Look into one; answers why PortOne could not be asked, if it could not."""
    shop = gateway.read(runtime, db).shop
    try:
        payment = portone.get_payment(row["imp_uid"], sandbox=shop.sandbox or shop.practice)
    except PortOneNotFound:
        _close(runtime, db, row, "unknown", "")
        return None
    except PortOneError as error:
        _later(runtime, db, row, str(error.why))
        return error.why
    with write(db):
        applied = apply_payment(db, payment, source="webhook", now=runtime.now())
    request = store.find_by_number(db, payment.merchant_uid)
    if request is not None and (applied.outcome in ("new", "changed") or is_live(request["state"])):
        verifying.verify(runtime, db, portone, request, hint=payment.imp_uid, source="webhook")
    news = applied.outcome in ("new", "changed")
    verdict = "changed" if news else "known"
    agrees = _agrees(row, payment)
    _close(runtime, db, row, verdict if agrees else "contradicted", payment.status)
    return None


def _agrees(row: store.Row, payment: Payment) -> bool:
    """Whether PortOne says what the webhook claimed; an older claim is no contradiction."""
    if row["merchant_uid"] and row["merchant_uid"] != payment.merchant_uid:
        return False
    claimed, cancelled = row["status"], payment.cancel_amount > 0
    if claimed in ("", payment.status):
        return True
    if claimed == "paid":
        return payment.paid_at is not None
    if claimed == "ready":
        return True  # every payment once was
    return bool(claimed == "cancelled" and cancelled)


def _close(runtime: Runtime, db: Database, row: store.Row, verdict: str, detail: str) -> None:
    with write(db):
        done = db.conn.execute(
            "UPDATE webhook_inbox SET verdict = ?, detail = ?, checks = checks + 1,"
            " next_check_at = NULL, asked_at = ?, done_at = ? WHERE id = ? AND count = ?",
            (verdict, detail, runtime.now(), runtime.now(), row["id"], row["count"]),
        )
        if done.rowcount != 1:  # it came again meanwhile: asked about once more
            db.conn.execute(
                "UPDATE webhook_inbox SET asked_at = ?, next_check_at = ? WHERE id = ?",
                (runtime.now(), runtime.now() + GAP_S, row["id"]),
            )


def _later(runtime: Runtime, db: Database, row: store.Row, why: str) -> None:
    pause = PAUSES_S[min(row["checks"], len(PAUSES_S) - 1)]
    with write(db):
        db.conn.execute(
            "UPDATE webhook_inbox SET detail = ?, checks = checks + 1, next_check_at = ?,"
            " asked_at = ? WHERE id = ? AND verdict = 'waiting'",
            (why, runtime.now() + pause, runtime.now(), row["id"]),
        )


def _room(runtime: Runtime) -> int:
    """How many payments may still be asked about within this minute."""
    asked, now = runtime.webhooks_asked, runtime.now()
    while asked and not 0 <= now - asked[0] < 60:
        asked.popleft()
    return MOST_PER_MINUTE - len(asked)


def _due(runtime: Runtime, db: Database) -> list[store.Row]:
    """What may be looked into now: what is ours first, each payment once."""
    now, room = runtime.now(), _room(runtime)
    return all_rows(db, _DUE, now, now - GAP_S, room) if room > 0 else []


def _when(db: Database, imp_uid: str, now: int) -> int:
    """When PortOne may be asked about a payment again, UNIX seconds."""
    row = one_row(db, "SELECT max(asked_at) AS at FROM webhook_inbox WHERE imp_uid = ?", imp_uid)
    return max(now, (row["at"] or 0) + GAP_S) if row else now


def _is_ours(db: Database, row: Mapping[str, Any]) -> bool:
    """Whether it names something this shop knows."""
    return (
        one_row(
            db,
            "SELECT 1 FROM payments WHERE imp_uid = ?1 UNION ALL"
            " SELECT 1 FROM payment_requests WHERE merchant_uid = ?2 AND ?3 >"
            " (SELECT count(*) FROM webhook_inbox WHERE merchant_uid = ?2"
            " AND next_check_at IS NOT NULL) LIMIT 1",
            row["imp_uid"],
            row["merchant_uid"],
            MOST_OF_ONE,
        )
        is not None
    )


def _is_full(db: Database) -> bool:
    """Whether strangers have named enough for now."""
    waiting = one_row(
        db, "SELECT count(*) AS count FROM webhook_inbox WHERE next_check_at IS NOT NULL"
    )
    return waiting is not None and waiting["count"] >= MOST_STRANGERS


def _prune(db: Database) -> None:
    """What strangers made up does not fill the disk."""
    db.conn.execute(
        "DELETE FROM webhook_inbox WHERE verdict IN ('unknown', 'unreadable') AND id <="
        " (SELECT max(id) FROM webhook_inbox) - ?",
        (MOST_ROWS,),
    )
