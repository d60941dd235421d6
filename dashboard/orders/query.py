"""The text of the one search box, read into terms: what is looked for, and what was not understood.

All terms must hold. Words are looked for as text; what reads as an amount or a day is taken for
one (in quotation marks it is text again); ``key:value`` asks for one thing; a ``-`` before a term
excludes what it finds.

- A word of one letter is read together with the word beside it: ``나주 배`` is one phrase, as it
  has always been. Only alone it is too short. A comma keeps words apart.
- A word before a colon that is no key is looked for as text, colon and all: times and addresses
  have colons. The answer says so. Nothing is found that would not have been found otherwise.
- A known key with a value that makes no sense is a problem: leaving it out would show more orders
  than were asked for, and what is shown may be refunded.

Pure: no request, no SQL.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Literal

from dashboard.orders.amount_words import parse_amount
from dashboard.orders.date_words import FIRST_DAY, LAST_DAY, Days, read_days
from dashboard.orders.search_index import normalise, typed_initials

MAX_TERMS = 12

Kind = Literal["text", "initials", "amount", "sum", "days", "state", "method", "test", "escrow"]
QueryProblem = Literal[
    "too_short",
    "no_value",
    "unknown_value",
    "not_an_amount",
    "not_a_date",
    "ends_before_start",
    "max_below_min",
]

KEYS: Mapping[str, tuple[str, ...]] = {
    "status": ("status", "state", "상태", "결제상태"),
    "method": ("method", "pay_method", "결제수단", "수단"),
    "amount": ("amount", "금액", "결제금액"),
    "tel": ("tel", "phone", "buyer_tel", "전화", "전화번호"),
    "name": ("name", "buyer", "buyer_name", "이름", "구매자"),
    "goods": ("goods", "item", "상품", "주문명", "상품명"),
    "no": ("no", "order", "merchant_uid", "주문번호", "번호"),
    "imp": ("imp", "imp_uid", "거래고유번호", "거래번호"),
    "card": ("card", "apply_num", "카드", "카드번호", "승인번호"),
    "mail": ("mail", "email", "buyer_email", "메일", "이메일"),
    "date": ("date", "날짜", "기간"),
    "test": ("test", "sandbox", "테스트"),
    "escrow": ("escrow", "에스크로"),
}
"""Every key, its own name first, by the name it has in :attr:`Term.key`."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "tel": ("buyer_tel",),
    "name": ("buyer_name",),
    "goods": ("name",),
    "no": ("merchant_uid",),
    "imp": ("imp_uid",),
    "card": ("apply_num", "card_number"),
    "mail": ("buyer_email",),
}
"""Where a key of text looks; a word without a key looks everywhere."""

STATE_WORDS: Mapping[str, tuple[str, ...]] = {
    "ready": ("ready", "미결제", "unpaid", "결제전", "결제요청"),
    "waiting": ("waiting", "입금대기", "waiting for deposit", "대기", "pending"),
    "paid": ("paid", "결제완료", "완료", "결제"),
    "partial": ("partial", "부분취소", "partial cancel", "partly cancelled", "부분환불"),
    "cancelled": ("cancelled", "전액취소", "canceled", "전체취소", "전액환불"),
    "failed": ("failed", "결제실패", "실패", "fail"),
    "check": ("check", "확인 필요", "확인", "needs checking"),
    "partial cancelled": ("refunded", "취소", "환불", "refund", "cancel"),  # either of the two
}
METHOD_WORDS: Mapping[str, tuple[str, ...]] = {
    "card": ("card", "신용카드", "카드", "credit card"),
    "vbank": ("vbank", "가상계좌", "virtual account", "무통장", "무통장입금"),
    "trans": ("trans", "계좌이체", "bank transfer", "이체", "transfer"),
    "phone": ("phone", "휴대폰 소액결제", "휴대폰", "핸드폰", "소액결제", "mobile",
              "mobile phone billing"),
    "kakaopay": ("kakaopay", "카카오페이", "카카오", "kakao"),
    "naverpay": ("naverpay", "네이버페이", "네이버", "naver"),
    "payco": ("payco", "페이코"),
    "lpay": ("lpay", "L페이", "엘페이"),
    "ssgpay": ("ssgpay", "SSG페이", "쓱페이", "ssg"),
    "other": ("other", "그 밖의 결제수단", "other methods", "기타", "그 밖"),
}  # fmt: skip
FLAG_WORDS: Mapping[str, tuple[str, ...]] = {
    "yes": ("yes", "y", "true", "1", "only", "예", "네", "있음"),
    "no": ("no", "n", "false", "0", "hide", "아니오", "아니요", "없음"),
}


