"""The shop that a seed makes."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dashboard.sandbox import fill
from dashboard.sandbox.world import FEW_KINDS, KINDS
from tests.sandbox.conftest import NOW

DAY_S = 24 * 60 * 60


def rows(path: Path) -> list[dict]:
    with closing(sqlite3.connect(path)) as db:
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute("SELECT * FROM payments ORDER BY id")]


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    path = tmp_path_factory.mktemp("world") / "sandbox.db"
    return fill(path, seed=11, orders=1_500, each=5, now=NOW), rows(path)


def test_same_seed_and_moment_make_the_same_shop(tmp_path):
    made = [fill(tmp_path / name, seed=3, orders=120, each=2, now=NOW) for name in ("a", "b")]
    assert made[0] == made[1]
    assert rows(tmp_path / "a") == rows(tmp_path / "b")
    assert fill(tmp_path / "c", seed=4, orders=120, each=2, now=NOW) != made[0]


def test_it_has_the_asked_number_of_payments(shop):
    assert len(shop[1]) == 1_500


def test_fixture_names_what_it_says(shop):
    fixture, found = shop
    by_id = {row["imp_uid"]: row for row in found}
    status = {"ready_vbank": "ready", "cancelled": "cancelled", "failed": "failed"}
    for kind in (*KINDS, *FEW_KINDS):
        assert len(fixture[kind]) == (5 if kind in KINDS else 3)
        for each in fixture[kind]:
            row = by_id[each["imp_uid"]]
            assert each == {
                "imp_uid": row["imp_uid"],
                "merchant_uid": row["merchant_uid"],
                "amount": row["amount"],
                "pg_provider": "payco" if kind == "payco" else "ksnet",
            }
            assert row["amount"] >= 1_000
            assert row["status"] == status.get(kind, "paid")
            assert row["sandbox"] == (kind == "test_channel")
            assert (row["started_at"] > NOW - 90 * DAY_S) == (kind != "old_paid")
            assert (row["cancel_amount"] == 0) == (kind != "cancelled")
    assert sum(row["merchant_uid"] == fixture["shared_merchant_uid"] for row in found) == 2


def test_it_is_believable(shop):
    found = shop[1]
    facts = [json.loads(row["facts"]) for row in found]
    assert {row["pay_method"] for row in found} == {
        "card", "vbank", "trans", "phone", "lpay", "ssgpay", "kakaopay", "naverpay", "payco",
    }  # fmt: skip
    assert {row["status"] for row in found} == {"ready", "paid", "failed", "cancelled"}
    assert {row["currency"] for row in found} == {"KRW", "USD"}
    assert any(0 < row["cancel_amount"] < row["amount"] for row in found)
    assert any(each.get("escrow") for each in facts)
    assert min(row["started_at"] for row in found) > NOW - 3 * 366 * DAY_S
    assert max(row["final_at"] for row in found) <= NOW
    assert sum(row["started_at"] > NOW - DAY_S for row in found) >= 10
    expired = [
        row
        for row, each in zip(found, facts, strict=True)
        if row["status"] == "ready" and 0 < each.get("vbank_date", 0) < NOW
    ]
    assert expired
    paid_twice = [row["merchant_uid"] for row in found if row["status"] == "paid"]
    assert len(paid_twice) > len(set(paid_twice))


def test_every_payment_is_consistent(shop):
    for row in shop[1]:
        history = json.loads(row["cancel_history"])
        assert sum(each["amount"] for each in history) == row["cancel_amount"] <= row["amount"]
        assert (row["status"] == "cancelled") == (row["cancel_amount"] == row["amount"])
        times = [row["paid_at"], *(each["cancelled_at"] for each in history)]
        assert times == sorted(times)
        if row["pay_method"] in {"kakaopay", "payco"}:  # K34
            assert "card_name" not in json.loads(row["facts"])
        if row["pay_method"] in {"vbank", "trans", "phone"}:  # K48
            assert "receipt_url" not in json.loads(row["facts"])


def test_more_orders_join_an_older_shop(tmp_path):
    path = tmp_path / "sandbox.db"
    fill(path, seed=1, orders=100, each=1, now=NOW)
    fill(path, seed=2, orders=100, each=1, now=NOW + DAY_S)
    assert len(rows(path)) == 200
