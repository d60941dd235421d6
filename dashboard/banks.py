"""Banks and securities firms by code, for refunds of virtual accounts. Pure after loading.

Which codes KSNET expects is not published (K8): KFTC's three digits are the default, and a shop
that was told otherwise by KSNET changes the set in the settings.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources

CODE_SETS = ("kftc", "two_digits")
"""``kftc``: 088; ``two_digits``: 88, as some gateways write banks. Firms have no two digits."""
DEFAULT_CODE_SET = "kftc"


@dataclass(frozen=True, kw_only=True)
class Bank:
    """One institution; ``code`` as the chosen set writes it.

    ``usual``: PortOne's own table names it; the others come from KFTC's published list.
    """

    code: str
    kftc: str
    ko: str
    en: str
    usual: bool

    def name(self, language: str) -> str:
        """The bank's name in the language of the page."""
        return self.en if language == "en" else self.ko


@cache
def banks(code_set: str = DEFAULT_CODE_SET) -> tuple[Bank, ...]:
    """Every institution of a code set, the usual ones first; an unknown set is the default one."""
    found = [_in_set(bank, code_set) for bank in _kftc()]
    return tuple(bank for bank in found if bank is not None)


def find_bank(code: str, code_set: str = DEFAULT_CODE_SET) -> Bank | None:
    """The institution with this code in this set, or None."""
    return next((bank for bank in banks(code_set) if bank.code == code), None)


def account_digits(typed: str) -> str | None:
    """An account number as digits, or None when it holds anything else.

    Hyphens and spaces between digits are how people write them; full-width digits are read.
    """
    text = re.sub(r"[\s\-\u2010-\u2015\u2212]", "", unicodedata.normalize("NFKC", typed))
    return text if re.fullmatch(r"[0-9]{6,20}", text) else None


@cache
def _kftc() -> tuple[Bank, ...]:
    file = resources.files("dashboard").joinpath("codes/bank-codes.json")
    table = json.loads(file.read_text("utf-8"))
    found = [
        Bank(
            code=row["code"],
            kftc=row["code"],
            ko=row["ko"],
            en=row["en"],
            usual=row["tier"] == "portone",
        )
        for row in [*table["banks"], *table["securities"]]
    ]
    return tuple(sorted(found, key=lambda bank: (not bank.usual, bank.kftc)))


def _in_set(bank: Bank, code_set: str) -> Bank | None:
    if code_set != "two_digits":
        return bank
    if not bank.kftc.startswith("0"):
        return None
    return Bank(code=bank.kftc[1:], kftc=bank.kftc, ko=bank.ko, en=bank.en, usual=bank.usual)
