"""Orders on the shelf before a test begins."""

from __future__ import annotations

import pytest

from dashboard.database import write
from dashboard.orders.ledger import apply_payments


@pytest.fixture
def put(db, clock):
    """Put payments into the ledger as a sync would; answers the last one's order id."""

    def put(*payments) -> int:
        with write(db):
            return apply_payments(db, payments, source="sync", now=int(clock.now))[-1].order_id

    return put
