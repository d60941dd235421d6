"""Webhooks as a list: what each claimed, and what PortOne said when it was asked."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from dashboard import gateway
from dashboard.accounts.permissions import needs
from dashboard.checkout import inbox
from dashboard.checkout.blueprint import blueprint
from dashboard.checkout.words import VERDICT_MEANINGS, VERDICTS, status_words, why_words
from dashboard.database import get_db
from dashboard.refunds.asking import pace
from dashboard.runtime import runtime

PAGE = 50


@blueprint.get("/webhooks")
@needs("see_orders")
def webhooks() -> str:
    """The newest first."""
    number = request.args.get("page", "1")
    sound = number.isascii() and number.isdigit() and len(number) < 6
    page = max(int(number), 1) if sound else 1
    rows = inbox.listed(get_db(), limit=PAGE + 1, offset=(page - 1) * PAGE)
    return render_template(
        "checkout/webhooks.html",
        rows=rows[:PAGE],
        more=len(rows) > PAGE,
        page=page,
        verdicts=VERDICTS,
        meanings=VERDICT_MEANINGS,
        status_words=status_words,
        why_words=why_words,
        notice_url=gateway.read(runtime(), get_db()).notice_url,
    )


@blueprint.get(f"/webhooks/<int(max={2**63 - 1}):webhook_id>/replay")
@needs("see_orders")
def back_to_webhooks(webhook_id: int) -> ResponseReturnValue:
    """The address bar of a replay, loaded again."""
    if inbox.find(get_db(), webhook_id) is None:
        abort(404)
    return redirect(url_for(".webhooks"))


@blueprint.post(f"/webhooks/<int(max={2**63 - 1}):webhook_id>/replay")
@needs("request_payment")
def replay(webhook_id: int) -> ResponseReturnValue:
    """Look into one again."""
    if inbox.find(get_db(), webhook_id) is None:
        abort(404)
    if not pace().may(current_user.id, runtime().now()):
        abort(429)
    if inbox.replay(get_db(), webhook_id, person_id=current_user.id, now=runtime().now()):
        runtime().wake.set()
        flash(_("곧 포트원에 다시 물어봅니다."), "info")
    else:
        flash(_("결제번호가 없어 물어볼 것이 없습니다."), "warning")
    return redirect(url_for(".webhooks"), code=303)
