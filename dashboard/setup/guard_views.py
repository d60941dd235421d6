"""Settings of refunds: who may send how much alone, and who has to ask first."""

from __future__ import annotations

from dataclasses import asdict

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from dashboard.accounts import service as accounts
from dashboard.accounts.permissions import needs
from dashboard.database import get_db
from dashboard.formatting import won
from dashboard.refunds.guards import read_guards
from dashboard.refunds.policy import Guards
from dashboard.runtime import runtime
from dashboard.setup import service
from dashboard.setup.blueprint import blueprint
from dashboard.setup.guard_forms import FEWEST_APPROVERS, RefundGuardsForm
from dashboard.words import role_word


@blueprint.route("/settings/refund-guards", methods=["GET", "POST"])
@needs("settings")
def refund_guards() -> ResponseReturnValue:
    """Approvals, limits for one refund and for a day, the password again (SEC-27, SEC-28)."""
    db = get_db()
    guards, approvers = read_guards(db), accounts.count_allowed(db, "approve_refund")
    form = RefundGuardsForm(approvers=approvers, data=_shown(guards))
    if form.validate_on_submit():
        service.save_shop_facts(db, form.facts, current_user.id, runtime().now())
        flash(_("환불 승인과 한도를 저장했습니다."), "success")
        return redirect(url_for("setup.settings") + "#refund-guards", code=303)
    page = render_template(
        "setup/refund_guards.html", form=form, stuck=nobody_approves(guards, approvers)
    )
    return page, form.status, form.headers


def nobody_approves(guards: Guards, approvers: int) -> bool:
    """Whether somebody's refunds wait for an approval that nobody is there to give."""
    return guards.approval != "off" and approvers < FEWEST_APPROVERS


def guard_words(guards: Guards) -> list[tuple[str, str]]:
    """Each guard with its value, both ready to print."""
    return [
        (_("승인"), _approval_words(guards)),
        (role_word("manager"), _limit_words(guards.limit_manager, guards.day_limit_manager)),
        (role_word("staff"), _limit_words(guards.limit_staff, guards.day_limit_staff)),
        (_("비밀번호 다시 묻기"), _from_words(guards.password_above)),
    ]


def _shown(guards: Guards) -> dict[str, str]:
    """What the form starts with, by the names of the settings."""
    return {
        f"refund_{name}": f"{value:,}" if isinstance(value, int) else value or ""
        for name, value in asdict(guards).items()
    }


def _approval_words(guards: Guards) -> str:
    if guards.approval == "off":
        return str(_("승인 없이 환불"))
    return _from_words((guards.approval_above or 0) if guards.approval == "above" else 0)


def _limit_words(limit: int | None, day_limit: int | None) -> str:
    words = []
    if limit is not None:
        words.append(_("한 건 %(limit)s까지", limit=won(limit)))
    if day_limit is not None:
        words.append(_("하루 %(limit)s까지", limit=won(day_limit)))
    return " · ".join(words) or str(_("한도 없음"))


def _from_words(amount: int | None) -> str:
    if amount is None:
        return str(_("금액 때문에 묻지 않음"))
    return str(_("%(amount)s부터", amount=won(amount)) if amount else _("모든 환불"))
