"""Routes of one refund: where it stands, "지금 확인", the owner's written word."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from dashboard.accounts.permissions import needs
from dashboard.database import get_db
from dashboard.orders.page import Attempt, Cancel, OrderPage, gather
from dashboard.refunds import service, store, tasks
from dashboard.refunds.advice import Advice, advice
from dashboard.refunds.blueprint import blueprint
from dashboard.refunds.forms import SettleForm
from dashboard.refunds.progress import Row, tell
from dashboard.runtime import runtime


@blueprint.get("/refunds/<refund_id>")
@needs("see_orders")
def show(refund_id: str) -> ResponseReturnValue:
    """Where a refund stands; as a fragment for the page that shows it already."""
    return _page(_row_or_404(refund_id))


@blueprint.get("/refunds/<refund_id>/<any(check, settle):refund_step>")
@needs("see_orders")
def back_to_refund(refund_id: str, refund_step: str) -> ResponseReturnValue:
    """The address bar of a form that came back, loaded again."""
    _row_or_404(refund_id)
    return redirect(url_for(".show", refund_id=refund_id))


@blueprint.post("/refunds/<refund_id>/check")
@needs("ask_portone")
def check_now(refund_id: str) -> ResponseReturnValue:
    """Have PortOne asked now instead of at the next turn."""
    row = _row_or_404(refund_id)
    service.check_now(runtime(), get_db(), refund_id, runtime().now())
    if "X-Fragment" in request.headers:
        return _page(_row_or_404(refund_id))
    return redirect(url_for(".show", refund_id=row["id"]), code=303)


@blueprint.post("/refunds/<refund_id>/settle")
@needs("settle_refund")
def settle(refund_id: str) -> ResponseReturnValue:
    """Close a refund whose result nobody can read any more (refund-safety, 1.4)."""
    row = _row_or_404(refund_id)
    form = SettleForm()
    if not form.validate():
        return _page(row, form), form.status, form.headers
    now, words = runtime().now(), form.evidence.data or ""
    try:
        service.settle_by_owner(get_db(), refund_id, current_user.id, words, now)
    except service.CannotSettle:
        flash(
            _("이 환불은 지금 직접 확인 처리할 수 없습니다. 아래 상태를 확인해 주세요."), "warning"
        )
    else:
        flash(_("직접 확인한 결과를 기록했습니다."), "success")
    return redirect(url_for(".show", refund_id=refund_id), code=303)


def _row_or_404(refund_id: str) -> Row:
    row = store.find(get_db(), refund_id)
    if row is None:
        abort(404)
    return row


def _page(row: Row, form: SettleForm | None = None) -> str:
    db, now = get_db(), runtime().now()
    order = gather(db, row["order_id"], now=now)
    paid = _payment(order, row["imp_uid"])
    piece = "X-Fragment" in request.headers and form is None
    return render_template(
        "refunds/_told.html" if piece else "refunds/show.html",
        told=tell(row, now=now, advice=_advice(row, paid)),
        order=order,
        slip=_slip(paid, row),
        owed=[one for one in tasks.tasks_of(db, row["order_id"]) if one["refund_id"] == row["id"]],
        form=form or SettleForm(formdata=None),
        now=now,
    )


def _payment(order: OrderPage | None, imp_uid: str) -> Attempt | None:
    found = order.attempts if order else ()
    return next((one for one in found if one.payment.imp_uid == imp_uid), None)


def _advice(row: Row, attempt: Attempt | None) -> Advice | None:
    """What to tell the customer, by the day the money was sent."""
    if attempt is None or row["state"] != "succeeded":
        return None
    payment = attempt.payment
    return advice(
        pay_method=payment.pay_method,
        amount=row["amount"],
        whole=row["amount"] == payment.amount,
        paid_at=payment.paid_at or row["created_at"],
        refunded_at=row["cancelled_at"] or row["ended_at"] or row["created_at"],
    )


def _slip(attempt: Attempt | None, row: Row) -> Cancel | None:
    """The cancel in PortOne's history that this refund has become."""
    cancels = attempt.cancels if attempt else ()
    wanted = row["cancellation_id"]
    return next((one for one in cancels if wanted and one.cancellation_id == wanted), None)
