"""The practice shop from end to end: every kind of payment PortOne's sandbox makes opens whole."""

from __future__ import annotations

import json

import pytest

from dashboard.database import write
from dashboard.orders.ledger import apply_payments
from dashboard.portone import Payment, PortOne
from dashboard.sandbox import SandboxServer, fill

DAY = 86_400


@pytest.fixture
def practice(app, clock, tmp_path):
    """The sandbox with a small believable shop in it, as the app's PortOne; the client."""
    path = tmp_path / "practice.db"
    fill(path, seed=7, orders=120, each=1, now=int(clock.now))
    server = SandboxServer(path, clock=clock)
    server.start()
    one = PortOne(server.url, server.key, server.secret, clock=clock)
    app.extensions["jangbu"].portone = lambda _limits=None: one
    yield one
    server.stop()


@pytest.fixture
def imported(db, clock, practice) -> list[Payment]:
    """Three years of the sandbox's payments, in the ledger."""
    payments: list[Payment] = []
    end = int(clock.now)
    for start in range(end - 3 * 366 * DAY, end, 90 * DAY):
        window = {"from_at": start, "to_at": min(start + 90 * DAY - 1, end)}
        payments.extend(practice.list_payments(**window, limit=1000).payments)
    with write(db):
        apply_payments(db, payments, source="sync", now=end)
    return payments


def _kind(row) -> tuple:
    """What tells one kind of order from another on the page."""
    names = ("state", "pay_method", "emb_pg_provider", "sandbox", "currency", "escrow")
    return (*(row[name] for name in names), row["attempt_count"] > 1, row["cancel_count"] > 1)


def test_one_order_of_every_kind_opens_and_agrees_with_portone(client, db, imported):
    rows = {_kind(row): row["id"] for row in db.conn.execute("SELECT * FROM orders")}
    assert len(rows) > 20
    assert {kind[0] for kind in rows} >= {"waiting", "paid", "partial", "cancelled", "failed"}
    for language in ("ko", "en"):
        with write(db):
            db.conn.execute("UPDATE people SET language = ?", (language,))
        for kind, order_id in rows.items():
            path = f"/orders/{order_id}"
            assert client.get(path).status_code == 200, kind
            token = client.csrf(path)
            headers = {"X-Fragment": "1"}
            asked = client.post(f"{path}/live", data={"csrf_token": token}, headers=headers)
            page = asked.get_data(as_text=True)
            assert asked.status_code == 200, kind
            assert 'class="truth is-paid"' in page, (kind, page[page.index("<form") :][:900])
    assert json.dumps([row["kind"] for row in db["events"].rows]).count("payment.changed") == 0
