"""Applying what PortOne says: same rows whatever the order of arrival, and a true account of it."""

import json
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from dashboard import events
from dashboard.database import connect, write
from dashboard.migrations import migrations
from dashboard.orders.ledger import apply_payment, apply_payments
from dashboard.orders.search_index import match_query
from dashboard.orders.states import payment_state
from dashboard.portone import Payment
from tests.orders.payments import NOON, answer, cancel, make_payment

NOW = NOON + 86_400


@pytest.fixture
def db(tmp_path: Path):
    db = connect(tmp_path / "shop.db", create=True)
    migrations.apply(db)
    yield db
    db.close()


def apply(db: Database, *payments: Payment, source="sync", now=NOW):
    with write(db):
        return apply_payments(db, payments, source=source, now=now)


def order(db: Database, merchant_uid="20260821-0001"):
    return db.query("SELECT * FROM orders WHERE merchant_uid = ?", [merchant_uid]).__next__()


def changes(db: Database) -> list[dict]:
    rows = db.query("SELECT * FROM events WHERE kind = 'payment.changed' ORDER BY id")
    return [row | {"detail": json.loads(row["detail"])} for row in rows]


def everything(db: Database) -> list:
    """All that must not depend on the order of arrival; row ids and log are left out."""
    return [
        [tuple(row) for row in db.conn.execute(statement)]
        for statement in (
            "SELECT * FROM orders_told",
            "SELECT imp_uid, merchant_uid, status, state, amount, cancel_amount, currency, sandbox,"
            " started_at, paid_at, failed_at, cancelled_at, version, raw FROM payments ORDER BY 1",
            "SELECT * FROM cancellations ORDER BY imp_uid, position",
            "SELECT s.* FROM order_search s JOIN orders o ON o.id = s.rowid"
            " ORDER BY o.merchant_uid",
            "SELECT base, day, state, method, sandbox, currency, count, paid, cancelled, by_hand"
            " FROM order_days WHERE count <> 0 ORDER BY 1, 2, 3, 4, 5, 6",
        )
    ]


def told_view(db: Database) -> None:
    names = [column.name for column in db.table("orders").columns if column.name != "id"]
    db.conn.execute(
        f"CREATE VIEW orders_told AS SELECT {', '.join(names)} FROM orders ORDER BY merchant_uid"
    )


# -- first sight and repetition -------------------------------------------------------------------


def test_first_sight_writes_rows_and_no_event(db: Database):
    [applied] = apply(db, make_payment(3_000))
    assert applied.outcome == "new"
    row = order(db)
    assert (row["state"], row["paid_amount"], row["cancelled_amount"]) == ("partial", 10_000, 3_000)
    assert (row["requested_at"], row["paid_at"], row["tax_free"]) == (NOON, NOON + 60, None)
    assert row["cancelled_at"] == NOON + 3_600
    assert db.table("cancellations").count == 1
    assert db.table("events").count == 0


def test_same_again_only_moves_the_check(db: Database):
    apply(db, make_payment())
    before = everything_but_check(db)
    [applied] = apply(db, make_payment(), now=NOW + 10)
    assert applied.outcome == "same"
    assert everything_but_check(db) == before
    assert db.table("payment_checks").get("imp_000000000001")["checked_at"] == NOW + 10


def everything_but_check(db: Database) -> list[str]:
    return [
        line for line in db.conn.iterdump() if "INSERT" in line and "payment_checks" not in line
    ]


def test_partial_cancel_elsewhere_is_told_with_its_amount(db: Database):
    apply(db, make_payment())
    [applied] = apply(db, make_payment(3_000), source="live", now=NOW + 5)
    assert applied.outcome == "changed"
    [event] = changes(db)
    assert (event["actor"], event["at"], event["order_id"]) == ("live", NOW + 5, applied.order_id)
    assert event["detail"]["from_state"] == "paid"
    assert event["detail"]["to_state"] == "partial"
    assert event["detail"]["cancelled"] == 3_000
    assert event["detail"]["cancellations"] == [
        {"cancellation_id": "cancel_1", "amount": 3_000, "cancelled_at": NOON + 3_600}
    ]
    assert events.broken_at(db) is None


def test_only_the_new_cancel_is_told(db: Database):
    apply(db, make_payment(3_000))
    apply(db, make_payment(3_000, 2_000))
    [event] = changes(db)
    assert event["detail"]["cancelled"] == 2_000
    assert [c["cancellation_id"] for c in event["detail"]["cancellations"]] == ["cancel_2"]
    assert order(db)["cancel_count"] == 2


