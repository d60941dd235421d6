"""What of a balance is spoken for although PortOne does not know. Pure; all in won.

A cancel made in KSNET's own admin site (K9) and a refund by bank transfer never change what PortOne
says, and never the ``checksum``; a refund through PortOne of the same money would pay twice.
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.ksnet import Objection


@dataclass(frozen=True, kw_only=True)
class Reserved:
    """``marked``: said to be cancelled at KSNET; ``by_hand``: transferred, or about to be."""

    marked: int = 0
    by_hand: int = 0

    def possible(self, balance: int) -> int:
        """How much of ``balance`` can still go back through PortOne or by hand."""
        return max(0, balance - self.marked - self.by_hand)


def reserved_objections(
    reserved: Reserved, *, balance: int, amount: int | None
) -> tuple[Objection, ...]:
    """What speaks against refunding ``amount`` of ``balance``.

    Without an amount: what holds whatever will be typed, a stop only where nothing is left.

    Sources: K9; reference, refunds 7
    """
    possible = reserved.possible(balance)
    if possible == balance or balance <= 0:
        return ()
    stops = possible == 0 if amount is None else amount > possible
    found = []
    if reserved.marked:
        found.append(_marked(reserved.marked, possible, stops=stops))
    if reserved.by_hand:
        found.append(_by_hand(reserved.by_hand, possible, stops=stops))
    return tuple(found)


def _marked(amount: int, possible: int, *, stops: bool) -> Objection:
    return Objection(
        rule="K9",
        severity="stops" if stops else "notes",
        ko=f"KSNET에서 직접 취소했다고 표시한 {amount:,}원이 있습니다. 포트원은 이를 모릅니다."
        f" 두 번 나가지 않도록 {possible:,}원까지만 할 수 있습니다.",
        en=f"₩{amount:,} are marked as cancelled at KSNET itself, which PortOne does not know. At"
        f" most ₩{possible:,} can go back, so that nothing is paid twice.",
        instead_ko="표시가 틀렸거나 포트원에 반영되었으면 주문 화면에서 표시를 지워 주세요.",
        instead_en="If the mark is wrong, or PortOne has been corrected, clear it on the order.",
    )


def _by_hand(amount: int, possible: int, *, stops: bool) -> Objection:
    return Objection(
        rule="BY_HAND",
        severity="stops" if stops else "notes",
        ko=f"수동 환불 {amount:,}원을 보냈거나 보낼 예정입니다. 두 번 나가지 않도록"
        f" {possible:,}원까지만 할 수 있습니다.",
        en=f"₩{amount:,} went back by bank transfer, or are about to. At most ₩{possible:,} can go"
        " back, so that nothing is paid twice.",
    )


def grounds(objections: tuple[Objection, ...], *, refused: bool) -> tuple[str, ...]:
    """Why a payment may be refunded by hand: the rules that keep PortOne from it, or its refusal.

    An empty answer means that PortOne can do it, and should.

    :param objections: to any cancel of the payment
    :param refused: the gateway has refused the last refund of it
    """
    found = [
        one.rule
        for one in objections
        if (one.severity == "stops" and one.rule in ("K1", "K2", "K3", "K6"))
        or (one.severity == "warns" and one.rule in ("K1", "K4", "K14"))
    ]
    if refused:
        found.append("refused")
    return tuple(dict.fromkeys(found))
