"""Cash receipts (현금영수증): of payments, and of cash taken elsewhere ("external").

A lost answer of any write here is settled by reading the receipt back. PortOne answers a
gateway's plain refusal with HTTP 500 too, so a 500 means "unknown" and only its read-back "no".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from dashboard.portone.answers import BrokenAnswer
from dashboard.portone.calls import Caller
from dashboard.portone.checks import check_tax_free, check_text, check_won, filled, one_of
from dashboard.portone.errors import Why
from dashboard.portone.ids import check_imp_uid, check_merchant_uid, path
from dashboard.portone.records import Receipt

# "person", the resident number, is left out on purpose (SEC-54).
IDENTIFIER_TYPES = ("phone", "business", "taxcard")
TYPES = ("person", "company")
PRODUCT_TYPES = ("real", "digital")

_NOT_OFFERED = frozenset({501})  # documented: the gateway has no such service


@dataclass(frozen=True, kw_only=True, repr=False)
class ReceiptFor:
    """Whom a receipt is for. In no ``repr``: identifiers stay out of logs (SEC-51)."""

    identifier: str  # digits only: with hyphens the receipt fails silently (K40)
    identifier_type: str  # phone, business or taxcard
    type: str  # person (소득공제) or company (지출증빙)
    product_type: str  # real or digital; KSNET wants it
    buyer_name: str  # KSNET wants it, though its own samples forget it
    buyer_email: str = ""
    buyer_tel: str = ""

    def __repr__(self) -> str:
        return f"<ReceiptFor {self.type} {self.identifier_type}>"

    def fields(self) -> dict[str, str]:
        """The request's fields.

        :raise ValueError: a word PortOne does not know, or an identifier with more than digits
        """
        if not re.fullmatch(r"[0-9]{8,20}", self.identifier):
            raise ValueError("identifier must be digits only")
        return {
            "identifier": self.identifier,
            "identifier_type": one_of(self.identifier_type, IDENTIFIER_TYPES, "identifier_type"),
            "type": one_of(self.type, TYPES, "type"),
            "product_type": one_of(self.product_type, PRODUCT_TYPES, "product_type"),
            "buyer_name": check_text(self.buyer_name, "buyer_name"),
            **filled(buyer_email=self.buyer_email, buyer_tel=self.buyer_tel),
        }

    @property
    def private(self) -> tuple[str, ...]:
        """What must not come back in a message."""
        return (self.identifier, self.buyer_name, self.buyer_email, self.buyer_tel)


class ReceiptCalls(Caller):
    """`/receipts` and `/receipts/external`."""

    def get_receipt(self, imp_uid: str) -> Receipt:
        """The receipt of a payment; ``cancelled_at`` filled means revoked.

        :raise PortOneNotFound: PortOne knows of none
        Source: PortOne V1, GET /receipts/{imp_uid}
        """
        return self.read(*_of_payment(imp_uid))

    def issue_receipt(self, imp_uid: str, receipt_for: ReceiptFor, *, tax_free: int) -> Receipt:
        """Issue the receipt of a paid transfer or virtual account.

        The amount is PortOne's to take: the payment's, or what partial cancels have left.

        :param tax_free: won of that amount that are tax-free; sent every time
        :raise PortOneRejected: a field missing, not paid, issued already, or not offered (501)
        :raise PortOneOutcomeUnknown: also a gateway's refusal; :meth:`get_receipt` decides
        Source: PortOne V1, POST /receipts/{imp_uid}
        """
        where, into = _of_payment(imp_uid)
        return self.write(
            "POST",
            where,
            into,
            body=receipt_for.fields() | {"tax_free": check_tax_free(tax_free)},
            private=receipt_for.private,
            refusals=_NOT_OFFERED,
        )

    def cancel_receipt(self, imp_uid: str) -> Receipt:
        """Revoke the receipt of a payment.

        :raise PortOneRejected: never issued through PortOne, or not offered (501)
        :raise PortOneOutcomeUnknown: ``cancelled_at`` of :meth:`get_receipt` decides
        Source: PortOne V1, DELETE /receipts/{imp_uid}
        """
        return self.write("DELETE", *_of_payment(imp_uid), refusals=_NOT_OFFERED)

    def get_external_receipt(self, merchant_uid: str) -> Receipt:
        """The receipt of an outside sale.

        :raise PortOneNotFound: there is none
        Source: PortOne V1, GET /receipts/external/{merchant_uid}
        """
        return self.read(*_of_sale(merchant_uid))

    def issue_external_receipt(
        self,
        merchant_uid: str,
        receipt_for: ReceiptFor,
        *,
        name: str,
        amount: int,
        tax_free: int,
        channel_key: str = "",
        pg: str = "",
    ) -> Receipt:
        """Issue a receipt for cash taken outside PortOne; for a PortOne payment the sale would be
        reported twice.

        :param amount: won, at least 1
        :param tax_free: won of ``amount`` that are tax-free
        :param channel_key: the gateway, as the API document wants it since 2026-02
        :param pg: the gateway, as KSNET's guide wants it ("ksnet"); at least one of the two
        :raise PortOneRejected: a field missing, or issued already for this ``merchant_uid``
        Source: PortOne V1, POST /receipts/external/{merchant_uid}
        """
        where, into = _of_sale(merchant_uid)
        gateway = filled(channel_key=channel_key, pg=pg)
        if not gateway:
            raise ValueError("channel_key or pg must say which gateway issues the receipt")
        return self.write(
            "POST",
            where,
            into,
            body={
                **receipt_for.fields(),
                **gateway,
                "name": check_text(name, "name"),
                "amount": check_won(amount),
                "tax_free": check_tax_free(tax_free, amount),
            },
            private=receipt_for.private,
            refusals=_NOT_OFFERED,
        )

    def cancel_external_receipt(self, merchant_uid: str) -> Receipt:
        """Revoke the receipt of an outside sale. Raises as :meth:`cancel_receipt`.

        :raise PortOneNotFound: there is none
        Source: PortOne V1, DELETE /receipts/external/{merchant_uid}
        """
        return self.write("DELETE", *_of_sale(merchant_uid), refusals=_NOT_OFFERED)


def _of_payment(imp_uid: str) -> tuple[str, Callable[[Any], Receipt]]:
    """Path of a payment's receipt, and how to read the answer."""

    def into(response: Any) -> Receipt:
        receipt = Receipt.from_json(response)
        if receipt.imp_uid not in ("", imp_uid):
            raise BrokenAnswer("imp_uid", Why.OTHER_PAYMENT)
        return replace(receipt, imp_uid=imp_uid, merchant_uid="")

    return path("receipts", check_imp_uid(imp_uid)), into


def _of_sale(merchant_uid: str) -> tuple[str, Callable[[Any], Receipt]]:
    """Path of an outside sale's receipt, and how to read the answer."""

    def into(response: Any) -> Receipt:
        receipt = Receipt.from_json(response)
        if receipt.merchant_uid not in ("", merchant_uid):
            raise BrokenAnswer("merchant_uid", Why.OTHER_PAYMENT)
        return replace(receipt, imp_uid="", merchant_uid=merchant_uid)

    return path("receipts", "external", check_merchant_uid(merchant_uid)), into
