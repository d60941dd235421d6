"""What a buyer does in a window: pay, fail, deposit, close. Source: payment-window.md 3, 5.

Every call names the window's id, which cannot be guessed, and needs nothing else.
"""

from __future__ import annotations

import logging
import re
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from flask import Blueprint, Response, request

from dashboard.sandbox import window_choices, window_rules
from dashboard.sandbox.core import sandbox
from dashboard.sandbox.envelope import NotThere, Refusal, answer
from dashboard.sandbox.incoming import choice, fields, text
from dashboard.sandbox.receipts import CASH_METHODS, vat
from dashboard.sandbox.receipts import SLIP_HOST as RECEIPT_HOST
from dashboard.sandbox.shapes import change, get_row, show
from dashboard.sandbox.store import dump, get_db, get_meta, load, write
from dashboard.sandbox.webhooks import announce
from dashboard.sandbox.windows import CLOSED, find_window, is_paid, next_url

logger = logging.getLogger(__name__)

blueprint = Blueprint("window_actions", __name__, url_prefix="/window/<window_id>")

UNKNOWN_REASON = "알 수 없음"
_DIGITS = re.compile(r"[0-9]{10,13}\Z")
_LONGEST_REASON = 200


@blueprint.post("/pay")
def pay(window_id: str) -> Response:
    """Approve the payment, or issue its account. A second call finds what the first one did.

    confirm_url is asked right before the approval of every method; of a virtual account before it
    is issued: there is nothing to approve later, the deposit comes when it comes.
    """
    db = get_db()
    window = _open(db, window_id)
    if window["ended"]:
        return _told(window)
    params, chosen = load(window["params"]), fields()
    found = window_choices.facts(params, chosen)  # refused before anybody is asked
    with _alone(window_id):
        window = _open(db, window_id)
        if window["ended"]:  # while this one was on its way
            return _told(window)
        row = get_row(db, window["imp_uid"])
        refusal = _confirm(params.get("confirm_url"), row)
        with write(db):
            window = _open(db, window_id)
            row = get_row(db, window["imp_uid"])
            if window["ended"] or row["status"] != "ready":
                return _told(window)
            if refusal is not None:
                reason = f"결제 승인 전 가맹점 확인에서 거절되었습니다: {refusal}"
                _fail(db, window, row, reason, "CONFIRM_REFUSED")
            elif is_paid(db, row["merchant_uid"]):
                _fail(db, window, row, "이미 결제가 이뤄진 주문번호입니다.", "ALREADY_PAID")
            elif row["pay_method"] == "vbank":
                row = _issue(db, window, row, found)
            else:
                row = _approve(db, window, row, found)
            window = _open(db, window_id)
    if window["ended"] in {"paid", "account"}:
        announce(db, row)
    return _told(window)


@blueprint.post("/fail")
def fail(window_id: str) -> Response:
    """The gateway says no, for ``reason``. No webhook: a failed payment sends none."""
    db = get_db()
    with write(db):
        window = _open(db, window_id)
        if not window["ended"]:
            row = get_row(db, window["imp_uid"])
            allowed = window_choices.fail_reasons(row["pay_method"])
            reason = choice("reason", allowed, default=allowed[0])
            _fail(db, window, row, reason, "PAYMENT_FAILED")
            window = _open(db, window_id)
    return _told(window)


@blueprint.post("/close")
def close(window_id: str) -> Response:
    """The buyer leaves: the payment stays ``ready``; one with an account is simply done."""
    db = get_db()
    with write(db):
        window = find_window(db, window_id)
        if window is None:
            raise NotThere("연습용 결제창을 찾을 수 없습니다.")
        if window_id in sandbox().paying:
            raise Refusal("결제가 진행 중입니다.", http=409)
        if not window["ended"]:
            _end(db, window, "closed", _why_closed(window))
            window = find_window(db, window_id)
    return _told(window)


@blueprint.post("/deposit")
def deposit(window_id: str) -> Response:
    """The buyer pays into the account that was just issued."""
    db, now = get_db(), sandbox().now()
    paid = False
    with write(db):
        window = _open(db, window_id)
        row = get_row(db, window["imp_uid"])
        if window["ended"] != "account" or row["status"] not in {"ready", "paid"}:
            raise Refusal("입금을 기다리는 계좌가 아닙니다.", http=409)
        if row["status"] == "ready":
            if now > load(row["facts"])["vbank_date"]:
                raise Refusal("입금기한이 지났습니다.", http=409)
            row = change(db, row, status="paid", paid_at=now, updated_at=now, final_at=now)
            paid = True
    if paid:
        announce(db, row)
    return _told(window)


# -- steps --------------------------------------------------------------------------------------


def _open(db: sqlite3.Connection, window_id: str) -> sqlite3.Row:
    """:raise NotThere: no such window, or one that never opened"""
    window = find_window(db, window_id)
    if window is None or window["imp_uid"] is None:
        raise NotThere("연습용 결제창을 찾을 수 없습니다.")
    return window


