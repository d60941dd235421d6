"""Routes of one request: where it stands, approving, declining, taking it back."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from dashboard.accounts.permissions import needs
from dashboard.database import get_db
from dashboard.ksnet import CancelWish, Objection
from dashboard.orders.page import gather
from dashboard.refunds import approvals, judging, problems, service
from dashboard.refunds.blueprint import blueprint
from dashboard.refunds.desk import Desk, read_desk
from dashboard.refunds.objecting import earlier
from dashboard.refunds.request_forms import ApproveForm, DeclineForm
from dashboard.refunds.request_words import cannot_words, may_decide, tell_request
from dashboard.refunds.signing import BadForm, read_balance, sign_again
from dashboard.runtime import NoKeys, runtime

_OF = "/refunds/requests/<request_id>"


@blueprint.get(_OF)
@needs("see_orders")
def show_request(request_id: str) -> ResponseReturnValue:
    """Where a request stands, and for whoever may decide: what speaks for and against it."""
    return _page(_row_or_404(request_id))


@blueprint.get(f"{_OF}/<any(approve, decline, withdraw):request_step>")
@needs("see_orders")
def back_to_request(request_id: str, request_step: str) -> ResponseReturnValue:
    """The address bar of a form that came back, loaded again."""
    _row_or_404(request_id)
    return redirect(url_for(".show_request", request_id=request_id))


@blueprint.post(f"{_OF}/approve")
@needs("approve_refund")
def approve(request_id: str) -> ResponseReturnValue:
    """Say yes. PortOne is asked afresh, and what is sent is exactly what was asked for."""
    row = _row_or_404(request_id)
    form = ApproveForm(last4=row["account_last4"])
    if not judging.asks_password(get_db(), row):
        del form.password_again
    if not form.validate():
        return _page(row, approving=form), form.status, form.headers
    desk = _desk(row)
    schedule = form.schedule.data == "1" and desk.needs_account
    try:
        seen = read_balance(
            form.balance.data or "", current_user.id, row["imp_uid"], runtime().now()
        )
        refund_id = approvals.approve(
            runtime(),
            get_db(),
            request_id,
            seen=seen,
            person_id=current_user.id,
            overrule=form.overrule.data or None,
            send_at=desk.reminder_at if schedule else None,
        )
    except BadForm:
        return _page(row, approving=form, problem=problems.old()), 400
    except approvals.CannotDecide as error:
        return _cannot(row, error)
    except service.AlreadyAsked as asked:
        return redirect(url_for(".show", refund_id=asked.refund_id), code=303)
    except (service.CannotRequest, NoKeys) as error:
        problem, status = problems.of(error, balance=_desk(row).balance)
        return _page(_row_or_404(request_id), approving=form, problem=problem), status
    if refund_id is None:
        flash(_("승인했습니다. 정한 때에 보냅니다."), "success")
        return redirect(url_for(".show_request", request_id=request_id), code=303)
    return redirect(url_for(".show", refund_id=refund_id), code=303)


@blueprint.post(f"{_OF}/decline")
@needs("approve_refund")
def decline(request_id: str) -> ResponseReturnValue:
    """Say no, with words for whoever asked."""
    row = _row_or_404(request_id)
    form = DeclineForm(last4=row["account_last4"])
    if not form.validate():
        return _page(row, declining=form), 422
    try:
        approvals.decline(
            get_db(),
            request_id,
            person_id=current_user.id,
            words=form.words.data or "",
            now=runtime().now(),
        )
    except approvals.CannotDecide as error:
        return _cannot(row, error)
    flash(_("승인하지 않았습니다. 요청한 사람이 이유를 볼 수 있습니다."), "success")
    return redirect(url_for(".show_request", request_id=request_id), code=303)


@blueprint.post(f"{_OF}/withdraw")
@needs("refund")
def withdraw(request_id: str) -> ResponseReturnValue:
    """Take it back before anything is sent."""
    row = _row_or_404(request_id)
    try:
        approvals.withdraw(get_db(), request_id, person_id=current_user.id, now=runtime().now())
    except approvals.CannotDecide as error:
        return _cannot(row, error)
    flash(_("철회했습니다. 아무것도 보내지 않았습니다."), "success")
    return redirect(url_for(".show_request", request_id=request_id), code=303)


def _row_or_404(request_id: str) -> Any:
    row = approvals.find(get_db(), request_id)
    if row is None:
        abort(404)
    return row


def _desk(row: Any) -> Desk:
    desk = read_desk(
        get_db(), row["imp_uid"], now=runtime().now(), practice=runtime().mode == "practice"
    )
    assert desk is not None  # noqa: S101 - a request's payment is never deleted
    return desk


def _cannot(row: Any, error: approvals.CannotDecide) -> ResponseReturnValue:
    """Say in words why nothing was changed."""
    flash(cannot_words(error), "warning")
    if isinstance(error, approvals.Ended):
        return redirect(url_for(".show_request", request_id=row["id"]), code=303)
    return _page(_row_or_404(row["id"])), 422


def _page(
    row: Any,
    *,
    approving: ApproveForm | None = None,
    declining: DeclineForm | None = None,
    problem: problems.Problem | None = None,
) -> str:
    db, desk = get_db(), _desk(row)
    order = gather(db, row["order_id"], now=desk.now)
    attempt = (
        next((one for one in order.attempts if one.payment.imp_uid == row["imp_uid"]), None)
        if order
        else None
    )
    may, why_not = may_decide(db, row, current_user.id)
    form = approving or ApproveForm(formdata=None)
    if not judging.asks_password(get_db(), row) and "password_again" in form:
        del form.password_again
    return render_template(
        "refunds/request.html",
        told=tell_request(row),
        desk=desk,
        cancels=attempt.cancels if attempt else (),
        objections=_objections(row, desk) if row["state"] == "requested" else (),
        may_decide=may,
        why_not=why_not,
        may_withdraw=approvals.may_withdraw(row, current_user.id, current_user.role),
        approving=form,
        declining=declining or DeclineForm(formdata=None),
        balance=sign_again(approvals.frozen(row), current_user.id, desk.now),
        problem=problem,
        night_at=desk.reminder_at,
        now=desk.now,
    )


def _objections(row: Any, desk: Desk) -> tuple[Objection, ...]:
    """What speaks against it now, as far as that does not depend on the sealed account."""
    known = CancelWish(
        amount=row["amount"],
        tax_free=row["tax_free"],
        kind=row["kind"],
        holder="-",
        bank=row["bank"] or "",
        account="0" * 6,  # the real one stays sealed; that there is one is what the rule asks
    )
    return (*desk.objections_to(known, at=row["send_at"]), *earlier(get_db(), desk.payment, 0.0))
