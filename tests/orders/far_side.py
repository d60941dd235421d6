"""PortOne's side of one question, standing in for the client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from dashboard.portone import Payment
from dashboard.runtime import NoKeys, Runtime


class Batch(NamedTuple):
    payments: tuple[Payment, ...]


class FarSide:
    """Answers the payments it was given, or fails with ``error``; remembers what it was asked."""

    def __init__(self, *payments: dict[str, Any], error: Exception | None = None) -> None:
        self.payments = {one["imp_uid"]: Payment.from_json(one) for one in payments}
        self.error = error
        self.asked: list[list[str]] = []
        self.before: Callable[[], None] = lambda: None  # what happens while the answer travels

    def stand(self, monkeypatch: pytest.MonkeyPatch) -> FarSide:
        """Be the PortOne of every application until the test ends."""
        monkeypatch.setattr(Runtime, "portone", lambda _runtime, limits=None: self._client(limits))
        return self

    def _client(self, limits: Any) -> FarSide:
        if isinstance(self.error, NoKeys):
            raise self.error
        assert limits is not None and limits.total_s <= 10  # a page is waiting
        return self

    def get_payments(self, imp_uids: list[str]) -> Batch:
        self.asked.append(imp_uids)
        if self.error:
            raise self.error
        found = tuple(self.payments[uid] for uid in imp_uids if uid in self.payments)
        self.before()
        return Batch(found)
