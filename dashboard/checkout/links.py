"""The token in a buyer's link: which request it is for, signed, so that none can be guessed."""

from __future__ import annotations

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from dashboard.checkout import store
from dashboard.gateway import PAY_PATH, Gateway


def token_of(request_id: str) -> str:
    """The token of a request. When its time is over the request says so, not the token."""
    return str(_signer().dumps(request_id))


def request_of(token: str) -> str | None:
    """The request a token is for; None for what we did not sign."""
    try:
        found = _signer().loads(token)
    except BadSignature:
        return None
    return found if isinstance(found, str) else None


def page_url(gateway: Gateway, row: store.Row) -> str:
    """The buyer's page: under the public address, else on this PC; "" while nobody serves it."""
    return f"{gateway.buyers_url}{PAY_PATH}/{token_of(row['id'])}" if gateway.buyers_url else ""


def local_page_url(gateway: Gateway, row: store.Row) -> str:
    """The same page at the counter, on this PC."""
    return f"{gateway.local_url}{PAY_PATH}/{token_of(row['id'])}" if gateway.local_url else ""


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="jangbu.pay")
