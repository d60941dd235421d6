"""Reading payments, and setting an order's amount before it is paid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashboard.portone.answers import BrokenAnswer
from dashboard.portone.calls import Caller
from dashboard.portone.checks import check_won, one_of
from dashboard.portone.errors import PortOneNotFound, Why
from dashboard.portone.ids import check_imp_uid, check_merchant_uid, path
from dashboard.portone.models import Payment, PaymentBatch, PaymentPage, read_payments
from dashboard.portone.records import Balance, Prepared

STATUSES = ("all", "ready", "paid", "cancelled", "failed")
SORTINGS = ("-started", "started", "-paid", "paid", "-updated", "updated")
MAX_IDS = 100
MAX_PER_PAGE = 1000
MAX_WINDOW_S = 90 * 24 * 60 * 60


class PaymentCalls(Caller):
    """`/payments`, but for the cancels."""

    def get_payment(self, imp_uid: str, *, sandbox: bool) -> Payment:
        """The payment as PortOne has it now.

        :param sandbox: whether the stored payment came through a test channel; PortOne hides
            those unless asked for them (since 2026-01-26)
        :raise PortOneNotFound: unknown, or of the other kind than ``sandbox`` says
        Source: PortOne V1, GET /payments/{imp_uid}
        """
        return self.read(
            path("payments", check_imp_uid(imp_uid)),
            lambda response: this_payment(response, imp_uid),
            query=[("include_sandbox", "true")] if sandbox else [],
        )

    def get_payments(self, imp_uids: Sequence[str]) -> PaymentBatch:
        """Up to 100 payments by their ids, test-channel ones too; asks nothing for none.

        Matched by id, whatever order PortOne answers in. Source: PortOne V1, GET /payments
        """
        asked = list(dict.fromkeys(check_imp_uid(imp_uid) for imp_uid in imp_uids))
        if len(asked) > MAX_IDS:
            raise ValueError(f"at most {MAX_IDS} ids at once")
        if not asked:
            return PaymentBatch(payments=(), missing=())
        try:
            payments, unreadable = self.read(
                path("payments"),
                read_payments,
                query=[("imp_uid[]", imp_uid) for imp_uid in asked],
                list_of=len(asked),
                ok=frozenset({200, 207}),
            )
        except PortOneNotFound:  # 404: not one of them; 207: only some
            return PaymentBatch(payments=(), missing=tuple(asked))
        found = {payment.imp_uid: payment for payment in payments}
        broken = tuple(entry for entry in unreadable if entry.imp_uid in {"", *asked})
        there = {*found, *(entry.imp_uid for entry in broken)}
        return PaymentBatch(
            payments=tuple(found[imp_uid] for imp_uid in asked if imp_uid in found),
            missing=tuple(imp_uid for imp_uid in asked if imp_uid not in there),
            unreadable=broken,
        )

    def list_payments(
        self,
        status: str = "all",
        *,
        from_at: int,
        to_at: int,
        page: int = 1,
        limit: int = 100,
        sorting: str = "-started",
    ) -> PaymentPage:
        """One page of the payments whose final status falls into a window of at most 90 days.

        :param from_at: UNIX seconds, inclusive; compared with the time of the payment's *last*
            status: a sale of March cancelled in May is in May's list only
        :param to_at: UNIX seconds, inclusive
        :param limit: 1 to 1000; the body may take 8 KiB for each, at least 1 MiB
        :raise PortOneRejected: PortOne answers HTTP 400 for a page beyond the end; follow
            ``next`` until 0 instead. An empty window is an empty page only when PortOne says so:
            a 400 is never read as "no sales".
        Source: PortOne V1, GET /payments/status/{payment_status}
        """
        if not 0 <= to_at - from_at <= MAX_WINDOW_S:
            raise ValueError("a window has 0 to 90 days")
        return self.read(
            path("payments", "status", one_of(status, STATUSES, "status")),
            PaymentPage.from_json,
            query=[
                *_paging(page, limit, sorting),
                ("from", str(int(from_at))),
                ("to", str(int(to_at))),
            ],
            list_of=limit,
        )

    def find_payment(
        self, merchant_uid: str, status: str | None = None, *, sorting: str = "-started"
    ) -> Payment | None:
        """The first payment of an order number by ``sorting``, or None.

        With no status that may be a later failed attempt instead of the paid one.
        Source: PortOne V1, GET /payments/find/{merchant_uid}/{payment_status}
        """
        try:
            return self.read(
                _order_path("find", merchant_uid, status),
                lambda response: _this_order(response, merchant_uid),
                query=[("sorting", one_of(sorting, SORTINGS, "sorting"))],
            )
        except PortOneNotFound:
            return None

    def find_payments(
        self,
        merchant_uid: str,
        status: str | None = None,
        *,
        page: int = 1,
        limit: int = 20,
        sorting: str = "-started",
    ) -> PaymentPage:
        """One page of all payments of an order number; an empty one when there are none.

        Source: PortOne V1, GET /payments/findAll/{merchant_uid}/{payment_status}
        """
        try:
            return self.read(
                _order_path("findAll", merchant_uid, status),
                PaymentPage.from_json,
                query=_paging(page, limit, sorting),
                list_of=limit,
            )
        except PortOneNotFound:
            return PaymentPage(total=0, previous=0, next=0, payments=())

    def get_balance(self, imp_uid: str) -> Balance:
        """The breakdown of an amount: PAYCO direct contracts only, nothing for KSNET.

        Source: PortOne V1, GET /payments/{imp_uid}/balance
        """
        return self.read(path("payments", check_imp_uid(imp_uid), "balance"), Balance.from_json)

    # -- prepare ----------------------------------------------------------------------------

    def prepare(self, merchant_uid: str, amount: int, *, currency: str | None = "KRW") -> Prepared:
        """Register the amount of an order: a window opened with another one is blocked.

        :param amount: won, or cents where ``currency`` is USD; at least 1
        :param currency: None leaves the currency unchecked
        Source: PortOne V1, POST /payments/prepare
        """
        return self._prepare("POST", merchant_uid, amount, currency)

    def change_prepared(
        self, merchant_uid: str, amount: int, *, currency: str | None = "KRW"
    ) -> Prepared:
        """Change a registered amount, in won or cents as :meth:`prepare`.

        :raise PortOneNotFound: nothing is registered
        Source: PortOne V1, PUT /payments/prepare
        """
        return self._prepare("PUT", merchant_uid, amount, currency)

    def get_prepared(self, merchant_uid: str) -> Prepared:
        """The registered amount. Source: PortOne V1, GET /payments/prepare/{merchant_uid}"""
        return self.read(
            path("payments", "prepare", check_merchant_uid(merchant_uid)),
            lambda response: _this_prepared(response, merchant_uid),
        )

    def _prepare(
        self, method: str, merchant_uid: str, amount: int, currency: str | None
    ) -> Prepared:
        body: dict[str, Any] = {
            "merchant_uid": check_merchant_uid(merchant_uid),
            "amount": check_won(amount) if currency != "USD" else check_won(amount) / 100,
        }
        if currency is not None:
            body["currency"] = currency
        return self.write(
            method,
            path("payments", "prepare"),
            lambda response: _this_prepared(response, merchant_uid),
            body=body,
        )


def this_payment(response: Any, imp_uid: str) -> Payment:
    """:raise BrokenAnswer: no payment, or another one than was asked for"""
    payment = Payment.from_json(response)
    if payment.imp_uid != imp_uid:
        raise BrokenAnswer("imp_uid", Why.OTHER_PAYMENT)
    return payment


def _this_order(response: Any, merchant_uid: str) -> Payment:
    payment = Payment.from_json(response)
    if payment.merchant_uid != merchant_uid:
        raise BrokenAnswer("merchant_uid", Why.OTHER_PAYMENT)
    return payment


def _this_prepared(response: Any, merchant_uid: str) -> Prepared:
    prepared = Prepared.from_json(response)
    if prepared.merchant_uid != merchant_uid:
        raise BrokenAnswer("merchant_uid", Why.OTHER_PAYMENT)
    return prepared


def _order_path(what: str, merchant_uid: str, status: str | None) -> str:
    segments = ["payments", what, check_merchant_uid(merchant_uid)]
    if status is not None:
        segments.append(one_of(status, STATUSES[1:], "status"))
    return path(*segments)


def _paging(page: int, limit: int, sorting: str) -> list[tuple[str, str]]:
    if page < 1 or not 1 <= limit <= MAX_PER_PAGE:
        raise ValueError(f"page starts at 1, limit is 1 to {MAX_PER_PAGE}")
    return [
        ("page", str(page)),
        ("limit", str(limit)),
        ("sorting", one_of(sorting, SORTINGS, "sorting")),
    ]
