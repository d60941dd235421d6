"""Routes of an escrow delivery: the form, sending it, asking PortOne what is registered.

The form shows a buyer in full. So opening it is a POST that is logged (SEC-07, SEC-57); a GET of
any of these addresses leads back to the order.
"""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from dashboard import settings
from dashboard.accounts.permissions import needs
from dashboard.checkout import delivery
from dashboard.checkout.blueprint import blueprint
from dashboard.checkout.delivery_forms import DeliveryForm
from dashboard.checkout.delivery_rules import split_address
from dashboard.checkout.delivery_words import against_words
from dashboard.clock import kst
from dashboard.couriers import courier_name
from dashboard.database import get_db
from dashboard.formatting import mask_name, tel
from dashboard.i18n import language
from dashboard.orders import service as orders
from dashboard.portone.errors import SENTENCES
from dashboard.refunds.asking import pace
from dashboard.runtime import NoKeys, runtime

_OF = "/payments/<imp_uid>/delivery"


@blueprint.get(_OF)
@blueprint.get(f"{_OF}/<any(form, look):delivery_step>")
@needs("see_orders")
def back_from_delivery(imp_uid: str, delivery_step: str = "") -> ResponseReturnValue:
    """The address bar of a form, loaded again."""
    return _to_order(_get_or_404(imp_uid))


@blueprint.post(f"{_OF}/form")
@needs("deliver")
def open_delivery(imp_uid: str) -> ResponseReturnValue:
    """The form, filled in from payment and settings; the look at the buyer is logged."""
    _within_pace()
    one = _get_or_404(imp_uid)
    if one.open:
        _look(imp_uid)
        one = _get_or_404(imp_uid)
        if one.open:
            return _to_order(one)
    if one.against is not None:
        flash(against_words(one.against), "warning")
        return _to_order(one)
    form = _form(one, fresh=True)
    if seen := _fill(form, one):
        orders.log_look(
            get_db(),
            one.payment["order_id"],
            person_id=current_user.id,
            remote_addr=request.remote_addr or "",
            whose=mask_name(form.receiver_name.data or ""),
            what=seen,
            now=runtime().now(),
        )
    return _page(one, form)


@blueprint.post(_OF)
@needs("deliver")
def save_delivery(imp_uid: str) -> ResponseReturnValue:
    """Register it, or correct what is registered. Twice the same form is once."""
    _within_pace()
    one = _get_or_404(imp_uid)
    if one.against is not None:
        flash(against_words(one.against), "warning")
        return _to_order(one)
    form = _form(one)
    if not form.validate() or form.shipment is None:
        return _page(one, form), 422
    try:
        outcome = delivery.send(
            runtime(),
            get_db(),
            imp_uid,
            shipment=form.shipment,
            form=form.shown.data or "",
            person_id=current_user.id,
        )
    except delivery.NotEligible as error:
        flash(against_words(error.why), "warning")
        return _to_order(one)
    except delivery.Busy:
        flash(_("이 결제의 배송정보를 지금 다른 화면에서 보내고 있습니다."), "warning")
        return _to_order(one)
    except delivery.Moved:
        return _page(_get_or_404(imp_uid), form, problem=_moved(imp_uid)), 409
    except (delivery.CannotAsk, NoKeys) as error:
        return _page(_get_or_404(imp_uid), form, problem=_cannot_ask(error)), 502
    after = _get_or_404(imp_uid)
    if outcome == "refused":
        said = after.row["api_message"] if after.row is not None else ""
        return _page(after, form, problem=_(said) if said else "", refused=True), 409
    _say(outcome)
    return _to_order(after)


@blueprint.post(f"{_OF}/look")
@needs("deliver")
def look_at_delivery(imp_uid: str) -> ResponseReturnValue:
    """Ask PortOne what is registered; what was registered elsewhere becomes known."""
    _within_pace()
    one = _get_or_404(imp_uid)
    if _look(imp_uid):
        after = _get_or_404(imp_uid)
        if after.row is None:
            flash(_("포트원에 등록된 배송정보가 없습니다."), "info")
        elif after.standing == "registered" and after.row["api_message"] is None:
            flash(_("포트원에 이 배송정보가 등록되어 있습니다."), "success")
        elif after.standing == "registered":
            flash(
                _("고친 내용은 포트원에 등록되지 않았습니다. 아래가 등록된 내용입니다."), "warning"
            )
        else:
            flash(_("포트원에 등록된 배송정보가 없습니다. 다시 등록할 수 있습니다."), "warning")
    return _to_order(one)


def _look(imp_uid: str) -> bool:
    """Ask PortOne; says what stood in the way, if something did."""
    try:
        delivery.look(runtime(), get_db(), imp_uid)
    except delivery.NotEligible as error:
        flash(against_words(error.why), "warning")
    except delivery.Busy:
        flash(_("지금 보내고 있습니다. 잠시 뒤에 다시 확인해 주세요."), "info")
    except delivery.CannotAsk as error:
        why = _(SENTENCES[error.error.why])
        flash(_("포트원에 확인하지 못했습니다. %(why)s", why=why), "warning")
    except NoKeys:
        flash(_("포트원 API 키가 없습니다. 설정에서 먼저 연결해 주세요."), "warning")
    else:
        return True
    return False


