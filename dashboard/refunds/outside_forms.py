"""The shape of what is typed about cancels made at KSNET itself (K9)."""

from __future__ import annotations

from flask_babel import gettext as _
from wtforms import StringField, TextAreaField
from wtforms.validators import ValidationError

from dashboard.files_forms import EvidenceField
from dashboard.i18n import lazy_gettext as _l
from dashboard.refunds.by_hand_forms import DayField
from dashboard.refunds.form_parts import MOST_WORDS, NUMBER_KW, SHORTEST_WORDS, OneOfEach, words
from dashboard.refunds.typed import read_won


class MarkForm(OneOfEach):
    """What somebody saw in KSNET's admin site. ``amount_won`` once it validates."""

    amount_won = 0

    amount = StringField(_l("KSNET에서 취소된 금액"), render_kw=NUMBER_KW)
    day = DayField(_l("KSNET에서 취소된 날"), render_kw={"type": "date"})
    seen = TextAreaField(_l("어디에서 확인했는지"), render_kw={"rows": 2, "maxlength": MOST_WORDS})
    evidence = EvidenceField(_l("증빙 파일"))

    def validate_amount(self, field):
        amount = read_won(field.data or "")
        if amount is None or amount < 1:
            raise ValidationError(_("1원 이상의 숫자로 입력해 주세요. 예: 12,000"))
        self.amount_won = amount

    def validate_seen(self, field):
        field.data = words(field, shortest=SHORTEST_WORDS, most=MOST_WORDS)


class ClearForm(OneOfEach):
    """Why a mark is taken away."""

    why = StringField(_l("표시를 지우는 이유"), render_kw={"maxlength": 200})

    def validate_why(self, field):
        field.data = words(field, shortest=SHORTEST_WORDS, most=200)
