"""The shape of what is typed in first run and settings."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, PasswordField, RadioField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Regexp, ValidationError

from dashboard import settings
from dashboard.accounts.forms import PasswordAgain
from dashboard.banks import DEFAULT_CODE_SET
from dashboard.business_number import clean, is_business_number
from dashboard.i18n import lazy_gettext as _l

_PRINTABLE = Regexp(
    r"^[!-~]*$", message=_l("영문자, 숫자, 기호만 쓸 수 있습니다. 빈칸 없이 붙여 넣어 주세요.")
)


def stripped(value: str | None) -> str:
    """Pasted keys and names come with spaces around them."""
    return (value or "").strip()


class ShopName:
    """The shop's name, as its receipts show it."""

    shop_name = StringField(
        _l("가게 이름"),
        filters=[stripped],
        validators=[Length(max=60, message=_l("가게 이름은 60자까지 쓸 수 있습니다."))],
        render_kw={"maxlength": 60, "autocomplete": "organization"},
    )


class OwnerForm(ShopName, FlaskForm):
    token = HiddenField()
    name = StringField(
        _l("이름"),
        filters=[stripped],
        validators=[DataRequired(_l("이름을 입력해 주세요."))],
        render_kw={"autocomplete": "username", "maxlength": 40, "required": True},
    )
    password = PasswordField(
        _l("비밀번호"),
        validators=[DataRequired(_l("비밀번호를 입력해 주세요."))],
        render_kw={"autocomplete": "new-password", "required": True},
    )


