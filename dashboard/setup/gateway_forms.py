"""The shape of what is typed about the gateway: channel, codes, addresses, details of the shop."""

from __future__ import annotations

import re

from flask_babel import gettext as _
from wtforms import BooleanField, HiddenField, RadioField, SelectMultipleField, StringField
from wtforms.validators import Length, Regexp, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget, TextInput

from dashboard.accounts.forms import PasswordAgain
from dashboard.channels import Channels, is_key
from dashboard.channels_forms import ChannelField
from dashboard.formatting import tel_digits
from dashboard.i18n import lazy_gettext as _l
from dashboard.setup.public_url import MOST, Wrong, WrongAddress, read_public_url

MONTHS = range(2, 13)
"""Instalments a window can be asked to offer, beside lump sum (K18, K19)."""

TEST_MIDS = ("2999199999", "2999199990")
"""KSNET's for windows and for API payments (K51)."""

_CODE_KW = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}
_BLANKS = re.compile(r"\s+")
_PG_PREFIX = re.compile(r"^ksnet\.", re.IGNORECASE)

WRONG_ADDRESSES = {
    Wrong.SCHEME: _l("https://로 시작하는 주소를 입력해 주세요. 예: https://pay.example.com"),
    Wrong.MORE: _l("https://와 도메인까지만 입력해 주세요. 그 뒤의 경로나 물음표는 빼야 합니다."),
    Wrong.HOST: _l(
        "도메인이 아닙니다. 점이 들어간 주소를 입력해 주세요. 예: https://pay.example.com"
    ),
    Wrong.NUMBERS: _l("숫자로 된 IP 주소는 쓸 수 없습니다. 도메인을 입력해 주세요."),
    Wrong.HOME: _l("인터넷에서 열 수 없는 주소입니다. 터널이 알려 준 공개 주소를 입력해 주세요."),
}


def _joined(value):
    """Codes are pasted with blanks in and around them."""
    return _BLANKS.sub("", value or "")


def _tidy(value):
    """One line, one blank between words."""
    return _BLANKS.sub(" ", value or "").strip()


def _mid(value):
    """Older guides write a merchant id as ``ksnet.2999199999``."""
    return _PG_PREFIX.sub("", _joined(value))


class WindowChannelField(ChannelField):
    """One of the channels that open payment windows; typed where PortOne cannot be asked.

    A channel that was kept and that PortOne does not list any more stays in the list, marked, so
    that saving something else does not drop it unseen.
    """

    def offer(self, channels: Channels, *, fresh: bool = False) -> None:
        super().offer(channels.of_windows, fresh=False)
        if not self.channels.asked:
            self.type, self.widget = "StringField", TextInput()
        elif self.data and not self.channels.may(self.data):
            self.choices.append((self.data, _("%(key)s (포트원 목록에 없음)", key=self.data)))

    def process_formdata(self, valuelist):
        if valuelist:
            self.data = _joined(valuelist[0])

    def pre_validate(self, form):
        if self.data and not self.channels.asked and not is_key(self.data):
            raise ValidationError(_("채널키가 아닙니다. 포트원 콘솔에서 복사해 붙여 넣어 주세요."))
        if not self.channels.may(self.data or ""):
            raise ValidationError(
                _("포트원의 결제창 채널 목록에 없는 채널입니다. 목록에서 다시 골라 주세요.")
            )

    def _value(self):
        return self.data or ""


