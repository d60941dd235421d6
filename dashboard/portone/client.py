"""The client: every V1 endpoint the shop uses, one method each."""

from __future__ import annotations

import time
from collections.abc import Callable

from dashboard.portone.cancels import CancelCalls
from dashboard.portone.escrow import EscrowCalls
from dashboard.portone.limits import Limits
from dashboard.portone.payments import PaymentCalls
from dashboard.portone.receipts import ReceiptCalls
from dashboard.portone.tables import TableCalls
from dashboard.portone.vbanks import VbankCalls


class PortOne(PaymentCalls, CancelCalls, ReceiptCalls, VbankCalls, EscrowCalls, TableCalls):
    """PortOne's V1 REST API for one shop; may be shared by threads.

    Every method takes one call's time at most (:class:`Limits`) and raises
    :class:`~dashboard.portone.errors.PortOneError`: after a write, ``PortOneNotSent`` proves that
    nothing was asked; anything else is followed by a read-back.

    :param base_url: https; http on loopback only (SEC-46)
    :param clock: UNIX seconds, to measure this PC's clock against PortOne's
    :raise ValueError: a base URL or key that cannot be one
    """

    def __init__(
        self,
        base_url: str,
        imp_key: str,
        imp_secret: str,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        limits: Limits | None = None,
    ) -> None:
        super().__init__(
            base_url, imp_key, imp_secret, clock=clock, sleep=sleep, limits=limits or Limits()
        )
