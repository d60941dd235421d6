"""The list of receipts as its page asks for it and prints it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from dashboard.formatting import mask_name
from dashboard.i18n import lazy_gettext as _l
from dashboard.money import split
from dashboard.orders.filters import OrderFilter, parse
from dashboard.receipts.states import BELIEVED_DEAD, CANCELLING, LIVE
from dashboard.receipts.words import identifier_words, row_words, type_word
from dashboard.words import method_word

MOST_TEXT = 100  # characters

Row = Mapping[str, Any]

KINDS = {"person": _l("소득공제"), "company": _l("지출증빙")}
STATE_WORDS = {
    "issued": _l("발급완료"),
    "issuing": _l("발급 중"),
    "checking": _l("확인 중"),
    "cancelling": _l("취소 중"),
    "cancelled": _l("발급취소"),
    "not": _l("발급되지 않음"),
}
_STATES: dict[str, tuple[str, ...]] = {
    "issued": ("issued",),
    "issuing": ("waiting", "intent", "sending"),
    "checking": ("unknown",),
    "cancelling": CANCELLING,
    "cancelled": ("cancelled",),
    "not": BELIEVED_DEAD,
}
_ICONS = {
    "is-paid": "check-circle-fill",
    "is-wait": "hourglass-split",
    "is-check": "exclamation-triangle-fill",
    "is-full": "dash-circle-fill",
    "is-fail": "x-circle-fill",
    "is-ready": "circle",
}


@dataclass(frozen=True, kw_only=True)
class Question:
    """What the page was asked for, as its address says it."""

    period: OrderFilter
    kind: str
    state: str
    text: str
    page: int

    @property
    def args(self) -> dict[str, Any]:
        """The arguments of the address, without the place in the pages."""
        kept = {name: self.period.typed.get(name, "") for name in ("when", "from", "to")}
        kept |= {"kind": self.kind, "state": self.state, "q": self.text}
        return {name: value for name, value in kept.items() if value}

    @property
    def choice(self) -> dict[str, Any]:
        """The same for :func:`dashboard.receipts.service.search` and ``sums``."""
        return {
            "text": self.text,
            "states": _STATES.get(self.state, ()),
            "type": self.kind,
            "from_at": self.period.start,
            "to_at": self.period.end,
        }


def question(args: Mapping[str, str], now: int) -> Question:
    """Read the address; what it does not know of is left out.

    :param now: UNIX seconds
    """
    period = {name: args[name] for name in ("when", "from", "to") if name in args}
    page, kind, state = args.get("page", "1"), args.get("kind", ""), args.get("state", "")
    return Question(
        period=parse(period, now),
        kind=kind if kind in KINDS else "",
        state=state if state in _STATES else "",
        text=args.get("q", "").replace("\0", "").strip()[:MOST_TEXT],
        page=max(int(page), 1) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
    )


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One receipt, ready to print. Money in won."""

    row: Row

    @property
    def url(self) -> str:
        return url_for("receipts.show", receipt_id=self.row["id"])

    @property
    def buyer(self) -> str:
        return mask_name(self.row["buyer_name"])

    @property
    def kind(self) -> str:
        return type_word(self.row["type"])

    @property
    def identifier(self) -> str:
        return identifier_words(self.row)

    @property
    def word(self) -> str:
        return row_words(self.row)[0]

    @property
    def tone(self) -> str:
        return f"is-{row_words(self.row)[1]}"

    @property
    def icon(self) -> str:
        return _ICONS[self.tone]

    @property
    def live(self) -> bool:
        """Whether the tax office has it, as far as anybody knows: such are summed up."""
        return self.row["state"] in LIVE

    @property
    def amount(self) -> int:
        return int(self.row["issued_amount"] or self.row["amount"])

    @property
    def tax_free(self) -> int:
        return int(self.row["tax_free"] or 0)

    @property
    def vat(self) -> int:
        """By PortOne's word where it gave it, else an eleventh of the taxed part."""
        if self.row["vat_amount"] is not None:
            return int(self.row["vat_amount"])
        return split(self.amount, min(self.tax_free, self.amount)).vat

    @property
    def supply(self) -> int:
        return self.amount - self.vat - self.tax_free

    @property
    def said(self) -> str:
        """What was answered last: a sentence of ours in the page's language, or PortOne's own."""
        message = self.row["api_message"] or ""
        return str(_(message)) if message else ""

    @property
    def source(self) -> str:
        """Where the money was taken."""
        if self.row["imp_uid"] is None:
            return str(_("외부 판매"))
        return method_word(self.row["pay_method"]) if self.row["pay_method"] else ""


@dataclass(frozen=True, kw_only=True)
class Missing:
    """One sale without a receipt, ready to print."""

    row: Row

    @property
    def form_url(self) -> str:
        return url_for("receipts.new", imp_uid=self.row["imp_uid"])

    @property
    def buyer(self) -> str:
        return mask_name(self.row["buyer_name"])

    @property
    def method(self) -> str:
        return method_word(self.row["pay_method"])

    @property
    def left(self) -> int:
        """Won that were not given back."""
        return int(self.row["amount"]) - int(self.row["cancel_amount"])