class MonthsField(SelectMultipleField):
    """A tick for each number of months."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class GatewayForm(PasswordAgain):
    """Field by field as ``settings.GATEWAY`` and ``settings.SHOP_DETAILS`` name them."""

    merchant_code = StringField(
        _l("고객사 식별코드"),
        filters=[_joined],
        validators=[
            Regexp(
                r"^(imp[0-9]{8,12})?$",
                message=_l(
                    "imp로 시작하고 숫자가 8~12자리인 코드를 입력해 주세요. 예: imp12345678"
                ),
            )
        ],
        render_kw=_CODE_KW | {"maxlength": 40, "placeholder": "imp00000000"},
    )
    channel_key = WindowChannelField(
        _l("KSNET 채널"), render_kw={"maxlength": 120, "autocomplete": "off"}
    )
    pg_mid = StringField(
        _l("상점아이디(MID)"),
        filters=[_mid],
        validators=[
            Regexp(
                r"^[0-9A-Za-z]{0,40}$",
                message=_l("상점아이디는 숫자와 영문자로만 되어 있습니다. 예: 2999199999"),
            )
        ],
        render_kw=_CODE_KW | {"maxlength": 60},
    )
    channel_sandbox = BooleanField(_l("테스트 상점아이디입니다"))
    listed = HiddenField()  # the channels could be chosen from PortOne's list
    quota = RadioField(
        _l("할부 개월"),
        choices=lambda: [
            ("", _l("KSNET 결제창에 맡깁니다")),
            ("some", _l("고른 개월만 보여 줍니다")),
        ],
        default="",
        validate_choice=True,
    )
    card_quota = MonthsField(
        _l("보여 줄 개월"),
        choices=lambda: [(str(month), _("%(months)s개월", months=month)) for month in MONTHS],
        validate_choice=True,
    )
    ceo_name = StringField(
        _l("대표자명"),
        filters=[_tidy],
        validators=[Length(max=40, message=_l("대표자명은 40자까지 쓸 수 있습니다."))],
        render_kw={"maxlength": 40, "autocomplete": "off"},
    )
    shop_address = StringField(
        _l("가게 주소"),
        filters=[_tidy],
        validators=[Length(max=200, message=_l("주소는 200자까지 쓸 수 있습니다."))],
        render_kw={"maxlength": 200, "autocomplete": "street-address"},
    )
    shop_phone = StringField(
        _l("가게 전화번호"),
        filters=[_tidy],
        render_kw={"maxlength": 30, "autocomplete": "tel", "inputmode": "tel"},
    )
    public_url = StringField(
        _l("공개 주소"),
        filters=[_tidy],
        render_kw=_CODE_KW
        | {"maxlength": MOST, "inputmode": "url", "placeholder": "https://pay.example.com"},
    )
    confirm_on = BooleanField(_l("포트원이 컨펌 프로세스를 켜 주었습니다"))

    def validate_channel_key(self, field):
        """What was chosen from a list must not turn into something typed that nobody looked at."""
        new = field.data and field.data != field.object_data
        if self.listed.data and new and not field.channels.asked:
            raise ValidationError(
                _(
                    "방금 포트원이 대답하지 않아 고른 채널을 확인하지 못했습니다. 아래 상점아이디와"
                    " 테스트 표시를 살펴보고 다시 저장해 주세요."
                )
            )

    def validate_card_quota(self, field):
        """Months that would not be kept are said, not dropped."""
        if self.quota.data == "" and field.data:
            raise ValidationError(
                _("개월을 골랐으면 위에서 '고른 개월만 보여 줍니다'를 골라 주세요.")
            )

    def validate_shop_phone(self, field):
        if field.data and not 8 <= len(_phone(field.data)) <= 12:
            raise ValidationError(_("지역번호까지 숫자로 입력해 주세요. 예: 02-1234-5678"))

    def validate_public_url(self, field):
        try:
            read_public_url(field.data)
        except WrongAddress as error:
            raise ValidationError(WRONG_ADDRESSES[error.wrong]) from None

    def validate_confirm_on(self, field):
        if field.data and not self.public_url.data:
            raise ValidationError(
                _("공개 주소가 없으면 포트원이 물어볼 수 없습니다. 공개 주소를 먼저 입력해 주세요.")
            )

    @property
    def facts(self):
        """Ready to keep, once it validates; None is "not said"."""
        chosen = self.channel_key.channels.get(self.channel_key.data or "")
        mid = chosen.pg_id if chosen else self.pg_mid.data
        test = chosen.sandbox if chosen else self.channel_sandbox.data or mid in TEST_MIDS
        months = [0, *sorted(int(month) for month in self.card_quota.data or ())]
        return {
            "merchant_code": self.merchant_code.data or None,
            "channel_key": self.channel_key.data or None,
            "pg_mid": mid or None,
            "channel_sandbox": True if test and (self.channel_key.data or mid) else None,
            "card_quota": months if self.quota.data else None,
            "ceo_name": self.ceo_name.data or None,
            "shop_address": self.shop_address.data or None,
            "shop_phone": _phone(self.shop_phone.data) or None,
            "public_url": read_public_url(self.public_url.data) or None,
            "confirm_on": self.confirm_on.data or None,
        }


def _phone(typed):
    """Its digits; "" where something in it belongs to no number."""
    return tel_digits(typed or "") if re.fullmatch(r"[0-9 ()+.\-–]*", typed or "") else ""
