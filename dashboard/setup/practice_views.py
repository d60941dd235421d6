"""The practice page: what happens out there, made to happen here."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from dashboard.accounts.permissions import needs
from dashboard.database import get_db
from dashboard.runtime import runtime
from dashboard.setup.blueprint import blueprint
from dashboard.sync.service import request_sync

_MOST_ORDERS = 50
_MOST_REQUESTS = 20


class PracticeError(Exception):
    """What was asked for cannot happen now; the message is a sentence for the page."""


def _(text: str, **values: object) -> str:
    return str(gettext(text, **values))


@blueprint.route("/practice")
@needs("practice")
def practice() -> ResponseReturnValue:
    """Tools to let orders, deposits, cancels and failures happen at the practice PortOne."""
    if runtime().mode != "practice":
        abort(404)
    return render_template("setup/practice.html", waiting=runtime().practice.waiting())


@blueprint.route("/practice/<deed>", methods=["POST"])
@needs("practice")
def practise(deed: str) -> ResponseReturnValue:
    """Let one thing happen, and say what to look at next."""
    if runtime().mode != "practice" or deed not in _DEEDS:
        abort(404)
    try:
        flash(_DEEDS[deed](), "success")
    except PracticeError as error:
        flash(str(error), "warning")
    return redirect(url_for("setup.practice"), code=303)


def _new_orders() -> str:
    count = _number("count", 3, _MOST_ORDERS)
    runtime().practice.new_orders(count)
    _sync()
    return _(
        "새 주문 %(count)s건이 들어왔습니다. 잠시 뒤 주문 목록 맨 위에 나타납니다.", count=count
    )


def _deposit() -> str:
    found = runtime().practice.deposit()
    if found is None:
        raise PracticeError(_("입금을 기다리는 가상계좌가 없습니다. 새 주문을 먼저 넣어 보세요."))
    return _(
        "주문 %(merchant_uid)s의 구매자가 입금했습니다. 그 주문을 열면 입금대기가 결제완료로 "
        "바뀝니다.",
        merchant_uid=found,
    )


def _cancel_part() -> str:
    found = runtime().practice.cancel_part()
    if found is None:
        raise PracticeError(_("일부만 취소할 수 있는 결제가 없습니다. 새 주문을 먼저 넣어 보세요."))
    return _(
        "누군가 포트원 콘솔에서 주문 %(merchant_uid)s의 일부를 취소했습니다. 주문을 열면 장부와 "
        "포트원이 다르다는 표시와 새 취소내역이 보입니다.",
        merchant_uid=found,
    )


def _misbehave() -> str:
    from dashboard.practice import MISBEHAVIOURS  # not for the start of a real shop

    kind = request.form.get("kind", "")
    if kind not in MISBEHAVIOURS:
        abort(400)
    count = _number("count", 3, _MOST_REQUESTS)
    runtime().practice.misbehave(kind, count)
    looks = {
        "silent": _(
            "포트원이 다음 요청 %(count)s번에 대답하지 않습니다. 주문을 열고 '지금 확인'을 누르면 "
            "마지막으로 안 상태와 그 시각이 보입니다.",
            count=count,
        ),
        "slow": _(
            "포트원이 다음 요청 %(count)s번에 늦게 대답합니다. 주문 목록은 기다리지 않고 바로 "
            "열립니다.",
            count=count,
        ),
        "key": _(
            "포트원이 다음 요청 %(count)s번에 API 키를 거절합니다. 주문을 열면 키를 고치는 방법이 "
            "보입니다.",
            count=count,
        ),
    }
    return looks[kind]


def _behave() -> str:
    runtime().practice.behave()
    return _("포트원이 다시 제대로 대답합니다.")


_DEEDS = {
    "new-orders": _new_orders,
    "deposit": _deposit,
    "cancel-part": _cancel_part,
    "misbehave": _misbehave,
    "behave": _behave,
}


def _sync() -> None:
    request_sync(get_db(), None, current_user.id, runtime().now())


def _number(name: str, default: int, most: int) -> int:
    """A small whole number from the form; anything else becomes ``default``."""
    typed = request.form.get(name, "")
    found = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else default
    return min(max(found, 1), most)
