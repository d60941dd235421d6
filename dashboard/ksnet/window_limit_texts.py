"""What is said of a window's amount, names, lengths and forms, whatever the method."""

from __future__ import annotations

from dashboard.ksnet.phrases import won_en, won_ko
from dashboard.ksnet.window_facts import WindowObjection

RULE = "window"
"""The rule of what holds for every window and has no K-number. Source: payment-window, 2."""

_FIELDS = {
    "name": ("주문명", "order name"),
    "buyer_name": ("구매자 이름", "buyer's name"),
    "buyer_email": ("구매자 이메일", "buyer's email"),
    "buyer_tel": ("구매자 연락처", "buyer's phone number"),
    "buyer_addr": ("구매자 주소", "buyer's address"),
    "buyer_postcode": ("우편번호", "postcode"),
}
GATEWAY = WindowObjection(
    rule=RULE,
    severity="stops",
    ko="결제창을 열 채널이 아직 정해지지 않았습니다.",
    en="The channel that opens the payment window is not set yet.",
    instead_ko="설정의 결제 연동에서 고객사 식별코드와 채널을 입력해 주세요.",
    instead_en="Enter the merchant code and the channel in the settings, under payment gateway.",
)
METHOD = WindowObjection(
    rule=RULE,
    severity="stops",
    field="pay_method",
    ko="KSNET 결제창에 없는 결제수단입니다.",
    en="KSNET's payment window does not have this method.",
    instead_ko="다른 결제수단을 골라 주세요.",
    instead_en="Choose another method.",
)
AMOUNT = WindowObjection(
    rule=RULE,
    severity="stops",
    field="amount",
    ko="결제금액은 1원 이상이어야 합니다.",
    en="The amount must be at least ₩1.",
)
AMOUNT_USD = WindowObjection(
    rule=RULE,
    severity="stops",
    field="amount",
    ko="결제금액은 0.01달러 이상이어야 합니다.",
    en="The amount must be at least $0.01.",
)
CURRENCY = WindowObjection(
    rule="K17",
    severity="stops",
    field="currency",
    ko="KSNET은 원화와 달러 결제만 됩니다.",
    en="KSNET takes payments in won and US dollars only.",
)
EMAIL = WindowObjection(
    rule=RULE,
    severity="stops",
    field="buyer_email",
    ko="구매자 이메일의 형식이 올바르지 않습니다.",
    en="The buyer's email address is not valid.",
    instead_ko="name@example.com과 같은 형식으로 입력해 주세요.",
    instead_en="Enter it like name@example.com.",
)
TEL = WindowObjection(
    rule=RULE,
    severity="stops",
    field="buyer_tel",
    ko="구매자 연락처의 형식이 올바르지 않습니다.",
    en="The buyer's phone number is not valid.",
    instead_ko="숫자와 하이픈으로 입력해 주세요.",
    instead_en="Enter it in digits and hyphens.",
)
PERIOD_HALF = WindowObjection(
    rule=RULE,
    severity="stops",
    field="period",
    ko="서비스 기간은 시작일과 종료일을 모두 입력해야 합니다.",
    en="A service period needs its first and its last day.",
    instead_ko="하나를 더 입력하거나 둘 다 비워 주세요.",
    instead_en="Enter the other day too, or leave both empty.",
)
PERIOD_FORM = WindowObjection(
    rule=RULE,
    severity="stops",
    field="period",
    ko="서비스 기간의 날짜가 올바르지 않습니다.",
    en="A day of the service period is not valid.",
    instead_ko="2026-12-31과 같은 형식으로 입력해 주세요.",
    instead_en="Enter days like 2026-12-31.",
)
PERIOD_ORDER = WindowObjection(
    rule=RULE,
    severity="stops",
    field="period",
    ko="서비스 종료일이 시작일보다 빠릅니다.",
    en="The last day of the service period is before its first.",
    instead_ko="두 날짜를 확인해 주세요.",
    instead_en="Check both days.",
)
APP_SCHEME = WindowObjection(
    rule=RULE,
    severity="stops",
    field="app_scheme",
    ko="앱 스킴의 형식이 올바르지 않습니다.",
    en="The app scheme is not valid.",
    instead_ko="myshop://와 같은 형식으로 입력해 주세요. 앱이 없으면 비워 두면 됩니다.",
    instead_en="Enter it like myshop://. Leave it empty if the shop has no app.",
)
CUSTOM_DATA_LONG = WindowObjection(
    rule=RULE,
    severity="stops",
    field="custom_data",
    ko="추가 정보가 너무 깁니다.",
    en="The extra data are too long.",
    instead_ko="짧은 번호나 이름표만 남겨 주세요.",
    instead_en="Keep only short numbers or labels.",
)
CUSTOM_DATA_PERSONAL = WindowObjection(
    rule=RULE,
    severity="stops",
    field="custom_data",
    ko="추가 정보에 개인정보로 보이는 내용이 있습니다. 추가 정보에는 개인정보를 보내지 않습니다.",
    en="The extra data seem to hold personal data, which must not be sent there.",
    instead_ko="이름, 연락처, 이메일, 주소, 주민등록번호를 지워 주세요.",
    instead_en="Remove names, phone numbers, emails, addresses and resident numbers.",
)


