"""Routes of refunding a payment: form, last check, sending. A payment is refunded, never an order.

Nothing here sends anything: the service writes the wish down and the worker goes on from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from dashboard import settings
from dashboard.accounts.permissions import allowed, needs
from dashboard.banks import DEFAULT_CODE_SET, banks, find_bank
from dashboard.database import get_db
from dashboard.formatting import won
from dashboard.i18n import language
from dashboard.ksnet import CancelWish, Objection
from dashboard.orders.ask import Answer, ask, note_answer
from dashboard.orders.live import QUICK
from dashboard.orders.service import state_tax_free
from dashboard.orders.strip import Strip, known, of_answer
from dashboard.portone import RefundAccount
from dashboard.portone.errors import SENTENCES
from dashboard.refunds import lock, service, store
from dashboard.refunds.blueprint import blueprint
from dashboard.refunds.desk import Desk, read_desk
from dashboard.refunds.forms import RefundForm
from dashboard.refunds.number_words import won_in_words
from dashboard.refunds.objecting import earlier
from dashboard.refunds.pace import Pace
from dashboard.refunds.signing import BadForm, OldForm, SignedBalance, read_balance, sign_balance
from dashboard.runtime import NoKeys, runtime

SPELLED_FROM = 100_000  # won; below this the figures are short enough to read (design)
_OF = "/payments/<imp_uid>/refunds"


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Why the form came back: what happened, what is certain, what next."""

    tone: str
    icon: str
    title: str
    text: str
    words: str = ""  # PortOne's own, behind "자세히"


@blueprint.get(f"{_OF}/new")
@needs("refund")
def new(imp_uid: str) -> ResponseReturnValue:
    """The form, from the ledger; the page's script then asks PortOne."""
    desk = _desk_or_404(imp_uid)
    if desk.open_refund:
        return redirect(url_for(".show", refund_id=desk.open_refund))
    return _page(desk, _form(desk, formdata=None))


@blueprint.get(_OF)
@blueprint.get(f"{_OF}/<any(check, fresh, remind):form_step>")
@needs("refund")
def back_to_form(imp_uid: str, form_step: str = "") -> ResponseReturnValue:
    """The address bar of a form that came back, loaded again."""
    _desk_or_404(imp_uid)
    return redirect(url_for(".new", imp_uid=imp_uid))


@blueprint.post(f"{_OF}/fresh")
@needs("refund")
def fresh(imp_uid: str) -> ResponseReturnValue:
    """Ask PortOne; with a script the pieces that follow from its answer, else the form as typed."""
    answer = _ask(_desk_or_404(imp_uid))
    desk = _desk_or_404(imp_uid)
    strip = of_answer(answer, state=desk.facts.state, checked_at=desk.checked_at)
    if "X-Fragment" in request.headers:
        return _page(desk, _form(desk, formdata=None), template="refunds/_fresh.html", strip=strip)
    return _page(desk, _form(desk), strip=strip)


@blueprint.post(f"{_OF}/check")
@needs("refund")
def check(imp_uid: str) -> ResponseReturnValue:
    """Look at what was typed; what can be sent is read back before anything is."""
    wished = _read(imp_uid)
    if not isinstance(wished, Wished):
        return wished
    desk, form = wished.desk, wished.form
    return render_template(
        "refunds/_confirm.html" if "X-Fragment" in request.headers else "refunds/confirm.html",
        desk=desk,
        form=form,
        wished=wished,
        balance=form.balance.data,
        bars=desk.bars(form.amount_won, form.tax_free_won),
        spelled=_spelled(form.amount_won),
        now=desk.now,
    )


@blueprint.post(_OF)
@needs("refund")
def create(imp_uid: str) -> ResponseReturnValue:
    """Write the wish down; the worker sends it. Twice the same form leads to the same refund."""
    if not _pace().may(current_user.id, runtime().now()):
        abort(429)
    wished = _read(imp_uid)
    if not isinstance(wished, Wished):
        return wished
    desk, form, db = wished.desk, wished.form, get_db()
    if form.tax_free_total_won is not None:
        state_tax_free(
            db,
            desk.order_id,
            tax_free=form.tax_free_total_won,
            person_id=current_user.id,
            now=desk.now,
        )
    try:
        refund_id = service.request_refund(
            runtime(),
            db,
            balance=wished.signed,
            wish=_service_wish(wished),
            person_id=current_user.id,
        )
    except service.AlreadyAsked as asked:
        refund_id = asked.refund_id
    except service.LateArrival as late:
        flash(_late(), "warning")
        refund_id = late.refund_id
    except service.BalanceChanged:
        return _again(imp_uid, _moved(_desk_or_404(imp_uid)), 409)
    except service.Stopped as stopped:
        return _again(imp_uid, _forbidden(stopped.objections), 422)
    except service.NeedsOverrule as needed:
        return _again(imp_uid, _warned(needed.objections), 422, needed.objections)
    except service.Locked:
        return _again(imp_uid, _locked(), 409)
    except service.CannotAsk as error:
        return _again(imp_uid, _not_asked(error), 502)
    except NoKeys:
        return _again(imp_uid, _no_keys(), 503)
    return redirect(url_for(".show", refund_id=refund_id), code=303)


