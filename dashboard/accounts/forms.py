"""Sign-in, own account, people: the shape of what is typed. The rules are in the service."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, RadioField, StringField
from wtforms.validators import InputRequired

from dashboard.accounts.errors import AccountError
from dashboard.accounts.permissions import ROLES
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


class AddPersonForm(Form):
    name = StringField(_l("이름"), [_need_name], render_kw=_NAME | {"autocomplete": "off"})
    role = _roles(default="staff")
    password = PasswordField(_l("처음 비밀번호"), [_need_password], render_kw=_NEW)


class RoleForm(Form):
    role = _roles()


class ResetPasswordForm(Form):
    password = PasswordField(_l("새 비밀번호"), [_need_password], render_kw=_NEW)
