"""The palette: what it offers to whom, and Hangul as it is typed."""

from __future__ import annotations

import re

import pytest

from dashboard import hangul
from dashboard.orders import saved
from tests.orders.shelf import order, put


def offered(client, typed="", **headers):
    answer = client.get("/palette", query_string={"q": typed}, headers={"X-Fragment": "1"})
    assert answer.status_code == 200
    spans = re.findall(r'<span class="ell">(.*?)</span>', answer.text.replace("\n", " "))
    return [re.sub(r"<.*", "", one).strip() for one in spans]


@pytest.mark.parametrize(
    ("text", "typed", "found"),
    [
        ("환불", "ㅎㅂ", True),
        ("환불", "ㅎ", True),
        ("환불", "화", True),
        ("환불", "환부", True),
        ("환불", "환ㅂ", True),
        ("결제 요청", "ㄱㅈㅇㅊ", True),
        ("결제 요청", "요청", True),
        ("결제 요청", "제요", True),
        ("환불", "화불", False),
        ("환불", "ㅂㅎ", False),
        ("환불", "환불함", False),
        ("도움말", "동", True),  # ㅇ belongs to the next syllable
        ("사람과 권한", "살", True),
        ("내 계정", "낵", True),
        ("환불할 주문 찾기", "환붏", True),
        ("앉은 자리", "앉", True),
        ("안전", "앉", True),
        ("도움말", "돗", False),
        ("도움말", "동말", False),  # only the last syllable is under way
        ("환불", "환붏", False),
        ("있다", "잇", False),
        ("이쑤시개", "있", True),
        ("English", "eng", True),
        ("까치", "ㄲㅊ", True),
        ("까치", "ㄱㅊ", False),
        ("무엇이든", "", True),
    ],
)
def test_what_was_typed_so_far(text, typed, found):
    assert hangul.matches(text, typed) is found


def test_initials():
    assert hangul.initials("환불 목록 A1") == "ㅎㅂ ㅁㄹ A1"


def test_pages_by_their_initials(client):
    assert offered(client, "ㅎㅂ")[0] == "환불"
    assert "현금영수증" in offered(client, "ㅎㄱㅇ")


def test_everything_at_first_and_no_orders(client, db):
    put(db, order(name="햇사과"))
    words = offered(client)
    for word in ("주문", "환불", "설정", "새 결제 요청", "지금 동기화", "English", "로그아웃"):
        assert word in words
    assert "햇사과" not in words


def test_only_what_a_person_may(client_as):
    words = offered(client_as("viewer"))
    assert "주문" in words and "로그아웃" in words
    assert not {"설정", "사람과 권한", "지금 동기화", "새 결제 요청", "환불할 주문 찾기"} & {*words}


def test_orders_are_found_eight_at_most_and_masked(client, db):
    put(db, *(order(name=f"사과 {n}", buyer_name="정하윤") for n in range(12)))
    answer = client.get("/palette?q=사과", headers={"X-Fragment": "1"}).text
    assert answer.count('href="/orders/') == 8
    assert "정*윤" in answer and "정하윤" not in answer and "10,000원" in answer


def test_saved_views_of_oneself_and_the_shop(client, client_as, db, person):
    for name, shared in (("주말 확인", False), ("주말 배송", True)):
        saved.save(
            db,
            person_id=person("staff").id,
            name=name,
            question="state=paid",
            shared=shared,
            now=1,
        )
    assert "주말 확인" in offered(client_as("staff"), "ㅈㅁ")
    assert offered(client, "주말") == ["주말 배송"]


@pytest.mark.parametrize("typed", ["없는것없는것", "<script>", "가" * 300, "%00", "'\""])
def test_whatever_is_typed(client, typed):
    offered(client, typed)
    answer = client.get("/palette", query_string={"q": typed}, headers={"X-Fragment": "1"})
    assert "<script>" not in answer.text


def test_deeds_are_buttons_with_a_form_of_their_own(client):
    answer = client.get("/palette", headers={"X-Fragment": "1"}).text
    assert re.search(r'<button[^>]*form="palette-deed" formaction="/sync"', answer)
    assert 'name="language" value="en"' in answer
    page = client.get("/help").text
    form = page.partition('id="palette-deed"')[2].partition("</form>")[0]
    assert 'name="csrf_token"' in form and 'value="/help"' in form


def test_without_a_script_it_is_the_search(client):
    assert client.get("/palette?q=x").location == "/orders#find"


def test_a_stranger_gets_no_palette(stranger):
    assert 'id="palette"' not in stranger.get("/sign-in").text
    assert stranger.get("/palette", headers={"X-Fragment": "1"}).status_code == 401
