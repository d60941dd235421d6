"""Looking payments up, singly, by order number, by status. Source: portone-v1-api 4."""

from __future__ import annotations

import sqlite3
from typing import Any

from flask import Blueprint, Response, request

from dashboard.sandbox.core import sandbox
from dashboard.sandbox.envelope import Malformed, NotThere, Refusal, answer
from dashboard.sandbox.incoming import query_int
from dashboard.sandbox.shapes import find_row, read_shape, show
from dashboard.sandbox.store import get_db

blueprint = Blueprint("payments", __name__)

STATUSES = ("ready", "paid", "cancelled", "failed")
MOST_IDS = 100
WINDOW_S = 90 * 24 * 60 * 60
DEFAULT_LIMIT = 20
MOST_LIMIT = 1000

_SORTINGS = {
    "started": "started_at, id",
    "-started": "started_at DESC, id DESC",
    "paid": "paid_at, id",
    "-paid": "paid_at DESC, id DESC",
    "updated": "updated_at, id",
    "-updated": "updated_at DESC, id DESC",
}


@blueprint.get("/payments/<imp_uid>")
def one(imp_uid: str) -> Response:
    """One payment; a test-channel one only with ``include_sandbox=true``.

    Source: PortOne notices of 2025-11-24 and -25. Only here: every other look-up shows them.
    """
    row = find_row(get_db(), imp_uid)
    included = request.args.get("include_sandbox", "").strip().lower() in {"true", "1"}
    if row is None or (row["sandbox"] and not included):
        raise NotThere()
    return answer(read_shape(row))


@blueprint.get("/payments")
def several() -> Response:
    """Up to 100 payments by id; 207 when some are missing, 404 when all are.

    How missing ids are marked is not documented; they stand in ``failed`` beside ``response``,
    where the published Node client looks for them. The order is not that of the question.
    """
    imp_uids, merchant_uids = _asked("imp_uid"), _asked("merchant_uid")
    count = len(imp_uids) + len(merchant_uids)
    if count == 0:
        raise Malformed("imp_uid[] 또는 merchant_uid[]가 필요합니다.")
    if count > MOST_IDS:
        raise Malformed(f"한 번에 최대 {MOST_IDS}건까지 조회할 수 있습니다.")
    rows = (
        get_db()
        .execute(
            f"SELECT * FROM payments WHERE imp_uid IN ({_places(imp_uids)})"  # noqa: S608
            f" OR merchant_uid IN ({_places(merchant_uids)}) ORDER BY started_at DESC, id DESC",
            [*imp_uids, *merchant_uids],
        )
        .fetchall()
    )
    known = {row["imp_uid"] for row in rows} | {row["merchant_uid"] for row in rows}
    failed = [uid for uid in dict.fromkeys(imp_uids + merchant_uids) if uid not in known]
    if not rows:
        raise NotThere("해당되는 결제건을 찾지 못하였습니다.")
    found = [read_shape(row) for row in rows]
    return answer(found, http=207, failed=failed) if failed else answer(found)


def _asked(name: str) -> list[str]:
    """``imp_uid[]=a&imp_uid[]=b``, also with numbered brackets."""
    return [
        value.strip()
        for key, value in request.args.items(multi=True)
        if key.startswith(f"{name}[") and key.endswith("]") and value.strip()
    ]


def _places(values: list[str]) -> str:
    return ", ".join("?" * len(values))


@blueprint.get("/payments/find/<merchant_uid>", defaults={"payment_status": "all"})
@blueprint.get("/payments/find/<merchant_uid>/<payment_status>")
def first_of_order(merchant_uid: str, payment_status: str) -> Response:
    """The first payment of an order number by sort order."""
    where, values = _of_order(merchant_uid, payment_status)
    if payment_status not in (*STATUSES, "all"):
        raise NotThere("거래건이 존재하지 않습니다.")
    row = (
        get_db()
        .execute(f"SELECT * FROM payments WHERE {where} ORDER BY {_order()} LIMIT 1", values)  # noqa: S608
        .fetchone()
    )
    if row is None:
        raise NotThere("거래건이 존재하지 않습니다.")
    return answer(read_shape(row))


@blueprint.get("/payments/findAll")
def all_of_nothing() -> Response:
    raise Malformed("merchant_uid가 누락되었습니다.")


