"""Whoever sees to the cash receipts: issues them, and does what refunds leave to do."""

from __future__ import annotations

import json
import random
import threading
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

from dashboard.database import open_to_read
from dashboard.receipts.states import BUSY
from dashboard.sandbox.journal import Entry
from dashboard.sandbox.store import Store, load
from tests.chaos.fleet import Fleet, Gone

CONSOLE_LEAST = 101  # what rounds cancel at the console: nobody here is told of that


class Clerk(threading.Thread):
    """Issues the receipt of one payment, and cancels or renews it whenever that is owed."""

    def __init__(
        self, imp_uid: str, fleet: Fleet, quiet: threading.Event, rng: random.Random, person_id: int
    ) -> None:
        super().__init__(name=f"clerk-{imp_uid}", daemon=True)
        self._fleet, self._quiet, self._rng = fleet, quiet, rng
        self._who = {"imp_uid": imp_uid, "person_id": person_id}
        self.problems: list[str] = []

    def run(self) -> None:
        while not self._quiet.is_set():
            self._quiet.wait(self._rng.uniform(0.1, 1.2))
            try:
                for _ in range(2 if self._rng.random() < 0.2 else 1):
                    said = self._fleet.ask("receipt", **self._who)
            except Gone:
                continue
            known = {"AlreadyThere", "AmountMoved", "NotEligible", "CannotAsk", "CannotCancel"}
            busy = "database is locked" in said.get("text", "")
            if said.get("error") not in {None, *known} and not busy:
                self.problems.append(f"receipt: {said['error']} {said['text']}")


def compare_receipts(
    database: Path, store: Store, journal: list[Entry]
) -> tuple[dict[str, list[str]], Counter[str]]:
    """Hold both sides' receipts side by side; what must not be, by a name of ``Found``."""
    found: dict[str, list[str]] = {
        name: [] for name in ("issued_twice", "receipt_lost", "receipt_phantom", "forgotten")
    }
    with closing(open_to_read(database)) as db:
        rows = [dict(row) for row in db.conn.execute("SELECT * FROM receipts")]
        owed = {
            str(row[0]) for row in db.conn.execute("SELECT imp_uid FROM tasks WHERE state = 'open'")
        }
    gateway, balances, consoles = _there(store)
    ours = {row["receipt_tid"] for row in rows}
    at_work = {row["imp_uid"] for row in rows if row["state"] in BUSY}
    for imp_uid, receipts in gateway.items():
        live = [one for one in receipts if not one["cancelled_at"]]
        if len(live) > 1:
            found["issued_twice"].append(f"{imp_uid}: {len(live)} live at once")
        for one in receipts:
            if one["receipt_tid"] not in ours and one["mine"]:
                found["receipt_lost"].append(f"{imp_uid}: {one['receipt_tid']} is not in our file")
        for one in live:
            too_much = one["amount"] - balances[imp_uid] - consoles[imp_uid]
            if too_much > 0 and imp_uid not in owed | at_work:
                found["forgotten"].append(f"{imp_uid}: {too_much} won too much, and no task")
    for row in rows:
        there = {one["receipt_tid"]: one for one in gateway.get(row["imp_uid"], [])}
        one = there.get(row["receipt_tid"])
        if row["state"] == "issued" and (one is None or one["cancelled_at"]):
            found["receipt_phantom"].append(f"{row['imp_uid']}: {row['id']} is not there")
        if row["state"] == "cancelled" and (one is None or not one["cancelled_at"]):
            found["receipt_phantom"].append(f"{row['imp_uid']}: {row['id']} still lives")
    attempts = Counter(
        (row["imp_uid"], "POST") for row in rows if row["attempt"] and row["imp_uid"]
    )
    sent = Counter(
        (entry.path.removeprefix("/receipts/"), "POST")
        for entry in journal
        if entry.method == "POST" and entry.path.startswith("/receipts/") and entry.status != 401
    )
    for key, count in sent.items():
        if count > attempts[key]:
            found["issued_twice"].append(f"{key[0]}: {count} requests of {attempts[key]} receipts")
    return found, Counter(row["state"] for row in rows)


def _there(store: Store) -> tuple[dict[str, list[dict[str, Any]]], dict[str, int], Counter[str]]:
    receipts: dict[str, list[dict[str, Any]]] = {}
    with closing(store.connect()) as db:
        for row in db.execute("SELECT * FROM receipts WHERE route = 'payment' ORDER BY id"):
            one = load(row["shape"]) | {
                "cancelled_at": row["cancelled_at"],
                "mine": row["sent"] != "{}",
            }
            receipts.setdefault(row["uid"], []).append(one)
        balances, consoles = {}, Counter[str]()
        for row in db.execute(
            "SELECT imp_uid, amount, cancel_amount, cancel_history FROM payments"
        ):
            balances[row["imp_uid"]] = row["amount"] - row["cancel_amount"]
            for cancel in json.loads(row["cancel_history"]):
                if CONSOLE_LEAST <= cancel["amount"] <= CONSOLE_LEAST + 2:
                    consoles[row["imp_uid"]] += cancel["amount"]
    return receipts, balances, consoles
