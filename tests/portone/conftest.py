"""A far side per test, and clients with short limits."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from dashboard.portone import Limits, PortOne
from dashboard.sandbox import SandboxServer, fill
from tests.portone.far_side import KEY, SECRET, FarSide, Step

NOW = 1_787_288_700  # 2026-08-21 14:05 in Korea
SHORT = Limits(connect_s=3, read_s=2, total_s=20)  # a busy core may take its time


@pytest.fixture
def far() -> Iterator[Callable[..., FarSide]]:
    """``far(step, step, tokens=[...])``: a server with that script."""
    with ExitStack() as stack:

        def start(*script: Step, tokens: tuple[Step, ...] = ()) -> FarSide:
            return stack.enter_context(FarSide(*script, tokens=tokens))

        yield start


@pytest.fixture
def pauses() -> list[float]:
    """The pauses a client asked for, in seconds; none is slept."""
    return []


@pytest.fixture
def client(pauses: list[float]) -> Callable[..., PortOne]:
    """``client(far_side)``, with limits short enough for tests."""

    def make(
        far: FarSide | str,
        *,
        limits: Limits = SHORT,
        clock: Callable[[], float] | None = None,
        sleep: Callable[[float], None] | None = None,
    ) -> PortOne:
        url = far if isinstance(far, str) else far.url
        kwargs = {"clock": clock} if clock else {}
        return PortOne(url, KEY, SECRET, limits=limits, sleep=sleep or pauses.append, **kwargs)

    return make


@pytest.fixture(scope="session")
def _filled_shop(tmp_path_factory) -> tuple[Path, dict[str, Any]]:
    path = tmp_path_factory.mktemp("shop") / "sandbox.db"
    return path, fill(path, seed=11, orders=260, each=3, now=NOW)


@pytest.fixture
def fixture(_filled_shop) -> dict[str, Any]:
    """The payments of the sandbox by kind."""
    return _filled_shop[1]


@pytest.fixture
def server(tmp_path: Path, _filled_shop) -> Iterator[SandboxServer]:
    """A real sandbox at a standing clock."""
    path = tmp_path / "sandbox.db"
    shutil.copy(_filled_shop[0], path)
    with SandboxServer(path, clock=lambda: NOW) as started:
        yield started


@pytest.fixture
def portone(server: SandboxServer, pauses: list[float]) -> PortOne:
    """The shop's client, its clock standing beside the sandbox's."""
    return PortOne(
        server.url, server.key, server.secret, clock=lambda: NOW, sleep=pauses.append, limits=SHORT
    )
