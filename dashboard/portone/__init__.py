"""Edge 2: PortOne's V1 REST API. No Flask, no SQL, nothing of the shop."""

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
from dashboard.portone.limits import Limits
from dashboard.portone.models import Cancellation, Payment, PaymentBatch, PaymentPage, Unreadable
from dashboard.portone.records import Balance, Channel, Code, Delivery, Prepared, Receipt

__all__ = [
    "Balance",
    "Cancellation",
    "Channel",
    "Code",
    "Delivery",
    "Limits",
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
    "Unreadable",
    "Why",
]
