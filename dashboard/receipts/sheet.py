"""Outside cash sales from a CSV or Excel file. Pure.

Nothing in a file is trusted: what it may take of memory and time is bounded before it is read
(SEC-42), and an Excel file is looked through before openpyxl sees any of it (SEC-43).
"""

from __future__ import annotations

import csv
import io
import re
import stat
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any, Literal

from dashboard.resident_number import mask_text

Why = Literal["empty", "type", "too_many", "too_big", "headings", "broken", "encoding"]

MOST_BYTES = 10_000_000  # of the file as sent
MOST_ROWS = 500  # sales
MOST_LINES = 10_000  # with blank ones
MOST_COLUMNS = 100  # columns behind are not looked at
MOST_LINE = 100_000  # characters of one line of a CSV file, with all its cells
MOST_PARTS = 200  # entries of a zip file
MOST_UNPACKED = 20_000_000  # bytes of all of them
MOST_RATIO = 200  # of an entry; sheets of nothing but the same empty cells reach 100
MOST_ELEMENTS = 200_000  # XML elements, attributes, and signs of number formats
MOST_TEXT = 32_767  # characters of one cell; Excel has no longer ones
MOST_FORMAT = 255  # characters of a number format; with long ones openpyxl takes minutes
MOST_DEPTH = 50  # elements within each other

COLUMNS: dict[str, tuple[str, ...]] = {
    "merchant_uid": ("주문번호", "order number", "merchant_uid"),
    "name": ("상품명", "product name", "name"),
    "amount": ("금액", "amount"),
    "tax_free": ("면세금액", "tax-free amount", "tax_free"),
    "sold_on": ("판매일", "date of sale", "sold_on"),
    "type": ("용도", "purpose", "type"),
    "identifier": (
        "식별번호",
        "휴대폰번호",
        "사업자번호",
        "사업자등록번호",
        "identifier",
        "phone number",
        "business number",
    ),
    "product_type": ("상품구분", "product type", "product_type"),
    "buyer_name": ("구매자", "구매자명", "buyer", "buyer_name"),
}
"""Headings by field, the one to show first. Case, spaces and what is in parentheses are free."""

OPTIONAL = frozenset({"tax_free"})

_WORDS = {
    "type": {"소득공제": "person", "지출증빙": "company"},
    "product_type": {"실물": "real", "디지털": "digital"},
}
_FREE_TEXT = ("name", "buyer_name")
_EXAMPLE = {
    "merchant_uid": "SHOP-0001",
    "name": "배 선물세트",
    "amount": "33000",
    "tax_free": "11000",
    "sold_on": "2026-08-21",
    "type": "소득공제",
    "identifier": "010-1234-5678",
    "product_type": "실물",
    "buyer_name": "홍길동",
}
_DAY = re.compile(r"([0-9]{4})\s*[-./년]\s*([0-9]{1,2})\s*[-./월]\s*([0-9]{1,2})\s*[일.]?")
_DAY_IN_DIGITS = re.compile(r"(20[0-9]{2})([0-9]{2})([0-9]{2})")
_SHORT_PHONE = re.compile(r"10[0-9]{8}|100001234")  # without the 0 that Excel left out
_CENTRAL, _LOCAL = b"PK\x01\x02", b"PK\x03\x04"

_Line = tuple[int, list[str]]


@dataclass(frozen=True, kw_only=True, repr=False)
class SheetRow:
    """One sale: texts as they stand in line ``line`` of the file, not yet checked.

    ``sold_on`` is YYYY-MM-DD, ``type`` person or company, ``product_type`` real or digital, where
    the file had something that means it. A missing ``tax_free`` is ``0``.
    """

    line: int
    merchant_uid: str
    name: str
    amount: str
    tax_free: str
    sold_on: str
    type: str
    identifier: str
    product_type: str
    buyer_name: str

    def __repr__(self) -> str:
        return f"SheetRow(line={self.line})"


class BadSheet(ValueError):
    """The file is not taken as a whole. Says why, nothing of what is in it.

    ``why`` is ``empty`` (no sale in it), ``type`` (no CSV or XLSX), ``too_many`` rows, ``too_big``,
    ``headings`` (``missing`` has those it lacks), ``broken`` or ``encoding``.
    """

    def __init__(self, why: Why, missing: tuple[str, ...] = ()) -> None:
        super().__init__(why)
        self.why: Why = why
        self.missing = missing


def read_sheet(data: bytes, filename: str) -> list[SheetRow]:
    """The sales in a file, 1 to :data:`MOST_ROWS` of them.

    :param filename: what the file was called; its content decides
    :raise BadSheet: it cannot be read
    """
    if len(data) > MOST_BYTES:
        raise BadSheet("too_big")
    lines = _lines(data, filename.lower())
    columns: dict[str, list[int]] = {}
    rows: list[SheetRow] = []
    for line, cells in lines:
        if line > MOST_LINES:
            raise BadSheet("too_many")
        if not any(cells):
            continue
        if not columns:
            columns = _columns(cells)
            continue
        if len(rows) == MOST_ROWS:
            raise BadSheet("too_many")
        rows.append(_row(line, cells, columns))
    if not rows:
        raise BadSheet("empty")
    return rows


