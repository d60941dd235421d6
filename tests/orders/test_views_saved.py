"""Questions of the list kept under a name."""

from __future__ import annotations

import json
import re

import pytest

from dashboard.database import write
from dashboard.orders import saved
from tests.orders.shelf import order, put


@pytest.fixture
def keep():
    """``keep(client, name, question, shared=True)``: save what that list asks."""

    def keep(client, name, question="state=paid", **data):
        given = {"name": name, "here": question} | ({"shared": "y"} if data else {})
        return client.send("/orders/views", given)

    return keep


def chips(client, path="/orders") -> list[str]:
    line = client.get(path).text.partition('<ul class="saved">')[2].partition("</ul>")[0]
    return re.findall(r'<span class="ell">([^<]*)</span>', line)


def kinds(db) -> list[str]:
    """What was written down; never a name, which may be a customer's."""
    rows = db.conn.execute("SELECT kind, detail FROM events WHERE kind LIKE 'view.%' ORDER BY id")
    found = [(kind, json.loads(detail)) for kind, detail in rows]
    assert all(detail.keys() == {"view"} for _kind, detail in found)
    return [kind for kind, _detail in found]


def test_a_view_is_the_question_without_the_place(client, db, keep):
    put(db, order())
    answer = keep(client, "  카드 큰 금액 ", "method=card&min=50000&before=17-1&x=1")
    assert answer.location == "/orders?method=card&min=50000"
    page = client.get("/orders").text
    assert 'href="/orders?method=card&amp;min=50000"' in page and chips(client) == ["카드 큰 금액"]
    assert (
        'aria-current="true"'
        in client.get(answer.location).text.partition('class="saved"')[2][:300]
    )
    assert kinds(db) == []  # nobody else sees it


def test_only_its_maker_sees_a_private_view(client, client_as, keep):
    keep(client, "내 것")
    assert chips(client_as("staff"), "/orders?state=paid") == []
    assert client_as("staff").send("/orders/views/1", {"v1-name": "가로챔"}).status_code == 404
    assert client_as("staff").send("/orders/views/1/remove").status_code == 404


def test_a_shared_view_is_for_everybody_and_written_down(client_as, db, keep):
    staff, manager, owner = map(client_as, ("staff", "manager", "owner"))
    keep(staff, "부분취소", "state=partial", shared=True)
    assert chips(manager) == chips(owner) == ["부분취소"]
    for data in ({"v1-name": "x"},):
        assert manager.send("/orders/views/1", data).location == "/orders/views"
        assert owner.send("/orders/views/1", data).location == "/orders/views"
    manager.send("/orders/views/1/remove")
    assert chips(staff) == ["부분취소"]
    staff.send("/orders/views/1", {"v1-name": "취소 남음", "v1-shared": "y"})
    owner.send("/orders/views/1/remove")
    assert chips(staff) == []
    expected = ["view.shared", "view.renamed", "view.removed"]
    assert kinds(db) == expected


def test_taking_a_view_back_is_written_down(client, client_as, db, keep):
    keep(client, "함께", shared=True)
    client.send("/orders/views/1", {"v1-name": "함께"})
    assert chips(client_as("staff")) == [] and chips(client) == ["함께"]
    assert kinds(db) == ["view.shared", "view.unshared"]


def test_whoever_only_looks_keeps_views_for_themselves(client, client_as, keep):
    viewer = client_as("viewer")
    keep(viewer, "보기만", shared=True)
    viewer.send("/orders/views/1", {"v1-name": "보기만", "v1-shared": "y"})
    assert chips(viewer) == ["보기만"] and chips(client) == []


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "이름을 입력해 주세요"),
        ("가" * 41, "40자 이하로"),
        ("가\u200b나", "보이지 않는 문자"),
        ("매일 확인", "같은 이름의 보기가 있습니다"),
        ("매일  확인 ", "같은 이름의 보기가 있습니다"),
    ],
)
def test_a_refused_name_says_why_and_loses_nothing(client, db, keep, name, says):
    put(db, order(state="partial"))
    keep(client, "매일 확인", "state=paid")
    answer = keep(client, name, "state=partial&min=1,000", shared=True)
    page = answer.text
    assert answer.status_code == 422 and says in page
    form = page.partition('id="save-view" open')[2].partition("</form>")[0]
    assert says in form and "checked" in form and "min=1%2C000" in form
    assert "1,000원 이상" in page and 'id="order-1"' in page
    assert len(saved.seen_by(db, 1)) == 1


def test_a_list_without_a_question_is_no_view(client, db, keep):
    assert keep(client, "전체", "").status_code == 303
    assert keep(client, "깨짐", "state=nonsense").status_code == 303
    assert saved.seen_by(db, 1) == []


def test_there_is_an_end_to_it(client, db, person, keep):
    for number in range(saved.MOST):
        saved.save(
            db, person_id=1, name=f"보기 {number}", question="state=paid", shared=False, now=1
        )
    assert "50개까지" in keep(client, "하나 더").text
    assert len(chips(client)) == 8 and "보기 50개 모두" in client.get("/orders").text


def test_renaming_to_a_taken_name_keeps_what_was_typed(client, keep):
    keep(client, "하나")
    keep(client, "둘")
    answer = client.send("/orders/views/2", {"v2-name": "하나"})
    assert answer.status_code == 422 and 'value="하나"' in answer.text
    assert 'id="change-2" open' in answer.text and "같은 이름" in answer.text
    assert client.send("/orders/views/2", {"v2-name": "둘"}).status_code == 303


def test_addresses_of_forms_lead_back(client, keep):
    keep(client, "하나")
    for path in ("/orders/views/1", "/orders/views/1/remove"):
        assert client.get(path).location == "/orders/views"
    assert client.get("/orders/columns").location == "/orders"


def test_no_resident_number_is_kept(client, db, keep):
    """SEC-54: neither as a name nor in the question."""
    answer = keep(client, "900101-1234567 손님")
    assert answer.status_code == 422 and "주민등록번호로 보이는 숫자가 있어" in answer.text
    assert 'value="900101-1234567 손님"' in answer.text  # nothing typed is lost
    keep(client, "어느 손님", "q=900101-1234567")
    assert "찾는 말에 주민등록번호로 보이는" in client.get("/orders").text
    assert db.table("saved_views").count == 0


def test_who_may_only_look_now_takes_a_shared_view_back_and_does_no_more(client_as, db, keep):
    maker = client_as("staff")
    keep(maker, "부분취소", "state=partial", shared=True)
    with write(db):
        db.conn.execute("UPDATE people SET role = 'viewer' WHERE id = ?", (maker.person_id,))
    maker.send("/orders/views/1", {"v1-name": "아무 말", "v1-shared": "y"})
    assert chips(client_as("owner")) == ["부분취소"]
    maker.send("/orders/views/1", {"v1-name": "내 말"})
    assert chips(client_as("owner")) == [] and chips(maker) == ["내 말"]
