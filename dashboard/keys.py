"""The shop's PortOne keys at rest: the system's keyring, else a file only this user reads.

Never in the database, never shown again but for the last four characters (SEC-49, SEC-50).
"""

from __future__ import annotations

import importlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from dashboard.instance import Instance

_FILE = "portone_keys.json"
_SERVICE = "Jangbu PortOne"
_REAL_BACKENDS = ("keyring.backends.Windows", "keyring.backends.macOS")

Where = Literal["environment", "keyring", "file"]


@dataclass(frozen=True)
class Keys:
    """REST API key and secret; neither shows in ``repr``."""

    imp_key: str = field(repr=False)
    imp_secret: str = field(repr=False)

    @property
    def tail(self) -> str:
        """The last four characters of the key: enough to tell two keys apart."""
        return self.imp_key[-4:]


class KeyStore:
    """Where one instance keeps its keys."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._name = str(instance.path)

    def load(self) -> Keys | None:
        """The kept keys, or None."""
        ring = _real_keyring()
        text = ring.get_password(_SERVICE, self._name) if ring is not None else None
        found = json.loads(text) if text else self._instance.load_json(_FILE)
        try:
            return Keys(**found) if found else None
        except TypeError:
            return None

    def save(self, keys: Keys) -> Where:
        """Keep the keys; answers where. A file from before the keyring goes away."""
        text = json.dumps(asdict(keys))
        ring = _real_keyring()
        if ring is None:
            self._instance.save_json(_FILE, asdict(keys))
            return "file"
        ring.set_password(_SERVICE, self._name, text)
        self._instance.remove(_FILE)
        return "keyring"

    def place(self) -> Where:
        """Where kept keys are, or would be."""
        return "file" if _real_keyring() is None else "keyring"


def _real_keyring() -> Any | None:
    """The system's own keyring; on Linux there is no dependable one, so a file it is."""
    try:
        keyring = importlib.import_module("keyring")
        backend = keyring.get_keyring()
    except Exception:  # a broken keyring must not keep the shop closed
        return None
    return keyring if type(backend).__module__.startswith(_REAL_BACKENDS) else None
