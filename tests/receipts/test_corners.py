"""What seldom happens to a receipt, and must still end well."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from dashboard.database import connect, write
from dashboard.portone import PortOneNotSent, ReceiptFor, Why
from dashboard.receipts import known, resolving, sending, service, store
from dashboard.receipts.service import AlreadyThere, CannotAsk, NotEligible
from dashboard.runtime import NoKeys
from tests.receipts.conftest import SOMEBODY, Till


def silent(till, what: str = "GET", path: str = "/*") -> None:
    """PortOne answers nothing of this kind any more."""
    till.shop.sandbox.sandbox.faults.script(
        method=what, path=path, execute="never", answer="close", count=None
    )


def heard(till) -> None:
    till.shop.sandbox.sandbox.faults.clear()


# -- who may have one ---------------------------------------------------------------------------


def test_only_what_is_paid_in_cash_has_one(till, paid, shop):
    db = shop.db
    assert service.offer(db, paid("paid_card").imp_uid).against == "method"
    assert service.offer(db, paid("ready_vbank").imp_uid).against == "not_paid"
    gone = shop.pay("trans", amount=20_000)
    till.refund(gone)
    assert service.offer(db, gone).against == "nothing_left"
    assert service.offer(db, "imp_000000000000") is None
    with pytest.raises(NotEligible) as refused:
        till.ask(gone, shown_amount=20_000)
    assert refused.value.why == "nothing_left"
    with pytest.raises(NotEligible):
        till.ask("imp_000000000000", shown_amount=1_000)


def test_not_while_a_refund_is_open(till, shop, transfer):
    shop.ask(transfer, 10_000)
    assert service.offer(shop.db, transfer).against == "refund_open"


def test_not_when_money_went_back_another_way(till, shop, transfer):
    with write(shop.db):
        shop.db.execute(
            "INSERT INTO outside_cancels (imp_uid, order_id, amount, cancelled_on, evidence,"
            " person_id, created_at) SELECT imp_uid, order_id, 1000, '2026-08-21', 'KSNET 화면',"
            " ?, 1 FROM payments WHERE imp_uid = ?",
            [shop.person_id, transfer],
        )
    assert service.offer(shop.db, transfer).against == "reserved"


@pytest.mark.parametrize(
    ("changes", "why"), [({"currency": "USD"}, "currency"), ({"status": "odd"}, "unclear")]
)
def test_what_is_not_understood_has_none(till, shop, transfer, changes, why):
    from dataclasses import replace

    payment = replace(shop.payment(transfer), **changes)
    assert service._against(shop.db, payment) == why


@pytest.mark.parametrize("tax_free", [-1, 66_001])
def test_a_tax_free_part_that_does_not_fit_is_no_request(till, transfer, tax_free):
    with pytest.raises(ValueError, match="tax_free"):
        till.ask(transfer, tax_free=tax_free)
    with pytest.raises(ValueError, match="tax_free"):
        till.sell("cash-1", 66_000, tax_free=tax_free)
    with pytest.raises(ValueError, match="product_type"):
        till.ask(
            transfer,
            receipt_for=ReceiptFor(
                identifier="01012345678",
                identifier_type="phone",
                type="person",
                product_type="",
                buyer_name="오세진",
            ),
        )
    assert till.sent("POST") == []


# -- PortOne cannot be asked --------------------------------------------------------------------


def test_nothing_is_written_down_when_portone_cannot_be_asked(till, transfer):
    silent(till)
    with pytest.raises(CannotAsk):
        till.ask(transfer)
    with pytest.raises(CannotAsk):
        service.look_up(
            till.shop.runtime, till.shop.db, imp_uid=transfer, person_id=till.shop.person_id
        )
    assert store.search(till.shop.db) == []


def test_asked_again_until_its_time_is_over(till, transfer):
    receipt_id = till.ask(transfer)
    silent(till)
    till.work()
    assert till.state(receipt_id) == "intent" and till.row(receipt_id)["check_error"]
    till.work(seconds=till.shop.runtime.config.intent_life_s + 1)
    row = till.row(receipt_id)
    assert row["state"] == "not_issued" and row["answer"] == "unsent"
    assert till.shop.runtime.receipt_subjects == {} and till.sent("POST") == []


def test_a_look_that_fails_proves_nothing(till, transfer):
    till.fault("POST", transfer, execute="before", answer="close")
    till.fault("GET", transfer, skip=2, answer="status", status=500, count=6)
    receipt_id = till.ask(transfer)
    till.work()
    assert till.state(receipt_id) == "unknown" and till.row(receipt_id)["check_error"]
    heard(till)
    till.settle()
    assert till.state(receipt_id) == "issued"


def test_no_line_at_all(till, transfer, monkeypatch):
    client = type(till.shop.runtime.portone())

    def unsent(self, *args, **given):
        raise PortOneNotSent(why=Why.NO_CONNECTION)

    receipt_id = till.ask(transfer)
    with monkeypatch.context() as patch:
        patch.setattr(client, "issue_receipt", unsent)
        till.work()
    assert till.state(receipt_id) == "rejected"
    receipt_id = till.ask(transfer)
    till.work()
    till.cancel(receipt_id)
    with monkeypatch.context() as patch:
        patch.setattr(client, "cancel_receipt", unsent)
        till.work()
    assert till.state(receipt_id) == "issued" and till.row(receipt_id)["api_message"]


def test_a_fault_of_ours_is_looked_for_like_a_lost_answer(till, transfer, monkeypatch):
    client = type(till.shop.runtime.portone())

    def broken(self, *args, **given):
        raise RuntimeError

    receipt_id = till.ask(transfer)
    with monkeypatch.context() as patch:
        patch.setattr(client, "issue_receipt", broken)
        patch.setattr(resolving, "check", broken)
        till.work()
    row = till.row(receipt_id)
    assert (row["state"], row["answer"], row["check_error"]) == ("unknown", "doubtful", "broken")
    till.settle()
    assert till.state(receipt_id) == "not_issued"


def test_a_busy_file_is_no_fault(till, transfer, monkeypatch):
    receipt_id = till.ask(transfer)

    def busy(*args):
        raise sqlite3.OperationalError("database is locked")

    with monkeypatch.context() as patch:
        patch.setattr(resolving, "check", busy)
        with pytest.raises(sqlite3.OperationalError):
            till.work()
    till.settle()
    assert till.state(receipt_id) == "issued"


def test_without_keys_nothing_is_sent(till, transfer, monkeypatch):
    receipt_id = till.ask(transfer)

    def no_keys(limits=None):
        raise NoKeys

    with monkeypatch.context() as patch:
        patch.setattr(till.shop.runtime, "portone", no_keys)
        till.work()
    assert till.state(receipt_id) == "intent"


def test_the_other_modes_file_is_left_alone(till, transfer, monkeypatch, tmp_path):
    receipt_id = till.ask(transfer)
    with monkeypatch.context() as patch:
        patch.setattr(type(till.shop.runtime), "database_path", tmp_path / "live.db")
        till.work()
        with pytest.raises(CannotAsk):
            service.look_up(
                till.shop.runtime, till.shop.db, imp_uid=transfer, person_id=till.shop.person_id
            )
    assert till.state(receipt_id) == "intent"


@pytest.mark.parametrize("after", [0, 1])
def test_stopped_between_two(till, transfer, after):
    till.ask(transfer)
    seen = iter([False] * after + [True] * 9)
    sending.work(till.shop.runtime, till.shop.db, stopped=lambda: next(seen))
    state = store.search(till.shop.db)[0]["state"]
    assert state == ("intent" if after == 0 else "issued")


def test_stopped_before_a_look(till, transfer):
    till.fault("POST", transfer, execute="before", answer="close")
    till.fault("GET", transfer, skip=2, answer="close", count=4)
    till.ask(transfer)
    till.work()
    till.shop.clock.now += 60
    sending.work(till.shop.runtime, till.shop.db, stopped=lambda: True)
    assert store.search(till.shop.db)[0]["state"] == "unknown"


# -- two processes ------------------------------------------------------------------------------


def test_another_process_leaves_a_living_one_alone(till, transfer, restarted):
    receipt_id = till.ask(transfer)
    other = Till(restarted(till.shop))
    other.work()  # started in the same second: the row may be of a living process
    assert till.state(receipt_id) == "intent"
    till.work()
    assert till.state(receipt_id) == "issued"


def test_who_lost_its_turn_sends_nothing(till, transfer, monkeypatch):
    receipt_id = till.ask(transfer)
    move = store.move

    def taken(db, row, to, **given):
        if to in ("sending", "cancel_sending"):
            return False
        return move(db, row, to, **given)

    with monkeypatch.context() as patch:
        patch.setattr(store, "move", taken)
        till.work()
    assert till.sent("POST") == []
    # the identifier is gone with the turn
    till.work()
    assert till.state(receipt_id) == "not_issued"
    receipt_id = till.ask(transfer)
    till.work()
    till.cancel(receipt_id)
    with monkeypatch.context() as patch:
        patch.setattr(store, "move", taken)
        till.work()
    assert till.sent("DELETE") == [] and till.state(receipt_id) == "cancel_intent"


def test_taken_over_while_it_was_away(till, transfer, monkeypatch):
    client = type(till.shop.runtime.portone())
    issue = client.issue_receipt
    receipt_id = till.ask(transfer)

    def slow(self, *args, **given):
        said = issue(self, *args, **given)
        with closing(connect(till.shop.runtime.database_path)) as db, write(db):
            store.move(db, store.find(db, receipt_id), "unknown", at=1, next_check_at=0)
        return said

    with monkeypatch.context() as patch:
        patch.setattr(client, "issue_receipt", slow)
        till.work()
    till.settle()
    assert till.state(receipt_id) == "issued" and len(till.sent("POST")) == 1


def test_a_call_in_flight_is_not_taken_over(till, transfer):
    receipt_id = till.ask(transfer)
    db, now = till.shop.db, till.shop.runtime.now()
    with write(db):
        store.move(db, store.find(db, receipt_id), "sending", at=now, attempt=1, sent_at=now)
    till.shop.runtime.receipts_in_flight.add(receipt_id)
    till.work()
    assert till.state(receipt_id) == "sending"
    till.shop.runtime.receipts_in_flight.clear()
    with write(db):  # of another process that lives
        store.note(db, store.find(db, receipt_id), owner="another")
    till.work()
    assert till.state(receipt_id) == "sending"
    till.work(seconds=3600)
    till.settle()
    assert till.state(receipt_id) == "not_issued"


# -- what was elsewhere -------------------------------------------------------------------------


def test_given_up_and_there_after_all(till, transfer):
    till.fault("POST", transfer, execute="before", answer="close")
    receipt_id = till.ask(transfer)
    till.fault(
        "GET",
        transfer,
        answer="status",
        status=404,
        count=None,
        skip=1,
        execute="never",
        body='{"code": -1, "message": "없음", "response": null}',
    )
    till.work()
    till.settle()
    assert till.state(receipt_id) == "not_issued"
    heard(till)
    with pytest.raises(AlreadyThere) as found:
        till.ask(transfer)
    assert found.value.receipt_id == receipt_id and till.state(receipt_id) == "issued"
    assert len(till.sent("POST")) == 1


def test_cancelled_elsewhere_is_seen_by_a_look(till, transfer):
    receipt_id = till.ask(transfer)
    till.work()
    till.shop.runtime.portone().cancel_receipt(transfer)
    seen, row = service.look_up(
        till.shop.runtime, till.shop.db, imp_uid=transfer, person_id=till.shop.person_id
    )
    assert seen.cancelled_at and row is None and till.state(receipt_id) == "cancelled"


def test_an_outside_sale_looked_up(till):
    receipt_id = till.sell("cash-9")
    till.work()
    look = lambda: service.look_up_external(till.shop.runtime, till.shop.db, receipt_id)  # noqa: E731
    seen, row = look()
    assert seen.apply_num == row["apply_num"] and row["state"] == "issued"
    till.shop.runtime.portone().cancel_external_receipt("cash-9")
    assert look()[1]["state"] == "cancelled"
    silent(till)
    with pytest.raises(CannotAsk):
        look()
    assert service.look_up_external(till.shop.runtime, till.shop.db, "none") == (None, None)


def test_an_outside_sale_known_elsewhere(till):
    portone = till.shop.runtime.portone()
    given = {"name": "사과", "tax_free": 0, "pg": "ksnet"}
    portone.issue_external_receipt("cash-1", SOMEBODY, amount=11_000, **given)
    portone.issue_external_receipt("cash-2", SOMEBODY, amount=9_000, **given)
    same, other = till.sell("cash-1"), till.sell("cash-2")
    till.work()
    assert (till.state(same), till.row(same)["adopted"]) == ("issued", 1)
    assert till.state(other) == "rejected" and len(till.sent("POST")) == 2


def test_a_sale_cancelled_before_may_be_issued_again(till):
    first = till.sell("cash-1")
    till.work()
    till.cancel(first)
    till.work()
    assert service.find_sale(till.shop.db, "cash-1")["id"] == first
    again = till.sell("cash-1")
    till.work()
    assert till.state(again) == "issued"
    assert [row["id"] for row in service.of_batch(till.shop.db, "none")] == []
    assert till.row(again)["base_tid"] == till.row(first)["receipt_tid"]


def test_issued_and_cancelled_before_we_looked(till, transfer):
    till.fault("POST", transfer, execute="before", answer="close")
    till.fault("GET", transfer, skip=2, answer="close", count=4)
    receipt_id = till.ask(transfer)
    till.work()
    till.shop.runtime.portone().cancel_receipt(transfer)
    heard(till)
    till.settle()
    assert till.state(receipt_id) == "cancelled" and till.standing(transfer) == "cancelled"


def test_two_clicks_at_once(till, transfer, monkeypatch):
    """Both looked before either wrote: the file itself says no to the second."""
    first = till.ask(transfer)
    monkeypatch.setattr(resolving, "adopt", lambda *args, **given: None)
    with pytest.raises(AlreadyThere) as found:
        till.ask(transfer)
    assert found.value.receipt_id == first
    assert list(till.shop.runtime.receipt_subjects) == [first]


def test_the_old_one_moves_on_in_that_moment(till, transfer, monkeypatch):
    old = till.ask(transfer)
    till.work()
    seen = till.row(old)
    till.cancel(old)
    monkeypatch.setattr(resolving, "adopt", lambda *args, **given: seen)
    with pytest.raises(AlreadyThere):
        till.ask(transfer, replace=True)
    assert till.shop.runtime.receipt_subjects == {}


# -- looking for what is missing ----------------------------------------------------------------


def test_a_failed_look_for_missing_ones_rests_a_minute(till):
    imp_uid = till.shop.pay("trans", amount=10_000)
    silent(till)
    till.work(seconds=25 * 3600)
    now = till.shop.runtime.now()
    assert known.to_look_at(till.shop.db, now) == imp_uid
    heard(till)
    till.work()
    assert known.to_look_at(till.shop.db, now) == imp_uid  # not yet
    till.work(seconds=61)
    assert known.to_look_at(till.shop.db, now) is None


def test_found_elsewhere_is_not_missing(till):
    imp_uid = till.shop.pay("trans", amount=10_000)
    till.shop.runtime.portone().issue_receipt(imp_uid, SOMEBODY, tax_free=0)
    till.work(seconds=25 * 3600)
    assert known.count_missing(till.shop.db, till.shop.runtime.now()) == 0


# -- pages --------------------------------------------------------------------------------------


def test_search_and_sums_agree(till, transfer):
    till.ask(transfer, tax_free=22_000)
    till.work()
    till.sell("cash-1", 11_000)
    till.work()
    till.cancel(till.sell("cash-2", 5_000) and store.search(till.shop.db, text="cash-1")[0]["id"])
    till.work()
    db, now = till.shop.db, till.shop.runtime.now()
    assert len(service.search(db)) == 3
    assert len(service.search(db, text="cash-", limit=1, offset=1)) == 1
    found = service.sums(db, states=("issued",), type="person", from_at=now - 9, to_at=now + 9)
    assert (found["count"], found["issued"], found["amount"]) == (2, 2, 71_000)
    assert found["supply"] + found["vat"] + found["tax_free"] == found["amount"]
    assert service.sums(db, text="nothing like it")["amount"] == 0
    assert service.is_busy("unknown") and not service.is_busy("issued")
    assert service.find(db, "none") is None and service.waits_for(db, "none") is None


def test_asked_to_look_now(till, transfer):
    till.fault("POST", transfer, execute="before", answer="close")
    till.fault("GET", transfer, skip=2, answer="close", count=4)
    receipt_id = till.ask(transfer)
    runtime, db = till.shop.runtime, till.shop.db
    assert not service.check_now(runtime, db, receipt_id)
    till.work()
    assert service.check_now(runtime, db, receipt_id)  # asked a moment ago: stays as planned
    till.shop.clock.now += 6
    heard(till)
    assert service.check_now(runtime, db, receipt_id)
    till.work()
    assert till.state(receipt_id) == "issued"


def test_numbers_are_suggested_until_one_is_free(monkeypatch):
    made = iter(["a" * 32, "b" * 32])
    monkeypatch.setattr(service.uuid, "uuid4", lambda: type("U", (), {"hex": next(made)})())
    assert service.suggest_merchant_uid(0, ["cash-19700101-aaaaaaaa"]) == "cash-19700101-bbbbbbbb"


def test_a_state_never_jumps(till, transfer):
    receipt_id = till.ask(transfer)
    with pytest.raises(ValueError, match="never becomes"):
        store.move(till.shop.db, till.row(receipt_id), "cancelled", at=1)
    with pytest.raises(sqlite3.IntegrityError), write(till.shop.db):
        till.shop.db.execute("UPDATE receipts SET amount = 1")
    with pytest.raises(sqlite3.IntegrityError), write(till.shop.db):
        till.shop.db.execute("DELETE FROM receipts")


def test_the_identifier_is_gone_at_the_last_moment(till, transfer):
    receipt_id = till.ask(transfer)
    till.shop.runtime.receipt_subjects.clear()
    portone = till.shop.runtime.portone()
    sending._send(till.shop.runtime, till.shop.db, portone, till.row(receipt_id))
    assert till.state(receipt_id) == "not_issued" and till.sent("POST") == []


def test_a_look_at_what_has_ended_changes_nothing(till, transfer):
    receipt_id = till.ask(transfer)
    till.work()
    row = till.row(receipt_id)
    resolving.check(till.shop.runtime, till.shop.db, till.shop.runtime.portone(), row)
    with write(till.shop.db):
        old = row | {"state": "cancel_unknown"}
        assert not resolving.settle_cancelled(till.shop.runtime, till.shop.db, old, 1)
        resolving.stays(till.shop.runtime, till.shop.db, old, "아니요")
    assert till.state(receipt_id) == "issued" and till.row(receipt_id)["api_message"] is None


def test_a_cancel_nobody_answers_is_waited_for(till, transfer):
    receipt_id = till.ask(transfer)
    till.work()
    till.fault("DELETE", transfer, execute="never", answer="close")
    till.cancel(receipt_id)
    till.work()
    assert till.state(receipt_id) == "cancel_unknown" and till.standing(transfer) == "cancelling"
    till.settle()
    assert till.state(receipt_id) == "issued" and len(till.sent("DELETE")) == 1


def test_another_amount_than_the_dead_one_is_somebody_elses(till, transfer):
    till.fault("POST", transfer, execute="never", answer="close")
    dead = till.ask(transfer)
    till.work()
    till.settle()
    till.refund(transfer, 16_000)
    till.shop.runtime.portone().issue_receipt(transfer, SOMEBODY, tax_free=0)
    with pytest.raises(AlreadyThere) as found:
        till.ask(transfer)
    assert found.value.receipt_id != dead and till.state(dead) == "not_issued"


def test_a_receipt_of_a_payment_nobody_knows(till, transfer):
    portone = till.shop.runtime.portone()
    seen = portone.issue_receipt(transfer, SOMEBODY, tax_free=0)
    with write(till.shop.db):
        adopted = resolving.adopt(
            till.shop.runtime, till.shop.db, seen, imp_uid="imp_000000000000", person_id=1
        )
    assert adopted is None


def test_stopped_before_looking_for_missing_ones(till):
    till.shop.pay("trans", amount=10_000)
    till.shop.clock.now += 25 * 3600
    sending.work(till.shop.runtime, till.shop.db, stopped=lambda: True)
    assert known.count_missing(till.shop.db, till.shop.runtime.now()) == 0


def test_a_living_process_is_leaving(till, transfer):
    """Its row was moved by somebody else in the moment this one wanted to take it over."""
    receipt_id = till.ask(transfer)
    db, now = till.shop.db, till.shop.runtime.now()
    with write(db):
        store.move(db, store.find(db, receipt_id), "sending", at=now, attempt=1, sent_at=now)
    old = till.row(receipt_id)
    with write(db):
        store.move(db, old, "unknown", at=now, answer="doubtful", next_check_at=0)
    sending._recover_sending(till.shop.runtime, db, old, first=False)
    assert till.state(receipt_id) == "unknown"
    till.settle()


def test_rows_of_a_file_in_its_order(till):
    made = [till.sell(f"cash-{number}", batch_id="file") for number in (3, 1, 2)]
    assert [row["id"] for row in service.of_batch(till.shop.db, "file")] == made
    assert service.find_sale(till.shop.db, "cash-1")["id"] == made[1]
    assert store.by_form(till.shop.db, "none") is None


def test_a_form_that_became_another_ones_row(till, monkeypatch):
    """The very same form twice at once: the second learns what the first has become."""
    first = till.sell("cash-1", form_token="one")
    monkeypatch.setattr(service, "_form_is_new", lambda db, token: None)
    with pytest.raises(AlreadyThere) as found:
        till.sell("cash-1", form_token="one")
    assert found.value.receipt_id == first
    with pytest.raises(sqlite3.IntegrityError):
        till.sell("cash-2", form_token="one")


def test_a_receipt_issued_again_elsewhere_is_not_cancelled_in_its_place(till, transfer):
    """PortOne cancels by payment: a file that is behind must not take back the newer one."""
    receipt_id = till.ask(transfer)
    till.work()
    till.refund(transfer, 16_000)
    portone = till.shop.runtime.portone()
    portone.cancel_receipt(transfer)
    portone.issue_receipt(transfer, SOMEBODY, tax_free=0)
    till.cancel(receipt_id)
    till.work()
    assert till.state(receipt_id) == "cancelled" and len(till.sent("DELETE")) == 1
    newer = store.live_of(till.shop.db, transfer)
    assert newer["adopted"] == 1 and not till.there(transfer)[-1]["cancelled_at"]
    assert "receipt_cancel" in till.owed(transfer)  # of the one that lives


def test_one_cancelled_elsewhere_needs_no_cancel(till, transfer):
    receipt_id = till.ask(transfer)
    till.work()
    till.refund(transfer)
    till.shop.runtime.portone().cancel_receipt(transfer)
    till.cancel(receipt_id)
    till.work()
    assert till.state(receipt_id) == "cancelled" and len(till.sent("DELETE")) == 1
    assert till.owed(transfer) == ()


def test_an_outside_sale_issued_again_elsewhere(till):
    receipt_id = till.sell("cash-1")
    till.work()
    portone = till.shop.runtime.portone()
    portone.cancel_external_receipt("cash-1")
    portone.issue_external_receipt(
        "cash-1", SOMEBODY, name="사과", amount=11_000, tax_free=0, pg="ksnet"
    )
    till.cancel(receipt_id)
    till.work()
    assert till.state(receipt_id) == "cancelled" and len(till.sent("DELETE")) == 1


def test_a_cancel_that_cannot_leave_is_given_up_in_time(till, transfer):
    receipt_id = till.ask(transfer)
    till.work()
    till.cancel(receipt_id)
    silent(till)
    till.work()
    assert till.state(receipt_id) == "cancel_intent" and till.row(receipt_id)["check_error"]
    till.work(seconds=till.shop.runtime.config.intent_life_s + 1)
    assert till.state(receipt_id) == "issued" and till.sent("DELETE") == []
    heard(till)
    till.cancel(receipt_id)
    till.work()
    assert till.state(receipt_id) == "cancelled"


# -- what a refund takes for alive --------------------------------------------------------------


def test_a_receipt_cancelled_before_the_refund_owes_nothing(till, transfer):
    receipt_id = till.ask(transfer)
    till.work()
    till.cancel(receipt_id)
    till.work()
    till.refund(transfer, 16_000)
    assert till.owed(transfer) == ()


def test_a_receipt_of_the_window_counts_though_portone_lists_none(till, shop, transfer):
    shop.ask(transfer, 16_000)
    with write(shop.db):
        shop.db.execute(
            "UPDATE payments SET raw = json_set(raw, '$.cash_receipt_issued', json('true'))"
            " WHERE imp_uid = ?",
            [transfer],
        )
    shop.work()
    assert till.owed(transfer) == ("receipt_cancel", "receipt_reissue")


def test_portone_cannot_be_asked_for_a_payment_of_the_number(till):
    silent(till)
    receipt_id = till.sell("cash-1")  # the worker asks before it sends
    till.work()
    assert till.state(receipt_id) == "intent" and till.sent("POST") == []
    heard(till)
    till.work()
    assert till.state(receipt_id) == "issued"
