"""Routes of the order page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from dashboard.accounts.permissions import needs
from dashboard.checkout.delivery_offers import deliveries_of_order
from dashboard.checkout.offers import request_of_order
from dashboard.database import get_db
from dashboard.orders import service
from dashboard.orders.ask import Answer, ask, note_answer
from dashboard.orders.blueprint import blueprint
from dashboard.orders.filters import parse
from dashboard.orders.forms import NoteForm, TaxFreeForm
from dashboard.orders.live import QUICK
from dashboard.orders.neighbours import Neighbours, find_neighbours
from dashboard.orders.page import OrderPage, gather
from dashboard.orders.question import LONGEST, read_question, write_question
from dashboard.orders.strip import Strip, known, of_answer
from dashboard.receipts.offers import receipts_of_order
from dashboard.refunds.offers import REFUND_METHODS, offers_of
from dashboard.runtime import NoKeys, runtime

_OF_AN_ORDER = {"order_id", "imp_uid", "refund_id"}  # what such pages have in their address
_ORDER = f"/orders/<int(max={2**63 - 1}):order_id>"  # what SQLite can count to


@blueprint.app_url_defaults
def carry_list(_endpoint: str, values: dict[str, Any]) -> None:
    """The pages of one order and of its refunds keep the list that the order was opened from."""
    if _OF_AN_ORDER.isdisjoint(values) or not request or "list" not in request.args:
        return
    here = request.view_args or {}
    if _OF_AN_ORDER.isdisjoint(here):
        return
    if values.get("order_id", here.get("order_id")) == here.get("order_id", values.get("order_id")):
        values.setdefault("list", request.args["list"][:LONGEST])


@blueprint.get(_ORDER)
@needs("see_orders")
def show(order_id: int) -> ResponseReturnValue:
    """One order as the ledger knows it; the page's script then asks PortOne."""
    return _render(_get_or_404(order_id), "orders/show.html")


@blueprint.get(f"{_ORDER}/<any(live, notes, reveal, 'tax-free'):step>")
@needs("see_orders")
def back_to_order(order_id: int, step: str) -> ResponseReturnValue:
    """The address bar of a refused form, loaded again."""
    _get_or_404(order_id)
    return redirect(url_for(".show", order_id=order_id))


@blueprint.post(f"{_ORDER}/live")
@needs("ask_portone")
def ask_now(order_id: int) -> ResponseReturnValue:
    """Ask PortOne about this order and write down the answer."""
    answer = _ask(_get_or_404(order_id))
    page = _get_or_404(order_id)
    strip = of_answer(answer, state=page.state, checked_at=page.checked_at)
    if _wants_pieces():
        return _render(page, "orders/_after_asking.html", strip=strip)
    flash(strip.said, "success" if strip.kind in ("agrees", "changed") else "warning")
    return redirect(url_for(".show", order_id=order_id), code=303)


@blueprint.post(f"{_ORDER}/notes")
@needs("write_notes")
def add_note(order_id: int) -> ResponseReturnValue:
    """Add an internal note."""
    page = _get_or_404(order_id)
    form = NoteForm()
    if not form.validate_on_submit():
        return _render(page, "orders/show.html", note_form=form), 422
    service.add_note(
        get_db(),
        order_id,
        text=form.text.data,
        person_id=current_user.id,
        now=runtime().now(),
    )
    flash(_("메모를 저장했습니다."), "success")
    return redirect(url_for(".show", order_id=order_id, _anchor="order-notes"), code=303)


@blueprint.post(f"{_ORDER}/reveal")
@needs("see_personal_data")
def reveal(order_id: int) -> ResponseReturnValue:
    """Show the buyer's personal data in full, once, and log who looked (SEC-57)."""
    masked = _get_or_404(order_id)
    service.log_look(
        get_db(),
        order_id,
        person_id=current_user.id,
        remote_addr=request.remote_addr or "",
        whose=masked.buyer.name,
        what=list(masked.buyer.filled),
        now=runtime().now(),
    )
    page = _get_or_404(order_id, revealed=True)
    return _render(page, "orders/_after_reveal.html" if _wants_pieces() else "orders/show.html")


@blueprint.post(f"{_ORDER}/tax-free")
@needs("state_tax_free")
def state_tax_free(order_id: int) -> ResponseReturnValue:
    """Write down how much of the order is tax-free."""
    page = _get_or_404(order_id)
    if page.tax is None:
        abort(404)
    form = TaxFreeForm(amount=page.amount)
    if not form.validate_on_submit():
        return _render(page, "orders/show.html", tax_form=form), 422
    service.state_tax_free(
        get_db(),
        order_id,
        tax_free=form.won,
        person_id=current_user.id,
        now=runtime().now(),
    )
    flash(_("면세금액을 저장했습니다."), "success")
    return redirect(url_for(".show", order_id=order_id, _anchor="order-amounts"), code=303)


@dataclass(frozen=True, kw_only=True)
class Way:
    """Back to the list, and on to the orders beside this one in it."""

    back: dict[str, Any]  # the list's URL arguments: exactly the page it was opened from
    question: str | None  # the same as one text, for the neighbours' own way
    beside: Neighbours


def way(order_id: int) -> Way:
    """Without ``list`` in the address, or with one that makes no sense, it is the whole list."""
    now = runtime().now()
    wanted = parse(read_question(request.args.get("list", "")), now)
    if wanted.problems:
        wanted = parse({}, now)
    return Way(
        back=wanted.here(),
        question=write_question(wanted.here()) or None,
        beside=find_neighbours(get_db(), wanted, order_id, now=now),
    )


def _get_or_404(order_id: int, *, revealed: bool = False) -> OrderPage:
    page = gather(get_db(), order_id, now=runtime().now(), revealed=revealed)
    if page is None:
        abort(404)
    return page


def _ask(page: OrderPage) -> Answer:
    """Ask about every attempt; no transaction is open meanwhile."""
    if not page.attempts:
        return Answer()
    try:
        portone = runtime().portone(QUICK)
    except NoKeys:
        return Answer(no_keys=True)
    asked_at = runtime().now()
    payments, answer = ask(
        portone, [(one.payment.imp_uid, one.payment.sandbox) for one in page.attempts]
    )
    return note_answer(get_db(), payments, answer, asked_at=asked_at, now=runtime().now)


def _wants_pieces() -> bool:
    """A script asks for the pieces of the page; without one the browser asks for all of it."""
    return bool(request.headers.get("X-Fragment"))


def _render(
    page: OrderPage,
    template: str,
    *,
    strip: Strip | None = None,
    note_form: NoteForm | None = None,
    tax_form: TaxFreeForm | None = None,
) -> str:
    return render_template(
        template,
        order=page,
        strip=strip or known(page.checked_at),
        note_form=note_form or NoteForm(formdata=None),
        tax_form=tax_form or TaxFreeForm(formdata=None, amount=page.amount),
        refunds=offers_of(get_db(), page.id, now=runtime().now()),
        refund_methods=REFUND_METHODS,
        receipts=receipts_of_order(get_db(), page.id),
        asked_for=request_of_order(get_db(), page.merchant_uid),
        deliveries=deliveries_of_order(get_db(), page.id, now=runtime().now()),
        now=runtime().now(),
        way=way(page.id) if template == "orders/show.html" else None,
    )
