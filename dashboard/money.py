"""Won: splitting an amount into taxed, tax-free, supply and VAT. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Split:
    """An amount's tax parts, all in won; ``taxed`` is ``supply`` + ``vat``."""

    taxed: int
    tax_free: int
    supply: int
    vat: int

    @property
    def amount(self) -> int:
        """What was split, in won."""
        return self.taxed + self.tax_free


def split(amount: int, tax_free: int) -> Split:
    """Split ``amount`` (won, VAT included) whose tax-free part is ``tax_free`` (won).

    VAT is 1/11 of the taxed part, rounded to the nearest won. PortOne and KSNET do not document
    their rounding, so this is an expectation (예상 부가세): an answer with its own VAT wins.

    :raise ValueError: ``tax_free`` is below 0 or above ``amount``
    Source: PortOne V1, POST /receipts (VAT = 1/11)
    """
    if not 0 <= tax_free <= amount:
        raise ValueError(f"tax-free part {tax_free} does not fit into {amount}")
    taxed = amount - tax_free
    vat = (2 * taxed + 11) // 22
    return Split(taxed=taxed, tax_free=tax_free, supply=taxed - vat, vat=vat)
