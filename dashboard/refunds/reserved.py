"""What of a balance is spoken for although PortOne does not know. Pure; all in won.

A cancel made in KSNET's own admin site (K9) and a refund by bank transfer never change what PortOne
says, and never the ``checksum``; a refund through PortOne of the same money would pay twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dashboard.ksnet import Cancellability, Objection

BY_HAND_COUNTS = ("requested", "approved", "done")
"""The states of a refund by hand in which its money has gone, or is about to."""


@dataclass(frozen=True, kw_only=True)
class Reserved:
    """``marked``: said to be cancelled at KSNET; ``by_hand``: transferred, or about to be, with
    ``by_hand_free`` tax-free won in it."""

    marked: int = 0
    by_hand: int = 0
    by_hand_free: int = 0

    @property
    def amount(self) -> int:
        return self.marked + self.by_hand

    def possible(self, balance: int) -> int:
        """How much of ``balance`` can still go back through PortOne or by hand."""
        return max(0, balance - self.amount)

    def exceeds(self, balance: int) -> bool:
        """Whether more is spoken for than is left: something went back twice, or would."""
        return self.amount > max(0, balance)


NOTHING = Reserved()


def reserved(
    by_hand: Iterable[tuple[str, int, int]], marks: Iterable[tuple[int, bool]]
) -> Reserved:
    """Sum up one payment's refunds by hand and marks.

    :param by_hand: state, amount and tax-free part of each
    :param marks: amount of each, and whether it was cleared
    """
    counted = [(amount, free) for state, amount, free in by_hand if state in BY_HAND_COUNTS]
    return Reserved(
        marked=sum(amount for amount, cleared in marks if not cleared),
        by_hand=sum(amount for amount, _free in counted),
        by_hand_free=sum(free for _amount, free in counted),
    )


# -- what that says to a refund through PortOne -------------------------------------------------


def reserved_objections(
    reserved: Reserved, *, balance: int, amount: int | None
) -> tuple[Objection, ...]:
    """What speaks against refunding ``amount`` of ``balance``.

    Without an amount: what holds whatever will be typed; while something is possible only the
    whole is stopped.

    Sources: K9; reference, refunds 7
    """
    possible = reserved.possible(balance)
    if not reserved.amount or balance <= 0 or (amount is not None and amount <= possible):
        return ()
    found = []
    if reserved.marked:
        found.append(_marked(reserved.marked, possible))
    if reserved.by_hand:
        found.append(_by_hand(reserved.by_hand, possible))
    return tuple(found)


def _marked(amount: int, possible: int) -> Objection:
    left_ko, left_en = _left(possible)
    return Objection(
        rule="K9",
        severity="stops",
        scope="whole" if possible else "any",
        ko=f"KSNET에서 직접 취소했다고 표시한 {amount:,}원이 있습니다. 포트원은 이를 모릅니다."
        f" {left_ko}",
        en=f"₩{amount:,} are marked as cancelled at KSNET itself, which PortOne does not know."
        f" {left_en}",
        instead_ko="표시가 틀렸거나 포트원에 반영되었으면 주문 화면에서 표시를 지워 주세요.",
        instead_en="If the mark is wrong, or PortOne has been corrected, clear it on the order.",
    )


def _by_hand(amount: int, possible: int) -> Objection:
    left_ko, left_en = _left(possible)
    return Objection(
        rule="BY_HAND",
        severity="stops",
        scope="whole" if possible else "any",
        ko=f"수동 환불로 보냈거나 보낼 {amount:,}원이 있습니다. {left_ko}",
        en=f"₩{amount:,} went back as manual refunds, or are about to. {left_en}",
    )


def _left(possible: int) -> tuple[str, str]:
    if not possible:
        return (
            "두 번 나가지 않도록 더는 환불할 수 없습니다.",
            "Nothing more can go back, so that nothing is paid twice.",
        )
    return (
        f"두 번 나가지 않도록 {possible:,}원까지만 환불할 수 있습니다.",
        f"At most ₩{possible:,} can go back, so that nothing is paid twice.",
    )


# -- why a payment may be refunded by hand ------------------------------------------------------

REFUSED = "refused"
_WHOLE = ("K3", "K4", "K6", REFUSED)
_PART = ("K1", "K2")


def grounds(can: Cancellability, *, refused: bool) -> tuple[str, ...]:
    """Why a payment may be refunded by hand, the gravest first; empty where PortOne can do it.

    Why a part cannot be cancelled is not said where nothing can.

    Sources: K1, K2 (a part), K3, K4, K6; reference, refunds 7

    :param refused: the gateway refused the last refund of it
    """
    if not can.can and can.kind != "impossible":
        return ()  # not paid, not won, nothing left, amounts in doubt
    found = {one.rule for one in can.objections if one.severity == "stops"}
    if refused:
        found.add(REFUSED)
    whole = tuple(one for one in _WHOLE if one in found)
    return whole or tuple(one for one in _PART if one in found)


def only_a_part(grounds: Iterable[str]) -> bool:
    """Whether PortOne could cancel all of it at once, just no part (K1, K2)."""
    return not set(grounds).intersection(_WHOLE)
