"""How fast sights of payments are written down, beside the same rows ready-made.

``python -m tests.bench.apply [--payments 100000]``: the real apply path in one database and
``executemany`` in another, batch by batch in turn; schema, indexes and triggers are the same.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from contextlib import closing
from itertools import islice
from pathlib import Path

from dashboard.clock import system_clock
from dashboard.database import connect, write
from dashboard.migrations import migrations
from dashboard.orders.ledger import apply_payments
from dashboard.portone import Payment
from tests.bench.build import answers, put, rows

BATCH = 100  # payments in one answer of PortOne: what a synchronisation writes at once
TABLES = ("orders", "order_search", "payments", "payment_checks", "cancellations", "order_days")


def measure(payments: int, folder: Path) -> tuple[float, float]:
    """Seconds through the apply path, and by ``executemany``."""
    now = int(system_clock())
    applied_s = written_s = 0.0
    with (
        closing(connect(folder / "applied.db", create=True)) as applied,
        closing(connect(folder / "written.db", create=True)) as written,
    ):
        migrations.apply(applied)
        migrations.apply(written)
        source, first = answers(payments, now=now), 1
        while found := list(islice(source, BATCH)):
            sights = [Payment.from_json(one) for one in found]
            ready = rows(found, first_id=first, now=now)
            first += len(found)
            began = time.perf_counter()
            with write(applied):
                apply_payments(applied, sights, source="sync", now=now)
            middle = time.perf_counter()
            with write(written):
                put(written, ready)
            applied_s += middle - began
            written_s += time.perf_counter() - middle
        for table in TABLES:
            counts = [one.table(table).count for one in (applied, written)]
            if counts[0] != counts[1]:
                raise SystemExit(f"{table}: {counts[0]} rows applied, {counts[1]} written")
    return applied_s, written_s


def main(arguments: list[str] | None = None) -> tuple[float, float]:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--payments", type=int, default=100_000)
    payments = parser.parse_args(arguments).payments
    with tempfile.TemporaryDirectory() as folder:
        applied_s, written_s = measure(payments, Path(folder))
    print(
        f"{payments:,} payments: applied in {applied_s:.1f} s ({payments / applied_s:,.0f} /s),"
        f" ready-made rows written in {written_s:.1f} s ({payments / written_s:,.0f} /s):"
        f" {written_s / applied_s:.2f} of their speed"
    )
    return applied_s, written_s


if __name__ == "__main__":
    main()
