"""Refunds by hand when two people are at it at once, and what is left of the account afterwards."""

from __future__ import annotations

import threading
from contextlib import closing

import pytest

from dashboard.clock import kst
from dashboard.database import connect
from dashboard.portone import RefundAccount
from dashboard.refunds import approvals, by_hand, by_hand_steps, outside, service
from dashboard.refunds.by_hand import HandWish
from tests.refunds.conftest import check_invariants
from tests.refunds.hands import (
    DIGITS,
    ask_hand,
    hand_form,
    old_phone,
    picture,
    refuse,
    send_hand,
    step,
    transfer,
)

HOLDER = "가나다라마바"
ACCOUNT = RefundAccount(holder=HOLDER, bank="088", account=DIGITS)


def wish(amount: int) -> HandWish:
    return HandWish(amount=amount, tax_free=0, reason="고객 변심", account=ACCOUNT)


def at_once(shop, *steps):
    """Each step in a thread and on a connection of its own; answers what came of each."""
    found: list = [None] * len(steps)

    def run(number: int, take) -> None:
        try:
            with closing(connect(shop.runtime.database_path)) as db:
                found[number] = take(db)
        except Exception as error:
            found[number] = error

    threads = [threading.Thread(target=run, args=(n, take)) for n, take in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


@pytest.fixture
def together(monkeypatch):
    """Everybody has looked at PortOne before anybody writes."""

    def meet(parties: int) -> None:
        barrier, real = threading.Barrier(parties), service.look_afresh

        def look(*args, **given):
            seen = real(*args, **given)
            barrier.wait(20)
            return seen

        monkeypatch.setattr(service, "look_afresh", look)

    return meet


def test_by_hand_and_through_portone_at_once_only_one_wins(shop, paid, together):
    """Both would send all of it back."""
    one = paid()
    refuse(shop, one.imp_uid, one.amount)
    forms = [shop.form(one.imp_uid) for _ in range(2)]
    together(2)

    def through_portone(db):
        again = service.Wish(kind="whole", amount=one.amount, tax_free=0, reason="고객 변심")
        return service.request_refund(
            shop.runtime, db, balance=forms[0], wish=again, person_id=shop.person_id
        )

    def through_the_bank(db):
        return by_hand.ask(
            shop.runtime,
            db,
            balance=forms[1],
            wish=wish(one.amount),
            person_id=shop.person_id,
            at_once=True,
        )

    found = at_once(shop, through_portone, through_the_bank)
    assert sum(isinstance(one, str) for one in found) == 1, found
    refused = next(one for one in found if not isinstance(one, str))
    assert isinstance(refused, service.Stopped | service.AlreadyAsked), refused
    open_ones = shop.db.execute(
        "SELECT (SELECT count(*) FROM refunds WHERE state = 'intent'),"
        " (SELECT count(*) FROM manual_refunds)"
    ).fetchone()
    assert sum(open_ones) == 1
    check_invariants(shop)


def test_two_people_ask_for_the_same_transfer_at_once(shop, together):
    uid = old_phone(shop)
    forms = [shop.form(uid) for _ in range(4)]
    together(len(forms))

    def take(form):
        return lambda db: by_hand.ask(
            shop.runtime,
            db,
            balance=form,
            wish=wish(50_000),
            person_id=shop.person_id,
            at_once=True,
        )

    found = at_once(shop, *map(take, forms))
    [made] = [one for one in found if isinstance(one, str)]
    others = [one for one in found if not isinstance(one, str)]
    assert all(isinstance(one, by_hand.AlreadyByHand) for one in others), others
    assert {one.by_hand_id for one in others} == {made}


def test_a_mark_and_a_refund_at_once_only_one_wins(shop, paid, together, monkeypatch):
    one = paid()
    form = shop.form(one.imp_uid)
    barrier, real = threading.Barrier(2), service.look_afresh

    def look(*args, **given):
        seen = real(*args, **given)
        barrier.wait(20)
        return seen

    monkeypatch.setattr(service, "look_afresh", look)

    def refund(db):
        whole = service.Wish(kind="whole", amount=one.amount, tax_free=0, reason="고객 변심")
        return service.request_refund(
            shop.runtime, db, balance=form, wish=whole, person_id=shop.person_id
        )

    def mark(db):
        barrier.wait(20)
        return outside.mark(
            shop.runtime,
            db,
            one.imp_uid,
            amount=one.amount,
            day=_today(shop),
            evidence="KSNET 거래조회에서 확인",
            upload=None,
            person_id=shop.person_id,
        )

    refunded, marked = at_once(shop, refund, mark)
    if isinstance(refunded, str):
        assert isinstance(marked, outside.CannotMark) and marked.why == "open"
    else:
        assert isinstance(refunded, service.Stopped) and isinstance(marked, int)


def _today(shop):
    return kst(shop.clock.now).date()


@pytest.mark.parametrize("deed", ["approve", "transfer"])
def test_two_people_take_the_same_step_and_it_happens_once(shop, deed):
    uid = old_phone(shop)
    if deed == "approve":
        shop.settings(refund_approval="always")
    staff = shop.db.execute("SELECT id FROM people WHERE role = 'staff'").fetchone()[0]
    manager = shop.db.execute("SELECT id FROM people WHERE role = 'manager'").fetchone()[0]
    made = by_hand.ask(
        shop.runtime,
        shop.db,
        balance=shop.form(uid, person_id=staff),
        wish=wish(50_000),
        person_id=staff,
        at_once=deed == "transfer",
    )

    def approve(person_id):
        now = int(shop.clock.now)
        return lambda db: by_hand_steps.approve(db, made, person_id=person_id, now=now)

    def transferred(person_id):
        return lambda db: by_hand_steps.transferred(
            shop.runtime,
            db,
            made,
            day=_today(shop),
            reference=f"by {person_id}",
            evidence=None,
            person_id=person_id,
        )

    take = approve if deed == "approve" else transferred
    found = at_once(shop, take(shop.person_id), take(manager))
    assert sum(one is None for one in found) == 1, found
    assert sum(isinstance(one, approvals.Ended) for one in found) == 1, found
    row = by_hand.find(shop.db, made)
    assert row["state"] == ("approved" if deed == "approve" else "done")
    if deed == "transfer":
        kept = shop.db.execute("SELECT manual_refunded FROM orders WHERE id = ?", [row["order_id"]])
        assert kept.fetchone()[0] == 50_000


# -- what is left of the account (SEC-56) -------------------------------------------------------


def files_with(folder, *needles: bytes) -> list[str]:
    return [
        path.name
        for path in sorted(folder.rglob("*"))
        if path.is_file() and any(needle in path.read_bytes() for needle in needles)
    ]


def sealed(shop) -> bytes:
    return bytes(shop.db.execute("SELECT account FROM manual_refunds").fetchone()[0])


@pytest.mark.parametrize("end", ["transferred", "withdraw", "decline"])
def test_the_account_is_nowhere_in_the_folder_once_it_is_over(shop, client_as, end):
    if end == "decline":
        shop.settings(refund_approval="always")
    folder = shop.runtime.instance.path
    staff, owner = client_as("staff"), client_as("owner")
    location = ask_hand(staff, old_phone(shop), holder=HOLDER)
    kept = sealed(shop)
    plain = (DIGITS.encode(), b"110-492-374821", HOLDER.encode())
    assert files_with(folder, *plain) == []  # while it waits, it is encrypted
    assert files_with(folder, kept) != []
    if end == "transferred":
        step(owner, location, "reveal")
        assert transfer(owner, location).status_code == 303
    else:
        assert step(owner, location, end, words="다시 확인").status_code == 303
    shop.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert files_with(folder, *plain, kept) == []
    row = dict(shop.db.execute("SELECT * FROM manual_refunds").fetchone())
    assert row["account"] is None and row["account_last4"] == "4821"


def test_a_form_that_was_refused_leaves_no_account_behind(shop, client, caplog):
    """Neither in files nor in the log, whatever went wrong with it (I5)."""
    uid = old_phone(shop)
    for changes in ({"kind": "part", "amount": "x"}, {"balance": "forged"}, {"bank": ""}):
        answer = send_hand(client, uid, hand_form(client, uid, holder=HOLDER) | changes)
        assert answer.status_code in (400, 422)
    needles = (DIGITS.encode(), HOLDER.encode())
    assert files_with(shop.runtime.instance.path, *needles) == []
    assert DIGITS not in caplog.text and HOLDER not in caplog.text


def test_evidence_lies_under_a_random_name(shop, client):
    """SEC-44: what it was called there is only ever shown."""
    uid = old_phone(shop)
    bad = "../../x\u202e.png"
    send_hand(client, uid, hand_form(client, uid) | {"evidence": picture(bad)})
    [row] = shop.db.execute("SELECT * FROM files").fetchall()
    folder = shop.runtime.instance.files_dir
    assert [path.name for path in folder.iterdir()] == [row["id"]]
    assert not (shop.runtime.instance.path.parent / "x.png").exists()
    assert "\u202e" not in row["name"] and "/" not in row["name"]
