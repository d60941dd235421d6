"""The shop's KSNET channels, asked of PortOne while a page waits.

Source: PortOne V1, GET /users/pg; K47: outside receipts name the channel, too, where there is one.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass

from flask_babel import gettext as _

from dashboard.orders.live import QUICK
from dashboard.portone import Channel, PortOne, PortOneError
from dashboard.runtime import NoKeys, Runtime

_log = logging.getLogger(__name__)
_KEY = re.compile(r"[0-9A-Za-z_-]{1,100}")


@dataclass(frozen=True, kw_only=True)
class Channels:
    """``found`` are KSNET's; ``asked`` is False when PortOne could not be asked."""

    found: tuple[Channel, ...] = ()
    asked: bool = True

    @property
    def of_windows(self) -> Channels:
        """Those that open payment windows; one of another type takes API payments only."""
        return Channels(found=tuple(filter(is_for_windows, self.found)), asked=self.asked)

    def get(self, key: str) -> Channel | None:
        """The channel with this key."""
        return next((one for one in self.found if one.channel_key == key), None)

    def choices(self, typed: str = "") -> list[tuple[str, str]]:
        """For a select; what was chosen before stays choosable when nobody can be asked."""
        choices = [("", str(_("채널을 정하지 않음")))]
        choices += [(one.channel_key, _name(one)) for one in self.found]
        if not self.asked and typed and is_key(typed):
            choices.append((typed, typed))
        return choices

    @property
    def usual(self) -> str:
        """The key to start from: the first real channel's payment window, or ""."""
        real = [one for one in self.found if not one.sandbox]
        windows = [one for one in real if one.type == "payment"]
        return next((one.channel_key for one in (*windows, *real)), "")

    def may(self, key: str) -> bool:
        """Whether ``key`` may be sent."""
        if not key or not self.asked:
            return not key or is_key(key)
        return key in {one.channel_key for one in self.found}


def ask_channels(runtime: Runtime) -> Channels:
    """Ask PortOne for the shop's channels; without an answer there are none."""
    try:
        return read_channels(runtime.portone(QUICK))
    except NoKeys:
        return Channels(asked=False)
    except PortOneError as error:
        _log.info("the channels could not be asked for, why=%s", error.why)
        return Channels(asked=False)


def read_channels(portone: PortOne) -> Channels:
    """The shop's KSNET channels.

    :raise PortOneError: PortOne could not be asked
    """
    found = portone.channels()
    usable = (one for one in found if one.type != "certification" and is_key(one.channel_key))
    return Channels(found=tuple(one for one in usable if one.pg_provider == "ksnet"))


def is_for_windows(channel: Channel) -> bool:
    """Whether payment windows open in it; one whose type PortOne leaves out is given the benefit
    of the doubt."""
    return channel.type in ("payment", "")


def is_key(text: str) -> bool:
    """Whether it has the form of a channel's key."""
    return _KEY.fullmatch(text) is not None


def _name(one: Channel) -> str:
    name = " · ".join(filter(None, (one.channel_name, one.pg_id)))
    return str(_("%(name)s (테스트)", name=name)) if one.sandbox else name
