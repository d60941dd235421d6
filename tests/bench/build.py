"""Shops of any size, made fast: ready-made rows through the ledger's own shapes and schema.

What the apply path would write, written by ``executemany``; indexes are made afterwards, as the
migrations make them. A built shop is kept in a folder outside the repository and used again.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from dashboard.accounts import passwords, store
from dashboard.clock import kst, system_clock
from dashboard.database import connect, write
from dashboard.instance import Instance
from dashboard.migrations import migrations
from dashboard.orders import ledger, states, summary
from dashboard.portone import Payment
from dashboard.shopfile import make_ready

PASSWORD = "correct horse battery"
YEARS_S = 3 * 365 * 86_400
BATCH = 5_000

FAMILY = "김이박최정강조윤장임한오서신권황안송전홍"
GIVEN = "가나다라마민서준지현수하은영우진태연호경"
GOODS = (
    "햇사과 5kg",
    "나주 배 선물세트 7.5kg",
    "제주 감귤 10kg",
    "한돈 삼겹살 1kg",
    "참기름 두 병",
)
KINDS = (
    "반값 행사",
    "가정용",
    "명절 특선",
    "예약 상품",
    "산지 직송",
    "정기 배송",
    "못난이",
    "특품",
)
CARDS = ("신한카드", "국민카드", "삼성카드", "현대카드", "비씨카드")
METHODS = ("card",) * 11 + ("vbank",) * 3 + ("kakaopay",) * 2 + ("naverpay", "trans", "phone")
STATES = ("paid",) * 16 + ("cancelled", "partial", "failed", "waiting")


def answers(orders: int, *, now: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Payments as PortOne answers them, the oldest first, three years of them.

    :param now: UNIX seconds; the newest was asked for shortly before
    """
    rng = random.Random(seed)
    for number in range(orders):
        asked_at = now - 7_200 - (orders - 1 - number) * YEARS_S // orders
        yield _answer(rng, number, asked_at)


