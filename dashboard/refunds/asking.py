"""What the pages of both refund forms ask and say alike."""

from __future__ import annotations

from flask import abort, current_app

from dashboard.database import get_db
from dashboard.i18n import language
from dashboard.orders.ask import Answer, ask, note_answer
from dashboard.orders.live import QUICK
from dashboard.refunds.desk import Desk, read_desk
from dashboard.refunds.number_words import won_in_words
from dashboard.refunds.pace import Pace
from dashboard.runtime import NoKeys, runtime

SPELLED_FROM = 100_000  # won; below this the figures are short enough to read (design)


def desk_or_404(imp_uid: str) -> Desk:
    """The payment on the desk, or the page that says that there is none."""
    desk = read_desk(get_db(), imp_uid, now=runtime().now(), practice=runtime().mode == "practice")
    if desk is None:
        abort(404)
    return desk


def ask_about(desk: Desk) -> Answer:
    """Ask PortOne about the payment; no transaction is open meanwhile."""
    try:
        portone = runtime().portone(QUICK)
    except NoKeys:
        return Answer(no_keys=True)
    asked_at = runtime().now()
    payments, answer = ask(portone, [(desk.imp_uid, desk.facts.sandbox)])
    return note_answer(get_db(), payments, answer, asked_at=asked_at, now=runtime().now)


def pace() -> Pace:
    """How often each person has sent a form, in this process."""
    found: Pace = current_app.extensions.setdefault("jangbu-refund-pace", Pace())
    return found


def spelled(amount: int) -> str:
    """The sum in Korean words where figures get long; nobody reads those in English."""
    return won_in_words(amount) if amount >= SPELLED_FROM and language() == "ko" else ""
