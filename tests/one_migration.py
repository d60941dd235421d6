"""One process that brings a database up to date and dies in its next step (F52).

``python -m tests.one_migration PATH POINT``: ``begun``: two of its statements are done;
``unrecorded``: all are, but not the note that they are; ``uncommitted``: that too; ``done``: all
of it is in the file.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import closing
from pathlib import Path

from dashboard.database import connect
from dashboard.migrations import migrations


def main(path: str, point: str) -> None:
    ran: list[str] = []

    def tell(statement: str) -> None:
        """Hears each statement before it is run."""
        if statement == "BEGIN" and ran and point == "done":
            die()
        if ran or statement == "BEGIN":
            ran.append(statement)
        if (
            (point == "begun" and len(ran) == 4)
            or (point == "unrecorded" and statement.startswith('INSERT INTO "_sqlite_migrations"'))
            or (point == "uncommitted" and statement == "COMMIT")
        ):
            die()

    with closing(connect(Path(path))) as db:
        db.conn.set_trace_callback(tell)
        migrations.apply(db)
    die()


def die() -> None:
    """As hard as the machine can."""
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))


if __name__ == "__main__":
    main(*sys.argv[1:])