def missing(field: str, rule: str = RULE) -> WindowObjection:
    """Something that must be typed is empty; ``rule`` says what wants it."""
    ko, en = _FIELDS[field]
    josa = "을" if ko.endswith(("이름", "이메일", "주문명")) else "를"
    return WindowObjection(
        rule=rule,
        severity="stops",
        field=field,
        ko=f"{ko}{josa} 입력해 주세요.{_WHY_KO.get(rule, '')}",
        en=f"Enter the {en}.{_WHY_EN.get(rule, '')}",
    )


_WHY_KO = {
    "K22": " 카드사 바로 호출에 필요합니다.",
    "K23": " 모바일에서 이 카드를 바로 부르는 데 필요합니다.",
    "K28": " 간편결제 바로 호출에 필요합니다.",
    "K30": " 카카오페이 바로 호출에 필요합니다.",
    "K31": " 페이코 바로 호출에 필요합니다.",
    "K44": " 에스크로의 구매확인 메일을 이 주소로 보냅니다.",
}
_WHY_EN = {
    "K22": " A direct call of a card company needs it.",
    "K23": " A direct call of this card needs it on mobile.",
    "K28": " A direct wallet call needs it.",
    "K30": " A direct KakaoPay call needs it.",
    "K31": " A direct PAYCO call needs it.",
    "K44": " The purchase confirmation of escrow is mailed there.",
}


def too_long(field: str, most: int) -> WindowObjection:
    """More than ``most`` characters."""
    ko, en = _FIELDS[field]
    return WindowObjection(
        rule=RULE,
        severity="stops",
        field=field,
        ko=f"{ko}의 길이는 최대 {most}자입니다.",
        en=f"The {en} can have at most {most} characters.",
        instead_ko="줄여서 입력해 주세요.",
        instead_en="Make it shorter.",
    )


def unprintable(field: str) -> WindowObjection:
    """Line breaks and other characters nobody can see."""
    ko, en = _FIELDS[field]
    return WindowObjection(
        rule=RULE,
        severity="stops",
        field=field,
        ko=f"{ko}에 줄바꿈처럼 보이지 않는 문자가 있습니다.",
        en=f"The {en} has line breaks or other invisible characters in it.",
        instead_ko="지우고 다시 입력해 주세요.",
        instead_en="Clear it and type it again.",
    )


def tax_free_bounds(amount: int) -> WindowObjection:
    """A tax-free part outside the amount; won (K15)."""
    return WindowObjection(
        rule="K15",
        severity="stops",
        field="tax_free",
        ko=f"면세금액은 0원부터 결제금액 {won_ko(amount)}까지입니다.",
        en=f"The tax-free part can be ₩0 to the whole amount, {won_en(amount)}.",
        instead_ko="면세 상품이 없으면 0을 입력합니다.",
        instead_en="Use 0 if nothing is tax-free.",
    )