def _told(window: sqlite3.Row | None) -> Response:
    """How the window stands: ``ended``, the caller's ``result``, the ``next`` page on a phone."""
    if window is None:
        raise NotThere("연습용 결제창을 찾을 수 없습니다.")
    result = load(window["result"]) if window["result"] else None
    return answer({"ended": window["ended"], "result": result, "next": next_url(window)})


@contextmanager
def _alone(window_id: str) -> Iterator[None]:
    """One approval at a time for one window: a double click asks confirm_url once.

    :raise Refusal: 409, another one is at it
    """
    box = sandbox()
    with box.lock:
        if window_id in box.paying:
            raise Refusal("결제가 진행 중입니다.", http=409)
        box.paying.add(window_id)
    try:
        yield
    finally:
        with box.lock:
            box.paying.discard(window_id)


def _confirm(url: Any, row: sqlite3.Row) -> str | None:
    """Ask the shop; None when it agrees, else its reason. Silence is a refusal."""
    if not url or request.environ.get("sandbox.play"):
        return None
    body = {
        "imp_uid": row["imp_uid"],
        "merchant_uid": row["merchant_uid"],
        "amount": show(row["amount"], row["currency"]),
    }
    try:
        with requests.Session() as session:
            session.trust_env = False
            found = session.post(
                url, json=body, timeout=sandbox().switches.confirm_timeout_s, allow_redirects=False
            )
        if found.status_code == 200:
            return None
        said = found.json().get("reason")
    except (requests.RequestException, ValueError, AttributeError):
        logger.debug("confirm_url did not answer as documented", exc_info=True)
        said = None
    return said[:_LONGEST_REASON] if isinstance(said, str) and said else UNKNOWN_REASON


def _approve(
    db: sqlite3.Connection, window: sqlite3.Row, row: sqlite3.Row, found: dict[str, Any]
) -> sqlite3.Row:
    now = sandbox().now()
    facts = load(row["facts"]) | found
    _cash_receipt(db, window, row, facts)
    row = change(
        db, row, status="paid", paid_at=now, updated_at=now, final_at=now, facts=dump(facts)
    )
    _end(db, window, "paid", {})
    return row


def _issue(
    db: sqlite3.Connection, window: sqlite3.Row, row: sqlite3.Row, found: dict[str, Any]
) -> sqlite3.Row:
    params, now = load(window["params"]), sandbox().now()
    facts = load(row["facts"]) | found
    facts |= window_choices.account(params, fields(), get_meta(db, "shop_name", "장부상점"))
    facts["vbank_date"] = int(window_rules.due_at(params["vbank_due"]) or now)
    facts["vbank_issued_at"] = now
    row = change(db, row, updated_at=now, facts=dump(facts))
    _end(db, window, "account", {})
    return row


def _fail(
    db: sqlite3.Connection, window: sqlite3.Row, row: sqlite3.Row, reason: str, code: str
) -> None:
    now = sandbox().now()
    if row["status"] == "ready":
        change(
            db,
            row,
            status="failed",
            failed_at=now,
            updated_at=now,
            final_at=now,
            fail_reason=reason,
        )
    _end(db, window, "failed", {"error_code": code, "error_msg": reason})


def _end(db: sqlite3.Connection, window: sqlite3.Row, ended: str, error: dict[str, str]) -> None:
    result = {
        "imp_uid": window["imp_uid"],
        "merchant_uid": load(window["params"]).get("merchant_uid"),
        **error,
    }
    db.execute(
        "UPDATE windows SET ended = ?, result = ? WHERE id = ?",
        (ended, dump(result), window["id"]),
    )


def _why_closed(window: sqlite3.Row) -> dict[str, str]:
    wrong = load(window["objections"])
    if not wrong:
        return CLOSED
    first = wrong[0]
    return {"error_code": first["code"], "error_msg": f"[{first['parameter']}] {first['ko']}"}


def _cash_receipt(
    db: sqlite3.Connection, window: sqlite3.Row, row: sqlite3.Row, facts: dict[str, Any]
) -> None:
    """Issue the cash receipt a buyer asked for in a transfer's window.

    K40: digits only; with a hyphen, or anything else, nothing is issued and nobody says so.
    """
    if row["pay_method"] not in CASH_METHODS or not _DIGITS.match(text("cash_receipt")):
        return
    kind = choice("cash_receipt_type", ("person", "company"), default="person")
    tid = f"{facts['pg_tid']}R"
    tax_free = int(load(window["params"]).get("tax_free") or 0)
    shape = {
        "imp_uid": row["imp_uid"],
        "receipt_tid": tid,
        "apply_num": f"{secrets.randbelow(10**9):09d}",
        "type": kind,
        "amount": row["amount"],
        "vat": vat(row["amount"] - tax_free),
        "receipt_url": f"{RECEIPT_HOST}/cash/{tid}",
        "applied_at": sandbox().now(),
        "cancelled_at": 0,
    }
    db.execute(
        "INSERT INTO receipts (route, uid, shape, sent) VALUES ('payment', ?, ?, '{}')",
        (row["imp_uid"], dump(shape)),
    )
    facts["cash_receipt_issued"] = True