# -- reading what was typed ---------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Wished:
    """A wish that holds together and that no rule stops."""

    desk: Desk
    form: RefundForm
    signed: SignedBalance
    wish: CancelWish
    objections: tuple[Objection, ...]

    @property
    def bank(self) -> str:
        """The receiving bank's name."""
        found = find_bank(self.wish.bank, _code_set())
        return found.name(language()) if found else self.wish.bank

    @property
    def last4(self) -> str:
        return self.wish.account[-4:]

    @property
    def after(self) -> int:
        """Won left afterwards."""
        return self.desk.balance - self.form.amount_won

    @property
    def overruled(self) -> str:
        return self.form.overrule.data or ""


def _read(imp_uid: str) -> Wished | ResponseReturnValue:
    """What was typed, or the answer that says what is wrong with it."""
    desk = _desk_or_404(imp_uid)
    form = _form(desk)
    try:
        signed = read_balance(
            request.form.get("balance", ""), current_user.id, imp_uid, runtime().now()
        )
    except OldForm as old:
        made = store.by_form(get_db(), old.form_token)
        return _lead_to(made["id"]) if made else _again(imp_uid, _old(), 400)
    except BadForm:
        return _again(imp_uid, _tampered(), 400)
    made = store.by_form(get_db(), signed.form_token)
    if made:
        return _lead_to(made["id"])
    if desk.open_refund:
        return _lead_to(desk.open_refund)
    if lock.locked(get_db()):
        return _again(imp_uid, _locked(), 409)
    if (signed.amount, signed.cancel_amount) != (desk.amount, desk.facts.cancelled):
        return _again(imp_uid, _moved(desk), 409)
    if not form.validate():
        return _page(desk, form), 422
    desk = desk.with_total(form.tax_free_total_won)
    wish = CancelWish(
        amount=form.amount_won,
        tax_free=form.tax_free_won,
        kind="whole" if form.whole else "part",
        holder=form.holder.data if desk.needs_account else "",
        bank=form.bank.data if desk.needs_account else "",
        account=form.account_digits,
    )
    found = (*desk.objections_to(wish), *earlier(get_db(), desk.payment, 0.0))
    if stops := [one for one in found if one.severity == "stops"]:
        return _page(desk, form, problem=_forbidden(stops)), 422
    warns = [one for one in found if one.severity == "warns"]
    if warns and not (form.overrule.data and allowed(current_user.role, "overrule")):
        return _page(desk, form, problem=_warned(warns), warns=warns), 422
    return Wished(desk=desk, form=form, signed=signed, wish=wish, objections=found)


def _lead_to(refund_id: str) -> ResponseReturnValue:
    """To the refund this form has become, or that is open already."""
    return redirect(url_for(".show", refund_id=refund_id), code=303)


def _service_wish(wished: Wished) -> service.Wish:
    wish = wished.wish
    account = None
    if wished.desk.needs_account:
        account = RefundAccount(holder=wish.holder, bank=wish.bank, account=wish.account)
    return service.Wish(
        kind=wish.kind,
        amount=wished.form.amount_won,
        tax_free=wished.form.tax_free_won,
        reason=wished.form.reason_text,
        account=account,
        overrule=wished.overruled or None,
    )


# -- pages --------------------------------------------------------------------------------------


def _desk_or_404(imp_uid: str) -> Desk:
    desk = read_desk(get_db(), imp_uid, now=runtime().now(), practice=runtime().mode == "practice")
    if desk is None:
        abort(404)
    return desk


def _form(desk: Desk, **given: Any) -> RefundForm:
    names = [(bank.code, f"{bank.name(language())} ({bank.code})") for bank in banks(_code_set())]
    return RefundForm(desk=desk, banks=names, **given)


def _code_set() -> str:
    return str(settings.get(get_db(), "bank_code_set", DEFAULT_CODE_SET))


def _again(
    imp_uid: str, problem: Problem, status: int, warns: Sequence[Objection] = ()
) -> ResponseReturnValue:
    """The form as it was typed, with the balance of now and what went wrong above it."""
    desk = _desk_or_404(imp_uid)
    return _page(desk, _form(desk), problem=problem, warns=warns), status


def _page(
    desk: Desk,
    form: RefundForm,
    *,
    problem: Problem | None = None,
    strip: Strip | None = None,
    warns: Sequence[Objection] = (),
    template: str = "",
) -> str:
    back = "X-Fragment" in request.headers
    warned = [*warns, *(one for one in desk.objections if one.severity == "warns")]
    amount = min(form.amount_won or desk.balance, desk.balance)
    free = form.tax_free_won if form.amount_won else (desk.proposal(amount) or 0)
    return render_template(
        template or ("refunds/_form.html" if back else "refunds/new.html"),
        desk=desk,
        form=form,
        balance=sign_balance(desk.payment, current_user.id, desk.now),
        problem=problem or (_locked() if lock.locked(get_db()) else None),
        strip=strip or known(desk.checked_at),
        warned=warned,
        shown_amount=amount,
        bars=desk.bars(amount, free),
        now=desk.now,
    )


