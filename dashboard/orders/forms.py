"""The order page's two forms: an internal note, the tax-free part of an order."""

from __future__ import annotations

import re
from typing import Any

from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField
from wtforms.validators import ValidationError

from dashboard.formatting import won
from dashboard.i18n import lazy_gettext as _l
from dashboard.resident_number import mask_text

MAX_NOTE = 2000  # characters
_WON = re.compile(r"[0-9]{1,12}")


def _one_value(form, field):
    """A field sent twice is nobody's wish (SEC-31)."""
    if field.raw_data and len(field.raw_data) > 1:
        raise ValidationError(_l("같은 값이 두 번 전송되었습니다. 다시 입력해 주세요."))


class NoteForm(FlaskForm):
    """A note for the shop's own people; ``text.data`` is clean once it validates."""

    text = TextAreaField(_l("새 메모"), render_kw={"rows": 3})

    def validate_text(self, field):
        _one_value(self, field)
        text = (field.data or "").replace("\r\n", "\n").replace("\r", "\n").strip()
        if not text:
            raise ValidationError(_l("메모를 입력해 주세요."))
        if "\0" in text:
            raise ValidationError(_l("저장할 수 없는 글자가 들어 있습니다. 다시 입력해 주세요."))
        if len(text) > MAX_NOTE:
            raise ValidationError(
                _l(
                    "메모는 %(most)s자까지 쓸 수 있습니다. 지금 %(now)s자입니다.",
                    most=f"{MAX_NOTE:,}",
                    now=f"{len(text):,}",
                )
            )
        if mask_text(text) != text:
            raise ValidationError(
                _l(
                    "주민등록번호로 보이는 숫자가 있어 저장하지 않았습니다. 법에 따라"
                    " 보관할 수 없는 번호이니 지우고 다시 저장해 주세요."
                )
            )
        field.data = text


class TaxFreeForm(FlaskForm):
    """How much of an order is tax-free; ``won`` is the number once it validates."""

    tax_free = StringField(
        _l("면세금액 (원)"), render_kw={"inputmode": "numeric", "autocomplete": "off"}
    )

    def __init__(self, *, amount: int, **given: Any) -> None:
        """:param amount: won, the most that can be tax-free"""
        super().__init__(**given)
        self.amount = amount
        self.won = 0

    def validate_tax_free(self, field):
        _one_value(self, field)
        typed = re.sub(r"[\s,]|원$|₩", "", (field.data or "").strip())
        if not typed:
            raise ValidationError(
                _l("면세금액을 입력해 주세요. 면세 상품이 없으면 0을 입력합니다.")
            )
        if not _WON.fullmatch(typed):
            raise ValidationError(_l("0 이상의 원 단위 숫자로 입력해 주세요. 예: 12,000"))
        if int(typed) > self.amount:
            raise ValidationError(
                _l("면세금액은 결제금액 %(amount)s보다 클 수 없습니다.", amount=won(self.amount))
            )
        self.won = int(typed)
