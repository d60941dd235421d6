"""Routes of what somebody does with a request: ask PortOne now, give it up, revoke its account."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from dashboard.accounts.permissions import needs
from dashboard.checkout import service
from dashboard.checkout.blueprint import blueprint
from dashboard.checkout.listing import Entry
from dashboard.checkout.show_views import ONE, row_or_404
from dashboard.checkout.states import PAYABLE
from dashboard.database import get_db
from dashboard.portone.errors import SENTENCES
from dashboard.refunds.asking import pace
from dashboard.runtime import NoKeys, runtime


@blueprint.post(f"{ONE}/look")
@needs("ask_portone")
def look(request_id: Any) -> ResponseReturnValue:
    """Have PortOne asked now."""
    _within_pace()
    row = row_or_404(request_id)
    service.look(runtime(), get_db(), row["id"])
    return _back(row)


@blueprint.get(f"{ONE}/cancel")
@needs("request_payment")
def cancel(request_id: Any) -> ResponseReturnValue:
    """The question before a request is given up."""
    row = row_or_404(request_id)
    if row["state"] not in ("preparing", *PAYABLE):
        return redirect(url_for(".show", request_id=row["id"]))
    return render_template(
        "checkout/cancel.html", row=row, one=Entry(row), lines=service.lines(get_db(), row["id"])
    )


@blueprint.post(f"{ONE}/cancel")
@needs("request_payment")
def cancel_it(request_id: Any) -> ResponseReturnValue:
    """End a request nobody has paid."""
    _within_pace()
    row = row_or_404(request_id)
    try:
        service.give_up(runtime(), get_db(), row["id"], person_id=current_user.id)
    except service.CannotGiveUp:
        flash(_("이미 결제되었거나 끝난 요청입니다. 아래 상태를 확인해 주세요."), "warning")
    else:
        flash(_("요청을 취소했습니다. 구매자는 더 결제할 수 없습니다."), "success")
    return _back(row)


@blueprint.post(f"{ONE}/revoke")
@needs("request_payment")
def revoke(request_id: Any) -> ResponseReturnValue:
    """Take an unpaid virtual account back (K39)."""
    _within_pace()
    row = row_or_404(request_id)
    try:
        service.revoke(runtime(), get_db(), row["id"], person_id=current_user.id)
    except service.CannotGiveUp:
        flash(_("발급취소할 수 있는 가상계좌가 아닙니다. 아래 상태를 확인해 주세요."), "warning")
    except service.NotRevoked as error:
        if error.error is None:
            flash(
                _("그사이 상태가 바뀌어 발급취소하지 않았습니다. 아래를 확인해 주세요."), "warning"
            )
        else:
            why = _(SENTENCES[error.error.why])
            flash(_("가상계좌를 발급취소하지 못했습니다. %(why)s", why=why), "danger")
    except NoKeys:
        flash(_("포트원 API 키가 없습니다. 설정에서 먼저 연결해 주세요."), "warning")
    else:
        flash(_("가상계좌를 발급취소했습니다. 더 입금할 수 없습니다."), "success")
    return _back(row)


@blueprint.post(f"{ONE}/close")
@needs("request_payment")
def close_alarm(request_id: Any) -> ResponseReturnValue:
    """Somebody has seen to an alarm."""
    row = row_or_404(request_id)
    if service.close_alarm(runtime(), get_db(), row["id"], person_id=current_user.id):
        flash(_("확인한 것으로 표시했습니다."), "success")
    return _back(row)


def _back(row: service.Row) -> ResponseReturnValue:
    return redirect(url_for(".show", request_id=row["id"]), code=303)


def _within_pace() -> None:
    if not pace().may(current_user.id, runtime().now()):
        abort(429)