@blueprint.get("/payments/findAll/<merchant_uid>", defaults={"payment_status": "all"})
@blueprint.get("/payments/findAll/<merchant_uid>/<payment_status>")
def all_of_order(merchant_uid: str, payment_status: str) -> Response:
    """All payments of an order number, paged."""
    _check_status(payment_status)
    where, values = _of_order(merchant_uid, payment_status)
    page = _page(where, values)
    if page["total"] == 0:
        raise NotThere("유효하지 않은 merchant_uid입니다.")
    return answer(page)


@blueprint.get("/payments/status/<payment_status>")
def by_status(payment_status: str) -> Response:
    """Payments whose final status came about between ``from`` and ``to``, at most 90 days."""
    _check_status(payment_status)
    to_at = query_int("to", sandbox().now(), least=0)
    from_at = query_int("from", to_at - WINDOW_S, least=-WINDOW_S)
    if to_at - from_at > WINDOW_S:
        raise Malformed("검색기간은 최대 90일입니다.")
    where = "final_at BETWEEN ? AND ?"
    values: list[Any] = [from_at, to_at]
    if payment_status != "all":
        where, values = where + " AND status = ?", [*values, payment_status]
    return answer(_page(where, values))


def _check_status(payment_status: str) -> None:
    if payment_status not in (*STATUSES, "all"):
        raise Malformed("유효하지 않은 payment_status입니다.")


def _of_order(merchant_uid: str, payment_status: str) -> tuple[str, list[Any]]:
    if payment_status == "all":
        return "merchant_uid = ?", [merchant_uid]
    return "merchant_uid = ? AND status = ?", [merchant_uid, payment_status]


def _order() -> str:
    sorting = request.args.get("sorting", "").strip() or "-started"
    if sorting not in _SORTINGS:
        raise Malformed("유효하지 않은 sorting입니다.")
    return _SORTINGS[sorting]


def _page(where: str, values: list[Any]) -> dict[str, Any]:
    """One page; past the end is an error, the first page of nothing is not past it.

    :raise Malformed: a page beyond the end, a bad page, limit or sorting
    """
    page = query_int("page", 1, least=1)
    limit = query_int("limit", DEFAULT_LIMIT, least=1, most=MOST_LIMIT)
    order, db = _order(), get_db()
    # One read transaction: the count and the rows belong to the same moment.
    db.execute("BEGIN")
    try:
        total = db.execute(f"SELECT count(*) FROM payments WHERE {where}", values).fetchone()[0]  # noqa: S608
        last = max(1, -(-total // limit))
        if page > last:
            raise Malformed("데이터 범위를 벗어난 page입니다.")
        # The inner SELECT sorts inside the index; only the page's rows are read whole.
        rows = db.execute(
            "SELECT * FROM payments JOIN (SELECT id AS chosen FROM payments"  # noqa: S608
            f" WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?) ON id = chosen ORDER BY {order}",
            [*values, limit, (page - 1) * limit],
        ).fetchall()
    finally:
        db.execute("ROLLBACK")
    return {
        "total": total,
        "previous": page - 1,
        "next": page + 1 if page < last else 0,
        "list": [read_shape(row) for row in rows],
    }


@blueprint.get("/payments/<imp_uid>/balance")
def balance(imp_uid: str) -> Response:
    """Breakdown of the amount. PAYCO's direct contract only, as documented: 405 for the rest."""
    row = find_row(get_db(), imp_uid)
    if row is None:
        raise NotThere()
    payment = read_shape(row)
    if payment["pg_provider"] != "payco":
        raise Refusal("PAYCO 결제건만 조회할 수 있습니다.", http=405)
    return answer(_breakdown(row))


def _breakdown(row: sqlite3.Row) -> dict[str, Any]:
    left = row["amount"] - row["cancel_amount"]
    vat = left // 11
    nothing = {"tax_free": 0, "supply": 0, "vat": 0, "service": 0}
    parts = {
        "cash_receipt": nothing,
        "primary": {"tax_free": 0, "supply": left - vat, "vat": vat, "service": 0},
        "secondary": nothing,
        "discount": nothing,
    }
    first_vat = row["amount"] // 11
    first = parts | {
        "primary": nothing | {"supply": row["amount"] - first_vat, "vat": first_vat},
        "created": row["paid_at"],
    }
    return {"amount": show(row["amount"], row["currency"]), **parts, "histories": [first]}
