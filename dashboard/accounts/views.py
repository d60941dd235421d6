"""Sign-in, own account, people."""

from __future__ import annotations

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext as _
from flask_login import current_user

from dashboard import settings
from dashboard.accounts import service, sessions, store
from dashboard.accounts.deeds import deeds
from dashboard.accounts.errors import AccountError, SignInMustWait, SignInRefused
from dashboard.accounts.forms import (
    AccessForm,
    AddPersonForm,
    OwnPasswordForm,
    ResetPasswordForm,
    RoleForm,
    SignInForm,
)
from dashboard.accounts.next_page import here_or, safe_next
from dashboard.accounts.permissions import ROLES, needs, public
from dashboard.database import get_db
from dashboard.runtime import runtime

blueprint = Blueprint("accounts", __name__)

NOT_TAKEN = 422  # the form comes back with what was typed


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in():
    """Let somebody in, and on to the page they wanted."""
    target = safe_next(request.values.get("next"))
    if current_user.is_authenticated:
        return redirect(target or "/", code=303)
    form, status, wait = SignInForm(), 200, None
    if request.method == "POST":
        status = NOT_TAKEN
        if form.validate():
            try:
                sessions.begin(
                    service.sign_in(
                        get_db(),
                        form.name.data,
                        form.password.data,
                        runtime().now(),
                        secret=current_app.config["SECRET_KEY"],
                        came_from=request.remote_addr or "",
                    )
                )
                return redirect(target or "/", code=303)
            except SignInRefused:
                form.form_errors.append(_("이름이나 비밀번호가 맞지 않습니다. 다시 입력해 주세요."))
            except SignInMustWait as error:
                status, wait = 429, error.seconds
                form.form_errors.append(error.message)
    page = render_template("accounts/sign_in.html", form=form, target=target)
    return page, status, {"Retry-After": str(wait)} if wait else {}


@blueprint.route("/sign-in/forgotten")
@public
def forgotten():
    """What to do about a forgotten password: nothing on the web opens the door."""
    return render_template("accounts/forgotten.html")


@blueprint.route("/sign-out", methods=["POST"])
@needs("own_account")
def sign_out():
    """End the person's sessions on every browser."""
    service.sign_out(get_db(), current_user.id, runtime().now())
    session.clear()
    flash(_("로그아웃했습니다."), "success")
    return redirect(url_for("accounts.sign_in"), code=303)


@blueprint.route("/me", methods=["GET", "POST"])
@needs("own_account")
def me():
    """One's own account; the form changes the password."""
    form, status, headers = OwnPasswordForm(), 200, {}
    if request.method == "POST":
        status = NOT_TAKEN
        if form.validate():
            try:
                person = service.change_password(
                    get_db(),
                    current_user.id,
                    form.old_password.data,
                    form.password.data,
                    runtime().now(),
                    secret=current_app.config["SECRET_KEY"],
                    shop_name=_shop_name(),
                )
                sessions.begin(person)
                flash(
                    _("비밀번호를 바꾸었습니다. 다른 브라우저에서는 다시 로그인해야 합니다."),
                    "success",
                )
                return redirect(url_for("accounts.me"), code=303)
            except AccountError as error:
                form.refuse(error)
            except SignInMustWait as error:
                status, headers = 429, {"Retry-After": str(error.seconds)}
                form.form_errors.append(error.message)
    return render_template("accounts/me.html", form=form), status, headers


@blueprint.route("/language", methods=["POST"])
@public
def language():
    """Korean or English, for a stranger too."""
    return _choose("language", service.LANGUAGES, service.choose_language)


@blueprint.route("/theme", methods=["POST"])
@public
def theme():
    """Light, dark or as the PC has it, for a stranger too."""
    return _choose("theme", service.THEMES, service.choose_theme)


@blueprint.route("/people", methods=["GET", "POST"])
@needs("people")
def people():
    """Everybody who works with this ledger; the form adds one."""
    form = AddPersonForm()
    if form.validate_on_submit():
        try:
            service.add_person(
                get_db(),
                form.name.data,
                form.role.data,
                form.password.data,
                runtime().now(),
                by=current_user.id,
                language=current_user.language,
                shop_name=_shop_name(),
            )
            flash(_("추가했습니다. 이름과 처음 비밀번호를 본인에게 알려 주세요."), "success")
            return redirect(url_for("accounts.people"), code=303)
        except AccountError as error:
            form.refuse(error)
    everybody = store.everybody(get_db())
    page = render_template(
        "accounts/people.html", people=everybody, form=form, roles=ROLES, deeds=deeds()
    )
    return page, form.status, form.headers


