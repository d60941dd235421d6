"""All that was ever asked to be refunded, in one list: sent to PortOne, by hand, or never sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from dashboard.refunds.rules import NONCE_LENGTH

Row = Mapping[str, Any]

RESULTS = ("done", "by_hand", "not", "by_owner", "open")
SOURCES = ("portone", "by_hand", "never_sent")
_MARK = NONCE_LENGTH + len(" []")  # what stands behind the reason of a refund that was sent

_ALL = f"""
    WITH asked AS (
        SELECT 'portone' AS source, id, order_id, imp_uid, created_at, state, amount, tax_free,
            person_id, substr(reason, 1, length(reason) - {_MARK}) AS reason,
            cancellation_id AS number, cancelled_at AS done_at, alarm, kind,
            CASE state WHEN 'succeeded' THEN 'done' WHEN 'settled_by_owner' THEN 'by_owner'
                WHEN 'rejected' THEN 'not' WHEN 'not_executed' THEN 'not' ELSE 'open' END AS result
        FROM refunds
        UNION ALL
        SELECT 'by_hand', id, order_id, imp_uid, created_at, state, amount, tax_free, person_id,
            reason, bank_reference, ended_at, NULL, NULL,
            CASE state WHEN 'done' THEN 'by_hand' ELSE 'not' END
        FROM manual_refunds WHERE ended_at IS NOT NULL
        UNION ALL
        SELECT 'never_sent', id, order_id, imp_uid, created_at, state, amount, tax_free, person_id,
            reason, NULL, NULL, NULL, kind, 'not'
        FROM refund_requests WHERE state IN ('declined', 'withdrawn', 'expired')
    )
"""  # noqa: S608 - our own number


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Which of them: a stretch of time they were asked for in (UNIX seconds, the end exclusive),
    how it ended, which way it went, the method paid with, and a text in order number, product,
    buyer, reason or the numbers of PortOne and the bank. "" and None: all."""

    from_at: int | None = None
    to_at: int | None = None
    result: str = ""
    source: str = ""
    method: str = ""
    text: str = ""


def find(db: Database, choice: Choice, *, limit: int = -1, offset: int = 0) -> Sequence[Row]:
    """The chosen ones with order, payment and person, newest first.

    :param limit: -1: all of them
    """
    where, values = _where(choice)
    rows = db.conn.execute(
        f"{_ALL} SELECT a.*, o.merchant_uid, o.name, o.buyer_name, p.pay_method,"  # noqa: S608 - our own words
        " p.emb_pg_provider, p.sandbox, person.name AS person"
        " FROM asked a JOIN orders o ON o.id = a.order_id JOIN payments p ON p.imp_uid = a.imp_uid"
        f" JOIN people person ON person.id = a.person_id WHERE {where}"
        " ORDER BY a.created_at DESC, a.id LIMIT ? OFFSET ?",
        [*values, limit, offset],
    )
    return [dict(row) for row in rows]


def sums(db: Database, choice: Choice) -> dict[str, tuple[int, int]]:
    """Count and won by result, over the same choice as :func:`find`; test payments are counted,
    their won are not."""
    where, values = _where(choice)
    found = dict.fromkeys(RESULTS, (0, 0))
    for row in db.conn.execute(
        f"{_ALL} SELECT a.result, count(*), "  # noqa: S608 - our own words
        " coalesce(sum(a.amount) FILTER (WHERE NOT p.sandbox), 0)"
        " FROM asked a JOIN orders o ON o.id = a.order_id JOIN payments p ON p.imp_uid = a.imp_uid"
        f" WHERE {where} GROUP BY a.result",
        values,
    ):
        found[row[0]] = (row[1], row[2])
    return found


def reasons(db: Database, choice: Choice) -> list[tuple[str, int, int]]:
    """Reason, count and won of what went back, by PortOne or by hand; the largest sum first."""
    where, values = _where(choice)
    return [
        (row[0], row[1], row[2])
        for row in db.conn.execute(
            f"{_ALL} SELECT trim(a.reason), count(*), sum(a.amount) FROM asked a"  # noqa: S608 - our own words
            " JOIN orders o ON o.id = a.order_id JOIN payments p ON p.imp_uid = a.imp_uid"
            f" WHERE {where} AND a.result IN ('done', 'by_hand') AND NOT p.sandbox"
            " GROUP BY 1 ORDER BY 3 DESC, 1",
            values,
        )
    ]


def _where(choice: Choice) -> tuple[str, list[Any]]:
    parts: list[tuple[str, list[Any]]] = [("1", [])]
    for condition, value in (
        ("a.created_at >= ?", choice.from_at),
        ("a.created_at < ?", choice.to_at),
        ("a.result = ?", choice.result or None),
        ("a.source = ?", choice.source or None),
        ("o.method = ?", choice.method or None),
    ):
        if value is not None:
            parts.append((condition, [value]))
    if choice.text:
        fields = (
            "o.merchant_uid", "a.imp_uid", "o.name", "o.buyer_name", "a.reason",
            "coalesce(a.number, '')",
        )  # fmt: skip
        any_of = " OR ".join(f"instr(lower({name}), lower(?))" for name in fields)
        parts.append((f"({any_of})", [choice.text] * len(fields)))
    return " AND ".join(part for part, _ in parts), [one for _, some in parts for one in some]
