"""What the search box understood, and what it did not, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask_babel import gettext

from dashboard.formatting import won
from dashboard.hangul import initial
from dashboard.i18n import language
from dashboard.orders.date_words import FIRST_DAY, LAST_DAY
from dashboard.orders.filters import OTHER_METHODS
from dashboard.orders.query import MAX_TERMS, Query, Term
from dashboard.orders.query_values import FLAG_WORDS, KEYS, METHOD_WORDS, STATE_WORDS
from dashboard.orders.search_index import normalise
from dashboard.words import method_word, state_word


def _(message: str, /, **values: object) -> str:
    return str(gettext(message, **values))


def column_words() -> Mapping[str, str]:
    """What a person calls the columns of the search index."""
    return {
        "merchant_uid": _("주문번호"),
        "imp_uid": _("거래고유번호"),
        "name": _("상품"),
        "buyer_name": _("구매자 이름"),
        "buyer_tel": _("전화번호"),
        "buyer_email": _("이메일"),
        "apply_num": _("승인번호"),
        "card_number": _("카드번호"),
    }


def term_words(term: Term) -> str:
    """One term as a chip says it."""
    if term.problem:
        return term.source
    if term.kind in ("test", "escrow"):
        return _flag_words(term.kind, term.flag != term.negated)
    if term.kind == "text" and not term.key and not term.negated:
        return _("‘%(text)s’ 찾기", text=term.text)
    words = _plain_words(term)
    return _("%(what)s 빼고", what=words) if term.negated else words


def _plain_words(term: Term) -> str:
    match term.kind:
        case "text" | "initials":
            said = _("‘%(text)s’", text=term.text)
            if term.kind == "initials":
                said = _("초성 ‘%(text)s’", text=term.text)
            return f"{_key_word(term.key)} {said}" if term.key else said
        case "amount":
            return _("%(won)s 또는 ‘%(text)s’", won=won(term.low or 0), text=term.text)
        case "sum":
            return _sum_words(term)
        case "state":
            return " · ".join(state_word(state) for state in term.choices)
        case "method":
            return " · ".join(
                _("그 밖의 결제수단") if one == OTHER_METHODS else method_word(one)
                for one in term.choices
            )
        case _:
            return _days_words(term)


def _key_word(key: str) -> str:
    return {
        "tel": _("전화번호"),
        "name": _("구매자 이름"),
        "goods": _("상품"),
        "no": _("주문번호"),
        "imp": _("거래고유번호"),
        "card": _("카드"),
        "mail": _("이메일"),
    }[key]


def _flag_words(kind: str, only: bool) -> str:
    if kind == "test":
        return _("테스트 결제만") if only else _("테스트 결제 빼고")
    return _("에스크로만") if only else _("에스크로 빼고")


def _sum_words(term: Term) -> str:
    if term.amounts:
        return " · ".join(map(won, term.amounts))
    low, high = term.low, term.high
    if low is not None and high is not None:
        if low == high:
            return won(low)
        return _("%(low)s부터 %(high)s까지", low=won(low), high=won(high))
    if low is not None:
        if term.sign == ">":
            return _("%(won)s 초과", won=won(low - 1))
        return _("%(won)s 이상", won=won(low))
    if term.sign == "<":
        return _("%(won)s 미만", won=won((high or 0) + 1))
    return _("%(won)s 이하", won=won(high or 0))


def _days_words(term: Term) -> str:
    first, last = term.first, term.last
    if first == last:
        return str(first)
    if last == LAST_DAY:
        return _("%(day)s부터", day=first)
    if first == FIRST_DAY:
        return _("%(day)s까지", day=last)
    return f"{first} ~ {last}"


# -- what was not understood ----------------------------------------------------------------------


def query_problems(query: Query) -> str:
    """What is wrong with the text, word by word, and what would be right."""
    if query.too_many:
        return _(
            "조건 %(most)d개까지 함께 찾습니다. 몇 개를 지우거나 긴 상품 이름은 따옴표로 묶으세요.",
            most=MAX_TERMS,
        )
    if not query.terms:
        return _(
            "두 글자부터 찾습니다. ‘%(word)s’에 한 글자만 더 입력해 주세요.",
            word=query.text.strip(),
        )
    return " ".join(_problem(term) for term in query.problems)


def _problem(term: Term) -> str:
    word = term.source
    match term.problem:
        case "too_short":
            return _("두 글자부터 찾습니다. ‘%(word)s’에 한 글자만 더 입력해 주세요.", word=word)
        case "no_value":
            example = _example(term.key)
            return _(
                "‘%(word)s’ 뒤에 값을 적어 주세요. 예: %(example)s", word=word, example=example
            )
        case "unknown_value":
            return _(
                "‘%(word)s’의 ‘%(value)s’ 값은 없습니다. 쓸 수 있는 값: %(values)s",
                word=word,
                value=term.text,
                values=", ".join(_values(term.key)),
            )
        case "not_an_amount":
            example = _example("amount")
            return _(
                "‘%(word)s’에서 금액을 읽지 못했습니다. 예: %(example)s", word=word, example=example
            )
        case "not_a_date":
            example = _example("date")
            return _(
                "‘%(word)s’에서 날짜를 읽지 못했습니다. 예: %(example)s", word=word, example=example
            )
        case "ends_before_start":
            return _("‘%(word)s’의 끝 날짜가 시작 날짜보다 빠릅니다.", word=word)
        case _:
            return _("‘%(word)s’의 최대 금액이 최소 금액보다 작습니다.", word=word)


def query_notes(query: Query) -> Sequence[str]:
    """What was understood otherwise than it may have been meant."""
    return [_note(term) for term in query.notes]


def _note(term: Term) -> str:
    if term.mixed:
        return _(
            "초성은 초성끼리만 찾을 수 있어 ‘%(word)s’ 글자로 찾습니다. 초성 예: %(example)s",
            word=term.text,
            example=term.mixed,
        )
    return _(
        "‘%(key)s:’ 조건은 없어서 ‘%(word)s’ 글자로 찾습니다. 쓸 수 있는 조건: %(keys)s",
        key=term.unknown_key,
        word=term.text,
        keys=", ".join(f"{_own(words)}:" for words in KEYS.values()),
    )


def _example(key: str) -> str:
    return {
        "status": _("상태:결제완료"),
        "method": _("결제수단:가상계좌"),
        "amount": _("금액:10만..20만"),
        "tel": _("전화:5176"),
        "name": _("이름:김하나"),
        "goods": _("상품:선물세트"),
        "no": _("주문번호:20260821"),
        "imp": "imp:imp_4321",
        "card": _("카드:신한"),
        "mail": "mail:hana@example.com",
        "date": _("날짜:지난주 금요일"),
        "test": _("테스트:아니요"),
        "escrow": _("에스크로:예"),
    }[key]


def _values(key: str) -> Sequence[str]:
    table = {"status": STATE_WORDS, "method": METHOD_WORDS}.get(key, FLAG_WORDS)
    return [_own(words) for words in table.values()]


def _own(words: Sequence[str]) -> str:
    """The first of the words in the reader's language, as one word that can be typed."""
    if language() == "en":
        return words[0]
    return next((word for word in map(normalise, words) if any(map(initial, word))), words[0])
