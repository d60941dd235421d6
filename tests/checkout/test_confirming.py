"""PortOne asks whether it may approve: order, amount and stock decide, here and at once."""

from __future__ import annotations

import threading
from contextlib import closing

import pytest

from dashboard.checkout import links, products, service, stock
from dashboard.checkout.public import create_public_app
from dashboard.checkout.service import Line
from dashboard.database import connect, write

CONFIRM = "/portone/confirm"


@pytest.fixture
def may(buyer):
    """``may(row)``: what PortOne is answered; ``reason`` "" for a yes."""

    def ask(row: dict, **changes) -> tuple[int, str]:
        told = {"imp_uid": "imp_000000000001", "merchant_uid": row["merchant_uid"]}
        answer = buyer("POST", CONFIRM, json=told | {"amount": row["amount"]} | changes)
        return answer.status_code, answer.json.get("reason", "")

    return ask


@pytest.fixture
def apples(counter) -> int:
    """A product of which two are left."""
    return products.save(
        counter.db,
        None,
        name="사과",
        unit_price=5_000,
        tax_free=True,
        stock=2,
        person_id=1,
        now=int(counter.clock.now),
    )


def of(product_id: int, quantity: int = 1) -> list[Line]:
    line = Line(
        name="사과", unit_price=5_000, quantity=quantity, tax_free=True, product_id=product_id
    )
    return [line]


def left(counter, product_id: int) -> tuple[int, int]:
    row = next(
        one
        for one in products.listed(counter.db, now=int(counter.clock.now))
        if one["id"] == product_id
    )
    return row["stock"], row["held"]


def test_an_open_order_of_the_right_amount_may(counter, may):
    row = counter.ask()
    assert may(row) == (200, "")
    assert may(row, amount="12000") == (200, "")  # twice is no harm


def test_a_question_makes_looks_frequent_again(counter, may):
    row = counter.ask()
    with write(counter.db):
        counter.db.conn.execute("UPDATE payment_requests SET checks = 9, next_check_at = 1")
    assert may(row) == (200, "")
    after = counter.row(row)
    assert (after["checks"], after["next_check_at"]) == (0, counter.clock.now + 5)


@pytest.mark.parametrize(
    "amount",
    [
        *(11_999, 0, -12_000, "12,000", "", None, True, "NaN", "1e99", [1], 12_000.5, 10**400),
        *("1E+999998", "1E+9999999", "9" * 400, "0x2ee0", "١٢٠٠٠"),
    ],
)
def test_another_amount_may_not(counter, may, amount):
    status, reason = may(counter.ask(), amount=amount)
    assert status == 400 and "금액" in reason


def test_a_no_is_put_on_record_once_a_minute(counter, may):
    row = counter.ask()
    for _ in range(50):
        may(row, amount=1)
    kinds = [one["kind"] for one in counter.db.query("SELECT kind FROM events")]
    assert kinds.count("payment_request.not_confirmed") == 1
    counter.clock.now += 61
    may(row, amount=1)
    kinds = [one["kind"] for one in counter.db.query("SELECT kind FROM events")]
    assert kinds.count("payment_request.not_confirmed") == 2


def test_the_reason_is_in_both_languages(counter, may):
    assert "금액" in may(counter.ask(), amount=1)[1] and "amount" in may(counter.ask(), amount=1)[1]


def test_a_number_nobody_asked_with_may_not(counter, may):
    status, reason = may(counter.ask(), merchant_uid="x")
    assert status == 400 and reason


def test_no_body_at_all(counter, buyer):
    for raw in (b"", b"{", b"[]", b"\xff"):
        answer = buyer("POST", CONFIRM, data=raw, content_type="application/json")
        assert answer.status_code == 400 and answer.json["reason"]
    assert buyer("POST", CONFIRM, data={"merchant_uid": "x"}).status_code == 400


def test_what_is_over_may_not(counter, may):
    row = counter.ask()
    counter.pay(row)
    counter.look(row)
    assert may(row)[0] == 400
    given_up = counter.ask()
    service.give_up(counter.runtime, counter.db, given_up["id"], person_id=1)
    assert may(given_up)[0] == 400
    late = counter.ask()
    counter.clock.now = late["expires_at"]
    assert may(late)[0] == 400


def test_what_portone_does_not_hold_yet_may_not(counter, may):
    counter.shop.sandbox.sandbox.faults.script(count=9, answer="status", status=503)
    assert may(counter.ask())[0] == 400


def test_a_failed_try_may_be_repeated(counter, may):
    row = counter.ask()
    counter.fail(row)
    counter.look(row)
    assert may(row) == (200, "")


