"""KSNET's rules, pure: facts about a payment and a clock in, objections out.

Rule numbers K1... are those of PortOne's KSNET documents as collected in the README's sources; the
wording of the texts is ours. All clock rules use Korean time, whatever the PC is set to.

:func:`cancellability` is the short answer beside an order; :func:`refund_objections` looks at one
wish to cancel, and is what decides; :func:`window_objections` does so for a payment window.
"""

from __future__ import annotations

from dashboard.ksnet.cards import CardCompany, card_companies, find_card_company
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
from dashboard.ksnet.window import window_objections
from dashboard.ksnet.window_facts import (
    WINDOW_METHODS,
    WindowObjection,
    WindowShop,
    WindowWish,
)
from dashboard.ksnet.window_limits import LONGEST
from dashboard.ksnet.window_options import (
    MOST_MONTHS,
    TCODES,
    WALLETS,
    default_vbank_due,
    fitting,
    has_instalments,
    options_of,
)

__all__ = [
    "LONGEST",
    "MAX_PARTIAL_CANCELS",
    "MOST_MONTHS",
    "SOON_DAYS",
    "TCODES",
    "WALLETS",
    "WINDOW_METHODS",
    "CancelFacts",
    "CancelWish",
    "Cancellability",
    "CardCompany",
    "Kind",
    "Objection",
    "Scope",
    "Severity",
    "WindowObjection",
    "WindowShop",
    "WindowWish",
    "cancellability",
    "card_companies",
    "default_vbank_due",
    "find_card_company",
    "fitting",
    "has_instalments",
    "last_cancel_day",
    "options_of",
    "refund_objections",
    "stops",
    "vbank_closes_at",
    "vbank_opens_at",
    "vbank_refunds_open",
    "warnings",
    "window_objections",
]
