"""Whom a receipt is for, and sales outside PortOne, as typed in forms and files: one rule for all.

What may be a resident number is refused in every field and never shown again (SEC-54).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from dashboard.formatting import won
from dashboard.portone import ReceiptFor
from dashboard.portone.ids import check_merchant_uid
from dashboard.receipts.identifier import BadIdentifier, Identifier, is_unusual, read
from dashboard.refunds.typed import one_line, read_won
from dashboard.resident_number import mask_text

MOST_NAME, MOST_BUYER, MOST_EMAIL, MOST_TEL = 100, 40, 100, 20  # characters
FIRST_DAY = date(2000, 1, 1)

WHOM = (
    *("type", "identifier", "product_type", "tax_free", "buyer_name", "buyer_email", "buyer_tel"),
)
FIELDS = ("merchant_uid", "name", "amount", "sold_on", *WHOM)
SELF_ISSUE_WORDS = ("자진발급", "self-issue")
"""Written into a file's column of numbers where nobody gave one."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_TEL = re.compile(r"\+?[0-9][0-9 ()-]{5,18}")


@dataclass(frozen=True, kw_only=True, repr=False)
class Whom:
    """Whom a receipt is for, and its tax-free won; holds personal data, so it has no ``repr``."""

    type: str
    identifier: Identifier
    product_type: str
    tax_free: int
    buyer_name: str
    buyer_email: str
    buyer_tel: str

    @property
    def unusual(self) -> bool:
        """Whether the number is none that receipts of this purpose are usually for."""
        return is_unusual(self.identifier, self.type)

    @property
    def receipt_for(self) -> ReceiptFor:
        return ReceiptFor(
            identifier=self.identifier.digits,
            identifier_type=self.identifier.identifier_type,
            type=self.type,
            product_type=self.product_type,
            buyer_name=self.buyer_name,
            buyer_email=self.buyer_email,
            buyer_tel=self.buyer_tel,
        )


@dataclass(frozen=True, kw_only=True, repr=False)
class Sale(Whom):
    """A sale outside PortOne that can be asked for. Money in won."""

    merchant_uid: str
    name: str
    amount: int
    sold_on: date


def read_whom(
    typed: Mapping[str, str], *, amount: int | None, self_issue: bool = False
) -> tuple[Whom | None, dict[str, str]]:
    """Whom a receipt is for, or what is wrong by field.

    :param typed: texts by the names in :data:`WHOM`; the last two may be missing
    :param amount: won of the receipt, where it is known
    :param self_issue: issue it to nobody (자진발급)
    """
    texts = {name: (typed.get(name) or "").strip() for name in WHOM}
    wrong = {name: _resident() for name in WHOM if has_resident_number(texts[name])}
    for name, found in (
        ("buyer_name", _words(texts["buyer_name"], MOST_BUYER, _("구매자 이름을 입력해 주세요."))),
        ("buyer_email", _email(texts["buyer_email"])),
        ("buyer_tel", _tel(texts["buyer_tel"])),
    ):
        if found:
            wrong.setdefault(name, found)
    if texts["type"] not in ("person", "company"):
        wrong.setdefault("type", _("소득공제인지 지출증빙인지 골라 주세요."))
    if texts["product_type"] not in ("real", "digital"):
        wrong.setdefault("product_type", _("실물인지 디지털인지 골라 주세요."))
    tax_free = read_won(texts["tax_free"])
    if tax_free is None:
        wrong.setdefault("tax_free", _("면세금액을 입력해 주세요. 면세 상품이 없으면 0입니다."))
    elif amount is not None and tax_free > amount:
        wrong.setdefault(
            "tax_free", _("면세금액은 금액 %(amount)s보다 클 수 없습니다.", amount=won(amount))
        )
    identifier: Identifier | None = None
    try:
        identifier = read(texts["identifier"], self_issue=self_issue)
    except BadIdentifier as error:
        wrong.setdefault("identifier", identifier_problem(error.why))
    if wrong or identifier is None or tax_free is None:
        return None, wrong
    return (
        Whom(
            type=texts["type"],
            identifier=identifier,
            product_type=texts["product_type"],
            tax_free=tax_free,
            buyer_name=one_line(texts["buyer_name"]),
            buyer_email=texts["buyer_email"],
            buyer_tel=texts["buyer_tel"],
        ),
        {},
    )


