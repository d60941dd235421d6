"""Windows, and walking through pages that change under one's feet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.sync.plan import PAGE_SIZE, WINDOW_S, Cursor, turn_page, windows


@given(st.integers(0, 2_000_000_000), st.integers(0, 5 * 365 * 86_400))
def test_windows_cover_every_second_once_and_stay_below_90_days(from_at: int, length: int):
    found = windows(from_at, from_at + length)
    assert found[0][1] == from_at + length
    assert found[-1][0] == from_at
    assert all(end - start < WINDOW_S for start, end in found)
    assert all(a[0] == b[1] + 1 for a, b in zip(found, found[1:], strict=False))


def at_page(page: int, total: int) -> Cursor:
    return Cursor(phase="read", totals=[total, 7], page=page)


@pytest.mark.parametrize(
    ("page", "before", "total", "following", "then"),
    [
        (1, 900, 900, 2, (0, 2)),
        (2, 900, 900, 0, (1, 1)),
        (3, 2000, 1999, 4, (0, 2)),  # one left: read the page before again
        (4, 2000, 1200, 0, (0, 2)),
        (2, 900, 0, 0, (0, 1)),
        (1, 900, 20, 0, (1, 1)),  # nothing was read before: the new total is simply the truth
        (2, 900, 901, 3, (0, 1)),
        (2, 900, 900, 2, (1, 1)),  # a "next" that does not lead on ends the window
    ],
)
def test_turning_a_page(page, before, total, following, then):
    cursor = at_page(page, before)
    turn_page(cursor, total, following)
    assert (cursor.window, cursor.page) == then
    assert cursor.totals[0] == total


def test_seen_follows_from_the_place():
    cursor = at_page(2, 900)
    assert (cursor.seen, cursor.total) == (PAGE_SIZE, 907)
    turn_page(cursor, 900, 0)
    assert cursor.seen == 900


def test_cursor_survives_its_text():
    cursor = at_page(3, 900)
    cursor.note(cursor.missing, "imp_1")
    assert Cursor.load(cursor.dump()) == cursor


def test_oddities_are_kept_once_and_not_without_end():
    cursor = Cursor()
    for number in range(100):
        cursor.note(cursor.older, f"imp_{number % 60}")
    assert len(cursor.older) == len(set(cursor.older)) == 20
