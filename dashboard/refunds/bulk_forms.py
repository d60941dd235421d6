"""The one confirmation of a bulk refund: the typed number, and the password again."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from wtforms import HiddenField, StringField
from wtforms.validators import ValidationError

from dashboard.accounts.forms import PasswordAgain
from dashboard.i18n import lazy_gettext as _l
from dashboard.refunds.form_parts import OneOfEach, ReasonFields


class ChooseForm(ReasonFields, OneOfEach):
    """The reason for all of them; which ones, the ticks say."""


class BulkForm(PasswordAgain, OneOfEach):
    """``count`` must be the number of rows, typed by hand."""

    bundle = HiddenField()
    reason_text = HiddenField()
    count = StringField(
        _l("환불할 건수"), render_kw={"inputmode": "numeric", "autocomplete": "off", "maxlength": 4}
    )

    def __init__(self, *, rows: int, **given: Any) -> None:
        super().__init__(**given)
        self._rows = rows

    def validate_count(self, field):
        if (field.data or "").strip() != str(self._rows):
            raise ValidationError(
                _("건수가 다릅니다. 위에 적힌 %(count)d을 숫자로 입력해 주세요.", count=self._rows)
            )