def read_sale(
    typed: Mapping[str, str], *, today: date, self_issue: bool = False
) -> tuple[Sale | None, dict[str, str]]:
    """An outside sale and whom its receipt is for, or what is wrong with it by field.

    :param typed: texts by the names in :data:`FIELDS`; the last two may be missing
    :param today: the Korean day it is
    """
    own = [name for name in FIELDS if name not in WHOM]
    texts = {name: (typed.get(name) or "").strip() for name in own}
    wrong = {name: _resident() for name in own if has_resident_number(texts[name])}
    for name, found in (
        ("merchant_uid", _merchant_uid(texts["merchant_uid"])),
        ("name", _words(texts["name"], MOST_NAME, _("상품 이름을 입력해 주세요."))),
        ("sold_on", _day(texts["sold_on"], today)),
    ):
        if found:
            wrong.setdefault(name, found)
    amount = read_won(texts["amount"])
    if amount is None or amount < 1:
        wrong.setdefault("amount", _("1원 이상의 숫자로 입력해 주세요. 예: 12,000"))
    whom, more = read_whom(typed, amount=amount, self_issue=self_issue)
    wrong |= more
    if wrong or whom is None or amount is None:
        return None, wrong
    return (
        Sale(
            **vars(whom),
            merchant_uid=texts["merchant_uid"],
            name=one_line(texts["name"]),
            amount=amount,
            sold_on=date.fromisoformat(texts["sold_on"]),
        ),
        {},
    )


def has_resident_number(text: str) -> bool:
    """Whether it may hold one, or did before a file's was masked; numbers of phones do not."""
    if mask_text(text) != text or "******-*******" in text:
        return True
    try:
        read(text)
    except BadIdentifier as error:
        return error.why == "resident"
    return False


def identifier_problem(why: str) -> str:
    """What is wrong with a number that a receipt was to be issued to."""
    words = {
        "empty": _("발급받을 번호를 입력해 주세요. 번호를 모르면 자진발급을 고릅니다."),
        "letters": _("번호는 숫자로 입력해 주세요. 하이픈과 띄어쓰기는 있어도 됩니다."),
        "resident": _resident(),
        "phone": _("휴대폰번호를 다시 확인해 주세요. 예: 010-1234-5678"),
        "business": _("사업자등록번호를 다시 확인해 주세요. 10자리 숫자입니다."),
        "length": _("휴대폰번호, 사업자등록번호 또는 현금영수증 카드번호를 입력해 주세요."),
        "self_issue": _(
            "010-000-1234는 자진발급 번호입니다. 자진발급으로 고르고 번호를 비워 주세요."
        ),
    }
    return str(words[why])


def unusual_words(type: str) -> str:
    """Why somebody should look twice at the number."""
    if type == "company":
        return str(_("지출증빙은 보통 사업자등록번호로 발급합니다."))
    return str(_("소득공제는 보통 휴대폰번호나 현금영수증 카드로 발급합니다."))


def _resident() -> str:
    return str(
        _(
            "주민등록번호로 보이는 숫자가 있어 받지 않고 지웠습니다. 휴대폰번호, 사업자등록번호,"
            " 현금영수증 카드번호만 쓸 수 있습니다."
        )
    )


def _merchant_uid(text: str) -> str:
    if not text:
        return str(_("주문번호를 입력해 주세요."))
    try:
        check_merchant_uid(text)
    except ValueError:
        return str(_("주문번호는 보이는 글자로 40자까지 쓸 수 있습니다."))
    return ""


def _words(text: str, most: int, empty: str) -> str:
    plain = one_line(text)
    if not plain:
        return empty
    if len(plain) > most:
        return str(
            _(
                "%(most)s자까지 쓸 수 있습니다. 지금 %(now)s자입니다.",
                most=f"{most:,}",
                now=f"{len(plain):,}",
            )
        )
    if any("\ud800" <= char <= "\udfff" for char in plain):
        return empty
    return ""


def _day(text: str, today: date) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return str(_("날짜를 2026-08-21처럼 입력해 주세요."))
    if day > today:
        return str(_("판매일은 오늘보다 뒤일 수 없습니다."))
    return str(_("판매일을 다시 확인해 주세요.")) if day < FIRST_DAY else ""


def _email(text: str) -> str:
    if text and (len(text) > MOST_EMAIL or not _EMAIL.fullmatch(text) or not text.isprintable()):
        return str(_("메일 주소를 다시 확인해 주세요. 없으면 비워 두세요."))
    return ""


def _tel(text: str) -> str:
    if text and (len(text) > MOST_TEL or not _TEL.fullmatch(text)):
        return str(_("전화번호를 다시 확인해 주세요. 없으면 비워 두세요."))
    return ""
