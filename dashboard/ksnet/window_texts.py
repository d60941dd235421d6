"""What the rules say of contracts, tax, currency and cards before a window opens (K15-K26, K52)."""

from __future__ import annotations

from dashboard.ksnet.facts import Severity
from dashboard.ksnet.phrases import ASK_CONTRACT_EN, ASK_CONTRACT_KO, won_en, won_ko
from dashboard.ksnet.window_facts import WindowObjection

_SETTINGS_KO = "설정의 결제 연동에서 입력해 주세요."
_SETTINGS_EN = "Enter it in the settings, under payment gateway."

# -- K52: contracts ---------------------------------------------------------------------------

_FEATURES = {
    "contract_mixed_tax": ("복합과세", "mixed taxation"),
    "contract_easy_pay": ("간편결제", "easy pay"),
    "contract_installments": ("할부", "instalments"),
    "contract_interest_free": ("상점 부담 무이자", "merchant-funded interest-free instalments"),
    "contract_vbank_deadline": ("가상계좌 입금기한", "a deadline for virtual accounts"),
    "contract_delivery_escrow": ("배송 에스크로", "delivery escrow"),
}
_RULES = {
    "contract_mixed_tax": "K15",
    "contract_interest_free": "K21",
    "contract_vbank_deadline": "K35",
    "contract_delivery_escrow": "K43",
}


def no_contract(contract: str, field: str) -> WindowObjection:
    """The shop said it has no contract for this."""
    ko, en = _FEATURES[contract]
    return WindowObjection(
        rule=_RULES.get(contract, "K52"),
        severity="stops",
        field=field,
        ko=f"설정에 KSNET과 맺은 '{ko}' 계약이 없다고 되어 있어 쓸 수 없습니다.",
        en=f"Your settings say that your KSNET contract does not cover {en}, so it cannot be used.",
        instead_ko="다른 방법을 고르거나, 계약했다면 설정의 KSNET 계약을 고쳐 주세요.",
        instead_en="Choose another way, or correct the settings, under KSNET contract.",
    )


def unknown_contract(contract: str, field: str) -> WindowObjection:
    """Nobody said yet whether there is a contract for this."""
    ko, en = _FEATURES[contract]
    return WindowObjection(
        rule="K52",
        severity="warns",
        field=field,
        ko=f"'{ko}' 기능은 KSNET과 계약해야 쓸 수 있습니다. 계약했는지 아직 정하지 않았습니다.",
        en=f"Your KSNET contract must cover {en}. Whether it does is not set yet.",
        instead_ko=ASK_CONTRACT_KO,
        instead_en=ASK_CONTRACT_EN,
    )


# -- K16-K21: tax, currency, instalments ------------------------------------------------------

K16 = WindowObjection(
    rule="K16",
    severity="warns",
    field="pay_method",
    ko="가상계좌에는 면세금액을 지정할 수 없습니다. 면세금액은 0원으로 보냅니다.",
    en="Virtual accounts cannot carry a tax-free amount, so ₩0 is sent as tax-free.",
    instead_ko="면세 상품은 카드나 계좌이체를 권장합니다.",
    instead_en="Take cards or bank transfer for tax-free goods.",
)
K17_METHOD = WindowObjection(
    rule="K17",
    severity="stops",
    field="currency",
    ko="달러 결제는 신용카드로만 됩니다.",
    en="Payments in dollars are possible by card only.",
    instead_ko="결제수단을 신용카드로 바꾸거나 원화로 받아 주세요.",
    instead_en="Choose card as the method, or ask for won.",
)
K17_DIRECT = WindowObjection(
    rule="K17",
    severity="stops",
    field="direct_card",
    ko="카드사 바로 호출은 원화 결제에서만 됩니다.",
    en="A card company can be called directly for payments in won only.",
    instead_ko="카드사 선택을 비워 주세요.",
    instead_en="Leave the card company empty.",
)
K17_TAX = WindowObjection(
    rule="K17",
    severity="stops",
    field="tax_free",
    ko="달러 결제에는 면세금액을 지정할 수 없습니다.",
    en="Payments in dollars carry no tax-free amount.",
    instead_ko="면세금액에 0을 입력해 주세요.",
    instead_en="Enter 0 as tax-free.",
)
K17_NOTE = WindowObjection(
    rule="K17",
    severity="notes",
    field="currency",
    ko="달러 결제는 해외에서 발급된 카드로만 됩니다. 국내에서 발급된 카드는"
    " 해외 브랜드라도 실패합니다.",
    en="Payments in dollars work only with cards issued abroad. A card issued in Korea fails even"
    " with an international brand.",
)
K18_USD = WindowObjection(
    rule="K18",
    severity="notes",
    field="card_quota",
    ko="달러 결제에는 할부를 보내지 않습니다. 일시불만 됩니다.",
    en="No instalments are sent for payments in dollars; only lump sum.",
)
K19 = WindowObjection(
    rule="K19",
    severity="stops",
    field="card_quota",
    ko="할부 개월은 2개월부터 36개월까지입니다. 일시불은 항상 포함됩니다.",
    en="Instalments can be 2 to 36 months. Lump sum is always included.",
    instead_ko="할부 개월을 다시 골라 주세요.",
    instead_en="Choose the months again.",
)
K19_DIRECT = WindowObjection(
    rule="K19",
    severity="stops",
    field="direct_quota",
    ko="바로 호출의 할부 개월은 2개월부터 36개월까지이고, 일시불은 0입니다.",
    en="The months of a direct call can be 2 to 36, or 0 for lump sum.",
    instead_ko="할부 개월을 다시 골라 주세요.",
    instead_en="Choose the months again.",
)
K21_WALLET = WindowObjection(
    rule="K21",
    severity="stops",
    field="interest_free",
    ko="상점 부담 무이자는 간편결제에 적용되지 않습니다.",
    en="Merchant-funded interest-free instalments do not work with easy pay.",
    instead_ko="무이자를 비우거나 결제수단을 신용카드로 바꿔 주세요.",
    instead_en="Leave interest-free empty, or choose card as the method.",
)
K21_USD = WindowObjection(
    rule="K21",
    severity="stops",
    field="interest_free",
    ko="상점 부담 무이자는 국내 카드의 할부이므로 달러 결제에는 쓸 수 없습니다.",
    en="Merchant-funded interest-free instalments are for Korean cards, not for dollars.",
    instead_ko="무이자를 비워 주세요.",
    instead_en="Leave interest-free empty.",
)
K21_MONTHS = WindowObjection(
    rule="K21",
    severity="stops",
    field="interest_free",
    ko="무이자 할부 개월은 2개월부터 36개월까지이고, 카드사마다 하나만 정합니다.",
    en="Interest-free months can be 2 to 36, once for each card company.",
    instead_ko="카드사와 개월 수를 확인해 주세요.",
    instead_en="Check the card companies and their months.",
)


