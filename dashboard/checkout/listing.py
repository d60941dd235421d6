"""The list of requests as its page asks for it and prints it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import url_for

from dashboard.checkout.wishes import wish_from_json
from dashboard.checkout.words import sign_of
from dashboard.formatting import mask_name
from dashboard.i18n import lazy_gettext as _l
from dashboard.ksnet import WindowWish
from dashboard.words import Sign, method_word

MOST_TEXT = 100  # characters

Row = Mapping[str, Any]

TABS = {
    "": _l("전체"),
    "open": _l("결제 대기"),
    "waiting": _l("입금대기"),
    "failed": _l("결제실패"),
    "paid": _l("결제완료"),
    "alarm": _l("확인 필요"),
    "expired": _l("기한 지남"),
    "cancelled": _l("취소됨"),
}
_STATES: dict[str, tuple[str, ...]] = {
    "open": ("preparing", "open"),
    "waiting": ("waiting",),
    "failed": ("failed",),
    "paid": ("paid",),
    "expired": ("expired",),
    "cancelled": ("cancelled",),
}


@dataclass(frozen=True, kw_only=True)
class Question:
    """What the page was asked for, as its address says it."""

    tab: str
    text: str
    page: int

    @property
    def args(self) -> dict[str, str]:
        """The arguments of the address, without the place in the pages."""
        return {name: value for name, value in (("tab", self.tab), ("q", self.text)) if value}

    @property
    def choice(self) -> dict[str, Any]:
        """The same for :func:`dashboard.checkout.service.search`."""
        return {
            "states": _STATES.get(self.tab, ()),
            "alarmed": self.tab == "alarm",
            "text": self.text,
        }


def question(args: Mapping[str, str]) -> Question:
    """Read the address; what it does not know of is left out."""
    page, tab = args.get("page", "1"), args.get("tab", "")
    return Question(
        tab=tab if tab in TABS else "",
        text=args.get("q", "").replace("\0", "").strip()[:MOST_TEXT],
        page=max(int(page), 1) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
    )


def tab_counts(counts: Mapping[str, int]) -> dict[str, int]:
    """How many requests each tab holds.

    :param counts: by state, and ``alarm``
    """
    found = {tab: sum(counts.get(one, 0) for one in states) for tab, states in _STATES.items()}
    everything = sum(count for state, count in counts.items() if state != "alarm")
    return found | {"": everything, "alarm": counts.get("alarm", 0)}


@dataclass(frozen=True)
class Entry:
    """One request, ready to print. Money in its own currency's smallest unit."""

    row: Row

    @property
    def url(self) -> str:
        return url_for("checkout.show", request_id=self.row["id"])

    @cached_property
    def wish(self) -> WindowWish:
        return wish_from_json(self.row["wish"])

    @property
    def buyer(self) -> str:
        return mask_name(self.wish.buyer_name)

    @property
    def method(self) -> str:
        return method_word(self.row["pay_method"])

    @property
    def sign(self) -> Sign:
        return sign_of(self.row)