def _answer(rng: random.Random, number: int, asked_at: int) -> dict[str, Any]:
    method, state = rng.choice(METHODS), rng.choice(STATES)
    amount = rng.randrange(3, 400) * 1_000 if rng.random() < 0.9 else rng.randrange(3_000, 400_000)
    paid = state in ("paid", "cancelled", "partial")
    back = {"cancelled": amount, "partial": amount // 3}.get(state, 0)
    vbank = method == "vbank" or state == "waiting"
    card = method == "card" and not vbank
    return {
        "imp_uid": f"imp_{number:012d}",
        "merchant_uid": f"{kst(asked_at):%Y%m%d}-{number:06d}",
        "pay_method": "vbank" if vbank else method if method in ("trans", "phone") else "card",
        "channel": "pc",
        "pg_provider": "ksnet",
        "emb_pg_provider": method if method in ("kakaopay", "naverpay") and not vbank else None,
        "pg_tid": f"{rng.randrange(10**12):012d}",
        "pg_id": "2041700479",
        "sandbox": number % 200 == 7,
        "escrow": False,
        "apply_num": f"{rng.randrange(10**8):08d}" if paid and card else None,
        "bank_name": "신한은행" if method == "trans" and not vbank else None,
        "card_name": rng.choice(CARDS) if card else None,
        "card_quota": rng.choice((0, 0, 0, 3, 6)) if card else 0,
        "card_number": f"5107-37**-****-{rng.randrange(10_000):04d}" if card else None,
        "card_type": 0,
        "vbank_name": "국민은행" if vbank else None,
        "vbank_num": f"{rng.randrange(10**14):014d}" if vbank else None,
        "vbank_date": asked_at + 3 * 86_400 if vbank else 0,
        "name": f"{rng.choice(GOODS)} {rng.choice(KINDS)} {rng.randrange(1, 60)}호",
        "amount": amount,
        "cancel_amount": back,
        "currency": "KRW",
        "buyer_name": rng.choice(FAMILY) + rng.choice(GIVEN) + rng.choice(GIVEN),
        "buyer_email": f"buyer{rng.randrange(10**6)}@example.com",
        "buyer_tel": f"010-{rng.randrange(10_000):04d}-{rng.randrange(10_000):04d}",
        "buyer_addr": "서울시 중구 세종대로 110",
        "buyer_postcode": "04524",
        "custom_data": None,
        "user_agent": "Mozilla/5.0",
        "status": {"partial": "paid", "waiting": "ready"}.get(state, state),
        "started_at": asked_at,
        "paid_at": asked_at + 60 if paid else 0,
        "failed_at": asked_at + 60 if state == "failed" else 0,
        "cancelled_at": asked_at + 90_000 if state == "cancelled" else 0,
        "fail_reason": "한도 초과" if state == "failed" else None,
        "cancel_reason": "고객 변심" if back else None,
        "receipt_url": f"https://slip.example/{number}",
        "cancel_history": _cancels(number, back, asked_at + 90_000),
        "cash_receipt_issued": False,
        "customer_uid": None,
    }


def _cancels(number: int, amount: int, at: int) -> list[dict[str, Any]]:
    entry = {
        "pg_tid": f"{number:012d}",
        "amount": amount,
        "cancelled_at": at,
        "reason": "고객 변심",
        "cancellation_id": f"cancel_{number}",
        "receipt_url": None,
    }
    return [entry] if amount else []


def rows(found: list[dict[str, Any]], *, first_id: int, now: int) -> dict[str, list[Any]]:
    """The rows these answers become, by table, each payment an order of its own.

    :param first_id: of the first order
    """
    made: dict[str, list[Any]] = {
        name: [] for name in ("orders", "order_search", "payments", "cancellations")
    }
    made["payment_checks"] = []
    for order_id, given in enumerate(found, first_id):
        payment = Payment.from_json(given)
        raw = json.dumps(given, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        attempts = [summary.Attempt(payment, now)]
        made["orders"].append(
            {"id": order_id, "merchant_uid": payment.merchant_uid, "created_at": now}
            | summary.order_row(attempts)
        )
        made["order_search"].append({"rowid": order_id} | summary.search_row(attempts))
        made["payments"].append(
            ledger._columns(payment, raw, states.version(payment))
            | {
                "imp_uid": payment.imp_uid,
                "order_id": order_id,
                "merchant_uid": payment.merchant_uid,
                "first_seen_at": now,
                "changed_at": now,
            }
        )
        made["payment_checks"].append({"imp_uid": payment.imp_uid, "checked_at": now})
        for position, entry in enumerate(payment.cancel_history):
            made["cancellations"].append(
                {
                    "imp_uid": payment.imp_uid,
                    "position": position,
                    "cancellation_id": entry.cancellation_id,
                    "amount": entry.amount,
                    "cancelled_at": entry.cancelled_at,
                    "reason": entry.reason,
                    "pg_tid": entry.pg_tid,
                    "receipt_url": entry.receipt_url,
                }
            )
    return made


def put(db: Any, made: dict[str, list[Any]]) -> None:
    """Write ready-made rows, inside the caller's transaction."""
    for table, found in made.items():
        if found:
            db.conn.executemany(ledger._insert_into(table, found[0]), found)


def build(folder: Path, orders: int) -> Path:
    """The instance folder of a practice shop with so many orders; made once, then kept.

    A shop made by an older schema is made anew. ``owner`` may sign in with :data:`PASSWORD`.
    """
    steps = "\n".join(step.name for step in migrations.pending(Database(memory=True)))
    kept, note = folder / f"shop-{orders}", folder / f"shop-{orders}.schema"
    if note.exists() and note.read_text() == steps:
        return kept
    folder.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(kept, ignore_errors=True)
    note.unlink(missing_ok=True)
    now = int(system_clock())
    instance = Instance.prepare(kept)
    instance.save_state(mode="practice")
    path = make_ready(instance, "practice", now)
    with closing(connect(path)) as db:
        _fill(db, orders, now)
    note.write_text(steps)
    return kept


def _fill(db: Any, orders: int, now: int) -> None:
    db.conn.execute("PRAGMA synchronous = OFF")
    db.conn.execute("PRAGMA cache_size = -400000")
    later = db.conn.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND"
        " (type = 'index' AND tbl_name IN ('orders', 'payments', 'cancellations')"
        " OR type = 'trigger' AND tbl_name = 'payments')"
    ).fetchall()
    for row in later:
        db.conn.execute(f"DROP {row['type']} {row['name']}")
    source, first = answers(orders, now=now), 1
    while found := [given for given, _ in zip(source, range(BATCH), strict=False)]:
        with write(db):
            put(db, rows(found, first_id=first, now=now))
        first += len(found)
    with write(db):
        for row in later:
            db.conn.execute(row["sql"])
        store.add(
            db,
            name="owner",
            role="owner",
            password_hash=passwords.make_hash(PASSWORD),
            language="ko",
            created_at=now,
        )
    db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")


if __name__ == "__main__":
    import sys
    import time

    for size in map(int, sys.argv[2:]):
        began = time.perf_counter()
        build(Path(sys.argv[1]), size)
        print(f"{size:,} orders in {time.perf_counter() - began:.1f} s")
