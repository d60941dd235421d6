"""Escrow deliveries (에스크로 배송정보): register, change, read."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.portone.calls import Caller
from dashboard.portone.checks import check_moment, check_text, filled
from dashboard.portone.ids import check_imp_uid, path
from dashboard.portone.records import Delivery


@dataclass(frozen=True, kw_only=True, repr=False)
class Party:
    """Sender or receiver. Which fields KSNET needs is not documented: fill all. In no ``repr``."""

    name: str
    tel: str
    addr: str
    postcode: str
    relationship: str = ""  # of a sender: "본인"

    def __repr__(self) -> str:
        return "<Party>"

    def fields(self) -> dict[str, str]:
        """The request's fields, empty ones left out."""
        return filled(
            name=self.name,
            tel=self.tel,
            addr=self.addr,
            postcode=self.postcode,
            relationship=self.relationship,
        )


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """What was handed to which courier."""

    company: str  # courier code; PortOne keeps an unknown one as ETC
    invoice: str
    sent_at: int  # UNIX seconds


class EscrowCalls(Caller):
    """`/escrows/logis`."""

    def get_delivery(self, imp_uid: str) -> Delivery:
        """The registered delivery.

        :raise PortOneRejected: nothing registered (409), or no escrow payment
        :raise PortOneNotFound: PortOne does not know the payment
        Source: PortOne V1, GET /escrows/logis/{imp_uid}
        """
        return self.read(path("escrows", "logis", check_imp_uid(imp_uid)), Delivery.from_json)

    def register_delivery(
        self, imp_uid: str, *, sender: Party, receiver: Party, parcel: Parcel
    ) -> Delivery:
        """Register the delivery of an escrow payment.

        :raise PortOneRejected: registered already (409), no escrow payment (405)
        :raise PortOneOutcomeUnknown: :meth:`get_delivery` decides
        Source: PortOne V1, POST /escrows/logis/{imp_uid}
        """
        return self._deliver("POST", imp_uid, sender, receiver, parcel)

    def change_delivery(
        self, imp_uid: str, *, sender: Party, receiver: Party, parcel: Parcel
    ) -> Delivery:
        """Change a registered delivery. Raises as :meth:`register_delivery`.

        Source: PortOne V1, PUT /escrows/logis/{imp_uid}
        """
        return self._deliver("PUT", imp_uid, sender, receiver, parcel)

    def _deliver(
        self, method: str, imp_uid: str, sender: Party, receiver: Party, parcel: Parcel
    ) -> Delivery:
        return self.write(
            method,
            path("escrows", "logis", check_imp_uid(imp_uid)),
            Delivery.from_json,
            body={
                "sender": sender.fields(),
                "receiver": receiver.fields(),
                "logis": {
                    "company": check_text(parcel.company, "company"),
                    "invoice": check_text(parcel.invoice, "invoice"),
                    "sent_at": check_moment(parcel.sent_at, "sent_at"),
                },
            },
            private=(*sender.fields().values(), *receiver.fields().values()),
        )
