"""The same payment on the desk of whoever refunds it by bank transfer."""

from __future__ import annotations

from dataclasses import fields
from typing import ClassVar

from flask_babel import gettext as _

from dashboard.refunds.desk import Desk
from dashboard.refunds.reserved import only_a_part


class HandDesk(Desk):
    """Nothing is asked of KSNET: what can go back is what the shop's own books leave.

    What the form was signed with stays PortOne's (``facts``).
    """

    by_hand: ClassVar[bool] = True

    @property
    def balance(self) -> int:
        return self.possible

    @property
    def refund_word(self) -> bool:
        return True

    @property
    def verb(self) -> str:
        return str(_("수동 환불"))

    @property
    def stopped(self) -> bool:
        return not self.grounds or not self.possible

    @property
    def parts(self) -> bool:
        return True

    @property
    def wholes(self) -> bool:
        """K1, K2: all at once goes through PortOne, as long as nothing went back another way."""
        return bool(self.reserved.amount) or not only_a_part(self.grounds)

    @property
    def needs_account(self) -> bool:
        return True

    @property
    def tax_free_hint(self) -> str:
        if self.vbank:
            return str(_("가상계좌 결제에는 면세금액이 없어 0으로 채웁니다."))
        return super().tax_free_hint


def hand_desk(desk: Desk) -> HandDesk:
    """Lay a payment on the other desk."""
    return HandDesk(**{field.name: getattr(desk, field.name) for field in fields(desk)})
