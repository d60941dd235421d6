"""Routes of "KSNET에서 직접 취소됨": marking a payment, what to do then, clearing it (K9)."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from dashboard import files
from dashboard.accounts.permissions import needs
from dashboard.clock import kst
from dashboard.database import get_db
from dashboard.formatting import won
from dashboard.refunds import outside
from dashboard.refunds.asking import desk_or_404
from dashboard.refunds.blueprint import blueprint
from dashboard.refunds.desk import Desk
from dashboard.refunds.outside_forms import ClearForm, MarkForm
from dashboard.runtime import runtime

_OF = "/payments/<imp_uid>/outside-cancels"
_ONE = f"/outside-cancels/<int(max={2**63 - 1}):mark_id>"  # what SQLite can count to


@blueprint.get(f"{_OF}/new")
@needs("mark_outside_cancel")
def new_mark(imp_uid: str) -> ResponseReturnValue:
    """The form; when the cancel was made is the shop's to say."""
    return _form_page(desk_or_404(imp_uid), MarkForm(formdata=None))


@blueprint.get(_OF)
@needs("mark_outside_cancel")
def back_to_mark_form(imp_uid: str) -> ResponseReturnValue:
    """The address bar of a form that came back, loaded again."""
    desk_or_404(imp_uid)
    return redirect(url_for(".new_mark", imp_uid=imp_uid))


@blueprint.post(_OF)
@needs("mark_outside_cancel")
def mark_outside(imp_uid: str) -> ResponseReturnValue:
    """Mark that money went back at KSNET itself."""
    desk, form = desk_or_404(imp_uid), MarkForm()
    if not form.validate() or form.day.day is None:
        return _form_page(desk, form), 422
    try:
        mark_id = outside.mark(
            runtime(),
            get_db(),
            imp_uid,
            amount=form.amount_won,
            day=form.day.day,
            evidence=form.seen.data or "",
            upload=form.evidence.upload,
            person_id=current_user.id,
        )
    except outside.CannotMark as error:
        return _refused(desk, form, error), 422
    flash(_("KSNET에서 직접 취소된 결제로 표시했습니다."), "success")
    return redirect(url_for(".show_mark", mark_id=mark_id), code=303)


@blueprint.get(_ONE)
@needs("see_orders")
def show_mark(mark_id: int) -> ResponseReturnValue:
    """One mark, and what to ask of PortOne's support."""
    return _mark_page(_mark_or_404(mark_id))


@blueprint.get(f"{_ONE}/clear")
@needs("see_orders")
def back_to_mark(mark_id: int) -> ResponseReturnValue:
    """The address bar of a form that came back, loaded again."""
    _mark_or_404(mark_id)
    return redirect(url_for(".show_mark", mark_id=mark_id))


@blueprint.post(f"{_ONE}/clear")
@needs("mark_outside_cancel")
def clear_mark(mark_id: int) -> ResponseReturnValue:
    """Take a mark away: PortOne was corrected, or it was wrong."""
    mark, form = _mark_or_404(mark_id), ClearForm()
    if not form.validate():
        return _mark_page(mark, form), 422
    cleared = outside.clear(
        get_db(),
        mark_id,
        person_id=current_user.id,
        why=form.why.data or "",
        now=runtime().now(),
    )
    if cleared:
        flash(_("표시를 지웠습니다."), "success")
    else:
        flash(_("이미 지운 표시입니다."), "info")
    return redirect(url_for("orders.show", order_id=mark["order_id"]), code=303)


def _refused(desk: Desk, form: MarkForm, error: outside.CannotMark) -> str:
    """The form with what stands in the way beside its field."""
    if error.why == "day":
        form.day.errors = [_("결제한 날부터 오늘까지의 날짜를 입력해 주세요.")]
    elif error.why == "open":
        form.amount.errors = [_("결과를 기다리는 환불이 있습니다. 결과가 나온 뒤에 표시해 주세요.")]
    else:
        form.amount.errors = [
            _(
                "포트원에 남은 금액 %(left)s보다 많이 표시할 수 없습니다.",
                left=won(error.left),
            )
        ]
    return _form_page(desk, form)


def _form_page(desk: Desk, form: MarkForm) -> str:
    return render_template(
        "refunds/outside/new.html",
        desk=desk,
        form=form,
        today=kst(desk.now).date().isoformat(),
    )


def _mark_or_404(mark_id: int) -> Any:
    mark = outside.find(get_db(), mark_id)
    if mark is None:
        abort(404)
    return mark


def _mark_page(mark: Any, form: ClearForm | None = None) -> str:
    return render_template(
        "refunds/outside/show.html",
        mark=mark,
        letter=_letter(mark),
        file=files.find(get_db(), mark["file_id"]),
        form=form or ClearForm(formdata=None),
        now=runtime().now(),
    )


def _letter(mark: Any) -> str:
    """What PortOne's support has to know (reference, refunds 7)."""
    lines = (
        (_("거래고유번호(imp_uid)"), mark["imp_uid"]),
        (_("주문번호"), mark["merchant_uid"]),
        (_("KSNET에서 취소된 날"), mark["cancelled_on"]),
        (_("KSNET에서 취소된 금액"), won(mark["amount"])),
        (_("확인한 곳"), mark["evidence"]),
    )
    wish = _("KSNET 상점관리자에서 직접 취소한 결제입니다. 포트원의 결제 상태를 정정해 주세요.")
    return "\n".join([wish, *(f"{word}: {value}" for word, value in lines)])
