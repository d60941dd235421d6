"""What the order page tells of the request an order came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from dashboard.checkout import service
from dashboard.checkout.words import sign_of
from dashboard.words import Sign


@dataclass(frozen=True, kw_only=True)
class RequestOf:
    """The request of one order, ready to print."""

    row: service.Row
    sign: Sign
    lines: list[dict[str, Any]]


def request_of_order(db: Database, merchant_uid: str) -> RequestOf | None:
    """The request with this order number, or None: most orders come from elsewhere."""
    row = service.find_by_number(db, merchant_uid)
    if row is None:
        return None
    return RequestOf(row=row, sign=sign_of(row), lines=service.lines(db, row["id"]))
