"""Routes of asking for a refund by hand: form, last look, writing it down.

The form is the one of refunds through PortOne over another desk; PortOne is only ever looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from dashboard.accounts.permissions import needs
from dashboard.banks import banks, find_bank
from dashboard.database import get_db
from dashboard.i18n import language
from dashboard.orders.service import state_tax_free
from dashboard.orders.strip import Strip, known, of_answer
from dashboard.portone import RefundAccount
from dashboard.refunds import by_hand, judging, lock, problems, service
from dashboard.refunds.asking import ask_about, desk_or_404, pace, spelled
from dashboard.refunds.blueprint import blueprint
from dashboard.refunds.by_hand_desk import HandDesk, hand_desk
from dashboard.refunds.by_hand_forms import HandForm, LastLookForm
from dashboard.refunds.by_hand_words import ground_words
from dashboard.refunds.policy import Decision
from dashboard.refunds.request_words import why_words
from dashboard.refunds.signing import BadForm, OldForm, SignedBalance, read_balance, sign_balance
from dashboard.runtime import NoKeys, runtime

_OF = "/payments/<imp_uid>/by-hand"


@blueprint.get(f"{_OF}/new")
@needs("refund")
def new_by_hand(imp_uid: str) -> ResponseReturnValue:
    """The form, where PortOne cannot; otherwise the way to the form that can."""
    desk = _desk(imp_uid)
    if lead := _under_way(desk):
        return lead
    return _page(desk, _form(desk, formdata=None))


@blueprint.get(_OF)
@blueprint.get(f"{_OF}/<any(check, fresh):form_step>")
@needs("refund")
def back_to_hand_form(imp_uid: str, form_step: str = "") -> ResponseReturnValue:
    """The address bar of a form that came back, loaded again."""
    desk_or_404(imp_uid)
    return redirect(url_for(".new_by_hand", imp_uid=imp_uid))


@blueprint.post(f"{_OF}/fresh")
@needs("refund")
def fresh_by_hand(imp_uid: str) -> ResponseReturnValue:
    """Ask PortOne; with a script the pieces that follow from its answer, else the form as typed."""
    answer = ask_about(_desk(imp_uid))
    desk = _desk(imp_uid)
    strip = of_answer(answer, state=desk.facts.state, checked_at=desk.checked_at)
    if "X-Fragment" in request.headers:
        return _page(desk, _form(desk, formdata=None), template="refunds/_fresh.html", strip=strip)
    return _page(desk, _form(desk), strip=strip)


@blueprint.post(f"{_OF}/check")
@needs("refund")
def check_by_hand(imp_uid: str) -> ResponseReturnValue:
    """Look at what was typed, and read it back."""
    wished = _read(imp_uid)
    return _last_look(wished) if isinstance(wished, Wished) else wished


@blueprint.post(_OF)
@needs("refund")
def create_by_hand(imp_uid: str) -> ResponseReturnValue:
    """Write it down, to be transferred or approved. Twice the same form leads to the same one."""
    if not pace().may(current_user.id, runtime().now()):
        abort(429)
    wished = _read(imp_uid)
    if not isinstance(wished, Wished):
        return wished
    look = LastLookForm()
    if "password_again" in look and not wished.wants_password:
        del look.password_again
    if not look.validate():
        return _last_look(wished, look), look.status, look.headers
    form, desk, db = wished.form, wished.desk, get_db()
    if form.tax_free_total_won is not None:
        state_tax_free(
            db,
            desk.order_id,
            tax_free=form.tax_free_total_won,
            person_id=current_user.id,
            now=desk.now,
        )
    try:
        made = by_hand.ask(
            runtime(),
            db,
            balance=wished.signed,
            wish=by_hand.HandWish(
                amount=form.amount_won,
                tax_free=form.tax_free_won,
                reason=form.reason_text,
                account=wished.account,
                evidence=look.evidence.upload,
            ),
            person_id=current_user.id,
            at_once=wished.decision.execute,
        )
    except by_hand.AlreadyByHand as already:
        made = already.by_hand_id
    except service.AlreadyAsked as asked:
        return redirect(url_for(".show", refund_id=asked.refund_id), code=303)
    except service.AlreadyWaits as waits:
        return redirect(url_for(".show_request", request_id=waits.request_id), code=303)
    except service.LateArrival as late:
        flash(problems.late(), "warning")
        return redirect(url_for(".show", refund_id=late.refund_id), code=303)
    except by_hand.PortOneCan:
        return _again(imp_uid, problems.portone_can(), 409)
    except (service.CannotRequest, NoKeys) as error:
        problem, status = problems.of(error, balance=_desk(imp_uid).possible)
        return _again(imp_uid, problem, status)
    return redirect(url_for(".show_by_hand", by_hand_id=made), code=303)


# -- reading what was typed ---------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Wished:
    """A transfer that holds together."""

    desk: HandDesk
    form: HandForm
    signed: SignedBalance
    decision: Decision

    @property
    def account(self) -> RefundAccount:
        form = self.form
        return RefundAccount(
            holder=form.holder.data, bank=form.bank.data, account=form.account_digits
        )

    @property
    def bank(self) -> str:
        """The receiving bank's name."""
        found = find_bank(self.form.bank.data)
        return found.name(language()) if found else str(self.form.bank.data)

    @property
    def wants_password(self) -> bool:
        """Only of whoever decides alone; an approver is asked for their own."""
        return self.decision.password and self.decision.execute

    @property
    def why_words(self) -> list[str]:
        """What it would wait for, a sentence each."""
        return why_words(self.decision.why, needs_owner=self.decision.needs_owner)

    @property
    def after(self) -> int:
        """Won left afterwards by the shop's own books."""
        return self.desk.possible - self.form.amount_won


