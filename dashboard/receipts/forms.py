"""The forms of a payment's receipt: issuing it, and taking it back."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, StringField
from wtforms.validators import ValidationError

from dashboard.receipts.sale import (
    MOST_BUYER,
    MOST_EMAIL,
    MOST_TEL,
    Sale,
    has_resident_number,
    read_sale,
    unusual_words,
)
from dashboard.refunds.form_parts import NUMBER_KW, OneOfEach
from dashboard.refunds.typed import one_line
from dashboard.resident_number import mask_text

_PLAIN = {"autocomplete": "off"}
_TYPED = (
    *("tax_free", "type", "identifier", "product_type", "buyer_name", "buyer_email", "buyer_tel"),
)
SHORTEST_REASON, MOST_REASON = 2, 100  # characters


class ReceiptForm(OneOfEach):
    """Whom the receipt of one payment is for; ``sale`` once it validates.

    Order number, goods, amount and day are the payment's, nobody types them.
    """

    sale: Sale | None = None

    form_token = HiddenField()
    shown_amount = HiddenField()
    replaces = HiddenField()  # the receipt the form said it cancels first
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
    )
    tax_free = StringField(_l("그중 면세금액"), render_kw=NUMBER_KW)
    buyer_name = StringField(_l("구매자 이름"), render_kw=_PLAIN | {"maxlength": MOST_BUYER})
    buyer_email = StringField(
        _l("구매자 메일 (선택)"), render_kw=_PLAIN | {"maxlength": MOST_EMAIL, "type": "email"}
    )
    buyer_tel = StringField(
        _l("구매자 전화 (선택)"), render_kw=_PLAIN | {"maxlength": MOST_TEL, "type": "tel"}
    )

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

    @property
    def amount(self) -> int:
        """Won left of the payment when the form was shown; 0 when it says nothing sensible."""
        text = self.shown_amount.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 13 else 0

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        typed = {name: self[name].data or "" for name in _TYPED}
        known = {
            "merchant_uid": "payment",
            "name": "payment",
            "amount": str(self.amount or 1),
            "sold_on": self._today.isoformat(),
        }
        self.sale, wrong = read_sale(
            typed | known, today=self._today, self_issue=bool(self.self_issue.data)
        )
        for name, text in wrong.items():
            self[name].errors = [text]
            if has_resident_number(typed[name]):
                self[name].data = ""  # it is shown to nobody again (SEC-54)
        if self.sale is None or not valid:
            return False
        if self.sale.unusual and not self.confirm_unusual.data:
            self.confirm_unusual.errors = [
                _(
                    "%(why)s 맞다면 여기를 표시하고 다시 눌러 주세요.",
                    why=unusual_words(self.sale.type),
                )
            ]
            return False
        return True


class CancelReceiptForm(OneOfEach):
    """Why an issued receipt is taken back; ``reason_text`` once it validates."""

    reason = StringField(
        _l("취소 사유"), render_kw=_PLAIN | {"maxlength": MOST_REASON}, default=lambda: _("환불")
    )

    @property
    def reason_text(self) -> str:
        return one_line(self.reason.data or "")

    def validate_reason(self, field: Any) -> None:
        words = one_line(field.data or "")
        if mask_text(words) != words:
            field.data = ""
            raise ValidationError(
                _("주민등록번호로 보이는 숫자가 있어 받지 않았습니다. 다시 적어 주세요.")
            )
        if not SHORTEST_REASON <= len(words) <= MOST_REASON:
            raise ValidationError(
                _("취소 사유를 %(least)d자 이상 적어 주세요.", least=SHORTEST_REASON)
            )
