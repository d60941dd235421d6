"""One process that asks for a refund and sends it, and dies at a named point (refund-safety, 1.5).

``python -m tests.refunds.one_refund POINT`` reads what it needs to know as JSON from stdin.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

from dashboard import create_app
from dashboard.config import Config
from dashboard.database import connect
from dashboard.portone import RefundAccount
from dashboard.refunds import resolving, sending, service, store, tasks
from tests.conftest import FakeClock
from tests.refunds.conftest import SHORT, Shop, point_at


def die(*_args: object, **_kwargs: object) -> None:
    """As hard as the machine can."""
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))


def after(function):
    def call(*args, **kwargs):
        function(*args, **kwargs)
        die()

    return call


def main(point: str) -> None:
    told = json.load(sys.stdin)
    clock = FakeClock(told["now"])
    app = create_app(Config(instance=Path(told["instance"]), clock=clock, limits=SHORT))
    runtime = app.extensions["jangbu"]
    point_at(runtime, SimpleNamespace(url=told["url"], key=told["key"], secret=told["secret"]))
    portone = runtime.portone()
    if point == "C1":
        store.add = after(store.add)
    elif point == "C3":
        portone.cancel_part = portone.cancel_all = die
    elif point == "C5":
        sending._keep_answer = die
    elif point == "C6":
        resolving._succeed = die
    elif point == "C8":
        tasks.owe_receipts = after(tasks.owe_receipts)
    with closing(connect(runtime.database_path)) as db:
        shop = Shop(app, runtime, db, None, clock, told["person_id"])
        account = RefundAccount(**told["account"]) if told["account"] else None
        shop.ask(told["imp_uid"], told["amount"], account=account)
        if point == "C2":
            die()
        service.work(runtime, db)
        if point == "C7":
            die()


if __name__ == "__main__":
    main(*sys.argv[1:])