def test_deposit_is_told(db: Database):
    vbank = {"pay_method": "vbank", "vbank_num": "110-1", "vbank_name": "신한은행"}
    apply(db, make_payment(status="ready", **vbank))
    assert order(db)["state"] == "waiting"
    apply(db, make_payment(status="paid", **vbank))
    [event] = changes(db)
    assert event["detail"]["from_state"] == "waiting"
    assert (event["detail"]["paid"], event["detail"]["paid_at"]) == (10_000, NOON + 60)
    assert order(db)["bank_name"] == "신한은행"


def test_an_older_sight_changes_nothing_and_is_reported(db: Database):
    apply(db, make_payment(3_000))
    before = everything_but_check(db)
    [applied] = apply(db, make_payment(), now=NOW + 10)
    assert applied.outcome == "older"
    assert everything_but_check(db) == before
    assert db.table("payment_checks").get("imp_000000000001")["checked_at"] == NOW


def test_a_quiet_field_is_kept_without_an_event(db: Database):
    apply(db, make_payment(receipt_url=None))
    [applied] = apply(db, make_payment(receipt_url="https://slip.example/2"))
    assert applied.outcome == "same"
    assert "slip.example/2" in db.table("payments").get("imp_000000000001")["raw"]
    assert changes(db) == []


def test_an_event_holds_no_personal_data(db: Database):
    apply(db, make_payment(buyer_name="", buyer_tel=""))
    apply(db, make_payment())
    text = db.execute("SELECT group_concat(detail) FROM events").fetchone()[0]
    assert "buyer_name" in text
    assert "정하윤" not in text
    assert "1234" not in text


def test_rollback_leaves_nothing_behind(db: Database):
    apply(db, make_payment())
    with pytest.raises(RuntimeError), write(db):
        apply_payment(db, make_payment(3_000), source="sync", now=NOW)
        raise RuntimeError
    assert order(db)["state"] == "paid"
    assert db.table("events").count == 0


def test_another_order_number_for_a_known_payment_is_not_believed(db: Database):
    apply(db, make_payment())
    [applied] = apply(db, make_payment(3_000, merchant_uid="other"))
    assert applied.outcome == "older"
    assert db.table("orders").count == 1


def test_what_the_shop_stated_survives(db: Database):
    apply(db, make_payment())
    with write(db):
        db.conn.execute("UPDATE orders SET tax_free = 400")
    apply(db, make_payment(3_000))
    assert order(db)["tax_free"] == 400


# -- an order of several attempts -----------------------------------------------------------------


def second(*cancels: int, **given) -> Payment:
    return make_payment(*cancels, **({"imp_uid": "imp_2", "started_at": NOON + 600} | given))


@pytest.mark.parametrize(
    ("one", "two", "shown"),
    [
        (make_payment(), second(status="failed"), 1),
        (make_payment(status="failed"), second(), 2),
        (make_payment(status="ready"), second(status="failed"), 2),
        (make_payment(status="ready", vbank_num="1"), second(status="failed"), 1),
        (make_payment(10_000), second(), 2),
        (make_payment(), second(10_000), 1),
        (make_payment(10_000), second(status="ready", vbank_num="1"), 1),
        (make_payment(), second(), 2),
        (make_payment(cancel_amount=5), second(), 1),
        (make_payment(), second(status="pending"), 1),
        (make_payment(status="failed"), second(sandbox=True), 1),
        (make_payment(), second(currency="USD"), 1),
    ],
)
def test_the_attempt_that_stands_for_the_order(db: Database, one, two, shown):
    apply(db, one, two)
    row = order(db)
    assert row["imp_uid"] == [one, two][shown - 1].imp_uid
    assert row["state"] == payment_state([one, two][shown - 1])
    assert row["attempt_count"] == 2


def test_sums_count_what_was_paid_in_this_currency_and_channel(db: Database):
    apply(
        db,
        make_payment(2_000),
        second(10_000),
        make_payment(imp_uid="imp_3", status="failed"),
        make_payment(imp_uid="imp_4", sandbox=True),
        make_payment(imp_uid="imp_5", currency="USD"),
    )
    row = order(db)
    assert (row["paid_amount"], row["cancelled_amount"]) == (20_000, 12_000)
    assert (row["state"], row["cancel_count"], row["sandbox"]) == ("partial", 1, 0)


def test_an_order_of_test_payments_only_counts_them(db: Database):
    apply(db, make_payment(sandbox=True))
    assert (order(db)["sandbox"], order(db)["paid_amount"]) == (1, 10_000)


