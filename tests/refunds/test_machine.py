"""Any order of forms, wishes, faults, console cancels, waiting and restarts: nothing is paid twice,
nothing is lost, and in the end both ledgers say the same.

``JANGBU_MACHINE_RUNS=200 pytest tests/refunds/test_machine.py -n 0`` plays more runs than CI does.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from dashboard import create_app
from dashboard import settings as shop_settings
from dashboard.database import connect, write
from dashboard.refunds import approvals, service, store
from dashboard.refunds.states import OPEN
from dashboard.sandbox import SandboxServer
from tests.conftest import Browser, FakeClock
from tests.refunds.conftest import SHORT, Shop, check_invariants, point_at
from tests.refunds.test_fault_matrix import no

RUNS = int(os.environ.get("JANGBU_MACHINE_RUNS", "8"))
STEPS = 22
HOUR = 3_600

FAULTS = (
    {"answer": "close"},  # carried out, no answer
    {"answer": "rst"},
    {"answer": "trunc"},
    {"answer": "close", "execute": "never"},
    {"answer": "close", "before_read": True},
    {"answer": "status", "status": 500},
    {"answer": "status", "status": 503, "execute": "never"},
    {"answer": "close", "execute": "late(30)"},
    {"answer": "close", "execute": "late(400)"},
    {"answer": "body", "body": "<html>"},
    no("카드사 정책으로 취소할 수 없습니다"),
    no("PG 통신 시간초과"),
)


def late_ones() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name.startswith("sandbox-late")]


class Refunds(RuleBasedStateMachine):
    """A shop, its PortOne, and clumsy hands. ``begin`` opens one; ``end`` closes it."""

    begin = end = None
    forms = Bundle("forms")

    @initialize()
    def open_up(self):
        self.shop: Shop = type(self).begin()
        self.wishes: dict[str, int] = {}  # won by refund

    def payment(self, at: int) -> str:
        return self.shop.card_ids[at]

    # -- people -------------------------------------------------------------------------------

    @rule(target=forms, at=st.integers(0, 1))
    def show_a_form(self, at):
        return self.shop.form(self.payment(at))

    @rule(form=forms, part=st.sampled_from((1, 10, 45, 100)))
    def ask(self, form, part):
        """Also with a form that was used before, or that the balance has run away from."""
        amount = max(1, form.balance * part // 100)
        if not form.balance:
            return
        try:
            refund = self.shop.ask(form.imp_uid, amount, form=form, overrule="보고도 계속합니다")
        except service.AlreadyAsked as asked:
            assert store.find(self.shop.db, asked.refund_id)
        except service.CannotRequest:
            pass
        else:
            self.wishes[refund] = amount

    @rule(form=forms)
    def request_and_approve(self, form):
        """By another person, a moment later."""
        if not form.balance:
            return
        with write(self.shop.db):
            shop_settings.put(self.shop.db, "refund_approval", "always")
        wish = service.Wish(
            kind="part" if form.balance > 1 else "whole", amount=1, tax_free=0, reason="품절"
        )
        try:
            made = approvals.ask(
                self.shop.runtime,
                self.shop.db,
                balance=form,
                wish=wish,
                person_id=self.shop.person_id,
                for_somebody=True,
            )
            row = approvals.find(self.shop.db, made)
            refund = approvals.approve(
                self.shop.runtime,
                self.shop.db,
                made,
                seen=approvals.frozen(row),
                person_id=2,
                overrule="보고도 계속합니다",
            )
        except (service.CannotRequest, approvals.CannotDecide):
            waiting = approvals.open_request_of(self.shop.db, form.imp_uid)
            if waiting is not None:
                approvals.expire(self.shop.runtime, self.shop.db, waiting, approvals.MOVED)
        else:
            self.wishes[refund] = 1
        finally:
            with write(self.shop.db):
                shop_settings.put(self.shop.db, "refund_approval", "off")

    @rule(at=st.integers(0, 1))
    def cancel_at_the_console(self, at):
        there = self.shop.payment(self.payment(at))
        if there.balance > 137:
            self.shop.console(self.payment(at), 137)

    # -- the world ----------------------------------------------------------------------------

    @rule(fault=st.sampled_from(FAULTS))
    def something_goes_wrong_next(self, fault):
        self.shop.fault(**fault)

    @rule(times=st.integers(1, 3))
    def portone_is_silent(self, times):
        self.shop.fault(
            method="GET", path="/payments/*", answer="close", execute="never", count=times
        )

    @rule(seconds=st.sampled_from((1, 6, 40, 150, 1_000, HOUR)))
    def time_passes(self, seconds):
        self.shop.clock.now += seconds
        time.sleep(0.03 if late_ones() else 0)

    @rule()
    def the_worker_looks(self):
        service.work(self.shop.runtime, self.shop.db)

    @rule()
    def the_process_dies_and_comes_back(self):
        self.shop.clock.now += 2
        self.shop = type(self).begin(self.shop)

    # -- what always holds --------------------------------------------------------------------

    @invariant()
    @precondition(lambda self: hasattr(self, "shop"))
    def never_more_than_was_paid_and_never_twice(self):
        rows = self.shop.db.execute("SELECT nonce, imp_uid, state FROM refunds").fetchall()
        for imp_uid in self.shop.card_ids:
            there = self.shop.payment(imp_uid)
            assert there.cancel_amount <= there.amount
            mine = [row for row in rows if row["imp_uid"] == imp_uid]
            assert sum(row["state"] in OPEN for row in mine) <= 1
            for row in mine:
                mark = f"[{row['nonce']}]"
                assert sum(mark in entry.reason for entry in there.cancel_history) <= 1

    def teardown(self):
        """The faults end, a day goes by: everything is certain, and both sides agree."""
        if not hasattr(self, "shop"):
            return
        shop = self.shop
        try:
            shop.sandbox.sandbox.faults.clear()
            for _ in range(30):
                shop.clock.now += HOUR
                until = time.monotonic() + 2
                while late_ones() and time.monotonic() < until:
                    time.sleep(0.01)
                shop.settle(hours=0.5)
            assert store.open_refunds(shop.db) == []
            check_invariants(shop)
            for refund, amount in self.wishes.items():
                row = shop.row(refund)
                there = shop.payment(row["imp_uid"])
                paid = [e for e in there.cancel_history if f"[{row['nonce']}]" in e.reason]
                assert [entry.amount for entry in paid] in ([], [amount])
                assert bool(paid) == (row["state"] == "succeeded" and row["match"] == "nonce")
        finally:
            type(self).end()


@pytest.fixture
def machine(tmp_path, _shop, _sandbox_shop, config):
    """The machine over a fresh shop and a fresh PortOne for each run."""
    opened: list = []
    runs = iter(range(10**6))

    def begin(before: Shop | None = None) -> Shop:
        if before is None:
            folder = tmp_path / f"run-{next(runs)}"
            folder.mkdir()
            shutil.copytree(_shop, folder / "instance")
            shutil.copy(_sandbox_shop[0], folder / "sandbox.db")
            clock = FakeClock()
            sandbox = SandboxServer(folder / "sandbox.db", clock=clock)
            sandbox.__enter__()
            opened.append(lambda: sandbox.__exit__(None, None, None))
            ours = replace(config, instance=folder / "instance", clock=clock, limits=SHORT)
        else:
            clock, sandbox, ours = before.clock, before.sandbox, before.runtime.config
        app = create_app(ours)
        app.test_client_class = Browser
        runtime = app.extensions["jangbu"]
        point_at(runtime, sandbox)
        db = connect(runtime.database_path)
        opened.append(db.close)
        shop = Shop(app, runtime, db, sandbox, clock, 1)
        shop.card_ids = [one["imp_uid"] for one in _sandbox_shop[1]["paid_card"][:2]]
        if before is None:
            with closing(connect(runtime.database_path)) as own, write(own):
                shop_settings.put(own, "sells_tax_free", "no")
        return shop

    def end() -> None:
        while opened:
            opened.pop()()

    yield type("Machine", (Refunds,), {"begin": staticmethod(begin), "end": staticmethod(end)})
    end()


@pytest.mark.timeout(0)  # as long as it was asked to play
def test_any_order_of_things(machine):
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            phases=(Phase.generate,),  # to make a failure smaller takes far longer than to find it
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
