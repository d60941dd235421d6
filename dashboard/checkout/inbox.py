"""Webhooks (결제알림): each is a knock on the door. It is written down, answered, and looked into.

V1 signs nothing, so a body can only make Jangbu ask PortOne about a payment; what it claims is
kept to be compared. Source: payment-window, 6; F80-F84; SEC-32, SEC-33.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from sqlite_utils import Database

from dashboard import events, gateway
from dashboard.checkout import store, verifying
from dashboard.database import all_rows, one_row, write
from dashboard.orders.ledger import apply_payment
from dashboard.portone import Payment, PortOne, PortOneError, PortOneNotFound
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
_LONGEST = 100  # characters of a field


def receive(db: Database, *, content_type: str, body: bytes, remote_addr: str, now: int) -> int:
    """Write a webhook down for the worker; answers its row.

    Asks nobody, so the answer to PortOne takes no longer than a row. Whatever the body is, the
    answer outside is the same: strangers learn nothing (SEC-33).

    :raise sqlite3.OperationalError: the file is busy, full or cannot be written: PortOne is told,
        and comes again where retries are on
    """
    told = read(content_type, body)
    imp_uid = told.get("imp_uid", "")
    known = is_imp_uid(imp_uid)
    with write(db):
        same = one_row(
            db,
            "SELECT * FROM webhook_inbox WHERE imp_uid = ? AND last_at > ?"
            " ORDER BY id DESC LIMIT 1",
            imp_uid if known else "",
            now - SAME_S,
        )
        verdict = "waiting" if known else "unreadable"
        if same is not None and same["status"] == told.get("status", ""):
            db.conn.execute(
                "UPDATE webhook_inbox SET count = count + 1, last_at = ?, verdict = ?,"
                " next_check_at = ?, done_at = iif(?, NULL, done_at), checks = 0 WHERE id = ?",
                (now, verdict, _when(db, imp_uid, now) if known else None, known, same["id"]),
            )
            return int(same["id"])
        if same is not None and not known:
            return int(same["id"])  # one row a minute of what nobody can read
        _prune(db)
        return int(
            db.conn.execute(
                "INSERT INTO webhook_inbox (first_at, last_at, content_type, remote_addr, body,"
                " imp_uid, merchant_uid, status, cancellation_id, verdict, next_check_at, done_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    now,
                    now,
                    content_type[:_LONGEST],
                    remote_addr,
                    mask_text(body[:LONGEST_BODY].decode("utf-8", "replace")),
                    imp_uid if known else "",
                    *(told.get(name, "") for name in ("merchant_uid", "status", "cancellation_id")),
                    verdict,
                    _when(db, imp_uid, now) if known else None,
                    None if known else now,
                ),
            ).lastrowid
            or 0
        )


def read(content_type: str, body: bytes) -> dict[str, str]:
    """What a body says, JSON or form; nothing for what is neither. Values are texts of one line."""
    text = body.decode("utf-8", "replace")
    found: Any
    if "json" in content_type.lower() or text.lstrip().startswith("{"):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return {}
        if not isinstance(found, dict):
            return {}
    else:
        found = dict(parse_qsl(text, max_num_fields=None, keep_blank_values=True))
    return {
        name: value.strip()[:_LONGEST]
        for name in ("imp_uid", "merchant_uid", "status", "cancellation_id")
        if isinstance(value := found.get(name), str) and value.strip().isprintable()
    }


def has_work(runtime: Runtime, db: Database) -> bool:
    """Whether :func:`work` would have something to ask about."""
    return bool(_due(db, runtime.now()))


def work(runtime: Runtime, db: Database, *, stopped: Callable[[], bool] = lambda: False) -> None:
    """Ask PortOne about the payments that were named, a few a minute at most."""
    rows = _due(db, runtime.now())
    if not rows:
        return
    try:
        portone = portone_of(runtime, db)
    except (NoKeys, OtherShop):
        return
    for row in rows:
        if stopped():
            return
        try:
            _look_into(runtime, db, portone, row)
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


def _look_into(runtime: Runtime, db: Database, portone: PortOne, row: store.Row) -> None:
    shop = gateway.read(runtime, db).shop
    try:
        payment = portone.get_payment(row["imp_uid"], sandbox=shop.sandbox or shop.practice)
    except PortOneNotFound:
        _close(runtime, db, row, "unknown", "")
        return
    except PortOneError as error:
        _later(runtime, db, row, str(error.why))
        return
    with write(db):
        applied = apply_payment(db, payment, source="webhook", now=runtime.now())
    request = store.find_by_number(db, payment.merchant_uid)
    if request is not None and (
        applied.outcome in ("new", "changed") or verifying.is_live(request)
    ):
        verifying.verify(runtime, db, portone, request, hint=payment.imp_uid, source="webhook")
    if not _agrees(row, payment):
        _close(runtime, db, row, "contradicted", payment.status)
        return
    news = applied.outcome in ("new", "changed")
    _close(runtime, db, row, "changed" if news else "known", payment.status)


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
        db.conn.execute(
            "UPDATE webhook_inbox SET verdict = ?, detail = ?, checks = checks + 1,"
            " next_check_at = NULL, asked_at = ?, done_at = ? WHERE id = ?",
            (verdict, detail, runtime.now(), runtime.now(), row["id"]),
        )


def _later(runtime: Runtime, db: Database, row: store.Row, why: str) -> None:
    pause = PAUSES_S[min(row["checks"], len(PAUSES_S) - 1)]
    with write(db):
        db.conn.execute(
            "UPDATE webhook_inbox SET detail = ?, checks = checks + 1, next_check_at = ?,"
            " asked_at = ? WHERE id = ? AND verdict = 'waiting'",
            (why, runtime.now() + pause, runtime.now(), row["id"]),
        )


def _due(db: Database, now: int) -> list[store.Row]:
    asked = one_row(db, "SELECT count(*) AS count FROM webhook_inbox WHERE asked_at > ?", now - 60)
    left = MOST_PER_MINUTE - (asked["count"] if asked else 0)
    if left <= 0:
        return []
    return all_rows(
        db,
        "SELECT * FROM webhook_inbox AS one WHERE next_check_at <= ?1 AND NOT EXISTS"
        " (SELECT 1 FROM webhook_inbox WHERE imp_uid = one.imp_uid AND asked_at > ?2)"
        " GROUP BY imp_uid ORDER BY next_check_at, id LIMIT ?3",
        now,
        now - GAP_S,
        left,
    )


def _when(db: Database, imp_uid: str, now: int) -> int:
    """When PortOne may be asked about a payment again, UNIX seconds."""
    row = one_row(db, "SELECT max(asked_at) AS at FROM webhook_inbox WHERE imp_uid = ?", imp_uid)
    return max(now, (row["at"] or 0) + GAP_S) if row else now


def _prune(db: Database) -> None:
    """What strangers made up does not fill the disk."""
    db.conn.execute(
        "DELETE FROM webhook_inbox WHERE verdict IN ('unknown', 'unreadable') AND id <="
        " (SELECT max(id) FROM webhook_inbox) - ?",
        (MOST_ROWS,),
    )
