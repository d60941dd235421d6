"""Virtual accounts by API. Source: portone-v1-api 8, K35-K37, K39."""

from __future__ import annotations

import json
import re
import secrets
import sqlite3
from typing import Any

from flask import Blueprint, Response

from dashboard.sandbox.channels import banks, find_channel
from dashboard.sandbox.core import sandbox
from dashboard.sandbox.envelope import Malformed, NotThere, Refusal, answer
from dashboard.sandbox.incoming import choice, fields, text, unix_seconds, whole
from dashboard.sandbox.numbers import next_imp_uid
from dashboard.sandbox.shapes import change, find_row, get_row, shape
from dashboard.sandbox.store import dump, get_db, get_meta, write
from dashboard.sandbox.webhooks import announce, remember_urls
from dashboard.sandbox.window_rules import is_url, notice_urls

blueprint = Blueprint("vbanks", __name__)

_BANK_CODE = re.compile(r"[0-9]{2,3}\Z")
_REVOKED = "가상계좌 발급취소"


@blueprint.post("/vbanks")
def issue() -> Response:
    """Issue an account to pay into; one order number may own several open ones."""
    db = get_db()
    channel = find_channel(db, text("channel_key", required=True))
    if channel is None or channel["pg_provider"] != "ksnet":
        raise Malformed("유효하지 않은 channel_key입니다.")
    merchant_uid = text("merchant_uid", required=True, longest=40)
    amount = whole("amount")
    if amount is None or amount <= 0:
        raise Malformed("필수 파라미터가 누락되었습니다: amount")
    facts = _facts(channel)
    urls = notice_urls(fields().get("notice_url"))
    if not all(map(is_url, urls)):
        raise Malformed("notice_url 값이 올바르지 않습니다.")
    now = sandbox().now()
    with write(db):
        if db.execute(
            "SELECT 1 FROM payments WHERE merchant_uid = ? AND paid_at > 0", (merchant_uid,)
        ).fetchone():
            raise Refusal("이미 결제가 이뤄진 merchant_uid입니다.")
        imp_uid = next_imp_uid(db)
        db.execute(
            "INSERT INTO payments (imp_uid, merchant_uid, status, pay_method, amount, currency,"
            " sandbox, started_at, updated_at, final_at, facts)"
            " VALUES (?, ?, 'ready', 'vbank', ?, 'KRW', ?, ?, ?, ?, ?)",
            (imp_uid, merchant_uid, amount, channel["sandbox"], now, now, now, dump(facts)),
        )
        remember_urls(db, imp_uid, urls)
        row = get_row(db, imp_uid)
        made = shape(row)
    announce(db, row)
    return answer(made)


def _facts(channel: sqlite3.Row) -> dict[str, Any]:
    """:raise Malformed: a field is missing, too long or written another way"""
    box = sandbox()
    code = text("vbank_code", required=True)
    if not _BANK_CODE.match(code):  # K8: no table is published, every such code is taken
        raise Malformed("vbank_code 값이 올바르지 않습니다.")
    due = unix_seconds(fields().get("vbank_due"), "vbank_due")  # K35, K36
    if due <= box.now():
        raise Malformed("vbank_due는 현재보다 이후 시각이어야 합니다.")
    choice("product_type", ("real", "digital"), required=True)
    code = code.zfill(3)
    custom_data = fields().get("custom_data")
    if custom_data is not None and not isinstance(custom_data, str):
        custom_data = json.dumps(custom_data, ensure_ascii=False)
    return {
        "channel": "api",
        "pg_provider": channel["pg_provider"],
        "pg_id": channel["pg_id"],
        "pg_tid": secrets.token_hex(8),
        "vbank_code": code,
        "vbank_name": banks().get(code, "기타은행"),
        "vbank_num": f"{secrets.randbelow(10**14):014d}",
        # K37: always the merchant's name, whatever vbank_holder says.
        "vbank_holder": get_meta(get_db(), "shop_name", "장부상점"),
        "vbank_date": due,
        "vbank_issued_at": box.now(),
        "name": text("name", longest=40) or None,
        "buyer_name": text("buyer_name", required=True, longest=16),
        "buyer_email": text("buyer_email", longest=64) or None,
        "buyer_tel": text("buyer_tel", longest=16) or None,
        "buyer_addr": text("buyer_addr", longest=128) or None,
        "buyer_postcode": text("buyer_postcode", longest=8) or None,
        "custom_data": custom_data,
    }


@blueprint.delete("/vbanks/<imp_uid>")
def revoke(imp_uid: str) -> Response:
    """Revoke before the deposit.

    What status a revoked account shows is not documented: it becomes ``cancelled`` with nothing
    paid and nothing cancelled (``paid_at`` 0, ``cancel_amount`` 0).
    """
    db, now = get_db(), sandbox().now()
    with write(db):
        row = _waiting(db, imp_uid)
        row = change(
            db,
            row,
            status="cancelled",
            cancelled_at=now,
            updated_at=now,
            final_at=now,
            cancel_reason=_REVOKED,
        )
        made = shape(row)
    return answer(made)


@blueprint.put("/vbanks/<imp_uid>")
def alter(imp_uid: str) -> Response:
    """Settle Bank only: KSNET's accounts are revoked and issued anew (K39)."""
    _waiting(get_db(), imp_uid)
    raise Malformed("가상계좌 수정을 지원하지 않는 PG사입니다.")


def _waiting(db: sqlite3.Connection, imp_uid: str) -> sqlite3.Row:
    row = find_row(db, imp_uid)
    if row is None:
        raise NotThere()
    if row["pay_method"] != "vbank":
        raise Malformed("가상계좌 결제건이 아닙니다.")
    if row["status"] != "ready":
        raise Malformed("가상계좌가 입금대기 상태(ready)가 아닙니다.")
    return row
