"""One filled shop, copied for each test; its clock stands at 2026-08-21 14:05 in Korea."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from dashboard.sandbox import SandboxServer, fill
from tests.sandbox.caller import Caller

NOW = 1_787_288_700


@pytest.fixture(scope="session")
def _filled(tmp_path_factory) -> tuple[Path, dict[str, Any]]:
    path = tmp_path_factory.mktemp("sandbox") / "sandbox.db"
    return path, fill(path, seed=7, orders=300, each=3, now=NOW)


@pytest.fixture
def fixture(_filled) -> dict[str, Any]:
    return _filled[1]


@pytest.fixture
def server(tmp_path: Path, _filled):
    path = tmp_path / "sandbox.db"
    shutil.copy(_filled[0], path)
    with SandboxServer(path, clock=lambda: NOW) as server:
        yield server


@pytest.fixture
def caller(server: SandboxServer):
    caller = Caller(server)
    yield caller
    caller.close()
