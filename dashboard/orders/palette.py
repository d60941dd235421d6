"""What the palette (Ctrl/Cmd-K) offers for what was typed: orders, pages, saved views, deeds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_babel.speaklater import LazyString
from sqlite_utils import Database

from dashboard import hangul
from dashboard.formatting import kst_short, mask_name, won
from dashboard.frame import can, menu
from dashboard.i18n import lazy_gettext as _l
from dashboard.orders.filters import parse
from dashboard.orders.saved import seen_by
from dashboard.orders.search import find_page
from dashboard.words import state_sign

MOST_ORDERS = 8
MOST_VIEWS = 8
LONGEST = 100  # characters, as in the search box


@dataclass(frozen=True, kw_only=True)
class Option:
    """One line: a page to go to, or with ``name`` a form to send to ``href``."""

    word: str
    icon: str
    href: str
    about: str = ""
    css: str = ""  # how the icon looks, for the state of an order
    post: bool = False
    name: str = ""
    value: str = ""


@dataclass(frozen=True, kw_only=True)
class Group:
    """Options under one heading."""

    word: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class _Page:
    """A page that stands in no menu, or a deed; offered where it exists and may be done."""

    endpoint: str
    icon: str
    word: LazyString
    post: bool = False
    name: str = ""
    value: str = ""


_PAGES = (
    _Page("orders.views", "bookmark", _l("저장한 보기 관리")),
    _Page("refunds.by_hand_list", "person", _l("수동 환불할 목록")),
    _Page("receipts.external_new", "file-earmark-check", _l("현금영수증 직접 발급")),
    _Page("checkout.product_list", "shop", _l("상품")),
    _Page("checkout.webhooks", "signpost", _l("받은 웹훅")),
    _Page("sync.progress", "arrow-repeat", _l("동기화 상태")),
    _Page("accounts.me", "person", _l("내 계정")),
    _Page("accounts.people", "people", _l("사람과 권한")),
)
_DEEDS = (
    _Page("checkout.new", "plus-lg", _l("새 결제 요청")),
    _Page("sync.start", "arrow-clockwise", _l("지금 동기화"), post=True),
    _Page("accounts.theme", "sun", _l("밝은 화면"), post=True, name="theme", value="light"),
    _Page("accounts.theme", "moon", _l("어두운 화면"), post=True, name="theme", value="dark"),
    _Page("accounts.sign_out", "box-arrow-right", _l("로그아웃"), post=True),
)


def offers(db: Database, typed: str, *, person_id: int, language: str, now: int) -> list[Group]:
    """The groups that have something to offer, in the order in which they are shown.

    :param typed: "" offers every page and deed, and no orders
    """
    typed = typed.strip()[:LONGEST]
    found = (
        (_("메뉴"), _fitting(_places(), typed)),
        (_("기능"), _fitting(_deeds(language), typed)),
        (_("저장한 보기"), _fitting(_views(db, person_id), typed)[:MOST_VIEWS]),
        (_("주문"), tuple(_orders(db, typed, now)) if typed else ()),
    )
    return [Group(word=word, options=options) for word, options in found if options]


def _fitting(options: Iterable[Option], typed: str) -> tuple[Option, ...]:
    return tuple(one for one in options if hangul.matches(one.word, typed))


def _places() -> Iterator[Option]:
    for place in menu():
        yield Option(word=str(place.word), icon=place.icon, href=url_for(place.endpoint))
    yield from _offered(_PAGES)


def _deeds(language: str) -> Iterator[Option]:
    if can("refund"):
        # A refund starts at its order: what was paid and has something left to give back.
        href = url_for("orders.index", state="paid")
        yield Option(word=_("환불할 주문 찾기"), icon="arrow-counterclockwise", href=href)
    yield from _offered(_DEEDS)
    word, value = ("English", "en") if language == "ko" else ("한국어", "ko")
    href = url_for("accounts.language")
    yield Option(word=word, icon="globe", href=href, post=True, name="language", value=value)


def _offered(pages: Iterable[_Page]) -> Iterator[Option]:
    for page in pages:
        view = current_app.view_functions.get(page.endpoint)
        if view is None:
            continue
        permission = getattr(view, "jangbu_permission", None)
        if permission is None or can(permission):
            yield Option(
                word=str(page.word),
                icon=page.icon,
                href=url_for(page.endpoint),
                post=page.post,
                name=page.name,
                value=page.value,
            )


def _views(db: Database, person_id: int) -> Iterator[Option]:
    for view in seen_by(db, person_id):
        args: dict[str, Any] = dict(view.args)
        yield Option(
            word=view.name,
            icon="bookmark",
            href=url_for("orders.index", **args),
            about="" if view.mine else view.maker,
        )


def _orders(db: Database, typed: str, now: int) -> Iterator[Option]:
    wanted = parse({"q": typed, "unfold": "1"}, now)  # a number that is folded away is still one
    if wanted.problems:
        return
    for row in find_page(db, wanted, now=now, size=MOST_ORDERS).rows:
        sign = state_sign(row["state"])
        said = (
            str(sign.word),
            won(row["paid_amount"] or row["amount"], row["currency"]),
            mask_name(row["buyer_name"]),
            row["merchant_uid"],
            kst_short(row["requested_at"], now),
        )
        yield Option(
            word=row["name"] or _("(주문명 없음)"),
            icon=sign.icon,
            css=sign.css,
            href=url_for("orders.show", order_id=row["id"]),
            about=" · ".join(filter(None, said)),
        )
