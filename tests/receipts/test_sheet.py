"""Outside cash sales from a file: what is read, and what is refused before it can do harm."""

import csv
import io
import stat
import struct
import zipfile
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from dashboard.receipts import sheet
from dashboard.receipts.sheet import COLUMNS, BadSheet, SheetRow, example_csv, read_sheet

HEADINGS = [names[0] for names in COLUMNS.values()]
SALE = [
    "SHOP-7",
    "배 선물세트",
    "33000",
    "11000",
    "2026-08-21",
    "소득공제",
    "010-1234-5678",
    "실물",
    "홍길동",
]
READ = {
    "merchant_uid": "SHOP-7",
    "name": "배 선물세트",
    "amount": "33000",
    "tax_free": "11000",
    "sold_on": "2026-08-21",
    "type": "person",
    "identifier": "010-1234-5678",
    "product_type": "real",
    "buyer_name": "홍길동",
}


def text_of(*lines, delimiter=","):
    content = io.StringIO()
    csv.writer(content, delimiter=delimiter).writerows(lines)
    return content.getvalue()


def book_of(*lines):
    book = Workbook()
    for line in lines:
        book.active.append(line)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def sale(**changes):
    values = dict(zip(COLUMNS, SALE, strict=True)) | changes
    return [values[field] for field in COLUMNS]


def one_row(data, filename="sales.csv"):
    [row] = read_sheet(data, filename)
    return row


def why(data, filename="sales.csv"):
    with pytest.raises(BadSheet) as caught:
        read_sheet(data, filename)
    return caught.value.why


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t"])
@pytest.mark.parametrize("filename", ["매출.csv", "SALES.TXT"])
def test_a_text_file_however_it_was_saved(encoding, delimiter, filename):
    data = text_of(HEADINGS, SALE, delimiter=delimiter).encode(encoding)
    assert one_row(data, filename) == SheetRow(line=2, **READ)


def test_a_book_with_texts():
    assert one_row(book_of(HEADINGS, SALE), "매출.xlsx") == SheetRow(line=2, **READ)
    assert one_row(book_of(HEADINGS, SALE), "매출.csv") == SheetRow(line=2, **READ)


def test_a_book_with_numbers_and_days():
    numbers = sale(
        merchant_uid=20260821001,
        amount=33000.0,
        tax_free=None,
        sold_on=datetime(2026, 8, 21, 14, 5),
        identifier=1012345678,
    )
    first, second = read_sheet(
        book_of(HEADINGS, numbers, sale(sold_on=date(2026, 8, 21), amount=0.5)), "a.xlsx"
    )
    assert first.merchant_uid == "20260821001"
    assert (first.amount, first.tax_free, second.amount) == ("33000", "0", "0.5")
    assert first.sold_on == second.sold_on == "2026-08-21"
    assert first.identifier == "01012345678"


def test_a_card_number_that_excel_cut_off_is_not_taken_for_one():
    cut = one_row(book_of(HEADINGS, sale(identifier=9445123456789010)), "a.xlsx")
    assert cut.identifier == "9.44512345678901E+15"


@pytest.mark.parametrize(
    ("purpose", "typed", "wanted"),
    [
        ("소득공제", "1012345678", "01012345678"),
        ("소득공제", "100001234", "0100001234"),
        ("지출증빙", "1012345678", "1012345678"),  # 101 is a tax office in Seoul
        ("소득공제", "101-23-45678", "101-23-45678"),
        ("소득공제", "1178178260", "1178178260"),
        ("소득공제", "117817826", "117817826"),
        ("소득공제", "9445567856785678", "9445567856785678"),
    ],
)
def test_the_zero_a_spreadsheet_took_from_a_phone_comes_back(purpose, typed, wanted):
    line = sale(type=purpose, identifier=typed)
    assert one_row(text_of(HEADINGS, line).encode()).identifier == wanted


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("2026.8.21", "2026-08-21"),
        ("2026. 8. 21.", "2026-08-21"),
        ("2026/08/21", "2026-08-21"),
        ("2026년 8월 21일", "2026-08-21"),
        ("20260821", "2026-08-21"),
        ("2026-02-30", "2026-02-30"),
        ("어제", "어제"),
        ("", ""),
    ],
)
def test_days(typed, wanted):
    assert one_row(text_of(HEADINGS, sale(sold_on=typed)).encode()).sold_on == wanted


