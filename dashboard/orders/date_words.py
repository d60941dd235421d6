"""Days as people say them: ``어제``, ``지난주 금요일``, ``8월``, ``last friday``. Pure.

A week begins on Monday. A month or day without a year is the latest one that has begun.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta

Days = tuple[date, date]
"""The first and the last day, both included."""

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2999, 12, 31)

_DAY = timedelta(days=1)
_WEEKDAYS = {word: place for place, word in enumerate("월화수목금토일")} | {
    name.lower(): place for place, name in enumerate(calendar.day_name)
}
_WEEKDAY_NAMES = "|".join(name.lower() for name in calendar.day_name)
_AND_WEEKDAY = re.compile(
    rf"(.+?) ?(?:([월화수목금토일])요일|\(([월화수목금토일])(?:요일)?\)|(?<= )({_WEEKDAY_NAMES}))"
)
_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if number}
_SHORT_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if number}
_WITHOUT_YEAR = re.compile(
    rf"(?!.*[0-9]{{4}})(?:[0-9]{{1,2}}(?:월|/)|(?:{'|'.join((*_MONTHS, *_SHORT_MONTHS))})\b).*"
)
_BACK = {  # days back
    "오늘": 0, "today": 0,
    "어제": 1, "어저께": 1, "yesterday": 1,
    "그제": 2, "그저께": 2,
}  # fmt: skip
_WEEKS = {"이번주": 0, "금주": 0, "this week": 0, "지난주": 1, "저번주": 1, "last week": 1}
_MONTHS_BACK = {
    "이번달": 0, "이달": 0, "this month": 0, "지난달": 1, "저번달": 1, "last month": 1,
}  # fmt: skip
_YEARS = {
    "올해": 0, "this year": 0, "작년": 1, "지난해": 1, "last year": 1, "재작년": 2,
}  # fmt: skip


def only_a_month(text: str) -> bool:
    """Whether it is the English name of a month and nothing else: it may be a word or a name."""
    return text.casefold() in _MONTHS


def read_days(text: str, today: date) -> Days | None:
    """The days ``text`` names, all of it; None when it names none."""
    said = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    said = re.sub("(?<=[가-힣]) | (?=[가-힣])", "", said)
    try:
        days = _named(said, today) or _patterned(said, today) or _with_weekday(said, today)
    except (ValueError, OverflowError):  # 30 February, year 0
        return None
    return days if days and FIRST_DAY <= days[0] <= days[1] <= LAST_DAY else None


def read_end(text: str, first: date, today: date) -> Days | None:
    """As :func:`read_days`, of the end of a period that begins with ``first``.

    Without a year it is in the same year, or in the next one if it has begun.
    """
    if _WITHOUT_YEAR.fullmatch(text.strip().casefold()):
        for year in (first.year, first.year + 1):
            days = read_days(text, date(year, 12, 31))
            if days and first <= days[1] and (year == first.year or days[0] <= today):
                return days
    return read_days(text, today)


def _with_weekday(said: str, today: date) -> Days | None:
    """``8월 21일 금요일``, ``8/21(금)``; not when that day was another one of the week."""
    found = _AND_WEEKDAY.fullmatch(said)
    days = found and (_named(found[1], today) or _patterned(found[1], today))
    if not found or not days or days[0] != days[1]:
        return None
    return days if days[0].weekday() == _WEEKDAYS[found[2] or found[3] or found[4]] else None


def _named(said: str, today: date) -> Days | None:
    if said in _BACK:
        return _one(today - _BACK[said] * _DAY)
    if said in _WEEKS:
        monday = _monday(today, _WEEKS[said])
        return monday, monday + 6 * _DAY
    if said in _MONTHS_BACK:
        year, month0 = divmod(today.year * 12 + today.month - 1 - _MONTHS_BACK[said], 12)
        return _month(year, month0 + 1)
    if said in _YEARS:
        return _year(today.year - _YEARS[said])
    return _latest_month(_MONTHS[said], today) if said in _MONTHS else None


def _patterned(said: str, today: date) -> Days | None:
    for pattern, read in _PATTERNS:
        if found := pattern.fullmatch(said):
            return read(found, today)
    return None


# -- the patterns ---------------------------------------------------------------------------------


def _in_week(found: re.Match[str], today: date) -> Days:
    weeks = 0 if found[1] in ("이번주", "금주", "this ") else 1
    return _one(_monday(today, weeks) + _WEEKDAYS[found[2]] * _DAY)


def _latest_weekday(found: re.Match[str], today: date) -> Days:
    return _one(today - ((today.weekday() - _WEEKDAYS[found[1]] - 1) % 7 + 1) * _DAY)


def _last_days(found: re.Match[str], today: date) -> Days | None:
    return (today - (int(found[1]) - 1) * _DAY, today) if int(found[1]) else None


def _full(found: re.Match[str], _today: date) -> Days:
    return _one(date(int(found[1]), int(found[2]), int(found[3])))


def _of_year(found: re.Match[str], today: date) -> Days:
    """``2026년``, ``작년 8월``, ``2026년 8월 21일``."""
    word, month, day = found.groups()
    year = today.year - _YEARS[word] if word in _YEARS else int(word[:4])
    if month is None:
        return _year(year)
    return _one(date(year, int(month), int(day))) if day else _month(year, int(month))


def _month_and_day(found: re.Match[str], today: date) -> Days:
    return _latest_day(int(found[1]), int(found[2]), today)


def _only_month(found: re.Match[str], today: date) -> Days:
    return _latest_month(int(found[1]), today)


def _english(month: str, day: str | None, year: str | None, today: date) -> Days | None:
    number = _MONTHS.get(month) or _SHORT_MONTHS.get(month)
    if number is None:
        return None
    if day is None:
        return _month(int(year), number) if year else None
    return _one(date(int(year), number, int(day))) if year else _latest_day(number, int(day), today)


_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], Days | None]], ...] = tuple(
    (re.compile(pattern, re.ASCII), read)
    for pattern, read in (
        (r"(이번주|금주|지난주|저번주)([월화수목금토일])요일", _in_week),
        (rf"(this )({_WEEKDAY_NAMES})", _in_week),
        (r"(?:지난|저번)([월화수목금토일])요일", _latest_weekday),
        (rf"last ({_WEEKDAY_NAMES})", _latest_weekday),
        (r"(?:최근|지난)([0-9]{1,4})일", _last_days),
        (r"last ([0-9]{1,4}) days", _last_days),
        (r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})", _full),
        (r"([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})", _full),
        (r"([0-9]{4})\. ?([0-9]{1,2})\. ?([0-9]{1,2})\.?", _full),
        (
            r"([0-9]{4}년|작년|지난해|재작년|올해)(?:([0-9]{1,2})월(?: ?([0-9]{1,2})일)?)?",
            _of_year,
        ),
        (r"([0-9]{4})-([0-9]{2})()", lambda found, _today: _month(int(found[1]), int(found[2]))),
        (r"([0-9]{1,2})월 ?([0-9]{1,2})일", _month_and_day),
        (r"([0-9]{1,2})/([0-9]{1,2})", _month_and_day),
        (r"([0-9]{1,2})월", _only_month),
        (
            r"([a-z]{3,9})(?: ([0-9]{1,2}))?(?: ([0-9]{4}))?",
            lambda found, today: _english(found[1], found[2], found[3], today),
        ),
        (
            r"([0-9]{1,2}) ([a-z]{3,9})(?: ([0-9]{4}))?",
            lambda found, today: _english(found[2], found[1], found[3], today),
        ),
    )
)


# -- the calendar ---------------------------------------------------------------------------------


def _one(day: date) -> Days:
    return day, day


def _monday(today: date, weeks_back: int) -> date:
    return today - (today.weekday() + 7 * weeks_back) * _DAY


def _month(year: int, month: int) -> Days:
    first = date(year, month, 1)
    return first, first.replace(day=calendar.monthrange(year, month)[1])


def _year(year: int) -> Days:
    return date(year, 1, 1), date(year, 12, 31)


def _latest_month(month: int, today: date) -> Days:
    return _month(today.year - (month > today.month), month)


def _latest_day(month: int, day: int, today: date) -> Days:
    """The latest such day that is not to come; 29 February looks back for its year."""
    for year in range(today.year, today.year - 9, -1):
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if found <= today:
            return _one(found)
    raise ValueError(f"no such day: {month}/{day}")
