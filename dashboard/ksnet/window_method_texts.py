"""What the rules say of single methods and of test channels before a window opens (K28-K51)."""

from __future__ import annotations

from dashboard.ksnet.phrases import ASK_CONTRACT_EN, ASK_CONTRACT_KO
from dashboard.ksnet.window_facts import WindowObjection

# -- K28-K33: wallets -------------------------------------------------------------------------

K28_SSGPAY = WindowObjection(
    rule="K28",
    severity="stops",
    field="easy_pay_direct",
    ko="SSG페이는 바로 호출할 수 없습니다.",
    en="SSGPAY cannot be called directly.",
    instead_ko="바로 호출을 끄거나 다른 결제수단을 골라 주세요.",
    instead_en="Switch the direct call off, or choose another method.",
)
K29_NOTE = WindowObjection(
    rule="K29",
    severity="notes",
    field="easy_pay_direct",
    ko="네이버페이 바로 호출은 카드 결제만 됩니다. 네이버페이 머니와 포인트는 쓸 수 없습니다.",
    en="A direct Naver Pay call takes cards only, no Naver Pay money or points.",
)
K30_TYPE = WindowObjection(
    rule="K30",
    severity="stops",
    field="kakaopay_type",
    ko="카카오페이 결제 종류를 알 수 없습니다.",
    en="The type of KakaoPay payment is not known.",
    instead_ko="카드나 머니를 고르거나, 둘 다 받으려면 비워 주세요.",
    instead_en="Choose card or money, or leave it empty for both.",
)
K32_NOTE = WindowObjection(
    rule="K32",
    severity="notes",
    field="easy_pay_direct",
    ko="L페이 바로 호출은 카드 결제만 됩니다.",
    en="A direct L.PAY call takes cards only.",
)
K33 = WindowObjection(
    rule="K33",
    severity="notes",
    field="card_quota",
    ko="페이코와 SSG페이는 할부 개월을 지정할 수 없어 빼고 보냅니다. 50,000원부터 1~12개월이"
    " 나옵니다.",
    en="Months cannot be set for PAYCO and SSGPAY, so none are sent. From ₩50,000 they show 1 to"
    " 12 months.",
)

# -- K35-K44: virtual accounts, transfer, phone, escrow ---------------------------------------

K35 = WindowObjection(
    rule="K35",
    severity="stops",
    field="vbank_due",
    ko="입금기한을 입력해 주세요.",
    en="Enter the deposit deadline.",
    instead_ko="보통 3일 뒤 23:59까지로 합니다.",
    instead_en="Three days from now, 23:59, is usual.",
)
K35_PAST = WindowObjection(
    rule="K35",
    severity="stops",
    field="vbank_due",
    ko="입금기한이 이미 지났습니다.",
    en="The deposit deadline is in the past.",
    instead_ko="지금보다 뒤의 시각을 입력해 주세요.",
    instead_en="Enter a time after now.",
)
K36 = WindowObjection(
    rule="K36",
    severity="stops",
    field="vbank_due",
    ko="입금기한의 형식이 올바르지 않습니다.",
    en="The deposit deadline is not valid.",
    instead_ko="날짜와 시각을 다시 입력해 주세요.",
    instead_en="Enter day and time again.",
)
K38 = WindowObjection(
    rule="K38",
    severity="notes",
    field="pay_method",
    ko="테스트 가상계좌에는 입금하지 마세요. 입금해도 반영되지 않고 환불되지 않습니다.",
    en="Do not deposit into a test account. A deposit is neither noticed nor returned.",
)
K40 = WindowObjection(
    rule="K40",
    severity="notes",
    field="pay_method",
    ko="결제창에서 현금영수증 번호에 하이픈(-)을 넣으면 결제는 되지만 현금영수증이 발급되지"
    " 않습니다.",
    en="If the buyer types the cash receipt number with hyphens, the payment goes through but no"
    " receipt is issued.",
    instead_ko="숫자만 입력하도록 안내하고, 결제 뒤 현금영수증을 확인해 주세요.",
    instead_en="Ask buyers to type digits only, and look for the receipt after the payment.",
)
K41 = WindowObjection(
    rule="K41",
    severity="stops",
    field="pay_method",
    ko="계좌이체는 테스트 채널에서 쓸 수 없습니다.",
    en="Bank transfer cannot be used in a test channel.",
    instead_ko="다른 결제수단을 고르거나 실연동 채널에서 받아 주세요.",
    instead_en="Choose another method, or take it through a live channel.",
)
K42 = WindowObjection(
    rule="K42",
    severity="warns",
    ko="휴대폰 결제는 계약한 상품유형(실물·디지털)과 같아야 합니다. 아직 정하지 않아 실물로"
    " 보냅니다.",
    en="Phone payments must name the product type of your contract, physical or digital. It is not"
    " set yet, so physical is sent.",
    instead_ko=ASK_CONTRACT_KO,
    instead_en=ASK_CONTRACT_EN,
)

# -- K51: test channels -----------------------------------------------------------------------

K51 = WindowObjection(
    rule="K51",
    severity="notes",
    ko="테스트 채널의 결제입니다. 매출에 넣지 않습니다.",
    en="This is a payment of a test channel. It is not counted as a sale.",
)
K51_CARD = WindowObjection(
    rule="K51",
    severity="notes",
    ko="테스트 채널의 결제입니다. 매출에 넣지 않습니다. 카드 결제창에서 간편결제를 고르면 실제로"
    " 출금될 수 있습니다.",
    en="This is a payment of a test channel. It is not counted as a sale. A wallet chosen inside"
    " the card window may really charge.",
    instead_ko="간편결제를 숨기거나, 결제했다면 바로 취소해 주세요.",
    instead_en="Hide the wallets, or cancel at once if one was used.",
)
K51_WALLET = WindowObjection(
    rule="K51",
    severity="warns",
    field="pay_method",
    ko="테스트 결제라도 간편결제는 실제로 출금될 수 있고 자동으로 환불되지 않습니다.",
    en="Even in a test channel wallets may really charge, and the money does not come back by"
    " itself.",
    instead_ko="다른 결제수단으로 시험하거나, 결제한 뒤 바로 취소해 주세요.",
    instead_en="Test with another method, or cancel right after the payment.",
)