def test_columns_in_any_order_under_any_of_their_names():
    english = ["Memo", *(names[1].upper() for names in reversed(COLUMNS.values()))]
    line = ["-", *reversed(sale(type="company", product_type="디지털"))]
    row = one_row(text_of([], english, [], line, ["", ""]).encode())
    assert row == SheetRow(line=4, **READ | {"type": "company", "product_type": "digital"})


def test_what_stands_behind_a_heading_does_not_matter():
    headings = ["금액 (원)" if heading == "금액" else heading for heading in HEADINGS]
    assert one_row(text_of(headings, SALE).encode()).amount == "33000"


def test_a_column_for_phones_and_one_for_businesses():
    headings = [*HEADINGS, "사업자번호"]
    rows = read_sheet(
        text_of(
            headings,
            [*sale(), ""],
            [*sale(identifier=""), "117-81-78260"],
            [*sale(), "117-81-78260"],
            sale(),
        ).encode(),
        "a.csv",
    )
    assert [row.identifier for row in rows] == [
        "010-1234-5678",
        "117-81-78260",
        "010-1234-5678 / 117-81-78260",
        "010-1234-5678",
    ]


def test_missing_headings_are_named_but_tax_free_may_miss():
    kept = [heading for heading in HEADINGS if heading not in ("금액", "구매자", "면세금액")]
    with pytest.raises(BadSheet) as caught:
        read_sheet(text_of(kept, SALE).encode(), "a.csv")
    assert (caught.value.why, caught.value.missing) == ("headings", ("금액", "구매자"))
    without = [*HEADINGS[:3], *HEADINGS[4:]], [*SALE[:3], *SALE[4:]]
    assert one_row(text_of(*without).encode()).tax_free == "0"


def test_resident_numbers_in_names_are_masked():
    """SEC-54."""
    row = one_row(text_of(HEADINGS, sale(buyer_name="홍길동 900101-1234567")).encode())
    assert row.buyer_name == "홍길동 ******-*******"


def test_a_row_shows_only_its_line():
    assert repr(one_row(text_of(HEADINGS, SALE).encode())) == "SheetRow(line=2)"


def test_the_example_reads():
    assert example_csv().startswith(b"\xef\xbb\xbf")
    assert one_row(example_csv()).type == "person"


def test_what_cannot_be_seen_is_no_part_of_a_text():
    row = one_row(
        text_of(HEADINGS, sale(name=" 배\u202e\n선물\u200b ", merchant_uid="A\tB")).encode()
    )
    assert (row.name, row.merchant_uid) == ("배 선물", "A B")


@pytest.mark.parametrize(
    ("data", "filename", "wanted"),
    [
        (b"", "a.csv", "empty"),
        (b"", "a.xlsx", "empty"),
        (b"\n\n,,\n", "a.csv", "empty"),
        (text_of(HEADINGS).encode(), "a.csv", "empty"),
        (book_of(HEADINGS), "a.xlsx", "empty"),
        (text_of(HEADINGS, SALE).encode(), "a.pdf", "type"),
        (text_of(HEADINGS, SALE).encode(), "a", "type"),
        (b"%PDF-1.7\n", "a.csv", "type"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "a.xls", "type"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "a.xlsx", "type"),
        (text_of(HEADINGS, SALE).encode(), "a.xlsx", "broken"),
        (book_of(HEADINGS, SALE)[:-40], "a.xlsx", "broken"),
        (b"PK\x03\x04", "a.xlsx", "broken"),
        (b"PK\x05\x06" + b"\0" * 18, "a.xlsx", "broken"),
        (b"0" * (sheet.MOST_BYTES + 1), "a.csv", "too_big"),
        (text_of(HEADINGS, *[SALE] * 501).encode(), "a.csv", "too_many"),
        (book_of(HEADINGS, *[SALE] * 501), "a.xlsx", "too_many"),
    ],
)
def test_refused(data, filename, wanted):
    assert why(data, filename) == wanted


def test_as_many_as_may_be():
    assert len(read_sheet(text_of(HEADINGS, *[SALE] * 500).encode(), "a.csv")) == 500
    assert len(read_sheet(book_of(HEADINGS, *[SALE] * 500), "a.xlsx")) == 500


