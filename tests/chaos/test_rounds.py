"""A few rounds with every test run; ``.ci/run`` plays twenty, and people play hundreds."""

from __future__ import annotations

import pytest

from tests.chaos.__main__ import run


@pytest.mark.timeout(300)
def test_nothing_is_paid_twice_lost_or_made_up():
    outcomes = run(rounds=2, seed=101, jobs=2)
    assert [line for outcome in outcomes for line in outcome.found.lines()] == []
    assert sum(outcome.counts["kills"] for outcome in outcomes) > 0
    assert sum(outcome.states["succeeded"] for outcome in outcomes) > 0
