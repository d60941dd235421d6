"""The shape of what is typed into the refund pages. Whether it can be sent is decided elsewhere."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from wtforms import HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import ValidationError

from dashboard.accounts.forms import PasswordAgain
from dashboard.formatting import won
from dashboard.i18n import lazy_gettext as _l
from dashboard.refunds.desk import Desk
from dashboard.refunds.form_parts import (
    ACCOUNT_IN_WORDS,
    MOST_WORDS,
    NUMBER_KW,
    SHORTEST_WORDS,
    AccountFields,
    OneOfEach,
    ReasonFields,
    words,
)
from dashboard.refunds.typed import holds_account, read_won


class RefundForm(ReasonFields, AccountFields, OneOfEach):
    """One wish to cancel; once it validates ``amount_won``, ``tax_free_won`` … hold the numbers.

    ``balance`` is the signed balance the page was rendered with. Fields that this payment has no
    use for are not in the form at all.
    """

    balance = HiddenField()
    schedule = HiddenField()  # "1": send it when KSNET takes it again (K5)
    kind = RadioField(
        _l("얼마를 취소할지"),
        choices=lambda: [("whole", _l("전액")), ("part", _l("부분"))],  # called: see setup/forms
        validate_choice=False,
        default="whole",
    )
    amount = StringField(_l("취소금액"), render_kw=NUMBER_KW)
    tax_free_total = StringField(_l("주문 전체의 면세금액"), render_kw=NUMBER_KW)
    tax_free = StringField(_l("그중 면세금액"), render_kw=NUMBER_KW)
    overrule = StringField(_l("그래도 보내는 이유"), render_kw={"maxlength": MOST_WORDS})

    def __init__(self, *, desk: Desk, banks: list[tuple[str, str]], **given: Any) -> None:
        super().__init__(**given, **({} if desk.wholes else {"data": {"kind": "part"}}))
        self._desk = desk
        self.amount_won = self.tax_free_won = 0
        self.tax_free_total_won: int | None = None
        if desk.refund_word:
            self.amount.label.text = _("환불금액")
            self.kind.label.text = _("얼마를 환불할지")
            self.reason.label.text = _("환불사유")
            self.other_reason.label.text = _("환불사유 입력")
        if not desk.parts:
            self.kind.choices = [("whole", _("전액"))]
        elif not desk.wholes:
            self.kind.choices = [("part", _("부분"))]
        if not desk.must_state_tax_free:
            del self.tax_free_total
        if desk.tax_free_fixed:
            del self.tax_free
        if desk.needs_account:
            self.bank.choices = [("", _("은행 선택")), *banks]
        else:
            del self.holder, self.bank, self.account

    def validate(self, extra_validators: Any = None) -> bool:
        """SEC-56: what is kept as a reason never goes away again, an account must."""
        valid = super().validate(extra_validators)
        last4 = self.account_digits[-4:]
        for field in (self.other_reason, self.overrule):
            if last4 and field is not None and holds_account(field.data or "", last4):
                field.errors = [*field.errors, ACCOUNT_IN_WORDS]
                valid = False
        return valid

    @property
    def whole(self) -> bool:
        """Everything that is left. An amount equal to it is the same wish in other words."""
        return self.kind.data == "whole" or self.amount_won == self._desk.balance

    def validate_kind(self, field):
        if field.data not in {value for value, _word in field.choices}:
            raise ValidationError(_("전액인지 부분인지 골라 주세요."))

    def validate_amount(self, field):
        """K10: an empty or unreadable amount is a mistake, never "everything"."""
        typed = (field.data or "").strip()
        if self.kind.data == "whole":
            self.amount_won = self._desk.balance
            if typed and read_won(typed) != self._desk.balance:
                raise ValidationError(
                    _(
                        "전액을 골랐는데 다른 금액이 적혀 있습니다. 일부만 돌려주려면 부분을"
                        " 고르고, 전액이면 금액을 지워 주세요."
                    )
                )
            return
        if not typed:
            raise ValidationError(_("금액을 입력해 주세요. 금액이 비어 있으면 보내지 않습니다."))
        amount = read_won(typed)
        if amount is None or amount < 1:
            raise ValidationError(_("1원 이상의 숫자로 입력해 주세요. 예: 12,000"))
        if amount > self._desk.possible:
            raise ValidationError(
                _(
                    "남은 금액 %(balance)s보다 많이 돌려줄 수 없습니다.",
                    balance=won(self._desk.possible),
                )
            )
        self.amount_won = amount

    def validate_tax_free_total(self, field):
        amount = read_won(field.data or "")
        if amount is None:
            raise ValidationError(
                _("이 주문의 면세금액을 입력해 주세요. 면세 상품이 없으면 0을 입력합니다.")
            )
        if amount > self._desk.amount:
            raise ValidationError(
                _(
                    "면세금액은 결제금액 %(amount)s보다 클 수 없습니다.",
                    amount=won(self._desk.amount),
                )
            )
        self.tax_free_total_won = amount

    def validate_tax_free(self, field):
        """K11. What the last cancel takes is no choice where it closes both parts."""
        desk = self._desk.with_total(self.tax_free_total_won)
        bounds = desk.bounds(self.amount_won)
        if not self.amount_won or bounds is None:
            return  # the amount or the total is wrong, and says so itself
        low, high = bounds
        typed = (field.data or "").strip()
        if not typed or low == high:
            self.tax_free_won = desk.proposal(self.amount_won) or 0
            return
        amount = read_won(typed)
        if amount is None:
            raise ValidationError(_("0 이상의 원 단위 숫자로 입력해 주세요. 예: 12,000"))
        if not low <= amount <= high:
            raise ValidationError(
                _(
                    "면세금액은 %(low)s부터 %(high)s까지 입력할 수 있습니다.",
                    low=won(low),
                    high=won(high),
                )
            )
        self.tax_free_won = amount

    def validate_overrule(self, field):
        if (field.data or "").strip():
            field.data = words(field, shortest=SHORTEST_WORDS, most=MOST_WORDS)


class PasswordForm(PasswordAgain):
    """Asked for on the last look of a refund that is large (SEC-28)."""


class SettleForm(PasswordAgain, OneOfEach):
    """The owner's written word on a refund whose result nobody can read (refund-safety, 1.4)."""

    evidence = TextAreaField(
        _l("무엇으로 확인했는지"), render_kw={"rows": 3, "maxlength": MOST_WORDS}
    )

    def validate_evidence(self, field):
        field.data = words(field, shortest=SHORTEST_WORDS, most=MOST_WORDS)