class KeysForm(FlaskForm):
    """Write-only: what was typed is never sent back to the browser (SEC-49)."""

    imp_key = StringField(
        "REST API Key",
        filters=[stripped],
        validators=[
            DataRequired(_l("REST API Key를 입력해 주세요.")),
            Length(max=100, message=_l("너무 깁니다. 키만 붙여 넣어 주세요.")),
            _PRINTABLE,
        ],
        render_kw={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"},
    )
    imp_secret = PasswordField(
        "REST API Secret",
        filters=[stripped],
        validators=[
            DataRequired(_l("REST API Secret을 입력해 주세요.")),
            Length(max=300, message=_l("너무 깁니다. Secret만 붙여 넣어 주세요.")),
            _PRINTABLE,
        ],
        render_kw={"autocomplete": "off"},
    )


class ChangeKeysForm(PasswordAgain, KeysForm):
    """The keys of a shop that is set up already."""


class ShopForm(ShopName, FlaskForm):
    business_number = StringField(
        _l("사업자등록번호"),
        filters=[stripped],
        render_kw={"inputmode": "numeric", "autocomplete": "off", "maxlength": 20},
    )
    sells_tax_free = RadioField(
        _l("면세 상품 판매"),
        choices=lambda: [  # called: WTForms 3.3 warns of plain pairs, earlier ones know no other
            ("no", _l("없음: 모든 상품이 과세입니다")),
            ("yes", _l("있음: 면세 상품도 팝니다")),
            ("", _l("아직 정하지 않음")),
        ],
        default="",
        validate_choice=True,
    )

    def validate_business_number(self, field):
        """Empty, or ten digits that fit each other."""
        if field.data and not is_business_number(field.data):
            raise ValidationError(
                _l("사업자등록번호가 아닙니다. 숫자 10자리를 사업자등록증과 맞춰 보세요.")
            )

    @property
    def facts(self):
        """What the owner says about the shop, ready to keep; None is "not said"."""
        return {
            "shop_name": self.shop_name.data or None,
            "business_number": clean(self.business_number.data or "") or None,
            "sells_tax_free": self.sells_tax_free.data or None,
        }


_YES, _NO = _l("있음"), _l("없음")


def _contract(label, description, *, yes=_YES, no=_NO):
    """One switch of K52: yes, no, or nobody knows yet."""
    return RadioField(
        label,
        description=description,
        choices=lambda: [("yes", yes), ("no", no), ("", _l("모름"))],
        default="",
        validate_choice=True,
    )


class ContractForm(PasswordAgain):
    """What the shop agreed with KSNET, field by field as ``settings.CONTRACTS`` names them."""

    contract_vbank_refund = _contract(
        _l("가상계좌 환불 특약"),
        _l(
            "없음이면 가상계좌 환불을 막고 직접 송금하는 길을 안내합니다. 모름이면 환불할 때마다"
            " 주인이 확인합니다. KSNET 규칙 K6"
        ),
    )
    contract_vbank_deadline = _contract(
        _l("가상계좌 입금기한 설정"), _l("입금기한을 정하려면 계약이 필요합니다. KSNET 규칙 K35")
    )
    contract_easy_pay = _contract(
        _l("간편결제"), _l("카카오페이, 네이버페이, 페이코, L페이, SSG페이. KSNET 규칙 K52")
    )
    contract_installments = _contract(_l("할부"), _l("5만원부터 쓸 수 있습니다. KSNET 규칙 K18"))
    contract_interest_free = _contract(
        _l("상점 부담 무이자 할부"), _l("이자를 가게가 냅니다. KSNET 규칙 K21")
    )
    contract_delivery_escrow = _contract(
        _l("배송 에스크로"), _l("계약 없이 요청하면 일반 결제가 될 수 있습니다. KSNET 규칙 K43")
    )
    contract_key_in = _contract(
        _l("수기 결제"), _l("장부에는 카드번호를 적는 곳이 없습니다. KSNET 규칙 K27")
    )
    contract_mixed_tax = _contract(
        _l("상점아이디의 과세 설정"),
        _l("포트원에서 쓰는 KSNET 상점아이디는 복합과세여야 합니다. KSNET 규칙 K15"),
        yes=_l("복합과세"),
        no=_l("과세 또는 면세"),
    )
    contract_phone_product = RadioField(
        _l("휴대폰 결제 상품 유형"),
        description=_l("계약한 유형과 다르게 결제하면 실패합니다. KSNET 규칙 K42"),
        choices=lambda: [
            ("real", _l("실물")),
            ("digital", _l("디지털")),
            ("", _l("모름")),
        ],
        default="",
        validate_choice=True,
    )

    @property
    def facts(self):
        """Ready to keep; None is "not known"."""
        return {name: self[name].data or None for name in settings.CONTRACTS}


def contract_items() -> dict[str, str]:
    """Each contract item in words; needs no request, unlike the form."""
    return {name: str(getattr(ContractForm, name).args[0]) for name in settings.CONTRACTS}


class ReceiptSettingsForm(FlaskForm):
    receipt_way = RadioField(
        _l("현금영수증을 발급하는 방식"),
        choices=lambda: [
            ("buyer", _l("구매자 요청 — 구매자가 결제창에 번호를 입력합니다")),
            ("shop", _l("직접 발행 — 부탁받으면 가게가 발급합니다")),
            ("gateway", _l("자진발급 — 결제대행사가 모든 결제에 발급합니다")),
            ("", _l("아직 모름")),
        ],
        validate_choice=True,
    )
    receipt_product_type = RadioField(
        _l("보통 파는 상품"),
        choices=lambda: [
            ("real", _l("실물")),
            ("digital", _l("디지털")),
            ("", _l("그때그때 고르기")),
        ],
        validate_choice=True,
    )

    @property
    def facts(self):
        """Ready to keep; None is a question nobody has answered."""
        return {name: self[name].data or None for name in settings.RECEIPTS}


class RefundSettingsForm(PasswordAgain):
    bank_code_set = RadioField(
        _l("은행코드 체계"),
        choices=lambda: [
            ("kftc", _l("금융결제원 세 자리 (신한은행 088)")),
            ("two_digits", _l("두 자리 (신한은행 88)")),
        ],
        default=DEFAULT_CODE_SET,
        validators=[InputRequired(_l("은행코드 체계를 고르십시오."))],
        validate_choice=True,
    )
    bank_codes_confirmed = BooleanField(_l("이 은행코드 체계를 KSNET에 확인했습니다"))
    enable_webhook = BooleanField(_l("여기서 한 취소도 포트원이 웹훅으로 알리게 합니다"))

    @property
    def facts(self):
        """Ready to keep; None is a switch that is off."""
        return {
            "bank_code_set": self.bank_code_set.data,
            "bank_codes_confirmed": self.bank_codes_confirmed.data or None,
            "enable_webhook": self.enable_webhook.data or None,
        }
