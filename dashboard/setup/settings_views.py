"""Settings, for the owner: shop facts, connection, practice or real business, what is stored."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from dashboard import gateway as gateways
from dashboard import machine, settings
from dashboard.accounts import service as accounts
from dashboard.accounts.permissions import needs
from dashboard.banks import DEFAULT_CODE_SET
from dashboard.config import Mode
from dashboard.database import get_db
from dashboard.keys import Keys
from dashboard.problems import CannotStart
from dashboard.refunds.guards import read_guards
from dashboard.runtime import runtime
from dashboard.setup import service
from dashboard.setup.blueprint import blueprint
from dashboard.setup.contract_views import contract_words
from dashboard.setup.forms import ChangeKeysForm, ShopForm
from dashboard.setup.gateway_views import quota_words
from dashboard.setup.guard_views import guard_words, nobody_approves
from dashboard.version import VERSION


@blueprint.route("/settings", endpoint="settings")
@needs("settings")
def index() -> ResponseReturnValue:
    """All settings on one page; each part posts to its own address."""
    db = get_db()
    shop_facts = {name: settings.get(db, name) for name in settings.SHOP_FACTS}
    guards = read_guards(db)
    there = gateways.read(runtime(), db)
    return render_template(
        "setup/settings.html",
        shop_facts=shop_facts,
        contracts=contract_words(shop_facts),
        gateway=there,
        quota=quota_words(there.card_quota),
        bank_code_set=settings.get(db, "bank_code_set") or DEFAULT_CODE_SET,
        enable_webhook=bool(settings.get(db, "enable_webhook")),
        **{name: settings.get(db, name) for name in settings.RECEIPTS},
        guards=guard_words(guards),
        stuck=nobody_approves(guards, accounts.count_allowed(db, "approve_refund")),
        found=runtime().keys(),
        folder=runtime().instance.path,
        database=runtime().database_path.name,
        carried_away_by=machine.carried_away_by(runtime().instance.path),
        version=VERSION,
    )


@blueprint.route("/settings/shop", methods=["GET", "POST"])
@needs("settings")
def shop() -> ResponseReturnValue:
    """Facts of the shop."""
    db = get_db()
    form = ShopForm(
        shop_name=settings.get(db, "shop_name", ""),
        business_number=settings.get(db, "business_number") or "",
        sells_tax_free=settings.get(db, "sells_tax_free") or "",
    )
    if form.validate_on_submit():
        service.save_shop_facts(db, form.facts, current_user.id, runtime().now())
        flash(_("가게 정보를 저장했습니다."), "success")
        return redirect(url_for("setup.settings"), code=303)
    return render_template("setup/shop.html", form=form), 200 if not form.is_submitted() else 422


@blueprint.route("/settings/connection", methods=["GET", "POST"])
@needs("settings")
def connection() -> ResponseReturnValue:
    """The shop's keys: the last four characters, another pair, tested before it is kept."""
    form, test = ChangeKeysForm(), None
    if form.validate_on_submit():
        typed = Keys(form.imp_key.data, form.imp_secret.data)
        test = service.try_keys(runtime(), typed)
        if test.ok:
            service.save_keys(runtime(), get_db(), typed, current_user.id)
            flash(_("새 키를 확인하고 저장했습니다."), "success")
            return redirect(url_for("setup.settings") + "#connection", code=303)
    page = render_template("setup/connection.html", form=form, test=test, found=runtime().keys())
    return page, form.status, form.headers


@blueprint.route("/settings/connection/test", methods=["POST"])
@needs("settings")
def test_connection() -> ResponseReturnValue:
    """Ask PortOne now whether the kept keys still work."""
    found = runtime().keys()
    if found is None:
        return redirect(url_for("setup.connection"), code=303)
    test = service.try_keys(runtime(), found[0])
    flash(test.sentence, "success" if test.ok else "danger")
    return redirect(url_for("setup.settings") + "#connection", code=303)


@blueprint.route("/settings/go-live", methods=["GET", "POST"])
@needs("settings")
def go_live() -> ResponseReturnValue:
    """실제로 시작하기: test the keys, then open the real database beside the practice one."""
    if runtime().mode == "live":
        return redirect(url_for("setup.settings"), code=303)
    form, test, found = ChangeKeysForm(), None, runtime().keys()
    if not form.is_submitted():
        return render_template("setup/go_live.html", form=form, test=None, found=found)
    if found is not None:
        test = service.try_keys(runtime(), found[0])
    elif form.validate():
        typed = Keys(form.imp_key.data, form.imp_secret.data)
        test = service.try_keys(runtime(), typed)
        if test.ok:
            service.save_keys(runtime(), get_db(), typed, current_user.id)
    if test is None or not test.ok:
        page = render_template("setup/go_live.html", form=form, test=test, found=found)
        return page, form.status, form.headers
    return open_or_explain("live")


@blueprint.route("/settings/view-practice", methods=["POST"])
@needs("settings")
def view_practice() -> ResponseReturnValue:
    """연습으로 보기: the way back; the real database stays as it is."""
    return open_or_explain("practice")


def open_or_explain(mode: Mode) -> ResponseReturnValue:
    """Open that mode and show its payments coming in; or say why it cannot be opened."""
    try:
        service.open_mode(runtime(), mode, current_user.id)
    except CannotStart as problem:
        return render_template("setup/problem.html", problem=problem), 503
    return redirect(url_for("setup.first_sync"), code=303)
