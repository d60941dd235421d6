"""Numbers that never come twice from one state file: ``imp_uid`` and order numbers."""

from __future__ import annotations

import sqlite3

from dashboard.sandbox.store import get_meta, put_meta

_SPACE = 10**12
_STEP = 387_420_489  # 3**18: shares no factor with 10**12, so no value repeats within it


class Numbers:
    """A run of payment numbers; :meth:`save` keeps the place inside the caller's transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self.serial = int(get_meta(db, "serial", "0"))
        self._start = int(get_meta(db, "imp_uid_start", "448280090638"))

    def imp_uid(self) -> str:
        """``imp_`` and twelve digits."""
        self.serial += 1
        return f"imp_{(self._start + self.serial * _STEP) % _SPACE:012d}"

    def save(self) -> None:
        put_meta(self._db, "serial", str(self.serial))


def next_imp_uid(db: sqlite3.Connection) -> str:
    """One new number inside the caller's write transaction."""
    numbers = Numbers(db)
    made = numbers.imp_uid()
    numbers.save()
    return made
