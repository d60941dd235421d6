"""The route that takes the history of refunds out as an Excel file: just what the page shows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from dashboard.accounts.permissions import needs
from dashboard.clock import kst
from dashboard.database import get_db
from dashboard.exports import ExportForm, send_export
from dashboard.refunds import history_store
from dashboard.refunds.blueprint import blueprint
from dashboard.refunds.history import RESULT_WORDS, SOURCE_WORDS, Entry, question
from dashboard.runtime import runtime

if TYPE_CHECKING:
    from dashboard.spreadsheet import Cell


@blueprint.route("/refunds/export", methods=["GET", "POST"])
@needs("export")
def export() -> ResponseReturnValue:
    """Ask why and for the password; then the file, row for row what the page shows."""
    asked, form = question(request.args, runtime().now()), ExportForm()
    rows = history_store.find(get_db(), asked.choice)
    if not rows:
        return redirect(url_for(".index", **asked.args), code=303)
    if form.validate_on_submit():
        return send_export("refunds", _("환불"), _headings(), [_line(row) for row in rows], form)
    page = render_template(
        "exports/ask.html",
        form=form,
        title=_("환불 기록을 엑셀로"),
        count=len(rows),
        action=url_for(".export", **asked.args),
        back=url_for(".index", **asked.args),
        note=_("구매자명은 화면과 같이 가려져 있습니다."),
    )
    return page, form.status, form.headers


def _headings() -> list[str]:
    return [
        _("요청한 때"),
        _("주문번호"),
        _("상품"),
        _("구매자"),
        _("결제수단"),
        _("환불 방법"),
        _("결과"),
        _("금액 (원)"),
        _("그중 면세 (원)"),
        _("사유"),
        _("취소번호 또는 은행 거래번호"),
        _("끝난 때"),
        _("요청한 사람"),
        _("테스트 결제"),
    ]


def _line(row: history_store.Row) -> Sequence[Cell]:
    entry = Entry(row=row)
    return [
        _moment(row["created_at"]),
        row["merchant_uid"],
        row["name"],
        entry.buyer,
        entry.method,
        str(SOURCE_WORDS[row["source"]]),
        f"{RESULT_WORDS[row['result']]} ({entry.sign.word})",
        row["amount"],
        row["tax_free"],
        row["reason"],
        row["number"] or "",
        _moment(row["done_at"]),
        row["person"],
        _("예") if row["sandbox"] else "",
    ]


def _moment(at: int | None) -> datetime | None:
    """Korean wall-clock time, as spreadsheets know no zones."""
    return kst(at).replace(tzinfo=None) if at else None
