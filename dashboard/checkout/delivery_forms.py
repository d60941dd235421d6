"""The form of a delivery: the parcel, who gets it, who sends it. Nothing of it but the parcel is
kept."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from wtforms import BooleanField, HiddenField, SelectField, StringField
from wtforms.validators import ValidationError

from dashboard.checkout import delivery_rules as rules
from dashboard.checkout.delivery import Shipment
from dashboard.couriers import couriers
from dashboard.i18n import language
from dashboard.i18n import lazy_gettext as _l
from dashboard.portone import Parcel, Party
from dashboard.refunds.form_parts import OneOfEach
from dashboard.refunds.typed import one_line
from dashboard.resident_number import mask_text

MOST_NAME, MOST_ADDR = 60, 200  # characters

_KW = {"autocomplete": "off"}
_NAME = _KW | {"maxlength": MOST_NAME}
_TEL = _KW | {"type": "tel", "maxlength": 20}
_ADDR = _KW | {"maxlength": MOST_ADDR}
_POSTCODE = _KW | {"inputmode": "numeric", "maxlength": 10}


class DeliveryForm(OneOfEach):
    """One delivery; ``shipment`` once it validates.

    :param now: UNIX seconds
    :param paid_at: of the payment; nothing leaves before it
    :param changes_from: from when KSNET takes changes for sure, or None (K46)
    """

    shipment: Shipment | None = None

    shown = HiddenField()  # what the form spoke of, `delivery.shown`
    company = SelectField(
        _l("택배사"),
        choices=lambda: [
            ("", _("택배사를 골라 주세요")),
            *((courier.code, courier.name(language())) for courier in couriers()),
        ],
        validate_choice=False,
    )
    invoice = StringField(
        _l("송장번호"),
        render_kw=_KW | {"maxlength": 60, "autocapitalize": "characters", "spellcheck": "false"},
    )
    sent_on = StringField(_l("발송일"), render_kw={"type": "date"})
    sent_time = StringField(_l("발송시각 (한국 시간)"), render_kw={"type": "time"})
    confirm_future = BooleanField(_l("발송일시가 미래인 것을 확인했습니다"))
    receiver_name = StringField(_l("받는 사람"), render_kw=_NAME)
    receiver_tel = StringField(_l("받는 사람 연락처"), render_kw=_TEL)
    receiver_postcode = StringField(_l("받는 사람 우편번호"), render_kw=_POSTCODE)
    receiver_addr = StringField(_l("받는 사람 주소"), render_kw=_ADDR)
    sender_name = StringField(_l("보내는 사람"), render_kw=_NAME)
    sender_tel = StringField(_l("보내는 사람 연락처"), render_kw=_TEL)
    sender_postcode = StringField(_l("보내는 사람 우편번호"), render_kw=_POSTCODE)
    sender_addr = StringField(_l("보내는 사람 주소"), render_kw=_ADDR)
    confirm_early = BooleanField(_l("KSNET이 아직 받지 않을 수 있지만 지금 고칩니다"))

    def __init__(
        self, *, now: int, paid_at: int | None, changes_from: int | None, **given: Any
    ) -> None:
        super().__init__(**given)
        self._now, self._paid_at, self._changes_from = now, paid_at, changes_from

    @property
    def sent_at(self) -> int | None:
        """When it was sent, UNIX seconds; None where no moment was typed."""
        return rules.read_sent_at(self.sent_on.data or "", self.sent_time.data or "")

    @property
    def is_future(self) -> bool:
        """Whether that has not come yet; a minute is no future, clocks differ."""
        return self.sent_at is not None and self.sent_at > self._now + 60

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        if not valid:
            return False
        self.shipment = Shipment(
            parcel=Parcel(
                company=self.company.data,
                invoice=rules.read_invoice(self.invoice.data or "") or "",
                sent_at=self.sent_at or 0,
            ),
            sender=self._party("sender", relationship=rules.OWN),
            receiver=self._party("receiver"),
        )
        return True

    def _party(self, who: str, **more: str) -> Party:
        texts = {
            name: one_line(self[f"{who}_{name}"].data or "")
            for name in ("name", "tel", "addr", "postcode")
        }
        return Party(**texts, **more)

    # -- the parcel ---------------------------------------------------------------------------

    def validate_company(self, field: Any) -> None:
        if field.data not in {courier.code for courier in couriers()}:
            raise ValidationError(_("택배사를 골라 주세요. 목록에 없으면 '기타'를 고릅니다."))

    def validate_invoice(self, field: Any) -> None:
        if not one_line(field.data or ""):
            raise ValidationError(_("송장번호를 입력해 주세요."))
        if rules.read_invoice(field.data) is None:
            raise ValidationError(
                _(
                    "송장번호는 영문자, 숫자, 하이픈으로 %(most)d자까지 쓸 수 있습니다.",
                    most=rules.MOST_INVOICE,
                )
            )

    def validate_sent_on(self, field: Any) -> None:
        if rules.read_sent_at(field.data or "", "00:00") is None:
            raise ValidationError(_("발송일시를 입력해 주세요."))
        if self.sent_at is not None and rules.is_before(self.sent_at, self._paid_at):
            raise ValidationError(_("결제되기 전입니다. 결제된 뒤의 시각을 적어 주세요."))

    def validate_sent_time(self, field: Any) -> None:
        if rules.read_sent_at("2026-01-01", field.data or "") is None:
            raise ValidationError(_("발송시각을 24시간제로 입력해 주세요. 예: 14:30"))

    def validate_confirm_future(self, field: Any) -> None:
        if self.is_future and not field.data:
            raise ValidationError(
                _("발송일시가 아직 오지 않았습니다. 맞다면 여기를 표시하고 다시 눌러 주세요.")
            )

    def validate_confirm_early(self, field: Any) -> None:
        if self._changes_from is not None and not field.data:
            raise ValidationError(
                _(
                    "등록 후 30분~1시간 뒤에 수정할 수 있습니다. 지금 고치려면 여기를 표시하고"
                    " 다시 눌러 주세요."
                )
            )

    # -- the two parties ----------------------------------------------------------------------

    def _validate_name(self, field: Any) -> None:
        if not self._words(field):
            raise ValidationError(_("이름을 입력해 주세요."))

    def _validate_tel(self, field: Any) -> None:
        if not rules.is_tel(self._words(field)):
            raise ValidationError(_("연락처를 숫자와 하이픈으로 입력해 주세요."))

    def _validate_postcode(self, field: Any) -> None:
        if not rules.is_postcode(self._words(field)):
            raise ValidationError(_("우편번호 다섯 자리를 입력해 주세요."))

    def _validate_addr(self, field: Any) -> None:
        if not self._words(field):
            raise ValidationError(_("주소를 입력해 주세요."))

    validate_receiver_name = validate_sender_name = _validate_name
    validate_receiver_tel = validate_sender_tel = _validate_tel
    validate_receiver_postcode = validate_sender_postcode = _validate_postcode
    validate_receiver_addr = validate_sender_addr = _validate_addr

    def _words(self, field: Any) -> str:
        """What was typed, on one line, without a resident number (SEC-54)."""
        words = one_line(field.data or "")
        if mask_text(words) != words:
            field.data = ""
            raise ValidationError(
                _("주민등록번호로 보이는 숫자가 있어 받지 않았습니다. 다시 적어 주세요.")
            )
        if len(words) > int(field.render_kw["maxlength"]):
            raise ValidationError(
                _("%(most)d자까지 쓸 수 있습니다.", most=field.render_kw["maxlength"])
            )
        return words