@blueprint.route("/people/<int:person_id>")
@needs("people")
def person(person_id):
    """One person: role, password, whether they may sign in."""
    return _person_page(_get_or_404(person_id))


@blueprint.route("/people/<int:person_id>/<any(role, password, disable, enable):person_step>")
@needs("people")
def back_to_person(person_id, person_step):
    """The address bar of a form that came back, loaded again."""
    _get_or_404(person_id)
    return redirect(url_for("accounts.person", person_id=person_id))


@blueprint.route("/people/<int:person_id>/role", methods=["POST"])
@needs("people")
def change_role(person_id):
    """Give the person another role."""
    found, form = _get_or_404(person_id), RoleForm()
    if form.validate():
        try:
            service.change_role(
                get_db(), person_id, form.role.data, runtime().now(), by=current_user.id
            )
            return _done(_("역할을 바꾸었습니다."), person_id)
        except AccountError as error:
            form.refuse(error)
    return _person_page(found, form)


@blueprint.route("/people/<int:person_id>/password", methods=["POST"])
@needs("people")
def reset_password(person_id):
    """Give the person a new password; theirs is changed on their own page."""
    found, form = _get_or_404(person_id), ResetPasswordForm()
    if person_id == current_user.id:
        return redirect(url_for("accounts.me"), code=303)
    if form.validate():
        try:
            service.reset_password(
                get_db(),
                person_id,
                form.password.data,
                runtime().now(),
                by=current_user.id,
                shop_name=_shop_name(),
            )
            return _done(
                _("비밀번호를 바꾸었습니다. 새 비밀번호를 본인에게 알려 주세요."), person_id
            )
        except AccountError as error:
            form.refuse(error)
    return _person_page(found, form)


@blueprint.route("/people/<int:person_id>/disable", methods=["POST"])
@needs("people")
def disable(person_id):
    """Nobody signs in as this person any more."""
    found, form = _get_or_404(person_id), AccessForm()
    if form.validate():
        try:
            service.disable(get_db(), person_id, runtime().now(), by=current_user.id)
            return _done(_("이제 이 사람은 로그인할 수 없습니다."), person_id)
        except AccountError as error:
            form.refuse(error)
    return _person_page(found, form)


@blueprint.route("/people/<int:person_id>/enable", methods=["POST"])
@needs("people")
def enable(person_id):
    """Let the person sign in again."""
    found, form = _get_or_404(person_id), AccessForm()
    if not form.validate():
        return _person_page(found, form)
    service.enable(get_db(), person_id, runtime().now(), by=current_user.id)
    return _done(_("이제 이 사람은 다시 로그인할 수 있습니다."), person_id)


def _choose(what, choices, keep):
    chosen = request.form.get(what, "")
    if chosen not in choices:
        abort(400)
    if current_user.is_authenticated:
        keep(get_db(), current_user.id, chosen)
    else:
        session[what] = chosen
    return redirect(here_or("/"), code=303)


def _person_page(found, form=None):
    """The person with their three forms; ``form`` is the one that was sent and not taken."""
    role_form, password_form, access_form = (
        form if isinstance(form, kind) else kind(formdata=None, role=found.role)
        for kind in (RoleForm, ResetPasswordForm, AccessForm)
    )
    page = render_template(
        "accounts/person.html",
        person=found,
        role_form=role_form,
        password_form=password_form,
        access_form=access_form,
    )
    sent = form or role_form
    return page, sent.status, sent.headers


def _done(sentence, person_id):
    flash(sentence, "success")
    if person_id == current_user.id:  # may no longer see this page
        return redirect("/", code=303)
    return redirect(url_for("accounts.person", person_id=person_id), code=303)


def _get_or_404(person_id):
    found = store.find(get_db(), person_id)
    return found if found is not None else abort(404)


def _shop_name():
    return settings.get(get_db(), "shop_name") or ""
