"""Routes of one request: where it stands, its buyer, its QR code."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from dashboard import gateway
from dashboard.accounts.permissions import allowed, needs
from dashboard.checkout import about, links, service
from dashboard.checkout.blueprint import blueprint
from dashboard.checkout.listing import Entry
from dashboard.checkout.states import PAYABLE, is_live
from dashboard.checkout.words import (
    ACCOUNT_ALARM,
    ALARM_TITLES,
    ALARMS,
    GONE_BACK,
    SAID,
    deposit_words,
    link_words,
    why_words,
)
from dashboard.database import get_db
from dashboard.ksnet import window_objections
from dashboard.orders.facts import safe_link
from dashboard.orders.states import payment_state
from dashboard.runtime import runtime

ONE = "/requests/<uuid:request_id>"

_ASK_AGAIN_MS = {"preparing": 2000, "open": 4000, "failed": 4000, "waiting": 10_000}


@blueprint.get(ONE)
@needs("see_orders")
def show(request_id: Any) -> ResponseReturnValue:
    """Where a request stands; as a fragment for the page that shows it already."""
    return page(row_or_404(request_id))


@blueprint.get(f"{ONE}/<any(look, revoke, close, reveal):pay_step>")
@needs("see_orders")
def back_to_request(request_id: Any, pay_step: str) -> ResponseReturnValue:
    """The address bar of a step that came back, loaded again."""
    row_or_404(request_id)
    return redirect(url_for(".show", request_id=request_id))


@blueprint.post(f"{ONE}/reveal")
@needs("see_personal_data")
def reveal(request_id: Any) -> ResponseReturnValue:
    """Show the buyer's personal data in full, once, and log who looked (SEC-57)."""
    row = row_or_404(request_id)
    about.log_look(
        get_db(),
        row,
        person_id=current_user.id,
        remote_addr=request.remote_addr or "",
        now=runtime().now(),
    )
    return page(row, revealed=True)


@blueprint.get(f"{ONE}/qr.svg")
@needs("request_payment")
def qr(request_id: Any) -> Response:
    """The buyer's link as a QR code, once it leads anywhere but this PC."""
    import segno  # not for the start

    row, shop = row_or_404(request_id), gateway.read(runtime(), get_db())
    if not shop.public_url:
        abort(404)
    picture = io.BytesIO()
    segno.make(links.page_url(shop, row), error="m", micro=False).save(
        picture, kind="svg", scale=6, border=4, light="#ffffff", svgclass=None, lineclass=None
    )
    return Response(picture.getvalue(), mimetype="image/svg+xml")


def row_or_404(request_id: Any) -> service.Row:
    row = service.find(get_db(), str(request_id))
    if row is None:
        abort(404)
    return row


def page(row: service.Row, *, revealed: bool = False) -> str:
    piece = "X-Fragment" in request.headers and not revealed
    db, now = get_db(), runtime().now()
    shop, payment = gateway.read(runtime(), db), service.payment_of(db, row)
    one = Entry(row)
    account = about.is_unpaid_account(payment)
    payable = row["state"] in PAYABLE and now < row["expires_at"]
    linked = payable and allowed(current_user.role, "request_payment")
    url = links.page_url(shop, row) if shop.public_url else ""
    name = shop.shop.business_name
    alarm = row["alarm"]
    gone_back = (
        row["state"] == "paid" and payment is not None and payment_state(payment) == "cancelled"
    )
    asked_of = replace(shop.shop, sandbox=bool(row["sandbox"]))
    return render_template(
        "checkout/_told.html" if piece else "checkout/show.html",
        row=row,
        one=one,
        payment=payment,
        account=account,
        payable=payable,
        linked=linked,
        keep_link=piece and linked and request.args.get("link") == "1",
        live=is_live(row["state"]),
        again_ms=_ASK_AGAIN_MS.get(row["state"]),
        said=GONE_BACK if gone_back else SAID[row["state"]],
        alarm=(ACCOUNT_ALARM if account else ALARMS[alarm]) if alarm else "",
        alarm_title=ALARM_TITLES.get(alarm or "", ""),
        why=why_words(row["check_error"]),
        money=about.money_of(db, row) if alarm else [],
        order_id=service.order_of(db, row),
        slip=safe_link(payment.receipt_url) if payment and row["state"] == "paid" else None,
        lines=service.lines(db, row["id"]),
        buyer=about.buyer(row, revealed=revealed),
        timeline=about.story(db, row),
        notes=[
            note
            for note in window_objections(one.wish, asked_of, row["created_at"])
            if note.severity == "notes"
        ],
        shop=shop,
        port=runtime().public_port,
        url=url,
        message=link_words(name, row, url) if url else "",
        screen=links.local_page_url(shop, row),
        reminder=deposit_words(name, row["name"], row["amount"], payment)
        if account and payment and row["state"] == "waiting"
        else "",
    )
