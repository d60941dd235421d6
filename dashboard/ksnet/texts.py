"""What the rules say of state, balance, days and accounts (K1-K8), and the ways out."""

from __future__ import annotations

from datetime import date

from dashboard.clock import kst
from dashboard.ksnet.facts import Objection
from dashboard.ksnet.phrases import BY_HAND_EN, BY_HAND_KO, WHOLE_EN, WHOLE_KO, won_en, won_ko

# -- state and balance ------------------------------------------------------------------------

STATES = {
    "ready": Objection(
        rule="state",
        severity="stops",
        ko="아직 결제되지 않아 취소할 금액이 없습니다.",
        en="Nothing has been paid yet, so there is nothing to cancel.",
    ),
    "waiting": Objection(
        rule="state",
        severity="stops",
        ko="아직 입금되지 않은 가상계좌입니다. 돌려줄 돈이 없습니다.",
        en="Nothing has been paid into this virtual account yet. There is no money to return.",
        instead_ko="입금을 막으려면 포트원 관리자 콘솔에서 가상계좌를 발급취소해 주세요.",
        instead_en="To keep a deposit from coming in, revoke the account in PortOne's console.",
    ),
    "failed": Objection(
        rule="state",
        severity="stops",
        ko="실패한 결제라 취소할 금액이 없습니다.",
        en="This payment failed, so there is nothing to cancel.",
    ),
    "cancelled": Objection(
        rule="balance",
        severity="stops",
        ko="이미 전액 취소된 결제입니다.",
        en="This payment has already been cancelled in full.",
    ),
}
CHECK = Objection(
    rule="state",
    severity="stops",
    ko="포트원이 알려 준 금액이 서로 맞지 않아 취소할 수 없습니다.",
    en="The amounts PortOne reports do not add up, so nothing can be cancelled here.",
    instead_ko="포트원 관리자 콘솔의 금액과 비교하고 포트원 고객센터에 문의해 주세요.",
    instead_en="Compare them with PortOne's console and ask PortOne's support.",
)


def over_balance(balance: int) -> Objection:
    """More than is left.

    :param balance: won still cancellable
    """
    return Objection(
        rule="balance",
        severity="stops",
        ko=f"취소할 수 있는 금액은 {won_ko(balance)}까지입니다.",
        en=f"At most {won_en(balance)} can be cancelled.",
        instead_ko="금액을 줄이거나 전액을 골라 주세요.",
        instead_en="Enter less, or choose the whole amount.",
    )


def whole_is(balance: int) -> Objection:
    """A whole cancel of something else than all that is left.

    :param balance: won still cancellable
    """
    return Objection(
        rule="balance",
        severity="stops",
        ko=f"전액취소 금액이 남은 금액 {won_ko(balance)}과 다릅니다.",
        en=f"A whole cancel must be of all that is left, {won_en(balance)}.",
        instead_ko="바뀐 금액을 확인하고 다시 골라 주세요.",
        instead_en="Look at the amount again, which may have changed, and choose once more.",
    )


# -- K1, K2: how often, and parts at all ------------------------------------------------------

K1 = Objection(
    rule="K1",
    severity="stops",
    scope="part",
    ko="부분취소는 결제 1건당 최대 9회까지 가능합니다. 이미 9회 취소된 결제입니다.",
    en="A payment can be partially cancelled at most 9 times. This one already has 9.",
    instead_ko=WHOLE_KO,
    instead_en=WHOLE_EN,
)
K1_LAST = Objection(
    rule="K1",
    severity="warns",
    ko="이미 9회 취소된 결제입니다. 남은 금액 전부의 취소도 KSNET이 거절할 수 있습니다.",
    en="This payment has been cancelled 9 times. KSNET may refuse even to cancel all the rest.",
    instead_ko=BY_HAND_KO,
    instead_en=BY_HAND_EN,
)
K2 = Objection(
    rule="K2",
    severity="stops",
    scope="part",
    ko="휴대폰 소액결제는 부분취소가 불가합니다. 전액취소만 할 수 있습니다.",
    en="Mobile phone payments cannot be partially cancelled; only a full cancel is possible.",
    instead_ko="전액을 취소하고 받을 금액만 다시 결제받거나, 돌려줄 금액을 수동 환불로 이체해"
    " 주세요.",
    instead_en="Cancel all of it and take a new payment for what is due, or give their part back as"
    " a manual refund.",
)


def k1_few(left: int) -> Objection:
    """From the eighth partial cancel on.

    :param left: partial cancels that are still possible, this one counted
    """
    return Objection(
        rule="K1",
        severity="notes",
        scope="part",
        ko=f"부분취소를 {left}번 더 할 수 있습니다. 결제 1건당 최대 9회입니다.",
        en=f"Partial cancels left: {left}. A payment can be partially cancelled at most 9 times.",
    )


# -- K3, K4: days -----------------------------------------------------------------------------

