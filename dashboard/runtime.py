"""What one running process holds: its settings, its folder, the current mode, PortOne."""

from __future__ import annotations

from pathlib import Path

from flask import current_app

from dashboard.clock import Clock
from dashboard.config import Config, Mode
from dashboard.instance import Instance


class Runtime:
    """``app.extensions["jangbu"]``; one per application."""

    def __init__(self, config: Config, instance: Instance) -> None:
        self.config = config
        self.instance = instance

    @property
    def clock(self) -> Clock:
        return self.config.clock

    def now(self) -> int:
        """The present moment, whole UNIX seconds."""
        return int(self.config.clock())

    @property
    def chosen_mode(self) -> Mode | None:
        """Practice or live; None until the owner has chosen."""
        if self.config.mode is not None:
            return self.config.mode
        mode: Mode | None = self.instance.state()["mode"]
        return mode

    @property
    def mode(self) -> Mode:
        """The mode whose database is open. Until the owner has chosen, the practice one."""
        return self.chosen_mode or "practice"

    @property
    def database_path(self) -> Path:
        return self.instance.database_path(self.mode)


def runtime() -> Runtime:
    """The current application's runtime."""
    found: Runtime = current_app.extensions["jangbu"]
    return found