def test_every_attempt_is_found_and_none_runs_into_the_next(db: Database):
    apply(db, make_payment(name="사과"), second(name="배즙"))
    found = "SELECT count(*) FROM order_search WHERE order_search MATCH ?"
    for wanted, hits in [("사과", 1), ("배즙", 1), ("과배", 0), ("imp_2", 1), ("30012345", 1)]:
        assert db.execute(found, [match_query(wanted)]).fetchone()[0] == hits


# -- any order of arrival -------------------------------------------------------------------------


def history_of(imp_uid: str, merchant_uid: str, **given) -> list[Payment]:
    """One payment through its life, every sight PortOne may show of it."""
    base = {"imp_uid": imp_uid, "merchant_uid": merchant_uid} | given
    return [
        make_payment(status="ready", **base),
        make_payment(status="failed", **base),
        make_payment(**base),
        make_payment(**(base | {"receipt_url": None})),
        make_payment(**(base | {"name": "다른 이름"})),
        make_payment(3_000, **base),
        make_payment(3_000, **(base | {"status": "cancelled"})),
        make_payment(3_000, 2_000, **base),
        make_payment(3_000, 2_000, 5_000, **base),
        make_payment(**(base | {"status": "pending"})),
    ]


SIGHTS = [
    *history_of("imp_1", "A"),
    *history_of("imp_2", "A", started_at=NOON + 600),
    *history_of("imp_3", "B", sandbox=True),
    *history_of("imp_4", "B"),
]


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_any_order_and_repetition_of_sights_ends_in_the_same_rows(tmp_path_factory, data):
    chosen = data.draw(st.lists(st.sampled_from(SIGHTS), min_size=1, max_size=9))
    other = data.draw(st.permutations(chosen + data.draw(st.lists(st.sampled_from(chosen)))))
    ends = []
    for sights in (chosen, other):
        with_db = connect(tmp_path_factory.mktemp("any") / "shop.db", create=True)
        migrations.apply(with_db)
        told_view(with_db)
        if sights is chosen:
            apply(with_db, *sights)
        else:  # one after the other must come to the same as together
            for sight in sights:
                apply(with_db, sight)
        ends.append(everything(with_db))
        with_db.close()
    assert ends[0] == ends[1]


def test_every_order_of_three_sights(tmp_path: Path):
    ends = set()
    for number, sights in enumerate(permutations([SIGHTS[0], SIGHTS[2], SIGHTS[5]])):
        db = connect(tmp_path / f"{number}.db", create=True)
        migrations.apply(db)
        told_view(db)
        apply(db, *sights)
        ends.add(repr(everything(db)))
        db.close()
    assert len(ends) == 1


# -- hostile and odd answers ----------------------------------------------------------------------


RESIDENT = ["900101-1234567", "9001011234567", "900101 - 1234567", "９００１０１－１２３４５６７"]


@pytest.mark.parametrize("number", RESIDENT)
def test_resident_numbers_are_masked_before_anything_is_written(db: Database, number: str):
    given = answer(
        buyer_name=number,
        name=f"선물 {number} 포장",
        buyer_addr=number,
        custom_data=json.dumps({"memo": number}, ensure_ascii=False),
        cancel_history=[cancel(3_000, reason=f"요청 {number}")],
        cancel_amount=3_000,
        new_field={"deep": [number]},
    )
    apply(db, Payment.from_json(given))
    dump = "\n".join(db.conn.iterdump())
    for form in {number, "9001011234567", "900101-1234567", "９００１０１"}:
        assert form not in dump
    assert "선물 ******-******* 포장" in dump


def test_numbers_that_only_look_like_one_are_kept(db: Database):
    like = "9001011234567"
    apply(db, make_payment(merchant_uid=like, pg_tid=like, apply_num=like, imp_uid=like))
    assert order(db, like)["imp_uid"] == like


@pytest.mark.parametrize(
    "text", ["1787281200123", "991301-1234567", "900132-1234567", "12345678901234"]
)
def test_other_numbers_in_free_text_are_kept(db: Database, text: str):
    apply(db, make_payment(name=text))
    assert order(db)["name"] == text


def test_a_cancellation_id_that_comes_twice_is_kept_once(db: Database):
    history = [cancel(1_000), cancel(1_000)]
    apply(db, make_payment(cancel_history=history, cancel_amount=2_000))
    ids = [row["cancellation_id"] for row in db.query("SELECT * FROM cancellations")]
    assert ids == ["cancel_1", None]


def test_a_payment_without_any_time_counts_from_its_first_sight(db: Database):
    apply(db, make_payment(status="ready", started_at=0))
    assert order(db)["requested_at"] == NOW
