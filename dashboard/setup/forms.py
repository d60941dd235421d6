"""The shape of what is typed in first run and settings."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, RadioField, StringField
from wtforms.validators import DataRequired, Length, Regexp

_PRINTABLE = Regexp(
    r"^[!-~]*$", message=_l("영문자, 숫자, 기호만 쓸 수 있습니다. 빈칸 없이 붙여 넣으십시오.")
)


def stripped(value: str | None) -> str:
    """Pasted keys and names come with spaces around them."""
    return (value or "").strip()


class ShopName:
    """The shop's name, as its receipts show it."""

    shop_name = StringField(
        _l("가게 이름"),
        filters=[stripped],
        validators=[Length(max=60, message=_l("가게 이름은 60자까지 쓸 수 있습니다."))],
        render_kw={"maxlength": 60, "autocomplete": "organization"},
    )


class OwnerForm(ShopName, FlaskForm):
    token = HiddenField()
    name = StringField(
        _l("이름"),
        filters=[stripped],
        validators=[DataRequired(_l("이름을 입력하십시오."))],
        render_kw={"autocomplete": "username", "maxlength": 40, "required": True},
    )
    password = PasswordField(
        _l("비밀번호"),
        validators=[DataRequired(_l("비밀번호를 입력하십시오."))],
        render_kw={"autocomplete": "new-password", "required": True},
    )


class KeysForm(FlaskForm):
    """Write-only: what was typed is never sent back to the browser (SEC-49)."""

    imp_key = StringField(
        "REST API Key",
        filters=[stripped],
        validators=[
            DataRequired(_l("REST API Key를 입력하십시오.")),
            Length(max=100, message=_l("너무 깁니다. 키만 붙여 넣으십시오.")),
            _PRINTABLE,
        ],
        render_kw={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"},
    )
    imp_secret = PasswordField(
        "REST API Secret",
        filters=[stripped],
        validators=[
            DataRequired(_l("REST API Secret을 입력하십시오.")),
            Length(max=300, message=_l("너무 깁니다. Secret만 붙여 넣으십시오.")),
            _PRINTABLE,
        ],
        render_kw={"autocomplete": "off"},
    )


class ShopForm(ShopName, FlaskForm):
    sells_tax_free = RadioField(
        _l("면세 상품 판매"),
        choices=lambda: [  # called: WTForms 3.3 warns of plain pairs, earlier ones know no other
            ("no", _l("없음: 모든 상품이 과세입니다")),
            ("yes", _l("있음: 면세 상품도 팝니다")),
            ("", _l("아직 정하지 않음")),
        ],
        default="",
        validate_choice=True,
    )
