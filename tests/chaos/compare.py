"""The gateway's ledger against ours, once everything has settled."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from dashboard import events
from dashboard.database import open_to_read
from dashboard.sandbox.journal import Entry
from dashboard.sandbox.store import Store, load
from tests.chaos.staff import FINAL, Wish


@dataclass
class Found:
    """What must not be; all lists are empty after a good round."""

    paid_twice: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)  # money moved, and we do not know
    phantom: list[str] = field(default_factory=list)  # we say so, and it did not
    chain: list[str] = field(default_factory=list)  # a damaged file or record
    stuck: list[str] = field(default_factory=list)  # never came to an end
    sent_twice: list[str] = field(default_factory=list)  # one refund, two requests on the wire
    issued_twice: list[str] = field(default_factory=list)  # receipts: two live, or sent again
    receipt_lost: list[str] = field(default_factory=list)  # issued, and we do not know
    receipt_phantom: list[str] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)  # a refund owes a receipt, and no task
    stumbled: list[str] = field(default_factory=list)  # errors nobody has a sentence for

    @property
    def bad(self) -> bool:
        return any(getattr(self, part.name) for part in fields(self))

    def lines(self) -> list[str]:
        return [
            f"{part.name}: {line}" for part in fields(self) for line in getattr(self, part.name)
        ]


def compare(
    database: Path, store: Store, wishes: list[Wish], journal: list[Entry], *, stripped: bool
) -> tuple[Found, Counter[str]]:
    """Hold both ledgers side by side.

    :param stripped: the gateway loses reasons, so cancels are told apart by their amounts
    :return: what is wrong, and how many refunds ended in which state
    """
    found = Found()
    cancels = _cancels(store)
    with closing(open_to_read(database)) as db:
        refunds = [dict(row) for row in db.conn.execute("SELECT * FROM refunds")]
        known = {
            (row["imp_uid"], row["cancellation_id"])
            for row in db.conn.execute("SELECT imp_uid, cancellation_id FROM cancellations")
        }
        broken = events.broken_at(db)
        if broken is not None:
            found.chain.append(f"the chain of events is broken at {broken}")
        check = db.conn.execute("PRAGMA integrity_check").fetchone()[0]
        if check != "ok":
            found.chain.append(f"integrity_check: {check}")
    _paid_twice(found, wishes, cancels, stripped)
    _lost(found, refunds, wishes, cancels, known, stripped)
    _phantom(found, refunds, wishes, cancels)
    _sent_twice(found, refunds, journal)
    for row in refunds:
        if row["state"] not in FINAL:
            found.stuck.append(f"refund {row['id']} of {row['imp_uid']} is {row['state']}")
    for wish in wishes:
        found.stumbled += [f"wish {wish.number}: {problem}" for problem in wish.problems]
    return found, Counter(row["state"] for row in refunds)


def _cancels(store: Store) -> dict[str, list[dict[str, Any]]]:
    """The gateway's cancels by payment; those it was born with have no reason of ours."""
    with closing(store.connect()) as db:
        rows = db.execute("SELECT imp_uid, amount, cancel_amount, cancel_history FROM payments")
        return {row["imp_uid"]: load(row["cancel_history"]) for row in rows}


def _of(
    wish: Wish, cancels: dict[str, list[dict[str, Any]]], stripped: bool
) -> list[dict[str, Any]]:
    return [
        cancel
        for cancel in cancels[wish.imp_uid]
        if (cancel["amount"] in wish.asked if stripped else cancel["reason"].startswith(wish.tag))
    ]


def _paid_twice(
    found: Found, wishes: list[Wish], cancels: dict[str, list[dict[str, Any]]], stripped: bool
) -> None:
    for wish in wishes:
        paid = _of(wish, cancels, stripped)
        if len(paid) > 1:
            sums = ", ".join(f"{cancel['amount']} [{cancel['reason']}]" for cancel in paid)
            found.paid_twice.append(f"wish {wish.number} of {wish.imp_uid}: {sums}")


def _lost(
    found: Found,
    refunds: list[dict[str, Any]],
    wishes: list[Wish],
    cancels: dict[str, list[dict[str, Any]]],
    known: set[tuple[str, str]],
    stripped: bool,
) -> None:
    done = {row["cancellation_id"] for row in refunds if row["state"] == "succeeded"}
    for imp_uid, entries in cancels.items():
        for cancel in entries:
            if (imp_uid, cancel["cancellation_id"]) not in known:
                found.lost.append(f"{cancel['amount']} of {imp_uid} is not in our ledger")
    for wish in wishes:
        for cancel in _of(wish, cancels, stripped):
            # Without a nonce a cancel that came too late cannot be told from a console's.
            if cancel["cancellation_id"] not in done and not stripped:
                found.lost.append(f"wish {wish.number}: {cancel['amount']} is nobody's refund")
    ours = {row["id"] for row in refunds}
    for wish in wishes:
        for refund_id in set(wish.refunds) - ours:
            found.lost.append(f"wish {wish.number}: refund {refund_id} is gone")


def _phantom(
    found: Found,
    refunds: list[dict[str, Any]],
    wishes: list[Wish],
    cancels: dict[str, list[dict[str, Any]]],
) -> None:
    states = {row["id"]: row["state"] for row in refunds}
    booked: Counter[str] = Counter()
    for row in refunds:
        if row["state"] != "succeeded":
            continue
        booked[row["cancellation_id"]] += 1
        match = [
            cancel
            for cancel in cancels[row["imp_uid"]]
            if cancel["cancellation_id"] == row["cancellation_id"]
            and cancel["amount"] == row["amount"]
        ]
        if not match or booked[row["cancellation_id"]] > 1:
            found.phantom.append(f"refund {row['id']} of {row['imp_uid']}, {row['amount']}")
    for wish in wishes:
        if wish.told_done and states.get(wish.told_done) != "succeeded":
            found.phantom.append(f"wish {wish.number} was called done")


def _sent_twice(found: Found, refunds: list[dict[str, Any]], journal: list[Entry]) -> None:
    """Same bytes again only after a 401; and no amount that would mean everything."""
    sent: dict[str, list[Entry]] = defaultdict(list)
    nonces = [row["nonce"] for row in refunds]
    for entry in journal:
        if (entry.method, entry.path) != ("POST", "/payments/cancel") or not entry.body:
            continue
        body = json.loads(entry.body)
        if not body.get("amount") or not body.get("checksum"):
            found.sent_twice.append(f"a cancel without amount or checksum: {body}")
        owner = [nonce for nonce in nonces if nonce in body["reason"]]
        if len(owner) != 1:
            found.lost.append(f"a cancel of nobody's refund was sent: {body}")
            continue
        sent[owner[0]].append(entry)
    for nonce, entries in sent.items():
        if len({entry.body for entry in entries}) > 1:
            found.sent_twice.append(f"{nonce}: two requests differ")
        if any(entry.status != 401 for entry in entries[:-1]) or len(entries) > 2:
            found.sent_twice.append(f"{nonce}: {[entry.status for entry in entries]}")
