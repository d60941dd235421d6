"""What order pages and the tasks page tell of receipts, without knowing how one is issued."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from dashboard.receipts import known
from dashboard.receipts.words import identifier_words, row_words, state_words, type_word
from dashboard.refunds import tasks


@dataclass(frozen=True, kw_only=True)
class Told:
    """One receipt in a list, ready to print."""

    row: known.Row
    word: str
    tone: str
    whom: str


@dataclass(frozen=True, kw_only=True)
class ReceiptsOf:
    """The receipts of one payment, and what is to be done about them."""

    imp_uid: str
    standing: str
    word: str
    tone: str
    live_id: str | None
    may_issue: bool
    told: tuple[Told, ...]
    closed: tuple[known.Row, ...]  # tasks somebody closed in words, with a file or without


def receipts_of_order(db: Database, order_id: int) -> Sequence[ReceiptsOf]:
    """By payment of an order that can have one: paid by transfer or virtual account."""
    rows = db.conn.execute(
        "SELECT imp_uid, state FROM payments WHERE order_id = ? AND paid_at IS NOT NULL"
        " AND currency = 'KRW' AND pay_method IN ('trans', 'vbank') ORDER BY paid_at DESC",
        (order_id,),
    )
    ended = [
        one for one in tasks.tasks_of(db, order_id) if one["state"] != "open" and one["reason"]
    ]
    return [_of_payment(db, str(row[0]), str(row[1]), ended) for row in rows.fetchall()]


def _of_payment(db: Database, imp_uid: str, state: str, ended: Sequence[known.Row]) -> ReceiptsOf:
    latest = known.latest_of(db, imp_uid)
    standing = known.standing(latest, tasks.open_kinds(db, imp_uid))
    word, tone = state_words(standing)
    lives = latest is not None and latest["state"] == "issued"
    return ReceiptsOf(
        imp_uid=imp_uid,
        standing=standing,
        word=word,
        tone=tone,
        live_id=str(latest["id"]) if latest is not None and lives else None,
        may_issue=state in ("paid", "partial"),
        told=tuple(
            Told(
                row=row,
                word=row_words(row)[0],
                tone=row_words(row)[1],
                whom=" · ".join(filter(None, (type_word(row["type"]), identifier_words(row)))),
            )
            for row in known.receipts_of(db, imp_uid)
        ),
        closed=tuple(
            one for one in ended if one["imp_uid"] == imp_uid and one["kind"].startswith("receipt_")
        ),
    )
