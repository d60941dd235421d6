"""Routes of one receipt: where it stands, what PortOne says of it, taking it back."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from dashboard.accounts.permissions import needs
from dashboard.database import get_db
from dashboard.orders.facts import safe_link
from dashboard.portone import Receipt
from dashboard.receipts import service
from dashboard.receipts.blueprint import blueprint
from dashboard.receipts.form_views import runtime_sentence
from dashboard.receipts.forms import CancelReceiptForm
from dashboard.receipts.listing import Entry
from dashboard.receipts.words import alarm_words, customer_words
from dashboard.refunds.asking import pace
from dashboard.runtime import NoKeys, runtime

_ONE = "/receipts/<uuid:receipt_id>"


@blueprint.get(_ONE)
@needs("see_orders")
def show(receipt_id: Any) -> ResponseReturnValue:
    """Where a receipt stands; as a fragment for the page that shows it already."""
    return _page(_row_or_404(receipt_id))


@blueprint.get(f"{_ONE}/<any(check, look):receipt_step>")
@needs("see_orders")
def back_to_receipt(receipt_id: Any, receipt_step: str) -> ResponseReturnValue:
    """The address bar of a form that came back, loaded again."""
    _row_or_404(receipt_id)
    return redirect(url_for(".show", receipt_id=receipt_id))


@blueprint.post(f"{_ONE}/check")
@needs("ask_portone")
def check(receipt_id: Any) -> ResponseReturnValue:
    """Have PortOne asked now instead of at the next turn."""
    row = _row_or_404(receipt_id)
    service.check_now(runtime(), get_db(), row["id"])
    return redirect(url_for(".show", receipt_id=row["id"]), code=303)


@blueprint.post(f"{_ONE}/look")
@needs("receipt")
def look_at(receipt_id: Any) -> ResponseReturnValue:
    """PortOne's live answer beside ours."""
    if not pace().may(current_user.id, runtime().now()):
        abort(429)
    row = _row_or_404(receipt_id)
    try:
        if row["imp_uid"] is not None:
            seen, _now = service.look_up(
                runtime(), get_db(), imp_uid=row["imp_uid"], person_id=current_user.id
            )
        else:
            seen, _now = service.look_up_external(runtime(), get_db(), row["id"])
    except service.CannotAsk as error:
        flash(
            _("포트원에 확인하지 못했습니다. %(why)s", why=runtime_sentence(error.error)), "warning"
        )
        return redirect(url_for(".show", receipt_id=row["id"]), code=303)
    except NoKeys:
        flash(_("포트원 API 키가 없습니다. 설정에서 먼저 연결해 주세요."), "warning")
        return redirect(url_for(".show", receipt_id=row["id"]), code=303)
    return _page(_row_or_404(receipt_id), looked=True, seen=seen)


@blueprint.get(f"{_ONE}/cancel")
@needs("receipt")
def cancel(receipt_id: Any) -> ResponseReturnValue:
    """The question before a receipt is taken back."""
    row = _row_or_404(receipt_id)
    if row["state"] != "issued":
        return redirect(url_for(".show", receipt_id=row["id"]))
    return _cancel_page(row, CancelReceiptForm(formdata=None))


@blueprint.post(f"{_ONE}/cancel")
@needs("receipt")
def cancel_it(receipt_id: Any) -> ResponseReturnValue:
    """Write down that it is to be cancelled; the worker sends it once (F79)."""
    if not pace().may(current_user.id, runtime().now()):
        abort(429)
    row, form = _row_or_404(receipt_id), CancelReceiptForm()
    if not form.validate():
        return _cancel_page(row, form), 422
    try:
        service.request_cancel(
            runtime(), get_db(), row["id"], person_id=current_user.id, reason=form.reason_text
        )
    except service.CannotCancel:
        flash(_("이미 취소하는 중이거나 취소되었습니다. 아래 상태를 확인해 주세요."), "info")
    return redirect(url_for(".show", receipt_id=row["id"]), code=303)


def _row_or_404(receipt_id: Any) -> service.Row:
    row = service.find(get_db(), str(receipt_id))
    if row is None:
        abort(404)
    return row


def _cancel_page(row: service.Row, form: CancelReceiptForm) -> str:
    return render_template("receipts/cancel.html", row=row, form=form, **_told(row))


def _page(row: service.Row, *, looked: bool = False, seen: Receipt | None = None) -> str:
    piece = "X-Fragment" in request.headers and not looked
    return render_template(
        "receipts/_told.html" if piece else "receipts/show.html",
        row=row,
        looked=looked,
        seen=seen,
        waits=service.waits_for(get_db(), row["id"]),
        **_told(row),
    )


def _told(row: service.Row) -> dict[str, Any]:
    """What the pages of one receipt print."""
    one = Entry(row=row)
    return {
        "one": one,
        "busy": service.is_busy(row["state"]),
        "message": customer_words(row) if row["state"] == "issued" else "",
        "alarm": alarm_words(row["alarm"]) if row["alarm"] else "",
        "url": safe_link(row["receipt_url"]),
        "why": one.said,
    }