def _say(outcome: delivery.Outcome) -> None:
    match outcome:
        case "registered":
            flash(_("배송정보를 등록했습니다."), "success")
        case "changed":
            flash(_("배송정보를 고쳤습니다."), "success")
        case "same":
            flash(_("이 배송정보는 이미 등록되어 있습니다. 다시 보내지 않았습니다."), "info")
        case _:
            flash(
                _(
                    "포트원의 답을 받지 못해 등록되었는지 아직 모릅니다. 다시 보내지 말고 '다시"
                    " 확인'을 눌러 주세요."
                ),
                "warning",
            )


def _moved(imp_uid: str) -> str:
    one = _get_or_404(imp_uid)
    if one.row is None or one.row["invoice"] is None:
        return str(
            _(
                "이 화면이 보여 준 배송정보가 이제 포트원에 없어 아무것도 보내지 않았습니다. 그대로"
                " 등록하려면 다시 눌러 주세요."
            )
        )
    return str(
        _(
            "포트원에 다른 배송정보가 이미 등록되어 있어 아무것도 보내지 않았습니다. 아래에서"
            " 등록된 내용을 확인하고, 고치려면 다시 눌러 주세요."
        )
    )


def _cannot_ask(error: Exception) -> str:
    if isinstance(error, delivery.NotSent):
        why = _(SENTENCES[error.error.why])
        return str(_("포트원에 보내지 못해 아무것도 바뀌지 않았습니다. %(why)s", why=why))
    if isinstance(error, delivery.CannotAsk):
        why = _(SENTENCES[error.error.why])
        return str(_("포트원에 확인하지 못해 아무것도 보내지 않았습니다. %(why)s", why=why))
    return str(_("포트원 API 키가 없습니다. 설정에서 먼저 연결해 주세요."))


# -- the form -----------------------------------------------------------------------------------


def _form(one: delivery.DeliveryOf, *, fresh: bool = False) -> DeliveryForm:
    """The form; one that meant to register does not ask what only a correction has to (K46)."""
    spoke_of = request.form.get("shown", "")
    corrects = spoke_of != "" and spoke_of == delivery.shown(one.row)
    given = {"formdata": None} if fresh else {}
    return DeliveryForm(
        now=runtime().now(),
        paid_at=one.payment["paid_at"],
        changes_from=one.changes_from if corrects else None,
        **given,
    )


def _fill(form: DeliveryForm, one: delivery.DeliveryOf) -> list[str]:
    """Fill a fresh form in; names of the buyer's fields that were shown."""
    row, db = one.row, get_db()
    asked = row is not None and row["api_message"] is not None and row["asked_invoice"] is not None
    kind = "asked_" if asked else ""
    known = row is not None and row[f"{kind}invoice"] is not None
    sent_at = row[f"{kind}sent_at"] if row is not None and known else None
    if row is not None and known:
        form.company.data = row[f"{kind}company"]
        form.invoice.data = row[f"{kind}invoice"]
    sent = kst(sent_at or runtime().now())
    form.sent_on.data, form.sent_time.data = f"{sent:%Y-%m-%d}", f"{sent:%H:%M}"
    buyer = delivery.buyer(one.payment)
    form.receiver_name.data = buyer["buyer_name"]
    form.receiver_tel.data = tel(buyer["buyer_tel"])
    form.receiver_addr.data = buyer["buyer_addr"]
    form.receiver_postcode.data = buyer["buyer_postcode"]
    form.sender_name.data = settings.get(db, "shop_name") or ""
    form.sender_tel.data = tel(settings.get(db, "shop_phone") or "")
    address = split_address(settings.get(db, "shop_address") or "")
    form.sender_postcode.data, form.sender_addr.data = address
    return [name for name, value in buyer.items() if value]


def _page(
    one: delivery.DeliveryOf, form: DeliveryForm, *, problem: str = "", refused: bool = False
) -> str:
    form.shown.data = delivery.shown(one.row)
    registered = one.row is not None and one.row["invoice"] is not None
    return render_template(
        "checkout/delivery/form.html",
        one=one,
        form=form,
        problem=problem,
        refused=refused,
        registered=registered,
        company=courier_name(one.row["company"], language()) if one.row and registered else "",
        ask_early=registered and one.changes_from is not None,
    )


def _get_or_404(imp_uid: str) -> delivery.DeliveryOf:
    one = delivery.delivery_of(get_db(), imp_uid, now=runtime().now())
    if one is None:
        abort(404)
    return one


def _to_order(one: delivery.DeliveryOf) -> ResponseReturnValue:
    """The top of the page, not the card: what is flashed stands there."""
    return redirect(url_for("orders.show", order_id=one.payment["order_id"]), code=303)


def _within_pace() -> None:
    if not pace().may(current_user.id, runtime().now()):
        abort(429)
