"""Routes of a payment's receipt before it is one: the form, writing it down, asking PortOne."""

from __future__ import annotations

import uuid
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from dashboard import settings
from dashboard.accounts.permissions import needs
from dashboard.database import get_db
from dashboard.money import split
from dashboard.portone.errors import SENTENCES
from dashboard.receipts import service
from dashboard.receipts.blueprint import blueprint
from dashboard.receipts.forms import ReceiptForm
from dashboard.receipts.words import identifier_words
from dashboard.refunds import tasks
from dashboard.refunds.asking import pace
from dashboard.runtime import NoKeys, runtime

_OF = "/payments/<imp_uid>/receipt"


@blueprint.get(f"{_OF}/new")
@needs("receipt")
def new(imp_uid: str) -> ResponseReturnValue:
    """The form; for a payment that has none, why, and what to do instead."""
    offer = _offer_or_404(imp_uid)
    if offer.live is not None and offer.live["state"] != "issued":
        return redirect(url_for(".show", receipt_id=offer.live["id"]))
    form = ReceiptForm(formdata=None)
    form.form_token.data = str(uuid.uuid4())
    form.product_type.data = settings.get(get_db(), "receipt_product_type")
    form.buyer_name.data = offer.payment["buyer_name"] or ""
    if offer.tax_free is not None:
        form.tax_free.data = str(offer.tax_free)
    if (last := service.last_of(get_db(), imp_uid)) is not None:
        form.type.data = last["type"] or form.type.data
        form.product_type.data = last["product_type"] or form.product_type.data
        form.buyer_name.data = last["buyer_name"] or form.buyer_name.data
    return _page(offer, form)


@blueprint.get(_OF)
@blueprint.get(f"{_OF}/<any(look, cancel):receipt_step>")
@needs("receipt")
def back_to_form(imp_uid: str, receipt_step: str = "") -> ResponseReturnValue:
    """The address bar of a form that came back, loaded again."""
    offer = _offer_or_404(imp_uid)
    if receipt_step:
        return redirect(url_for("orders.show", order_id=offer.payment["order_id"]))
    return redirect(url_for(".new", imp_uid=imp_uid))


@blueprint.post(_OF)
@needs("receipt")
def create(imp_uid: str) -> ResponseReturnValue:
    """Write it down for the worker to issue. Twice the same form leads to the same one."""
    _within_pace()
    offer = _offer_or_404(imp_uid)
    form = ReceiptForm()
    form.form_token.data = form.token
    if not form.validate() or form.whom is None:
        return _page(offer, form), 422
    moved = _("그사이 결제 잔액이 바뀌었습니다. 새 금액을 확인하고 다시 눌러 주세요.")
    if form.whom.tax_free > form.amount:  # what the form had shown did not come back with it
        return _page(offer, form, problem=moved), 409
    try:
        receipt_id = service.request_receipt(
            runtime(),
            get_db(),
            imp_uid=imp_uid,
            form_token=form.token,
            receipt_for=form.whom.receipt_for,
            tax_free=form.whom.tax_free,
            shown_amount=form.amount,
            person_id=current_user.id,
            replace=form.replaces.data or None,
        )
    except service.AlreadyThere as error:
        if error.receipt_id != form.replaces.data and _is_found(error.receipt_id):
            found = _(
                "포트원에 이미 발급된 현금영수증을 찾았습니다. 다시 발급하려면 아래에서 확인하고"
                " 누르세요."
            )
            flash(found, "warning")
        return redirect(url_for(".show", receipt_id=error.receipt_id), code=303)
    except service.NotEligible:
        return _page(_offer_or_404(imp_uid), form), 409
    except service.AmountMoved:
        return _page(_offer_or_404(imp_uid), form, problem=moved), 409
    except (service.CannotAsk, NoKeys) as error:
        return _page(offer, form, problem=_cannot_ask(error)), 502
    if offer.live is not None and offer.live["fingerprint"] not in (
        None,
        service.fingerprint(runtime(), form.whom.receipt_for),
    ):
        flash(
            _(
                "기존 현금영수증(%(old)s)과 다른 번호로 다시 발급합니다. 잘못 입력했다면 발급된 뒤"
                " 취소해 주세요.",
                old=identifier_words(offer.live),
            ),
            "warning",
        )
    return redirect(url_for(".show", receipt_id=receipt_id), code=303)


