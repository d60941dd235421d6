"""The order page beside PortOne: what it says now, what changed, what differs, why not."""

from __future__ import annotations

import json

import pytest

from dashboard.orders.live import QUICK
from dashboard.portone import Limits, PortOne
from dashboard.runtime import NoKeys
from tests.orders.payments import NOON, answer, cancel, make_payment
from tests.portone.far_side import KEY, SECRET, FarSide, close, hang, no, ok, token_response
from tests.portone.far_side import answer as http_answer

UID, OTHER = "imp_000000000001", "imp_000000000002"
PATH = f"/payments/{UID}"


@pytest.fixture
def portone(app, clock):
    """PortOne's place: ``with portone(step, ...) as far:``."""
    opened: list[FarSide] = []

    def start(*steps, tokens=(), limits=QUICK) -> FarSide:
        now = int(clock.now)
        tokens = tokens or [ok(token_response(now=now))]
        far = FarSide(*steps, tokens=tokens).__enter__()
        opened.append(far)
        one = PortOne(far.url, KEY, SECRET, clock=clock, sleep=lambda _s: None, limits=limits)
        app.extensions["jangbu"].portone = lambda _limits: one
        return far

    yield start
    for far in opened:
        far.__exit__()


@pytest.fixture
def ask(client):
    """Press "지금 확인" as the page's script does; answers the pieces."""

    def ask(order_id, as_client=client, **kwargs):
        kwargs.setdefault("headers", {"X-Fragment": "1"})
        page = f"/orders/{order_id}"
        return as_client.send(f"{page}/live", page=page, **kwargs)

    return ask


def _text(response) -> str:
    assert response.status_code == 200
    return response.get_data(as_text=True)


def test_portone_agrees(ask, put, portone, clock, db):
    order_id = put(make_payment())
    clock.now += 300
    portone(ok(answer()))
    page = _text(ask(order_id))
    assert "<b>일치</b>" in page
    assert "is-paid" in page.split('id="order-live"')[0].rsplit("<form", 1)[1]
    assert "<html" not in page
    assert "order-notes" not in page  # somebody may be typing there
    assert db["payment_checks"].get(UID)["checked_at"] == clock.now


def test_a_cancel_made_elsewhere_is_written_down_at_once(ask, put, portone, db):
    order_id = put(make_payment())
    portone(ok(answer(cancel_amount=3_000, cancel_history=[cancel(3_000)])))
    page = _text(ask(order_id))
    assert "방금 반영: 결제완료 → 부분취소 3,000원" in page
    assert "7,000" in page
    assert "취소내역 1건" in page
    assert db["orders"].get(order_id)["state"] == "partial"
    assert 'id="order-buyer"' in page


def test_an_older_truth_stands_beside_ours_and_is_not_applied(ask, put, portone, db):
    order_id = put(make_payment(3_000))
    portone(ok(answer()))
    page = _text(ask(order_id))
    assert "포트원의 값이 장부와 다릅니다." in page
    for words in ("부분취소", "결제완료", "3,000원", "0원", "1건", "0건"):
        assert f">{words}</td>" in page
    assert db["orders"].get(order_id)["cancelled_amount"] == 3_000


def test_include_sandbox_is_sent_exactly_for_test_payments(ask, put, portone):
    order_id = put(make_payment())
    far = portone(ok(answer()), ok(answer(sandbox=True)))
    ask(order_id)
    put(make_payment(sandbox=True))
    ask(order_id)
    assert [seen.target for seen in far.calls()] == [PATH, f"{PATH}?include_sandbox=true"]


def test_several_attempts_are_asked_in_one_question(ask, put, portone):
    failed = {"imp_uid": OTHER, "status": "failed", "failed_at": NOON, "started_at": NOON - 60}
    order_id = put(make_payment(**failed), make_payment())
    far = portone(ok([answer(), answer(**failed)]))
    page = _text(ask(order_id))
    assert "<b>일치</b>" in page
    (seen,) = far.calls()
    assert seen.target.startswith("/payments?")
    assert UID in seen.target and OTHER in seen.target


def test_an_attempt_portone_does_not_show_is_named(ask, put, portone):
    failed = {"imp_uid": OTHER, "status": "failed", "failed_at": NOON, "started_at": NOON - 60}
    order_id = put(make_payment(**failed), make_payment())
    portone(
        ok([answer(cancel_amount=3_000, cancel_history=[cancel(3_000)])], 207),
    )
    page = _text(ask(order_id))
    assert f"포트원에서 찾을 수 없습니다: {OTHER}" in page
    assert "방금 반영: 결제완료 → 부분취소 3,000원" in page


