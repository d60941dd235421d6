"""Settings of refunds: what the shop agreed with KSNET, bank codes, webhooks of cancels."""

from __future__ import annotations

from collections.abc import Mapping

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from dashboard import settings
from dashboard.accounts.permissions import needs
from dashboard.banks import DEFAULT_CODE_SET
from dashboard.database import get_db
from dashboard.runtime import runtime
from dashboard.setup import service
from dashboard.setup.blueprint import blueprint
from dashboard.setup.forms import ContractForm, ReceiptSettingsForm, RefundSettingsForm


@blueprint.route("/settings/contract", methods=["GET", "POST"])
@needs("settings")
def contract() -> ResponseReturnValue:
    """One switch per contract item: yes, no, unknown (K52)."""
    db = get_db()
    form = ContractForm(data={name: settings.get(db, name) or "" for name in settings.CONTRACTS})
    if form.validate_on_submit():
        service.save_shop_facts(db, form.facts, current_user.id, runtime().now())
        flash(_("KSNET 계약을 저장했습니다."), "success")
        return redirect(url_for("setup.settings") + "#contract", code=303)
    return render_template("setup/contract.html", form=form), form.status, form.headers


@blueprint.route("/settings/refunds", methods=["GET", "POST"])
@needs("settings")
def refunds() -> ResponseReturnValue:
    """Bank codes with K8's warning, and webhooks of cancels."""
    db = get_db()
    form = RefundSettingsForm(
        data={
            "bank_code_set": settings.get(db, "bank_code_set") or DEFAULT_CODE_SET,
            "bank_codes_confirmed": bool(settings.get(db, "bank_codes_confirmed")),
            "enable_webhook": bool(settings.get(db, "enable_webhook")),
        }
    )
    if not form.validate_on_submit():
        return render_template("setup/refunds.html", form=form), form.status, form.headers
    if service.save_refund_settings(db, form.facts, current_user.id, runtime().now()):
        flash(_("환불 설정을 저장했습니다."), "success")
    else:
        flash(
            _(
                "은행코드 체계를 바꾸어 확인 표시를 지웠습니다. 새 체계를 KSNET에 확인한 뒤 다시"
                " 표시하십시오."
            ),
            "warning",
        )
    return redirect(url_for("setup.settings") + "#refunds", code=303)


@blueprint.route("/settings/receipts", methods=["GET", "POST"])
@needs("settings")
def receipts() -> ResponseReturnValue:
    """How receipts arise in this shop, and what it usually sells."""
    db = get_db()
    form = ReceiptSettingsForm(
        data={name: settings.get(db, name, "") for name in settings.RECEIPTS}
    )
    if not form.validate_on_submit():
        status = 422 if form.is_submitted() else 200
        return render_template("setup/receipts.html", form=form), status
    service.save_shop_facts(db, form.facts, current_user.id, runtime().now())
    flash(_("현금영수증 설정을 저장했습니다."), "success")
    return redirect(url_for("setup.settings") + "#receipts", code=303)


def contract_words(facts: Mapping[str, str | None]) -> list[tuple[str, str]]:
    """Each contract item with its answer, both ready to print."""
    form = ContractForm(meta={"csrf": False})
    return [
        (form[name].label.text, dict(form[name].choices)[facts[name] or ""])
        for name in settings.CONTRACTS
    ]
