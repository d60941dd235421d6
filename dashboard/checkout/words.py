"""What a payment request's states, alarms and webhooks are called on pages, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel.speaklater import LazyString

from dashboard.formatting import kst, won
from dashboard.i18n import lazy_gettext as _l
from dashboard.portone import Payment
from dashboard.portone.errors import SENTENCES, Why
from dashboard.words import Sign

Row = Mapping[str, Any]

SIGNS: dict[str, Sign] = {
    "preparing": Sign(_l("준비 중"), "arrow-repeat", "is-wait"),
    "open": Sign(_l("결제 대기"), "circle", "is-ready"),
    "waiting": Sign(_l("입금대기"), "hourglass-split", "is-wait"),
    "failed": Sign(_l("결제실패"), "x-circle-fill", "is-fail"),
    "paid": Sign(_l("결제완료"), "check-circle-fill", "is-paid"),
    "mismatch": Sign(_l("확인 필요"), "exclamation-triangle-fill", "is-check"),
    "expired": Sign(_l("기한 지남"), "clock-history", "is-full"),
    "cancelled": Sign(_l("요청 취소됨"), "slash-circle", "is-full"),
}

SAID: dict[str, LazyString] = {
    "preparing": _l(
        "포트원에 결제금액을 등록하고 있습니다. 답을 받을 때까지 자동으로 다시 물어봅니다."
        " 아직 결제할 수 없습니다."
    ),
    "open": _l("구매자가 아직 결제하지 않았습니다. 결제하면 자동으로 확인됩니다."),
    "waiting": _l("가상계좌를 발급했고 입금을 기다립니다. 입금되면 자동으로 확인됩니다."),
    "failed": _l(
        "결제하지 못했습니다. 출금되지 않았고, 구매자는 같은 화면에서 다시 결제할 수 있습니다."
    ),
    "paid": _l("결제가 확인되었습니다. 포트원에서 읽은 금액과 주문번호가 요청과 같습니다."),
    "mismatch": _l("요청한 것과 다른 결제가 있어 완료로 처리하지 않았습니다."),
    "expired": _l("기한 안에 결제되지 않아 끝났습니다. 구매자는 더 결제할 수 없습니다."),
    "cancelled": _l("취소되어 끝났습니다. 구매자는 더 결제할 수 없습니다."),
}

GONE_BACK = _l(
    "결제되었다가 전액 취소되었습니다. 세던 상품의 재고는 저절로 늘지 않으니 필요하면 '파는"
    " 상품'에서 고쳐 주세요."
)
"""In the place of the words for ``paid``, once all of it went back."""

ALARMS: dict[str, LazyString] = {
    "amount": _l("결제된 금액이 요청한 금액과 다릅니다. 상품을 내주지 말고 전액 취소해 주세요."),
    "currency": _l("결제된 통화가 요청과 다릅니다. 상품을 내주지 말고 전액 취소해 주세요."),
    "sandbox": _l(
        "요청한 채널과 결제된 채널의 종류(테스트·실연동)가 다릅니다. 테스트 결제는 실제 돈이"
        " 아니므로 상품을 내주지 마세요. 결제를 취소하고 설정의 채널을 확인해 주세요."
    ),
    "channel": _l(
        "요청한 것과 다른 PG나 상점아이디로 결제되었습니다. 상품을 내주기 전에 결제를 취소하고"
        " 설정의 채널을 확인해 주세요."
    ),
    "escrow": _l(
        "에스크로로 요청했지만 에스크로 없이 결제되었습니다. 결제를 취소하고, 필요하면 다시"
        " 요청해 주세요."
    ),
    "paid_twice": _l(
        "같은 주문번호로 두 번 이상 결제되었습니다. 아래에서 더 받은 결제를 전액 취소해 주세요."
    ),
    "late": _l(
        "요청이 끝난 뒤에 결제되었거나 계좌가 발급되었습니다. 재고가 있는지 먼저 보고, 상품을 보낼"
        " 수 있으면 확인을 누르고, 보낼 수 없으면 결제를 취소해 주세요."
    ),
    "stock": _l(
        "결제는 되었지만 재고가 모자랍니다. 상품을 구할 수 있으면 확인을 누르고, 없으면 결제를"
        " 취소해 주세요."
    ),
}
ALARM_TITLES: dict[str, LazyString] = {
    "amount": _l("금액이 다릅니다"),
    "currency": _l("통화가 다릅니다"),
    "sandbox": _l("테스트 결제와 실제 결제가 섞였습니다"),
    "channel": _l("다른 채널로 결제되었습니다"),
    "escrow": _l("에스크로가 적용되지 않았습니다"),
    "paid_twice": _l("두 번 결제되었습니다"),
    "late": _l("늦게 결제되었습니다"),
    "stock": _l("재고가 모자랍니다"),
}
ACCOUNT_ALARM = _l(
    "요청과 다른 조건으로 가상계좌가 발급되었습니다. 아직 입금되지 않았으니 발급취소를 눌러 입금을"
    " 막아 주세요."
)
"""In the place of an alarm's words while nothing was paid in."""

