"""F47: fifty clicks at the same moment, through two processes over one folder."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from dashboard.database import open_to_read
from dashboard.sandbox import SandboxServer
from tests.chaos.fast_clock import FastClock
from tests.chaos.fleet import Fleet
from tests.chaos.process import Setup
from tests.chaos.rounds import Template

CLICKS = 50


@pytest.fixture(scope="module")
def template(tmp_path_factory) -> Template:
    return Template.make(tmp_path_factory.mktemp("chaos") / "shop")


@pytest.fixture
def shop(tmp_path: Path, template: Template):
    """A gateway and two processes of one shop."""
    template.copy_to(tmp_path / "shop")
    clock = FastClock.begin(tmp_path / "clock", rate=1.0)
    with SandboxServer(tmp_path / "shop" / "sandbox.db", clock=clock) as server:
        fleet = Fleet(
            Setup(
                instance=tmp_path / "shop" / "instance",
                portone_url=server.url,
                key=server.key,
                secret=server.secret,
                clock=clock,
                log=tmp_path / "log.txt",
            )
        )
        yield server, fleet, tmp_path / "shop" / "instance" / "live.db"
        fleet.stop()


@pytest.mark.parametrize("forms", [1, CLICKS])
def test_fifty_threads_at_two_processes_make_one_request(shop, template: Template, forms: int):
    """``forms`` 1: the same form fifty times (F45); else fifty forms of two people."""
    server, fleet, database = shop
    payment = template.payments["paid_card"][0]
    answers: list[dict] = []
    ready = threading.Barrier(CLICKS)
    tokens = [
        fleet.ask(
            "form", at=n % 2, imp_uid=payment["imp_uid"], person_id=template.owner, live=False
        )["token"]
        for n in range(forms)
    ]

    def click(n: int) -> None:
        ready.wait(30)
        answers.append(
            fleet.ask(
                "refund",
                at=n % 2,
                token=tokens[n % forms],
                imp_uid=payment["imp_uid"],
                person_id=template.owner,
                kind="part",
                amount=1_000,
                reason="단순 변심",
                vbank=False,
            )
        )

    threads = [threading.Thread(target=click, args=(n,)) for n in range(CLICKS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    end, states = time.monotonic() + 30, Counter[str]()
    while states != {"succeeded": 1} and time.monotonic() < end:
        time.sleep(0.1)
        with closing(open_to_read(database)) as db:
            states = Counter(row[0] for row in db.conn.execute("SELECT state FROM refunds"))
    assert states == {"succeeded": 1}
    posts = server.sandbox.journal.entries("POST", "/payments/cancel")
    assert [json.loads(post.body)["amount"] for post in posts] == [1_000]
    assert len(answers) == CLICKS
    assert {answer.get("error") for answer in answers} <= {None, "AlreadyAsked", "BalanceChanged"}
    shown = {answer["refund_id"] for answer in answers if answer.get("refund_id")}
    assert len(shown) == 1
