"""The shape of what is typed about approvals and limits of refunds."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from wtforms import RadioField, StringField
from wtforms.validators import InputRequired, StopValidation, ValidationError

from dashboard import settings
from dashboard.accounts.forms import PasswordAgain
from dashboard.i18n import lazy_gettext as _l
from dashboard.refunds.typed import read_won

FEWEST_APPROVERS = 2  # nobody approves what they asked for themselves


def _plain_won(_form: RefundGuardsForm, field: StringField) -> None:
    """Empty, or whole won by the one rule for sums (F65)."""
    if typed(field) and won_of(field) is None:
        raise StopValidation(_("0 이상의 원 단위 숫자로 입력해 주세요. 예: 12,000"))


def _sum(label: object) -> StringField:
    render_kw = {"inputmode": "numeric", "autocomplete": "off", "data-won": "", "maxlength": 20}
    return StringField(label, [_plain_won], render_kw=render_kw)


def typed(field: StringField) -> str:
    return (field.data or "").strip()


def won_of(field: StringField) -> int | None:
    return read_won(typed(field))


class RefundGuardsForm(PasswordAgain):
    """Field by field as ``settings.REFUND_GUARDS`` names them.

    :param approvers: how many people may approve a refund now
    """

    refund_approval = RadioField(
        _l("언제 승인을 받는지"),
        choices=lambda: [
            ("off", _l("승인 없이 환불합니다")),
            ("above", _l("정한 금액부터 승인을 받습니다")),
            ("always", _l("모든 환불은 승인을 받습니다")),
        ],
        validators=[InputRequired(_l("언제 승인을 받을지 골라 주세요."))],
        validate_choice=True,
    )
    refund_approval_above = _sum(_l("승인이 필요한 금액(원)"))
    refund_limit_manager = _sum(_l("매니저 한 건(원)"))
    refund_day_limit_manager = _sum(_l("매니저 하루 합계(원)"))
    refund_limit_staff = _sum(_l("직원 한 건(원)"))
    refund_day_limit_staff = _sum(_l("직원 하루 합계(원)"))
    refund_password_above = _sum(_l("비밀번호를 다시 묻는 금액(원)"))

    def __init__(self, *, approvers: int, **given: Any) -> None:
        super().__init__(**given)
        self._approvers = approvers
        self._approval_before = self.refund_approval.object_data

    def validate_refund_approval(self, field: RadioField) -> None:
        turned_on = field.data != "off" and field.data != self._approval_before
        if turned_on and self._approvers < FEWEST_APPROVERS:
            raise ValidationError(
                _(
                    "승인할 수 있는 사람이 한 명뿐입니다. 자기가 요청한 환불은 자기가 승인할 수"
                    " 없으니, 먼저 '사람과 권한'에서 주인이나 매니저를 한 명 더 추가해 주세요."
                )
            )

    def validate_refund_approval_above(self, field: StringField) -> None:
        if self.refund_approval.data == "above" and not won_of(field):
            raise ValidationError(
                _("몇 원부터 승인을 받을지 1원 이상의 숫자로 입력해 주세요. 예: 100,000")
            )

    @property
    def facts(self) -> dict[str, str | int | bool | None]:
        """Ready to keep; None is "no limit"."""
        sums = {f.name: won_of(f) for f in self if f.type == "StringField"}
        password_above = sums.pop("refund_password_above")
        return {
            "refund_approval": self.refund_approval.data,
            **sums,
            "refund_password_above": settings.NEVER if password_above is None else password_above,
        }
