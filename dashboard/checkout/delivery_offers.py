"""What order pages tell of escrow deliveries, without knowing how one is registered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlite_utils import Database

from dashboard.checkout import delivery
from dashboard.checkout.delivery_words import state_words
from dashboard.couriers import courier_name
from dashboard.i18n import language


@dataclass(frozen=True, kw_only=True)
class DeliveryCard:
    """One escrow payment's delivery, ready to print.

    :ivar company: what is registered; "" where nothing is
    :ivar asked: courier and invoice number of a call whose fate is open, or that did nothing
    :ivar why: why the last call did nothing
    """

    one: delivery.DeliveryOf
    word: str
    tone: str
    icon: str
    company: str
    asked: str
    why: str


def deliveries_of_order(db: Database, order_id: int, *, now: int) -> Sequence[DeliveryCard]:
    """The cards of an order: one for each escrow payment that was paid."""
    return [_card(one) for one in delivery.deliveries_of_order(db, order_id, now=now)]


def _card(one: delivery.DeliveryOf) -> DeliveryCard:
    word, tone, icon = state_words(one.standing)
    row = one.row or {}
    asked, why = "", row.get("api_message")
    if row.get("asked_invoice"):
        asked = f"{courier_name(row['asked_company'], language())} {row['asked_invoice']}"
    return DeliveryCard(
        one=one,
        word=word,
        tone=tone,
        icon=icon,
        company=courier_name(row.get("company") or "", language()),
        asked=asked,
        why=_(why) if why else "",
    )
