"""The wiring of practice mode: a PortOne on this PC, filled with a believable shop.

The one place of the product, beside the command line, that imports the sandbox (architecture).
"""

from __future__ import annotations

import secrets
from typing import Any

from dashboard.clock import Clock
from dashboard.instance import Instance

ORDERS = 400  # enough for a second page and every status; imported in seconds
_KEYS_FILE = "practice_keys.json"


def start_practice(instance: Instance, clock: Clock) -> Any:
    """Start the practice PortOne of ``instance`` on a loopback port of its own.

    Its key and secret are random and kept, so that a token survives a restart. KSNET's night
    hours (K5) are on: practice is where one meets them.
    """
    from dashboard import sandbox

    kinds: Any = sandbox
    keys = instance.load_json(_KEYS_FILE)
    if keys is None:
        keys = {"key": secrets.token_hex(8), "secret": secrets.token_hex(40)}
        instance.save_json(_KEYS_FILE, keys)
    path, fresh = instance.sandbox_path, not instance.sandbox_path.exists()
    if fresh:
        kinds.fill(path, seed=secrets.randbelow(2**31), orders=ORDERS, each=1, now=int(clock()))
    server = kinds.SandboxServer(
        path, port=0, key=keys["key"], secret=keys["secret"], clock=clock, night=True
    )
    server.start()
    return server
