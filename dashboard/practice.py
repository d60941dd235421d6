"""The wiring of practice mode: a PortOne on this PC, filled with a believable shop.

The one place of the product, beside the command line, that imports the sandbox (architecture).
"""

from __future__ import annotations

import os
import secrets
from contextlib import closing
from typing import Any

import requests

from dashboard.clock import Clock
from dashboard.instance import Instance
from dashboard.machine import make_private_file
from dashboard.sandbox import SandboxServer, fill
from dashboard.sandbox.born import LIVE_MID
from dashboard.sandbox.world import CHANNEL_KEY, MERCHANT_CODE

ORDERS = 400  # enough for a second page and every status; imported in seconds
_KEYS_FILE = "practice_keys.json"
_TIMEOUT_S = 20

MISBEHAVIOURS: dict[str, dict[str, Any]] = {
    "silent": {"execute": "never", "answer": "hang", "hang_s": 60},
    "slow": {"delay_s": 4},
    "key": {
        "execute": "never",
        "answer": "status",
        "status": 401,
        "headers": {"Content-Type": "application/json"},
        "body": '{"code":-1,"message":"Unauthorized","response":null}',
    },
}
"""What the practice page can make PortOne do wrong, as scripts of the sandbox."""


class Practice:
    """The running practice PortOne and what may be made to happen at it."""

    merchant_code = MERCHANT_CODE
    channel_key = CHANNEL_KEY
    pg_mid = LIVE_MID

    def __init__(self, server: SandboxServer) -> None:
        self._server = server
        self.url, self.key, self.secret = server.url, server.key, server.secret

    def new_orders(self, count: int) -> None:
        """Let ``count`` buyers order now."""
        self._control("POST", "/orders", {"count": count})

    def deposit(self) -> str | None:
        """Let the latest buyer who owes a deposit pay it; answers the order number, if any."""
        found = self._latest("status = 'ready' AND pay_method = 'vbank' AND sandbox = 0")
        if found is None:
            return None
        self._control("POST", "/deposit", {"imp_uid": found["imp_uid"]})
        return found["merchant_uid"]

    def deposit_for(self, imp_uid: str) -> None:
        """Let the buyer of this payment pay into its account.

        :raise requests.HTTPError: the account does not wait for a deposit
        """
        self._control("POST", "/deposit", {"imp_uid": imp_uid})

    def cancel_part(self) -> str | None:
        """Cancel a part of the latest card payment at the console; answers the order number."""
        found = self._latest(
            "status = 'paid' AND pay_method = 'card' AND currency = 'KRW' AND sandbox = 0"
            " AND amount - cancel_amount >= 2000"
        )
        if found is None:
            return None
        self._control("POST", "/console-cancel", {"imp_uid": found["imp_uid"], "amount": 1000})
        return found["merchant_uid"]

    def misbehave(self, kind: str, count: int) -> None:
        """Answer the next ``count`` requests wrongly.

        :param kind: a name of :data:`MISBEHAVIOURS`
        """
        self._control("POST", "/faults", {"count": count, **MISBEHAVIOURS[kind]})

    def behave(self) -> None:
        """Answer rightly again."""
        self._control("DELETE", "/faults")

    def waiting(self) -> int:
        """How many requests will still be answered wrongly."""
        scripts = self._control("GET", "/faults")
        return sum(script["count"] - script["used"] for script in scripts)

    def stop(self) -> None:
        """Close the port."""
        self._server.stop()

    def _latest(self, condition: str) -> dict[str, str] | None:
        with closing(self._server.sandbox.store.connect()) as db:
            row = db.execute(
                "SELECT imp_uid, merchant_uid FROM payments WHERE "  # noqa: S608 - the two above
                f"{condition} ORDER BY started_at DESC, id DESC LIMIT 1"
            ).fetchone()
        return None if row is None else dict(row)

    def _control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(
                method,
                f"{self.url}/_control{path}",
                json=body,
                headers={"X-Control-Token": self._server.control_token},
                timeout=_TIMEOUT_S,
                allow_redirects=False,
            )
        answer.raise_for_status()
        return answer.json()["response"]


def start_practice(instance: Instance, clock: Clock) -> Practice:
    """Start the practice PortOne of ``instance`` on a loopback port of its own.

    Its key and secret are random and kept, so that a token survives a restart. KSNET's night
    hours (K5) are on: practice is where one meets them.
    """
    keys = instance.load_json(_KEYS_FILE)
    if keys is None:
        keys = {"key": f"{secrets.randbelow(10**16):016d}", "secret": secrets.token_hex(40)}
        instance.save_json(_KEYS_FILE, keys)
    if not instance.sandbox_path.exists():
        _make_shop(instance, clock)
    server = SandboxServer(
        instance.sandbox_path, key=keys["key"], secret=keys["secret"], clock=clock, night=True
    )
    server.start()
    return Practice(server)


def _make_shop(instance: Instance, clock: Clock) -> None:
    """Fill a file under another name: a start that is cut short leaves no half shop."""
    fresh = instance.sandbox_path.with_suffix(".new")
    for leftover in (
        fresh,
        fresh.with_name(f"{fresh.name}-wal"),
        fresh.with_name(f"{fresh.name}-shm"),
    ):
        leftover.unlink(missing_ok=True)
    make_private_file(fresh)
    fill(fresh, seed=secrets.randbelow(2**31), orders=ORDERS, each=1, now=int(clock()))
    os.replace(fresh, instance.sandbox_path)
