"""KSNET's rules, pure: facts about a payment and a clock in, objections out.

Rule numbers K1... are those of PortOne's KSNET documents as collected in the README's sources; the
wording of the texts is ours. All clock rules use Korean time, whatever the PC is set to.

:func:`cancellability` is the short answer beside an order; :func:`refund_objections` looks at one
wish, and is what decides.
"""

from __future__ import annotations

from dashboard.ksnet.chip import Cancellability, Kind, cancellability
from dashboard.ksnet.days import (
    SOON_DAYS,
    last_cancel_day,
    vbank_closes_at,
    vbank_opens_at,
    vbank_refunds_open,
)
from dashboard.ksnet.facts import (
    MAX_PARTIAL_CANCELS,
    CancelFacts,
    CancelWish,
    Objection,
    Scope,
    Severity,
)
from dashboard.ksnet.refund import refund_objections, stops, warnings

__all__ = [
    "MAX_PARTIAL_CANCELS",
    "SOON_DAYS",
    "CancelFacts",
    "CancelWish",
    "Cancellability",
    "Kind",
    "Objection",
    "Scope",
    "Severity",
    "cancellability",
    "last_cancel_day",
    "refund_objections",
    "stops",
    "vbank_closes_at",
    "vbank_opens_at",
    "vbank_refunds_open",
    "warnings",
]
