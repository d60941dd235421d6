"""Cancels: the calls that move money. Two functions, and neither can leave the amount out.

PortOne reads a missing or zero ``amount`` as "everything that is left", and has no idempotency
key: ``checksum``, the balance the caller believes in, is the only guard on its side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dashboard.portone.answers import BrokenAnswer
from dashboard.portone.calls import Caller
from dashboard.portone.checks import check_tax_free, check_text, check_won
from dashboard.portone.ids import check_imp_uid, path
from dashboard.portone.models import Payment
from dashboard.portone.payments import this_payment

_REASON_LENGTH = 256  # an older API guide's limit; newer ones name none


@dataclass(frozen=True, kw_only=True, repr=False)
class RefundAccount:
    """Where a virtual account's refund goes. In no ``repr``: bank details stay out of logs."""

    holder: str
    bank: str  # code of two or three digits (K8)
    account: str
    tel: str = ""

    def __repr__(self) -> str:
        return "<RefundAccount>"

    def fields(self) -> dict[str, str]:
        """The request's fields; ``refund_tel`` only when there is one.

        :raise ValueError: holder, bank or account is empty
        """
        found = {
            "refund_holder": check_text(self.holder, "refund_holder"),
            "refund_bank": check_text(self.bank, "refund_bank"),
            "refund_account": check_text(self.account, "refund_account"),
        }
        return found | ({"refund_tel": self.tel} if self.tel else {})


class CancelCalls(Caller):
    """`/payments/cancel`."""

    def cancel_all(
        self,
        imp_uid: str,
        *,
        balance: int,
        tax_free: int,
        reason: str,
        refund: RefundAccount | None = None,
        enable_webhook: bool = False,
    ) -> Payment:
        """Cancel all that is left of a payment.

        :param balance: won still cancellable before this call; sent as ``amount`` and as
            ``checksum``, so a balance that has moved meanwhile is refused
        :param tax_free: won of ``balance`` that are tax-free, all that is left of them
        :param reason: shown in PortOne's console and in ``cancel_history``
        :param refund: for virtual accounts
        :return: the payment after the cancel
        :raise PortOneRejected: PortOne refused; ``user_message`` says why, a read-back decides
        :raise PortOneNotAuthorised: no token (nothing was asked), or HTTP 403; a read-back decides
        :raise PortOneOutcomeUnknown: read the payment back; never call again before
        :raise PortOneNotSent: PortOne was asked nothing
        :raise ValueError: an amount that cannot be meant; nothing was sent
        Source: PortOne V1, POST /payments/cancel
        """
        return self._cancel(imp_uid, balance, tax_free, balance, reason, refund, enable_webhook)

    def cancel_part(
        self,
        imp_uid: str,
        *,
        amount: int,
        tax_free: int,
        checksum: int,
        reason: str,
        refund: RefundAccount | None = None,
        enable_webhook: bool = False,
    ) -> Payment:
        """Cancel part of a payment. Returns and raises as :meth:`cancel_all`.

        :param amount: won to cancel, at least 1 (the API reads 0 as "everything")
        :param tax_free: won of ``amount`` that are tax-free
        :param checksum: won still cancellable before this call
        Source: PortOne V1, POST /payments/cancel
        """
        return self._cancel(imp_uid, amount, tax_free, checksum, reason, refund, enable_webhook)

    def _cancel(
        self,
        imp_uid: str,
        amount: int,
        tax_free: int,
        checksum: int,
        reason: str,
        refund: RefundAccount | None,
        enable_webhook: bool,
    ) -> Payment:
        if check_won(amount) > check_won(checksum, "checksum"):
            raise ValueError("amount must not be more than checksum, the balance")
        body: dict[str, Any] = {
            "imp_uid": check_imp_uid(imp_uid),  # never merchant_uid: it may name several payments
            "amount": amount,
            "tax_free": check_tax_free(tax_free, amount),
            "checksum": checksum,
            "reason": check_text(reason, "reason", _REASON_LENGTH),
        }
        account = refund.fields() if refund else {}
        if enable_webhook:
            body["enable_webhook"] = True
        return self.write(
            "POST",
            path("payments", "cancel"),
            lambda response: _cancelled(response, imp_uid, amount),
            body=body | account,
            private=(refund.holder, refund.account, refund.tel) if refund else (),
        )


def _cancelled(response: Any, imp_uid: str, amount: int) -> Payment:
    """:raise BrokenAnswer: an answer that does not show this cancel (refund-safety F22-F24)"""
    payment = this_payment(response, imp_uid)
    if all(entry.amount != amount for entry in payment.cancel_history):
        raise BrokenAnswer("cancel_history")
    return payment
