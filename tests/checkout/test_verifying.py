"""What became of a request: PortOne's word alone decides (payment-window, 4; SEC-35)."""

from __future__ import annotations

import pytest

from dashboard import events
from dashboard.checkout import service
from dashboard.checkout.service import Line

DAY_S = 24 * 60 * 60


def test_a_request_is_announced_and_can_be_paid(counter):
    row = counter.ask(12_000)
    assert row["state"] == "open" and row["prepared_at"]
    assert counter.calls("POST")[-1] == "/payments/prepare"
    counter.pay(row)
    paid = counter.look(row)
    assert (paid["state"], paid["alarm"], paid["paid_at"]) == ("paid", None, counter.clock.now)


def test_the_same_form_twice_is_one_request(counter):
    first = counter.ask()
    again = service.create(
        counter.runtime,
        counter.db,
        form_token=first["form_token"],
        wish=None,
        lines=[],
        expires_at=0,
        person_id=1,
    )
    assert again["id"] == first["id"]


def test_without_portone_it_stays_in_preparation_until_it_answers(counter):
    counter.shop.sandbox.sandbox.faults.script(
        path="/payments/prepare", count=9, answer="status", status=503
    )
    row = counter.ask()
    assert (row["state"], row["check_error"]) == ("preparing", "server_error")
    counter.shop.sandbox.sandbox.faults.clear()
    counter.work(seconds=10)
    assert counter.row(row)["state"] == "open"


def test_a_lost_answer_to_the_announcement_is_read_back(counter):
    counter.shop.sandbox.sandbox.faults.script(path="/payments/prepare", answer="close")
    row = counter.ask()
    assert row["state"] == "preparing"
    counter.work(seconds=10)  # POST is refused: it is held already
    assert counter.row(row)["state"] == "open"


@pytest.mark.parametrize(
    ("changes", "alarm"),
    [
        ({"amount": 100}, "amount"),
        ({"amount": 12_001}, "amount"),
        ({"currency": "USD"}, "currency"),
        ({"sandbox": True}, "sandbox"),
        ({"pg_id": "2041799999"}, "channel"),
        ({"pg_provider": "payco"}, "channel"),
    ],
)
def test_money_that_was_not_asked_for_alarms_until_it_went_back(counter, changes, alarm):
    row = counter.ask(12_000)
    imp_uid = counter.pay(row, **changes)
    wrong = counter.look(row)
    assert (wrong["state"], wrong["alarm"], wrong["imp_uid"]) == ("mismatch", alarm, imp_uid)
    assert wrong["paid_at"] is None


def test_escrow_that_was_asked_for_and_not_made(counter):
    row = counter.ask(12_000, escrow=True, buyer_email="a@example.com")
    counter.pay(row)
    assert counter.look(row)["alarm"] == "escrow"


def test_a_mismatch_that_was_cancelled_whole_ends_the_request(counter):
    row = counter.ask(12_000)
    imp_uid = counter.pay(row, amount=9_000)
    assert counter.look(row)["state"] == "mismatch"
    counter.shop.console(imp_uid, 9_000)
    ended = counter.look(row)
    assert (ended["state"], ended["alarm"]) == ("cancelled", None)


def test_another_orders_payment_in_the_callback_changes_nothing(counter):
    """A forged callback: the browser names a real, paid payment of another order."""
    cheap, dear = counter.ask(1_000), counter.ask(900_000)
    paid = counter.pay(cheap)
    after = counter.look(dear, hint=paid)
    assert after["state"] == "open" and after["forged_at"] == counter.clock.now
    assert counter.row(cheap)["state"] == "open"  # and nobody asked about that one
    kinds = [row["kind"] for row in counter.db.query("SELECT kind FROM events")]
    assert kinds.count("payment_request.forged") == 1
    assert events.broken_at(counter.db) is None


@pytest.mark.parametrize("hint", ["imp_000000000000", "imp_none", "../x", ""])
def test_a_hint_that_names_nothing_is_passed_over(counter, hint):
    row = counter.ask()
    after = counter.look(row, hint=hint)
    assert after["state"] == "open" and after["forged_at"] is None and not after["check_error"]


def test_a_failure_says_why_and_can_be_tried_again(counter):
    row = counter.ask()
    counter.fail(row, "한도초과")
    failed = counter.look(row)
    assert (failed["state"], failed["fail_reason"]) == ("failed", "한도초과")
    counter.clock.now += 30
    counter.pay(row)
    assert counter.look(row)["state"] == "paid"


