"""Sign-in, own account, people: the shape of what is typed. The rules are in the service."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import PasswordField, RadioField, StringField
from wtforms.validators import InputRequired

from dashboard.accounts import proof
from dashboard.accounts.errors import AccountError, SignInMustWait, SignInRefused
from dashboard.accounts.permissions import ROLES
from dashboard.i18n import lazy_gettext as _l
from dashboard.words import role_word

_NAME = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
_OLD = {"autocomplete": "current-password"}
_NEW = {"autocomplete": "new-password"}
_need_name = InputRequired(_l("이름을 입력해 주세요."))
_need_password = InputRequired(_l("비밀번호를 입력해 주세요."))
_need_role = InputRequired(_l("역할을 골라 주세요."))


class Form(FlaskForm):
    """A form that can be told what the service did not take."""

    def refuse(self, error: AccountError) -> None:
        """Show the error at its field, or above the form if it has none."""
        field = self._fields.get(error.field)
        errors = self.form_errors if field is None else field.errors
        if isinstance(errors, tuple):
            field.errors = [error.message]
        else:
            errors.append(error.message)


class PasswordAgain(FlaskForm):
    """Base of a form for something grave: it asks for the own password, too (SEC-28).

    While a proof is fresh the field is not there at all. A right password counts from then on,
    even if something else has to be typed anew. Where it depends on what is at stake, a view may
    take the field away: ``del form.password_again``.
    """

    password_again = PasswordField(_l("내 비밀번호"), render_kw=_OLD)

    wait_s = 0  # seconds until the next password is looked at

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        # Last on the page, so last in the list of errors; several forms may stand on one page.
        field = self._fields["password_again"] = self._fields.pop("password_again")
        field.id = f"{type(self).__name__.lower()}-{field.id}"
        if proof.is_fresh():
            del self.password_again

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        return self._is_proved() and valid

    @property
    def status(self) -> int:
        """The status of a page that shows this form: 429 while passwords have to wait."""
        if self.wait_s:
            return 429
        return 422 if self.is_submitted() else 200

    @property
    def headers(self) -> dict[str, str]:
        """The headers that belong to :attr:`status`."""
        return {"Retry-After": str(self.wait_s)} if self.wait_s else {}

    def _is_proved(self) -> bool:
        field = self.password_again
        if field is None:
            return True
        if not field.data:
            field.errors = [_("비밀번호를 입력해 주세요.")]
            return False
        try:
            proof.give(field.data)
        except SignInMustWait as error:
            self.wait_s = error.seconds
            field.errors = [error.message]
            return False
        except SignInRefused:
            field.errors = [_("비밀번호가 맞지 않습니다. 다시 입력해 주세요.")]
            return False
        del self.password_again
        return True


class SignInForm(Form):
    name = StringField(_l("이름"), [_need_name], render_kw=_NAME)
    password = PasswordField(_l("비밀번호"), [_need_password], render_kw=_OLD)


class OwnPasswordForm(Form):
    old_password = PasswordField(_l("지금 비밀번호"), [_need_password], render_kw=_OLD)
    password = PasswordField(_l("새 비밀번호"), [_need_password], render_kw=_NEW)


def _choices():
    return [(role, role_word(role)) for role in ROLES]


def _roles(**options):
    return RadioField(_l("역할"), [_need_role], choices=_choices, validate_choice=False, **options)


class AddPersonForm(PasswordAgain, Form):
    name = StringField(_l("이름"), [_need_name], render_kw=_NAME | {"autocomplete": "off"})
    role = _roles(default="staff")
    password = PasswordField(_l("처음 비밀번호"), [_need_password], render_kw=_NEW)


class RoleForm(PasswordAgain, Form):
    role = _roles()


class ResetPasswordForm(PasswordAgain, Form):
    password = PasswordField(_l("새 비밀번호"), [_need_password], render_kw=_NEW)


class AccessForm(PasswordAgain, Form):
    """Keeping somebody out, and letting them in again."""
