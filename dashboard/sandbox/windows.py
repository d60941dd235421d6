"""The payment window opens: our own ``iamport.js``, the checks before it, its page.

Source: payment-window.md 1-3. No token: a buyer's browser calls. What a window may do is bound to
its id, which cannot be guessed.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, make_response, render_template, request, send_from_directory

from dashboard.sandbox import window_choices, window_rules
from dashboard.sandbox.channels import cards
from dashboard.sandbox.core import sandbox
from dashboard.sandbox.envelope import NOT_AUTHORISED, Malformed, NotThere, Refusal, answer
from dashboard.sandbox.incoming import choice, fields, text
from dashboard.sandbox.numbers import next_imp_uid
from dashboard.sandbox.shapes import find_row, show
from dashboard.sandbox.store import dump, get_db, get_meta, load, write
from dashboard.sandbox.webhooks import remember_urls
from dashboard.sandbox.window_facts import Known, Objection
from dashboard.sandbox.world import MERCHANT_CODE

blueprint = Blueprint("windows", __name__)

PAGES = Path(__file__).resolve().parent / "pages"
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
CLOSED = {"error_code": "USER_CANCEL", "error_msg": "사용자가 결제를 취소하셨습니다"}
_ASSETS = ("window.css", "window.js")


@blueprint.get("/v1/iamport.js")
def script() -> Response:
    made = send_from_directory(PAGES, "iamport.js", mimetype="text/javascript")
    made.headers["Access-Control-Allow-Origin"] = "*"
    made.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return _fresh(made)


@blueprint.get("/window/assets/<name>")
def asset(name: str) -> Response:
    if name not in _ASSETS:
        raise NotThere("존재하지 않는 경로입니다.")
    return _fresh(send_from_directory(PAGES, name))


# -- opening ------------------------------------------------------------------------------------


@blueprint.route("/window", methods=["OPTIONS"])
def may_open() -> Response:
    """Answer the browser's question whether the shop's page may call :func:`open_window`."""
    made = make_response("", 204)
    _allow(made, _origin())
    made.headers["Access-Control-Allow-Methods"] = "POST"
    made.headers["Access-Control-Allow-Headers"] = "Content-Type"
    return made


@blueprint.post("/window")
def open_window() -> Response:
    """Open a window for ``{code, channel, param}``; one that only says what is wrong, at worst."""
    origin = _origin()
    channel = choice("channel", ("pc", "mobile"), default="pc")
    param = fields().get("param")
    if not isinstance(param, dict):
        raise Malformed("param은 객체여야 합니다.")
    db, box = get_db(), sandbox()
    window_id = secrets.token_urlsafe(24)
    with write(db):
        known = known_of(db, param, mobile=channel == "mobile")
        wrong = window_rules.objections(text("code"), param, known)
        imp_uid = None if wrong else _new_payment(db, param, channel)
        db.execute(
            "INSERT INTO windows (id, imp_uid, merchant_uid, channel, origin, opened_at, code,"
            " params, objections) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                window_id,
                imp_uid,
                _written(param.get("merchant_uid")),
                channel,
                origin,
                box.now(),
                text("code"),
                dump(param),
                dump([one.to_json() for one in wrong]),
            ),
        )
    made = answer({"url": f"/window/{window_id}", "imp_uid": imp_uid})
    _allow(made, origin)
    return made


def _origin() -> str:
    """The asking page; "" for a caller that is no browser.

    Only pages of this PC: no web site may order payments at the practice shop, nor have it call
    addresses of the site's choosing.

    :raise Refusal: a page from elsewhere
    """
    written = request.headers.get("Origin", "")
    if not written:
        return ""
    parts = urlsplit(written)
    if parts.scheme not in {"http", "https"} or parts.hostname not in LOOPBACK:
        raise Refusal(
            "연습용 결제창은 이 PC의 페이지에서만 열립니다.", http=403, code=NOT_AUTHORISED
        )
    return f"{parts.scheme}://{parts.netloc}"


def _allow(made: Response, origin: str) -> None:
    if origin:
        made.headers["Access-Control-Allow-Origin"] = origin
    made.headers["Vary"] = "Origin"


def _written(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


def known_of(db: sqlite3.Connection, param: Mapping[str, Any], *, mobile: bool) -> Known:
    """What PortOne has about the shop and this order number."""
    merchant_uid = _written(param.get("merchant_uid"))
    rows = db.execute(
        "SELECT channel_key, pg_id, sandbox FROM channels"
        " WHERE pg_provider = 'ksnet' AND type = 'payment'"
    )
    channels = tuple((row["channel_key"], row["pg_id"], bool(row["sandbox"])) for row in rows)
    prepared = db.execute(
        "SELECT amount, currency FROM prepared WHERE merchant_uid = ?", (merchant_uid,)
    ).fetchone()
    return Known(
        merchant_code=MERCHANT_CODE,
        channels=channels,
        approved=is_paid(db, merchant_uid),
        announced=(Decimal(prepared["amount"]), prepared["currency"]) if prepared else None,
        mobile=mobile,
        now=sandbox().clock(),
        cards=frozenset(cards()),
    )


def is_paid(db: sqlite3.Connection, merchant_uid: str) -> bool:
    """Whether a payment of this order number was ever approved."""
    found = db.execute(
        "SELECT 1 FROM payments WHERE merchant_uid = ? AND paid_at > 0", (merchant_uid,)
    ).fetchone()
    return found is not None


def _new_payment(db: sqlite3.Connection, param: Mapping[str, Any], channel: str) -> str:
    """Write the payment down as ``ready``; its imp_uid."""
    now, imp_uid = sandbox().now(), next_imp_uid(db)
    currency = param.get("currency") or "KRW"
    scaled = Decimal(repr(param["amount"])) * (1 if currency == "KRW" else 100)
    gateway = _channel_row(db, param)
    custom_data = param.get("custom_data")
    facts: dict[str, Any] = {
        "channel": channel,
        "pg_provider": "ksnet",
        "pg_id": gateway["pg_id"],
        "user_agent": request.headers.get("User-Agent"),
        "custom_data": None if custom_data is None else dump(custom_data),
    }
    for name in ("name", "buyer_name", "buyer_email", "buyer_tel", "buyer_addr", "buyer_postcode"):
        facts[name] = param.get(name) or None
    if param.get("escrow"):
        facts["escrow"] = True
    db.execute(
        "INSERT INTO payments (imp_uid, merchant_uid, status, pay_method, amount, currency,"
        " sandbox, started_at, updated_at, final_at, facts)"
        " VALUES (?, ?, 'ready', ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            imp_uid,
            param["merchant_uid"],
            param["pay_method"],
            int(scaled),
            currency,
            gateway["sandbox"],
            now,
            now,
            now,
            dump(facts),
        ),
    )
    remember_urls(db, imp_uid, window_rules.notice_urls(param.get("notice_url")))
    return imp_uid


def _channel_row(db: sqlite3.Connection, param: Mapping[str, Any]) -> sqlite3.Row:
    pg_id = (param.get("pg") or "").partition(".")[2]
    found: sqlite3.Row = db.execute(
        "SELECT * FROM channels WHERE type = 'payment' AND pg_provider = 'ksnet'"
        " AND (channel_key = ? OR pg_id = ?) ORDER BY channel_key = ? DESC",
        (param.get("channelKey"), pg_id, param.get("channelKey")),
    ).fetchone()
    return found


# -- the page -----------------------------------------------------------------------------------


@blueprint.get("/window/<window_id>")
def page(window_id: str) -> Response:
    db = get_db()
    window = find_window(db, window_id)
    if window is None:
        return _page("missing", http=404)
    params, wrong = load(window["params"]), load(window["objections"])
    payment = find_row(db, window["imp_uid"]) if window["imp_uid"] else None
    common: dict[str, Any] = {
        "window": window,
        "params": params,
        "next": next_url(window),
        "shop": get_meta(db, "shop_name", "장부상점"),
    }
    if wrong:
        return _page("wrong", objections=[Objection(**one) for one in wrong], **common)
    if payment is None:
        return _page("missing", http=404)
    mobile = window["channel"] == "mobile"
    known = known_of(db, params, mobile=mobile)
    view = {None: "pay", "account": "account"}.get(window["ended"], "ended")
    return _page(
        view,
        payment=payment,
        facts=load(payment["facts"]),
        amount=show(payment["amount"], payment["currency"]),
        warnings=window_rules.warnings(params, known),
        choices=window_choices.of(params) if view == "pay" else None,
        **common,
    )


def find_window(db: sqlite3.Connection, window_id: str) -> sqlite3.Row | None:
    found: sqlite3.Row | None = db.execute(
        "SELECT * FROM windows WHERE id = ?", (window_id,)
    ).fetchone()
    return found


def next_url(window: sqlite3.Row) -> str | None:
    """Where a mobile browser goes when the window has ended; None: nowhere, the result is lost."""
    url = load(window["params"]).get("m_redirect_url")
    if window["channel"] != "mobile" or not window_rules.is_url(url) or not window["result"]:
        return None
    told = {name: value for name, value in load(window["result"]).items() if value is not None}
    url, hash_sign, fragment = str(url).partition("#")
    return f"{url}{'&' if '?' in url else '?'}{urlencode(told)}{hash_sign}{fragment}"


def _page(view: str, *, http: int = 200, **shown: Any) -> Response:
    made = make_response(render_template("window.html", view=view, **shown), http)
    window = shown.get("window")
    ancestors = (window["origin"] if window is not None else "") or "'none'"
    made.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
        f" img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}"
    )
    made.headers["Referrer-Policy"] = "no-referrer"
    return _fresh(made)


def _fresh(made: Response) -> Response:
    made.headers["Cache-Control"] = "no-store"
    made.headers["X-Content-Type-Options"] = "nosniff"
    return made
