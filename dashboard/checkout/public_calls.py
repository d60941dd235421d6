"""What PortOne sends to the buyers' port: its question before an approval, and its webhooks."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from flask import Blueprint, Response, jsonify, request

from dashboard.checkout import confirming, inbox
from dashboard.database import get_db
from dashboard.gateway import CONFIRM_PATH, NOTICE_PATH
from dashboard.runtime import runtime

blueprint = Blueprint("calls", __name__)

_YES, _NO, _LATER = 200, 400, 503


@blueprint.post(CONFIRM_PATH)
def confirm() -> tuple[Response, int]:
    """200: PortOne may approve. Anything else makes the payment fail with the ``reason``.

    Source: payment-window, 5
    """
    told = _body()
    try:
        answer = confirming.confirm(
            get_db(),
            imp_uid=str(told.get("imp_uid") or "")[:100],
            merchant_uid=str(told.get("merchant_uid") or "")[:100],
            amount=told.get("amount"),
            now=runtime().now(),
        )
    except sqlite3.OperationalError:
        return jsonify({"reason": confirming.busy()}), _LATER
    runtime().wake.set()
    return (jsonify({}), _YES) if answer.yes else (jsonify({"reason": answer.reason}), _NO)


@blueprint.post(NOTICE_PATH)
def notice() -> tuple[str, int]:
    """A webhook: written down, answered, looked into afterwards. The same answer for everything.

    Source: payment-window, 6
    """
    try:
        inbox.receive(
            get_db(),
            content_type=request.content_type or "",
            body=request.get_data(cache=True),
            remote_addr=request.remote_addr or "",
            now=runtime().now(),
        )
    except sqlite3.OperationalError:  # not written: PortOne comes again where retries are on
        return "", _LATER
    runtime().wake.set()
    return "ok", _YES


def _body() -> dict[str, Any]:
    """JSON or form; nothing for what is neither."""
    if "form" in (request.content_type or ""):
        return dict(request.form)
    try:
        found = json.loads(request.get_data())
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