def test_the_last_pieces_are_held_and_sold(counter, may, apples):
    first, second = counter.ask(lines=of(apples, 2)), counter.ask(lines=of(apples, 1))
    assert may(first) == (200, "")
    assert left(counter, apples) == (2, 2)
    status, reason = may(second)
    assert status == 400 and "사과" in reason
    counter.pay(first)
    counter.look(first)
    assert left(counter, apples) == (0, 0)
    counter.look(first)
    assert left(counter, apples) == (0, 0)  # sold once


def test_what_is_held_comes_free_again(counter, may, apples):
    first, second = counter.ask(lines=of(apples, 2)), counter.ask(lines=of(apples, 1))
    may(first)
    counter.clock.now += stock.HOLD_S + 1
    assert may(second) == (200, "")
    third = counter.ask(lines=of(apples, 1))
    may(third)
    service.give_up(counter.runtime, counter.db, third["id"], person_id=1)
    assert left(counter, apples) == (2, 1)


def test_a_failed_card_lets_the_goods_go(counter, may, apples):
    first, second = counter.ask(lines=of(apples, 2)), counter.ask(lines=of(apples, 2))
    may(first)
    assert may(second)[0] == 400
    counter.fail(first)
    counter.look(first)
    assert may(second) == (200, "")


def test_an_account_for_goods_that_are_held_alarms_at_once(counter, may, apples):
    first = counter.ask(lines=of(apples, 2))
    may(first)
    second = counter.ask(
        lines=of(apples, 1), pay_method="vbank", vbank_due=int(counter.clock.now) + 86_400
    )
    counter.issue(second)
    assert (counter.look(second)["state"], counter.row(second)["alarm"]) == ("waiting", "stock")


def test_an_account_that_waits_holds_until_its_end(counter, may, apples):
    row = counter.ask(
        lines=of(apples, 2), pay_method="vbank", vbank_due=int(counter.clock.now) + 86_400
    )
    may(row)
    counter.issue(row)
    counter.look(row)
    counter.clock.now += stock.HOLD_S * 3
    assert left(counter, apples) == (2, 2)
    service.revoke(counter.runtime, counter.db, row["id"], person_id=1)
    assert left(counter, apples) == (2, 0)


def test_paid_without_a_question_and_nothing_left_alarms(counter, apples):
    row = counter.ask(lines=of(apples, 3))
    counter.pay(row)
    paid = counter.look(row)
    assert (paid["state"], paid["alarm"]) == ("paid", "stock")
    assert left(counter, apples) == (0, 0)


def test_what_is_not_counted_never_runs_out(counter, may):
    product_id = products.save(
        counter.db,
        None,
        name="배달",
        unit_price=5_000,
        tax_free=False,
        stock=None,
        person_id=1,
        now=int(counter.clock.now),
    )
    row = counter.ask(lines=of(product_id, 99))
    assert may(row) == (200, "")
    counter.pay(row)
    assert counter.look(row)["alarm"] is None
    assert left(counter, product_id) == (None, 0)


def test_what_ran_out_opens_no_window(counter, buyer, apples):
    row = counter.ask(lines=of(apples, 3))
    answer = buyer("POST", f"/pay/{links.token_of(row['id'])}/open")
    assert answer.status_code == 409 and "사과" in answer.json["problem"]
    assert counter.row(row)["opened_at"] is None


def test_twenty_buyers_for_five_pieces(counter, app):
    """Twenty windows ask at the same moment, over as many connections."""
    product_id = products.save(
        counter.db,
        None,
        name="한정판",
        unit_price=5_000,
        tax_free=False,
        stock=5,
        person_id=1,
        now=int(counter.clock.now),
    )
    rows = [counter.ask(lines=of(product_id)) for _ in range(20)]
    public = create_public_app(app)
    start, said = threading.Barrier(20), []

    def buy(row: dict) -> None:
        client = public.test_client()
        start.wait()
        answer = client.post(
            CONFIRM,
            json={"imp_uid": "", "merchant_uid": row["merchant_uid"], "amount": row["amount"]},
            base_url="http://127.0.0.1:5999",
        )
        said.append(answer.status_code)

    threads = [threading.Thread(target=buy, args=(row,)) for row in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(said) == [200] * 5 + [400] * 15
    assert left(counter, product_id) == (5, 5)


def test_a_busy_file_answers_in_time_with_a_reason(counter, may, monkeypatch):
    monkeypatch.setattr("dashboard.checkout.confirming.WAIT_MS", 50)
    row = counter.ask()
    with closing(connect(counter.runtime.database_path)) as other:
        other.conn.execute("BEGIN IMMEDIATE")
        status, reason = may(row)
        other.conn.rollback()
    assert status == 503 and reason
