"""The form of a receipt for a sale outside PortOne."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField
from wtforms.validators import ValidationError

from dashboard.receipts.channels import Channels
from dashboard.receipts.sale import (
    FIELDS,
    MOST_BUYER,
    MOST_EMAIL,
    MOST_NAME,
    MOST_TEL,
    Sale,
    has_resident_number,
    read_sale,
    unusual_words,
)
from dashboard.refunds.form_parts import NUMBER_KW, OneOfEach

_PLAIN = {"autocomplete": "off"}


class ChannelField(SelectField):
    """One of the shop's channels at KSNET, or none."""

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, validate_choice=False, **given)
        self.type = "SelectField"  # how pages draw it
        self.channels = Channels(asked=False)

    def offer(self, channels: Channels, *, fresh: bool) -> None:
        """What can be chosen; a form nobody has filled in starts from the usual one."""
        self.channels = channels
        if fresh:
            self.data = channels.usual
        self.choices = channels.choices(self.data or "")

    def pre_validate(self, form: Any) -> None:
        if not self.channels.may(self.data or ""):
            raise ValidationError(_("채널을 다시 골라 주세요."))


class ExternalForm(OneOfEach):
    """One sale; ``sale`` once it validates."""

    sale: Sale | None = None
    warning = ""  # why the number is unusual, once it is the only thing in the way

    form_token = HiddenField()
    merchant_uid = StringField(_l("주문번호"), render_kw=_PLAIN | {"maxlength": 40})
    name = StringField(_l("상품 이름"), render_kw=_PLAIN | {"maxlength": MOST_NAME})
    amount = StringField(_l("받은 금액"), render_kw=NUMBER_KW)
    tax_free = StringField(_l("그중 면세금액"), render_kw=NUMBER_KW)
    sold_on = StringField(_l("판매일"), render_kw={"type": "date"})
    type = RadioField(
        _l("용도"),
        choices=lambda: [
            ("person", _l("소득공제 (개인)")),
            ("company", _l("지출증빙 (사업자)")),
        ],
        validate_choice=False,
        default="person",
    )
    identifier = StringField(
        _l("발급받을 번호"), render_kw=_PLAIN | {"inputmode": "numeric", "maxlength": 40}
    )
    self_issue = BooleanField(_l("자진발급 — 구매자가 번호를 알려주지 않았습니다"))
    confirm_unusual = BooleanField(_l("번호와 용도를 확인했습니다. 이대로 발급합니다"))
    product_type = RadioField(
        _l("상품 구분"),
        choices=lambda: [("real", _l("실물")), ("digital", _l("디지털"))],
        validate_choice=False,
        default="real",
    )
    buyer_name = StringField(_l("구매자 이름"), render_kw=_PLAIN | {"maxlength": MOST_BUYER})
    buyer_email = StringField(
        _l("구매자 메일 (선택)"), render_kw=_PLAIN | {"maxlength": MOST_EMAIL, "type": "email"}
    )
    buyer_tel = StringField(
        _l("구매자 전화 (선택)"), render_kw=_PLAIN | {"maxlength": MOST_TEL, "type": "tel"}
    )
    channel_key = ChannelField(_l("KSNET 채널"))

    def __init__(self, *, today: date, **given: Any) -> None:
        super().__init__(**given)
        self._today = today

    @property
    def token(self) -> str:
        """What keeps two clicks from being two receipts."""
        try:
            return str(uuid.UUID(self.form_token.data or ""))
        except ValueError:
            return str(uuid.uuid4())

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        typed = {name: self[name].data or "" for name in FIELDS}
        self.sale, wrong = read_sale(
            typed, today=self._today, self_issue=bool(self.self_issue.data)
        )
        for name, text in wrong.items():
            self[name].errors = [text]
            if has_resident_number(typed[name]):
                self[name].data = ""  # it is shown to nobody again (SEC-54)
        if self.sale is None or not valid:
            return False
        if self.sale.unusual:
            self.warning = unusual_words(self.sale.type)
            if not self.confirm_unusual.data:
                self.confirm_unusual.errors = [
                    _("%(why)s 맞다면 여기를 표시하고 다시 눌러 주세요.", why=self.warning)
                ]
                return False
        return True
