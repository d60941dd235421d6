"""The buyer's page and what became of the payment. No sign-in: the signed link is the key."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    abort,
    current_app,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from dashboard import gateway
from dashboard.checkout import links, service
from dashboard.checkout.states import PAYABLE
from dashboard.checkout.window import window_params
from dashboard.checkout.wishes import wish_from_json
from dashboard.database import get_db
from dashboard.gateway import PAY_PATH, SCRIPT_URL, Gateway
from dashboard.orders.facts import safe_link
from dashboard.portone.ids import is_imp_uid
from dashboard.runtime import runtime

blueprint = Blueprint("pay", __name__, url_prefix=PAY_PATH)

ASK_GAP_S = 2
"""So often at most one request is asked about because somebody looks at its page."""

KEPT_S = 30 * 24 * 60 * 60
"""So long after its end a request's page still says what became of it."""

_LONGEST_WORDS = 200
_MOST_REMEMBERED = 1000
_ASKING = threading.BoundedSemaphore(2)


@blueprint.get("/<token>")
def page(token: str) -> ResponseReturnValue:
    """What is to be paid, and one button. Loads PortOne's script: no other page does."""
    row = _row_or_404(token)
    if not _is_payable(row) and row["state"] != "preparing":
        return redirect(url_for(".result", token=token, lang=request.args.get("lang")))
    shop, script_url = gateway.read(runtime(), get_db()), gateway.script_url(runtime())
    response = make_response(
        render_template(
            "pay/page.html",
            token=token,
            lines=service.lines(get_db(), row["id"]),
            script_url=script_url,
            **_context(row, shop),
        )
    )
    response.headers["Content-Security-Policy"] = window_policy(script_url)
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin-allow-popups"
    return response


@blueprint.post("/<token>/open")
def open_window(token: str) -> ResponseReturnValue:
    """What ``IMP.request_pay`` is called with, if the request can still be paid.

    One that was opened before is asked about first: its buyer may have paid and closed the browser.
    """
    _from_our_page()
    row, db = _row_or_404(token), get_db()
    if row["opened_at"] is not None and _is_payable(row):
        row = _looked_at(row) or row
    if not _is_payable(row):
        return jsonify({"go": url_for(".result", token=token, lang=request.args.get("lang"))})
    missing = service.opened(runtime(), db, row)
    if missing is not None:
        words = _("%(name)s 상품이 다 팔려 결제할 수 없습니다.", name=missing.name)
        return jsonify({"problem": words}), 409
    shop = gateway.read(runtime(), db)
    came_from = url_for(".result", token=token, lang=request.args.get("lang"))
    params = window_params(
        wish_from_json(row["wish"]),
        replace(shop.shop, channel_key=row["channel_key"], pg_mid=row["pg_mid"]),
        merchant_uid=row["merchant_uid"],
        redirect_url=f"{shop.buyers_url}{came_from}",
        notice_url=shop.notice_url,
        confirm_url=shop.confirm_url,
        site_url=shop.buyers_url,
    )
    return jsonify({"merchant_code": shop.shop.merchant_code, "params": params})


@blueprint.get("/<token>/result")
def result(token: str) -> ResponseReturnValue:
    """What is known of the payment; the page asks on until it is certain.

    What the address brings along is a hint for the look-up and nothing else (K50).
    """
    row = _row_or_404(token)
    shop = gateway.read(runtime(), get_db())
    hint = request.args.get("imp_uid", "")
    words = request.args.get("error_msg", "").strip()[:_LONGEST_WORDS]
    returned = bool(hint or words or request.args.get("merchant_uid"))
    return render_template(
        "pay/result.html",
        token=token,
        hint=hint if is_imp_uid(hint) else "",
        window_words=words if words.isprintable() else "",
        returned=returned,
        fresh=not returned,
        **_context(row, shop),
    )


@blueprint.post("/<token>/check")
def check(token: str) -> ResponseReturnValue:
    """Ask PortOne what became of it; answers the piece of the page that says so."""
    _from_our_page()
    row = _row_or_404(token)
    hint = request.form.get("imp_uid", "")
    words = request.form.get("window_words", "")[:_LONGEST_WORDS]
    hint = hint if is_imp_uid(hint) else ""
    looked = _looked_at(row, hint=hint) if row["state"] != "paid" else None
    fresh, row = looked is not None, looked or row
    shop = gateway.read(runtime(), get_db())
    return render_template(
        "pay/_state.html",
        token=token,
        window_words=words if words.isprintable() else "",
        returned=True,
        fresh=fresh,
        **_context(row, shop),
    )


def window_policy(script_url: str) -> str:
    """The policy of the one page with PortOne's script.

    Its further hosts are documented nowhere, so frames, calls, pictures and forms may go to any
    https address; scripts come from this page and PortOne's host alone.
    """
    parts = urlsplit(script_url)
    host = f"{parts.scheme}://{parts.netloc}"
    more = "https:" if script_url == SCRIPT_URL else f"https: {host}"
    return (
        f"default-src 'self'; script-src 'self' {host}; frame-src {more};"
        f" connect-src 'self' {more}; img-src 'self' data: {more};"
        f" form-action 'self' {more}; object-src 'none';"
        " base-uri 'none'; frame-ancestors 'none'"
    )


def _context(row: service.Row, shop: Gateway) -> dict[str, Any]:
    payment = service.payment_of(get_db(), row)
    return {
        "row": row,
        "payment": payment,
        "slip": safe_link(payment.receipt_url) if payment else None,
        "payable": _is_payable(row),
        "shop_name": shop.shop.business_name,
        "shop_phone": shop.shop.phone,
        "practice": shop.shop.practice,
        "test_channel": bool(row["sandbox"]),
        "now": runtime().now(),
    }


def _row_or_404(token: str) -> service.Row:
    request_id = links.request_of(token)
    row = service.find(get_db(), request_id) if request_id else None
    if row is None or runtime().now() > max(row["expires_at"], row["ended_at"] or 0) + KEPT_S:
        abort(404)
    return row


def _is_payable(row: service.Row) -> bool:
    return row["state"] in PAYABLE and bool(runtime().now() < row["expires_at"])


def _from_our_page() -> None:
    """Other pages may not have a browser ask for them."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        abort(403)


def _looked_at(row: service.Row, *, hint: str = "") -> service.Row | None:
    """The request after PortOne was asked; None: it was not, because others are asking.

    Few at a time, so that a slow PortOne leaves threads for its own questions (confirm, webhooks);
    and one request not again and again. The worker looks, too.
    """
    asked: dict[str, int] = current_app.extensions.setdefault("jangbu-pay-asked", {})
    now = runtime().now()
    if now < asked.get(row["id"], 0) or not _ASKING.acquire(blocking=False):
        runtime().wake.set()
        return None
    try:
        if len(asked) > _MOST_REMEMBERED:
            asked.clear()
        asked[row["id"]] = now + ASK_GAP_S
        return service.look(runtime(), get_db(), row["id"], hint=hint)
    finally:
        _ASKING.release()
