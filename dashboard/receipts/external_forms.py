"""The form of a receipt for a sale outside PortOne."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from wtforms import Field, StringField

from dashboard.channels_forms import ChannelField
from dashboard.i18n import lazy_gettext as _l
from dashboard.receipts.form_parts import PLAIN_KW, WhomForm
from dashboard.receipts.sale import FIELDS, MOST_NAME, Sale, read_sale
from dashboard.refunds.form_parts import NUMBER_KW


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