def test_paid_twice_alarms_until_one_went_back(counter):
    row = counter.ask()
    counter.pay(row)
    assert counter.look(row)["alarm"] is None
    counter.clock.now += 60
    second = counter.pay(row)
    counter.shop.learn(second)  # by the synchronisation
    counter.work()
    assert (counter.row(row)["state"], counter.row(row)["alarm"]) == ("paid", "paid_twice")
    counter.shop.console(second, 12_000)
    counter.clock.now += 60
    counter.shop.learn(second)
    counter.work()
    assert counter.row(row)["alarm"] is None


def test_an_account_waits_for_its_deposit_and_expires_a_day_late(counter):
    row = counter.ask(pay_method="vbank", vbank_due=int(counter.clock.now) + 3 * DAY_S)
    imp_uid = counter.issue(row)
    waiting = counter.look(row)
    assert (waiting["state"], waiting["imp_uid"]) == ("waiting", imp_uid)
    counter.work(seconds=3 * DAY_S + DAY_S // 2)
    assert counter.row(row)["state"] == "waiting"
    counter.work(seconds=DAY_S)
    assert counter.row(row)["state"] == "expired"


def test_a_deposit_is_noticed(counter):
    row = counter.ask(pay_method="vbank", vbank_due=int(counter.clock.now) + 3 * DAY_S)
    imp_uid = counter.issue(row)
    counter.look(row)
    counter.deposit(imp_uid)
    counter.work(seconds=700)
    assert counter.row(row)["state"] == "paid"


def test_closing_the_browser_after_paying_loses_nothing(counter):
    row = counter.ask()
    service.opened(counter.runtime, counter.db, row)
    counter.pay(row)
    counter.work(seconds=6)
    assert counter.row(row)["state"] == "paid"


def test_looks_grow_rarer_and_end_a_day_after_the_link(counter):
    row = counter.ask()
    service.opened(counter.runtime, counter.db, row)
    looks = 0
    while (due := counter.row(row)["next_check_at"]) is not None:
        before = counter.clock.now
        counter.clock.now = max(due, before)
        counter.work()
        looks += 1
        assert looks < 400
    assert counter.row(row)["state"] == "expired"
    assert counter.clock.now >= row["expires_at"] + DAY_S - 3600
    assert looks < 250


def test_paid_after_the_shop_gave_it_up_alarms_and_can_be_kept(counter):
    row = counter.ask()
    service.opened(counter.runtime, counter.db, row)
    service.give_up(counter.runtime, counter.db, row["id"], person_id=1)
    counter.clock.now += 20
    counter.pay(row)
    counter.work(seconds=3600)
    late = counter.row(row)
    assert (late["state"], late["alarm"]) == ("paid", "late")
    assert service.close_alarm(counter.runtime, counter.db, row["id"], person_id=1)
    assert counter.look(row)["alarm"] is None
    with pytest.raises(service.CannotGiveUp):
        service.give_up(counter.runtime, counter.db, row["id"], person_id=1)


def test_the_orders_tax_free_part_is_the_requests(counter):
    goods = [
        Line(name="사과", unit_price=10_000, quantity=2, tax_free=True),
        Line(name="상자", unit_price=3_000, quantity=1, tax_free=False),
    ]
    row = counter.ask(lines=goods, tax_free=20_000)
    counter.pay(row)
    counter.look(row)
    order = counter.db.conn.execute(
        "SELECT tax_free FROM orders WHERE merchant_uid = ?", (row["merchant_uid"],)
    ).fetchone()
    assert order["tax_free"] == 20_000


def test_an_account_is_revoked_and_only_then_is_it_over(counter):
    row = counter.ask(pay_method="vbank", vbank_due=int(counter.clock.now) + DAY_S)
    counter.issue(row)
    counter.look(row)
    with pytest.raises(service.CannotGiveUp):
        service.give_up(counter.runtime, counter.db, row["id"], person_id=1)
    ended = service.revoke(counter.runtime, counter.db, row["id"], person_id=1)
    assert (ended["state"], ended["ended_by"]) == ("cancelled", 1)


def test_a_deposit_that_was_faster_than_the_revoke_is_kept(counter):
    row = counter.ask(pay_method="vbank", vbank_due=int(counter.clock.now) + DAY_S)
    imp_uid = counter.issue(row)
    counter.look(row)
    counter.deposit(imp_uid)
    with pytest.raises(service.NotRevoked):
        service.revoke(counter.runtime, counter.db, row["id"], person_id=1)
    assert counter.row(row)["state"] == "paid"


def test_a_silent_portone_leaves_the_request_as_it_was(counter):
    row = counter.ask()
    counter.shop.sandbox.sandbox.faults.script(count=9, answer="status", status=502)
    after = counter.look(row)
    assert (after["state"], after["check_error"]) == ("open", "server_error")
