"""The check of the gateway: at once what the shop knows by itself, then what PortOne says."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from dashboard.accounts.permissions import needs
from dashboard.database import get_db
from dashboard.runtime import runtime
from dashboard.setup import doctoring
from dashboard.setup.blueprint import blueprint
from dashboard.setup.doctor import Line, asked_lines, known_lines


@blueprint.get("/settings/doctor")
@needs("settings")
def doctor() -> ResponseReturnValue:
    """The page, without waiting for anybody."""
    return _page(asked=None)


@blueprint.get("/settings/doctor/live")
@needs("settings")
def back_to_doctor() -> ResponseReturnValue:
    """The address bar after 지금 확인 without a script."""
    return redirect(url_for(".doctor"))


@blueprint.post("/settings/doctor/live")
@needs("settings")
def doctor_live() -> ResponseReturnValue:
    """Ask PortOne now; a script gets the lines alone."""
    facts, asked = doctoring.read_facts(runtime(), get_db()), doctoring.ask(runtime())
    lines = asked_lines(facts, asked)
    if "X-Fragment" in request.headers:
        return render_template("setup/_doctor_live.html", asked=lines)
    return _page(asked=lines)


def _page(*, asked: list[Line] | None) -> str:
    facts = doctoring.read_facts(runtime(), get_db())
    return render_template("setup/doctor.html", asked=asked, known=known_lines(facts))
