"""What the rules say of taxes, receipts and single methods (K9-K17, K51), and the ways out."""

from __future__ import annotations

from dashboard.ksnet.facts import Objection
from dashboard.ksnet.phrases import WHOLE_EN, WHOLE_KO, won_en, won_ko

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
        ko=f"이 금액에서 면세금액은 {won_ko(low)}이어야 합니다."
        if exact
        else f"이 금액에서 면세금액은 {won_ko(low)}부터 {won_ko(high)}까지입니다.",
        en=f"The tax-free part of this amount must be {won_en(low)}."
        if exact
        else f"The tax-free part of this amount can be {won_en(low)} to {won_en(high)}.",
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
    instead_ko=f"거절되면 {WHOLE_KO}",
    instead_en=f"If it is refused: {WHOLE_EN}",
)
K14_REFUSED = Objection(
    rule="K14",
    severity="warns",
    scope="part",
    ko="이 결제의 부분취소가 거절된 적이 있습니다. 다시 거절될 수 있습니다.",
    en="A partial cancel of this payment was refused before, and may be refused again.",
    instead_ko=WHOLE_KO,
    instead_en=WHOLE_EN,
)
K14_ESCROW = Objection(
    rule="K14",
    severity="warns",
    scope="part",
    ko="에스크로 결제는 부분취소가 거절될 수 있습니다.",
    en="A partial cancel of an escrow payment may be refused.",
    instead_ko=f"거절되면 {WHOLE_KO}",
    instead_en=f"If it is refused: {WHOLE_EN}",
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
