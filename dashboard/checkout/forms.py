"""The form of a sale: goods, buyer, method and what its window can be asked for."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)

from dashboard.checkout.typed import (
    MOST_ORDER_NAME,
    months_text,
    order_name,
    read_moment,
    read_months,
    read_pairs,
    read_pieces,
    read_price,
)
from dashboard.clock import kst
from dashboard.i18n import language
from dashboard.i18n import lazy_gettext as _l
from dashboard.ksnet.cards import card_companies
from dashboard.ksnet.window_facts import WINDOW_METHODS, WindowWish
from dashboard.ksnet.window_limits import LONGEST
from dashboard.ksnet.window_options import TCODES
from dashboard.refunds.form_parts import OneOfEach
from dashboard.refunds.typed import MOST_WON, one_line
from dashboard.resident_number import mask_text
from dashboard.words import METHODS

MOST_LINES = 20
MOST_LINE_NAME = 100  # characters
MOST_DAYS = 90  # of a link
LIFE_DAYS = ("1", "3", "7")
OWN = "own"
DAY_S = 24 * 60 * 60

_OFF = {"autocomplete": "off"}
_NUMBER = _OFF | {"inputmode": "numeric"}


class LineForm(Form):
    """One line of goods. A line with neither name nor price is no line."""

    name = StringField(_l("상품"), render_kw=_OFF | {"maxlength": MOST_LINE_NAME})
    unit_price = StringField(_l("단가"), render_kw=_NUMBER | {"data-won": ""})
    quantity = StringField(_l("수량"), render_kw=_NUMBER, default="1")
    tax = SelectField(
        _l("과세 구분"),
        choices=lambda: [("taxed", _("과세")), ("free", _("면세"))],
        validate_choice=False,
        default="taxed",
    )
    remember = BooleanField(_l("이 상품 기억하기"))

    @property
    def is_empty(self) -> bool:
        return not one_line(self.name.data or "") and not (self.unit_price.data or "").strip()


def _months_form() -> type[Form]:
    fields = {
        f"c{card.code}": StringField(render_kw=_NUMBER | {"maxlength": 2})
        for card in card_companies()
        if card.interest_free
    }
    return type("InterestFreeForm", (Form,), fields)


InterestFreeForm = _months_form()
"""Months by card company whose interest the shop can pay (K21)."""


class RequestForm(OneOfEach):
    """What a payment request is made of. ``goods`` and ``wish`` once it was read."""

    form_token = HiddenField()
    copied_from = HiddenField()
    warned = HiddenField()  # the rules whose warnings the page showed, with commas

    lines = FieldList(FormField(LineForm), min_entries=1, max_entries=MOST_LINES)
    name = StringField(_l("주문명"), render_kw=_OFF | {"maxlength": MOST_ORDER_NAME})

    buyer_name = StringField(
        _l("구매자 이름"), render_kw=_OFF | {"maxlength": LONGEST["buyer_name"]}
    )
    buyer_tel = StringField(
        _l("연락처"), render_kw=_OFF | {"type": "tel", "maxlength": LONGEST["buyer_tel"]}
    )
    buyer_email = StringField(
        _l("이메일"), render_kw=_OFF | {"type": "email", "maxlength": LONGEST["buyer_email"]}
    )
    buyer_postcode = StringField(
        _l("우편번호"), render_kw=_NUMBER | {"maxlength": LONGEST["buyer_postcode"]}
    )
    buyer_addr = StringField(_l("주소"), render_kw=_OFF | {"maxlength": LONGEST["buyer_addr"]})

    pay_method = RadioField(
        _l("결제수단"),
        choices=lambda: [(method, METHODS[method]) for method in WINDOW_METHODS],
        validate_choice=False,
        default="card",
    )
    currency = SelectField(
        _l("통화"),
        choices=lambda: [("KRW", _("원 (KRW)")), ("USD", _("미국 달러 (USD)"))],
        validate_choice=False,
        default="KRW",
    )
    card_quota = StringField(_l("할부 개월"), render_kw=_OFF | {"maxlength": 100})
    vbank_day = StringField(_l("입금기한 날짜"), render_kw=_OFF | {"type": "date"})
    vbank_time = StringField(_l("입금기한 시각"), render_kw=_OFF | {"type": "time"})
    escrow = BooleanField(_l("배송 에스크로로 받기"))

    direct_card = SelectField(
        _l("카드사 바로 호출"),
        choices=lambda: [
            ("", _("결제창에서 구매자가 고름")),
            *((card.code, card.name(language())) for card in card_companies()),
        ],
        validate_choice=False,
    )
    direct_quota = StringField(_l("바로 호출의 할부 개월"), render_kw=_NUMBER | {"maxlength": 2})
    tcode = SelectField(
        _l("구매자 통신사"),
        choices=lambda: [
            ("", _("모름")),
            *zip(TCODES, ("SKT", "KT", "LG U+"), strict=True),
        ],
        validate_choice=False,
    )
    interest_free = FormField(InterestFreeForm, _l("상점 부담 무이자"))
    app_card = BooleanField(_l("앱카드만 보이기"))
    snd_qpay_type = SelectField(
        _l("카드 결제창의 간편결제"),
        choices=lambda: [("", _("결제창 기본")), ("1", _("보이기")), ("0", _("숨기기"))],
        validate_choice=False,
    )
    easy_pay_direct = BooleanField(_l("간편결제 창을 바로 열기"))
    kakaopay_type = SelectField(
        _l("카카오페이 결제 방식"),
        choices=lambda: [
            ("", _("카드와 머니 모두")),
            ("CARD", _("카드만")),
            ("MONEY", _("머니만")),
        ],
        validate_choice=False,
    )
    period_from = StringField(_l("서비스 시작일"), render_kw=_OFF | {"type": "date"})
    period_to = StringField(_l("서비스 종료일"), render_kw=_OFF | {"type": "date"})
    app_scheme = StringField(_l("앱 스킴"), render_kw=_OFF | {"maxlength": 200})
    custom_data = TextAreaField(_l("추가 정보"), render_kw=_OFF | {"rows": 3})

    life = RadioField(
        _l("결제 화면의 기한"),
        choices=lambda: [
            ("1", _("1일")),
            ("3", _("3일")),
            ("7", _("7일")),
            (OWN, _("직접 입력")),
        ],
        validate_choice=False,
        default="3",
    )
    until_day = StringField(_l("기한 날짜"), render_kw=_OFF | {"type": "date"})
    until_time = StringField(_l("기한 시각"), render_kw=_OFF | {"type": "time"})
    overrule = BooleanField(_l("그래도 요청합니다"))

    @property
    def token(self) -> str:
        """What keeps two clicks from being two requests."""
        try:
            return str(uuid.UUID(self.form_token.data or ""))
        except ValueError:
            return str(uuid.uuid4())

    @property
    def in_currency(self) -> str:
        return "USD" if self.currency.data == "USD" else "KRW"

    @property
    def line_forms(self) -> list[LineForm]:
        return [entry.form for entry in self.lines.entries]

    @property
    def sums(self) -> tuple[int, int]:
        """Amount and tax-free part of the lines that can be read, in the form's currency."""
        amount = tax_free = 0
        for line in self.line_forms:
            price = read_price(line.unit_price.data or "", self.in_currency)
            pieces = read_pieces(line.quantity.data or "")
            if price is not None and pieces is not None:
                amount += price * pieces
                tax_free += price * pieces if line.tax.data == "free" else 0
        return amount, tax_free

    @property
    def usual_name(self) -> str:
        """The order name that is sent when none is typed."""
        names = (one_line(line.name.data or "") for line in self.line_forms)
        found = [name for name in names if name]
        return order_name(found, _("외 %(count)s건", count=len(found) - 1))

    def fill_in(self, products: Mapping[str, Mapping[str, Any]]) -> None:
        """Price and tax of remembered goods of which only the name was given.

        :param products: by name
        """
        for line in self.line_forms:
            known = products.get(one_line(line.name.data or ""))
            if known is None or (line.unit_price.data or "").strip() or self.in_currency != "KRW":
                continue
            line.unit_price.data = f"{known['unit_price']:,}"
            line.tax.data = "free" if known["tax_free"] else "taxed"

    def add_line(self) -> None:
        """Room for one more."""
        if len(self.lines.entries) < MOST_LINES:
            self.lines.append_entry()

    def remove_line(self, number: str) -> None:
        """Without one of several lines; ``number`` as the page counts them, from 0."""
        places = [entry.short_name for entry in self.lines.entries]
        if len(places) > 1 and number in places:
            del self.lines.entries[places.index(number)]

    def read_goods(self) -> bool:
        """Whether every line can be read; says beside each field what is wrong."""
        filled = [line for line in self.line_forms if not line.is_empty]
        for line in filled or self.line_forms[:1]:
            self._read_line(line)
        if self.sums[0] > MOST_WON:
            _wrong(self.line_forms[0].unit_price, _("합계가 너무 큽니다."))
        return not any(line.errors for line in self.line_forms)

    def _read_line(self, line: LineForm) -> None:
        name = one_line(line.name.data or "")
        if line.name.errors:
            pass  # refused already
        elif not name:
            _wrong(line.name, _("상품 이름을 입력해 주세요."))
        elif len(name) > MOST_LINE_NAME:
            _wrong(line.name, _("상품 이름은 %(most)d자까지입니다.", most=MOST_LINE_NAME))
        if read_price(line.unit_price.data or "", self.in_currency) is None:
            text = (
                _("12.50처럼 달러와 센트로 입력해 주세요.")
                if self.in_currency == "USD"
                else _("1원 이상의 금액을 숫자로 입력해 주세요.")
            )
            _wrong(line.unit_price, text)
        if read_pieces(line.quantity.data or "") is None:
            _wrong(line.quantity, _("1개 이상의 수량을 숫자로 입력해 주세요."))

    def read_rest(self, now: int) -> int | None:
        """When the link ends, UNIX seconds; None when something typed cannot be read."""
        if read_months(self.card_quota.data or "") is None:
            _wrong(self.card_quota, _("2,3,6이나 2-12처럼 숫자로 입력해 주세요."))
        for field in (self.direct_quota, *self.interest_free.form):
            if len(read_months(field.data or "") or ()) != (1 if (field.data or "").strip() else 0):
                _wrong(field, _("개월 수를 숫자 하나로 입력해 주세요."))
        if read_pairs(self.custom_data.data or "") is None:
            _wrong(self.custom_data, _("한 줄에 하나씩 이름=값으로 입력해 주세요."))
        until = self._until(now)
        self._refuse_resident_numbers()
        return None if self.errors else until

    def _until(self, now: int) -> int | None:
        """When the link ends; a virtual account's lives as long as its deposit is waited for."""
        due = self._vbank_due()
        if self.life.data == OWN:
            until = read_moment(self.until_day.data or "", self.until_time.data or "23:59")
            if until is None:
                _wrong(self.until_day, _("날짜와 시각을 입력해 주세요."))
                return None
            if until <= now:
                _wrong(self.until_day, _("지금보다 뒤의 때를 입력해 주세요."))
                return None
        else:
            days = self.life.data if self.life.data in LIFE_DAYS else "3"
            until = now + int(days) * DAY_S
        if self.pay_method.data == "vbank" and due is not None:
            until = max(until, due)
        if until > now + MOST_DAYS * DAY_S:
            late = self.until_day if self.life.data == OWN else self.vbank_day
            _wrong(late, _("%(most)d일 안으로 정해 주세요.", most=MOST_DAYS))
            return None
        return until

    def _vbank_due(self) -> int | None:
        return read_moment(self.vbank_day.data or "", self.vbank_time.data or "")

    def _refuse_resident_numbers(self) -> None:
        """No free text keeps one, nor is it shown to anybody again (SEC-54)."""
        for field in (*self._texts(), *(line.name for line in self.line_forms)):
            text = field.data or ""
            if mask_text(text) != text:
                field.data = ""
                refused = _("주민등록번호로 보이는 숫자가 있어 받지 않았습니다. 다시 적어 주세요.")
                _wrong(field, refused)

    def _texts(self) -> list[Any]:
        names = ("name", *(name for name in LONGEST if name != "name"))
        return [self[name] for name in (*names, "app_scheme", "custom_data")]

    def wish(self) -> WindowWish:
        """What was typed, as far as it can be read, for the rules to judge."""
        amount, tax_free = self.sums

        def text(name: str) -> str:
            return one_line(self[name].data or "")

        months = read_months(self.card_quota.data or "")
        direct = read_months(self.direct_quota.data or "")
        return WindowWish(
            pay_method=self.pay_method.data or "",
            amount=amount,
            tax_free=tax_free,
            currency=self.currency.data or "",
            name=text("name") or self.usual_name,
            buyer_name=text("buyer_name"),
            buyer_email=text("buyer_email"),
            buyer_tel=text("buyer_tel"),
            buyer_addr=text("buyer_addr"),
            buyer_postcode=text("buyer_postcode"),
            escrow=bool(self.escrow.data),
            vbank_due=self._vbank_due(),
            card_quota=tuple(sorted({0, *months})) if months else None,
            direct_card=text("direct_card"),
            direct_quota=direct[0] if direct else None,
            interest_free=self._interest_free(),
            app_card=bool(self.app_card.data),
            easy_pay_direct=bool(self.easy_pay_direct.data),
            kakaopay_type=text("kakaopay_type"),
            snd_qpay_type=text("snd_qpay_type"),
            tcode=text("tcode"),
            period=(text("period_from"), text("period_to")),
            app_scheme=text("app_scheme"),
            custom_data=read_pairs(self.custom_data.data or "") or {},
        )

    def _interest_free(self) -> tuple[tuple[str, int], ...]:
        found = (
            (field.short_name[1:], read_months(field.data or ""))
            for field in self.interest_free.form
        )
        return tuple((code, months[0]) for code, months in found if months)

    def start_from(self, wish: WindowWish, lines: list[dict[str, Any]]) -> None:
        """The same once more: everything of an earlier request but its times."""
        usd = wish.currency == "USD"
        del self.lines.entries[:]
        for line in lines:
            self.lines.append_entry(
                {
                    "name": line["name"],
                    "unit_price": _typed(line["unit_price"], usd=usd),
                    "quantity": str(line["quantity"]),
                    "tax": "free" if line["tax_free"] else "taxed",
                }
            )
        for name in (*LONGEST, "pay_method", "currency", "escrow", "direct_card", "app_card"):
            self[name].data = getattr(wish, name)
        for name in ("easy_pay_direct", "kakaopay_type", "snd_qpay_type", "tcode", "app_scheme"):
            self[name].data = getattr(wish, name)
        if self.name.data == self.usual_name:
            self.name.data = ""  # it follows the goods, should they be changed now
        self.card_quota.data = months_text(wish.card_quota)
        self.direct_quota.data = "" if wish.direct_quota is None else str(wish.direct_quota)
        for code, months in wish.interest_free:
            if (field := self.interest_free.form._fields.get(f"c{code}")) is not None:
                field.data = str(months)
        self.period_from.data, self.period_to.data = wish.period
        self.custom_data.data = "\n".join(f"{k}={v}" for k, v in wish.custom_data.items())

    def due_at(self, at: int) -> None:
        """When a deposit is waited for until, unless somebody types otherwise."""
        self.vbank_day.data, self.vbank_time.data = f"{kst(at):%Y-%m-%d}", f"{kst(at):%H:%M}"

    @property
    def errors(self) -> dict[str, Any]:
        """What is wrong, by field; lists of fields only where one of them is wrong."""
        return {name: errors for name, errors in super().errors.items() if any(errors)}


def _typed(price: int, *, usd: bool) -> str:
    return f"{price // 100}.{price % 100:02d}" if usd else f"{price:,}"


def _wrong(field: Any, text: str) -> None:
    field.errors = [*field.errors, text]
