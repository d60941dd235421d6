"""SEC-27: who may refund how much alone. Tables of cases, and what holds for all of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import settings
from dashboard.accounts.permissions import ROLES
from dashboard.database import write
from dashboard.refunds.guards import read_guards
from dashboard.refunds.policy import Guards, decide

LIMITED = Guards(
    limit_manager=300_000, day_limit_manager=900_000, limit_staff=50_000, day_limit_staff=100_000
)
ABOVE = Guards(approval="above", approval_above=100_000)


@pytest.mark.parametrize(
    ("guards", "role", "amount", "day_sum", "why"),
    [
        (Guards(), "staff", 10**11, 10**11, ()),
        (LIMITED, "staff", 50_000, 0, ()),
        (LIMITED, "staff", 50_001, 0, ("limit",)),
        (LIMITED, "staff", 50_000, 50_000, ()),
        (LIMITED, "staff", 50_000, 50_001, ("day_limit",)),
        (LIMITED, "staff", 1, 100_000, ("day_limit",)),
        (LIMITED, "staff", 60_000, 60_000, ("limit", "day_limit")),
        (LIMITED, "manager", 300_000, 600_000, ()),
        (LIMITED, "manager", 300_001, 0, ("limit",)),
        (LIMITED, "manager", 300_000, 600_001, ("day_limit",)),
        (LIMITED, "owner", 10**11, 10**11, ()),
        (Guards(limit_staff=0), "staff", 1, 0, ("limit",)),
        (Guards(limit_staff=0), "manager", 1, 0, ()),
        (Guards(day_limit_manager=0), "manager", 1, 0, ("day_limit",)),
        (ABOVE, "staff", 99_999, 10**9, ()),
        (ABOVE, "staff", 100_000, 0, ("approval",)),
        (ABOVE, "owner", 100_000, 0, ("approval",)),
        (Guards(approval="always", approval_above=100_000), "owner", 1, 0, ("approval",)),
        (Guards(approval="off", approval_above=1), "staff", 5, 0, ()),
        (
            Guards(approval="always", limit_staff=1, day_limit_staff=1),
            "staff",
            2,
            0,
            ("approval", "limit", "day_limit"),
        ),
        # what cannot be said is never a yes
        (Guards(approval="above", approval_above=None), "owner", 1, 0, ("approval",)),
        (Guards(approval="?"), "owner", 1, 0, ("approval",)),  # type: ignore[arg-type]
        (Guards(), "viewer", 1, 0, ("limit", "day_limit")),
        (Guards(), "", 1, 0, ("limit", "day_limit")),
    ],
)
def test_what_waits_and_for_what(guards, role, amount, day_sum, why):
    found = decide(role=role, amount=amount, day_sum=day_sum, guards=guards)
    assert found.why == why
    assert found.execute is (not why)
    assert found.needs_owner is bool({"limit", "day_limit"} & set(why))


@pytest.mark.parametrize(
    ("guards", "role", "amount", "password"),
    [
        (Guards(), "owner", 499_999, False),
        (Guards(), "owner", 500_000, True),
        (Guards(password_above=0), "staff", 1, True),
        (Guards(password_above=None), "owner", 10**11, False),
        # SEC-28: over a limit it is always said again
        (Guards(password_above=None, limit_staff=10), "staff", 11, True),
        (Guards(password_above=None, day_limit_staff=10), "staff", 11, True),
        (Guards(password_above=None, approval="always"), "staff", 11, False),
    ],
)
def test_when_the_password_is_said_again(guards, role, amount, password):
    assert decide(role=role, amount=amount, day_sum=0, guards=guards).password is password


@pytest.mark.parametrize(("amount", "day_sum"), [(0, 0), (-1, 0), (1, -1)])
def test_sums_that_cannot_be_are_refused(amount, day_sum):
    with pytest.raises(ValueError, match="no such sums"):
        decide(role="owner", amount=amount, day_sum=day_sum, guards=Guards())


sums = st.integers(min_value=1, max_value=10**12)
limits = st.none() | st.integers(min_value=0, max_value=10**12)
guards_of_any_shop = st.builds(
    Guards,
    approval=st.sampled_from(["off", "above", "always"]),
    approval_above=limits,
    limit_manager=limits,
    limit_staff=limits,
    day_limit_manager=limits,
    day_limit_staff=limits,
    password_above=limits,
)
roles = st.sampled_from(ROLES)


@given(guards=guards_of_any_shop, role=roles, amount=sums, day_sum=sums, more=sums)
def test_more_money_never_needs_less(guards, role, amount, day_sum, more):
    less = decide(role=role, amount=amount, day_sum=day_sum, guards=guards)
    larger = decide(role=role, amount=amount + more, day_sum=day_sum, guards=guards)
    later = decide(role=role, amount=amount, day_sum=day_sum + more, guards=guards)
    for stricter in (larger, later):
        assert set(less.why) <= set(stricter.why)
        assert less.password <= stricter.password


@given(guards=guards_of_any_shop, amounts=st.lists(sums, min_size=1, max_size=20))
def test_no_day_sends_more_than_its_limit(guards, amounts):
    sent = 0
    for amount in amounts:
        if decide(role="staff", amount=amount, day_sum=sent, guards=guards).execute:
            sent += amount
    if guards.day_limit_staff is not None:
        assert sent <= guards.day_limit_staff


@given(guards=guards_of_any_shop, amount=sums, day_sum=sums)
def test_the_owner_never_needs_another_owner(guards, amount, day_sum):
    found = decide(role="owner", amount=amount, day_sum=day_sum, guards=guards)
    assert not found.needs_owner


def test_a_shop_that_said_nothing_limits_nothing(db):
    assert read_guards(db) == Guards()


def test_guards_are_what_the_shop_said(db):
    with write(db):
        for number, name in enumerate(settings.REFUND_GUARDS[1:], 1):
            settings.put(db, name, number)
        settings.put(db, "refund_approval", "above")
    assert read_guards(db) == Guards(
        approval="above",
        approval_above=1,
        limit_manager=2,
        limit_staff=3,
        day_limit_manager=4,
        day_limit_staff=5,
        password_above=6,
    )


def test_never_is_not_the_same_as_never_said(db):
    with write(db):
        settings.put(db, "refund_password_above", settings.NEVER)
    assert read_guards(db).password_above is None
