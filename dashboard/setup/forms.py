"""The shape of what is typed in first run and settings."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, RadioField, StringField
from wtforms.validators import DataRequired, Length, Regexp, ValidationError

from dashboard.business_number import clean, is_business_number

_PRINTABLE = Regexp(
    r"^[!-~]*$", message=_l("영문자, 숫자, 기호만 쓸 수 있습니다. 빈칸 없이 붙여 넣어 주세요.")
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
        validators=[DataRequired(_l("이름을 입력해 주세요."))],
        render_kw={"autocomplete": "username", "maxlength": 40, "required": True},
    )
    password = PasswordField(
        _l("비밀번호"),
        validators=[DataRequired(_l("비밀번호를 입력해 주세요."))],
        render_kw={"autocomplete": "new-password", "required": True},
    )


class KeysForm(FlaskForm):
    """Write-only: what was typed is never sent back to the browser (SEC-49)."""

    imp_key = StringField(
        "REST API Key",
        filters=[stripped],
        validators=[
            DataRequired(_l("REST API Key를 입력해 주세요.")),
            Length(max=100, message=_l("너무 깁니다. 키만 붙여 넣어 주세요.")),
            _PRINTABLE,
        ],
        render_kw={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"},
    )
    imp_secret = PasswordField(
        "REST API Secret",
        filters=[stripped],
        validators=[
            DataRequired(_l("REST API Secret을 입력해 주세요.")),
            Length(max=300, message=_l("너무 깁니다. Secret만 붙여 넣어 주세요.")),
            _PRINTABLE,
        ],
        render_kw={"autocomplete": "off"},
    )


class ShopForm(ShopName, FlaskForm):
    business_number = StringField(
        _l("사업자등록번호"),
        filters=[stripped],
        render_kw={"inputmode": "numeric", "autocomplete": "off", "maxlength": 20},
    )
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

    def validate_business_number(self, field):
        """Empty, or ten digits that fit each other."""
        if field.data and not is_business_number(field.data):
            raise ValidationError(
                _l("사업자등록번호가 아닙니다. 숫자 10자리를 사업자등록증과 맞춰 보세요.")
            )

    @property
    def facts(self):
        """What the owner says about the shop, ready to keep; None is "not said"."""
        return {
            "shop_name": self.shop_name.data or None,
            "business_number": clean(self.business_number.data or "") or None,
            "sells_tax_free": self.sells_tax_free.data or None,
        }
