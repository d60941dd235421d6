"""What one running process holds: its settings, its folder, the current mode, PortOne."""

from __future__ import annotations

import hmac
import secrets
import threading
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

from flask import current_app
from sqlite_utils import Database

from dashboard import shopfile
from dashboard.clock import Clock
from dashboard.config import Config, Mode
from dashboard.database import path_of
from dashboard.instance import Instance
from dashboard.keys import Keys, KeyStore, Where
from dashboard.portone import Limits, PortOne, ReceiptFor, RefundAccount

if TYPE_CHECKING:
    from dashboard.practice import Practice


class NoKeys(Exception):
    """Live mode, and neither the environment nor this instance has the shop's API keys."""


class OtherShop(Exception):
    """The owner has opened the other mode's database: nothing of this one may be sent there."""


class Runtime:
    """``app.extensions["jangbu"]``; one per application."""

    def __init__(self, config: Config, instance: Instance) -> None:
        self.config = config
        self.instance = instance
        self.run_id = secrets.token_hex(8)  # tells this process from any other that answers
        self.setup_token: str | None = None  # SEC-22: set by `python app.py` in the first run
        self._forced: Mode | None = config.mode
        self._lock = threading.RLock()
        self._clients: dict[tuple[str, Keys, Limits | None], PortOne] = {}
        self._practice: Practice | None = None
        self.key_store = KeyStore(instance)
        self.started_at = self.now()
        self.wake = threading.Event()  # something waits for the background worker
        self.refunds_in_flight: set[str] = set()  # ids this process is sending now
        self.refunds_recovered: set[Path] = set()  # files whose left-overs were looked at
        # Receiving accounts of virtual-account refunds, by refund: in memory only (SEC-56).
        self.refund_accounts: dict[str, RefundAccount] = {}
        # Whom receipts that are about to leave are for, by receipt: in memory only (SEC-55).
        self.receipt_subjects: dict[str, ReceiptFor] = {}
        self.receipts_in_flight: set[str] = set()
        self.receipts_recovered: set[Path] = set()
        self.receipts_look_after = 0  # the next look for missing ones, UNIX seconds
        self.public_port: int | None = None  # where buyers' pages are served, once they are
        self.webhooks_asked: deque[int] = deque()  # when PortOne was asked because of one
        self.asks_again: dict[str, int] = {}  # by request: not before this moment, UNIX seconds

    @property
    def clock(self) -> Clock:
        return self.config.clock

    def now(self) -> int:
        """The present moment, whole UNIX seconds."""
        return int(self.config.clock())

    # -- mode -------------------------------------------------------------------------------

    @property
    def chosen_mode(self) -> Mode | None:
        """Practice or live; None until the owner has chosen. Keys in the environment choose."""
        if self._forced is not None:
            return self._forced
        mode: Mode | None = self.instance.state()["mode"]
        if mode is None and self.config.keys_given:
            return "live"
        return mode

    @property
    def mode(self) -> Mode:
        """The mode whose database is open. Until the owner has chosen, the practice one."""
        return self.chosen_mode or "practice"

    @property
    def database_path(self) -> Path:
        return self.instance.database_path(self.mode)

    def make_ready(self) -> Path:
        """The current mode's database: made if it never was, looked over if it is there.

        What decided the mode of a fresh folder (``--practice``, keys in the environment) is kept.

        :raise CannotStart: the file is missing, damaged or not ours
        """
        with self._lock:
            path = shopfile.make_ready(self.instance, self.mode, self.now())
            if self.chosen_mode is not None and self.instance.state()["mode"] is None:
                self.instance.save_state(mode=self.chosen_mode)
            return path

    def choose(self, mode: Mode) -> None:
        """Open the other database from now on; people and shop facts come along.

        :raise CannotStart: that mode's database is missing, damaged or not ours
        """
        with self._lock:
            shopfile.make_ready(self.instance, mode, self.now())
            self.instance.save_state(mode=mode)
            self._forced = None

    @property
    def mode_was_decided(self) -> bool:
        """Whether ``--practice`` or keys in the environment chose, so that nobody is asked."""
        return self._forced is not None or self.config.keys_given

    # -- first run --------------------------------------------------------------------------

    def is_setup_token(self, given: str) -> bool:
        """Whether ``given`` is this start's one-time token; compared in constant time."""
        expected = self.setup_token
        return expected is not None and hmac.compare_digest(given.encode(), expected.encode())

    # -- PortOne ----------------------------------------------------------------------------

    def keys(self) -> tuple[Keys, Where] | None:
        """The shop's own keys and where they come from; None when there are none."""
        if self.config.keys_given:
            return Keys(self.config.imp_key or "", self.config.imp_secret or ""), "environment"
        kept = self.key_store.load()
        return None if kept is None else (kept, self.key_store.place())

    def portone(self, limits: Limits | None = None) -> PortOne:
        """PortOne of the current mode; one client, so one token, per process and limits.

        :param limits: of each call; None: those of the settings
        :raise NoKeys: live mode without keys
        """
        limits = limits or self.config.limits
        if self.mode == "practice":
            practice = self.practice
            return self.client(practice.url, Keys(practice.key, practice.secret), limits)
        found = self.keys()
        if found is None:
            raise NoKeys
        return self.client(self.config.portone_url, found[0], limits)

    def client(self, url: str, keys: Keys, limits: Limits | None = None) -> PortOne:
        """The client for these keys, made once.

        :raise ValueError: keys that cannot be sent
        """
        with self._lock:
            name = (url, keys, limits)
            if name not in self._clients:
                self._clients[name] = PortOne(
                    url, keys.imp_key, keys.imp_secret, clock=self.clock, limits=limits
                )
            return self._clients[name]

    @property
    def clock_skew(self) -> float | None:
        """Seconds this PC's clock is ahead of PortOne's; None before the first answer."""
        with self._lock:
            measured = [client.clock_skew for client in self._clients.values()]
        return next((skew for skew in reversed(measured) if skew is not None), None)

    @property
    def practice(self) -> Practice:
        """The PortOne of practice mode: on this PC, started and filled at first use."""
        with self._lock:
            if self._practice is None:
                from dashboard.practice import start_practice  # its PortOne is not for the start

                self._practice = start_practice(self.instance, self.clock)
            return self._practice

    def close(self) -> None:
        """End what this process started for itself."""
        with self._lock:
            self._clients.clear()
            practice, self._practice = self._practice, None
        if practice is not None:
            practice.stop()


def runtime() -> Runtime:
    """The current application's runtime."""
    found: Runtime = current_app.extensions["jangbu"]
    return found


def portone_of(runtime: Runtime, db: Database, limits: Limits | None = None) -> PortOne:
    """PortOne of the mode an open database belongs to.

    :raise NoKeys: live mode without keys
    :raise OtherShop: the modes were changed in this moment
    """
    client = runtime.portone(limits) if limits else runtime.portone()
    if path_of(db).resolve() != runtime.database_path.resolve():
        raise OtherShop
    return client
