"""The text of the one search box, read into terms: what is looked for, and what was not understood.

All terms must hold. Words are looked for as text; what reads as an amount or a day is taken for
one (in quotation marks it is text again); ``key:value`` asks for one thing; a ``-`` before a term
excludes what it finds.

- A word of one letter is read together with the word beside it: ``나주 배`` is one phrase, as it
  has always been. Only alone it is too short. A comma keeps words apart.
- Consonants alone are initials. Among syllables they are text like any letter; the answer says so.
- Punctuation alone asks for nothing.
- A word before a colon that is no key is looked for as text, colon and all: times and addresses
  have colons. The answer says so. Nothing is found that would not have been found otherwise.
- A known key with a value that makes no sense is a problem: leaving it out would show more orders
  than were asked for, and what is shown may be refunded.

Pure: no request, no SQL.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from dashboard.orders.date_words import FIRST_DAY
from dashboard.orders.query_tokens import Token, joins, run, tokens_of
from dashboard.orders.query_values import (
    KEY_NAMES,
    KINDS,
    LISTS,
    READERS,
    Found,
    Kind,
    QueryProblem,
    read_bare,
)
from dashboard.orders.search_index import (
    mixed_initials,
    normalise,
    typed_initials,
    typed_phone,
)

MAX_TERMS = 12

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


@dataclass(frozen=True, kw_only=True)
class Term:
    """One thing asked for. ``source`` is what was typed for it, at ``start`` to ``end``.

    Which of the other fields count follows from ``kind``:

    - ``text``, ``initials``: ``text`` is looked for, anywhere or where ``key`` says
    - ``amount``: ``low`` won, or ``text`` as text
    - ``sum``: ``low`` to ``high`` won, both included, None: no limit; ``sign`` as typed; or one
      of ``amounts``
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
    amounts: tuple[int, ...] = ()
    sign: str = ""
    first: date | None = None
    last: date | None = None
    choices: tuple[str, ...] = ()
    flag: bool = False
    problem: QueryProblem | None = None
    unknown_key: str = ""
    mixed: str = ""  # syllables and initials, taken for text: what they are all in initials

    @cached_property
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
        """Terms taken for text because their key is none, or not all of them are initials."""
        return tuple(term for term in self.terms if term.unknown_key or term.mixed)

    @cached_property
    def amounts(self) -> frozenset[int]:
        """The amounts looked for, to mark them."""
        return frozenset(
            won
            for term in self.terms
            if not term.negated and (term.kind == "amount" or term.low == term.high)
            for won in (term.low, *term.amounts)
            if won is not None
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

        Two words that the term kept apart may not grow together: a comma does it then.
        """
        left, right = self.text[: term.start].rstrip(), self.text[term.end :].lstrip()
        if not left or not right:
            return left or right
        together = f"{left} {right}"
        before = [one for one in self.terms if one.end <= term.start][-1:]
        if not before or not (joins(right) or before[0].problem == "no_value"):
            return together
        kept = [one.meaning for one in self.terms if one != term]
        for text in (together, f"{left}, {right}"):
            if [one.meaning for one in parse_query(text, self.today).terms] == kept:
                return text
        return f"{left} , {right}"  # which ends a list of values, too


def parse_query(text: str, today: date) -> Query:
    """Read the search box; never fails. ``today`` is the Korean day."""
    tokens = tokens_of(text)
    terms: list[Term] = []
    words: list[Token] = []  # beside each other, not yet read
    at = 0
    while at < len(tokens):
        token, taken = tokens[at], 1
        found = (
            _operator(text, tokens[at:], today) if token.key else _bare(text, tokens[at:], today)
        )
        if found or (not token.mere_sign and not token.joins):
            term, taken = found or (_text(text, token), 1)
            terms, words = [*terms, *_joined(text, words), term], []
        else:
            words += [] if token.mere_sign else [token]
            if token.closed:
                terms, words = [*terms, *_joined(text, words)], []
        at += taken
    return Query(text, today, (*terms, *_joined(text, words)))


def _term(typed: str, tokens: Sequence[Token], kind: Kind, /, **said: object) -> Term:
    start, end = tokens[0].start, tokens[-1].end
    known = {"negated": tokens[0].negated} | said
    return Term(kind=kind, source=typed[start:end], start=start, end=end, **known)  # type: ignore[arg-type]


# -- words without a key --------------------------------------------------------------------------

_LONGEST = 9  # words of one value: 2026년 8월 1일 토요일 ~ 2026년 8월 21일 금요일


def _bare(text: str, tokens: Sequence[Token], today: date) -> tuple[Term, int] | None:
    """A day or an amount, the most words that are one; ``-test``."""
    token = tokens[0]
    if not token.plain:
        return None
    for count in range(run(tokens, _LONGEST), 0, -1):
        here = tokens[:count]
        if found := read_bare(_said(here), today):
            return _term(text, here, found[0], **found[1]), count
    flag: Kind
    for flag in ("test", "escrow"):
        if token.negated and KEY_NAMES.get(token.value.casefold()) == flag:
            return _term(text, tokens[:1], flag, key=flag, negated=False), 1
    return None


def _text(text: str, token: Token) -> Term:
    """A phrase in quotation marks, an excluded word, or a word with a colon that is no key."""
    if token.typed_key:
        value = text[token.start + token.negated : token.value_end]
        return _long_enough(_term(text, [token], "text", text=value, unknown_key=token.typed_key))
    if token.quoted:
        return _long_enough(_term(text, [token], "text", text=token.value))
    return _phrase(text, [token], token.value)


def _joined(text: str, words: Sequence[Token]) -> list[Term]:
    """Words beside each other, as phrases."""
    return [_phrase(text, group, _said(group)) for group in _groups(words)]


def _groups(words: Sequence[Token]) -> list[list[Token]]:
    """One of a single letter goes with its neighbour."""
    groups: list[list[Token]] = []
    for word in words:
        if groups and (_short(word.value) or _short(_said(groups[-1]))):
            groups[-1].append(word)
        else:
            groups.append([word])
    return groups


def _phrase(text: str, tokens: Sequence[Token], said: str, key: str = "") -> Term:
    """Words to look for as they are, or initials."""
    if len(typed_initials(said)) > 1:
        return _term(text, tokens, "initials", key=key, text=said)
    return _long_enough(_term(text, tokens, "text", key=key, text=said, mixed=mixed_initials(said)))


def _said(tokens: Sequence[Token]) -> str:
    return " ".join(token.value for token in tokens)


def _short(text: str) -> bool:
    return max(len(normalise(text)), len(typed_initials(text))) < 2  # ㄳ is two initials


def _long_enough(term: Term) -> Term:
    return replace(term, problem="too_short") if _short(term.text) else term


# -- key:value ------------------------------------------------------------------------------------


def _operator(text: str, tokens: Sequence[Token], today: date) -> tuple[Term, int]:
    """``tokens[0]`` has a known key: its value, with all words after it that are part of it."""
    token, key = tokens[0], tokens[0].key
    most = 1 if token.quoted else run(tokens, _LONGEST, over_commas=key in LISTS)
    if not token.value.strip():
        return _term(text, tokens[:1], KINDS.get(key, "text"), key=key, problem="no_value"), 1
    if key not in READERS:
        count = next(count for count in range(most, 0, -1) if _one_text(key, tokens[:count]))
        return _keyed_text(text, tokens[:count]), count
    for count in range(most, 0, -1):
        here = tokens[:count]
        said = text[token.value_start : here[-1].value_end]
        said = token.value if token.quoted else " ".join(said.split())
        found: Found = {"text": said, **READERS[key](said, today)}
        if "problem" not in found:
            break
    return _term(text, here, KINDS[key], key=key, **found), count


_PHONE = re.compile(r"[+(]?[0-9][0-9()+. -]*", re.ASCII)
_LONGEST_PHONE = 13  # digits, with the country's


def _one_text(key: str, tokens: Sequence[Token]) -> bool:
    """Whether words are one value of text: one word, the digits of a phone, or initials."""
    said = _said(tokens)
    if len(tokens) > 1 and key == "tel":
        return bool(_PHONE.fullmatch(said)) and len(normalise(said)) <= _LONGEST_PHONE
    if len(tokens) > 1 and key in ("name", "goods"):
        return typed_initials(said) != "" and len(_groups(tokens)) == 1
    return len(tokens) == 1


def _keyed_text(text: str, tokens: Sequence[Token]) -> Term:
    key, said = tokens[0].key, _said(tokens)
    if key in ("name", "goods") and not tokens[0].quoted:
        return _phrase(text, tokens, said, key)
    said = typed_phone(said) if key == "tel" else said
    return _long_enough(_term(text, tokens, "text", key=key, text=said))
