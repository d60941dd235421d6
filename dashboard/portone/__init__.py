"""Edge 2: PortOne's V1 REST API. No Flask, no SQL, nothing of the shop."""

from dashboard.portone.cancels import RefundAccount
from dashboard.portone.client import PortOne
from dashboard.portone.errors import (
    PortOneError,
    PortOneNotAuthorised,
    PortOneNotFound,
    PortOneNotSent,
    PortOneOutcomeUnknown,
    PortOneRateLimited,
    PortOneRejected,
    Why,
)
from dashboard.portone.escrow import Parcel, Party
from dashboard.portone.limits import Limits
from dashboard.portone.models import Cancellation, Payment, PaymentBatch, PaymentPage, Unreadable
from dashboard.portone.receipts import ReceiptFor
from dashboard.portone.records import Balance, Channel, Code, Delivery, Prepared, Receipt
from dashboard.portone.vbanks import Buyer

__all__ = [
    "Balance",
    "Buyer",
    "Cancellation",
    "Channel",
    "Code",
    "Delivery",
    "Limits",
    "Parcel",
    "Party",
    "Payment",
    "PaymentBatch",
    "PaymentPage",
    "PortOne",
    "PortOneError",
    "PortOneNotAuthorised",
    "PortOneNotFound",
    "PortOneNotSent",
    "PortOneOutcomeUnknown",
    "PortOneRateLimited",
    "PortOneRejected",
    "Prepared",
    "Receipt",
    "ReceiptFor",
    "RefundAccount",
    "Unreadable",
    "Why",
]
