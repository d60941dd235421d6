"""The shop's PortOne keys at rest: the system's keyring, else a file only this user reads.

Never in the database, never shown again but for the last four characters (SEC-49, SEC-50).
"""

from __future__ import annotations

import importlib
import json
import logging
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from dashboard.instance import Instance

_log = logging.getLogger(__name__)

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
        found = self._from_keyring() or self._instance.load_json(_FILE)
        try:
            return Keys(**found) if found else None
        except TypeError:
            return None

    def save(self, keys: Keys) -> Where:
        """Keep the keys; answers where. A file from before the keyring goes away."""
        text = json.dumps(asdict(keys))
        ring = _real_keyring()
        try:
            if ring is not None:
                ring.set_password(_SERVICE, self._name, text)
                self._instance.remove(_FILE)
                return "keyring"
        except Exception:
            _log.warning("the keyring does not take the keys; a private file keeps them")
        self._instance.save_json(_FILE, asdict(keys))
        return "file"

    def place(self) -> Where:
        """Where kept keys are, or would be."""
        if (self._instance.path / _FILE).exists() or _real_keyring() is None:
            return "file"
        return "keyring"

    def _from_keyring(self) -> dict[str, Any] | None:
        ring = _real_keyring()
        try:
            text = ring.get_password(_SERVICE, self._name) if ring is not None else None
            return json.loads(text) if text else None
        except Exception:  # locked, or somebody said no: the file may know
            _log.warning("the keyring does not answer")
            return None


def _real_keyring() -> Any | None:
    """The system's own keyring; on Linux there is no dependable one, so a file it is."""
    try:
        keyring = importlib.import_module("keyring")
        backend = keyring.get_keyring()
    except Exception:  # a broken keyring must not keep the shop closed
        return None
    return keyring if type(backend).__module__.startswith(_REAL_BACKENDS) else None
