"""The tax-free part of a refund: what is left, what fits, what to propose. Pure; all in won.

PortOne never tells how much of a payment or of a cancel was tax-free (reference: refunds, 4), so
it is kept here: the order's total as the shop stated it, less what our own refunds sent. After a
cancel made elsewhere the rest is certain only within bounds.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Rest:
    """What is left of a payment. The tax-free part lies between ``least`` and ``most``.

    ``asked`` says that a person must state the order's tax-free total before anything is refunded;
    ``least`` and ``most`` are None then. ``assumed``: nobody said whether the shop sells tax-free
    goods, and everything counts as taxed until somebody does.
    """

    balance: int
    least: int | None
    most: int | None
    total: int | None  # the payment's amount
    total_free: int | None
    assumed: bool = False

    @property
    def asked(self) -> bool:
        """Whether the shop has to say first how much of the order is tax-free."""
        return self.least is None or self.most is None

    @property
    def certain(self) -> bool:
        """Whether exactly one split of the balance is possible."""
        return self.least is not None and self.least == self.most

    @property
    def contradicted(self) -> bool:
        """Whether no split fits: the stated total is wrong, or refunds sent more than it."""
        return self.least is not None and self.most is not None and self.least > self.most


def rest_of(
    *,
    amount: int,
    cancelled: int,
    total_free: int | None,
    sells_tax_free: str | None,
    own_cancelled: int = 0,
    own_free: int = 0,
) -> Rest:
    """What is left of a payment of which ``cancelled`` won went back.

    :param total_free: the order's tax-free won, None when nobody stated it
    :param sells_tax_free: the shop's answer, "yes", "no" or None
    :param own_cancelled: won that went back through our own refunds
    :param own_free: how much of those was sent as tax-free
    :raise ValueError: sums that cannot be
    """
    if not 0 <= own_free <= own_cancelled <= cancelled <= amount:
        raise ValueError("cancelled sums do not fit into each other")
    balance = amount - cancelled
    if total_free is None and sells_tax_free == "yes":
        return Rest(balance=balance, least=None, most=None, total=amount, total_free=None)
    total = total_free or 0
    taxed_left = (amount - total) - (own_cancelled - own_free)
    free_left = total - own_free
    return Rest(
        balance=balance,
        least=max(0, balance - taxed_left),
        most=max(0, min(balance, free_left)),
        total=amount,
        total_free=total,
        assumed=total_free is None and sells_tax_free is None,
    )


def bounds(rest: Rest, amount: int, *, vbank: bool = False) -> tuple[int, int] | None:
    """The smallest and largest tax-free part of refunding ``amount``; None when none fits.

    0 <= f <= min(amount, tax-free left), and amount - f <= taxed left. For virtual accounts only
    the first: their payment carried no tax-free part, so all of it counts as taxed (K16).

    Source: K11; reference, refunds 4
    """
    if rest.least is None or rest.most is None or not 0 < amount <= rest.balance:
        return None
    low = 0 if vbank else max(0, amount - (rest.balance - rest.least))
    high = min(amount, rest.most)
    return (low, high) if low <= high else None


def proposed_tax_free(rest: Rest, amount: int, *, vbank: bool = False) -> int | None:
    """The tax-free part to propose for refunding ``amount``, or None where a person must say.

    In proportion to what is left, half a won rounded up; the last refund takes all that is left of
    both parts, so that sums close. 0 for virtual accounts (K16).
    """
    fits = bounds(rest, amount, vbank=vbank)
    if fits is None or rest.most is None:
        return None
    low, high = fits
    if vbank:
        return low
    share = (2 * amount * rest.most + rest.balance) // (2 * rest.balance)
    return min(max(share, low), high)


def after(rest: Rest, amount: int, tax_free: int, *, vbank: bool = False) -> Rest:
    """What is left once ``amount`` with ``tax_free`` in it went back.

    :raise ValueError: they do not fit
    """
    fits = bounds(rest, amount, vbank=vbank)
    if fits is None or not fits[0] <= tax_free <= fits[1]:
        raise ValueError(f"tax-free part {tax_free} of {amount} does not fit")
    balance = rest.balance - amount
    least, most = rest.least or 0, rest.most or 0
    return Rest(
        balance=balance,
        least=max(0, least - tax_free),
        most=min(balance, most - tax_free),
        total=rest.total,
        total_free=rest.total_free,
        assumed=rest.assumed,
    )
