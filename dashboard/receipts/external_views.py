"""Routes of receipts for sales outside PortOne: cash in the shop, a transfer to the own account."""

from __future__ import annotations

import uuid

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from dashboard import settings
from dashboard.accounts.permissions import needs
from dashboard.channels import ask_channels
from dashboard.clock import kst
from dashboard.database import get_db
from dashboard.receipts import service
from dashboard.receipts.blueprint import blueprint
from dashboard.receipts.external_forms import ExternalForm
from dashboard.refunds.asking import pace
from dashboard.runtime import NoKeys, runtime


@blueprint.get("/receipts/external/new")
@needs("receipt")
def external_new() -> ResponseReturnValue:
    """The form, with an order number to start from; ``again``: an older receipt to start from."""
    form = _form(fresh=True)
    form.form_token.data = str(uuid.uuid4())
    form.merchant_uid.data = service.suggest_merchant_uid(runtime().now())
    form.sold_on.data = kst(runtime().now()).date().isoformat()
    form.product_type.data = settings.get(get_db(), "receipt_product_type")
    if settings.get(get_db(), "sells_tax_free") == "no":
        form.tax_free.data = "0"
    old = service.find(get_db(), request.args.get("again", ""))
    if old is not None and old["merchant_uid"] is not None:
        for name in ("merchant_uid", "name", "sold_on", "type", "product_type", "buyer_name"):
            form[name].data = old[name]
        form.amount.data, form.tax_free.data = str(old["amount"]), str(old["tax_free"])
        form.channel_key.data = old["channel_key"] or form.channel_key.data
    return _page(form)


@blueprint.get("/receipts/external")
@needs("receipt")
def back_to_external_form() -> ResponseReturnValue:
    """The address bar of a form that came back, loaded again."""
    return redirect(url_for(".external_new"))


@blueprint.post("/receipts/external")
@needs("receipt")
def external_create() -> ResponseReturnValue:
    """Write it down for the worker to issue. Twice the same form leads to the same one."""
    if not pace().may(current_user.id, runtime().now()):
        abort(429)
    form = _form(fresh=False)
    form.form_token.data = form.token
    if not form.validate() or form.sale is None:
        return _page(form), 422
    sale = form.sale
    try:
        receipt_id = service.request_external(
            runtime(),
            get_db(),
            merchant_uid=sale.merchant_uid,
            form_token=form.token,
            receipt_for=sale.receipt_for,
            name=sale.name,
            amount=sale.amount,
            tax_free=sale.tax_free,
            sold_on=sale.sold_on,
            person_id=current_user.id,
            channel_key=form.channel_key.data or "",
        )
    except service.InPortOne as error:
        form.merchant_uid.errors = [
            _("포트원에 있는 결제의 주문번호입니다. 여기서 발급하면 매출이 두 번 신고됩니다.")
        ]
        instead = url_for(".new", imp_uid=error.imp_uid)
        return _page(form, instead=instead), 422
    except service.AlreadyThere as error:
        receipt_id = error.receipt_id
    except NoKeys:
        form.form_errors.append(_("포트원 API 키가 없습니다. 설정에서 먼저 연결해 주세요."))
        return _page(form), 422
    return redirect(url_for(".show", receipt_id=receipt_id), code=303)


def _form(*, fresh: bool) -> ExternalForm:
    today = kst(runtime().now()).date()
    form = ExternalForm(today=today, formdata=None) if fresh else ExternalForm(today=today)
    form.channel_key.offer(ask_channels(runtime()), fresh=fresh)
    return form


def _page(form: ExternalForm, *, instead: str = "") -> str:
    """:param instead: where the receipt of the payment with this order number is issued"""
    return render_template(
        "receipts/external/new.html",
        form=form,
        instead=instead,
        asked=form.channel_key.channels.asked,
    )