HEAD = text_of(HEADINGS).encode()
MIXED = text_of(HEADINGS).encode("utf-8-sig") + text_of(SALE).encode("cp949")


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        pytest.param(HEAD + b"x" * 100_000_000, "too_big", id="one cell of 100 MB"),
        pytest.param(HEAD + b"x" * 9_000_000, "too_big", id="one cell of 9 MB"),
        pytest.param(b"ab," * 1_000_000, "too_big", id="a million columns"),
        pytest.param(HEAD + b'"\naa",' * 1_000_000, "too_big", id="a million, over many lines"),
        pytest.param(b"\n" * 5_000_000, "too_many", id="5 million empty rows"),
        pytest.param(HEAD + b"1\n" * 4_900_000, "too_many", id="5 million rows"),
        pytest.param(b"\r" * 5_000_000, "too_many", id="5 million, as on an old Mac"),
        pytest.param(HEAD + b"a\0b\n", "broken", id="NUL"),
        pytest.param(text_of(HEADINGS, SALE).encode("utf-16-le"), "broken", id="UTF-16, no BOM"),
        pytest.param(HEAD + b'"SHOP-1,1\n', "broken", id="an open quote"),
        pytest.param(HEAD + b'"SHOP-1,1\n' * 900_000, "broken", id="many open quotes"),
        pytest.param(HEAD + b'"' + b"SHOP-1,1\n" * 900_000, "too_big", id="an open quote, 8 MB"),
        pytest.param(b"\xff\xfe" + b"\x00\xd8" * 9, "encoding", id="UTF-16 cut in two"),
        pytest.param("a\0b".encode("utf-16"), "broken", id="NUL in UTF-16"),
        pytest.param(MIXED, "encoding", id="UTF-8 and CP949 mixed"),
        pytest.param(b"\xff\xfa\x81", "encoding", id="neither"),
    ],
)
def test_sec_42_text_that_is_to_exhaust_the_machine_is_an_error(data, wanted):
    """SEC-42."""
    assert why(data) == wanted


def test_sec_42_no_more_of_a_file_is_held_than_one_bounded_row():
    """SEC-42: memory is bounded by how the lines are read, whatever the file has in it."""
    asked = []

    def readline(size):
        asked.append(size)
        return "a," * (size // 2)

    with pytest.raises(BadSheet):
        list(sheet._Bounded(readline))
    assert asked == [sheet.MOST_LINE + 1] * 2


SHEET = "xl/worksheets/sheet1.xml"


def rebuilt(change=None, more=(), packed=zipfile.ZIP_DEFLATED):
    """A good book with parts exchanged and added. ``more``: (name or ZipInfo, content)."""
    content = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book_of(HEADINGS, SALE))) as good,
        zipfile.ZipFile(content, "w", packed) as made,
    ):
        for name in good.namelist():
            made.writestr(name, (change or {}).get(name, good.read(name)))
        for name, part in more:
            made.writestr(name, part)
    return content.getvalue()


def sheet_xml(inside, before=""):
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'{before}<worksheet xmlns="{space}"><sheetData>{inside}</sheetData></worksheet>'


def link():
    part = zipfile.ZipInfo("xl/media/image1.png")
    part.create_system = 3
    part.external_attr = (stat.S_IFLNK | 0o777) << 16
    return part


LAUGHS = '<!DOCTYPE lol [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x SYSTEM "file:///etc/passwd">'
NUMBER_FORMATS = "".join(f'<numFmt id="{n}" formatCode="{"[" * 250}"/>' for n in range(1000))
TEXT = '<row r="1"><c r="A1" t="inlineStr"><is><t>{}</t></is></c></row>'


