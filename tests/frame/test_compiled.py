"""Compiled templates that are kept: whatever becomes of their files, pages are drawn."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment
from jinja2.bccache import bc_magic

from dashboard.compiled import _Cache


def drawn(folder: Path) -> str:
    """What a program that has just started prints."""
    loader = DictLoader({"a.html": "{{ 1 + 1 }}"})
    cache = _Cache(str(folder), "%s.cache")
    return (
        Environment(loader=loader, bytecode_cache=cache, autoescape=True)
        .get_template("a.html")
        .render()
    )


def test_the_second_start_reads_what_the_first_one_kept(tmp_path: Path):
    assert drawn(tmp_path) == "2"
    [kept] = tmp_path.iterdir()
    before = kept.stat().st_mtime_ns
    assert drawn(tmp_path) == "2" and kept.stat().st_mtime_ns == before


@pytest.mark.parametrize("content", [b"", b"nonsense", bc_magic, bc_magic + b"\x80\x04nonsense"])
def test_a_damaged_file_is_made_again(tmp_path: Path, content: bytes):
    drawn(tmp_path)
    [kept] = tmp_path.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(content)
    assert drawn(tmp_path) == "2" and kept.read_bytes() == whole


def test_without_a_place_to_write_it_is_drawn_all_the_same(tmp_path: Path):
    shutil.rmtree(tmp_path)
    assert drawn(tmp_path) == "2" and not tmp_path.exists()
