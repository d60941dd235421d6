"""A shop with orders, notes and people, and nobody at the far end of the line."""

from __future__ import annotations

import hashlib
import io

import pytest
from PIL import Image

from dashboard import events, settings
from dashboard.checkout.wishes import wish_to_json
from dashboard.database import write
from dashboard.ksnet import WindowWish
from dashboard.orders.ledger import apply_payment
from dashboard.portone import PortOneNotSent, Why
from dashboard.runtime import Runtime
from dashboard.sealed import seal
from tests.conftest import START
from tests.door.routes import BATCH, BULK, BY_HAND, EVIDENCE, RECEIPT, REFUND, REQUEST
from tests.orders.payments import make_payment


class Silence:
    """A PortOne that cannot be reached, whatever is asked of it."""

    def __getattr__(self, _name):
        def fail(*_args, **_given):
            raise PortOneNotSent(Why.NO_CONNECTION)

        return fail


@pytest.fixture
def shop(app, db, monkeypatch):
    """The application over a ledger with an order in most states."""
    monkeypatch.setattr(Runtime, "portone", lambda *_args, **_given: Silence())
    payments = [
        make_payment(),
        make_payment(3_000),
        make_payment(10_000),
        make_payment(status="failed"),
        make_payment(status="ready", pay_method="vbank", vbank_num="12345678901234"),
        make_payment(status="ready"),
        make_payment(sandbox=True),
        make_payment(currency="USD", amount=1_200),
    ]
    with write(db):
        settings.put(db, "shop_name", "달빛꽃집")
        settings.put(db, "sells_tax_free", "yes")
        for number, payment in enumerate(payments, 1):
            again = make_payment_like(payment, number)
            apply_payment(db, again, source="sync", now=START)
        db.table("notes").insert(
            {"order_id": 1, "person_id": 1, "text": "전화로 확인", "created_at": START}
        )
        events.record(db, "note.added", at=START, actor="person", person_id=1, order_id=1)
        db.table("saved_views").insert(
            {
                "id": 1,
                "person_id": 1,
                "name": "주말 확인",
                "name_key": "주말 확인",
                "question": "state=paid",
                "shared": 1,
                "created_at": START,
            }
        )
        put_refund(db)
        put_request(db)
        put_payment_request(db)
        put_bulk(db)
        put_receipt(db)
        put_evidence(db, app.extensions["jangbu"].instance)
        put_by_hand(db, app.extensions["jangbu"].instance)
    return app


def put_refund(db, **columns):
    """A refund of payment 2 that nobody has heard of since, and a task of it; in a transaction."""
    row = {
        "id": REFUND,
        "form_token": "token",
        "order_id": 2,
        "imp_uid": "imp_000000000002",
        "kind": "part",
        "amount": 1_000,
        "tax_free": 0,
        "checksum": 7_000,
        "base_cancelled": 3_000,
        "known_cancel_ids": "[]",
        "nonce": "R7K2M9QX",
        "reason": "상품 불량 [R7K2M9QX]",
        "enable_webhook": 0,
        "request_sha256": "0" * 64,
        "state": "unknown",
        "owner": "nobody",
        "person_id": 1,
        "created_at": START,
        "sent_at": START,
        "attempt": 1,
        "next_check_at": START + 60,
    } | columns
    db.table("refunds").insert(row)
    db.table("tasks").insert(
        {
            "id": 1,
            "kind": "refund_reminder",
            "order_id": 2,
            "imp_uid": "imp_000000000002",
            "refund_id": REFUND,
            "created_at": START,
        }
    )


def put_request(db, **columns):
    """A request of payment 7 that somebody else has to approve; in a transaction."""
    row = {
        "id": REQUEST,
        "form_token": "request token",
        "order_id": 7,
        "imp_uid": "imp_000000000007",
        "kind": "part",
        "amount": 1_000,
        "tax_free": 0,
        "checksum": 10_000,
        "base_cancelled": 0,
        "known_cancel_ids": "[]",
        "reason": "상품 불량",
        "why": '["approval"]',
        "needs_owner": 0,
        "state": "requested",
        "person_id": 3,
        "created_at": START,
    } | columns
    db.table("refund_requests").insert(row)


