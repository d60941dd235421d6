"""What became of a request: PortOne's word alone decides (payment-window, 4; SEC-35)."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from dashboard import events, gateway
from dashboard.checkout import service, verifying
from dashboard.checkout.service import Line
from dashboard.ksnet import WindowShop
from dashboard.orders.states import payment_state
from dashboard.portone.models import Unreadable
from dashboard.runtime import NoKeys

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


def test_a_ready_window_is_open_still(counter):
    row = counter.ask()
    counter.open_window(row)
    assert counter.look(row)["state"] == "open"


def test_a_change_of_the_announced_amount_is_put_right(counter):
    """Another program announced the number with another amount before our answer came."""
    counter.shop.sandbox.sandbox.faults.script(
        path="/payments/prepare", execute="never", answer="close", count=1
    )
    row = counter.ask()
    counter.runtime.portone().prepare(row["merchant_uid"], 99)
    counter.work(seconds=10)
    held = counter.runtime.portone().get_prepared(row["merchant_uid"])
    assert (held.amount, counter.row(row)["state"]) == (row["amount"], "open")


def test_an_announcement_that_is_never_right_opens_nothing(counter, monkeypatch):
    counter.shop.sandbox.sandbox.faults.script(
        path="/payments/prepare", execute="never", answer="close", count=1
    )
    row = counter.ask()
    client = counter.runtime.portone()
    client.prepare(row["merchant_uid"], 99)
    monkeypatch.setattr(client, "change_prepared", lambda uid, *a, **k: client.get_prepared(uid))
    counter.work(seconds=10)
    after = counter.row(row)
    assert (after["state"], after["check_error"]) == ("preparing", "said_no")


def test_a_payment_the_list_forgot_is_found_by_its_number(counter, monkeypatch):
    """A look-up by order number lags; the browser names the payment."""
    row = counter.ask()
    imp_uid = counter.pay(row)
    client = counter.runtime.portone()
    empty = client.find_payments("nothing")
    monkeypatch.setattr(client, "find_payments", lambda *a, **k: empty)
    assert counter.look(row, hint=imp_uid)["state"] == "paid"


def test_a_real_payment_that_is_suddenly_unknown_is_no_verdict(counter, monkeypatch):
    row = counter.ask()
    counter.pay(row)
    client = counter.runtime.portone()
    batch = client.find_payments(row["merchant_uid"])
    monkeypatch.setattr(client, "find_payments", lambda *a, **k: batch)
    counter.shop.sandbox.sandbox.faults.script(
        path="/payments/imp_*", answer="status", status=404, count=9
    )
    after = counter.look(row)
    assert (after["state"], after["check_error"]) == ("open", "not_found")


def test_contradicting_amounts_are_nobodys_verdict(counter):
    row = counter.ask()
    imp_uid = counter.pay(row)
    with closing(counter.shop.sandbox.sandbox.store.connect()) as db:
        db.execute("UPDATE payments SET status = 'ready' WHERE imp_uid = ?", (imp_uid,))
        db.execute("UPDATE payments SET paid_at = 0 WHERE imp_uid = ?", (imp_uid,))
        db.execute("UPDATE payments SET status = 'odd' WHERE imp_uid = ?", (imp_uid,))
    after = counter.look(row)
    assert (after["state"], after["check_error"]) == ("open", "unclear")


def test_an_account_that_vanishes_from_an_answer_still_waits(counter, monkeypatch):
    row = counter.ask(pay_method="vbank", vbank_due=int(counter.clock.now) + DAY_S)
    counter.issue(row)
    counter.look(row)
    client = counter.runtime.portone()
    empty = client.find_payments("nothing")
    monkeypatch.setattr(client, "find_payments", lambda *a, **k: empty)
    assert counter.look(row)["state"] == "waiting"


def test_without_keys_nobody_is_asked(counter, monkeypatch):
    row = counter.ask()

    def none(limits=None):
        raise NoKeys

    monkeypatch.setattr(counter.runtime, "portone", none)
    assert service.look(counter.runtime, counter.db, row["id"])["state"] == "open"
    counter.work(seconds=4000)
    assert counter.row(row)["last_checked_at"] == row["last_checked_at"]


def test_the_worker_goes_on_after_a_fault_of_its_own(counter, monkeypatch):
    first, second = counter.ask(), counter.ask()
    counter.pay(second)
    real = verifying.judge

    def judge(asked, payments, now):
        if asked.merchant_uid == first["merchant_uid"]:
            raise RuntimeError
        return real(asked, payments, now)

    monkeypatch.setattr(verifying, "judge", judge)
    counter.work(seconds=4000)
    assert counter.row(first)["check_error"] == "broken"
    assert counter.row(second)["state"] == "paid"
    monkeypatch.setattr(verifying, "judge", real)
    counter.work(seconds=4000)
    assert counter.row(first)["check_error"] is None


def test_the_worker_stops_when_told_and_leaves_another_shops_file_alone(counter, monkeypatch):
    row = counter.ask()
    counter.clock.now += 4000
    assert verifying.has_work(counter.runtime, counter.db)
    verifying.work(counter.runtime, counter.db, stopped=lambda: True)
    assert counter.row(row)["last_checked_at"] == row["last_checked_at"]
    other = counter.runtime.instance.database_path("live")
    monkeypatch.setattr(type(counter.runtime), "database_path", property(lambda self: other))
    verifying.work(counter.runtime, counter.db)
    assert counter.row(row)["last_checked_at"] == row["last_checked_at"]


def test_a_busy_file_is_the_workers_to_say(counter, monkeypatch):
    counter.ask()

    def busy(*_args, **_kwargs):
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(verifying, "verify", busy)
    with pytest.raises(sqlite3.OperationalError):
        counter.work(seconds=4000)


def test_a_payment_the_synchronisation_saw_is_looked_at_at_once(counter):
    row = counter.ask()
    imp_uid = counter.pay(row)
    counter.clock.now += 1
    counter.shop.learn(imp_uid)
    counter.work()
    assert counter.row(row)["state"] == "paid"


def test_dollars_are_asked_for_in_cents(counter):
    line = Line(name="Apples", unit_price=1250, quantity=1, tax_free=False)
    row = counter.ask(lines=[line], currency="USD")
    assert row["state"] == "open"
    held = counter.runtime.portone().get_prepared(row["merchant_uid"])
    assert (held.amount, held.currency) == (1250, "USD")
    counter.pay(row, currency="USD")
    assert counter.look(row)["state"] == "paid"


def test_a_shop_that_is_not_set_up_asks_for_nothing(counter, monkeypatch):
    empty = replace(gateway.read(counter.runtime, counter.db), shop=WindowShop())
    monkeypatch.setattr(service.gateway, "read", lambda *_: empty)
    with pytest.raises(service.NotSetUp):
        counter.ask()


def test_what_cannot_be_revoked(counter):
    row = counter.ask()
    with pytest.raises(service.CannotGiveUp):
        service.revoke(counter.runtime, counter.db, row["id"], person_id=1)
    assert not service.close_alarm(counter.runtime, counter.db, row["id"], person_id=1)
    waiting = counter.ask(pay_method="vbank", vbank_due=int(counter.clock.now) + DAY_S)
    counter.issue(waiting)
    counter.look(waiting)
    counter.shop.sandbox.sandbox.faults.script(
        method="DELETE", execute="never", answer="status", status=500
    )
    with pytest.raises(service.NotRevoked) as refused:
        service.revoke(counter.runtime, counter.db, waiting["id"], person_id=1)
    assert refused.value.error is not None and counter.row(waiting)["state"] == "waiting"
    counter.shop.sandbox.sandbox.faults.script(
        method="DELETE", execute="never", answer="status", status=404
    )
    with pytest.raises(service.NotRevoked):
        service.revoke(counter.runtime, counter.db, waiting["id"], person_id=1)


def test_a_revoke_whose_answer_is_lost_is_seen(counter):
    waiting = counter.ask(pay_method="vbank", vbank_due=int(counter.clock.now) + DAY_S)
    counter.issue(waiting)
    counter.look(waiting)
    counter.shop.sandbox.sandbox.faults.script(method="DELETE", answer="close")
    ended = service.revoke(counter.runtime, counter.db, waiting["id"], person_id=1)
    assert ended["state"] == "cancelled"


def test_a_second_account_is_the_one_to_pay_into(counter):
    row = counter.ask(pay_method="vbank", vbank_due=int(counter.clock.now) + DAY_S)
    counter.issue(row)
    counter.look(row)
    counter.clock.now += 60
    newer = counter.issue(row)
    assert counter.look(row)["imp_uid"] == newer


def test_an_account_with_another_amount_alarms_before_anybody_pays(counter):
    row = counter.ask(pay_method="vbank", vbank_due=int(counter.clock.now) + DAY_S)
    counter.issue(row, amount=1)
    wrong = counter.look(row)
    assert (wrong["state"], wrong["alarm"]) == ("mismatch", "amount")
    ended = service.revoke(counter.runtime, counter.db, row["id"], person_id=1)
    assert ended["state"] == "cancelled"


def test_reading_and_finding_requests(counter):
    paid = counter.ask(buyer_name="남궁민수", buyer_tel="010-1234-5678")
    wrong = counter.ask()
    counter.pay(paid)
    counter.look(paid)
    counter.pay(wrong, amount=1)
    counter.look(wrong)
    find = lambda **asked: [one["id"] for one in service.search(counter.db, limit=9, **asked)]  # noqa: E731
    assert set(find()) == {paid["id"], wrong["id"]}
    assert find(states=("paid",)) == [paid["id"]] and find(alarmed=True) == [wrong["id"]]
    assert find(text="남궁") == [] and find(text="남궁", personal=True) == [paid["id"]]
    assert find(text="5678", personal=True) == [paid["id"]] and find(text="buyer_tel") == []
    assert find(text=wrong["merchant_uid"].lower()) == [wrong["id"]] and find(text="%") == []
    assert service.counts(counter.db) == {"paid": 1, "mismatch": 1, "alarm": 1}
    assert service.payment_of(counter.db, counter.row(paid)).status == "paid"
    assert service.payment_of(counter.db, paid) is None
    assert service.order_of(counter.db, paid)
    assert service.find_by_number(counter.db, paid["merchant_uid"])["id"] == paid["id"]
    assert service.lines(counter.db, paid["id"])[0]["name"] == "사과 한 상자"
    assert service.look(counter.runtime, counter.db, "none") is None


def test_a_number_that_is_taken_is_not_given_again(counter, monkeypatch):
    taken = iter([True, True, False])
    monkeypatch.setattr(service.store, "number_is_taken", lambda *_: next(taken))
    assert counter.ask()["state"] == "open"
    monkeypatch.undo()
    row = counter.ask()
    assert service.store.number_is_taken(counter.db, row["merchant_uid"])


def test_the_second_click_finds_the_first_ones_request(counter, monkeypatch):
    row = counter.ask()
    seen = iter([None, row])  # between the first look and the transaction the other click wrote
    monkeypatch.setattr(service.store, "find_by_form", lambda *_: next(seen))
    assert counter.ask()["id"] == row["id"]
    assert len(service.search(counter.db, limit=9)) == 1


def test_an_account_that_was_revoked_in_the_console_meanwhile(counter):
    row = counter.ask(pay_method="vbank", vbank_due=int(counter.clock.now) + DAY_S)
    imp_uid = counter.issue(row)
    counter.look(row)
    counter.runtime.portone().revoke_vbank(imp_uid)
    ended = service.revoke(counter.runtime, counter.db, row["id"], person_id=1)
    assert ended["state"] == "cancelled"
    assert counter.calls("DELETE") == [f"/vbanks/{imp_uid}"]  # and none of ours


# -- whoever hears of money first, nothing of it is lost ----------------------------------------


def two_accounts(counter) -> tuple[dict, str, str]:
    row = counter.ask(pay_method="vbank", vbank_due=int(counter.clock.now) + DAY_S)
    first = counter.issue(row)
    counter.look(row)
    counter.clock.now += 60
    second = counter.issue(row)
    counter.look(row)
    return row, first, second


def test_a_deposit_into_the_second_of_two_known_accounts_is_paid_twice(counter):
    row, first, second = two_accounts(counter)
    counter.deposit(first)
    assert counter.look(row)["alarm"] is None
    counter.clock.now += 3600
    counter.deposit(second)
    counter.shop.learn(second)  # the synchronisation brings it, no webhook does
    counter.work()
    assert (counter.row(row)["state"], counter.row(row)["alarm"]) == ("paid", "paid_twice")


def test_revoking_takes_every_account_back(counter):
    row, first, second = two_accounts(counter)
    ended = service.revoke(counter.runtime, counter.db, row["id"], person_id=1)
    assert ended["state"] == "cancelled"
    assert set(counter.calls("DELETE")) == {f"/vbanks/{first}", f"/vbanks/{second}"}


def test_an_order_with_more_accounts_than_one_click_takes_back(counter, monkeypatch):
    monkeypatch.setattr(service, "_MOST_ACCOUNTS", 1)
    row, _first, _second = two_accounts(counter)
    with pytest.raises(service.NotRevoked):
        service.revoke(counter.runtime, counter.db, row["id"], person_id=1)
    assert counter.row(row)["state"] == "waiting"


def test_a_deposit_days_after_its_end_is_noticed(counter):
    row = counter.ask(pay_method="vbank", vbank_due=int(counter.clock.now) + DAY_S)
    imp_uid = counter.issue(row)
    service.opened(counter.runtime, counter.db, row)
    counter.look(row)
    counter.work(seconds=5 * DAY_S)
    assert counter.row(row)["state"] == "expired"
    counter.deposit(imp_uid)
    counter.shop.learn(imp_uid)
    counter.work()
    assert (counter.row(row)["state"], counter.row(row)["alarm"]) == ("paid", "late")


def test_an_older_answer_takes_no_alarm_away(counter, monkeypatch):
    """A look that began before the buyer paid ends after the one that saw it."""
    row = counter.ask()
    service.opened(counter.runtime, counter.db, row)
    service.give_up(counter.runtime, counter.db, row["id"], person_id=1)
    client = counter.runtime.portone()
    empty = client.find_payments("nothing")
    counter.clock.now += 30
    counter.pay(row)
    assert counter.look(row)["alarm"] == "late"
    monkeypatch.setattr(client, "find_payments", lambda *a, **k: empty)
    after = counter.look(row)
    assert (after["state"], after["alarm"]) == ("paid", "late")


def test_a_third_payment_alarms_again_after_the_second_was_seen_to(counter):
    row = counter.ask()
    counter.pay(row)
    counter.look(row)
    counter.clock.now += 60
    counter.pay(row)
    assert counter.look(row)["alarm"] == "paid_twice"
    assert service.close_alarm(counter.runtime, counter.db, row["id"], person_id=1)
    assert counter.look(row)["alarm"] is None
    counter.clock.now += 60
    counter.pay(row)
    assert counter.look(row)["alarm"] == "paid_twice"


def test_a_look_that_fails_waits_its_pause_whatever_the_ledger_heard(counter):
    row = counter.ask()
    counter.shop.learn(counter.open_window(row))
    counter.shop.sandbox.sandbox.faults.script(
        method="GET", path="/payments/findAll/*", answer="status", status=400, count=99
    )
    before = len(counter.calls())
    for _ in range(60):
        counter.work(seconds=1)
    assert len(counter.calls()) - before <= 16  # four looks, and the client's own repeats
    assert counter.row(row)["check_error"]


def test_an_unreachable_portone_ends_the_round(counter):
    for _ in range(5):
        counter.ask()
    counter.shop.sandbox.sandbox.faults.script(method="GET", answer="close", count=99)
    before = len(counter.calls())
    counter.work(seconds=4000)
    assert len(counter.calls()) - before <= 4  # one request, with the client's own repeats


def test_a_clock_that_was_ahead_stops_nothing(counter):
    counter.clock.now += 400 * DAY_S
    row = counter.ask()
    counter.clock.now -= 400 * DAY_S
    counter.pay(row)
    counter.work()
    assert counter.row(row)["state"] == "paid"


def test_cancelled_whole_before_anybody_looked_is_not_paid(counter):
    row = counter.ask()
    counter.shop.console(counter.pay(row), 12_000)
    assert counter.look(row)["state"] == "cancelled"


def test_paid_stays_paid_when_it_is_given_back_later(counter):
    row = counter.ask()
    imp_uid = counter.pay(row)
    counter.look(row)
    counter.shop.console(imp_uid, 12_000)
    assert counter.look(row)["state"] == "paid"
    assert payment_state(service.payment_of(counter.db, counter.row(row))) == "cancelled"


def test_giving_up_asks_first_and_finds_the_account(counter):
    row = counter.ask(pay_method="vbank", vbank_due=int(counter.clock.now) + DAY_S)
    service.opened(counter.runtime, counter.db, row)
    counter.issue(row)
    with pytest.raises(service.CannotGiveUp):
        service.give_up(counter.runtime, counter.db, row["id"], person_id=1)
    assert counter.row(row)["state"] == "waiting"


def test_an_account_issued_after_the_end_alarms_and_can_be_revoked(counter):
    row = counter.ask(pay_method="vbank", vbank_due=int(counter.clock.now) + DAY_S)
    service.opened(counter.runtime, counter.db, row)
    service.give_up(counter.runtime, counter.db, row["id"], person_id=1)
    counter.issue(row)
    after = counter.look(row)
    assert (after["state"], after["alarm"]) == ("waiting", "late")
    service.revoke(counter.runtime, counter.db, row["id"], person_id=1)
    assert (counter.row(row)["state"], counter.row(row)["alarm"]) == ("cancelled", None)


def test_nothing_is_revoked_unread(counter):
    row = counter.ask(pay_method="vbank", vbank_due=int(counter.clock.now) + DAY_S)
    counter.issue(row)
    counter.look(row)
    counter.shop.sandbox.sandbox.faults.script(
        method="GET", path="/payments/findAll/*", answer="status", status=503, count=9
    )
    with pytest.raises(service.NotRevoked):
        service.revoke(counter.runtime, counter.db, row["id"], person_id=1)
    assert counter.calls("DELETE") == []


def test_a_failed_look_leaves_what_another_has_found(counter):
    row = counter.ask()
    counter.pay(row)
    counter.clock.now += 1
    assert counter.look(row)["state"] == "paid"
    verifying._failed(counter.runtime, counter.db, row, "no_answer")  # begun before that one
    assert counter.row(row)["check_error"] is None and counter.row(row)["next_check_at"] is None


def test_an_attempt_nobody_can_read_is_no_reason_to_say_nothing_was_paid(counter, monkeypatch):
    row = counter.ask()
    client = counter.runtime.portone()
    page = client.find_payments(row["merchant_uid"])
    broken = replace(page, unreadable=(Unreadable(imp_uid="imp_000000000009", raw={}),))
    monkeypatch.setattr(client, "find_payments", lambda *a, **k: broken)
    assert counter.look(row)["check_error"] == "unclear"
