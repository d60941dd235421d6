"""One process that brings payments in, and dies in the middle when told to.

``python -m tests.sync.one_run DATABASE [STATEMENT]``: kills itself, as hard as the machine can,
right before its STATEMENT-th SQL statement.
"""

import os
import signal
import sys
from pathlib import Path

from dashboard.database import connect
from dashboard.sync import plan, run, service
from tests.conftest import FakeClock
from tests.orders.payments import NOON
from tests.sync.portone import Shelf

PAYMENTS = 90
PAGE = 20


def main(path: str, last: str = "") -> None:
    plan.PAGE_SIZE = run.PAGE_SIZE = PAGE
    db = connect(Path(path))
    left = int(last or 0)

    def count(_statement: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))

    if left:
        db.conn.set_trace_callback(count)
    clock = FakeClock(NOON + 600)
    service.request_sync(db, None, None, int(clock.now))
    service.run_open(
        db, lambda: Shelf(PAYMENTS), owner=service.new_owner("worker"), clock=clock, kin="worker:"
    )
    db.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
