"""Fields that several refund forms share: a reason, a receiving account, one line of words."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, StringField
from wtforms.validators import ValidationError

from dashboard.i18n import lazy_gettext as _l
from dashboard.refunds.typed import LONGEST_ACCOUNT, SHORTEST_ACCOUNT, one_line, read_account
from dashboard.resident_number import mask_text

MOST_REASON = 100  # characters; PortOne takes 256, and our mark stands behind it
MOST_HOLDER = 40
SHORTEST_WORDS, MOST_WORDS = 5, 1000  # of an owner's own reason or evidence

REASONS = ("고객 변심", "품절", "배송 지연", "상품 불량", "중복 결제", "금액 오류")
"""Sent as they stand: PortOne, KSNET and the card statement read Korean."""
REASON_WORDS = (
    _l("고객 변심"),
    _l("품절"),
    _l("배송 지연"),
    _l("상품 불량"),
    _l("중복 결제"),
    _l("금액 오류"),
)
OTHER = "other"

ACCOUNT_IN_WORDS = _l("계좌번호는 여기에 적지 마세요. 이 글은 지워지지 않습니다.")

NUMBER_KW = {"inputmode": "numeric", "autocomplete": "off", "data-won": ""}
_ROOM = 4000  # characters of any field; what is longer is no slip of the finger


class OneOfEach(FlaskForm):
    """A form in which no field may arrive twice (SEC-31), and none is endless."""

    def validate(self, extra_validators: Any = None) -> bool:
        for field in self:
            if isinstance(field.data, str) and len(field.data) > _ROOM:
                field.data = ""
        return bool(super().validate(extra_validators))


class ReasonFields:
    """Why: one of the usual reasons, or own words. ``reason_text`` once it validates."""

    reason_text = ""

    reason = RadioField(
        _l("취소사유"),
        choices=lambda: [*zip(REASONS, REASON_WORDS, strict=True), (OTHER, _l("직접 입력"))],
        validate_choice=False,
        default=REASONS[0],
    )
    other_reason = StringField(_l("취소사유 입력"), render_kw={"maxlength": MOST_REASON})

    def validate_reason(self, field):
        if field.data == OTHER:
            return
        if field.data not in REASONS:
            raise ValidationError(_("취소사유를 골라 주세요."))
        self.reason_text = field.data

    def validate_other_reason(self, field):
        if self.reason.data != OTHER:
            return
        self.reason_text = words(field, shortest=1, most=MOST_REASON)


class AccountFields:
    """Where the money goes. ``account_digits`` once it validates."""

    account_digits = ""

    holder = StringField(_l("예금주"), render_kw={"autocomplete": "off"})
    bank = SelectField(_l("은행"), validate_choice=False)
    account = StringField(
        _l("계좌번호"),
        render_kw={"inputmode": "numeric", "autocomplete": "off", "data-account": ""},
    )

    def validate_holder(self, field):
        if not (field.data or "").strip():
            raise ValidationError(_("받을 사람의 예금주명을 입력해 주세요."))
        field.data = words(field, shortest=1, most=MOST_HOLDER)

    def validate_bank(self, field):
        if not field.data or field.data not in {code for code, _word in field.choices}:
            raise ValidationError(_("받을 은행을 골라 주세요."))

    def validate_account(self, field):
        digits = read_account(field.data or "")
        if digits is None:
            raise ValidationError(
                _(
                    "계좌번호를 숫자로 입력해 주세요. %(least)d~%(most)d자리입니다.",
                    least=SHORTEST_ACCOUNT,
                    most=LONGEST_ACCOUNT,
                )
            )
        self.account_digits = digits


def words(field, *, shortest: int, most: int) -> str:
    """What was written, on one line.

    :raise ValidationError: too short, too long, or with what looks like a resident number
    """
    text = one_line(field.data or "")
    if not text:
        raise ValidationError(_("내용을 입력해 주세요."))
    if len(text) < shortest:
        raise ValidationError(_("%(least)d자 이상 적어 주세요.", least=shortest))
    if len(text) > most:
        raise ValidationError(
            _(
                "%(most)s자까지 쓸 수 있습니다. 지금 %(now)s자입니다.",
                most=f"{most:,}",
                now=f"{len(text):,}",
            )
        )
    if mask_text(text) != text:
        raise ValidationError(
            _(
                "주민등록번호로 보이는 숫자가 있어 받지 않았습니다. 법에 따라 보관할 수 없는"
                " 번호이니 지워 주세요."
            )
        )
    return text