def _ask(desk: Desk) -> Answer:
    """Ask PortOne about the payment; no transaction is open meanwhile."""
    try:
        portone = runtime().portone(QUICK)
    except NoKeys:
        return Answer(no_keys=True)
    asked_at = runtime().now()
    payments, answer = ask(portone, [(desk.imp_uid, desk.facts.sandbox)])
    return note_answer(get_db(), payments, answer, asked_at=asked_at, now=runtime().now)


def _pace() -> Pace:
    found: Pace = current_app.extensions.setdefault("jangbu-refund-pace", Pace())
    return found


def _spelled(amount: int) -> str:
    """The sum in Korean words where figures get long; nobody reads those in English."""
    return won_in_words(amount) if amount >= SPELLED_FROM and language() == "ko" else ""


# -- what can go wrong, in words ----------------------------------------------------------------


def _locked() -> Problem:
    return Problem(
        tone="fail",
        icon="lock",
        title=_("환불이 잠겨 있습니다. 아무것도 보내지 않았습니다."),
        text=_(
            "이 장부가 모르는 환불이 있을 수 있어 포트원의 결제를 다시 읽고 있습니다. 다 읽으면"
            " 저절로 풀립니다. 적은 내용은 그대로 있으니 그 뒤에 다시 눌러 주세요."
        ),
    )


def _old() -> Problem:
    return Problem(
        tone="check",
        icon="clock-history",
        title=_("화면을 연 지 30분이 지났습니다. 아무것도 보내지 않았습니다."),
        text=_(
            "그사이 금액이 바뀌었을 수 있어 지금 잔액으로 다시 열었습니다. 확인하고 다시 눌러"
            " 주세요."
        ),
    )


def _tampered() -> Problem:
    return Problem(
        tone="fail",
        icon="x-circle-fill",
        title=_("이 화면에서 만든 요청이 아닙니다. 아무것도 보내지 않았습니다."),
        text=_(
            "다른 사람이나 다른 결제의 화면에서 온 요청은 받지 않습니다. 아래에서 다시 확인해"
            " 주세요."
        ),
    )


def _moved(desk: Desk) -> Problem:
    return Problem(
        tone="check",
        icon="exclamation-triangle-fill",
        title=_("금액이 바뀌었습니다. 아무것도 보내지 않았습니다."),
        text=_(
            "이 화면을 연 뒤에 다른 곳에서 취소되었습니다. 지금 남은 금액은 %(balance)s입니다."
            " 금액을 다시 확인해 주세요.",
            balance=won(desk.balance),
        ),
    )


def _forbidden(stops: Sequence[Objection]) -> Problem:
    return Problem(
        tone="fail",
        icon="x-circle-fill",
        title=_("이대로는 보낼 수 없습니다. 아무것도 보내지 않았습니다."),
        text=" ".join(_objection_words(one) for one in stops),
    )


def _warned(warns: Sequence[Objection]) -> Problem:
    return Problem(
        tone="check",
        icon="exclamation-triangle-fill",
        title=_("KSNET이 거절할 수 있습니다. 아직 아무것도 보내지 않았습니다."),
        text=" ".join(
            [
                *(_objection_words(one) for one in warns),
                _("그래도 보내려면 이유를 적어 주세요.")
                if allowed(current_user.role, "overrule")
                else _("그래도 보내는 것은 주인만 할 수 있습니다. 주인에게 부탁해 주세요."),
            ]
        ),
    )


def _objection_words(one: Objection) -> str:
    return " ".join(part for part in (one.text(language()), one.instead(language())) if part)


def _not_asked(error: service.CannotAsk) -> Problem:
    why, words = SENTENCES[error.error.why], error.error.user_message
    return Problem(
        tone="fail",
        icon="wifi-off",
        title=_("포트원에 지금 잔액을 확인하지 못해 보내지 않았습니다."),
        text=" ".join(
            [
                _(why),
                _("돈은 나가지 않았습니다. 적은 내용은 그대로 있으니 잠시 뒤 다시 눌러 주세요."),
            ]
        ),
        words="" if words == why else words,
    )


def _no_keys() -> Problem:
    return Problem(
        tone="fail",
        icon="key",
        title=_("포트원 키가 없어 보내지 않았습니다."),
        text=_(
            "주인이 설정의 포트원 연결에서 키를 넣은 뒤 다시 눌러 주세요. 돈은 나가지 않았습니다."
        ),
    )


def _late() -> str:
    return str(
        _(
            "앞서 실패한 것으로 보였던 환불이 늦게 실행되어 있었습니다. 새로 보내지 않았습니다."
            " 아래 결과를 확인해 주세요."
        )
    )
