"""Routes of refunding a payment: form, last check, sending. A payment is refunded, never an order.

Nothing here sends anything: the service writes the wish down and the worker goes on from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from dashboard import settings
from dashboard.accounts.permissions import allowed, needs
from dashboard.banks import DEFAULT_CODE_SET, banks, find_bank
from dashboard.database import get_db
from dashboard.i18n import language
from dashboard.ksnet import CancelWish, Objection
from dashboard.orders.service import state_tax_free
from dashboard.orders.strip import Strip, known, of_answer
from dashboard.portone import RefundAccount
from dashboard.refunds import approvals, lock, problems, service
from dashboard.refunds.asking import ask_about, desk_or_404, pace, spelled
from dashboard.refunds.blueprint import blueprint
from dashboard.refunds.desk import Desk
from dashboard.refunds.forms import PasswordForm, RefundForm
from dashboard.refunds.objecting import earlier
from dashboard.refunds.request_words import why_words
from dashboard.refunds.signing import BadForm, OldForm, SignedBalance, read_balance, sign_balance
from dashboard.runtime import NoKeys, runtime

_OF = "/payments/<imp_uid>/refunds"


@blueprint.get(f"{_OF}/new")
@needs("refund")
def new(imp_uid: str) -> ResponseReturnValue:
    """The form, from the ledger; the page's script then asks PortOne."""
    desk = desk_or_404(imp_uid)
    if desk.open_refund:
        return redirect(url_for(".show", refund_id=desk.open_refund))
    if desk.open_request:
        return redirect(url_for(".show_request", request_id=desk.open_request))
    return _page(desk, _form(desk, formdata=None))


@blueprint.get(_OF)
@blueprint.get(f"{_OF}/<any(check, fresh, remind):form_step>")
@needs("refund")
def back_to_form(imp_uid: str, form_step: str = "") -> ResponseReturnValue:
    """The address bar of a form that came back, loaded again."""
    desk_or_404(imp_uid)
    return redirect(url_for(".new", imp_uid=imp_uid))


@blueprint.post(f"{_OF}/fresh")
@needs("refund")
def fresh(imp_uid: str) -> ResponseReturnValue:
    """Ask PortOne; with a script the pieces that follow from its answer, else the form as typed."""
    answer = ask_about(desk_or_404(imp_uid))
    desk = desk_or_404(imp_uid)
    strip = of_answer(answer, state=desk.facts.state, checked_at=desk.checked_at)
    if "X-Fragment" in request.headers:
        return _page(desk, _form(desk, formdata=None), template="refunds/_fresh.html", strip=strip)
    return _page(desk, _form(desk), strip=strip)


@blueprint.post(f"{_OF}/check")
@needs("refund")
def check(imp_uid: str) -> ResponseReturnValue:
    """Look at what was typed; what can be sent is read back before anything is."""
    wished = _read(imp_uid)
    return _confirm(wished, PasswordForm(formdata=None)) if isinstance(wished, Wished) else wished


@blueprint.post(_OF)
@needs("refund")
def create(imp_uid: str) -> ResponseReturnValue:
    """Write the wish down, to be sent or to wait. Twice the same form leads to the same one."""
    if not pace().may(current_user.id, runtime().now()):
        abort(429)
    wished = _read(imp_uid)
    if not isinstance(wished, Wished):
        return wished
    password = PasswordForm()
    if wished.wants_password and not password.validate():
        return _confirm(wished, password), password.status, password.headers
    form, db = wished.form, get_db()
    if form.tax_free_total_won is not None:
        state_tax_free(
            db,
            wished.desk.order_id,
            tax_free=form.tax_free_total_won,
            person_id=current_user.id,
            now=wished.desk.now,
        )
    try:
        return redirect(_write_down(wished), code=303)
    except service.AlreadyAsked as asked:
        return _lead_to(asked.refund_id)
    except service.AlreadyWaits as waits:
        return _lead_to_request(waits.request_id)
    except service.LateArrival as late:
        flash(problems.late(), "warning")
        return _lead_to(late.refund_id)
    except (service.CannotRequest, NoKeys) as error:
        return _refused(imp_uid, error)


def _refused(imp_uid: str, error: service.CannotRequest | NoKeys) -> ResponseReturnValue:
    problem, status = problems.of(error, balance=desk_or_404(imp_uid).balance)
    return _again(imp_uid, problem, status, getattr(error, "objections", ()))


def _write_down(wished: Wished) -> str:
    """A refund that the worker sends, or a request that waits; the address of its page."""
    given: dict[str, Any] = {
        "balance": wished.signed,
        "wish": _service_wish(wished),
        "person_id": current_user.id,
    }
    if wished.waits.at_once:
        made = service.request_refund(runtime(), get_db(), **given)
        return url_for(".show", refund_id=made)
    made = approvals.ask(
        runtime(),
        get_db(),
        **given,
        for_somebody=wished.waits.for_somebody,
        send_at=wished.send_at,
    )
    return url_for(".show_request", request_id=made)


