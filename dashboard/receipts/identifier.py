"""식별번호: the number a cash receipt is issued to, as typed. Pure.

A phone, a business or a receipt card; never a resident number, which an ordinary shop may not keep
(cash-receipts.md 4 and 8).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from dashboard.business_number import is_business_number
from dashboard.resident_number import mask_text

Why = Literal["empty", "letters", "resident", "phone", "business", "length", "self_issue"]

SELF_ISSUE = "0100001234"
"""자진발급: issued to nobody, when the buyer gave no number. Nobody's own phone."""

TYPES = ("phone", "business", "taxcard")

_PHONE = re.compile(r"01[0-9]{8,9}")
_CARD = re.compile(r"[0-9]{13,19}")  # the length is documented nowhere
_DIGITS = re.compile(r"[0-9]+")
_ABROAD = re.compile(r"\+820?(?=1)|82(?=1[0-9]{8,9}$)")  # without a + only where nothing else fits
_SIGNS = frozenset(".·∙・()\u2212\u30fc\u1173\u3161")  # the last three are typed for a hyphen


@dataclass(frozen=True, kw_only=True, repr=False)
class Identifier:
    """``identifier_type`` is one of :data:`TYPES`; ``digits`` are personal data."""

    identifier_type: str
    digits: str

    def __repr__(self) -> str:
        return f"Identifier({self.identifier_type})"

    @property
    def last4(self) -> str:
        """The last four digits, all that may be kept."""
        return self.digits[-4:]

    @property
    def is_self_issue(self) -> bool:
        """Whether the receipt is issued to nobody."""
        return self.digits == SELF_ISSUE

    @property
    def usual_type(self) -> str:
        """The ``type`` of receipt this number is for: ``company`` or ``person``."""
        return "company" if self.identifier_type == "business" else "person"


class BadIdentifier(ValueError):
    """It is not taken. Says why, never what was typed.

    ``why`` is ``empty``, ``letters``, ``resident`` (a resident number), ``phone`` or ``business``
    (not one), ``length``, or ``self_issue`` (the number of 자진발급 without saying so, or another).
    """

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why: Why = why


def clean(typed: str) -> str:
    """What was typed without spaces, hyphens, dots and parentheses, in plain digits."""
    return "".join(char for char in unicodedata.normalize("NFKC", typed) if not _is_separator(char))


def read(typed: str, identifier_type: str = "", *, self_issue: bool = False) -> Identifier:
    """The number somebody typed.

    :param identifier_type: one of :data:`TYPES`, or empty to tell by the form
    :param self_issue: 자진발급 was chosen; nothing typed is then its number
    :raise BadIdentifier: it cannot be used
    :raise ValueError: there is no such ``identifier_type``
    """
    if identifier_type and identifier_type not in TYPES:
        raise ValueError("unknown identifier_type")
    if _has_resident_number(typed):
        raise BadIdentifier("resident")
    digits = _ABROAD.sub("0", clean(typed), count=1)
    if self_issue:
        if digits not in ("", SELF_ISSUE):
            raise BadIdentifier("self_issue")
        return Identifier(identifier_type="phone", digits=SELF_ISSUE)
    if not digits:
        raise BadIdentifier("empty")
    if not _DIGITS.fullmatch(digits):
        raise BadIdentifier("letters")
    if digits == SELF_ISSUE:
        raise BadIdentifier("self_issue")
    kind = identifier_type or _kind(digits)
    if kind == "phone" and not _PHONE.fullmatch(digits):
        raise BadIdentifier("phone")
    if kind == "business" and not is_business_number(digits):
        raise BadIdentifier("business")
    if kind == "taxcard" and not _CARD.fullmatch(digits):
        raise BadIdentifier("length")
    return Identifier(identifier_type=kind, digits=digits)


def is_unusual(identifier: Identifier, type: str) -> bool:
    """Whether a receipt of this ``type`` may be useless to the buyer. Worth a warning only.

    :param type: ``person`` (소득공제) or ``company`` (지출증빙)
    """
    return identifier.usual_type != type


def fingerprint(identifier: Identifier, key: bytes) -> str:
    """What tells two numbers apart without holding either: 64 hex digits, HMAC-SHA256."""
    text = f"{identifier.identifier_type}:{identifier.digits}"
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _kind(digits: str) -> str:
    if digits.startswith("01") and len(digits) < 13:  # before business: nobody's begins with 01
        return "phone"
    return "business" if len(digits) == 10 else "taxcard"


def _has_resident_number(typed: str) -> bool:
    # As typed, in plain digits, and run together: what stands before or behind the number may
    # hide it in one of them. Separators in a row count as one, or a fourth would hide it too.
    plain = unicodedata.normalize("NFKC", typed)
    texts = (typed, _tightened(typed), _tightened(plain), clean(typed))
    return any(mask_text(text) is not text for text in texts)


def _tightened(text: str) -> str:
    signs = (
        "-" if all(map(_is_separator, unicodedata.normalize("NFKC", char))) else char
        for char in text
    )
    return re.sub("-+", "-", "".join(signs))


def _is_separator(char: str) -> bool:
    return char.isspace() or char in _SIGNS or unicodedata.category(char) in ("Pd", "Cf")
