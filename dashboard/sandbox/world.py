"""Fills a sandbox with a believable shop: the same seed and moment give the same shop."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.sandbox import born
from dashboard.sandbox.born import DAY_S, EASY_PAY, LIVE_MID, PAYCO_ID, TEST_MID, Draft
from dashboard.sandbox.goods import CANCEL_REASONS, FAIL_REASONS, SHOP_NAME
from dashboard.sandbox.numbers import Numbers
from dashboard.sandbox.store import Store, dump, get_meta, put_meta

ORDERS = 420
KINDS = ("paid_card", "paid_trans", "paid_vbank", "ready_vbank", "escrow", "old_paid")
FEW_KINDS = ("cancelled", "failed", "test_channel", "payco")
FEW = 3
YEARS_S = 3 * 365 * DAY_S
MERCHANT_CODE = "imp48120967"  # 고객사 식별코드, for IMP.init
CHANNEL_KEY = "channel-key-4f0f3a52-4c1e-4b0d-9d21-6d0b1c7a90ab"
API_CHANNEL_KEY = "channel-key-0b9d7c2e-55aa-4a8e-8f6a-1c2f6e0d7781"
TEST_CHANNEL_KEY = "channel-key-9a1f1f5d-2d7b-4a53-9b4e-3a7f44c2de10"
PAYCO_CHANNEL_KEY = "channel-key-6f0c2b9e-8d44-4a17-b3a5-51d7e2c49f06"

_KST = ZoneInfo("Asia/Seoul")
_BATCH = 2_000
_METHODS = ("card", "kakaopay", "naverpay", "vbank", "trans", "phone", "payco", "lpay", "ssgpay")
_WEIGHTS = (46, 11, 11, 9, 8, 5, 4, 3, 3)


def fill(
    path: Path, *, seed: int = 1, orders: int = ORDERS, each: int = 3, now: int
) -> dict[str, Any]:
    """Add about ``orders`` payments to the state file, never fewer than the kinds asked for.

    :param each: how many untouched payments of each of :data:`KINDS`
    :param now: UNIX seconds; nothing is younger
    :return: the fixture: for each kind a list of ``imp_uid``, ``merchant_uid``, ``amount`` (won)
        and ``pg_provider``, and the strings ``shared_merchant_uid`` and ``channel_key``
    """
    rng = random.Random(seed)  # noqa: S311 - a believable shop, not a secret
    store = Store(path)
    with closing(store.connect()) as db:
        db.execute("BEGIN IMMEDIATE")
        try:
            _channels(db)
            if not get_meta(db, "imp_uid_start"):
                put_meta(db, "imp_uid_start", str(rng.randrange(10**11, 10**12)))
            writer = _Writer(db)
            fixture = _fixture(rng, writer, each, now)
            for draft in _specials(rng, now):
                writer.add(draft)
            while writer.count < orders:
                writer.add(ordinary(rng, _some_time(rng, now, writer.count), now))
            writer.flush()
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")
    return fixture


def add(store: Store, drafts: list[Draft]) -> list[dict[str, Any]]:
    """Add payments just made up; answers them as a fixture names them."""
    with closing(store.connect()) as db:
        db.execute("BEGIN IMMEDIATE")
        writer = _Writer(db)
        made = [writer.add(draft) for draft in drafts]
        writer.flush()
        db.execute("COMMIT")
    return made


def _channels(db: sqlite3.Connection) -> None:
    put_meta(db, "shop_name", SHOP_NAME)
    for key, pg_provider, mid, sandbox, kind, name in (
        (CHANNEL_KEY, "ksnet", LIVE_MID, 0, "payment", "KSNET 결제창"),
        (API_CHANNEL_KEY, "ksnet", LIVE_MID, 0, "api_payment", "KSNET API"),
        (TEST_CHANNEL_KEY, "ksnet", TEST_MID, 1, "payment", "KSNET 테스트"),
        (PAYCO_CHANNEL_KEY, "payco", PAYCO_ID, 0, "payment", "페이코 직접 계약"),
    ):
        db.execute(
            "INSERT OR IGNORE INTO channels VALUES (?, ?, ?, ?, ?, ?)",
            (key, pg_provider, mid, sandbox, kind, name),
        )


class _Writer:
    """Writes drafts in batches and gives them their numbers."""

    _COLUMNS = (
        "imp_uid, merchant_uid, status, pay_method, amount, cancel_amount, currency, sandbox,"
        " started_at, paid_at, failed_at, cancelled_at, updated_at, final_at, fail_reason,"
        " cancel_reason, cancel_history, facts"
    )

    def __init__(self, db: sqlite3.Connection) -> None:
        self.count = 0
        self._db = db
        self._numbers = Numbers(db)
        self._rows: list[tuple[Any, ...]] = []
        self._receipts: list[tuple[Any, ...]] = []

    def add(self, draft: Draft) -> dict[str, Any]:
        """:return: the draft as a fixture names it"""
        imp_uid = self._numbers.imp_uid()
        day = datetime.fromtimestamp(draft.started_at, _KST)
        draft.merchant_uid = draft.merchant_uid or f"{day:%Y%m%d}-{self._numbers.serial:05d}"
        final_at = draft.final_at
        self._rows.append(
            (
                imp_uid,
                draft.merchant_uid,
                draft.status,
                draft.pay_method,
                draft.amount,
                draft.cancel_amount,
                draft.currency,
                int(draft.sandbox),
                draft.started_at,
                draft.paid_at,
                draft.failed_at,
                draft.cancelled_at,
                final_at,
                final_at,
                draft.fail_reason,
                draft.cancel_reason,
                dump(draft.cancels),
                dump(draft.facts),
            )
        )
        if draft.receipt:
            self._receipts.append(_receipt(imp_uid, draft))
        self.count += 1
        if len(self._rows) >= _BATCH:
            self.flush()
        return {
            "imp_uid": imp_uid,
            "merchant_uid": draft.merchant_uid,
            "amount": draft.amount,
            "pg_provider": draft.facts.get("pg_provider", "ksnet"),
        }

    def flush(self) -> None:
        places = ", ".join("?" * 18)
        self._db.executemany(
            f"INSERT INTO payments ({self._COLUMNS}) VALUES ({places})",  # noqa: S608 - own names
            self._rows,
        )
        self._db.executemany(
            "INSERT INTO receipts (route, uid, shape, sent) VALUES ('payment', ?, ?, '{}')",
            self._receipts,
        )
        self._numbers.save()
        self._rows, self._receipts = [], []


def _receipt(imp_uid: str, draft: Draft) -> tuple[str, str]:
    amount = draft.amount - draft.cancel_amount
    tid = f"{draft.facts['pg_tid']}R"
    shape = {
        "imp_uid": imp_uid,
        "receipt_tid": tid,
        "apply_num": tid[1:10],
        "type": "person",
        "amount": amount,
        "vat": (2 * amount + 11) // 22,
        "receipt_url": f"https://receipt.ksnet.example/cash/{tid}",
        "applied_at": draft.paid_at + 90,
        "cancelled_at": 0,
    }
    return imp_uid, dump(shape)


# -- when ---------------------------------------------------------------------------------------


def _some_time(rng: random.Random, now: int, serial: int) -> int:
    """A moment of the last three years, denser towards today; every so often today itself."""
    if serial % 40 == 0:
        return now - rng.randrange(60, 5 * 60 * 60)
    at = now - 600 - int(YEARS_S * 0.995 * rng.random() ** 2.6)
    day = datetime.fromtimestamp(at, _KST).replace(hour=0, minute=0, second=0)
    hour = rng.choices(range(24), weights=[1, 1, 1, 1, 1, 1, 2, 4, *[8] * 8, *[9] * 6, 5, 2])[0]
    inside = int(day.timestamp()) + hour * 3600 + rng.randrange(3600)
    return inside if inside < now - 600 else at


def ordinary(rng: random.Random, started_at: int, now: int) -> Draft:
    """What a usual day brings: mostly paid, some given back, some failed, some walked away."""
    method = rng.choices(_METHODS, _WEIGHTS)[0]
    luck = rng.random()
    currency = "USD" if method == "card" and luck > 0.985 else "KRW"
    draft = born.make(
        rng,
        method,
        started_at,
        currency=currency,
        sandbox=rng.random() < 0.015,
        escrow=method in {"vbank", "trans", "card"} and rng.random() < 0.03,
    )
    if method == "vbank":
        born.issue_account(rng, draft, days=rng.choice((1, 3, 3, 7)))
        if luck < 0.12 or draft.started_at > now - 6 * 3600:
            return draft  # waiting, or its time has run out
    elif luck < 0.06:
        return draft  # the window was left
    elif luck < 0.13:
        _fail(rng, draft)
        return draft
    wait = rng.randrange(600, DAY_S // 2) if method == "vbank" else rng.randrange(25, 240)
    born.pay(rng, draft, min(draft.started_at + wait, now - 1))
    _afterwards(rng, draft, now)
    if method in {"vbank", "trans"} and draft.status == "paid" and rng.random() < 0.5:
        draft.receipt = True
    return draft


def _fail(rng: random.Random, draft: Draft) -> None:
    draft.status, draft.failed_at = "failed", draft.started_at + rng.randrange(20, 400)
    reason = rng.choice(FAIL_REASONS[1:]) if rng.random() < 0.55 else FAIL_REASONS[0]
    draft.fail_reason = reason


def _afterwards(rng: random.Random, draft: Draft, now: int) -> None:
    """Some payments are given back, in whole or in parts, within what KSNET allows."""
    luck, age_s = rng.random(), now - draft.paid_at
    if luck > 0.14 or age_s < 2 * 3600:
        return
    reason = rng.choice(CANCEL_REASONS)
    last = min(20 * DAY_S, age_s - 60)
    if draft.pay_method == "phone":  # K2, K3: whole, on the day it was paid
        day = datetime.fromtimestamp(draft.paid_at, _KST)
        last = min(last, (23 - day.hour) * 3600)
        if last <= 3600:
            return
        born.take_back(rng, draft, [(draft.amount, draft.paid_at + last)], reason)
    elif luck < 0.09:
        later = draft.paid_at + rng.randrange(3600, last)
        born.take_back(rng, draft, [(draft.amount, later)], reason)
    else:
        times = rng.choice((1, 1, 1, 2, 3))
        born.take_back(rng, draft, _parts(draft, times, draft.paid_at + last), reason)


def _parts(draft: Draft, times: int, last: int) -> list[tuple[int, int]]:
    """``times`` equal cancels that leave something, the last one at ``last``."""
    unit = 100 if draft.currency == "KRW" else 1
    amount = max(draft.amount // (times + 2) // unit * unit, unit)
    step = (last - draft.paid_at) // times
    return [(amount, last - step * (times - 1 - place)) for place in range(times)]


# -- what must be there -------------------------------------------------------------------------


def _paid(rng: random.Random, method: str, started_at: int, now: int, **how: Any) -> Draft:
    """A paid draft; ``how`` as in :func:`dashboard.sandbox.born.make`."""
    draft = born.make(rng, method, started_at, **how)
    if method == "vbank":
        born.issue_account(rng, draft)
    born.pay(rng, draft, min(started_at + rng.randrange(30, 240), now - 1))
    return draft


def _fixture(rng: random.Random, writer: _Writer, each: int, now: int) -> dict[str, Any]:
    def recent() -> int:
        return now - rng.randrange(2 * 3600, 60 * DAY_S)

    def old() -> int:
        return now - rng.randrange(200 * DAY_S, 1000 * DAY_S)

    def waiting() -> Draft:
        draft = born.make(rng, "vbank", now - rng.randrange(600, 12 * 3600))
        born.issue_account(rng, draft)
        return draft

    def cancelled() -> Draft:
        draft = _paid(rng, "card", recent(), now)
        born.take_back(rng, draft, [(draft.amount, draft.paid_at + 3600)], CANCEL_REASONS[0])
        return draft

    def failed() -> Draft:
        draft = born.make(rng, "card", recent())
        _fail(rng, draft)
        return draft

    makers: dict[str, Callable[[], Draft]] = {
        "paid_card": lambda: _paid(rng, "card", recent(), now),
        "paid_trans": lambda: _paid(rng, "trans", recent(), now),
        "paid_vbank": lambda: _paid(rng, "vbank", recent(), now),
        "ready_vbank": waiting,
        "escrow": lambda: _paid(rng, "card", recent(), now, escrow=True),
        "old_paid": lambda: _paid(rng, "card", old(), now),
        "cancelled": cancelled,
        "failed": failed,
        "test_channel": lambda: _paid(rng, "card", recent(), now, sandbox=True),
        "payco": lambda: _paid(rng, "payco", recent(), now, pg_provider="payco"),
    }
    fixture: dict[str, Any] = {
        kind: [writer.add(make()) for _ in range(each if kind in KINDS else FEW)]
        for kind, make in makers.items()
    }
    # One order number, two attempts: the first failed, the second was paid.
    first = failed()
    fixture["shared_merchant_uid"] = writer.add(first)["merchant_uid"]
    second = _paid(rng, "card", first.started_at + 300, now)
    writer.add(_same_order(first, second))
    fixture["channel_key"] = CHANNEL_KEY
    return fixture


def _same_order(first: Draft, second: Draft) -> Draft:
    second.merchant_uid, second.amount = first.merchant_uid, first.amount
    for name in ("name", "buyer_name", "buyer_tel", "buyer_email", "buyer_addr", "buyer_postcode"):
        if name in first.facts:
            second.facts[name] = first.facts[name]
    return second


def _specials(rng: random.Random, now: int) -> Iterator[Draft]:
    """Orders that show one rule each, so that no practice shop lacks them."""
    for method in ("card", "phone", *EASY_PAY):  # every method, today or yesterday
        yield _paid(rng, method, now - rng.randrange(900, 20 * 3600), now)
    twice = _paid(rng, "card", now - 3 * DAY_S, now)  # paid two times over
    yield twice  # gets its order number where it is written
    yield _same_order(twice, _paid(rng, "card", twice.started_at + 240, now))
    full = _paid(rng, "card", now - 40 * DAY_S, now)  # K1: nine partial cancels
    full.amount = 90_000
    born.take_back(
        rng, full, [(5_000, full.paid_at + n * DAY_S) for n in range(1, 10)], CANCEL_REASONS[1]
    )
    yield full
    yield _paid(rng, "phone", now - 33 * DAY_S, now)  # K3: paid in another month
    yield _paid(rng, "trans", now - 172 * DAY_S, now)  # K4: some days left
    yield _paid(rng, "card", now - 190 * DAY_S, now)  # K4: too late
    abroad = born.make(rng, "card", now - 5 * DAY_S, currency="USD")  # K17
    born.pay(rng, abroad, abroad.started_at + 90)
    yield abroad
    late = born.make(rng, "vbank", now - 9 * DAY_S)  # its deposit never came
    born.issue_account(rng, late)
    yield late
    soon = born.make(rng, "vbank", now - 20 * 3600)  # waiting, one day given
    born.issue_account(rng, soon, days=1)
    yield soon
    yield born.make(rng, "card", now - 4 * 3600)  # the window was left
    told = _paid(rng, "trans", now - 12 * DAY_S, now)  # K12: its cash receipt is issued
    told.receipt = True
    yield told
