"""What an installation can set: typed, with defaults, units beside the numbers."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from dashboard.clock import Clock, system_clock
from dashboard.portone.address import check_base_url
from dashboard.portone.limits import Limits
from dashboard.problems import CannotStart

Mode = Literal["practice", "live"]
"""A database belongs to one mode for its whole life."""

PORTONE_URL = "https://api.iamport.kr"
ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, kw_only=True)
class Config:
    """The settings of one process.

    ``imp_key`` and ``imp_secret`` come from the environment only; keys typed in the browser are
    kept by :class:`dashboard.instance.Instance`.
    """

    instance: Path = ROOT / "instance"
    host: str = "127.0.0.1"
    port: int = 5000
    public_port: int | None = None  # of the buyers' pages; None: the one after, or a free one
    mode: Mode | None = None  # forces a mode for this process; None: what the owner chose
    imp_key: str | None = None
    imp_secret: str | None = field(default=None, repr=False)
    portone_url: str = PORTONE_URL
    clock: Clock = system_clock
    testing: bool = False

    sync_every_s: int = 180  # background sync
    idle_session_s: int = 30 * 60  # SEC-16
    absolute_session_s: int = 12 * 60 * 60  # SEC-16
    looks_per_minute: int = 200  # of one person, SEC-66

    # Source of the six numbers below: refund-safety, 1.3 and 1.4.
    limits: Limits = Limits()  # of one call to PortOne
    t_settle_s: int = 120  # from the end of a call to believing that it did nothing
    t_settle_slow_s: int = 900  # the same, after the gateway itself spoke of a timeout
    min_equal_checks_gap_s: int = 30  # between the two equal looks that are believed
    check_pauses_s: tuple[int, ...] = (5, 15, 60, 300, 900, 3600)  # the last one for ever
    intent_life_s: int = 600  # a refund not sent within this time is not sent any more

    @property
    def keys_given(self) -> bool:
        """Whether the environment brought both halves of the API key."""
        return bool(self.imp_key and self.imp_secret)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None, **given: object) -> Config:
        """Read ``JANGBU_*``; what ``given`` names wins over the environment.

        :raise CannotStart: ``JANGBU_PORTONE_URL`` is neither https nor this PC, or one half of
            the key is missing
        """
        env = os.environ if environ is None else environ
        found: dict[str, object] = {}
        if value := env.get("JANGBU_INSTANCE"):
            found["instance"] = Path(value).expanduser().resolve()
        if value := env.get("JANGBU_IMP_KEY"):
            found["imp_key"] = value
        if value := env.get("JANGBU_IMP_SECRET"):
            found["imp_secret"] = value
        if value := env.get("JANGBU_PORTONE_URL"):
            found["portone_url"] = checked_portone_url(value)
        if ("imp_key" in found) != ("imp_secret" in found):
            raise CannotStart(
                "JANGBU_IMP_KEY와 JANGBU_IMP_SECRET은 둘 다 있거나 둘 다 없어야 합니다.",
                "Set both JANGBU_IMP_KEY and JANGBU_IMP_SECRET, or neither.",
            )
        return cls(**(found | given))  # type: ignore[arg-type]


def checked_portone_url(url: str) -> str:
    """The address of another PortOne: https on the public internet, or this PC (SEC-46).

    :raise CannotStart: anything else
    """
    try:
        return check_base_url(url).url
    except ValueError as error:
        raise CannotStart(
            "JANGBU_PORTONE_URL은 https:// 주소이거나 이 PC의 http://127.0.0.1 주소여야 합니다.",
            "JANGBU_PORTONE_URL must be an https:// address, or http://127.0.0.1 on this PC.",
        ) from error
