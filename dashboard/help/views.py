"""The in-app help: what exists, in short sections that other pages link to by anchor."""

from __future__ import annotations

from flask import Blueprint, render_template

from dashboard.accounts.permissions import PERMISSIONS, ROLES, needs
from dashboard.i18n import lazy_gettext as _l
from dashboard.words import STATES

blueprint = Blueprint("help", __name__)

TOPICS = (
    ("start", _l("처음 시작하기")),
    ("list", _l("주문 목록 보기")),
    ("search", _l("주문 찾기")),
    ("states", _l("상태의 뜻")),
    ("cancel", _l("취소 가능 표시")),
    ("refund", _l("환불하기")),
    ("approval", _l("승인과 한도")),
    ("by-hand", _l("수동 환불")),
    ("bulk", _l("여러 건 한꺼번에 환불하기")),
    ("receipts", _l("현금영수증")),
    ("requests", _l("결제 요청")),
    ("delivery", _l("에스크로 배송정보")),
    ("tasks", _l("해야 할 일")),
    ("live", _l("포트원 확인")),
    ("sync", _l("동기화")),
    ("tax-free", _l("면세금액")),
    ("gateway", _l("결제 연동")),
    ("practice", _l("연습과 실제")),
    ("people", _l("사람과 권한")),
    ("privacy", _l("개인정보")),
    ("keys", _l("키보드로 쓰기")),
    ("trouble", _l("문제가 생겼을 때")),
)
"""Anchor and heading, in the order of the page; ``templates/help/_<anchor>.html`` has the text."""

STATE_MEANINGS = {
    "ready": _l("결제창을 열었지만 아직 결제하지 않았습니다. 오래된 것은 목록에서 접어 둡니다."),
    "waiting": _l("가상계좌를 발급했고 입금을 기다립니다."),
    "paid": _l("결제가 끝났고 취소한 금액이 없습니다."),
    "partial": _l("결제금액의 일부를 취소했고 잔액이 남았습니다."),
    "cancelled": _l("결제금액을 모두 취소했습니다."),
    "failed": _l("결제하지 못했습니다. 돈이 들어오지 않았습니다."),
    "check": _l("포트원의 값이 서로 맞지 않아 사람이 확인해야 합니다."),
}

DUTIES = (
    ("see_orders", _l("주문 보기")),
    ("ask_portone", _l("포트원에 지금 확인")),
    ("write_notes", _l("메모 쓰기")),
    ("sync", _l("동기화 시작")),
    ("see_personal_data", _l("가린 개인정보 보기 (기록됨)")),
    ("state_tax_free", _l("면세금액 적기")),
    ("refund", _l("결제취소·환불 보내기")),
    ("approve_refund", _l("다른 사람의 환불 요청 승인")),
    ("transfer", _l("수동 환불의 계좌 보기(기록됨), 이체 완료 기록")),
    ("mark_outside_cancel", _l("KSNET에서 직접 취소된 결제 표시")),
    ("bulk_refund", _l("여러 건 한꺼번에 환불하기")),
    ("overrule", _l("경고를 넘기고 환불하기")),
    ("settle_refund", _l("결과를 모르는 환불을 직접 확인 처리")),
    ("receipt", _l("현금영수증 발급·취소")),
    ("deliver", _l("에스크로 배송정보 등록·수정")),
    ("close_receipt_task", _l("현금영수증 할 일을 완료로 표시")),
    ("request_payment", _l("결제 요청하기·취소하기")),
    ("products", _l("상품 추가·변경")),
    ("export", _l("엑셀로 내려받기 (기록됨)")),
    ("practice", _l("연습 화면 쓰기")),
    ("settings", _l("설정 바꾸기")),
    ("people", _l("사람 추가·변경")),
)
"""The permissions whose pages exist, in the words of the shop."""


@blueprint.route("/help")
@needs("own_account")
def index():
    return render_template(
        "help/index.html",
        topics=TOPICS,
        states=[(state, STATE_MEANINGS[state]) for state in STATES],
        roles=ROLES,
        duties=[(word, [role in PERMISSIONS[name] for role in ROLES]) for name, word in DUTIES],
    )
