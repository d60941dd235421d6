"""What an installation can set: typed, with defaults, units beside the numbers."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from dashboard.clock import Clock, system_clock

Mode = Literal["practice", "live"]
"""A database belongs to one mode for its whole life."""

PORTONE_URL = "https://api.iamport.kr"
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, kw_only=True)
class Config:
    """The settings of one process.

    ``imp_key`` and ``imp_secret`` come from the environment only; keys typed in the browser are
    kept by :class:`dashboard.instance.Instance`.
    """

    instance: Path = ROOT / "instance"
    host: str = "127.0.0.1"
    port: int = 5000
    mode: Mode | None = None  # forces a mode for this process; None: what the owner chose
    imp_key: str | None = None
    imp_secret: str | None = field(default=None, repr=False)
    portone_url: str = PORTONE_URL
    clock: Clock = system_clock
    testing: bool = False

    sync_every_s: int = 180  # background sync
    idle_session_s: int = 30 * 60  # SEC-16
    absolute_session_s: int = 12 * 60 * 60  # SEC-16

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None, **given: object) -> Config:
        """Read ``JANGBU_*``; what ``given`` names wins over the environment."""
        env = os.environ if environ is None else environ
        found: dict[str, object] = {}
        if value := env.get("JANGBU_INSTANCE"):
            found["instance"] = Path(value).expanduser().resolve()
        if value := env.get("JANGBU_IMP_KEY"):
            found["imp_key"] = value
        if value := env.get("JANGBU_IMP_SECRET"):
            found["imp_secret"] = value
        if value := env.get("JANGBU_PORTONE_URL"):
            found["portone_url"] = value
        return cls(**(found | given))  # type: ignore[arg-type]
