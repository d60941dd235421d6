"""The table of permissions in the shop's words. Only what exists already is listed."""

from __future__ import annotations

from flask_babel.speaklater import LazyString

from dashboard.accounts.permissions import PERMISSIONS, Role
from dashboard.i18n import lazy_gettext as _l

WORDS: dict[str, LazyString] = {
    "see_orders": _l("주문과 실시간 상태 보기"),
    "see_personal_data": _l("구매자 정보 전체 보기 (기록이 남습니다)"),
    "write_notes": _l("메모 쓰기"),
    "sync": _l("동기화하기"),
    "state_tax_free": _l("면세금액 입력하기"),
    "refund": _l("결제취소·환불 보내기"),
    "approve_refund": _l("다른 사람의 환불 요청 승인"),
    "transfer": _l("수동 환불의 계좌 보기(기록됨), 이체 완료 기록"),
    "mark_outside_cancel": _l("KSNET에서 직접 취소된 결제 표시"),
    "bulk_refund": _l("여러 건 한꺼번에 환불하기"),
    "request_payment": _l("결제 요청하기·취소하기"),
    "products": _l("상품 추가·변경"),
    "export": _l("엑셀로 내려받기 (기록됨)"),
    "settings": _l("가게 설정과 포트원 연결"),
    "people": _l("사람과 권한"),
}


def deeds() -> list[tuple[LazyString, frozenset[Role]]]:
    """What can be done, and which roles may."""
    return [(word, PERMISSIONS[permission]) for permission, word in WORDS.items()]
