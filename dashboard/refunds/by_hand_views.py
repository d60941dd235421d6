"""Routes of one refund by hand: where it stands, deciding, its account, the transfer."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from dashboard import files
from dashboard.accounts.permissions import allowed, needs
from dashboard.clock import kst
from dashboard.database import get_db
from dashboard.formatting import mask_name
from dashboard.orders.service import log_look
from dashboard.portone import RefundAccount
from dashboard.refunds import approvals, by_hand, by_hand_steps, judging, tasks
from dashboard.refunds.blueprint import blueprint
from dashboard.refunds.by_hand_forms import TransferredForm
from dashboard.refunds.by_hand_words import tell_by_hand
from dashboard.refunds.form_parts import ACCOUNT_IN_WORDS
from dashboard.refunds.forms import PasswordForm
from dashboard.refunds.request_forms import DeclineForm
from dashboard.refunds.request_words import cannot_words, may_decide
from dashboard.runtime import runtime
from dashboard.sealed import CannotOpen

_OF = "/refunds/by-hand/<by_hand_id>"


@blueprint.get(_OF)
@needs("see_orders")
def show_by_hand(by_hand_id: str) -> ResponseReturnValue:
    """Where it stands, and what whoever looks may do about it."""
    return _page(_row_or_404(by_hand_id))


@blueprint.get(f"{_OF}/<any(approve, decline, withdraw, reveal, transferred):by_hand_step>")
@needs("see_orders")
def back_to_by_hand(by_hand_id: str, by_hand_step: str) -> ResponseReturnValue:
    """The address bar of a form that came back, loaded again."""
    _row_or_404(by_hand_id)
    return _to(by_hand_id)


@blueprint.post(f"{_OF}/approve")
@needs("approve_refund")
def approve_by_hand(by_hand_id: str) -> ResponseReturnValue:
    """Say yes: it may be transferred now."""
    row = _row_or_404(by_hand_id)
    form = _approving(row)
    if not form.validate():
        return _page(row, approving=form), form.status, form.headers
    try:
        by_hand_steps.approve(get_db(), by_hand_id, person_id=current_user.id, now=runtime().now())
    except approvals.CannotDecide as error:
        return _cannot(row, error)
    flash(_("승인했습니다. 이제 은행에서 이체하면 됩니다."), "success")
    return _to(by_hand_id)


@blueprint.post(f"{_OF}/decline")
@needs("approve_refund")
def decline_by_hand(by_hand_id: str) -> ResponseReturnValue:
    """Say no, with words for whoever asked."""
    row = _row_or_404(by_hand_id)
    form = DeclineForm(last4=row["account_last4"])
    if not form.validate():
        return _page(row, declining=form), 422
    try:
        by_hand_steps.decline(
            get_db(),
            by_hand_id,
            person_id=current_user.id,
            words=form.words.data or "",
            now=runtime().now(),
        )
    except approvals.CannotDecide as error:
        return _cannot(row, error)
    flash(_("승인하지 않았습니다. 요청한 사람이 이유를 볼 수 있습니다."), "success")
    return _to(by_hand_id)


@blueprint.post(f"{_OF}/withdraw")
@needs("refund")
def withdraw_by_hand(by_hand_id: str) -> ResponseReturnValue:
    """Take it back before it is transferred."""
    row = _row_or_404(by_hand_id)
    try:
        by_hand_steps.withdraw(get_db(), by_hand_id, person_id=current_user.id, now=runtime().now())
    except approvals.CannotDecide as error:
        return _cannot(row, error)
    flash(_("철회했습니다. 계좌번호는 지웠습니다."), "success")
    return _to(by_hand_id)


@blueprint.post(f"{_OF}/reveal")
@needs("transfer")
def reveal_by_hand(by_hand_id: str) -> ResponseReturnValue:
    """Show the receiving account in full, once, and log who looked (SEC-57)."""
    row = _row_or_404(by_hand_id)
    account = read_account(row)
    if account is None:
        return _to(by_hand_id)
    log_account_look(row)
    return _page(_row_or_404(by_hand_id), account=account)


@blueprint.post(f"{_OF}/transferred")
@needs("transfer")
def transferred(by_hand_id: str) -> ResponseReturnValue:
    """이체 완료: write down what the bank did."""
    row, form = _row_or_404(by_hand_id), TransferredForm()
    if not form.validate() or form.day.day is None:
        return _page(row, transferring=form), 422
    try:
        by_hand_steps.transferred(
            runtime(),
            get_db(),
            by_hand_id,
            day=form.day.day,
            reference=form.reference.data or "",
            evidence=form.evidence.upload,
            person_id=current_user.id,
        )
    except by_hand_steps.BadDay:
        form.day.errors = [_("결제한 날부터 오늘까지의 날짜를 입력해 주세요.")]
        return _page(row, transferring=form), 422
    except by_hand_steps.AccountInWords:
        form.reference.errors = [ACCOUNT_IN_WORDS]
        return _page(row, transferring=form), 422
    except approvals.CannotDecide as error:
        return _cannot(row, error)
    flash(_("이체 완료를 기록했습니다. 계좌번호는 지웠습니다."), "success")
    return _to(by_hand_id)


def log_account_look(row: by_hand.Row) -> None:
    """Leave in the log that a receiving account was seen in full."""
    log_look(
        get_db(),
        row["order_id"],
        person_id=current_user.id,
        remote_addr=request.remote_addr or "",
        whose=mask_name(row["buyer_name"]),
        what=["refund_holder", "refund_account"],
        now=runtime().now(),
    )


# -- pages --------------------------------------------------------------------------------------


def _row_or_404(by_hand_id: str) -> Any:
    row = by_hand.find(get_db(), by_hand_id)
    if row is None:
        abort(404)
    return row


def _to(by_hand_id: str) -> ResponseReturnValue:
    return redirect(url_for(".show_by_hand", by_hand_id=by_hand_id), code=303)


def _cannot(row: Any, error: approvals.CannotDecide) -> ResponseReturnValue:
    """Say in words why nothing was changed."""
    if isinstance(error, by_hand_steps.Overdrawn):
        words = _("그사이 다른 곳에서 취소되어 남은 금액보다 많습니다. 승인하지 않았습니다.")
    elif isinstance(error, by_hand_steps.Locked):
        words = _("환불이 잠겨 있어 승인하지 않았습니다. 풀린 뒤에 다시 눌러 주세요.")
    else:
        words = cannot_words(error)
    flash(words, "warning")
    if isinstance(error, approvals.Ended):
        return _to(row["id"])
    return _page(_row_or_404(row["id"])), 422


def _approving(row: Any, **given: Any) -> PasswordForm:
    form = PasswordForm(**given)
    if "password_again" in form and not judging.asks_password(get_db(), row):
        del form.password_again
    return form


def read_account(row: Any) -> RefundAccount | None:
    """The account of one that is not over, or None where it can no longer be read."""
    try:
        return by_hand.account_of(runtime(), row)
    except CannotOpen:
        return None


def _page(
    row: Any,
    *,
    account: RefundAccount | None = None,
    approving: PasswordForm | None = None,
    declining: DeclineForm | None = None,
    transferring: TransferredForm | None = None,
) -> str:
    db, now = get_db(), runtime().now()
    told = tell_by_hand(row)
    may, why_not = may_decide(db, row, current_user.id)
    return render_template(
        "refunds/by_hand/show.html",
        told=told,
        account=account,
        readable=not told.open or read_account(row) is not None,
        overdrawn=told.open and by_hand.is_overdrawn(db, row["imp_uid"]),
        may_decide=may,
        why_not=why_not,
        may_withdraw=allowed(current_user.role, "refund")
        and by_hand_steps.may_withdraw(row, current_user.id, current_user.role),
        approving=approving or _approving(row, formdata=None),
        declining=declining or DeclineForm(formdata=None),
        transferring=transferring
        or TransferredForm(formdata=None, data={"day": kst(now).date().isoformat()}),
        today=kst(now).date().isoformat(),
        evidence=files.find(db, row["file_id"]),
        confirmation=files.find(db, row["done_file_id"]),
        owed=[
            one
            for one in tasks.tasks_of(db, row["order_id"])
            if one["manual_refund_id"] == row["id"] and one["state"] == "open"
        ],
        now=now,
    )
