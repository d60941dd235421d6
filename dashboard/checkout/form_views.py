"""Routes of a request before it is one: the form of a sale, and writing it down."""

from __future__ import annotations

import uuid

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from dashboard import gateway
from dashboard.accounts.permissions import allowed, needs
from dashboard.checkout import products, service
from dashboard.checkout.asking import (
    Judged,
    by_name,
    goods_of,
    judge,
    methods,
    remember_goods,
    stand_beside,
)
from dashboard.checkout.blueprint import blueprint
from dashboard.checkout.forms import MOST_LINES, RequestForm
from dashboard.checkout.typed import months_text
from dashboard.checkout.wishes import wish_from_json
from dashboard.database import get_db
from dashboard.ksnet import WindowObjection
from dashboard.ksnet.cards import INSTALMENTS_FROM, card_companies
from dashboard.ksnet.window_options import default_vbank_due
from dashboard.refunds.asking import pace
from dashboard.runtime import runtime

_LONGEST_FIELD_NAME = 60


@blueprint.get("/requests/new")
@needs("request_payment")
def new() -> ResponseReturnValue:
    """The form; with ``copy`` filled in from an earlier request."""
    form, shop = RequestForm(formdata=None), gateway.read(runtime(), get_db())
    form.form_token.data = str(uuid.uuid4())
    form.card_quota.data = months_text(shop.card_quota)
    earlier = service.find(get_db(), request.args.get("copy", "")[:_LONGEST_FIELD_NAME])
    if earlier is not None:
        form.start_from(wish_from_json(earlier["wish"]), service.lines(get_db(), earlier["id"]))
        form.copied_from.data = earlier["id"]
    form.due_at(default_vbank_due(runtime().now()))
    return _page(form, shop)


@blueprint.post("/requests")
@needs("request_payment")
def create() -> ResponseReturnValue:
    """Write a request down. Twice the same form leads to the same one."""
    if any(len(name) > _LONGEST_FIELD_NAME for name in request.form):
        abort(400)
    form, db, now = RequestForm(), get_db(), runtime().now()
    form.form_token.data = form.token
    shop = gateway.read(runtime(), db)
    known = by_name(products.listed(db, now=now))
    form.fill_in(known)
    if "add_line" in request.form:
        form.add_line()
        return _page(form, shop)
    if "remove_line" in request.form:
        form.remove_line(request.form["remove_line"])
        return _page(form, shop)
    if "count" in request.form:
        return _page(form, shop)
    if not pace().may(current_user.id, now):
        abort(429)
    if not shop.ready:
        return _page(form, shop), 409
    sound = form.validate()
    until = form.read_rest(now)
    goods_known = form.read_goods()
    judged = judge(form, shop.shop, now, goods_known=goods_known)
    of_all = stand_beside(form, judged)
    if not (sound and goods_known) or until is None or judged.stops:
        form.overrule.data = False
        return _page(form, shop, judged=judged, of_all=of_all), 422
    if judged.warns and not _overruled(form, judged):
        form.overrule.data = False
        return _page(form, shop, judged=judged, refused=True), 422
    if allowed(current_user.role, "products"):
        remember_goods(db, form, now=now)
        known = by_name(products.listed(db, now=now))
    try:
        row = service.create(
            runtime(),
            db,
            form_token=form.token,
            wish=form.wish(),
            lines=goods_of(form, known),
            expires_at=until,
            person_id=current_user.id,
            overruled=sorted({one.rule for one in judged.warns}),
            copied_from=_earlier(form),
        )
    except service.NotSetUp:
        return _page(form, gateway.read(runtime(), db)), 409
    return redirect(url_for(".show", request_id=row["id"]), code=303)


def _overruled(form: RequestForm, judged: Judged) -> bool:
    """Whether the owner said yes to every warning there is now, having seen it."""
    seen = set((form.warned.data or "").split(","))
    return (
        bool(form.overrule.data)
        and allowed(current_user.role, "overrule")
        and set(judged.warned) <= seen
    )


def _earlier(form: RequestForm) -> str | None:
    row = service.find(get_db(), form.copied_from.data or "")
    return str(row["id"]) if row is not None else None


def _page(
    form: RequestForm,
    shop: gateway.Gateway,
    *,
    judged: Judged | None = None,
    of_all: list[WindowObjection] | None = None,
    refused: bool = False,
) -> str:
    judged = judged or Judged()
    form.warned.data = ",".join(judged.warned)
    amount, tax_free = form.sums
    return render_template(
        "checkout/new.html",
        form=form,
        shop=shop,
        methods=methods(shop.shop, runtime().now()),
        products=products.listed(get_db(), now=runtime().now()),
        judged=judged,
        of_all=of_all or [],
        refused=refused,
        amount=amount,
        tax_free=tax_free,
        most_lines=MOST_LINES,
        cards=[card for card in card_companies() if card.interest_free],
        quota_from={"": INSTALMENTS_FROM}
        | {card.code: card.instalments_from for card in card_companies()},
        wrong=_wrong_fields(form),
        problem=_("저장하지 않았습니다. 아래를 고쳐 주세요."),
    )


def _wrong_fields(form: RequestForm) -> list[tuple[str, str, str]]:
    """Everything that is wrong, in the page's order: id, label, words."""
    found = [
        (field.id, f"{number}. {field.label.text}", " ".join(field.errors))
        for number, line in enumerate(form.line_forms, 1)
        for field in line
        if field.errors
    ]
    found += [
        (field.id, str(form.interest_free.label.text), " ".join(field.errors))
        for field in form.interest_free.form
        if field.errors
    ]
    for field in form:
        if field.errors and field.type not in ("FieldList", "FormField", "CSRFTokenField"):
            place = f"{field.id}-0" if field.type == "RadioField" else field.id
            found.append((place, str(field.label.text), " ".join(field.errors)))
    found += [
        ("interest_free-c361", str(form.interest_free.label.text), text)
        for text in form.form_errors
    ]
    return found
