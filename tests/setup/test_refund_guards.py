"""Settings of refunds: approval, limits, the password again (SEC-27, SEC-28)."""

from __future__ import annotations

import json
import re
from contextlib import closing

import pytest

from dashboard import settings
from dashboard.accounts import store as people
from dashboard.database import connect, write
from dashboard.people_across import carry_over
from dashboard.refunds.guards import read_guards
from dashboard.refunds.policy import Guards
from tests.conftest import AGAIN

PAGE = "/settings/refund-guards"
TYPED = {
    "refund_approval": "above",
    "refund_approval_above": "100,000",
    "refund_limit_manager": "",
    "refund_day_limit_manager": "１，０００，０００원",
    "refund_limit_staff": " 50000 ",
    "refund_day_limit_staff": "0",
    "refund_password_above": "300,000",
} | AGAIN


def beside(page: str, field: str) -> str:
    """The error that stands beside a field."""
    found = re.search(rf'id="{field}-error">.*?<span>(.*?)</span>', page, re.DOTALL)
    return found[1] if found else ""


def leave_only(db, *roles):
    with write(db):
        for person in people.everybody(db):
            if person.role not in roles:
                people.set_disabled_at(db, person.id, 1)


def changes(db):
    rows = db.conn.execute("SELECT detail FROM events WHERE kind = 'shop.facts_changed'")
    return [json.loads(row[0]) for row in rows]


def test_the_form_has_every_guard(client):
    page = client.get(PAGE).text
    for name in settings.REFUND_GUARDS:
        assert f'name="{name}"' in page


def test_guards_are_kept_recorded_and_shown(client, db):
    answer = client.send(PAGE, TYPED)
    assert (answer.status_code, answer.location) == (303, "/settings#refund-guards")
    assert read_guards(db) == Guards(
        approval="above",
        approval_above=100_000,
        day_limit_manager=1_000_000,
        limit_staff=50_000,
        day_limit_staff=0,
        password_above=300_000,
    )
    assert changes(db)[-1]["after"]["refund_approval"] == "above"
    shown = client.get("/settings").text
    for words in (
        "<dd>100,000원부터</dd>",
        "<dd>하루 1,000,000원까지</dd>",
        "<dd>한 건 50,000원까지 · 하루 0원까지</dd>",
        "<dd>300,000원부터</dd>",
    ):
        assert words in shown
    assert 'value="1,000,000"' in client.get(PAGE).text


def test_a_shop_that_said_nothing_sees_what_holds(client):
    shown = client.get("/settings").text
    assert "<dd>승인 없이 환불</dd>" in shown
    assert shown.count("<dd>한도 없음</dd>") == 2
    assert "<dd>500,000원부터</dd>" in shown
    assert 'value="500,000"' in client.get(PAGE).text


def test_saving_the_same_again_records_nothing(client, db):
    client.send(PAGE, TYPED)
    client.send(PAGE, TYPED)
    assert len(changes(db)) == 1


@pytest.mark.parametrize(
    ("typed", "above", "words"),
    [("", None, "금액 때문에 묻지 않음"), ("0", 0, "모든 환불"), ("1원", 1, "1원부터")],
)
def test_empty_means_never_and_nothing_means_always(client, db, typed, above, words):
    client.send(PAGE, TYPED | {"refund_password_above": typed})
    assert read_guards(db).password_above == above
    assert f"<dd>{words}</dd>" in client.get("/settings").text


@pytest.mark.parametrize("name", [*settings.REFUND_GUARDS[1:]])
@pytest.mark.parametrize("typed", ["-1", "1.5", "1e3", "많이", "1,00", "1 2,3", "9" * 13])
def test_what_is_no_sum_is_refused_beside_its_field(client, db, name, typed):
    answer = client.send(PAGE, TYPED | {name: typed})
    assert answer.status_code == 422
    assert beside(answer.text, name) == "0 이상의 원 단위 숫자로 입력해 주세요. 예: 12,000"
    assert f'value="{typed}"' in answer.text
    assert 'value=" 50000 "' in answer.text or name == "refund_limit_staff"
    assert read_guards(db) == Guards()