K3 = Objection(
    rule="K3",
    severity="stops",
    ko="휴대폰 결제는 결제한 달에만 취소할 수 있습니다. 결제한 달이 지났습니다.",
    en="Phone payments can be cancelled only in the month they were paid. That month is over.",
    instead_ko=BY_HAND_KO,
    instead_en=BY_HAND_EN,
)
K4 = Objection(
    rule="K4",
    severity="warns",
    ko="결제일로부터 6개월이 지났습니다. KSNET이 거절할 가능성이 큽니다.",
    en="More than 6 months have passed since the payment. KSNET will probably refuse.",
    instead_ko=BY_HAND_KO,
    instead_en=BY_HAND_EN,
)
K4_LAST_DAY = Objection(
    rule="K4",
    severity="warns",
    ko="오늘이 결제일로부터 6개월이 되는 날입니다. KSNET이 마지막 날을 어떻게 세는지 공개되어"
    " 있지 않아 거절될 수 있습니다.",
    en="Today is exactly 6 months after the payment. How KSNET counts the last day is not"
    " published, so it may refuse.",
    instead_ko=f"거절되면 {BY_HAND_KO}",
    instead_en=f"If it refuses: {BY_HAND_EN}",
)


def k3_until(last: date, days: int) -> Objection:
    """A phone payment while its month lasts; ``days`` from today to ``last``."""
    return Objection(
        rule="K3",
        severity="notes",
        ko=f"휴대폰 결제는 결제한 달에만 취소할 수 있습니다. 마지막 날은 {last}입니다({_d(days)}).",
        en="Phone payments can be cancelled only in the month they were paid. The last day is"
        f" {last} ({_d(days)}).",
    )


def k4_until(last: date, days: int) -> Objection:
    """The last two weeks; ``days`` from today to ``last``."""
    return Objection(
        rule="K4",
        severity="notes",
        ko=f"KSNET에서는 결제일로부터 6개월 안에 취소할 수 있습니다. 마지막 날은"
        f" {last}입니다({_d(days)}).",
        en=f"KSNET cancels within 6 months of the payment. The last day is {last} ({_d(days)}).",
    )


def _d(days: int) -> str:
    return f"D-{days}" if days else "D-day"


# -- K5-K8: virtual accounts ------------------------------------------------------------------


def k5(opens_at: int) -> Objection:
    """By night.

    :param opens_at: the next 06:00, UNIX seconds
    """
    return Objection(
        rule="K5",
        severity="warns",
        passes_at=opens_at,
        ko="가상계좌 환불은 06:00~23:00에만 가능합니다. 지금 보내면 KSNET이 거절합니다.",
        en="Virtual-account refunds are possible only between 06:00 and 23:00 (KST). KSNET will"
        " refuse one sent now.",
        instead_ko="06:00 이후에 다시 시도해 주세요. 06시에 알림을 받을 수 있습니다.",
        instead_en="Please try again after 06:00. You can be reminded at 06:00.",
    )


def k5_nears(closes_at: int, now: float) -> Objection:
    """In the evening; both UNIX seconds."""
    minutes = max(1, int(closes_at - now) // 60)
    return Objection(
        rule="K5",
        severity="notes",
        comes_at=closes_at,
        ko=f"{kst(closes_at):%H:%M}까지 보내 주세요. {minutes}분 남았습니다. 가상계좌 환불은"
        " 06:00~23:00에만 됩니다.",
        en=f"Send it by {kst(closes_at):%H:%M} (KST), {minutes} min from now. Virtual-account"
        " refunds are possible only between 06:00 and 23:00.",
        instead_ko="늦으면 내일 06:00부터 할 수 있습니다.",
        instead_en="After that it is possible again from 06:00 tomorrow.",
    )


K6 = Objection(
    rule="K6",
    severity="stops",
    ko="가상계좌 환불은 KSNET 환불 특약이 있는 상점만 가능합니다. 설정에 특약이 없다고 되어"
    " 있습니다.",
    en="Virtual-account refunds require a special refund contract with KSNET. Your settings say"
    " there is none.",
    instead_ko=BY_HAND_KO,
    instead_en=BY_HAND_EN,
)
K6_UNKNOWN = Objection(
    rule="K6",
    severity="warns",
    ko="가상계좌 환불은 KSNET 환불 특약이 있는 상점만 가능합니다. 특약이 있는지 아직 정하지"
    " 않았습니다.",
    en="Virtual-account refunds require a special refund contract with KSNET. Whether you have one"
    " is not set yet.",
    instead_ko="계약을 확인하고 설정의 KSNET 계약에 적어 주세요.",
    instead_en="Check your contract and enter it in the settings, under KSNET contract.",
)
K7 = Objection(
    rule="K7",
    severity="stops",
    ko="가상계좌 환불에는 예금주, 은행, 계좌번호가 필요합니다. 잘못 입력하면 다른 사람에게 송금될"
    " 수 있습니다.",
    en="Holder, bank and account number are required. A wrong entry may send the money to someone"
    " else.",
    instead_ko="고객에게 받은 예금주와 은행을 적고, 계좌번호는 숫자만 적어 주세요.",
    instead_en="Enter holder and bank as the customer gave them, and the account in digits only.",
)
K8 = Objection(
    rule="K8",
    severity="warns",
    ko="KSNET 은행코드는 공개 문서에 없습니다. 첫 환불 전 KSNET에 은행코드 체계를 확인해 주세요.",
    en="KSNET's bank codes are not published. Confirm the code set with KSNET before the first"
    " refund.",
    instead_ko="확인한 뒤 설정의 환불에 표시하면 다시 묻지 않습니다.",
    instead_en="Once confirmed, say so in the settings, under refunds; you are not asked again.",
)
