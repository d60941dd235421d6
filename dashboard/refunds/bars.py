"""The two bars of the refund form, taxed and tax-free: what stays, goes and is gone. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dashboard.refunds.amounts import Rest

FULL = 1000  # width of a whole bar, in the drawing's own units
_SLIVER = 6  # what is not nothing must be seen


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One coloured stretch of a bar: ``x`` and ``width`` of ``FULL``, ``amount`` in won."""

    name: str  # "stays", "goes", "gone"
    amount: int
    x: int
    width: int


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar; ``total`` won of the payment, of which ``goes`` are in this refund."""

    name: str  # "taxed", "tax_free"
    total: int
    goes: int
    pieces: tuple[Piece, ...]


def bars(rest: Rest, amount: int, tax_free: int, *, vbank: bool = False) -> tuple[Bar, Bar] | None:
    """The bars for refunding ``amount`` with ``tax_free`` in it.

    None when the split of what is left is not certain, or the refund does not fit into it. A
    virtual account's payment counts as taxed throughout while no tax-free part is sent (K16).
    """
    if vbank and tax_free == 0 and rest.total is not None:
        rest = replace(rest, least=0, most=0, total_free=0)
    if not rest.certain or rest.most is None or rest.total is None or rest.total_free is None:
        return None
    free_left, taxed_left = rest.most, rest.balance - rest.most
    taxed = amount - tax_free
    if not (0 <= tax_free <= free_left and 0 <= taxed <= taxed_left):
        return None
    return (
        _bar("taxed", rest.total - rest.total_free, taxed_left, taxed),
        _bar("tax_free", rest.total_free, free_left, tax_free),
    )


def _bar(name: str, total: int, left: int, goes: int) -> Bar:
    amounts = {"stays": left - goes, "goes": goes, "gone": total - left}
    widths = widths_of(list(amounts.values()))
    pieces, x = [], 0
    for (piece, amount), width in zip(amounts.items(), widths, strict=True):
        if width:
            pieces.append(Piece(name=piece, amount=amount, x=x, width=width))
        x += width
    return Bar(name=name, total=total, goes=goes, pieces=tuple(pieces))


def widths_of(amounts: list[int]) -> list[int]:
    """Whole widths that sum to ``FULL``, in proportion; what is above 0 stays visible.

    All zero when there is nothing to draw.
    """
    total = sum(amounts)
    if total <= 0:
        return [0] * len(amounts)
    widths = [max(_SLIVER, amount * FULL // total) if amount > 0 else 0 for amount in amounts]
    widest = max(range(len(amounts)), key=lambda n: amounts[n])
    widths[widest] += FULL - sum(widths)
    return widths
