"""Bringing payments in: button, progress, what changed."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from dashboard.accounts.permissions import needs
from dashboard.database import get_db
from dashboard.runtime import runtime
from dashboard.sync import service
from dashboard.sync.progress import Progress, progress_of

blueprint = Blueprint("sync", __name__)


@blueprint.app_template_global()
def sync_progress() -> Progress:
    """The open run, else the newest, for ``sync/_progress.html`` on whatever page it stands."""
    db = get_db()
    every_s = runtime().config.sync_every_s
    return progress_of(db, service.last_run(db), now=runtime().now(), every_s=every_s)


@blueprint.route("/sync")
@needs("see_orders")
def progress() -> ResponseReturnValue:
    """How far the synchronisation is; as a fragment for a page that shows it already."""
    template = "sync/fragment.html" if "X-Fragment" in request.headers else "sync/show.html"
    return render_template(template, first_run="first" in request.args)


@blueprint.route("/sync", methods=["POST"])
@needs("sync")
def start() -> ResponseReturnValue:
    """Ask for a run now; one that is open already is shown instead."""
    service.request_sync(get_db(), None, current_user.id, runtime().now())
    return redirect(url_for("sync.progress"), code=303)