@dataclass(frozen=True, kw_only=True)
class Term:
    """One thing asked for. ``source`` is what was typed for it, at ``start`` to ``end``.

    Which of the other fields count follows from ``kind``:

    - ``text``, ``initials``: ``text`` is looked for, anywhere or where ``key`` says
    - ``amount``: ``low`` won, or ``text`` as text
    - ``sum``: ``low`` to ``high`` won, both included, None: no limit; ``sign`` as typed
    - ``days``: ``first`` to ``last``, both included
    - ``state``, ``method``: any of ``choices``
    - ``test``, ``escrow``: ``flag``
    """

    kind: Kind
    source: str
    start: int
    end: int
    negated: bool = False
    key: str = ""
    text: str = ""
    low: int | None = None
    high: int | None = None
    sign: str = ""
    first: date | None = None
    last: date | None = None
    choices: tuple[str, ...] = ()
    flag: bool = False
    problem: QueryProblem | None = None
    unknown_key: str = ""

    @property
    def meaning(self) -> Term:
        """The term without where and how it was typed."""
        return replace(self, source="", start=0, end=0)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of ``order_search`` to look in; empty: all."""
        return COLUMNS.get(self.key, ())


@dataclass(frozen=True)
class Query:
    """What a text asks for. ``today`` is the day its words for days were read on."""

    text: str = ""
    today: date = FIRST_DAY
    terms: tuple[Term, ...] = ()

    @property
    def problems(self) -> tuple[Term, ...]:
        """Terms that make no sense."""
        return tuple(term for term in self.terms if term.problem)

    @property
    def too_many(self) -> bool:
        return len(self.terms) > MAX_TERMS

    @property
    def notes(self) -> tuple[Term, ...]:
        """Terms taken for text because their key is none."""
        return tuple(term for term in self.terms if term.unknown_key)

    @cached_property
    def amounts(self) -> frozenset[int]:
        """The amounts looked for, to mark them."""
        return frozenset(
            term.low
            for term in self.terms
            if not term.negated and term.low is not None
            if term.kind == "amount" or term.low == term.high
        )

    def needles(self, column: str) -> Sequence[tuple[Kind, str]]:
        """What is looked for in a column, as the search compares it."""
        return self._needles.get(column, self._needles[""])

    @cached_property
    def _needles(self) -> Mapping[str, Sequence[tuple[Kind, str]]]:
        """By column; "": what is looked for everywhere."""
        found: dict[str, list[tuple[Kind, str]]] = {"": []}
        for columns in COLUMNS.values():
            found |= {column: [] for column in columns}
        for term in self.found_in_text:
            text = typed_initials(term.text) if term.kind == "initials" else normalise(term.text)
            for column in term.columns or found:
                found[column].append((term.kind, text))
        return found

    @cached_property
    def found_in_text(self) -> Sequence[Term]:
        """The terms that an order's texts have to answer."""
        kinds = ("text", "initials", "amount")
        return [
            term
            for term in self.terms
            if term.kind in kinds and not term.negated and not term.problem
        ]

    def without(self, term: Term) -> str:
        """The text that asks for everything but this term.

        Two words that the term kept apart may not grow together: then a comma does.
        """
        left, right = self.text[: term.start].rstrip(), self.text[term.end :].lstrip()
        if not left or not right:
            return left or right
        kept = [one.meaning for one in self.terms if one != term]
        text = f"{left} {right}"
        if [one.meaning for one in parse_query(text, self.today).terms] == kept:
            return text
        return f"{left}, {right}"


