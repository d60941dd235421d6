"""The strings behind the stage, for tests and the practice page: ``/_control/...``.

Every call carries ``X-Control-Token``. Nothing here exists at PortOne.
"""

from __future__ import annotations

import hmac
import random
import sqlite3
from contextlib import closing
from dataclasses import fields as dataclass_fields
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, request

from dashboard.sandbox import born, world
from dashboard.sandbox.cancels import CONSOLE_REASON, book
from dashboard.sandbox.core import Switches, sandbox
from dashboard.sandbox.envelope import NOT_AUTHORISED, Malformed, NotThere, Refusal, answer
from dashboard.sandbox.incoming import fields, minor, text, whole
from dashboard.sandbox.shapes import change, find_row, shape
from dashboard.sandbox.store import get_db, load, write
from dashboard.sandbox.webhooks import announce, announce_cancel
from dashboard.sandbox.window_rules import is_url

blueprint = Blueprint("control", __name__, url_prefix="/_control")

MOST_ORDERS = 10_000
MOST_REPLAYS = 1_000


@blueprint.before_request
def check_control_token() -> None:
    given = request.headers.get("X-Control-Token", "")
    if not hmac.compare_digest(given.encode(), sandbox().control_token.encode()):
        raise Refusal("control token", http=403, code=NOT_AUTHORISED)


# -- what goes wrong ----------------------------------------------------------------------------


@blueprint.get("/faults")
def faults() -> Response:
    return answer([fault.to_json() for fault in sandbox().faults.waiting()])


@blueprint.post("/faults")
def add_fault() -> Response:
    """Add a script; the fields are those of :class:`dashboard.sandbox.faults.Fault`."""
    try:
        fault = sandbox().faults.script(**fields())
    except (TypeError, ValueError) as error:
        raise Malformed(str(error)) from error
    return answer(fault.to_json())


@blueprint.delete("/faults")
def clear_faults() -> Response:
    sandbox().faults.clear()
    return answer([])


@blueprint.get("/switches")
def switches() -> Response:
    return answer(vars(sandbox().switches))


@blueprint.post("/switches")
def set_switches() -> Response:
    """Set some of :class:`dashboard.sandbox.core.Switches`; a wrong type is refused."""
    given, box = fields(), sandbox()
    known = {part.name: getattr(box.switches, part.name) for part in dataclass_fields(Switches)}
    for name, value in given.items():
        number = isinstance(known.get(name), float) and type(value) is int
        if name not in known or not (number or type(value) is type(known[name])):
            raise Malformed(f"switch {name}")
    box.switches = replace(box.switches, **given)
    return answer(vars(box.switches))


@blueprint.get("/journal")
def journal() -> Response:
    return answer([entry.to_json() for entry in sandbox().journal.entries()])


@blueprint.delete("/journal")
def clear_journal() -> Response:
    sandbox().journal.clear()
    return answer([])


# -- time ---------------------------------------------------------------------------------------


@blueprint.post("/clock")
def move_clock() -> Response:
    """``at`` stops the clock there, ``advance`` moves it on by seconds, neither sets it free."""
    clock, given = sandbox().clock, fields()
    for name in ("at", "advance"):
        if name in given and (
            isinstance(given[name], bool) or not isinstance(given[name], (int, float))
        ):
            raise Malformed(name)
    if "at" in given:
        clock.stop_at(given["at"])
    elif "advance" in given:
        clock.advance(given["advance"])
    else:
        clock.reset()
    return answer({"now": clock()})


# -- what others do -----------------------------------------------------------------------------


@blueprint.post("/console-cancel")
def console_cancel() -> Response:
    """Somebody cancels ``amount`` (all when missing) of ``imp_uid`` in PortOne's console."""
    db = get_db()
    with write(db):
        row = find_row(db, text("imp_uid", required=True))
        if row is None:
            raise NotThere()
        left = row["amount"] - row["cancel_amount"]
        amount = minor("amount", row["currency"]) or left
        if not row["paid_at"] or not 0 < amount <= left:
            raise Malformed("amount")
        row = book(db, row, amount=amount, reason=text("reason") or CONSOLE_REASON)
        made = shape(row)
    announce_cancel(db, row)
    return answer(made)


