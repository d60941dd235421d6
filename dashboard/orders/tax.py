"""The tax-free part of an order, as far as anybody knows it. Pure.

PortOne's API never tells it (reference: portone-v1-api, 3), so it comes from the shop: stated for
one order, or answered once for all by the setting "sells tax-free goods: no".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dashboard.money import Split, split

Knowledge = Literal[
    "stated",  # the shop stated it for this order
    "none_sold",  # the shop sells nothing tax-free, so it is 0
    "unstated",  # the shop sells tax-free goods, and has not said how much of this order
    "unasked",  # the shop has not said whether it sells tax-free goods
    "too_large",  # stated, and larger than the amount the order has now
]


@dataclass(frozen=True, kw_only=True)
class Tax:
    """What is known of the taxes in one order; amounts in won.

    ``paid``, ``gone`` and ``left`` split what was paid, cancelled and is left. ``gone`` and
    ``left`` are None after a part of a mixed order was cancelled: PortOne does not say how much of
    a cancel was tax-free.
    """

    knowledge: Knowledge
    tax_free: int | None
    paid: Split | None = None
    gone: Split | None = None
    left: Split | None = None

    @property
    def mixed(self) -> bool:
        """Whether the amount has a taxed and a tax-free part."""
        return self.paid is not None and self.paid.taxed > 0 and self.paid.tax_free > 0


def read_tax(
    *,
    amount: int,
    cancelled: int,
    stated: int | None,
    sells_tax_free: str | None,
    own: tuple[int, int] = (0, 0),
) -> Tax:
    """Say what is known of the taxes in an order of ``amount`` won.

    :param cancelled: won that went back
    :param stated: the order's own tax-free won, None when nobody said
    :param sells_tax_free: the shop's answer, "yes", "no" or None
    :param own: won that went back through our own refunds, and the tax-free part we sent
    """
    if stated is None and sells_tax_free != "no":
        unknown: Knowledge = "unstated" if sells_tax_free == "yes" else "unasked"
        return Tax(knowledge=unknown, tax_free=None)
    tax_free = stated or 0
    if tax_free > amount:
        return Tax(knowledge="too_large", tax_free=tax_free)
    known: Knowledge = "none_sold" if stated is None else "stated"
    free_left = tax_free_left(amount, tax_free, cancelled)
    if free_left is None and own[0] == cancelled and 0 <= tax_free - own[1] <= amount - cancelled:
        free_left = tax_free - own[1]  # every cancel was ours, so every split is known
    if free_left is None:
        return Tax(knowledge=known, tax_free=tax_free, paid=split(amount, tax_free))
    gone = min(max(cancelled, 0), amount)
    return Tax(
        knowledge=known,
        tax_free=tax_free,
        paid=split(amount, tax_free),
        gone=split(gone, tax_free - free_left),
        left=split(amount - gone, free_left),
    )


def tax_free_left(amount: int, tax_free: int, cancelled: int) -> int | None:
    """The tax-free won still paid after ``cancelled`` of ``amount`` won went back, if certain."""
    if cancelled <= 0:
        return tax_free
    if cancelled >= amount or tax_free == 0:
        return 0
    if tax_free == amount:
        return amount - cancelled
    return None
