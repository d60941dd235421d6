"""What KSNET has against one cancel somebody wishes for: K1-K17, said before the click.

Stops cannot be overruled. Warnings are what KSNET will or may refuse although nobody can know
for certain; the owner may go on with a reason. Notes are good to know and hold nobody up: a
warning on every partial cancel of every card (K14) would only teach people to click it away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TypeVar

from dashboard.clock import kst
from dashboard.ksnet import tax_texts, texts
from dashboard.ksnet.days import (
    SOON_DAYS,
    last_cancel_day,
    vbank_closes_at,
    vbank_opens_at,
    vbank_refunds_open,
)
from dashboard.ksnet.facts import (
    MAX_PARTIAL_CANCELS,
    SEVERITY_ORDER,
    CancelFacts,
    CancelWish,
    Objection,
)

NIGHT_NEARS_S = 30 * 60  # K5: say how long it is still open from this many seconds ahead
_BANK_CODE = re.compile(r"[0-9]{2,3}")
_ACCOUNT = re.compile(r"[0-9]{6,20}")

_Any = TypeVar("_Any", bound=Objection)


def refund_objections(
    facts: CancelFacts, wish: CancelWish | None, now: float
) -> tuple[Objection, ...]:
    """Everything that speaks against cancelling ``wish`` at ``now`` (UNIX seconds), gravest first.

    Without a wish: what holds whatever will be typed; objections to partial cancels are among
    them, marked by their ``scope``.

    Sources: K1-K17, K51; refunds.md, 2 and 4
    """
    if facts.currency != "KRW":
        return (tax_texts.K17,)
    if plain := _plain_no(facts):
        return (plain,)
    found = [
        *_deadline(facts, now),
        *(_vbank(facts, now) if facts.pay_method == "vbank" else ()),
        *(_before(facts) if wish is None else _wished(facts, wish)),
        *_always(facts),
    ]
    return tuple(sorted(found, key=lambda objection: SEVERITY_ORDER[objection.severity]))


def stops(objections: Iterable[_Any]) -> tuple[_Any, ...]:
    """Those nobody can overrule."""
    return tuple(o for o in objections if o.severity == "stops")


def warnings(objections: Iterable[_Any]) -> tuple[_Any, ...]:
    """Those the owner can overrule with a reason."""
    return tuple(o for o in objections if o.severity == "warns")


def _plain_no(facts: CancelFacts) -> Objection | None:
    if facts.state in texts.STATES:
        return texts.STATES[facts.state]
    paid = facts.state in ("paid", "partial")
    if not paid or facts.paid_at is None or facts.cancelled < 0 or facts.balance < 0:
        return texts.CHECK
    return texts.STATES["cancelled"] if facts.balance == 0 else None


def _deadline(facts: CancelFacts, now: float) -> Iterator[Objection]:
    """K3, K4."""
    last = last_cancel_day(facts.pay_method, facts.paid_at or 0)
    days = (last - kst(now).date()).days
    if facts.pay_method == "phone":
        yield texts.K3 if days < 0 else texts.k3_until(last, days)
    elif days <= 0:
        yield texts.K4 if days < 0 else texts.K4_LAST_DAY
    elif days <= SOON_DAYS:
        yield texts.k4_until(last, days)


def _vbank(facts: CancelFacts, now: float) -> Iterator[Objection]:
    """K5, K6, K8."""
    if facts.vbank_refund_contract != "yes":
        yield texts.K6 if facts.vbank_refund_contract == "no" else texts.K6_UNKNOWN
    closes = vbank_closes_at(now)
    if not vbank_refunds_open(now):
        yield texts.k5(vbank_opens_at(now))
    elif closes - now <= NIGHT_NEARS_S:
        yield texts.k5_nears(closes, now)
    if not facts.bank_codes_confirmed:
        yield texts.K8


def _before(facts: CancelFacts) -> Iterator[Objection]:
    """What can be said before anything is typed."""
    yield from _part(facts)
    if facts.cancel_count >= MAX_PARTIAL_CANCELS and facts.pay_method != "phone":
        yield texts.K1_LAST
    if facts.tax_free_most is None:
        yield tax_texts.K11_UNKNOWN


def _wished(facts: CancelFacts, wish: CancelWish) -> Iterator[Objection]:
    """What the amount, its tax-free part and the account are worth."""
    if wish.amount is None or wish.amount <= 0:
        yield tax_texts.K10
    elif wish.amount > facts.balance:
        yield texts.over_balance(facts.balance)
    elif wish.kind == "whole" and wish.amount != facts.balance:
        yield texts.whole_is(facts.balance)
    else:
        if wish.amount < facts.balance:
            yield from _part(facts)
        elif facts.cancel_count >= MAX_PARTIAL_CANCELS and facts.pay_method != "phone":
            yield texts.K1_LAST
        yield from _tax_free(facts, wish.amount, wish.tax_free)
    if facts.pay_method == "vbank" and not _reaches_an_account(wish):
        yield texts.K7


def _part(facts: CancelFacts) -> Iterator[Objection]:
    """K1, K2, K13, K14: partial cancels only."""
    if facts.pay_method == "phone":
        yield texts.K2
        return
    left = MAX_PARTIAL_CANCELS - facts.cancel_count
    if left <= 0:
        yield texts.K1
    elif left <= 2:  # from the eighth on
        yield texts.k1_few(left)
    if facts.escrow:
        yield tax_texts.K14_ESCROW
    if facts.part_refused_before:
        yield tax_texts.K14_REFUSED
    elif facts.pay_method == "card":
        yield tax_texts.K14_NOTE
    if facts.pay_method in ("trans", "vbank") and facts.receipt != "none":
        yield tax_texts.K13


def _tax_free(facts: CancelFacts, amount: int, tax_free: int | None) -> Iterator[Objection]:
    """K11; K16 for virtual accounts, whose payment never carried a tax-free part.

    :param amount: won, between 1 and the balance
    """
    least, most = facts.tax_free_least, facts.tax_free_most
    if least is None or most is None:
        yield tax_texts.K11_UNKNOWN
        return
    if tax_free is None:
        yield tax_texts.K11_MISSING
        return
    vbank = facts.pay_method == "vbank"
    if least > most and not vbank:
        yield tax_texts.K11_CONTRADICTED
        return
    low = 0 if vbank else max(0, amount - (facts.balance - least))
    high = min(amount, most)
    if not low <= tax_free <= high:
        yield tax_texts.k11_bounds(low, high)
    elif vbank and (tax_free or most):
        yield tax_texts.K16 if tax_free else tax_texts.K16_ZERO


def _reaches_an_account(wish: CancelWish) -> bool:
    return bool(
        wish.holder.strip() and _BANK_CODE.fullmatch(wish.bank) and _ACCOUNT.fullmatch(wish.account)
    )


def _always(facts: CancelFacts) -> Iterator[Objection]:
    """What the amount does not change: escrow, K9, K12, K15, K51."""
    if facts.escrow:
        yield tax_texts.ESCROW
    if facts.sandbox:
        yield tax_texts.K51
    if facts.pay_method in ("trans", "vbank") and facts.receipt != "none":
        yield tax_texts.K12
    if not facts.sells_tax_free_said:
        yield tax_texts.K15
    yield tax_texts.K9
