"""`flask --app app ...`: its commands are loaded when somebody asks for one, not by every start."""

from __future__ import annotations

from click import Command, Context
from flask import Flask
from flask.cli import AppGroup


class Commands(AppGroup):
    """The commands of ``commands.py``."""

    def __init__(self, app: Flask) -> None:
        super().__init__(name=app.name)
        self._loaded = False

    def list_commands(self, ctx: Context) -> list[str]:
        self._load()
        return super().list_commands(ctx)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        self._load()
        return super().get_command(ctx, cmd_name)

    def _load(self) -> None:
        if not self._loaded:
            from dashboard.commands import attach_to

            self._loaded = True
            attach_to(self)


def init_app(app: Flask) -> None:
    """Attach to the application."""
    app.cli = Commands(app)
