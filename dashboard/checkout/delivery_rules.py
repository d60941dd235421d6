"""What people type about a delivery, read by one rule, and what PortOne's answer means. Pure.

Sources: portone-v1-api 9, K45, K46.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from typing import Literal

from dashboard.clock import KST
from dashboard.couriers import OTHER
from dashboard.portone import Delivery, Parcel

MOST_INVOICE = 40  # characters
CHANGES_AFTER_S = 3600  # KSNET shows a registered delivery 30 to 60 minutes later (K46)

OWN = "본인"
"""What the sender is to the shop, as PortOne is told."""

Against = Literal["not_escrow", "not_paid", "cancelled", "unclear"]

_INVOICE = re.compile(rf"(?=.*[0-9A-Za-z])[0-9A-Za-z-]{{1,{MOST_INVOICE}}}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])(?::[0-5][0-9](?:\.[0-9]+)?)?")
_TEL = re.compile(r"\+?[0-9][0-9 ().-]{5,18}[0-9]")
_POSTCODE = re.compile(r"[0-9]{5}|[0-9]{3}-?[0-9]{3}")  # the six digits of before 2015, too
_ADDRESS = re.compile(r"\s*[(\[]?\s*([0-9]{5})\s*[)\]]?[\s,]+(.+)", re.DOTALL)


def against(*, escrow: bool, state: str) -> Against | None:
    """Why no delivery of a payment can be registered, or None.

    :param state: of the ledger, ``dashboard.orders.states``
    """
    if not escrow:
        return "not_escrow"
    if state == "check":
        return "unclear"
    if state == "cancelled":
        return "cancelled"
    return None if state in ("paid", "partial") else "not_paid"


def read_invoice(typed: str) -> str | None:
    """The invoice number: letters, digits, hyphens; spaces between them only help the eye."""
    text = re.sub(r"[\u2010-\u2015\u2212]", "-", unicodedata.normalize("NFKC", typed))
    text = "".join(text.split())
    return text if _INVOICE.fullmatch(text) else None


def read_sent_at(day: str, time: str) -> int | None:
    """A day and a time on a Korean clock as UNIX seconds, at the full minute; None: no moment.

    :return: ten digits always; PortOne reads milliseconds as a year far away (K45)
    """
    found = _TIME.fullmatch(time.strip())
    if found is None or not _DAY.fullmatch(day.strip()):
        return None
    try:
        on = date.fromisoformat(day.strip())
        moment = datetime(on.year, on.month, on.day, int(found[1]), int(found[2]), tzinfo=KST)
        at = int(moment.timestamp())
    except (ValueError, OverflowError):
        return None
    return at if 10**9 <= at < 10**10 else None


def is_before(sent_at: int, paid_at: int | None) -> bool:
    """Whether something left before it was paid; forms know minutes only."""
    return paid_at is not None and sent_at < paid_at - paid_at % 60


def is_tel(text: str) -> bool:
    """Whether it can be dialled; a number from abroad, too."""
    return _TEL.fullmatch(text) is not None


def is_postcode(text: str) -> bool:
    """Whether it is a Korean postcode, of now or of before 2015."""
    return _POSTCODE.fullmatch(text) is not None


def split_address(text: str) -> tuple[str, str]:
    """Postcode and address of ``(04524) 서울시 …``; the postcode is "" where none leads."""
    found = _ADDRESS.fullmatch(text)
    return (found[1], found[2].strip()) if found else ("", text.strip())


def changes_from(applied_at: int | None) -> int:
    """From when KSNET takes changes for sure, UNIX seconds (K46)."""
    return (applied_at or 0) + CHANGES_AFTER_S


def is_what_we_asked(seen: Delivery, asked: Parcel) -> bool:
    """Whether PortOne has what we asked it to register.

    It keeps a courier it does not know as ETC; hyphens of an invoice number may be lost on the way.
    """
    return (
        seen.company in (asked.company, OTHER)
        and _plain(seen.invoice) == _plain(asked.invoice)
        and seen.sent_at in (asked.sent_at, None)
    )


def _plain(invoice: str) -> str:
    return invoice.replace("-", "").casefold()