def example_csv() -> bytes:
    """A file to start from: the headings and one made-up sale, as Excel opens it."""
    content = io.StringIO()
    writer = csv.writer(content)
    writer.writerow(headings[0] for headings in COLUMNS.values())
    writer.writerow(_EXAMPLE[field] for field in COLUMNS)
    return content.getvalue().encode("utf-8-sig")


def _lines(data: bytes, filename: str) -> Iterator[_Line]:
    if not data:
        raise BadSheet("empty")
    if data.startswith((_LOCAL, b"PK\x05\x06")):
        return _lines_of_book(data)
    if filename.endswith((".xlsx", ".xlsm")):
        # An Excel file with a password, like one of before 2007, is no zip file.
        raise BadSheet("type" if data.startswith(b"\xd0\xcf\x11\xe0") else "broken")
    if not filename.endswith((".csv", ".tsv", ".txt")) or data.startswith(b"%PDF-"):
        raise BadSheet("type")
    return _lines_of_text(data)


def _columns(cells: list[str]) -> dict[str, list[int]]:
    """Which columns hold a field; there may be one for phones and one for businesses."""
    fields = {_plain(heading): field for field, names in COLUMNS.items() for heading in names}
    found: dict[str, list[int]] = {}
    for number, cell in enumerate(cells):
        if field := fields.get(_plain(cell)):
            found.setdefault(field, []).append(number)
    missing = [names[0] for field, names in COLUMNS.items() if field not in {*found, *OPTIONAL}]
    if missing:
        raise BadSheet("headings", tuple(missing))
    return found


def _plain(heading: str) -> str:
    text = re.sub(r"\([^()]*\)", "", unicodedata.normalize("NFKC", heading[:100]))
    return "".join(text.split()).casefold()


def _row(line: int, cells: list[str], columns: dict[str, list[int]]) -> SheetRow:
    texts: dict[str, str] = {}
    for field in COLUMNS:
        found = [cells[number] for number in columns.get(field, ()) if number < len(cells)]
        # Two different ones are kept both: no check takes that, and nobody chose for the shop.
        text = " / ".join(dict.fromkeys(filter(None, found)))
        texts[field] = _WORDS.get(field, {}).get(text, text)
    for field in _FREE_TEXT:
        texts[field] = mask_text(texts[field])
    texts["sold_on"] = _day(texts["sold_on"])
    texts["tax_free"] = texts["tax_free"] or "0"
    # 101-23-45678 without hyphens looks the same, so the receipt's purpose decides.
    if texts["type"] != "company" and _SHORT_PHONE.fullmatch(texts["identifier"]):
        texts["identifier"] = "0" + texts["identifier"]
    return SheetRow(line=line, **texts)


def _day(text: str) -> str:
    found = _DAY.fullmatch(text) or _DAY_IN_DIGITS.fullmatch(text)
    if found is None:
        return text
    year, month, day = map(int, found.groups())
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return text


def _tidy(text: str) -> str:
    """One line of text, without signs that cannot be seen."""
    shown = "".join(
        char if char.isspace() or unicodedata.category(char)[0] != "C" else " " for char in text
    )
    return " ".join(unicodedata.normalize("NFC", shown).split())


# --- text ---


def _lines_of_text(data: bytes) -> Iterator[_Line]:
    encoding = _encoding(data)
    with io.TextIOWrapper(io.BytesIO(data), encoding, newline="") as text:
        delimiter = "\t" if _has_tabs(text) else ","
        text.seek(0)
        source = _Bounded(text.readline)
        reader = csv.reader(source, delimiter=delimiter, strict=True)
        try:
            for number, cells in enumerate(reader, 1):
                source.taken = 0
                yield number, [_tidy(cell) for cell in cells[:MOST_COLUMNS]]
        except csv.Error:  # a quote that is never closed
            raise BadSheet("broken") from None


def _encoding(data: bytes) -> str:
    """How the text is written. UTF-8 first: hardly any CP949 text is UTF-8 by accident."""
    tries = ["utf-8", "cp949"]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        tries = ["utf-16"]
    elif b"\0" in data:
        raise BadSheet("broken")
    elif data.startswith(b"\xef\xbb\xbf"):
        tries = ["utf-8-sig"]
    for encoding in tries:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            raise BadSheet("broken")
        return encoding
    raise BadSheet("encoding")


