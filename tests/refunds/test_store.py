"""Finding refunds again, and the tasks they leave."""

import pytest

from dashboard import events
from dashboard.database import write
from dashboard.refunds import service, store, tasks
from tests.conftest import START

DAY_S = 86_400


@pytest.fixture
def refunds(shop, sandbox_payments) -> list[str]:
    """One that succeeded, a day later one that was refused, a day later one still open."""
    found = []
    for number in range(3):
        one = sandbox_payments[("paid_card", "paid_trans", "escrow")[number]][0]["imp_uid"]
        if number == 1:
            shop.fault(execute="never", answer="body", body='{"code": 1, "message": "거절"}')
        found.append(shop.ask(one, overrule="확인함"))
        if number < 2:
            shop.work()
        shop.clock.now += DAY_S
    return found


def test_history_by_state_time_person_and_words(shop, refunds):
    def ids(**given):
        return [row["id"] for row in store.history(shop.db, **given)]

    done, refused, waiting = refunds
    assert ids() == [waiting, refused, done]
    assert ids(limit=1, offset=1) == [refused]
    assert ids(states=["succeeded", "rejected"]) == [refused, done]
    assert ids(from_at=START + DAY_S, to_at=START + 2 * DAY_S) == [refused]
    assert ids(person_id=shop.person_id + 1) == []
    row = store.find(shop.db, refused)
    for text in (row["merchant_uid"], row["imp_uid"], row["buyer_name"], row["nonce"]):
        assert refused in ids(text=text)
    assert ids(text="%") == []
    sums = store.history_sum(shop.db, states=["succeeded"])
    assert sums == {"succeeded": (1, store.find(shop.db, done)["amount"])}


def test_open_ones_and_those_of_an_order(shop, refunds):
    waiting = store.find(shop.db, refunds[2])
    assert [row["id"] for row in store.open_refunds(shop.db)] == [refunds[2]]
    assert [row["id"] for row in service.refunds_of(shop.db, waiting["order_id"])] == [refunds[2]]
    assert service.find(shop.db, refunds[2])["person"] == "owner"
    assert service.find(shop.db, "nothing") is None
    assert store.by_form(shop.db, waiting["form_token"])["id"] == refunds[2]


def test_no_way_leads_back(shop, refunds):
    row = store.find(shop.db, refunds[0])
    with write(shop.db), pytest.raises(ValueError, match="never becomes"):
        store.move(shop.db, row, "unknown", at=START)


def test_a_reminder_is_moved_and_done(shop, refunds):
    row = store.find(shop.db, refunds[0])
    given = {"order_id": row["order_id"], "imp_uid": row["imp_uid"], "person_id": shop.person_id}
    tasks.remind(shop.db, due_at=START + DAY_S, now=START, **given)
    tasks.remind(shop.db, due_at=START + 2 * DAY_S, now=START, **given)
    [task] = tasks.open_tasks(shop.db)
    assert (task["kind"], task["due_at"]) == ("refund_reminder", START + 2 * DAY_S)
    assert tasks.count_open(shop.db, START) == 0
    assert tasks.count_open(shop.db, START + 2 * DAY_S) == 1
    close = {"person_id": shop.person_id, "reason": "", "now": START}
    assert tasks.close(shop.db, task["id"], "done", **close)
    assert not tasks.close(shop.db, task["id"], "done", **close)
    assert tasks.find(shop.db, 999) is None
    states = [one["state"] for one in tasks.tasks_of(shop.db, row["order_id"])]
    assert states == ["done", "superseded"]
    assert events.broken_at(shop.db) is None


@pytest.mark.parametrize(
    ("receipt", "left", "kinds"),
    [
        ("issued", 0, {"receipt_cancel"}),
        ("none", 0, set()),  # nothing is left to issue one for
        ("none", 500, {"receipt_cancel", "receipt_reissue"}),  # still owed from before
        ("unknown", 500, {"receipt_cancel", "receipt_reissue"}),
    ],
)
def test_what_a_later_refund_makes_of_open_receipt_tasks(shop, refunds, receipt, left, kinds):
    row = store.find(shop.db, refunds[0])
    given = {"tax_free_left": 0, "now": START}
    with write(shop.db):
        tasks.owe_receipts(shop.db, row, receipt="issued", left=900, **given)
        tasks.owe_receipts(shop.db, row, receipt=receipt, left=left, **given)
    assert {task["kind"] for task in tasks.open_tasks(shop.db)} == kinds
