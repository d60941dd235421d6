"""What :func:`dashboard.ksnet.refund_objections` says, in both languages, and the ways out."""

from __future__ import annotations

from datetime import date

from dashboard.clock import kst
from dashboard.ksnet.facts import Objection

_BY_HAND_KO = "고객의 계좌로 직접 송금하고 주문 메모에 남겨 주세요."
_BY_HAND_EN = "Send the money to the customer's account yourself, and leave a note on the order."
_WHOLE_KO = "남은 금액 전부를 취소하고, 받을 금액만 다시 결제받을 수 있습니다."
_WHOLE_EN = "You can cancel everything that is left and take a new payment for what is due."


def _won_ko(amount: int) -> str:
    return f"{amount:,}원"


def _won_en(amount: int) -> str:
    return f"₩{amount:,}"


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
        ko=f"취소할 수 있는 금액은 {_won_ko(balance)}까지입니다.",
        en=f"At most {_won_en(balance)} can be cancelled.",
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
        ko=f"전액취소 금액이 남은 금액 {_won_ko(balance)}과 다릅니다.",
        en=f"A whole cancel must be of all that is left, {_won_en(balance)}.",
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
    instead_ko=_WHOLE_KO,
    instead_en=_WHOLE_EN,
)
K1_LAST = Objection(
    rule="K1",
    severity="warns",
    ko="이미 9회 취소된 결제입니다. 남은 금액 전부의 취소도 KSNET이 거절할 수 있습니다.",
    en="This payment has been cancelled 9 times. KSNET may refuse even to cancel all the rest.",
    instead_ko=_BY_HAND_KO,
    instead_en=_BY_HAND_EN,
)
K2 = Objection(
    rule="K2",
    severity="stops",
    scope="part",
    ko="휴대폰 소액결제는 부분취소가 불가합니다. 전액취소만 할 수 있습니다.",
    en="Mobile phone payments cannot be partially cancelled; only a full cancel is possible.",
    instead_ko="전액을 취소하고 받을 금액만 다시 결제받거나, 돌려줄 금액을 직접 송금해 주세요.",
    instead_en="Cancel all of it and take a new payment for what is due, or send the customer"
    " their part yourself.",
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
    instead_ko=_BY_HAND_KO,
    instead_en=_BY_HAND_EN,
)
K4 = Objection(
    rule="K4",
    severity="warns",
    ko="결제일로부터 6개월이 지났습니다. KSNET이 거절할 가능성이 큽니다.",
    en="More than 6 months have passed since the payment. KSNET will probably refuse.",
    instead_ko=_BY_HAND_KO,
    instead_en=_BY_HAND_EN,
)
K4_LAST_DAY = Objection(
    rule="K4",
    severity="warns",
    ko="오늘이 결제일로부터 6개월이 되는 날입니다. KSNET이 마지막 날을 어떻게 세는지 공개되어"
    " 있지 않아 거절될 수 있습니다.",
    en="Today is exactly 6 months after the payment. How KSNET counts the last day is not"
    " published, so it may refuse.",
    instead_ko=f"거절되면 {_BY_HAND_KO}",
    instead_en=f"If it refuses: {_BY_HAND_EN}",
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
    instead_ko=_BY_HAND_KO,
    instead_en=_BY_HAND_EN,
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

# -- K9-K16 -----------------------------------------------------------------------------------

K9 = Objection(
    rule="K9",
    severity="notes",
    ko="KSNET 관리자에서 직접 취소하면 포트원 상태가 바뀌지 않습니다. 취소는 이 화면에서 해"
    " 주세요.",
    en="A cancel made in KSNET's own admin site is not reflected here. Please cancel from this"
    " screen.",
)
K10 = Objection(
    rule="K10",
    severity="stops",
    ko="취소 금액을 1원 이상의 숫자로 입력해 주세요. 금액이 비어 있으면 전액이 취소될 수 있어"
    " 보내지 않습니다.",
    en="Enter the amount to cancel, at least ₩1. An empty amount could cancel the whole payment, so"
    " nothing is sent.",
    instead_ko="전부 돌려주려면 전액을 골라 주세요.",
    instead_en="To return everything, choose the whole amount.",
)
K11_UNKNOWN = Objection(
    rule="K11",
    severity="stops",
    ko="이 주문에 면세 상품이 얼마나 있는지 알 수 없습니다.",
    en="How much of this order is tax-free is not known.",
    instead_ko="주문의 면세금액을 먼저 입력해 주세요. 면세 상품이 없으면 0을 입력합니다.",
    instead_en="Enter the order's tax-free amount first; 0 if nothing in it is tax-free.",
)
K11_MISSING = Objection(
    rule="K11",
    severity="stops",
    ko="취소 금액 중 면세금액을 입력해 주세요. 면세 상품이 없으면 0을 입력합니다.",
    en="Enter the tax-free part of the amount to cancel; 0 if nothing in it is tax-free.",
)

K11_CONTRADICTED = Objection(
    rule="K11",
    severity="stops",
    ko="주문에 적어 둔 면세금액이 지금까지 취소한 금액과 맞지 않습니다.",
    en="The tax-free amount stated for this order does not fit what has been cancelled so far.",
    instead_ko="주문의 면세금액을 확인하고 고쳐 주세요.",
    instead_en="Check the order's tax-free amount and correct it.",
)


def k11_bounds(low: int, high: int) -> Objection:
    """A tax-free part that does not fit what is left of both parts; won."""
    exact = low == high
    return Objection(
        rule="K11",
        severity="stops",
        ko=f"이 금액에서 면세금액은 {_won_ko(low)}이어야 합니다."
        if exact
        else f"이 금액에서 면세금액은 {_won_ko(low)}부터 {_won_ko(high)}까지입니다.",
        en=f"The tax-free part of this amount must be {_won_en(low)}."
        if exact
        else f"The tax-free part of this amount can be {_won_en(low)} to {_won_en(high)}.",
        instead_ko="남은 과세금액과 면세금액에 맞게 고쳐 주세요.",
        instead_en="Change it to fit what is left of the taxed and the tax-free part.",
    )


K12 = Objection(
    rule="K12",
    severity="notes",
    ko="환불해도 현금영수증은 자동 취소되지 않습니다. 발급했다면 현금영수증도 취소해야 합니다.",
    en="The refund does not cancel the cash receipt. If one was issued, it must be cancelled too.",
    instead_ko="환불이 끝나면 해야 할 일에 넣어 둡니다.",
    instead_en="After the refund it is put on the list of things to do.",
)
K13 = Objection(
    rule="K13",
    severity="notes",
    scope="part",
    ko="부분취소 후에는 기존 현금영수증을 취소하고 남은 금액으로 다시 발급해야 합니다.",
    en="After a partial cancel, the old cash receipt must be cancelled and re-issued for the"
    " remaining amount.",
    instead_ko="환불이 끝나면 해야 할 일에 넣어 둡니다.",
    instead_en="After the refund it is put on the list of things to do.",
)
K14_NOTE = Objection(
    rule="K14",
    severity="notes",
    scope="part",
    ko="해외카드, 기프트·선불카드, 일부 법인카드와 포인트·쿠폰 결제는 카드사가 부분취소를 거절할 수"
    " 있습니다.",
    en="Card companies may refuse a partial cancel of overseas, gift, prepaid and some corporate"
    " cards, and of payments with points or coupons.",
    instead_ko=f"거절되면 {_WHOLE_KO}",
    instead_en=f"If it is refused: {_WHOLE_EN}",
)
K14_REFUSED = Objection(
    rule="K14",
    severity="warns",
    scope="part",
    ko="이 결제의 부분취소가 거절된 적이 있습니다. 다시 거절될 수 있습니다.",
    en="A partial cancel of this payment was refused before, and may be refused again.",
    instead_ko=_WHOLE_KO,
    instead_en=_WHOLE_EN,
)
K14_ESCROW = Objection(
    rule="K14",
    severity="warns",
    scope="part",
    ko="에스크로 결제는 부분취소가 거절될 수 있습니다.",
    en="A partial cancel of an escrow payment may be refused.",
    instead_ko=f"거절되면 {_WHOLE_KO}",
    instead_en=f"If it is refused: {_WHOLE_EN}",
)
ESCROW = Objection(
    rule="escrow",
    severity="warns",
    ko="배송 에스크로 결제입니다. KSNET의 에스크로 취소 규칙은 공개되어 있지 않아 거절될 수"
    " 있습니다.",
    en="This is a delivery-escrow payment. KSNET's rules for cancelling those are not published, so"
    " it may refuse.",
    instead_ko="거절되면 KSNET에 배송 등록과 구매확인 상태를 확인해 주세요.",
    instead_en="If it refuses, ask KSNET about the state of delivery and purchase confirmation.",
)
K15 = Objection(
    rule="K15",
    severity="notes",
    ko="면세 상품을 파는지 아직 정하지 않아 면세금액을 0원으로 보냅니다.",
    en="Whether you sell tax-free goods is not set yet, so the tax-free part is sent as ₩0.",
    instead_ko="설정의 가게 정보에서 면세 상품 판매를 정해 주세요.",
    instead_en="Say in the settings, under shop, whether you sell tax-free goods.",
)
K16 = Objection(
    rule="K16",
    severity="warns",
    ko="가상계좌는 면세금액을 지정할 수 없습니다. KSNET이 거절하거나 다르게 처리할 수 있습니다.",
    en="Virtual accounts cannot carry a tax-free amount. KSNET may refuse it or book it otherwise.",
    instead_ko="면세금액을 0원으로 보내고, 신고할 면세금액은 따로 적어 두세요.",
    instead_en="Send ₩0 as tax-free, and keep the tax-free sum for your tax return apart.",
)
K16_ZERO = Objection(
    rule="K16",
    severity="notes",
    ko="가상계좌는 면세금액을 지정할 수 없어 0원으로 보냅니다.",
    en="Virtual accounts cannot carry a tax-free amount, so ₩0 is sent.",
)

# -- K17, K51 ---------------------------------------------------------------------------------

K17 = Objection(
    rule="K17",
    severity="stops",
    ko="원화 결제만 이 화면에서 취소할 수 있습니다.",
    en="Only payments in won can be cancelled here.",
    instead_ko="달러 결제는 포트원 관리자 콘솔에서 취소해 주세요.",
    instead_en="Please cancel payments in dollars in PortOne's console.",
)
K51 = Objection(
    rule="K51",
    severity="notes",
    ko="테스트 결제입니다. 결제대행사가 이미 자동으로 취소했다면 취소가 거절될 수 있습니다.",
    en="This is a test payment. If the gateway has already voided it, a cancel may be refused.",
)
