"""One round: a shop, a gateway in a mood, staff, kills; then calm, and the comparison."""

from __future__ import annotations

import random
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from dashboard import settings
from dashboard.accounts import store as people
from dashboard.accounts.permissions import ROLES
from dashboard.database import connect, open_to_read, write
from dashboard.instance import Instance
from dashboard.orders.ledger import apply_payments
from dashboard.portone import Payment
from dashboard.receipts.states import BUSY
from dashboard.sandbox import SandboxServer, fill
from dashboard.sandbox.shapes import shape
from dashboard.shopfile import make_ready
from tests.chaos import weather
from tests.chaos.clerk import Clerk, compare_receipts
from tests.chaos.compare import Found, compare
from tests.chaos.failpoints import POINTS
from tests.chaos.fast_clock import START, FastClock
from tests.chaos.fleet import Fleet, Gone
from tests.chaos.process import Setup
from tests.chaos.staff import FINAL, Person, Wish

RATE = 60.0  # seconds of the shop in one of ours
CALM_WITHIN_S = 60.0  # ours
HOUR_S = 3600


@dataclass(frozen=True)
class Template:
    """A shop with people and payments, and the gateway they are at; copied for each round."""

    folder: Path
    payments: dict[str, Any]
    owner: int

    @classmethod
    def make(cls, folder: Path) -> Template:
        folder.mkdir()
        payments = fill(folder / "sandbox.db", seed=3, orders=40, each=4, now=START)
        instance = Instance.prepare(folder / "instance")
        instance.save_state(mode="live")
        file = make_ready(instance, "live", START)
        with SandboxServer(folder / "sandbox.db", clock=lambda: START) as server:
            with server.app.app_context(), closing(server.sandbox.store.connect()) as gateway:
                rows = gateway.execute("SELECT * FROM payments").fetchall()
                seen = [Payment.from_json(shape(row)) for row in rows]
        with closing(connect(file)) as db, write(db):
            for role in ROLES:
                people.add(
                    db, name=role, role=role, password_hash="", language="ko", created_at=START
                )
            settings.put(db, "sells_tax_free", "no")
            settings.put(db, "contract_vbank_refund", "yes")
            apply_payments(db, seen, source="sync", now=START)
            owner = people.find_by_name(db, "owner")
            assert owner
        return cls(folder, payments, owner.id)

    def copy_to(self, folder: Path) -> None:
        """Open another shop just like it."""
        shutil.copytree(self.folder, folder)


@dataclass
class Outcome:
    """What came of one round."""

    seed: int
    found: Found
    seconds: float
    states: Counter[str]
    counts: Counter[str] = field(default_factory=Counter)
    died_at: list[str] = field(default_factory=list)


def play(template: Template, seed: int, folder: Path, *, rate: float = RATE) -> Outcome:
    """Play the round ``seed`` names in a folder that does not exist yet."""
    began, rng = time.monotonic(), random.Random(seed)
    template.copy_to(folder)
    clock = FastClock.begin(folder / "clock", rate)
    switches = weather.switches(rng)
    with SandboxServer(folder / "sandbox.db", clock=clock) as server:
        setup = Setup(
            instance=folder / "instance",
            portone_url=server.url,
            key=server.key,
            secret=server.secret,
            clock=clock,
            log=folder / "log.txt",
        )
        control = _control(server)
        control("/switches", switches)
        for script in weather.scripts(rng):
            server.sandbox.faults.script(**script)
        fleet = Fleet(setup)
        try:
            wishes = _wishes(rng, template.payments)
            clerks = _storm(rng, fleet, wishes, template.owner, control)
            server.sandbox.faults.clear()
            control("/switches", {"stale_reads_s": 0.0})
            _calm(fleet, setup.instance / "live.db", clock)
        finally:
            fleet.stop()
        found, states = compare(
            setup.instance / "live.db",
            server.sandbox.store,
            wishes,
            server.sandbox.journal.entries(),
            stripped=switches["strip_reason"],
        )
        of_receipts, receipts = compare_receipts(
            setup.instance / "live.db", server.sandbox.store, server.sandbox.journal.entries()
        )
        for name, lines in of_receipts.items():
            getattr(found, name).extend(lines)
        found.stumbled += [line for clerk in clerks for line in clerk.problems]
        found.stumbled += _tracebacks(setup.log)
        counts = Counter(
            kills=fleet.killed + len(fleet.died),
            refunds=sum(states.values()),
            receipts=sum(receipts.values()),
            receipts_issued=receipts["issued"] + receipts["cancelled"],
            receipts_cancelled=receipts["cancelled"],
            wishes=len(wishes),
            retries=sum(max(0, len(wish.refunds) - 1) for wish in wishes),
            posts=len(server.sandbox.journal.entries("POST", "/payments/cancel")),
            answered=sum(1 for wish in wishes if wish.told_done),
        )
    return Outcome(seed, found, time.monotonic() - began, states, counts, fleet.died)


def _control(server: SandboxServer) -> Callable[[str, dict[str, Any]], Any]:
    """The strings behind the stage, over HTTP like everything at the gateway."""

    def call(path: str, body: dict[str, Any]) -> Any:
        with requests.Session() as session:
            session.trust_env = False
            said = session.post(
                f"{server.url}/_control{path}",
                json=body,
                headers={"X-Control-Token": server.control_token},
                timeout=30,
            )
        return said.json()["response"]

    return call


