"""No row of the fault matrix (refund-safety, 2) is forgotten: each is named where it is tested."""

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
ROWS = {f"F{number:02d}" for number in range(1, 86)}  # F86 on: lists
_NAME = re.compile(r"(?<![A-Z0-9a-z])[Ff](\d\d)(?!\d)")
_RANGE = re.compile(r"(?<![A-Z0-9a-z])F(\d\d)\s*(?:–|-|to)\s*F(\d\d)")


def rows_of(text: str) -> set[str]:
    found = {f"F{number}" for number in _NAME.findall(text)}
    for first, last in _RANGE.findall(text):
        found |= {f"F{number:02d}" for number in range(int(first), int(last) + 1)}
    return found


def named_by_tests() -> dict[str, set[str]]:
    """Row by row the files whose test functions, or what these say, name it."""
    found: dict[str, set[str]] = {}
    for path in TESTS.rglob("test_*.py"):
        if path == Path(__file__).resolve():
            continue
        text = path.read_text("utf-8")
        parts = re.split(r"^(?=def test_|@pytest|class )", text, flags=re.MULTILINE)[1:]
        for row in set().union(*(rows_of(part.replace("_", " ")) for part in parts), set()):
            found.setdefault(row, set()).add(path.name)
    return found


def test_every_row_has_a_test():
    assert ROWS - named_by_tests().keys() == set()


def test_a_row_that_nobody_names_would_be_missed():
    assert rows_of("def test f07 executed(): F20-array, F51: C4") == {"F07", "F20", "F51"}
    assert rows_of("rows F60 to F62") == {"F60", "F61", "F62"}
    assert rows_of("F0712 is no row, nor is UTF16") == set()
