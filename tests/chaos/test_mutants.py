"""The mutants still fit the product; that tests kill them is a command's business."""

from __future__ import annotations

import pytest

from tests.chaos.mutants import MUTANTS, ROOT


def test_every_mutant_of_the_list_is_there():
    assert list(MUTANTS) == [f"M{number}" for number in range(1, 17)]


@pytest.mark.parametrize("name", MUTANTS)
def test_it_fits(name: str):
    for file, old, new in MUTANTS[name].changes:
        text = (ROOT / file).read_text("utf-8")
        assert text.count(old) == 1, (file, old)
        compile(text.replace(old, new), file, "exec")


@pytest.mark.parametrize("name", MUTANTS)
def test_its_killers_are_there(name: str):
    for killer in MUTANTS[name].killers:
        file, _, test = killer.partition("::")
        assert f"def {test.partition('[')[0]}(" in (ROOT / file).read_text("utf-8"), killer