def _has_tabs(text: io.TextIOWrapper) -> bool:
    """Whether cells end at tabs, as in Excel's "Unicode text"."""
    for line in islice(iter(lambda: text.readline(MOST_LINE), ""), MOST_LINES):
        if line.strip():
            return "\t" in line and "," not in line
    return False


class _Bounded:
    """Lines for the csv module that end in an error before one row of cells gets too large.

    A quote left open, a huge cell and a million columns are all the same to it.
    """

    def __init__(self, readline: Callable[[int], str]) -> None:
        self.taken = 0  # characters of the row being read
        self._readline = readline

    def __iter__(self) -> _Bounded:
        return self

    def __next__(self) -> str:
        line = self._readline(MOST_LINE + 1)
        self.taken += len(line)
        if self.taken > MOST_LINE:
            raise BadSheet("too_big")
        if not line:
            raise StopIteration
        return line


# --- Excel ---


def _lines_of_book(data: bytes) -> Iterator[_Line]:
    from openpyxl import load_workbook  # not for the start

    content = _looked_through(data)
    try:
        book = load_workbook(content, read_only=True, data_only=True, keep_links=False)
        page: Any = book.worksheets[0]
        page.reset_dimensions()  # a file may say anything about its size
        cells = page.iter_rows(max_col=MOST_COLUMNS, values_only=True)
        for number, values in enumerate(cells, 1):
            yield number, [_text(value) for value in values]
        book.close()
    except BadSheet:
        raise
    except Exception:  # whatever a broken book makes of openpyxl, which may quote a cell
        raise BadSheet("broken") from None


def _text(value: object) -> str:
    """A cell as text: days as YYYY-MM-DD, whole numbers as digits."""
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and abs(value) >= 10**15:
        # Excel keeps 15 digits of a number: the last of this card number are lost, and no check
        # may take it.
        return f"{float(value):.14E}"
    return "" if value is None else _tidy(str(value))


def _looked_through(data: bytes) -> io.BytesIO:
    """The XML parts of an Excel file, each looked at, in a zip file of our own.

    So openpyxl unpacks nothing else, and nothing another way than it was looked at.
    """
    if data.count(_CENTRAL) > MOST_PARTS:  # before zipfile makes an object of each
        raise BadSheet("too_big")
    content = io.BytesIO()
    look = _Look()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(content, "w") as kept:
            parts = archive.infolist()
            _check_parts(parts)
            for part in parts:
                if part.filename.lower().endswith((".xml", ".rels")):
                    xml = archive.read(part)
                    look.at(xml)
                    kept.writestr(part.filename, xml)
                elif not part.is_dir():
                    _check_no_zip(archive, part)
    except BadSheet:
        raise
    except Exception:  # zipfile raises many
        raise BadSheet("broken") from None
    content.seek(0)
    return content


def _check_parts(parts: list[zipfile.ZipInfo]) -> None:
    """By what the zip file says of them; nothing is unpacked. zipfile unpacks no more than that."""
    if len({part.filename for part in parts}) < len(parts):
        raise BadSheet("broken")
    if sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise BadSheet("too_big")
    for part in parts:
        if part.file_size > MOST_RATIO * max(part.compress_size, 1):
            raise BadSheet("too_big")
        if stat.S_ISLNK(part.external_attr >> 16) or part.flag_bits & 1:  # 1: with a password
            raise BadSheet("broken")
        if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise BadSheet("broken")


def _check_no_zip(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    with archive.open(part) as file:
        if file.read(4) == _LOCAL:
            raise BadSheet("broken")


class _Look:
    """Goes through XML as it stands, in whatever encoding, and builds nothing from it."""

    def __init__(self) -> None:
        self._elements = 0
        self._depth = 0
        self._text = 0

    def at(self, xml: bytes) -> None:
        """Look at one part.

        :raise BadSheet: it has a DOCTYPE, or more of something than a sheet needs
        """
        from xml.parsers import expat  # not for the start

        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        self._depth = self._text = 0
        try:
            parser.Parse(xml, True)
        except expat.ExpatError:
            raise BadSheet("broken") from None

    def _doctype(self, *_of: object) -> None:
        raise BadSheet("broken")

    def _start(self, _name: str, attributes: dict[str, str]) -> None:
        number_format = len(attributes.get("formatCode", ""))
        self._elements += 1 + len(attributes) + number_format
        self._depth += 1
        self._text = 0
        longest = max(map(len, attributes.values()), default=0)
        if self._elements > MOST_ELEMENTS or self._depth > MOST_DEPTH or longest > MOST_TEXT:
            raise BadSheet("too_big")
        if number_format > MOST_FORMAT:
            raise BadSheet("too_big")

    def _end(self, _name: str) -> None:
        self._depth -= 1
        self._text = 0

    def _characters(self, text: str) -> None:
        self._text += len(text)
        if self._text > MOST_TEXT:
            raise BadSheet("too_big")
