"""In which state a payment request can be, and what may follow."""

from __future__ import annotations

from typing import Literal

State = Literal[
    "preparing",  # written down; PortOne does not hold its amount yet
    "open",  # the buyer can pay
    "waiting",  # a virtual account waits for its deposit
    "failed",  # the last try failed; the buyer can try again
    "paid",
    "mismatch",  # money came that is not what was asked for: a person must look
    "expired",
    "cancelled",  # by the shop, or its account was revoked
]
Alarm = Literal[
    "amount",
    "currency",
    "sandbox",  # through a test channel although a real payment was asked for, or the other way
    "channel",  # another gateway or MID
    "escrow",  # asked for with escrow, paid without (K43)
    "paid_twice",
    "late",  # paid after the shop had given it up
    "stock",  # paid, but the goods had run out
]

PAYABLE: tuple[State, ...] = ("open", "failed")
"""The buyer's page offers the window."""

LIVE: tuple[State, ...] = ("preparing", "open", "failed", "waiting", "mismatch")
"""Not ended: looked at until it is."""

ENDED: tuple[State, ...] = ("paid", "expired", "cancelled")


def is_live(state: str) -> bool:
    """Whether what becomes of a request in this state is still open."""
    return state in LIVE
