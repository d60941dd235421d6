"""The form of a receipt for a sale outside PortOne."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, SelectField, StringField
from wtforms.validators import ValidationError

from dashboard.receipts.channels import Channels
from dashboard.receipts.form_parts import PLAIN_KW, WhomForm
from dashboard.receipts.sale import FIELDS, MOST_NAME, Sale, read_sale
from dashboard.refunds.form_parts import NUMBER_KW


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


class ExternalForm(WhomForm):
    """One sale; ``sale`` once it validates."""

    sale: Sale | None = None

    merchant_uid = StringField(_l("주문번호"), render_kw=PLAIN_KW | {"maxlength": 40})
    name = StringField(_l("상품 이름"), render_kw=PLAIN_KW | {"maxlength": MOST_NAME})
    amount = StringField(_l("받은 금액"), render_kw=NUMBER_KW)
    sold_on = StringField(_l("판매일"), render_kw={"type": "date"})
    channel_key = ChannelField(_l("KSNET 채널"))

    def __init__(self, *, today: date, **given: Any) -> None:
        super().__init__(**given)
        self._today = today

    def __iter__(self) -> Iterator[Field]:
        """In the order of the page: what was sold comes first."""
        own = ("merchant_uid", "name", "amount")
        return iter(sorted(self._fields.values(), key=lambda one: one.short_name not in own))

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        self.sale, wrong = read_sale(
            self.texts(FIELDS), today=self._today, self_issue=bool(self.self_issue.data)
        )
        return self.is_fine(self.sale, wrong) and valid
