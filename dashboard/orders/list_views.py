"""Routes of the order list: rows, counts and sums, live status."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from dashboard.accounts.permissions import needs
from dashboard.clock import kst
from dashboard.database import get_db
from dashboard.formatting import won
from dashboard.i18n import gettext as _
from dashboard.i18n import language
from dashboard.orders.blueprint import blueprint
from dashboard.orders.columns import choice_of
from dashboard.orders.filters import (
    BASES,
    METHODS,
    OTHER_METHODS,
    PRESETS,
    OrderFilter,
    Problem,
    parse,
)
from dashboard.orders.found import out_of_sight
from dashboard.orders.live import MAX_PAYMENTS, QUICK, LiveAnswer, ask_about
from dashboard.orders.query_words import (
    column_words,
    query_notes,
    query_problems,
    term_words,
)
from dashboard.orders.question import read_question, write_question
from dashboard.orders.rows import DrawnRows, Row, make_rows, month_day, pieces
from dashboard.orders.saved import seen_by
from dashboard.orders.saved_forms import SavedViewForm
from dashboard.orders.search import (
    TIME_COLUMNS,
    any_orders,
    find_page,
    find_rows,
)
from dashboard.orders.states import STATES
from dashboard.orders.totals import find_totals
from dashboard.portone.errors import SENTENCES
from dashboard.refunds.offers import open_orders
from dashboard.runtime import NoKeys, runtime
from dashboard.words import method_word

blueprint.app_template_filter("pieces")(pieces)
blueprint.app_template_filter("month_day")(month_day)


@blueprint.route("/")
@needs("see_orders")
def home() -> Response:
    """Until there is a home page, the order list is the home."""
    return redirect(url_for("orders.index"), 302)


@blueprint.route("/orders")
@needs("see_orders")
def index() -> str:
    """The order list. Counts and sums come as a fragment afterwards, or with ``summary=1``."""
    now = runtime().now()
    return render_list(parse(request.args, now), now, columns_open="columns" in request.args)


def render_list(
    wanted: OrderFilter,
    now: int,
    *,
    saving: SavedViewForm | None = None,
    columns_open: bool = False,
) -> str:
    """The whole page; ``saving`` is the form of a view that was refused."""
    db = get_db()
    page = None if wanted.problems else find_page(db, wanted, now=now)
    with_totals = page is not None and request.args.get("summary") == "1"
    return render_template(
        "orders/index.html",
        page=page,
        rows=_rows(db, page.rows, wanted, now) if page else [],
        totals=find_totals(db, wanted, now=now) if with_totals else None,
        empty_shop=not (page and page.rows) and not any_orders(db),
        today=kst(now).date(),
        saved_views=seen_by(db, current_user.id),
        saving=saving or SavedViewForm(formdata=None),
        columns_open=columns_open,
        **_words(wanted),
    )


@blueprint.route("/orders/summary")
@needs("see_orders")
def summary() -> str:
    """The fragment with counts and sums for the same question."""
    now = runtime().now()
    wanted = parse(request.args, now)
    totals = None if wanted.problems else find_totals(get_db(), wanted, now=now)
    return render_template("orders/summary.html", totals=totals, **_words(wanted))


@blueprint.route("/orders/live", methods=["POST"])
@needs("ask_portone")
def live() -> str | Response:
    """Ask PortOne about the rows on the page, or about those chosen of them.

    Fresh rows for a script, 303 back for a form.
    """
    db, clock = get_db(), runtime().now
    wanted = parse(read_question(request.form.get("here", "")), clock())
    ids = _ids(request.form.get("ids", ""))
    asked = _picked(request.form) or ids
    try:
        answer = ask_about(db, asked, lambda: runtime().portone(QUICK), now=clock)
    except NoKeys:
        answer = LiveAnswer(no_keys=True)
    now = clock()
    if "X-Fragment" not in request.headers:
        flash(live_note(answer, now), "warning" if answer.unasked or answer.doubtful else "success")
        back: dict[str, Any] = wanted.here()
        return redirect(url_for("orders.index", **back), 303)
    fresh = [] if answer.unasked else find_rows(db, asked)
    return render_template(
        "orders/asked.html",
        answer=answer,
        ids=ids,
        note=live_note(answer, now),
        totals=None,  # what changed changed the sums: the piece asks for them again
        rows=_rows(db, fresh, wanted, now, answer.mark),
        **_words(wanted),
    )


def _rows(
    db: Any,
    orders: Any,
    wanted: OrderFilter,
    now: int,
    live: Callable[[int], str] = lambda _order_id: "",
) -> list[Row]:
    refunding = open_orders(db, [order["id"] for order in orders])
    matched = out_of_sight(db, orders, wanted.query)
    column = TIME_COLUMNS[wanted.base]
    return make_rows(
        db, orders, column=column, now=now, live=live, refunding=refunding, matched=matched
    )


def live_note(answer: LiveAnswer, now: int) -> str:
    """``포트원 확인 14:05 · 13건 일치 · 1건 방금 반영``, or why not and what to do."""
    if answer.no_keys:
        return str(_("API Key가 없어 포트원에 확인할 수 없습니다. 설정에서 입력해 주세요."))
    if answer.failed is not None:
        return str(_(SENTENCES[answer.failed]))
    said = [_("포트원 확인 %(time)s", time=f"{kst(now):%H:%M}")]
    for count, words in (
        (len(answer.same), _("%(count)d건 일치", count=len(answer.same))),
        (len(answer.changed), _("%(count)d건 방금 반영", count=len(answer.changed))),
        (len(answer.doubtful), _("%(count)d건 확인 필요", count=len(answer.doubtful))),
    ):
        if count:
            said.append(words)
    return " · ".join(said)


def problem_words(problem: Problem) -> str:
    """What is wrong with a value, and what would be right."""
    words: dict[str, str] = {
        "unknown": _("알 수 없는 조건입니다. 다시 골라 주세요."),
        "too_long": _("100자까지만 찾을 수 있습니다. 줄여서 입력해 주세요."),
        "not_a_date": _("날짜를 2026-08-21처럼 입력해 주세요."),
        "not_an_amount": _("금액을 숫자로 입력해 주세요. 예: 109,000"),
        "ends_before_start": _("끝 날짜가 시작 날짜보다 빠릅니다."),
        "max_below_min": _("최대 금액이 최소 금액보다 작습니다."),
    }
    return words[problem]


def _words(wanted: OrderFilter) -> dict[str, Any]:
    """What every piece of the list needs to print the question and its links."""
    presets = {
        "today": _("오늘"),
        "yesterday": _("어제"),
        "7d": _("최근 7일"),
        "month": _("이번 달"),
        "last-month": _("지난달"),
        "3m": _("3개월"),
        "6m": _("6개월"),
        "custom": _("직접 입력"),
    }
    bases = {
        "requested": _("결제요청일"),
        "paid": _("결제완료일"),
        "cancelled": _("취소일"),
    }
    here = write_question(wanted.here())
    choice = choice_of(get_db(), current_user.id)
    from_list = f"?list={quote(here, safe='')}" if here else ""  # see order_views.way
    return {
        "wanted": wanted,
        "columns": choice.shown,
        "choice": choice,
        "column_menu_rows": tuple(
            (column.name, str(column.word), column.name in choice.names, column.stays)
            for column in choice.order
        ),
        "here_question": here,
        "from_list": from_list,
        "drawn_rows": DrawnRows(
            current_app.extensions.setdefault("jangbu-rows", {}),
            (language(), current_user.role, choice.names_in_order, from_list, wanted.q),
        ),
        "problems": {
            name: query_problems(wanted.query)
            if name == "q" and found != "too_long"
            else problem_words(found)
            for name, found in wanted.problems.items()
        },
        "query_notes": query_notes(wanted.query),
        "column_words": column_words() if wanted.q else {},
        "states": STATES,
        "presets": [(name, presets[name]) for name in PRESETS],
        "bases": [(name, bases[name]) for name in BASES],
        "methods": [
            *((name, method_word(name)) for name in METHODS),
            (OTHER_METHODS, _("그 밖의 결제수단")),
        ],
        "conditions": _conditions(wanted),
        "wanted_amounts": wanted.query.amounts,
    }


def _conditions(wanted: OrderFilter) -> list[tuple[str, dict[str, str]]]:
    """What narrows the list besides tab and period: its words, and the arguments without it."""
    query = wanted.query
    asked = [(term_words(one), wanted.args(q=query.without(one))) for one in query.terms]
    found = []
    if wanted.method:
        other = wanted.method == OTHER_METHODS
        found.append((_("그 밖의 결제수단") if other else method_word(wanted.method), "method"))
    if wanted.min_amount is not None:
        found.append((_("%(won)s 이상", won=won(wanted.min_amount)), "min"))
    if wanted.max_amount is not None:
        found.append((_("%(won)s 이하", won=won(wanted.max_amount)), "max"))
    if wanted.test:
        only = wanted.test == "only"
        found.append((_("테스트 결제만") if only else _("테스트 결제 빼고"), "test"))
    return [*asked, *((words, wanted.args(**{name: None})) for words, name in found)]


def _ids(text: str) -> list[int]:
    """Order ids as the page posts them: ``12,11,9``; anything else is left out."""
    found = re.findall(r"(?<![0-9])[0-9]{1,15}(?![0-9])", text[:4000], re.ASCII)
    return list(dict.fromkeys(int(one) for one in found))[:MAX_PAYMENTS]


def _picked(names: Iterable[str]) -> list[int]:
    """The ticked rows, as their boxes are named: ``pick-12``."""
    return _ids(",".join(name.removeprefix("pick-") for name in names if name[:5] == "pick-"))