def random_looking(size):
    """What deflate cannot make much of, so that only the sum is too large."""
    return b"".join(struct.pack(">Q", (n * 0x9E3779B97F4A7C15) % 2**64) for n in range(size // 8))


def test_a_rebuilt_book_is_a_good_one():
    assert one_row(rebuilt(), "a.xlsx").merchant_uid == "SHOP-7"
    picture = rebuilt(more=[("xl/media/image1.png", b"\x89PNG")])
    assert one_row(picture, "a.xlsx").merchant_uid == "SHOP-7"


@pytest.mark.parametrize(
    ("make", "wanted"),
    [
        pytest.param(lambda: rebuilt(more=[("a.bin", b"\0" * 19_000_000)]), "too_big", id="1000:1"),
        pytest.param(
            lambda: rebuilt(more=[("a.xml", b" " * 900_000)]), "too_big", id="1000:1, small"
        ),
        pytest.param(
            lambda: rebuilt(more=[(f"{n}.bin", random_looking(80_000) * 40) for n in range(7)]),
            "too_big",
            id="much in all",
        ),
        pytest.param(
            lambda: rebuilt(more=[(f"{n}.xml", "<a/>") for n in range(10_000)]),
            "too_big",
            id="10,000 entries",
        ),
        pytest.param(
            lambda: rebuilt(more=[("xl/embeddings/a.bin", book_of(["a"]))]), "broken", id="nested"
        ),
        pytest.param(
            lambda: rebuilt(more=[("a.zip", rebuilt())], packed=0), "broken", id="nested, stored"
        ),
        pytest.param(lambda: rebuilt(more=[(link(), "/etc/passwd")]), "broken", id="symlink"),
        pytest.param(
            lambda: rebuilt(more=[("a.xml", "<a/>")], packed=zipfile.ZIP_LZMA), "broken", id="lzma"
        ),
        pytest.param(
            lambda: rebuilt({SHEET: sheet_xml(TEXT.format("&b;"), LAUGHS)}),
            "broken",
            id="billion laughs",
        ),
        pytest.param(
            lambda: rebuilt({SHEET: sheet_xml(TEXT.format("&b;"), LAUGHS).encode("utf-16")}),
            "broken",
            id="billion laughs in UTF-16",
        ),
        pytest.param(
            lambda: rebuilt({"xl/styles.xml": f"<!-- {'-x' * 9000} -->{OUTSIDE}<styleSheet/>"}),
            "broken",
            id="DTD far behind",
        ),
        pytest.param(
            lambda: rebuilt(more=[("docProps/x.rels", f"{OUTSIDE}<a/>")]), "broken", id="DTD, rels"
        ),
        pytest.param(
            lambda: rebuilt({SHEET: sheet_xml(TEXT.format("ab" * 20_000))}),
            "too_big",
            id="a cell too long",
        ),
        pytest.param(
            lambda: rebuilt({SHEET: sheet_xml("<row>" + "<c><v>1</v></c>" * 999_999 + "</row>")}),
            "too_big",
            id="a million columns",
        ),
        pytest.param(
            lambda: rebuilt({SHEET: sheet_xml("<row>" * 60 + "</row>" * 60)}), "too_big", id="deep"
        ),
        pytest.param(lambda: rebuilt({SHEET: "<worksheet>"}), "broken", id="cut off"),
        pytest.param(
            lambda: rebuilt({"xl/styles.xml": f'<a><numFmt formatCode="{"[" * 300}"/></a>'}),
            "too_big",
            id="a number format no regular expression gets through",
        ),
        pytest.param(
            lambda: rebuilt({"xl/styles.xml": f"<a>{NUMBER_FORMATS}</a>"}),
            "too_big",
            id="a thousand of them",
        ),
    ],
)
def test_sec_43_a_book_that_is_a_bomb_is_refused(make, wanted, monkeypatch):
    """SEC-43: openpyxl never sees it."""
    data = make()
    monkeypatch.setattr("openpyxl.load_workbook", lambda *_args, **_how: pytest.fail("unpacked"))
    assert why(data, "a.xlsx") == wanted


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ('<row r="9"/><row r="999999999"/>', "too_many"),
        ('<row r="1"><c r="A1"><v>9x</v></c></row>', "broken"),
        ('<row r="1"><c r="A1" t="s"><v>99</v></c></row>', "broken"),
    ],
)
def test_sec_43_rows_that_are_no_rows(rows, wanted):
    """SEC-43: what only openpyxl can tell ends in an error all the same."""
    assert why(rebuilt({SHEET: sheet_xml(rows)}), "a.xlsx") == wanted


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_sec_43_two_parts_of_one_name_are_refused():
    """SEC-43: one would be looked at and the other read."""
    assert why(rebuilt(more=[(SHEET, sheet_xml(""))]), "a.xlsx") == "broken"


def test_sec_43_nothing_of_a_bomb_is_unpacked(monkeypatch):
    """SEC-43: what the zip file says of its own size is enough to refuse it."""
    data = rebuilt(more=[("a.bin", b"\0" * 900_000)])
    monkeypatch.setattr(zipfile.ZipFile, "open", None)
    assert why(data, "a.xlsx") == "too_big"


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["a.csv", "a.xlsx", "a.txt", "a"]))
def test_any_bytes_are_refused_without_being_quoted(data, filename):
    with pytest.raises(BadSheet) as caught:
        read_sheet(data, filename)
    assert str(caught.value) == caught.value.why


GOOD_BOOK = book_of(HEADINGS, SALE)  # once: its length changes with the time inside


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_damaged_book_is_read_or_refused(data):
    good = bytearray(GOOD_BOOK)
    for place in data.draw(st.lists(st.integers(4, len(good) - 1), min_size=1, max_size=5)):
        good[place] = data.draw(st.integers(0, 255))
    try:
        read_sheet(bytes(good), "a.xlsx")
    except BadSheet as error:
        assert error.__cause__ is None
