"""What earlier refusals of a payment tell about the next partial cancel of it (K14)."""

from __future__ import annotations

import json

import pytest

from dashboard.refunds.facts import facts_of

WON = 100
CHECKSUM = "checksum 검증에 실패하였습니다. 취소 가능 잔액이 일치하지 않습니다."
TOO_MUCH = "취소요청금액이 취소가능금액을 초과합니다."


@pytest.fixture
def card(sandbox_payments) -> str:
    return sandbox_payments["paid_card"][0]["imp_uid"]


def was_refused(shop, imp_uid: str) -> bool:
    facts, _ = facts_of(shop.db, shop.payment(imp_uid), tax_free=None, practice=False)
    return facts.part_refused_before


def refuse(shop, imp_uid: str, message: str, amount: int | None = WON, *, status=200, **given):
    body = json.dumps({"code": 1, "message": message, "response": None})
    headers = {"Content-Type": "application/json"}
    shop.fault(execute="never", answer="body", status=status, headers=headers, body=body)
    refund = shop.ask(imp_uid, amount, **given)
    shop.work()
    assert (shop.state(refund), shop.row(refund)["answer"]) == ("rejected", "no")


@pytest.mark.parametrize(
    "message",
    [
        "카드사 거절",
        "해외카드는 부분취소를 할 수 없습니다.",
        "부분취소 잔액 오류",  # may be the card's no: whoever doubts is warned
        "부분 취소 가능 금액이 없는 카드입니다.",
        "알 수 없는 거절",
    ],
)
def test_a_refusal_of_the_payment_itself_counts(shop, card, message):
    assert not was_refused(shop, card)
    refuse(shop, card, message)
    assert was_refused(shop, card)


@pytest.mark.parametrize("message", [CHECKSUM, TOO_MUCH, "Checksum mismatch"])
def test_a_balance_that_had_changed_does_not_count(shop, card, message):
    refuse(shop, card, message)
    assert not was_refused(shop, card)


def test_one_refusal_of_the_payment_among_others_counts(shop, card):
    refuse(shop, card, CHECKSUM)
    refuse(shop, card, "카드사 거절")
    refuse(shop, card, TOO_MUCH, overrule="카드사에 확인했음")
    assert was_refused(shop, card)


def test_a_refused_address_says_nothing_of_the_payment(shop, card):
    refuse(shop, card, "허용되지 않은 IP입니다.", status=403)
    assert not was_refused(shop, card)


def test_a_refused_whole_cancel_does_not_count(shop, card):
    refuse(shop, card, "카드사 거절", amount=None)
    assert not was_refused(shop, card)
