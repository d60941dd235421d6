"""The forms of a payment's receipt: issuing it, and taking it back."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from wtforms import HiddenField, StringField
from wtforms.validators import ValidationError

from dashboard.i18n import lazy_gettext as _l
from dashboard.receipts.form_parts import PLAIN_KW, WhomForm
from dashboard.receipts.sale import WHOM, Whom, read_whom
from dashboard.refunds.form_parts import OneOfEach
from dashboard.refunds.typed import one_line
from dashboard.resident_number import mask_text

SHORTEST_REASON, MOST_REASON = 2, 100  # characters


class ReceiptForm(WhomForm):
    """Whom the receipt of one payment is for; ``whom`` once it validates.

    Order number, goods, amount and day are the payment's, nobody types them.
    """

    whom: Whom | None = None

    shown_amount = HiddenField()
    replaces = HiddenField()  # the receipt the form said it cancels first

    @property
    def amount(self) -> int:
        """Won left of the payment when the form was shown; 0 when it says nothing sensible."""
        text = self.shown_amount.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 13 else 0

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        self.whom, wrong = read_whom(
            self.texts(WHOM), amount=self.amount or None, self_issue=bool(self.self_issue.data)
        )
        return self.is_fine(self.whom, wrong) and valid


class CancelReceiptForm(OneOfEach):
    """Why an issued receipt is taken back; ``reason_text`` once it validates."""

    reason = StringField(
        _l("취소 사유"), render_kw=PLAIN_KW | {"maxlength": MOST_REASON}, default=lambda: _("환불")
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
