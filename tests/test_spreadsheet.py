"""Excel files: every text is a text, whatever stands in it (SEC-39)."""

import io
import zipfile
from datetime import date, datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from dashboard.spreadsheet import harmless, workbook

DANGEROUS = (
    "=1+1",
    "+82-10-1234-5678",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\x00=1",
    " =1",
    '"=1',
    "'=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠A1",
    '=HYPERLINK("https://evil.example","x")',
    "=cmd|' /C calc'!A0",
    "\x01=1+1",
    "\u200b=1+1",
    "\ufeff=1+1",
    "\u202e=1+1",
)


def read_back(content):
    return list(load_workbook(io.BytesIO(content)).active.iter_rows())


def test_what_a_spreadsheet_could_run_is_marked_as_text():
    rows = read_back(workbook("환불", ["사유"], [[text] for text in DANGEROUS]))[1:]
    assert len(rows) == len(DANGEROUS)
    for (cell,), text in zip(rows, DANGEROUS, strict=True):
        assert cell.data_type == "s" and cell.value.startswith("'"), text


def test_no_file_holds_a_formula():
    content = workbook("환불", ["=A1"], [[text, text] for text in DANGEROUS])
    sheet = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet and b"<f " not in sheet


def test_what_xml_cannot_hold_is_left_out():
    [(cell,)] = read_back(workbook("s", ["a"], [["배\uffff 선물\ufffe\ud800세트"]]))[1:]
    assert cell.value == "배 선물세트"


def test_numbers_days_and_moments_stay_what_they_are():
    line = [-12_000, 0, date(2026, 8, 21), datetime(2026, 8, 21, 14, 5), None, "010-1234-5678"]
    [cells] = read_back(workbook("환불", ["a"] * 6, [line]))[1:]
    assert [cell.value for cell in cells] == [
        -12_000,
        0,
        datetime(2026, 8, 21),
        datetime(2026, 8, 21, 14, 5),
        None,
        "010-1234-5678",
    ]
    assert [cell.data_type for cell in cells[:2]] == ["n", "n"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=5))
def test_any_text_comes_back_as_a_text(texts):
    [cells] = read_back(workbook("s", [""] * len(texts), [texts]))[1:]
    for cell, text in zip(cells, texts, strict=True):
        wanted = harmless(text)
        assert cell.value is None or cell.data_type in ("s", "inlineStr")
        assert not str(cell.value or "").lstrip().startswith(("=", "+", "@", "-"))
        if wanted.strip() and "_x" not in wanted and wanted.isprintable():
            assert cell.value == wanted