@blueprint.post(f"{_OF}/look")
@needs("receipt")
def look(imp_uid: str) -> ResponseReturnValue:
    """Ask PortOne for the receipt of a payment; one issued elsewhere becomes known."""
    _within_pace()
    offer = _offer_or_404(imp_uid)
    row = _look_up(imp_uid)
    if row is not None:
        return redirect(url_for(".show", receipt_id=row["id"]), code=303)
    return redirect(url_for("orders.show", order_id=offer.payment["order_id"]), code=303)


@blueprint.post(f"{_OF}/cancel")
@needs("receipt")
def cancel_of_payment(imp_uid: str) -> ResponseReturnValue:
    """What a refund owes, with one button: look the receipt up, and cancel the one that was meant.

    An old page may speak of a receipt that is gone, or of a task that is settled: what lives now
    may be the new receipt, so that is asked about first.
    """
    _within_pace()
    offer = _offer_or_404(imp_uid)
    row = _look_up(imp_uid)
    if row is None:
        return redirect(url_for("orders.show", order_id=offer.payment["order_id"]), code=303)
    if "receipt_cancel" not in tasks.open_kinds(get_db(), imp_uid):
        settled = _(
            "취소할 일이 이미 끝나 아무것도 취소하지 않았습니다. 이 현금영수증을 취소하려면 아래"
            " '취소하기'를 누르세요."
        )
        flash(settled, "info")
        return redirect(url_for(".show", receipt_id=row["id"]), code=303)
    if row["id"] != request.form.get("receipt_id"):
        return redirect(url_for(".cancel", receipt_id=row["id"]), code=303)
    try:
        service.request_cancel(
            runtime(), get_db(), row["id"], person_id=current_user.id, reason=_("환불")
        )
    except service.CannotCancel:
        flash(_("이미 취소하는 중이거나 발급이 끝나지 않았습니다."), "info")
    return redirect(url_for(".show", receipt_id=row["id"]), code=303)


def _is_found(receipt_id: str) -> bool:
    row = service.find(get_db(), receipt_id)
    return row is not None and bool(row["adopted"])


def _look_up(imp_uid: str) -> service.Row | None:
    """Our row of what PortOne has; says what it means when there is none."""
    try:
        seen, row = service.look_up(runtime(), get_db(), imp_uid=imp_uid, person_id=current_user.id)
    except (service.CannotAsk, NoKeys) as error:
        flash(_cannot_ask(error), "warning")
        return None
    if row is None and seen is None:
        flash(
            _(
                "포트원에 이 결제의 현금영수증이 없습니다. 결제창에서 발급했다면 KSNET"
                " 상점관리자에서 확인하고 취소해 주세요. 처리한 뒤 주인이 '해야 할 일'에서 어떻게"
                " 했는지 적고 완료로 표시합니다."
            ),
            "warning",
        )
    elif row is None:
        flash(_("이 결제의 현금영수증은 포트원에서 이미 취소되어 있습니다."), "info")
    return row


def _cannot_ask(error: Exception) -> str:
    if isinstance(error, service.CannotAsk):
        why = runtime_sentence(error.error)
        return str(_("포트원에 확인하지 못해 아무것도 보내지 않았습니다. %(why)s", why=why))
    return str(_("포트원 API 키가 없습니다. 설정에서 먼저 연결해 주세요."))


def runtime_sentence(error: Any) -> str:
    """Why PortOne could not be asked, in a sentence."""
    return str(_(SENTENCES[error.why]))


def _page(offer: service.Offer, form: ReceiptForm, *, problem: str = "") -> str:
    form.shown_amount.data = str(offer.amount)
    form.replaces.data = offer.live["id"] if offer.live is not None else ""
    free = min(form.whom.tax_free if form.whom else offer.tax_free or 0, max(offer.amount, 0))
    return render_template(
        "receipts/new.html",
        offer=offer,
        form=form,
        problem=problem,
        tax=split(max(offer.amount, 0), free),
        gateway_issues=settings.get(get_db(), "receipt_way") == "gateway",
    )


def _offer_or_404(imp_uid: str) -> service.Offer:
    offer = service.offer(get_db(), imp_uid)
    if offer is None:
        abort(404)
    return offer


def _within_pace() -> None:
    if not pace().may(current_user.id, runtime().now()):
        abort(429)
