"""사업자등록번호: the number of a Korean business, as typed and as printed.

The check digit proves the form only, not that the business exists or is open.
"""

from __future__ import annotations

import unicodedata

from stdnum.exceptions import ValidationError
from stdnum.kr import brn

_WEIGHTS = (1, 3, 7, 1, 3, 7, 1, 3, 5)


def clean(text: str) -> str:
    """The digits of a number however it was typed: hyphens, spaces, full-width digits."""
    return str(brn.compact(unicodedata.normalize("NFKC", text)))


def is_business_number(text: str) -> bool:
    """Whether ``text`` is a business number in form and check digit.

    stdnum knows the parts of the number but not its check digit; that is ours.
    Source: cash-receipts.md 4.
    """
    try:
        digits = brn.validate(clean(text))
    except ValidationError:
        return False
    parts = [int(digit) for digit in digits]
    total = sum(part * weight for part, weight in zip(parts, _WEIGHTS, strict=False))
    return parts[9] == (10 - (total + parts[8] * 5 // 10) % 10) % 10


def printed(digits: str) -> str:
    """``1178178260`` as ``117-81-78260``."""
    return f"{digits[:3]}-{digits[3:5]}-{digits[5:]}"
