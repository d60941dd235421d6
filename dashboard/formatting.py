"""Template filters: won, Korean times, phone numbers, masked personal data."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from babel.dates import format_datetime
from flask import Flask
from flask_babel import get_locale

from dashboard import business_number
from dashboard.clock import kst as to_kst
from dashboard.i18n import gettext as _
from dashboard.runtime import runtime

MINUS: Final = "\u2212"  # as wide as the digits beside it


def init_app(app: Flask) -> None:
    """Attach to the application."""
    app.jinja_env.filters.update(
        won=won,
        business_number=business_number.printed,
        digits=digits,
        kst=kst,
        kst_clock=kst_clock,
        kst_day=kst_day,
        kst_short=kst_short,
        iso=iso,
        ago=ago,
        tel=tel,
        mask_tel=mask_tel,
        mask_name=mask_name,
        mask_email=mask_email,
    )


# -- money ----------------------------------------------------------------------------------


def digits(amount: int, currency: str = "KRW") -> str:
    """``12,000``; cents as ``12.00`` when the currency is USD.

    :param amount: won, or cents where currency is USD
    """
    sign = MINUS if amount < 0 else ""
    if currency == "USD":
        return f"{sign}{abs(amount) // 100:,}.{abs(amount) % 100:02d}"
    return f"{sign}{abs(amount):,}"


def won(amount: int, currency: str = "KRW") -> str:
    """``12,000원`` (English ``₩12,000``), ``US$12.00``, a minus in front of what is negative.

    :param amount: won, or cents where currency is USD
    """
    sign, figure = (MINUS if amount < 0 else ""), digits(abs(amount), currency)
    if currency == "USD":
        return f"{sign}US${figure}"
    if currency != "KRW":
        return f"{sign}{figure} {currency}"
    return sign + str(_("%(digits)s원", digits=figure))


# -- time: UNIX seconds in, Korean wall clock out --------------------------------------------


def kst(at: float) -> str:
    """``2026-08-21 14:05``."""
    return f"{to_kst(at):%Y-%m-%d %H:%M}"


def kst_clock(at: float) -> str:
    """``14:05:09``, where the day goes without saying."""
    return f"{to_kst(at):%H:%M:%S}"


def kst_day(at: float) -> str:
    """``2026-08-21``."""
    return f"{to_kst(at):%Y-%m-%d}"


def iso(at: float) -> str:
    """For ``<time datetime="…">``: ``2026-08-21T14:05:09+09:00``."""
    return to_kst(at).isoformat(timespec="seconds")


def kst_short(at: float, now: float | None = None) -> str:
    """``오늘 14:05``, ``어제 19:42``, ``8월 17일 10:06``, and another year's ``2025-08-17``."""
    then, today = to_kst(at), to_kst(_now(now))
    days = (today.date() - then.date()).days
    if days == 0:
        return str(_("오늘 %(time)s", time=f"{then:%H:%M}"))
    if days == 1:
        return str(_("어제 %(time)s", time=f"{then:%H:%M}"))
    if then.year == today.year:
        return _pattern(then, _("M월 d일 HH:mm"))
    return kst_day(at)


def ago(at: float, now: float | None = None) -> str:
    """``3초 전``, ``3분 전``, ``2시간 전``, ``4일 전``; a moment just past or ahead: ``방금``."""
    seconds = int(_now(now) - at)
    if seconds < 1:
        return str(_("방금"))
    if seconds < 60:
        return str(_("%(count)s초 전", count=seconds))
    if seconds < 3600:
        return str(_("%(count)s분 전", count=seconds // 60))
    if seconds < 86_400:
        return str(_("%(count)s시간 전", count=seconds // 3600))
    return str(_("%(count)s일 전", count=f"{seconds // 86_400:,}"))


def _now(now: float | None) -> float:
    return runtime().now() if now is None else now


def _pattern(then: datetime, pattern: str) -> str:
    # Babel's pattern language; the English catalogue turns the order round to "d MMM HH:mm".
    return str(format_datetime(then, pattern, tzinfo=then.tzinfo, locale=get_locale() or "ko"))


# -- people ---------------------------------------------------------------------------------

_AREA = re.compile(r"(02|050\d|0\d{2})(\d{3,4})(\d{4})")
_SHORT = re.compile(r"(1\d{3})(\d{4})")


def tel_digits(number: str) -> str:
    """A phone number as a Korean would dial it, digits only; ``+82 10-…`` becomes ``010…``."""
    found = re.sub(r"[^\d+]", "", number)
    if found.startswith(("+82", "0082")):
        found = "0" + found.removeprefix("+82").removeprefix("0082").removeprefix("0")
    return found.replace("+", "")


def _tel_parts(number: str) -> tuple[str, ...] | None:
    if re.search(r"[^\d+\-.() ]", number):  # words in it: not ours to take apart
        return None
    found = tel_digits(number)
    match = _AREA.fullmatch(found) or _SHORT.fullmatch(found)
    return match.groups() if match else None


def tel(number: str) -> str:
    """``010-1234-5678``, ``02-123-4567``, ``1588-1234``; an unknown form stays as it came."""
    parts = _tel_parts(number)
    return "-".join(parts) if parts else number


def mask_tel(number: str) -> str:
    """``010-****-5678``: never more than the area and the last four digits.

    What is no Korean number shows its last four digits from eight on, and nothing below.
    """
    parts = _tel_parts(number)
    if parts:
        *area, middle, last = parts
        return "-".join([*area, "*" * len(middle), last])
    found = re.sub(r"\D", "", number)
    if not number.strip():
        return ""
    return f"****{found[-4:]}" if len(found) >= 8 else "****"


def mask_name(name: str) -> str:
    """``홍*동``, ``홍*``; of one letter nothing. A long name keeps its length to itself."""
    name = name.strip()
    if len(name) <= 1:
        return "*" if name else ""
    if len(name) == 2:
        return f"{name[0]}*"
    return name[0] + "*" * min(len(name) - 2, 4) + name[-1]


def mask_email(email: str) -> str:
    """``j****@naver.com``: one letter of the local part, and none when it has only one."""
    local, at, domain = email.strip().rpartition("@")
    if not at:
        return "****" if email.strip() else ""
    local = local.strip()
    return f"{local[:1] if len(local) > 1 else ''}****@{domain}"