# -- reading what was typed ---------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Wished:
    """A wish that holds together and that no rule stops."""

    desk: Desk
    form: RefundForm
    signed: SignedBalance
    wish: CancelWish
    objections: tuple[Objection, ...]
    waits: approvals.Waits
    send_at: int | None  # UNIX seconds: when KSNET takes it again (K5)

    @property
    def wants_password(self) -> bool:
        """Only of whoever sends it; an approver is asked for their own."""
        return self.waits.password and not self.waits.for_somebody

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
    def why_words(self) -> list[str]:
        """What it would wait for, a sentence each."""
        return why_words(self.waits.why, needs_owner=self.waits.needs_owner)

    @property
    def overruled(self) -> str:
        return self.form.overrule.data or ""


def _read(imp_uid: str) -> Wished | ResponseReturnValue:
    """What was typed, or the answer that says what is wrong with it."""
    desk = desk_or_404(imp_uid)
    form = _form(desk)
    try:
        signed = read_balance(
            request.form.get("balance", ""), current_user.id, imp_uid, runtime().now()
        )
    except OldForm as old:
        return _made_of(old.form_token) or _again(imp_uid, problems.old(), 400)
    except BadForm:
        return _again(imp_uid, problems.tampered(), 400)
    if lead := _made_of(signed.form_token) or _open_of(desk):
        return lead
    if lock.locked(get_db()):
        return _again(imp_uid, problems.locked(), 409)
    if (signed.amount, signed.cancel_amount) != (desk.amount, desk.facts.cancelled):
        return _again(imp_uid, problems.moved(desk.balance), 409)
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
    send_at = desk.reminder_at if form.schedule.data == "1" else None
    found = (*desk.objections_to(wish, at=send_at), *earlier(get_db(), desk.payment, 0.0))
    if stops := [one for one in found if one.severity == "stops"]:
        return _page(desk, form, problem=problems.forbidden(stops)), 422
    warns = [one for one in found if one.severity == "warns"]
    overrules = allowed(current_user.role, "overrule")
    if warns and overrules and not form.overrule.data:
        return _page(desk, form, problem=problems.warned(warns), warns=warns), 422
    waits = approvals.waits_for(
        get_db(),
        person_id=current_user.id,
        amount=form.amount_won,
        now=desk.now,
        warned=bool(warns) and not overrules,
        send_at=send_at,
    )
    return Wished(
        desk=desk,
        form=form,
        signed=signed,
        wish=wish,
        objections=found,
        waits=waits,
        send_at=send_at,
    )


def _made_of(form_token: str) -> ResponseReturnValue | None:
    """To what this form has become, if it was sent before."""
    if made := service.find_by_form(get_db(), form_token):
        return _lead_to(made)
    if waits := approvals.find_by_form(get_db(), form_token):
        return _lead_to_request(waits)
    return None


def _open_of(desk: Desk) -> ResponseReturnValue | None:
    """To what is under way for this payment."""
    if desk.open_refund:
        return _lead_to(desk.open_refund)
    return _lead_to_request(desk.open_request) if desk.open_request else None


def _lead_to(refund_id: str) -> ResponseReturnValue:
    return redirect(url_for(".show", refund_id=refund_id), code=303)


def _lead_to_request(request_id: str) -> ResponseReturnValue:
    return redirect(url_for(".show_request", request_id=request_id), code=303)


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


def _form(desk: Desk, **given: Any) -> RefundForm:
    names = [(bank.code, f"{bank.name(language())} ({bank.code})") for bank in banks(_code_set())]
    return RefundForm(desk=desk, banks=names, **given)


def _code_set() -> str:
    return str(settings.get(get_db(), "bank_code_set", DEFAULT_CODE_SET))


def _confirm(wished: Wished, password: PasswordForm) -> str:
    desk, form = wished.desk, wished.form
    return render_template(
        "refunds/_confirm.html" if "X-Fragment" in request.headers else "refunds/confirm.html",
        desk=desk,
        form=form,
        wished=wished,
        password=password,
        balance=form.balance.data,
        bars=desk.bars(form.amount_won, form.tax_free_won),
        spelled=spelled(form.amount_won),
        now=desk.now,
    )


def _again(
    imp_uid: str, problem: problems.Problem, status: int, warns: Sequence[Objection] = ()
) -> ResponseReturnValue:
    """The form as it was typed, with the balance of now and what went wrong above it."""
    desk = desk_or_404(imp_uid)
    return _page(desk, _form(desk), problem=problem, warns=warns), status


def _page(
    desk: Desk,
    form: RefundForm,
    *,
    problem: problems.Problem | None = None,
    strip: Strip | None = None,
    warns: Sequence[Objection] = (),
    template: str = "",
) -> str:
    back = "X-Fragment" in request.headers
    warned = [*warns, *(one for one in desk.objections if one.severity == "warns")]
    amount = min(form.amount_won or desk.possible, desk.possible)
    free = form.tax_free_won if form.amount_won else (desk.proposal(amount) or 0)
    return render_template(
        template or ("refunds/_form.html" if back else "refunds/new.html"),
        desk=desk,
        form=form,
        balance=sign_balance(desk.payment, current_user.id, desk.now),
        problem=problem or (problems.locked() if lock.locked(get_db()) else None),
        strip=strip or known(desk.checked_at),
        warned=warned,
        shown_amount=amount,
        bars=desk.bars(amount, free),
        now=desk.now,
    )
