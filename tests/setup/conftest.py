"""A PortOne on loopback for the pages of the gateway."""

from __future__ import annotations

import pytest

from dashboard.keys import Keys
from dashboard.runtime import Runtime


@pytest.fixture
def portone(sandbox, monkeypatch):
    """The PortOne of the shop; ``portone.sandbox.faults`` makes it go wrong."""

    def client(runtime, limits=None):
        return runtime.client(sandbox.url, Keys(sandbox.key, sandbox.secret), limits)

    monkeypatch.setattr(Runtime, "portone", client)
    return sandbox


@pytest.fixture
def refused(portone):
    """PortOne refuses the key, as after somebody made a new one."""
    portone.sandbox.faults.script(
        count=None,
        execute="never",
        answer="status",
        status=401,
        headers={"Content-Type": "application/json"},
        body='{"code":-1,"message":"Unauthorized","response":null}',
    )
    return portone
