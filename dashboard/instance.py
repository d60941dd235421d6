"""The folder of one shop: databases, keys, logs. Knows the names in it and who may read them."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashboard.config import Mode
from dashboard.machine import make_private_dir, write_private

_DATABASE_NAMES: dict[Mode, str] = {"practice": "practice.db", "live": "live.db"}


@dataclass(frozen=True)
class Instance:
    """The instance folder at ``path``."""

    path: Path

    @classmethod
    def prepare(cls, path: Path) -> Instance:
        """Make the folder if it is missing, for this user's eyes only (SEC-59).

        :raise OSError: the folder cannot be made or written
        """
        make_private_dir(path)
        return cls(path)

    def database_path(self, mode: Mode) -> Path:
        return self.path / _DATABASE_NAMES[mode]

    @property
    def sandbox_path(self) -> Path:
        """State of the practice PortOne."""
        return self.path / "sandbox.db"

    @property
    def log_dir(self) -> Path:
        return self.path / "logs"

    def secret_key(self) -> str:
        """The key that signs sessions and forms: made at first use, kept, never a default."""
        path = self.path / "secret_key"
        if not path.exists():
            write_private(path, secrets.token_hex(32).encode(), exclusive=True)
        return path.read_text("ascii").strip()

    # -- what the owner chose ---------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """``mode``: the chosen one or None; ``made``: modes whose database was ever made."""
        path = self.path / "state.json"
        if not path.exists():
            return {"mode": None, "made": []}
        state: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return state

    def save_state(self, **changes: Any) -> None:
        state = self.state() | changes
        path = self.path / "state.json"
        fresh = path.with_suffix(".new")
        write_private(fresh, json.dumps(state).encode())
        os.replace(fresh, path)
