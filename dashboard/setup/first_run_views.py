"""First run: the owner's account, practice or real, the first orders. Three screens."""

from __future__ import annotations

from flask import Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from dashboard.accounts import service as accounts
from dashboard.accounts import sessions
from dashboard.accounts.errors import AccountError
from dashboard.accounts.permissions import needs, public
from dashboard.database import get_db
from dashboard.i18n import language
from dashboard.keys import Keys
from dashboard.runtime import runtime
from dashboard.setup import service
from dashboard.setup.blueprint import blueprint
from dashboard.setup.forms import KeysForm, OwnerForm
from dashboard.setup.settings_views import open_or_explain

_OPEN_BEFORE_CHOICE = ("setup", "accounts", "sync", "help")


@blueprint.before_app_request
def lead_on() -> Response | None:
    """An owner who has not chosen yet is led back to the choice, wherever they came in.

    Pages that anybody may have (styles, scripts, health) are nobody's way in.
    """
    if request.method != "GET" or request.blueprint in _OPEN_BEFORE_CHOICE:
        return None
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "jangbu_permission", None) is None or not current_user.is_authenticated:
        return None
    if current_user.role == "owner" and runtime().chosen_mode is None:
        return _to("setup.choose")
    return None


@blueprint.route("/setup", methods=["GET", "POST"])
@public
def owner() -> ResponseReturnValue:
    """Screen 1: the owner's account, for whoever has the link that was printed (SEC-22)."""
    db = get_db()
    if accounts.anybody(db):
        return redirect("/", code=303)
    form = OwnerForm()
    if request.method == "GET":
        form.token.data = request.args.get("token", "")
    if not runtime().is_setup_token(form.token.data or ""):
        return render_template("setup/link.html"), 403
    if form.validate_on_submit():
        try:
            person = service.make_owner(
                runtime(),
                db,
                token=form.token.data,
                name=form.name.data,
                password=form.password.data,
                shop_name=form.shop_name.data,
                language=language(),  # of this page: the next one speaks it, too
            )
        except service.SetupOver:
            return redirect("/", code=303)
        except AccountError as error:
            if not error.field:  # another window was first
                return redirect("/", code=303)
            form[error.field].errors = [str(error)]
        else:
            sessions.begin(person)
            return _after_account()
    return render_template("setup/owner.html", form=form), 200 if request.method == "GET" else 422


@blueprint.route("/setup/start", methods=["GET", "POST"])
@needs("settings")
def choose() -> ResponseReturnValue:
    """Screen 2: practice or the shop's own keys."""
    if runtime().chosen_mode is not None:
        return redirect("/", code=303)
    if request.method == "GET":
        return render_template("setup/start.html")
    if request.form.get("mode") != "practice":
        return _to("setup.keys")
    return open_or_explain("practice")


@blueprint.route("/setup/keys", methods=["GET", "POST"])
@needs("settings")
def keys() -> ResponseReturnValue:
    """Screen 2, real business: the keys, tested before anything is kept."""
    if runtime().chosen_mode is not None:
        return redirect("/", code=303)
    form, test = KeysForm(), None
    if form.validate_on_submit():
        typed = Keys(form.imp_key.data, form.imp_secret.data)
        test = service.try_keys(runtime(), typed)
        if test.ok:
            service.save_keys(runtime(), get_db(), typed, current_user.id)
            return open_or_explain("live")
    status = 200 if request.method == "GET" else 422
    return render_template("setup/keys.html", form=form, test=test), status


@blueprint.route("/setup/orders")
@needs("settings")
def first_sync() -> ResponseReturnValue:
    """Screen 3: the first payments come in."""
    if runtime().chosen_mode is None:
        return _to("setup.choose")
    return render_template("setup/orders.html", decided=runtime().mode_was_decided)


def _after_account() -> ResponseReturnValue:
    decided = runtime().chosen_mode
    if decided is None:
        return _to("setup.choose")
    return open_or_explain(decided)


def _to(endpoint: str) -> Response:
    target: Response = redirect(url_for(endpoint), code=303)  # type: ignore[assignment]
    return target
