"""A far side per test, and clients with short limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from hypothesis import settings

from dashboard.portone import Limits, PortOne
from tests.portone.far_side import KEY, SECRET, FarSide, Step

settings.register_profile("unhurried", deadline=None)  # two busy cores are no bug
settings.load_profile("unhurried")

SHORT = Limits(connect_s=0.5, read_s=0.4, total_s=8)


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
