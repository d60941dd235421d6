"""What people type into money and account fields, read by one rule (F65). Pure.

``1,000``, ``１，０００``, `` 1 000 `` and ``1000원`` are 1000; everything else is refused, never
guessed: an amount that was misread is money gone.
"""

from __future__ import annotations

import re
import unicodedata

MOST_WON = 10**12 - 1  # far above any payment, far below what SQLite can hold
SHORTEST_ACCOUNT, LONGEST_ACCOUNT = 6, 20  # digits

_WIDE = str.maketrans("０１２３４５６７８９，－￦", "0123456789,-₩")
_PLAIN = re.compile(r"[0-9]{1,12}")
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3}){1,3}")


def read_won(text: str) -> int | None:
    """The whole won somebody typed, or None when it is not plainly one number."""
    typed = _normal(text).removesuffix("원").removeprefix("₩")
    if not (_PLAIN.fullmatch(typed) or _GROUPED.fullmatch(typed)):
        return None
    return int(typed.replace(",", ""))


def read_account(text: str) -> str | None:
    """The digits of an account number, or None; hyphens and spaces only make it readable."""
    typed = re.sub(r"[-\u2010-\u2015\u2212]", "", _normal(text))
    if not re.fullmatch(rf"[0-9]{{{SHORTEST_ACCOUNT},{LONGEST_ACCOUNT}}}", typed):
        return None
    return typed


def holds_account(text: str, last4: str) -> bool:
    """Whether words may hold the account that ends in ``last4``, however it is spaced (SEC-56)."""
    plain = unicodedata.normalize("NFKC", text)
    digits = re.sub(r"(?<=[0-9])[^0-9A-Za-z\uac00-\ud7a3]{1,3}(?=[0-9])", "", plain)
    return (
        bool(last4) and re.search(rf"[0-9]{{2,16}}{re.escape(last4)}(?![0-9])", digits) is not None
    )


def one_line(text: str) -> str:
    """The text on one line, without control characters; spaces at the ends are gone."""
    clean = "".join(" " if unicodedata.category(char)[0] == "C" else char for char in text)
    return " ".join(clean.split())


def _normal(text: str) -> str:
    """Full-width digits and signs as plain ones, without any spaces.

    Only these: the general rule (NFKC) would read 1² as 12.
    """
    return "".join(text.translate(_WIDE).split())