def put_payment_request(db):
    """A request nobody has paid, a product of it, and a webhook nobody knows; in a transaction."""
    for name, value in {"merchant_code": "imp00000000", "channel_key": "channel-key-door"}.items():
        settings.put(db, name, value)
    wish = WindowWish(
        pay_method="card", amount=10_000, tax_free=0, name="꽃다발", buyer_name="홍길동"
    )
    db.table("products").insert(
        {
            "id": 1,
            "name": "꽃다발",
            "unit_price": 10_000,
            "tax_free": 0,
            "stock": 3,
            "created_at": START,
        }
    )
    db.table("payment_requests").insert(
        {
            "id": REQUEST,
            "form_token": "payment request token",
            "merchant_uid": "20260821-DOORDOOR",
            "name": "꽃다발",
            "amount": 10_000,
            "tax_free": 0,
            "currency": "KRW",
            "pay_method": "card",
            "escrow": 0,
            "wish": wish_to_json(wish),
            "channel_key": "channel-key-door",
            "pg_mid": "",
            "sandbox": 0,
            "state": "open",
            "expires_at": START + 86_400,
            "person_id": 1,
            "created_at": START,
        }
    )
    db.table("payment_request_lines").insert(
        {
            "request_id": REQUEST,
            "position": 1,
            "product_id": 1,
            "name": "꽃다발",
            "unit_price": 10_000,
            "quantity": 1,
            "tax_free": 0,
        }
    )
    db.table("webhook_inbox").insert(
        {
            "id": 1,
            "first_at": START,
            "last_at": START,
            "content_type": "application/json",
            "remote_addr": "127.0.0.1",
            "body": "{}",
            "imp_uid": "imp_000000000001",
            "merchant_uid": "20260821-0001",
            "status": "paid",
            "cancellation_id": "",
            "verdict": "known",
            "detail": "paid",
        }
    )


def put_receipt(db):
    """An issued receipt of an outside sale from a file; in a transaction."""
    db.table("receipts").insert(
        {
            "id": RECEIPT,
            "form_token": f"{BATCH}:2",
            "merchant_uid": "SHOP-0001",
            "name": "꽃다발",
            "sold_on": "2026-08-20",
            "amount": 33_000,
            "tax_free": 11_000,
            "type": "person",
            "identifier_type": "phone",
            "last4": "5678",
            "product_type": "real",
            "buyer_name": "홍길동",
            "state": "issued",
            "batch_id": BATCH,
            "receipt_tid": "T1",
            "apply_num": "123456789",
            "issued_amount": 33_000,
            "person_id": 1,
            "created_at": START,
        }
    )


def put_bulk(db):
    """A bulk refund that was stopped before its one row; in a transaction."""
    db.table("bulk_refunds").insert(
        {
            "id": BULK,
            "form_token": "bulk token",
            "reason": "품절",
            "count": 1,
            "amount": 10_000,
            "state": "stopped",
            "person_id": 1,
            "created_at": START,
            "ended_at": START,
        }
    )
    db.table("bulk_refund_items").insert(
        {
            "bulk_id": BULK,
            "position": 1,
            "form_token": "row token",
            "order_id": 1,
            "imp_uid": "imp_000000000001",
            "amount": 10_000,
            "tax_free": 0,
            "paid_amount": 10_000,
            "base_cancelled": 0,
            "known_cancel_ids": "[]",
            "shown_at": START,
            "state": "stopped",
            "ended_at": START,
        }
    )


def put_by_hand(db, instance, **columns):
    """A transfer somebody has to make for payment 2, and a mark of it; in a transaction."""
    row = {
        "id": BY_HAND,
        "form_token": "by hand token",
        "order_id": 2,
        "imp_uid": "imp_000000000002",
        "amount": 2_000,
        "tax_free": 0,
        "ground": "refused",
        "reason": "상품 불량",
        "bank": "088",
        "account_last4": "4821",
        "account": seal(instance, {"holder": "오세진", "account": "110492374821"}),
        "file_id": EVIDENCE,
        "needs_owner": 0,
        "state": "approved",
        "person_id": 3,
        "created_at": START,
    } | columns
    db.table("manual_refunds").insert(row)
    db.table("outside_cancels").insert(
        {
            "id": 1,
            "order_id": 2,
            "imp_uid": "imp_000000000002",
            "amount": 1_000,
            "cancelled_on": "2026-08-21",
            "evidence": "KSNET 거래조회에서 확인",
            "person_id": 1,
            "created_at": START,
        }
    )


def put_evidence(db, instance):
    """A picture somebody handed in; in a transaction."""
    content = io.BytesIO()
    Image.new("RGB", (8, 8)).save(content, "PNG")
    data = content.getvalue()
    instance.files_dir.mkdir(exist_ok=True)
    (instance.files_dir / EVIDENCE).write_bytes(data)
    db.table("files").insert(
        {
            "id": EVIDENCE,
            "kind": "png",
            "name": "이체확인.png",
            "size": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "order_id": 1,
            "person_id": 1,
            "created_at": START,
        }
    )


def make_payment_like(payment, number):
    """The same payment under ids of its own."""
    return type(payment).from_json(
        payment.raw | {"imp_uid": f"imp_{number:012d}", "merchant_uid": f"20260821-{number:04d}"}
    )