def k18(least: int, field: str) -> WindowObjection:
    """Months were chosen for an amount that has none.

    :param least: won from which on there are instalments
    """
    return WindowObjection(
        rule="K18",
        severity="notes",
        field=field,
        ko=f"할부는 {won_ko(least)} 이상 결제부터 됩니다. 이 금액은 일시불만 보냅니다.",
        en=f"Instalments are available from {won_en(least)}. Only lump sum is sent here.",
    )


def k21_company(names_ko: str, names_en: str) -> WindowObjection:
    """A card company whose interest no shop can pay; the names of those that allow it."""
    return WindowObjection(
        rule="K21",
        severity="stops",
        field="interest_free",
        ko="상점 부담 무이자를 설정할 수 없는 카드사가 있습니다.",
        en="One of the card companies has no merchant-funded interest-free instalments.",
        instead_ko=f"다음 카드사만 골라 주세요: {names_ko}.",
        instead_en=f"Choose among {names_en}.",
    )


# -- K22-K26: card companies called directly --------------------------------------------------

DIRECT_CARD = WindowObjection(
    rule="window",
    severity="stops",
    field="direct_card",
    ko="바로 호출할 카드사를 알 수 없습니다.",
    en="The card company to call is not known.",
    instead_ko="목록에서 카드사를 다시 고르거나 비워 주세요.",
    instead_en="Choose one from the list, or leave it empty.",
)
TCODE = WindowObjection(
    rule="K23",
    severity="stops",
    field="tcode",
    ko="통신사를 알 수 없습니다.",
    en="The phone carrier is not known.",
    instead_ko="통신사를 다시 고르거나 비워 주세요. 비우면 SKT로 보냅니다.",
    instead_en="Choose the carrier again, or leave it empty: SKT is sent then.",
)
K26 = WindowObjection(
    rule="K26",
    severity="notes",
    field="card_quota",
    ko="이 카드사를 바로 부를 때는 할부 목록을 보낼 수 없어 빼고 보냅니다.",
    en="A direct call of this card company carries no list of instalments, so none is sent.",
)
K26_QUOTA = WindowObjection(
    rule="K26",
    severity="notes",
    field="direct_quota",
    ko="이 카드사를 바로 부를 때는 정한 할부 개월이 쓰이지 않을 수 있습니다.",
    en="A direct call of this card company may not use the months chosen here.",
)
QPAY = WindowObjection(
    rule="window",
    severity="stops",
    field="snd_qpay_type",
    ko="간편결제 표시 여부의 값이 올바르지 않습니다.",
    en="Whether wallets are shown is neither yes nor no.",
    instead_ko="표시 여부를 다시 골라 주세요.",
    instead_en="Choose again whether to show them.",
)


def shop_details(
    rule: str, missing_ko: str, missing_en: str, severity: Severity = "stops"
) -> WindowObjection:
    """The shop's settings lack something; what, in both languages."""
    return WindowObjection(
        rule=rule,
        severity=severity,
        ko=f"이 결제에는 상점 정보가 더 필요합니다: {missing_ko}.",
        en=f"This payment needs more of the shop's details: {missing_en}.",
        instead_ko=_SETTINGS_KO,
        instead_en=_SETTINGS_EN,
    )
