"""Fields that both forms of a receipt share: whom it is for, and its tax-free part."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from flask_babel import gettext as _
from wtforms import BooleanField, HiddenField, RadioField, StringField

from dashboard.i18n import lazy_gettext as _l
from dashboard.receipts.sale import (
    MOST_BUYER,
    MOST_EMAIL,
    MOST_TEL,
    Whom,
    has_resident_number,
    unusual_words,
)
from dashboard.refunds.form_parts import NUMBER_KW, OneOfEach

PLAIN_KW = {"autocomplete": "off"}


class WhomForm(OneOfEach):
    """What every receipt wants to know."""

    form_token = HiddenField()
    tax_free = StringField(_l("그중 면세금액"), render_kw=NUMBER_KW)
    product_type = RadioField(
        _l("상품 구분"),
        choices=lambda: [("real", _l("실물")), ("digital", _l("디지털"))],
        validate_choice=False,
    )
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
        _l("발급받을 번호"), render_kw=PLAIN_KW | {"inputmode": "numeric", "maxlength": 40}
    )
    self_issue = BooleanField(_l("자진발급 — 구매자가 번호를 알려주지 않았습니다"))
    confirm_unusual = BooleanField(_l("번호와 용도를 확인했습니다. 이대로 발급합니다"))
    buyer_name = StringField(_l("구매자 이름"), render_kw=PLAIN_KW | {"maxlength": MOST_BUYER})
    buyer_email = StringField(
        _l("구매자 메일 (선택)"), render_kw=PLAIN_KW | {"maxlength": MOST_EMAIL, "type": "email"}
    )
    buyer_tel = StringField(
        _l("구매자 전화 (선택)"), render_kw=PLAIN_KW | {"maxlength": MOST_TEL, "type": "tel"}
    )

    @property
    def token(self) -> str:
        """What keeps two clicks from being two receipts."""
        try:
            return str(uuid.UUID(self.form_token.data or ""))
        except ValueError:
            return str(uuid.uuid4())

    def texts(self, names: tuple[str, ...]) -> dict[str, str]:
        """What was typed into these fields."""
        return {name: self[name].data or "" for name in names}

    def is_fine(self, whom: Whom | None, wrong: Mapping[str, str]) -> bool:
        """Say beside each field what is wrong; an unusual number only wants to be confirmed."""
        for name, text in wrong.items():
            self[name].errors = [text]
            if has_resident_number(self[name].data or ""):
                self[name].data = ""  # it is shown to nobody again (SEC-54)
        if whom is None or wrong:
            return False
        if whom.unusual and not self.confirm_unusual.data:
            why = unusual_words(whom.type)
            self.confirm_unusual.errors = [
                _("%(why)s 맞다면 여기를 표시하고 다시 눌러 주세요.", why=why)
            ]
            return False
        return True
