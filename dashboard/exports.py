"""Taking rows out of the ledger as an Excel file: with a reason, the password, and a log entry.

Source: SEC-40; what a sheet may hold is :mod:`dashboard.spreadsheet`'s (SEC-39).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Response
from flask_login import current_user
from wtforms import StringField

from dashboard import events
from dashboard.accounts.forms import PasswordAgain
from dashboard.clock import kst
from dashboard.database import get_db, write
from dashboard.i18n import lazy_gettext as _l
from dashboard.refunds.form_parts import OneOfEach, words
from dashboard.runtime import runtime

if TYPE_CHECKING:
    from dashboard.spreadsheet import Cell

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_WHY = 200  # characters


class ExportForm(PasswordAgain, OneOfEach):
    """Why somebody takes rows out, and that it is them."""

    why = StringField(_l("내려받는 이유"), render_kw={"maxlength": MOST_WHY, "autocomplete": "off"})

    def validate_why(self, field):
        field.data = words(field, shortest=2, most=MOST_WHY)


def send_export(
    what: str, name: str, headings: Sequence[str], rows: Sequence[Sequence[Cell]], form: ExportForm
) -> Response:
    """Log the export, then answer the file; nothing leaves that is not in the record.

    :param what: a word for the record, e.g. ``refunds``
    :param name: of the file and its sheet, without day and ending
    :param form: validated
    """
    from dashboard.spreadsheet import workbook  # openpyxl is not for the start

    now = runtime().now()
    content = workbook(name, headings, rows)
    with write(get_db()) as db:
        events.record(
            db,
            "export",
            at=now,
            actor="person",
            person_id=current_user.id,
            detail={"what": what, "rows": len(rows), "why": form.why.data or ""},
        )
    answer = Response(content, mimetype=EXCEL)
    file_name = quote(f"{name}-{kst(now):%Y-%m-%d}.xlsx", safe="")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{file_name}"
    return answer
