"""How long the first import takes, and how soon the newest page stands after it.

``python -m tests.bench.import_orders --orders 1000 100000``: a sandbox of so many orders on this
PC, read over HTTP into a database of its own; prints one line for each size.
"""

from __future__ import annotations

import argparse
import secrets
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from dashboard import create_app
from dashboard.accounts import service as accounts
from dashboard.config import Config
from dashboard.database import connect
from dashboard.instance import Instance
from dashboard.portone import PortOne
from dashboard.sandbox import SandboxServer, fill
from dashboard.shopfile import make_ready
from dashboard.sync import service, store
from tests.conftest import Browser

LOOKS = 15


class Measured(NamedTuple):
    """Seconds, but for what says otherwise."""

    orders: int
    payments: int
    fill_s: float
    first_s: float
    regular_s: float
    daily_s: float
    newest_page_ms: float
    search_ms: float
    megabytes: float


def measure(orders: int, folder: Path) -> Measured:
    """Fill a sandbox, import it, and look at the list."""
    now = int(time.time())
    keys = {"key": secrets.token_hex(8), "secret": secrets.token_hex(40)}
    began = time.perf_counter()
    fill(folder / "sandbox.db", seed=1, orders=orders, each=1, now=now)
    fill_s = time.perf_counter() - began
    server = SandboxServer(folder / "sandbox.db", **keys)
    server.start()
    try:
        instance = Instance.prepare(folder / "instance")
        instance.save_state(mode="practice")
        path = make_ready(instance, "practice", now)
        with closing(connect(path)) as db:
            client = PortOne(server.url, keys["key"], keys["secret"])
            first_s = _run(db, client, "first")
            regular_s = _run(db, client, "regular")
            daily_s = _run(db, client, "daily")
            payments = db.table("payments").count
            accounts.add_person(db, "owner", "owner", secrets.token_hex(16), now)
            page_ms, search_ms = _look(Config(instance=instance.path, testing=True), db)
    finally:
        server.stop()
    size = path.stat().st_size / 1e6
    return Measured(orders, payments, fill_s, first_s, regular_s, daily_s, page_ms, search_ms, size)


def _run(db, client, kind) -> float:
    began = time.perf_counter()
    service.request_sync(db, kind, None, int(time.time()))
    service.run_open(db, lambda: client, owner="command:bench", clock=time.time)
    row = store.last_run(db)
    if row["state"] != "done":
        raise SystemExit(f"the {kind} run ended {row['state']}: {row['error']}")
    return time.perf_counter() - began


def _look(config: Config, db) -> tuple[float, float]:
    """Median milliseconds of the newest page and of a search."""
    app = create_app(config)
    app.test_client_class = Browser
    client = app.test_client().become(accounts.find_person_by_name(db, "owner"))
    return _median_ms(client, "/orders"), _median_ms(client, "/orders?q=선물")


def _median_ms(client, url: str) -> float:
    times = []
    for _look in range(LOOKS):
        began = time.perf_counter()
        answer = client.get(url)
        times.append((time.perf_counter() - began) * 1000)
        if answer.status_code != 200:
            raise SystemExit(f"{url} answered {answer.status}")
    return statistics.median(times)


def main(arguments: list[str] | None = None) -> list[Measured]:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, nargs="+", default=[1000])
    found = []
    for orders in parser.parse_args(arguments).orders:
        with tempfile.TemporaryDirectory() as folder:
            found.append(measured := measure(orders, Path(folder)))
        print(
            f"{measured.orders:>7,} orders, {measured.payments:>7,} payments: "
            f"filled in {measured.fill_s:.1f} s, imported in {measured.first_s:.1f} s, "
            f"regular run {measured.regular_s:.2f} s, daily run {measured.daily_s:.1f} s, "
            f"newest page {measured.newest_page_ms:.0f} ms, search {measured.search_ms:.0f} ms, "
            f"database {measured.megabytes:.0f} MB"
        )
    return found


if __name__ == "__main__":
    main()
