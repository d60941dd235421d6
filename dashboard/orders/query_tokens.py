"""The text of the search box, cut into words: pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from dashboard.orders.query_values import COMMAS, KEY_NAMES, READERS

_QUOTES = '"“”＂'
_DASHES = "-－–—−‐‑﹣"
_KEY = re.compile(r"([^\W\d_]+(?:_[^\W\d_]+)?)[:：]")
_BLANK = re.compile(r"\s*")
_WORD = re.compile(rf"(?:[^\s{COMMAS}]|(?<=\d)[{COMMAS}](?=\d))*")  # 109,000 is one
_LIST = re.compile(r"\S*")
_COMMA = re.compile(f"[{COMMAS}]*")
_BARE = re.compile(rf"[\s{COMMAS}]|$")  # what makes of a - nothing but a dash


@dataclass(frozen=True, kw_only=True)
class Token:
    """``-key:value``; ``closed`` by a comma, nothing may be read together with what follows.

    :ivar start: where it begins in the text, ``end``: where the next may begin
    :ivar value_start: where the value does, in its quotation marks; ``value_end``: its end
    """

    start: int
    value_start: int
    value_end: int
    end: int
    negated: bool
    typed_key: str  # case folded
    value: str
    quoted: bool

    @property
    def key(self) -> str:
        """The key's own name; "" for none, and for one that is unknown."""
        return KEY_NAMES.get(self.typed_key, "")

    @property
    def closed(self) -> bool:
        return self.end > self.value_end

    @property
    def plain(self) -> bool:
        return not self.typed_key and not self.quoted

    @property
    def joins(self) -> bool:
        """Whether it may be read together with the word before it."""
        return self.plain and not self.negated

    @property
    def mere_sign(self) -> bool:
        """Whether it is punctuation that stands alone, and asks for nothing."""
        signs = (one in "~～〜∼" or unicodedata.category(one)[0] == "P" for one in self.value)
        return self.plain and all(signs)


def tokens_of(text: str) -> list[Token]:
    return list(_tokens(text))


def joins(text: str) -> bool:
    """Whether the first word of a text may be read together with one before it."""
    words = (token for token in _tokens(text) if token.joins or not token.mere_sign)
    return any(token.joins for token in islice(words, 1))


def _tokens(text: str) -> Iterator[Token]:
    at = _after(_BLANK, text, 0)
    while at < len(text):
        token = _token(text, at)
        yield token
        at = _after(_BLANK, text, token.end)


def _token(text: str, start: int) -> Token:
    negated = text[start] in _DASHES and _BARE.match(text, start + 1) is None
    at, typed_key = start + negated, ""
    if found := _KEY.match(text, at):
        typed_key, at = unicodedata.normalize("NFKC", found[1]).casefold(), found.end()
    key = KEY_NAMES.get(typed_key, "")
    if key:
        at = _value_start(text, at)
    quoted = text[at : at + 1] != "" and text[at] in _QUOTES
    if quoted:
        close = next((place for place in range(at + 1, len(text)) if text[place] in _QUOTES), -1)
        value = text[at + 1 :] if close < 0 else text[at + 1 : close]
        value_end = len(text) if close < 0 else close + 1
    else:
        value = text[at : _after(_LIST if key in READERS else _WORD, text, at)].rstrip(COMMAS)
        value_end = at + len(value)
    return Token(
        start=start,
        value_start=at,
        value_end=value_end,
        end=_after(_COMMA, text, value_end),
        negated=negated,
        typed_key=typed_key,
        value=value,
        quoted=quoted,
    )


def _value_start(text: str, at: int) -> int:
    """The value of a key may stand after a space: ``tel: 5176``."""
    beyond = _after(_BLANK, text, at)
    none = text[beyond : beyond + 1] in _DASHES or _KEY.match(text, beyond)
    return at if none else beyond


def _after(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Where what the pattern finds at a place ends."""
    found = pattern.match(text, at)
    return found.end() if found else at


def run(tokens: Sequence[Token], most: int, *, over_commas: bool = False) -> int:
    """How many tokens from the first on could be read together, ``most`` at most.

    :param over_commas: a comma after a word keeps nothing apart; one that stands alone does
    """
    for count, (token, following) in enumerate(pairwise(tokens[:most]), 1):
        if (token.closed and not over_commas) or not following.value or not following.joins:
            return count
    return min(len(tokens), most)