def test_an_unreadable_attempt_is_not_called_missing(ask, put, portone):
    failed = {"imp_uid": OTHER, "status": "failed", "failed_at": NOON, "started_at": NOON - 60}
    order_id = put(make_payment(**failed), make_payment())
    portone(ok([answer(amount=10.5), answer(**failed, fail_reason="다른 이유")]))
    page = _text(ask(order_id))
    assert "포트원의 응답을 읽을 수 없습니다." in page
    assert "찾을 수 없습니다" not in page


def test_an_odd_transaction_number_is_named_and_asks_nobody(ask, put, portone):
    order_id = put(make_payment(imp_uid="odd id/1"))
    far = portone(ok(answer()))
    assert "포트원에서 찾을 수 없습니다: odd id/1" in _text(ask(order_id))
    assert not far.calls()


def test_not_found_is_not_called_refunded(ask, put, portone, db):
    order_id = put(make_payment())
    portone(no("존재하지 않는 결제정보입니다.", 1, 404))
    page = _text(ask(order_id))
    assert f"포트원에서 찾을 수 없습니다: {UID}" in page
    assert "환불되었다는 뜻은 아닙니다" in page
    assert db["orders"].get(order_id)["state"] == "paid"


def test_another_payments_answer_is_not_believed(ask, put, portone, db):
    order_id = put(make_payment())
    portone(ok(answer(imp_uid=OTHER, merchant_uid="someone-else")))
    _text(ask(order_id))
    assert db["orders"].count == 1


def test_out_of_reach_shows_the_last_known_state_and_its_age(ask, put, portone, clock):
    order_id = put(make_payment())
    clock.now += 600
    portone(close)
    page = _text(ask(order_id))
    assert "포트원의 응답을 받지 못했습니다." in page
    assert "장부의 마지막 상태는 결제완료이며, 10분 전(2026-08-21 14:05)" in page


def test_a_silent_portone_is_given_up_in_time(ask, put, portone):
    order_id = put(make_payment())
    portone(hang, limits=Limits(connect_s=0.2, read_s=0.2, total_s=0.4))
    assert "장부의 마지막 상태는 결제완료" in _text(ask(order_id))
    assert QUICK.total_s <= 10


def test_a_wrong_key_says_how_to_mend_it(ask, put, portone, client_as):
    order_id = put(make_payment())
    wrong = http_answer({"code": -1, "message": "인증 실패", "response": None}, 401)
    portone(ok(answer()), tokens=[wrong])
    assert "API 키 확인이 필요합니다." in _text(ask(order_id))
    assert "주인에게 알려 주세요" in _text(ask(order_id, as_client=client_as("staff")))


def test_no_keys_yet_says_so(ask, put, app):
    order_id = put(make_payment())

    def none(_limits):
        raise NoKeys

    app.extensions["jangbu"].portone = none
    assert "API Key가 없어 포트원에 확인할 수 없습니다." in _text(ask(order_id))


def test_a_refusal_keeps_portones_words_behind_a_click(ask, put, portone):
    order_id = put(make_payment())
    portone(no("<b>점검 중</b>", 7))
    page = _text(ask(order_id))
    assert "포트원이 요청을 거절했습니다." in page
    assert "&lt;b&gt;점검 중&lt;/b&gt;" in page
    assert page.index("자세히") < page.index("점검 중")


def test_without_a_script_the_button_leads_back_to_the_page(ask, put, portone, client):
    order_id = put(make_payment())
    portone(ok(answer(cancel_amount=3_000, cancel_history=[cancel(3_000)])))
    answered = ask(order_id, headers={})
    assert (answered.status_code, answered.location) == (303, f"/orders/{order_id}")
    assert "방금 반영: 결제완료 → 부분취소 3,000원" in _text(client.get(answered.location))


def test_the_page_itself_never_asks(client, put, app):
    order_id = put(make_payment())

    def forbidden(_limits):
        raise AssertionError("a page waited for PortOne")

    app.extensions["jangbu"].portone = forbidden
    page = _text(client.get(f"/orders/{order_id}"))
    assert f'data-live-url="/orders/{order_id}/live"' in page
    assert "포트원 마지막 확인" in page


def test_what_was_applied_says_where_it_came_from(ask, put, portone, db):
    order_id = put(make_payment())
    portone(ok(answer(cancel_amount=3_000, cancel_history=[cancel(3_000)])))
    _text(ask(order_id))
    (event,) = db["events"].rows_where("kind = 'payment.changed'")
    assert event["actor"] == "live"
    assert json.loads(event["detail"])["cancelled"] == 3_000