def parse_query(text: str, today: date) -> Query:
    """Read the search box; never fails. ``today`` is the Korean day."""
    tokens = list(_tokens(text))
    terms: list[Term] = []
    words: list[_Token] = []  # beside each other, not yet read
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.key in _KEY_NAMES:
            term, taken = _operator(text, tokens[at:], today)
        else:
            found = _special(text, tokens[at:], today)
            if found is None and token.joins:
                words.append(token)
                if token.closed:
                    terms, words = [*terms, *_joined(text, words)], []
                at += 1
                continue
            term, taken = found or (_text(text, token), 1)
        terms, words = [*terms, *_joined(text, words), term], []
        at += taken
    return Query(text, today, (*terms, *_joined(text, words)))


# -- the words typed ------------------------------------------------------------------------------

_QUOTES = '"“”'
_KEY = re.compile(r"([^\W\d_]+(?:_[^\W\d_]+)?)[:：]")
_BLANK = re.compile(r"\s+")
_VALUE_END = re.compile(r"\s|$")
_BARE = re.compile(r"[\s,、]|$")  # what makes of a - nothing but a dash


@dataclass(frozen=True, kw_only=True)
class _Token:
    """``-key:value``; ``closed`` by a comma, nothing may be read together with what follows."""

    start: int
    end: int
    negated: bool
    key: str  # case folded
    value: str
    quoted: bool
    closed: bool

    @property
    def plain(self) -> bool:
        return not self.key and not self.quoted

    @property
    def joins(self) -> bool:
        """Whether it may be read together with the word before it."""
        return self.plain and not self.negated


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while True:
        blank = _BLANK.match(text, at)
        at = blank.end() if blank else at
        if at >= len(text):
            return
        token = _token(text, at)
        yield token
        at = token.end


def _token(text: str, start: int) -> _Token:
    at = start
    negated = text[at] == "-" and _BARE.match(text, at + 1) is None
    at += negated
    key = ""
    if found := _KEY.match(text, at):
        key, at = unicodedata.normalize("NFKC", found[1]).casefold(), found.end()
    quoted = text[at : at + 1] != "" and text[at] in _QUOTES
    if quoted:
        close = next((place for place in range(at + 1, len(text)) if text[place] in _QUOTES), -1)
        value = text[at + 1 :] if close < 0 else text[at + 1 : close]
        end = len(text) if close < 0 else close + 1
        comma = end
        while text[comma : comma + 1] in (",", "、"):
            comma += 1
        closed, end = comma > end, comma
    else:
        stop = _VALUE_END.search(text, at)
        end = stop.start() if stop else len(text)
        typed = text[at:end]
        value = typed.rstrip(",、")
        closed = value != typed
    return _Token(
        start=start, end=end, negated=negated, key=key, value=value, quoted=quoted, closed=closed
    )


def _run(tokens: Sequence[_Token], most: int) -> int:
    """How many tokens from the first on could be read together."""
    for count, (token, following) in enumerate(pairwise(tokens[:most]), 1):
        if token.closed or not following.joins:
            return count
    return min(len(tokens), most)


def _said(tokens: Sequence[_Token]) -> str:
    return " ".join(token.value for token in tokens)


# -- words without a key --------------------------------------------------------------------------

_LONGEST = 4  # words of one day or amount: 1억 2천만 5천 원


def _special(text: str, tokens: Sequence[_Token], today: date) -> tuple[Term, int] | None:
    """A day, an amount, ``-test``, initials: the most words that are one."""
    token = tokens[0]
    if not token.plain:
        return None
    for count in range(_run(tokens, _LONGEST), 0, -1):
        here = tokens[:count]
        said = _said(here)
        if days := read_days(said, today):
            return _term(text, here, "days", first=days[0], last=days[1]), count
        won = _amount_of(said, here)
        if won is not None and (len(normalise(said)) > 1 or not said.isdigit()):
            return _term(text, here, "amount", low=won, text=said), count
    key = _KEY_NAMES.get(token.value.casefold(), "")
    if token.negated and key == "test":
        return _term(text, tokens[:1], "test", key="test", negated=False), 1
    if token.negated and key == "escrow":
        return _term(text, tokens[:1], "escrow", key="escrow", negated=False), 1
    if len(typed_initials(token.value)) > 1:
        return _term(text, tokens[:1], "initials", text=token.value), 1
    return None