def _wishes(rng: random.Random, payments: dict[str, Any]) -> list[Wish]:
    """On each of four payments one to three parts, and sometimes all that is left.

    No two amounts of a payment are the same, so that a cancel names its wish by its amount.
    """
    made: list[Wish] = []
    chosen = [("paid_card", 0), ("paid_card", 1), ("paid_trans", 0), ("paid_vbank", 0)]
    for kind, place in chosen:
        payment = payments[kind][place]
        parts = rng.sample(range(5, 20), rng.choice((1, 1, 2, 3)))
        amounts: list[int | None] = [payment["amount"] * part // 100 for part in parts]
        if rng.random() < 0.5:
            amounts.append(None)
        for amount in amounts:
            made.append(
                Wish(
                    number=len(made) + 1,
                    imp_uid=payment["imp_uid"],
                    amount=amount,
                    vbank=kind == "paid_vbank",
                    cash=kind != "paid_card",
                )
            )
    return made


def _storm(
    rng: random.Random,
    fleet: Fleet,
    wishes: list[Wish],
    owner: int,
    control: Callable[[str, dict[str, Any]], Any],
) -> list[Clerk]:
    """Staff at work while processes die and come back, and somebody else is at the console."""
    quiet = threading.Event()
    staff = [Person(wish, fleet, quiet, random.Random(rng.random()), owner) for wish in wishes]
    cash = sorted({wish.imp_uid for wish in wishes if wish.cash})
    clerks = [Clerk(uid, fleet, quiet, random.Random(rng.random()), owner) for uid in cash]
    for person in (*staff, *clerks):
        person.start()
    kills = rng.randint(1, 6)
    consoles = [rng.uniform(0, 8) for _ in range(rng.choice((0, 0, 1, 2)))]
    began, next_kill = time.monotonic(), rng.uniform(0.2, 2.0)
    ends = rng.uniform(8.0, 16.0)
    asleep: dict[int, float] = {}  # until when
    while (passed := time.monotonic() - began) < ends and any(one.is_alive() for one in staff):
        if passed > next_kill and kills:
            kills -= 1
            next_kill = passed + rng.uniform(0.1, 2.5)
            place = rng.randrange(2)
            if rng.random() < 0.25 and place not in asleep:
                fleet.freeze(place, True)
                asleep[place] = passed + rng.uniform(0.2, 6.0)
            else:
                fleet.kill(place)
        for at in [at for at in consoles if at < passed]:
            consoles.remove(at)
            imp_uid = rng.choice(wishes).imp_uid
            control("/console-cancel", {"imp_uid": imp_uid, "amount": 101 + len(consoles)})
        time.sleep(rng.uniform(0.02, 0.1))
        for place in [place for place, until in asleep.items() if until < passed]:
            fleet.freeze(place, False)
            del asleep[place]
        for place in range(2):
            fleet.start_dead(place, rng.choice(tuple(POINTS)) if rng.random() < 0.6 else None)
    quiet.set()
    for place in asleep:
        fleet.freeze(place, False)
    for person in (*staff, *clerks):
        person.join(120)
    return clerks


def _calm(fleet: Fleet, database: Path, clock: FastClock) -> None:
    """Both processes fresh and healthy, the gateway too; then the shop waits, and asks again."""
    for place in range(2):
        fleet.kill(place)
    for place in range(2):
        fleet.start_dead(place)
    _until(lambda: not _open(database) and not _receipts_at_work(database))
    clock.leap(HOUR_S)  # whatever the gateway still had in its pipes comes out now
    time.sleep(0.2)
    for row in _rows(database, "state IN ('rejected', 'not_executed')"):
        _asked(fleet, "check", refund_id=row["id"])
    _until(lambda: not _open(database))
    kind = ""
    while kind != "daily":  # an open run of another kind is gone through first
        run = _asked(fleet, "sync", run_id=None)
        kind, run_id = run["kind"], run["run_id"]
        _until(lambda: _asked(fleet, "sync", run_id=run_id)["state"] in {"done", "failed"})  # noqa: B023


def _asked(fleet: Fleet, what: str, **fields: Any) -> dict[str, Any]:
    while True:
        try:
            return fleet.ask(what, **fields)
        except Gone:
            time.sleep(0.2)


def _until(reached: Callable[[], bool]) -> None:
    end = time.monotonic() + CALM_WITHIN_S
    while not reached() and time.monotonic() < end:
        time.sleep(0.1)


def _open(database: Path) -> list[dict[str, Any]]:
    return [row for row in _rows(database, "1") if row["state"] not in FINAL]


def _receipts_at_work(database: Path) -> bool:
    states = ", ".join(f"'{state}'" for state in BUSY)
    with closing(open_to_read(database)) as db:
        found = db.conn.execute(f"SELECT 1 FROM receipts WHERE state IN ({states}) LIMIT 1")
        return found.fetchone() is not None


def _rows(database: Path, condition: str) -> list[dict[str, Any]]:
    with closing(open_to_read(database)) as db:
        return [dict(row) for row in db.conn.execute(f"SELECT * FROM refunds WHERE {condition}")]


def _tracebacks(log: Path) -> list[str]:
    """The last line of each traceback a process wrote."""
    found, inside = [], False
    for line in log.read_text("utf-8", errors="replace").splitlines():
        if line.startswith("Traceback"):
            inside = True
        elif inside and line and not line.startswith(" "):
            found.append(line)
            inside = False
    return sorted(set(found))
