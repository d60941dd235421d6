"""Virtual accounts (가상계좌) by API: issue one, revoke one before the deposit.

PUT, to change one, is not for KSNET: revoke it and issue another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.portone.answers import BrokenAnswer
from dashboard.portone.calls import Caller
from dashboard.portone.checks import check_moment, check_text, check_won, filled, one_of
from dashboard.portone.errors import Why
from dashboard.portone.ids import check_code, check_imp_uid, check_merchant_uid, path
from dashboard.portone.models import Payment
from dashboard.portone.payments import this_payment
from dashboard.portone.receipts import PRODUCT_TYPES


@dataclass(frozen=True, kw_only=True, repr=False)
class Buyer:
    """Who pays; only the name is needed. In no ``repr``."""

    buyer_name: str  # at most 16 characters
    buyer_email: str = ""
    buyer_tel: str = ""
    buyer_addr: str = ""
    buyer_postcode: str = ""

    def __repr__(self) -> str:
        return "<Buyer>"

    def fields(self) -> dict[str, str]:
        """The request's fields. :raise ValueError: no name, or one that is too long"""
        return {
            "buyer_name": check_text(self.buyer_name, "buyer_name", 16),
            **filled(
                buyer_email=self.buyer_email,
                buyer_tel=self.buyer_tel,
                buyer_addr=self.buyer_addr,
                buyer_postcode=self.buyer_postcode,
            ),
        }


class VbankCalls(Caller):
    """`/vbanks`."""

    def issue_vbank(
        self,
        merchant_uid: str,
        *,
        channel_key: str,
        amount: int,
        vbank_code: str,
        vbank_due: int,
        product_type: str,
        buyer: Buyer,
        name: str = "",
        custom_data: str = "",
        notice_url: Sequence[str] = (),
    ) -> Payment:
        """Issue an account to pay into; the payment it answers is ``ready``.

        :param amount: won, at least 1; KSNET takes no tax-free part here
        :param vbank_due: UNIX seconds, the last moment for the deposit
        :param product_type: real or digital; KSNET wants it
        :raise PortOneOutcomeUnknown: :meth:`~PortOne.find_payments` of ``merchant_uid`` decides;
            one order number can own several open accounts
        Source: PortOne V1, POST /vbanks
        """
        body: dict[str, Any] = {
            "merchant_uid": check_merchant_uid(merchant_uid),
            "channel_key": check_text(channel_key, "channel_key"),
            "amount": check_won(amount),
            "vbank_code": check_code(vbank_code),
            "vbank_due": check_moment(vbank_due, "vbank_due"),
            "product_type": one_of(product_type, PRODUCT_TYPES, "product_type"),
            **buyer.fields(),
            **filled(name=name, custom_data=custom_data),
        }
        if notice_url:
            body["notice_url"] = list(notice_url)
        return self.write(
            "POST",
            path("vbanks"),
            lambda response: _issued(response, merchant_uid, amount),
            body=body,
            private=tuple(buyer.fields().values()),
        )

    def revoke_vbank(self, imp_uid: str) -> Payment:
        """Revoke an account before its deposit.

        :raise PortOneRejected: no virtual account, or not ``ready`` any more
        :raise PortOneNotFound: PortOne does not know it
        Source: PortOne V1, DELETE /vbanks/{imp_uid}
        """
        return self.write(
            "DELETE",
            path("vbanks", check_imp_uid(imp_uid)),
            lambda response: this_payment(response, imp_uid),
        )


def _issued(response: Any, merchant_uid: str, amount: int) -> Payment:
    payment = Payment.from_json(response)
    if payment.merchant_uid != merchant_uid or payment.amount != amount:
        raise BrokenAnswer("another order", Why.OTHER_PAYMENT)
    return payment
