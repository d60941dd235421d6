"""What a log line looks like: one line, without secrets and without personal data (SEC-51, SEC-52).

Nothing of the kind should reach a log call in the first place; this catches what does, above all
in the text of exceptions.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from datetime import datetime

from dashboard.clock import KST

HIDDEN = "[hidden]"

_NAMED = re.compile(
    r"""(?ix)
    (?<![a-z])(                                    # a name that gives away what follows it
        [a-z_-]*(?:password|passwd|secret|token|imp_key|api_key|authorization|cookie|session)[\w-]*
      | (?:buyer|customer|vbank|refund)_[a-z]+ | identifier | card_number | custom_data
    )
    (["']?\s*(?:=|:|=>)\s*)
    (?: (?:bearer|basic)\s+\S+ | "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | [^\s,;&)}\]]+ )
    """
)
_SHAPES = re.compile(
    r"""(?x)
    (?i:bearer)\s+[\w.~+/=-]+                       # a token in a header
  | (?<!\w)\.?[\w-]{20,}\.[\w-]{5,8}\.[\w-]{20,}     # a signed cookie or form token
  | (?:scrypt|pbkdf2):[\w:]+\$\S+                     # a password hash
  | [\w.+-]+@[\w-]+(?:\.[\w-]+)+                     # an e-mail address
  | (?<![\w-])\+?\d[\d\ ]{0,5}(?:[-–][\d*]{2,8}){2,4}(?![\w-])   # phone, card, account
  | (?<![\w.-])\d{4}\ \d{4}\ \d{4}\ \d{1,7}(?![\w-]) # a card in groups
  | (?<![\w.-])\d{6}[-\ ][1-8]\d{6}(?![\w-])         # a resident number
  | (?<![\w.-])\d{11,19}(?![\w-])                    # any of them without hyphens
    """
)
_DATE = re.compile(r"(?:19|20)\d\d-[01]\d-[0-3]\d")


def plain(text: str) -> str:
    """``text`` on one line, with nothing in it that moves a cursor or turns writing around."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character if _harmless(character) else ascii(character)[1:-1] for character in text
    )


def without_secrets(text: str) -> str:
    """``text`` with values that look like secrets or personal data replaced by ``[hidden]``."""
    text = _NAMED.sub(rf"\1\2{HIDDEN}", text)
    return _SHAPES.sub(_hide, text)


def _hide(found: re.Match[str]) -> str:
    return found[0] if _DATE.fullmatch(found[0]) else HIDDEN


def _harmless(character: str) -> bool:
    # C: controls, direction marks, surrogates; Zl, Zp: U+2028 and U+2029 end a line for some tools
    category = unicodedata.category(character)
    return category[0] != "C" and category not in {"Zl", "Zp"}


class OneLine(logging.Formatter):
    """``2026-08-21 14:05:00.123 WARNING name: message``, Korean time; traceback included."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        at = datetime.fromtimestamp(record.created, KST)
        return f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d}"

    def format(self, record: logging.LogRecord) -> str:
        try:
            text = super().format(record)
        except Exception:  # a log call with wrong arguments must not cost the request
            text = f"{self.formatTime(record)} {record.levelname} {record.name}: {record.msg!r}"
        when, text = text[:23], text[23:]  # the time is ours; digits in it are no card
        return when + plain(without_secrets(text))