@pytest.mark.parametrize("typed", ["", "0", "  "])
def test_approval_from_an_amount_needs_the_amount(client, db, typed):
    answer = client.send(PAGE, TYPED | {"refund_approval_above": typed})
    assert answer.status_code == 422
    assert "몇 원부터" in beside(answer.text, "refund_approval_above")
    assert read_guards(db) == Guards()


@pytest.mark.parametrize("approval", ["off", "always"])
def test_the_amount_may_be_empty_where_it_does_not_count(client, db, approval):
    typed = TYPED | {"refund_approval": approval, "refund_approval_above": ""}
    assert client.send(PAGE, typed).status_code == 303
    assert read_guards(db).approval == approval


def test_only_the_three_ways_are_taken(client, db):
    answer = client.send(PAGE, TYPED | {"refund_approval": "sometimes"})
    assert answer.status_code == 422
    assert beside(answer.text, "refund_approval")
    assert read_guards(db) == Guards()


def test_fields_that_do_not_arrive_loosen_nothing(client, db):
    client.send(PAGE, TYPED)
    before = read_guards(db)
    answer = client.send(PAGE, {})
    assert (answer.status_code, read_guards(db)) == (422, before)
    assert beside(answer.text, "refund_approval") == "언제 승인을 받을지 골라 주세요."
    assert client.send(PAGE, {"refund_approval": "above"}).status_code == 303
    assert read_guards(db) == before


@pytest.mark.parametrize("approval", ["above", "always"])
@pytest.mark.parametrize("others", [(), ("staff", "viewer")])
def test_approval_needs_a_second_person_who_may_approve(client, db, approval, others):
    leave_only(db, "owner", *others)
    answer = client.send(PAGE, TYPED | {"refund_approval": approval})
    assert answer.status_code == 422
    assert "한 명 더 추가해 주세요" in beside(answer.text, "refund_approval")
    assert read_guards(db) == Guards()


@pytest.mark.parametrize("approval", ["above", "always"])
def test_an_owner_and_a_manager_are_enough(client, db, approval):
    leave_only(db, "owner", "manager")
    assert client.send(PAGE, TYPED | {"refund_approval": approval}).status_code == 303


def test_limits_need_nobody_else(client, db):
    leave_only(db, "owner")
    typed = TYPED | {"refund_approval": "off"}
    assert client.send(PAGE, typed).status_code == 303
    assert read_guards(db).limit_staff == 50_000


def test_where_the_second_person_left_it_is_said_and_the_rest_can_be_changed(client, db):
    client.send(PAGE, TYPED)
    assert "승인할 사람이 모자랍니다." not in client.get("/settings").text
    leave_only(db, "owner")
    for path in ("/settings", PAGE):
        assert "승인할 사람이 모자랍니다." in client.get(path).text
    assert client.send(PAGE, TYPED | {"refund_limit_staff": "10"}).status_code == 303
    assert client.send(PAGE, TYPED | {"refund_approval": "always"}).status_code == 422
    assert client.send(PAGE, TYPED | {"refund_approval": "off"}).status_code == 303
    assert "승인할 사람이 모자랍니다." not in client.get("/settings").text


def test_guards_go_along_to_the_real_business_all_or_none(app, client, db):
    client.send(PAGE, TYPED)
    kept = read_guards(db)
    runtime = app.extensions["jangbu"]
    practice = runtime.database_path
    runtime.choose("live")
    with closing(connect(runtime.database_path)) as live:
        assert read_guards(live) == kept
        with write(live):
            settings.put(live, "refund_limit_staff", None)
        carry_over(practice, runtime.database_path, runtime.now())
        assert read_guards(live).limit_staff is None


def test_help_tells_of_approvals_and_limits(client):
    page = client.get("/help").text
    assert 'id="approval"' in page and "자기가 승인할 수 없습니다" in page
