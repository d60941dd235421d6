"""The shape of what is typed about refunds by hand. Whether it may be is decided elsewhere."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext as _
from wtforms import StringField
from wtforms.validators import ValidationError

from dashboard.accounts.forms import PasswordAgain
from dashboard.files_forms import EvidenceField
from dashboard.i18n import lazy_gettext as _l
from dashboard.refunds.form_parts import OneOfEach, words
from dashboard.refunds.forms import RefundForm

MOST_REFERENCE = 60  # characters


class HandForm(RefundForm):
    """One wish to transfer. All of it is asked of the same desk, so the fields are the same."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        del self.schedule, self.overrule


class LastLookForm(PasswordAgain, OneOfEach):
    """What comes with the last look: a file no browser carries from page to page."""

    evidence = EvidenceField(_l("증빙 파일"))


class DayField(StringField):
    """A Korean day as YYYY-MM-DD; ``day`` once it validates."""

    day: date | None = None

    def pre_validate(self, form: Any) -> None:
        try:
            self.day = date.fromisoformat((self.data or "").strip())
        except ValueError as error:
            raise ValidationError(_("날짜를 2026-08-21처럼 입력해 주세요.")) from error


class TransferredForm(OneOfEach):
    """The transfer as the bank confirmed it."""

    day = DayField(_l("이체한 날"), render_kw={"type": "date"})
    reference = StringField(
        _l("이체 확인번호"), render_kw={"maxlength": MOST_REFERENCE, "autocomplete": "off"}
    )
    evidence = EvidenceField(_l("이체 확인증"))

    def validate_reference(self, field):
        field.data = words(field, shortest=2, most=MOST_REFERENCE)
