"""What may be asked for as ``key:value`` in the search box, and the values read: pure.

A reader answers fields of a :class:`~dashboard.orders.query.Term`, or the ``problem`` of a value
that makes no sense.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from typing import Literal

from dashboard.orders.amount_words import said_amount
from dashboard.orders.date_words import FIRST_DAY, LAST_DAY, Days, only_a_month, read_days, read_end
from dashboard.orders.search_index import normalise

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
Found = Mapping[str, object]
Reader = Callable[[str, date], Found]
"""Of a value, as it was typed, and of today."""

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


def _words_of(table: Mapping[str, tuple[str, ...]]) -> Mapping[str, str]:
    return {normalise(word): name for name, words in table.items() for word in words}


KEY_NAMES: Mapping[str, str] = {word: name for name, words in KEYS.items() for word in words}
_STATE_NAMES, _METHOD_NAMES = _words_of(STATE_WORDS), _words_of(METHOD_WORDS)
_FLAG_NAMES = _words_of(FLAG_WORDS)

COMMAS = ",、，"
_SIGNED = re.compile(r"(>=|<=|=>|=<|>|<|=|≥|≤)?\s*(.*?)\s*(이상|이하|초과|미만)?", re.DOTALL)
_SIGNS = {
    "이상": ">=", "이하": "<=", "초과": ">", "미만": "<", "≥": ">=", "≤": "<=", "=>": ">=",
    "=<": "<=", "=": "",
}  # fmt: skip
_RANGE = re.compile(r"\.\.+|[~〜∼–]")  # NFKC makes ... of … and ~ of ～
_BETWEEN_SUMS = re.compile(r",\s+|(?<![0-9]),|,(?![0-9]{3}(?![0-9]))")
_BETWEEN_WORDS = re.compile(rf"[{COMMAS}|]")
_OF_A_PHONE = re.compile("0[0-9]+", re.ASCII)


def _sum(value: str, _today: date) -> Found:
    """``>10000``, ``10만..20만``, ``..5000``, ``10만 이상``, ``1만, 2만``."""
    said = unicodedata.normalize("NFKC", value).replace("、", ",")
    if _RANGE.search(said):
        low_text, high_text = _RANGE.split(said, maxsplit=1)
        low, high = said_amount(low_text), said_amount(high_text)
        lost = (low is None and low_text.strip()) or (high is None and high_text.strip())
        if lost or (low is None and high is None):
            return {"problem": "not_an_amount"}
        if low is not None and high is not None and high < low:
            return {"problem": "max_below_min"}
        return {"low": low, "high": high}
    several = [said_amount(one) for one in _BETWEEN_SUMS.split(said)]
    if len(several) > 1:
        return {"problem": "not_an_amount"} if None in several else {"amounts": tuple(several)}
    found = _SIGNED.fullmatch(said)
    won = said_amount(found[2]) if found else None
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


def _days(value: str, today: date) -> Found:
    """A day, a period, or one to another: ``지난주``, ``2026-08-01..2026-08-21``, ``8월..``."""
    if days := read_days(value, today):
        return {"first": days[0], "last": days[1]}
    ends = _RANGE.split(unicodedata.normalize("NFKC", value), maxsplit=1)
    if len(ends) != 2 or not "".join(ends).strip():
        return {"problem": "not_a_date"}
    low: Days | None = FIRST_DAY, FIRST_DAY
    high: Days | None = LAST_DAY, LAST_DAY
    if ends[0].strip():
        low = read_days(ends[0], today)
    if ends[1].strip() and low:
        high = read_end(ends[1], low[0], today) if ends[0].strip() else read_days(ends[1], today)
    if low is None or high is None:
        return {"problem": "not_a_date"}
    if high[1] < low[0]:
        return {"problem": "ends_before_start"}
    return {"first": low[0], "last": high[1]}


def _choices(names: Mapping[str, str]) -> Reader:
    def read(value: str, _today: date) -> Found:
        found: list[str] = []
        for word in _BETWEEN_WORDS.split(value):
            if normalise(word) not in names:
                return {"problem": "unknown_value", "text": word.strip() or value}
            found += names[normalise(word)].split()
        return {"choices": tuple(dict.fromkeys(found))}

    return read


def _flag(value: str, _today: date) -> Found:
    name = _FLAG_NAMES.get(normalise(value))
    return {"problem": "unknown_value"} if name is None else {"flag": name == "yes"}


KINDS: Mapping[str, Kind] = {
    "status": "state",
    "method": "method",
    "amount": "sum",
    "date": "days",
    "test": "test",
    "escrow": "escrow",
}
READERS: Mapping[str, Reader] = {
    "status": _choices(_STATE_NAMES),
    "method": _choices(_METHOD_NAMES),
    "amount": _sum,
    "date": _days,
    "test": _flag,
    "escrow": _flag,
}
LISTS = ("status", "method", "amount")
"""Keys of which several values may be named, with commas between."""


# -- without a key --------------------------------------------------------------------------------

_MAY_BEGIN = re.compile(r"[\d₩￦오어그이금지저올작재최a-zA-Zａ-ｚＡ-Ｚ]")  # spares a look
_LONGEST = 4  # words of one day or amount: 1억 2천만 5천 원


def read_bare(said: str, today: date) -> tuple[Kind, Found] | None:
    """A day, an amount, or one to another, with both ends said; None for other words."""
    if _MAY_BEGIN.match(said) is None:
        return None
    ends = _RANGE.split(unicodedata.normalize("NFKC", said).strip())
    words = [len(end.split()) for end in ends]
    if not all(words) or max(words) > _LONGEST or len(words) > 2:
        return None
    days = {"problem": "not_a_date"} if only_a_month(said) else _days(said, today)
    if days.get("problem") != "not_a_date":
        return "days", days
    if any(_OF_A_PHONE.fullmatch(end.strip()) for end in ends):
        return None
    if len(ends) == 2:
        sums = _sum(said, today)
        return None if sums.get("problem") == "not_an_amount" else ("sum", sums)
    won = said_amount(said)
    if won is None or (len(normalise(said)) < 2 and said.isdigit()):
        return None
    return "amount", {"low": won, "text": said}