def _read(imp_uid: str) -> Wished | ResponseReturnValue:
    """What was typed, or the answer that says what is wrong with it."""
    desk = _desk(imp_uid)
    form = _form(desk)
    try:
        signed = read_balance(
            request.form.get("balance", ""), current_user.id, imp_uid, runtime().now()
        )
    except OldForm as old:
        return _made_of(old.form_token) or _again(imp_uid, problems.old(), 400)
    except BadForm:
        return _again(imp_uid, problems.tampered(), 400)
    if lead := _made_of(signed.form_token) or _under_way(desk):
        return lead
    if lock.locked(get_db()):
        return _again(imp_uid, problems.locked(), 409)
    if (signed.amount, signed.cancel_amount) != (desk.amount, desk.facts.cancelled):
        return _again(imp_uid, problems.moved(desk.possible), 409)
    if desk.stopped:
        return _page(desk, form), 422
    if not form.validate():
        return _page(desk, form), 422
    desk = desk.with_total(form.tax_free_total_won)
    decision = judging.judge(
        get_db(), person_id=current_user.id, amount=form.amount_won, now=desk.now
    )
    return Wished(desk=desk, form=form, signed=signed, decision=decision)


def _made_of(form_token: str) -> ResponseReturnValue | None:
    """To what this form has become, if it was sent before."""
    made = by_hand.find_by_form(get_db(), form_token)
    return redirect(url_for(".show_by_hand", by_hand_id=made), code=303) if made else None


def _under_way(desk: HandDesk) -> ResponseReturnValue | None:
    """To what is not over for this payment: one thing at a time."""
    if desk.open_by_hand:
        return redirect(url_for(".show_by_hand", by_hand_id=desk.open_by_hand), code=303)
    if desk.open_refund:
        return redirect(url_for(".show", refund_id=desk.open_refund), code=303)
    if desk.open_request:
        return redirect(url_for(".show_request", request_id=desk.open_request), code=303)
    return None


# -- pages --------------------------------------------------------------------------------------


def _desk(imp_uid: str) -> HandDesk:
    return hand_desk(desk_or_404(imp_uid))


def _form(desk: HandDesk, **given: Any) -> HandForm:
    """With KFTC's codes: KSNET, whose set may differ (K8), is not asked for anything."""
    names = [(bank.code, f"{bank.name(language())} ({bank.code})") for bank in banks()]
    return HandForm(desk=desk, banks=names, **given)


def _last_look(wished: Wished, look: LastLookForm | None = None) -> str:
    desk, form = wished.desk, wished.form
    piece = "X-Fragment" in request.headers
    return render_template(
        "refunds/by_hand/_confirm.html" if piece else "refunds/confirm.html",
        desk=desk,
        form=form,
        wished=wished,
        look=look or LastLookForm(formdata=None),
        balance=form.balance.data,
        bars=desk.bars(form.amount_won, form.tax_free_won),
        spelled=spelled(form.amount_won),
        grounds=ground_words(desk.grounds),
    )


def _again(imp_uid: str, problem: problems.Problem, status: int) -> ResponseReturnValue:
    """The form as it was typed, with the balance of now and what went wrong above it."""
    desk = _desk(imp_uid)
    return _page(desk, _form(desk), problem=problem), status


def _page(
    desk: HandDesk,
    form: HandForm,
    *,
    problem: problems.Problem | None = None,
    strip: Strip | None = None,
    template: str = "",
) -> str:
    piece = "X-Fragment" in request.headers
    amount = min(form.amount_won or (desk.possible if desk.wholes else 0), desk.possible)
    free = form.tax_free_won if form.amount_won else (desk.proposal(amount) or 0)
    return render_template(
        template or ("refunds/by_hand/_form.html" if piece else "refunds/new.html"),
        desk=desk,
        form=form,
        balance=sign_balance(desk.payment, current_user.id, desk.now),
        problem=problem or (problems.locked() if lock.locked(get_db()) else None),
        strip=strip or known(desk.checked_at),
        shown_amount=amount,
        bars=desk.bars(amount, free),
        grounds=ground_words(desk.grounds),
        now=desk.now,
    )
