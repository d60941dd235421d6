"""What one look at a receipt proves. Pure. Source: refund-safety 1.9; F69 to F74, F78."""

from __future__ import annotations

from typing import Literal

from dashboard.portone import PortOneError, PortOneNotAuthorised, PortOneNotFound, PortOneRejected
from dashboard.portone.records import Receipt

Answer = Literal["yes", "no", "doubtful", "unsent"]
Finding = Literal["issued", "cancelled", "nothing"]


def weigh(error: PortOneError) -> Answer:
    """What an error on an issue or a cancel says; a 500 may be a refusal or a lost success."""
    if error.nothing_asked:
        return "unsent"
    refused = isinstance(error, PortOneRejected | PortOneNotFound | PortOneNotAuthorised)
    return "no" if refused and error.code else "doubtful"


def look(seen: Receipt | None, base_tid: str | None) -> Finding:
    """What PortOne shows of a receipt that was to be issued.

    :param seen: None: it knows of none
    :param base_tid: the receipt it showed before ours was sent; still the same one: nothing new
    """
    if seen is None or (base_tid is not None and seen.receipt_tid == base_tid):
        return "nothing"
    return "cancelled" if seen.cancelled_at else "issued"


def alarm_of(seen: Receipt, *, amount: int, type: str) -> Literal["amount", "type"] | None:
    """What of a receipt is not as asked for (F78)."""
    if seen.amount != amount:
        return "amount"
    return "type" if type and seen.type and seen.type != type else None
