"""The machinery of the English texts."""

from __future__ import annotations

from babel.messages.catalog import Catalog

from dashboard import catalogue


def test_texts_are_found_in_sources_and_templates():
    found = catalogue.collect()
    for text in ("결제완료", "본문으로 바로 가기", "%(digits)s원", "M월 d일 HH:mm"):
        assert text in found, text


def test_the_file_is_sorted_and_tells_neither_lines_nor_dates():
    catalog = Catalog(locale="en")
    catalog.add("하나", "one", locations=[("a.py", 3)])
    catalog.add("가나다", "abc", locations=[("a.py", 1)])
    text = catalogue.as_po(catalog).decode()
    assert text.index("가나다") < text.index("하나")
    assert "a.py" not in text and "Date" not in text


def test_a_text_without_english_is_told():
    catalog = Catalog(locale="en")
    catalog.add("하나", "one")
    catalog.add("둘", "")
    assert catalogue.missing(catalog) == ["둘"]


def test_the_compiled_file_speaks_english(tmp_path):
    catalog = Catalog(locale="en")
    catalog.add("하나", "one")
    path = tmp_path / "messages.po"
    path.write_bytes(catalogue.as_po(catalog))
    assert catalogue.read(path).get("하나").string == "one"
    assert b"one" in catalogue.as_mo(catalogue.read(path))


def test_the_compiled_file_tells_neither_dates_nor_versions():
    compiled = catalogue.as_mo(Catalog(locale="en"))
    assert b"charset=utf-8" in compiled
    assert b"Date" not in compiled and b"Babel" not in compiled


def test_every_text_has_its_english_and_the_compiled_file_is_the_newest():
    assert list(catalogue.problems()) == []
