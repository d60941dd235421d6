"""The form of a product."""

from __future__ import annotations

from flask_babel import gettext as _
from wtforms import BooleanField, HiddenField, RadioField, StringField
from wtforms.validators import ValidationError

from dashboard.checkout.forms import MOST_LINE_NAME
from dashboard.checkout.typed import read_price, read_stock
from dashboard.i18n import lazy_gettext as _l
from dashboard.refunds.form_parts import NUMBER_KW, OneOfEach, words


class ProductForm(OneOfEach):
    """A product to pick from. ``won`` and ``pieces`` once it validates."""

    won: int = 0
    pieces: int | None = None

    name = StringField(
        _l("상품 이름"), render_kw={"maxlength": MOST_LINE_NAME, "autocomplete": "off"}
    )
    unit_price = StringField(_l("단가"), render_kw=NUMBER_KW)
    tax = RadioField(
        _l("과세 구분"),
        choices=lambda: [("taxed", _("과세")), ("free", _("면세"))],
        validate_choice=False,
        default="taxed",
    )
    uncounted = BooleanField(_l("재고를 세지 않음"), default=True)
    stock = StringField(_l("남은 수량"), render_kw=NUMBER_KW)
    shown_stock = HiddenField()

    def validate_name(self, field):
        field.data = words(field, shortest=1, most=MOST_LINE_NAME)

    def validate_unit_price(self, field):
        price = read_price(field.data or "", "KRW")
        if price is None:
            raise ValidationError(_("1원 이상의 금액을 숫자로 입력해 주세요."))
        self.won = price

    def validate_stock(self, field):
        if self.uncounted.data:
            return
        self.pieces = read_stock(field.data or "")
        if self.pieces is None:
            raise ValidationError(_("남은 수량을 숫자로 입력하거나 '재고를 세지 않음'을 고르세요."))

    @property
    def shown_pieces(self) -> int | None:
        """The count the form had shown; None: not counted."""
        return read_stock(self.shown_stock.data or "")

    @property
    def tax_free(self) -> bool:
        return bool(self.tax.data == "free")