@blueprint.post("/deposit")
def deposit() -> Response:
    """A buyer pays into a virtual account that waits."""
    db, now = get_db(), sandbox().now()
    with write(db):
        row = find_row(db, text("imp_uid", required=True))
        if row is None:
            raise NotThere()
        if row["status"] != "ready" or not load(row["facts"]).get("vbank_num"):
            raise Malformed("imp_uid")
        row = change(db, row, status="paid", paid_at=now, updated_at=now, final_at=now)
        made = shape(row)
    announce(db, row)
    return answer(made)


@blueprint.post("/orders")
def new_orders() -> Response:
    """``count`` new payments of today, the newest just now."""
    count = whole("count") or 1
    if not 1 <= count <= MOST_ORDERS:
        raise Malformed("count")
    box = sandbox()
    now, rng = box.now(), random.SystemRandom()
    drafts = []
    for place in range(count):
        started_at = now - 60 - 45 * (count - 1 - place)
        draft = born.make(rng, rng.choice(born.METHODS), started_at)
        if draft.pay_method == "vbank":
            born.issue_account(rng, draft)
        else:
            born.pay(rng, draft, started_at + 30)
        drafts.append(draft)
    return answer(world.add(box.store, drafts))


@blueprint.get("/cancels/<imp_uid>")
def cancels(imp_uid: str) -> Response:
    """The cancels of a payment with the tax-free part each was sent with."""
    with closing(sandbox().store.connect()) as db:
        row = find_row(db, imp_uid)
    if row is None:
        raise NotThere()
    found: list[dict[str, Any]] = load(row["cancel_history"])
    return answer(found)


# -- windows and webhooks -----------------------------------------------------------------------


@blueprint.get("/windows")
def windows() -> Response:
    """Every window asked for, oldest first, its parameters as received; ``?merchant_uid=``."""
    merchant_uid = request.args.get("merchant_uid")
    where, values = ("WHERE merchant_uid = ?", [merchant_uid]) if merchant_uid else ("", [])
    rows = get_db().execute(f"SELECT * FROM windows {where} ORDER BY rowid", values).fetchall()  # noqa: S608
    return answer([_window(row) for row in rows])


def _window(row: sqlite3.Row) -> dict[str, Any]:
    read = {name: load(row[name]) if row[name] else None for name in ("params", "result")}
    return {
        **dict(row),
        **read,
        "objections": load(row["objections"]),
        "url": f"/window/{row['id']}",
    }


@blueprint.get("/notices")
def notices() -> Response:
    """Every webhook, oldest first: where it went, its body and what each delivery answered."""
    return answer([notice.to_json() for notice in sandbox().notices.all()])


@blueprint.delete("/notices")
def clear_notices() -> Response:
    sandbox().notices.clear()
    return answer([])


@blueprint.post("/notices")
def forge_notice() -> Response:
    """Send any ``body`` to ``url``, as a stranger could; ``form`` for a form."""
    given = fields()
    url, body = given.get("url"), given.get("body")
    if not isinstance(url, str) or not is_url(url) or not isinstance(body, dict):
        raise Malformed("url, body")
    made = sandbox().notices.send(url, body, form=given.get("form") is True, forged=True)
    return answer(made.to_json())


@blueprint.post("/notices/<notice_id>/replay")
def replay_notice(notice_id: str) -> Response:
    """Deliver one again, ``times`` times (once when missing)."""
    times = whole("times") or 1
    if not 1 <= times <= MOST_REPLAYS or not notice_id.isdecimal():
        raise Malformed("times")
    made = sandbox().notices.replay(int(notice_id), times)
    if made is None:
        raise NotThere()
    return answer(made.to_json())
