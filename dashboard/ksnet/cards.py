"""The card companies a window can call at once, and what each wants for it. Pure after loading.

Which company wants what is in ``codes/card-codes.json``, taken from KSNET's guide (K18, K21-K26).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources

INSTALMENTS_FROM = 50_000  # K18: won, of a window that shows all companies
KB = "381"  # K20


@dataclass(frozen=True, kw_only=True)
class CardCompany:
    """One company, by its KFTC code.

    :ivar interest_free: the shop can pay the interest (K21), where its contract says so
    :ivar instalments_from: won from which months can be chosen (K18)
    :ivar wants_phone: on mobile a direct call needs the buyer's phone and carrier (K23)
    :ivar wants_shop: a direct call needs the shop's name and business number (K24)
    :ivar wants_site: a direct call needs the address of the page that asks (K25)
    :ivar takes_list: a direct call may carry a list of months (K26)
    """

    code: str
    ko: str
    en: str
    interest_free: bool
    instalments_from: int
    wants_phone: bool
    wants_shop: bool
    wants_site: bool
    takes_list: bool

    def name(self, language: str) -> str:
        """The company's name in the language of the page."""
        return self.en if language == "en" else self.ko


@cache
def card_companies() -> tuple[CardCompany, ...]:
    """Every domestic company, in the order PortOne lists them."""
    file = resources.files("dashboard").joinpath("codes/card-codes.json")
    found = []
    for row in json.loads(file.read_text("utf-8"))["domestic"]:
        rules = row["ksnet"]
        wants = rules["direct_call_requires"]
        found.append(
            CardCompany(
                code=row["code"],
                ko=row["ko"],
                en=row["en"],
                interest_free=rules["merchant_interest_free"],
                instalments_from=rules["installment_min_krw"],
                wants_phone="buyer_tel (mobile)" in wants,
                wants_shop="storeDetails.businessRegistrationNumber" in wants,
                wants_site="bypass.ksnet.url" in wants,
                takes_list=rules["direct_call_allows_card_quota_list"] is not False,
            )
        )
    return tuple(found)


def find_card_company(code: str) -> CardCompany | None:
    """The domestic company with this code, or None."""
    return next((card for card in card_companies() if card.code == code), None)
