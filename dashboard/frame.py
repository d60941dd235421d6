"""What the layout shows around every page: menu, mode, shop, last synchronisation, person, and
whether refunds are locked.

Cheap (a few short reads per request) and never the reason why a page fails: error pages stand in
the same frame when the database cannot be read.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, g, request, session, url_for
from flask_babel.speaklater import LazyString

from dashboard.accounts.permissions import allowed
from dashboard.checkout import service as checkout
from dashboard.config import LOOPBACK
from dashboard.database import get_db
from dashboard.i18n import language, person
from dashboard.i18n import lazy_gettext as _l
from dashboard.refunds import approvals, by_hand, lock, tasks
from dashboard.refunds import service as refunds
from dashboard.runtime import runtime


@dataclass(frozen=True)
class Place:
    """One entry of the menu."""

    endpoint: str
    icon: str
    word: LazyString
    permission: str
    practice_only: bool = False
    apart: bool = False  # below a line: what is not daily work
    covers: tuple[str, ...] = ()  # endpoints that belong here: names, or blueprints with a dot
    count: str = ""  # what its badge counts, a name of `_counts`
    not_here: tuple[str, ...] = ()  # endpoints that belong elsewhere in spite of `covers`


PLACES = (
    Place(
        "orders.index",
        "receipt",
        _l("주문"),
        "see_orders",
        covers=("orders.", "sync.", "checkout.open_delivery", "checkout.save_delivery"),
    ),
    Place(
        "refunds.index",
        "arrow-counterclockwise",
        _l("환불"),
        "see_orders",
        covers=("refunds.",),
        not_here=("refunds.task_list", "refunds.close_task"),
        count="refunds",
    ),
    Place(
        "receipts.index",
        "file-earmark-check",
        _l("현금영수증"),
        "see_orders",
        covers=("receipts.",),
    ),
    Place(
        "checkout.index",
        "cart",
        _l("결제 요청"),
        "see_orders",
        covers=("checkout.",),
        count="requests",
        not_here=("checkout.open_delivery", "checkout.save_delivery"),
    ),
    Place(
        "refunds.task_list",
        "list-check",
        _l("해야 할 일"),
        "see_orders",
        covers=("refunds.task_list", "refunds.close_task"),
        count="tasks",
    ),
    Place(
        "setup.practice",
        "mortarboard-fill",
        _l("연습"),
        "practice",
        practice_only=True,
        covers=("setup.practice",),
    ),
    Place(
        "setup.settings",
        "gear",
        _l("설정"),
        "settings",
        apart=True,
        covers=(
            "setup.settings",
            "setup.shop",
            "setup.contract",
            "setup.refund",
            "setup.connection",
            "setup.gateway",
            "setup.doctor",
            "setup.go_live",
        ),
    ),
    Place(
        "help.index",
        "question-circle",
        _l("도움말"),
        "own_account",
        apart=True,
        covers=("help.",),
    ),
)
"""Only what exists; the menu and the phone's bar show the same."""


def init_app(app: Flask) -> None:
    """Attach to the application."""
    app.context_processor(_context)
    app.jinja_env.globals.update(menu=menu, is_here=is_here, path_to=path_to, here=here)


def _context() -> dict[str, Any]:
    if "frame" not in g:
        g.frame = {
            "lang": language(),
            "theme": _theme(),
            "me": person(),
            "can": can,
            "only_this_pc": runtime().config.host in LOOPBACK,
            **_modes(),
            **_shop_facts(),
            "counts": _counts(),
        }
    return dict(g.frame)


def can(permission: str) -> bool:
    """Whether the signed-in person may do it. For what a page offers, not for guarding."""
    found = person()
    return found is not None and allowed(found.role, permission)


def menu() -> list[Place]:
    """The places this person may go to, in order."""
    practice = _context()["mode"] == "practice"
    return [
        place
        for place in PLACES
        if (practice or not place.practice_only)
        and place.endpoint in current_app.view_functions
        and can(place.permission)
    ]


def is_here(place: Place) -> bool:
    """Whether the page being drawn belongs to ``place``."""
    endpoint = request.endpoint or ""
    return endpoint.startswith(place.covers) and endpoint not in place.not_here


def path_to(endpoint: str, **values: Any) -> str | None:
    """The address of ``endpoint``, or None when this build has no such page."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None


def here() -> str:
    """Where to come back to after a change such as the language: this page if a GET opens it."""
    return request.full_path.rstrip("?") if request.method in {"GET", "HEAD"} else "/"


def _theme() -> str:
    chosen = getattr(person(), "theme", None) or session.get("theme")
    return chosen if chosen in {"light", "dark"} else "auto"


def _modes() -> dict[str, Any]:
    try:
        return {"mode": runtime().mode, "chosen_mode": runtime().chosen_mode}
    except (OSError, ValueError):
        return {"mode": None, "chosen_mode": None}


def _shop_facts() -> dict[str, Any]:
    facts: dict[str, Any] = {
        "shop_name": None,
        "shop_business_number": None,
        "last_sync": None,
        "refunds_locked": None,
    }
    if person() is None:  # before sign-in a page tells nothing about the shop
        return facts
    try:
        db = get_db()
        connection = db.conn
        facts["refunds_locked"] = lock.locked(db)
        for key, value in connection.execute(
            "SELECT key, value FROM settings WHERE key IN ('shop_name', 'business_number')"
        ):
            name = "shop_name" if key == "shop_name" else "shop_business_number"
            facts[name] = json.loads(value)
        facts["last_sync"] = _last_sync(connection)
    except (sqlite3.Error, OSError, ValueError):
        pass
    return facts


def _counts() -> dict[str, int]:
    """What the menu's badges say: refunds that wait for a result or for somebody, payment requests
    that alarm, tasks now due.
    """
    if person() is None:
        return {}
    try:
        db = get_db()
        return {
            "refunds": refunds.count_open(db)
            + approvals.count_requested(db)
            + by_hand.count_open(db),
            "requests": checkout.counts(db)["alarm"],
            "tasks": tasks.count_open(db, runtime().now()),
        }
    except (sqlite3.Error, OSError, ValueError):
        return {}


def _last_sync(connection: sqlite3.Connection) -> dict[str, Any] | None:
    """``state`` of the newest run, ``error`` if it failed, ``at``: when a run last got through."""
    newest = connection.execute(
        "SELECT state, error FROM sync_runs ORDER BY id DESC LIMIT 1"
    ).fetchone()
    if newest is None:
        return None
    done = connection.execute(
        "SELECT finished_at FROM sync_runs WHERE state = 'done' ORDER BY id DESC LIMIT 1"
    ).fetchone()
    return {"state": newest["state"], "error": newest["error"], "at": done[0] if done else None}