def _amount_of(said: str, tokens: Sequence[_Token]) -> int | None:
    """Figures beside each other are two words; ``10만 9천`` and ``10,000 원`` are one amount."""
    if len(said) > 1 and said[0] == "0" and said.isdigit():
        return None  # of a phone
    return parse_amount(said) if _one_amount([token.value for token in tokens]) else None


def _one_amount(words: Sequence[str]) -> bool:
    """Whether words go on with ever smaller units, as an amount does; ``3만 5176`` is two words."""
    return all(
        following == "원"
        or (
            word[-1:] in tuple(_UNITS)
            and (following.endswith("원") or any(unit in following for unit in _UNITS))
            and _UNITS.index(word[-1]) < min(map(_unit_at, following), default=0)
        )
        for word, following in pairwise(words)
    )


def _unit_at(letter: str) -> int:
    return _UNITS.index(letter) if letter in _UNITS else len(_UNITS)


_UNITS = "억만천백십"


def _text(text: str, token: _Token) -> Term:
    """A phrase in quotation marks, an excluded word, or a word with a colon that is no key."""
    if token.key:
        value = text[token.start + token.negated : token.end]
        term = _term(text, [token], "text", text=value.rstrip(",、"), unknown_key=token.key)
    else:
        term = _term(text, [token], "text", text=token.value)
    return _long_enough(term)


def _joined(text: str, words: Sequence[_Token]) -> list[Term]:
    """Words beside each other; one of a single letter goes with its neighbour."""
    groups: list[list[_Token]] = []
    for word in words:
        if groups and (_short(word.value) or _short(_said(groups[-1]))):
            groups[-1].append(word)
        else:
            groups.append([word])
    return [_long_enough(_term(text, group, "text", text=_said(group))) for group in groups]


def _short(text: str) -> bool:
    return len(normalise(text)) < 2


def _long_enough(term: Term) -> Term:
    return replace(term, problem="too_short") if _short(term.text) else term


def _term(typed: str, tokens: Sequence[_Token], kind: Kind, /, **said: object) -> Term:
    start, end = tokens[0].start, tokens[-1].end
    known = {"negated": tokens[0].negated} | said
    return Term(kind=kind, source=typed[start:end], start=start, end=end, **known)  # type: ignore[arg-type]


# -- key:value ------------------------------------------------------------------------------------


