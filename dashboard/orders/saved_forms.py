"""The form that keeps a question of the list under a name."""

from __future__ import annotations

import unicodedata

from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField
from wtforms.validators import ValidationError

from dashboard.i18n import lazy_gettext as _l
from dashboard.orders.saved import LONGEST_NAME, clean_name
from dashboard.resident_number import mask_text


class SavedViewForm(FlaskForm):
    """Name and who may see it; ``name.data`` is clean once it validates."""

    name = StringField(_l("이름"), render_kw={"maxlength": LONGEST_NAME, "autocomplete": "off"})
    shared = BooleanField(_l("가게 사람 모두에게 보이기"))

    def validate_name(self, field):
        if field.raw_data and len(field.raw_data) > 1:
            raise ValidationError(_l("같은 값이 두 번 전송되었습니다. 다시 입력해 주세요."))
        name = clean_name(field.data or "")
        if not name:
            raise ValidationError(_l("이름을 입력해 주세요."))
        if len(name) > LONGEST_NAME:
            raise ValidationError(_l("이름이 너무 깁니다. 40자 이하로 줄여 주세요."))
        if any(unicodedata.category(character)[0] == "C" for character in name):
            raise ValidationError(
                _l("이름에 보이지 않는 문자가 있습니다. 지우고 다시 입력해 주세요.")
            )
        if mask_text(name) != name:
            raise ValidationError(
                _l(
                    "주민등록번호로 보이는 숫자가 있어 저장하지 않았습니다. 법에 따라"
                    " 보관할 수 없는 번호이니 지우고 다시 저장해 주세요."
                )
            )
        field.data = name
