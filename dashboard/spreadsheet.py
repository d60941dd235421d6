"""Tables as Excel files. Text is text: nothing in it is ever a formula (SEC-39). Pure."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

Cell = str | int | date | None

_WON, _DAY, _MOMENT, _TEXT = "#,##0", "yyyy-mm-dd", "yyyy-mm-dd hh:mm", "@"
_DANGEROUS = re.compile(r"[\s\"'＂＇]*[=+\-@＝＋－＠]")
_NO_XML = re.compile(r"[\ud800-\udfff\ufffe\uffff]")
WIDEST = 48  # characters


def workbook(sheet: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """One sheet with a heading row.

    Whole numbers are won, ``date`` and (Korean, without a zone) ``datetime`` are days and moments,
    everything else is text. Text that a spreadsheet might take for a formula gets a ``'`` in front,
    here and wherever the file is saved to from there.
    """
    book = Workbook(write_only=True)
    page = book.create_sheet(sheet[:31])
    lines = [list(row) for row in rows]
    for number, heading in enumerate(headings):
        texts = [heading, *(_shown(line[number]) for line in lines)]
        width = max(sum(2 if ord(char) > 0x7F else 1 for char in text) for text in texts) + 2
        page.column_dimensions[get_column_letter(number + 1)].width = min(width, WIDEST)
    page.freeze_panes = "A2"
    page.append([_cell(page, heading, bold=True) for heading in headings])
    for line in lines:
        page.append([_cell(page, value) for value in line])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def harmless(text: str) -> str:
    """Text that no spreadsheet reads as a formula, without characters that XML cannot hold.

    What cannot be seen is looked past, or it could hide the sign that starts a formula.
    """
    kept = _NO_XML.sub("", ILLEGAL_CHARACTERS_RE.sub("", text))
    seen = "".join(char for char in kept if unicodedata.category(char) not in ("Cf", "Cc"))
    starts = _DANGEROUS.match(seen) or text[:1] in ("\t", "\r", "\0")
    return f"'{kept}" if starts else kept


def _cell(page: Any, value: Cell, *, bold: bool = False) -> Any:
    cell = WriteOnlyCell(page)
    if isinstance(value, str):
        cell.value = harmless(value)
        cell.data_type, cell.number_format = "s", _TEXT  # also what looks like a number or a date
    elif value is not None:
        cell.value = value
        cell.number_format = (
            _MOMENT if isinstance(value, datetime) else _DAY if isinstance(value, date) else _WON
        )
    if bold:
        cell.font = Font(bold=True)
    return cell


def _shown(value: Cell) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value or "")