VERDICTS: dict[str, Sign] = {
    "waiting": Sign(_l("확인 예정"), "hourglass-split", "is-wait"),
    "changed": Sign(_l("장부에 반영함"), "check-circle-fill", "is-paid"),
    "known": Sign(_l("이미 아는 내용"), "check", "is-ready"),
    "contradicted": Sign(_l("주장과 다름"), "exclamation-triangle-fill", "is-check"),
    "unknown": Sign(_l("없는 결제"), "question-circle", "is-full"),
    "unreadable": Sign(_l("알 수 없는 내용"), "slash-circle", "is-full"),
}
VERDICT_MEANINGS: dict[str, LazyString] = {
    "waiting": _l("곧 포트원에 물어봅니다."),
    "changed": _l("포트원에서 읽은 내용으로 장부를 고쳤습니다."),
    "known": _l("포트원에서 읽었더니 장부와 같았습니다."),
    "contradicted": _l("포트원이 말하는 상태가 웹훅과 다릅니다. 포트원의 말만 반영했습니다."),
    "unknown": _l("포트원에 없는 결제번호입니다. 아무것도 바꾸지 않았습니다."),
    "unreadable": _l("결제번호가 없거나 형식을 알 수 없습니다. 아무것도 바꾸지 않았습니다."),
}


def sign_of(row: Row) -> Sign:
    """The sign of a request's state."""
    return SIGNS[row["state"]]


def status_words(status: str) -> str:
    """A payment's status as PortOne writes it; one we do not know stays as it came."""
    words: dict[str, str] = {
        "ready": _("결제 전"),
        "paid": _("결제완료"),
        "cancelled": _("취소됨"),
        "failed": _("결제실패"),
    }
    return words.get(status, status)


def why_words(check_error: str | None) -> str:
    """Why the last look at PortOne taught nothing; "" when it did."""
    if not check_error:
        return ""
    if check_error in set(Why):
        return str(_(SENTENCES[Why(check_error)]))
    if check_error == "unclear":
        return str(_("포트원의 답이 서로 맞지 않아 결제 여부를 알 수 없습니다. 다시 물어봅니다."))
    return str(_("결과를 확인하는 중에 문제가 생겼습니다. 다시 물어봅니다."))


def deposit_words(shop_name: str, name: str, amount: int, account: Payment) -> str:
    """A message that reminds the buyer of a deposit.

    :param amount: won
    :param account: the payment with the virtual account
    """
    due = kst(account.vbank_date) if account.vbank_date else "–"
    return str(
        _(
            "[%(shop)s] %(name)s 입금 안내\n금액 %(amount)s\n%(bank)s %(account)s\n예금주"
            " %(holder)s\n입금기한 %(due)s까지 정확한 금액을 입금해 주세요.",
            shop=shop_name,
            name=name,
            amount=won(amount),
            bank=account.vbank_name,
            account=account.vbank_num,
            holder=account.vbank_holder or "–",
            due=due,
        )
    )


def link_words(shop_name: str, row: Row, url: str) -> str:
    """A message with the buyer's link, for SMS or KakaoTalk."""
    return str(
        _(
            "[%(shop)s] %(name)s %(amount)s 결제 안내입니다. %(until)s까지 아래 주소에서 결제해"
            " 주세요.\n%(url)s",
            shop=shop_name,
            name=row["name"],
            amount=won(row["amount"], row["currency"]),
            until=kst(row["expires_at"]),
            url=url,
        )
    )
