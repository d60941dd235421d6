"""The tax-free part from the form to PortOne: whatever is refunded in whichever parts, both sums
close to the won (K11), and virtual accounts send none (K16)."""

from __future__ import annotations

import json
from contextlib import closing

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.refunds import store
from dashboard.refunds.amounts import after, bounds, proposed_tax_free, rest_of
from dashboard.sandbox.shapes import find_row
from tests.refunds.pages import ACCOUNT, check, form_of, send, text

MOST_PARTS = 3


def sent_to_portone(shop, imp_uid: str) -> list[tuple[int, int]]:
    """Amount and tax-free part of each cancel, as the sandbox has booked it."""
    with closing(shop.sandbox.sandbox.store.connect()) as db:
        history = json.loads(find_row(db, imp_uid)["cancel_history"])
    return [(entry["amount"], entry["tax_free"]) for entry in history]


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["card", "trans", "vbank"]), st.integers(1_000, 300_000), st.data())
def test_any_parts_close_both_sums(shop, client, method, amount, data):
    """The first form asks how much of the order is tax-free and keeps it; no other one does."""
    shop.settings(sells_tax_free="yes")
    vbank, account = method == "vbank", ACCOUNT if method == "vbank" else {}
    imp_uid = shop.pay(method, amount=amount)
    free = data.draw(st.integers(0, amount), label="tax-free of the order")
    left = rest_of(amount=amount, cancelled=0, total_free=free, sells_tax_free="yes")
    expected: list[tuple[int, int]] = []
    while left.balance:
        last = len(expected) == MOST_PARTS
        part = left.balance if last else data.draw(st.integers(1, left.balance), label="part")
        low, high = bounds(left, part, vbank=vbank) or (0, 0)
        proposal = proposed_tax_free(left, part, vbank=vbank)
        chosen = proposal if vbank else data.draw(st.just(proposal) | st.integers(low, high))
        typed = account | {"tax_free": str(chosen)}
        if not expected:
            typed["tax_free_total"] = str(free)
        if part < left.balance:
            typed |= {"kind": "part", "amount": str(part)}
        form = form_of(client, imp_uid, **typed)
        assert (b'name="tax_free_total"' in check(client, imp_uid, form).data) is (expected == [])
        answer = send(client, imp_uid, form)
        assert answer.status_code == 303, text(answer)
        shop.work(seconds=10)
        expected.append((part, chosen))
        left = after(left, part, chosen, vbank=vbank)
    assert sent_to_portone(shop, imp_uid) == expected
    assert [(row["amount"], row["tax_free"]) for row in store.of_payment(shop.db, imp_uid)] == [
        *reversed(expected)
    ]
    assert sum(part for part, _free in expected) == amount
    assert sum(part_free for _part, part_free in expected) == (0 if vbank else free)
    [kept] = shop.db.query("SELECT tax_free FROM orders WHERE imp_uid = ?", [imp_uid])
    assert kept["tax_free"] == free


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1_000, 300_000), st.data())
def test_a_tax_free_part_that_does_not_fit_is_never_sent(shop, client, amount, data):
    shop.settings(sells_tax_free="yes")
    shop.clock.now += 10  # nobody sends more than 20 forms a minute
    imp_uid = shop.pay("card", amount=amount)
    free = data.draw(st.integers(0, amount), label="tax-free of the order")
    part = data.draw(st.integers(1, amount), label="part")
    left = rest_of(amount=amount, cancelled=0, total_free=free, sells_tax_free="yes")
    low, high = bounds(left, part) or (0, 0)
    wrong = data.draw(st.integers(0, amount + 1).filter(lambda f: not low <= f <= high))
    kind = {} if part == amount else {"kind": "part", "amount": str(part)}
    typed = {"tax_free_total": str(free), "tax_free": str(wrong)} | kind
    answer = send(client, imp_uid, form_of(client, imp_uid, **typed))
    shop.work()
    if low == high:  # no choice: the only part that fits is sent, as the last look has said
        assert answer.status_code == 303, text(answer)
        assert sent_to_portone(shop, imp_uid) == [(part, low)]
    else:
        assert answer.status_code == 422, text(answer)
        assert sent_to_portone(shop, imp_uid) == [] and store.of_payment(shop.db, imp_uid) == []
