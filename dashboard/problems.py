"""What keeps Jangbu from starting: one sentence for the owner, in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any, Literal

import click

Kind = Literal["missing", "damaged", "record", "unwritable"]
"""What was noticed about a database: it is gone, cannot be read, its record of events is broken,
or it cannot be written."""


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


class NeedsRecovery(CannotStart):
    """The shop's database cannot be opened: `python app.py` then shows the recovery page (F59-F62).

    :param file: the database; nothing in its folder was changed
    """

    def __init__(self, kind: Kind, file: Path, korean: str, english: str) -> None:
        super().__init__(korean, english)
        self.kind: Kind = kind
        self.file = file