def _words_of(table: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    return {normalise(word): name for name, words in table.items() for word in words}


_KEY_NAMES = {word: name for name, words in KEYS.items() for word in words}
_STATE_NAMES, _METHOD_NAMES = _words_of(STATE_WORDS), _words_of(METHOD_WORDS)
_FLAG_NAMES = _words_of(FLAG_WORDS)


def _operator(text: str, tokens: Sequence[_Token], today: date) -> tuple[Term, int]:
    """``tokens[0]`` has a known key. Its value may stand after a space: ``tel: 5176``."""
    token, key = tokens[0], _KEY_NAMES[tokens[0].key]
    extra = 0
    value = token.value
    if not value and not token.quoted and not token.closed and _run(tokens, 2) == 2:
        extra, value = 1, tokens[1].value
    here = tokens[: 1 + extra]
    if not value.strip():
        return _term(text, here, _KINDS.get(key, "text"), key=key, problem="no_value"), len(here)
    read = _READERS.get(key)
    if read is None:
        kind: Kind = "text"
        if key in ("name", "goods") and not token.quoted and len(typed_initials(value)) > 1:
            kind = "initials"
        term = _term(text, here, kind, key=key, text=value)
        return _long_enough(term) if kind == "text" else term, len(here)
    return _longest(text, tokens, value, extra, read, today)


def _longest(
    text: str,
    tokens: Sequence[_Token],
    value: str,
    extra: int,
    read: Callable[[str, date], dict[str, object]],
    today: date,
) -> tuple[Term, int]:
    """The value with as many words after it as still make sense: ``date:지난주 금요일``."""
    key = _KEY_NAMES[tokens[0].key]
    most = 1 + extra
    if key in ("amount", "date") and not tokens[0].quoted:
        rest = tokens[extra:]
        most = extra + _run(rest, _LONGEST)
    for count in range(most, extra, -1):
        here = tokens[:count]
        words = [value, *(token.value for token in here[1 + extra :])]
        found = {"text": " ".join(words)} | read(" ".join(words), today)
        if count == 1 + extra:
            break
        if "problem" not in found and (key != "amount" or _one_amount(words)):
            break
    return _term(text, here, _KINDS[key], key=key, **found), count


_SIGNED = re.compile(r"(>=|<=|=>|=<|>|<|=|≥|≤)?\s*(.*?)\s*(이상|이하|초과|미만)?", re.DOTALL)
_SIGNS = {
    "이상": ">=", "이하": "<=", "초과": ">", "미만": "<", "≥": ">=", "≤": "<=", "=>": ">=",
    "=<": "<=", "=": "",
}  # fmt: skip
_RANGE = re.compile(r"\.\.+|~|～|…")


def _sum(value: str, _today: date) -> dict[str, object]:
    """``>10000``, ``10만..20만``, ``..5000``, ``10만이상``."""
    if _RANGE.search(value):
        low_text, high_text = _RANGE.split(value, maxsplit=1)
        low, high = parse_amount(low_text), parse_amount(high_text)
        lost = (low is None and low_text.strip()) or (high is None and high_text.strip())
        if lost or (low is None and high is None):
            return {"problem": "not_an_amount"}
        if low is not None and high is not None and high < low:
            return {"problem": "max_below_min"}
        return {"low": low, "high": high}
    found = _SIGNED.fullmatch(value)
    won = parse_amount(found[2]) if found else None
    if found is None or won is None or (found[1] and found[3]):
        return {"problem": "not_an_amount"}
    typed = found[1] or found[3] or ""
    sign = _SIGNS.get(typed, typed)
    match sign:
        case ">" | ">=":
            return {"sign": sign, "low": won + (sign == ">")}
        case "<" | "<=":
            return {"sign": sign, "high": won - (sign == "<")}
        case _:
            return {"low": won, "high": won}


def _days(value: str, today: date) -> dict[str, object]:
    """A day, a period, or one to another: ``지난주``, ``2026-08-01..2026-08-21``, ``8월..``."""
    if days := read_days(value, today):
        return {"first": days[0], "last": days[1]}
    ends = _RANGE.split(value, maxsplit=1)
    if len(ends) != 2 or not "".join(ends).strip():
        return {"problem": "not_a_date"}
    low: Days | None = read_days(ends[0], today) if ends[0].strip() else (FIRST_DAY, FIRST_DAY)
    high: Days | None = read_days(ends[1], today) if ends[1].strip() else (LAST_DAY, LAST_DAY)
    if low is None or high is None:
        return {"problem": "not_a_date"}
    if high[1] < low[0]:
        return {"problem": "ends_before_start"}
    return {"first": low[0], "last": high[1]}


def _choices(names: Mapping[str, str]) -> Callable[[str, date], dict[str, object]]:
    def read(value: str, _today: date) -> dict[str, object]:
        found: list[str] = []
        for word in re.split(r"[,|]", value):
            if normalise(word) not in names:
                return {"problem": "unknown_value", "text": word.strip() or value}
            found += names[normalise(word)].split()
        return {"choices": tuple(dict.fromkeys(found))}

    return read


def _flag(value: str, _today: date) -> dict[str, object]:
    name = _FLAG_NAMES.get(normalise(value))
    return {"problem": "unknown_value"} if name is None else {"flag": name == "yes"}


_KINDS: Mapping[str, Kind] = {
    "status": "state",
    "method": "method",
    "amount": "sum",
    "date": "days",
    "test": "test",
    "escrow": "escrow",
}
_READERS: Mapping[str, Callable[[str, date], dict[str, object]]] = {
    "status": _choices(_STATE_NAMES),
    "method": _choices(_METHOD_NAMES),
    "amount": _sum,
    "date": _days,
    "test": _flag,
    "escrow": _flag,
}
