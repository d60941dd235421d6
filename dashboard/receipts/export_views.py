"""The route that takes receipts out as an Excel file: just what the list shows (SEC-40)."""

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
from dashboard.receipts import service
from dashboard.receipts.blueprint import blueprint
from dashboard.receipts.listing import Entry, question
from dashboard.runtime import runtime

if TYPE_CHECKING:
    from dashboard.spreadsheet import Cell


@blueprint.route("/receipts/export", methods=["GET", "POST"])
@needs("export")
def export() -> ResponseReturnValue:
    """Ask why and for the password; then the file, row for row what the page shows."""
    asked, form = question(request.args, runtime().now()), ExportForm()
    rows = service.search(get_db(), **asked.choice, limit=None)
    if not rows:
        return redirect(url_for(".index", **asked.args), code=303)
    if form.validate_on_submit():
        lines = [_line(Entry(row=row)) for row in rows]
        return send_export("receipts", _("현금영수증"), _headings(), lines, form)
    page = render_template(
        "exports/ask.html",
        form=form,
        title=_("현금영수증을 엑셀로"),
        count=len(rows),
        action=url_for(".export", **asked.args),
        back=url_for(".index", **asked.args),
        note=_("구매자명과 번호는 화면과 같이 가려져 있습니다."),
    )
    return page, form.status, form.headers


def _headings() -> list[str]:
    return [
        _("요청한 때"),
        _("판매일"),
        _("주문번호"),
        _("상품"),
        _("결제수단"),
        _("구매자"),
        _("용도"),
        _("발급받은 번호"),
        _("상태"),
        _("요청한 금액 (원)"),
        _("발급 금액 (원)"),
        _("공급가액 (원)"),
        _("부가세 (원)"),
        _("면세 (원)"),
        _("국세청 승인번호"),
        _("발급일"),
        _("취소일"),
        _("요청한 사람"),
    ]


def _line(one: Entry) -> Sequence[Cell]:
    """Only what is issued stands in the columns of issued sums, so that they add up."""
    row, live = one.row, one.live
    return [
        _moment(row["created_at"]),
        row["sold_on"] or "",
        row["order_number"] or "",
        row["name"],
        one.source,
        one.buyer,
        one.kind,
        one.identifier,
        one.word,
        row["amount"],
        one.amount if live else None,
        one.supply if live else None,
        one.vat if live else None,
        one.tax_free if live else None,
        row["apply_num"] or "",
        _moment(row["applied_at"]),
        _moment(row["cancelled_at"]),
        row["person"],
    ]


def _moment(at: int | None) -> datetime | None:
    """Korean wall-clock time, as spreadsheets know no zones."""
    return kst(at).replace(tzinfo=None) if at else None
