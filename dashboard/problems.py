"""What keeps Jangbu from starting: one sentence for the owner, in both languages."""

from __future__ import annotations

from typing import IO, Any

import click


class CannotStart(click.ClickException):
    """Starting or a command stops here; the sentence says why and what to do.

    A click exception, so that ``flask --app app ...`` shows it without a traceback too.
    """

    exit_code = 1

    def __init__(self, korean: str, english: str) -> None:
        super().__init__(f"{korean} ({english})")
        self.korean = korean
        self.english = english

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the sentence, nothing around it."""
        click.echo(self.message, file=file, err=file is None)
