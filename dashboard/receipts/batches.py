"""Files of outside sales between the look at them and their issue: in this process only (SEC-55).

Nothing of them is written down; after half an hour, or once used, their rows are gone.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dashboard.receipts.sheet import SheetRow

LIFE_S = 30 * 60


@dataclass(kw_only=True, repr=False)
class Batch:
    """One file of one person; ``rows`` is empty once it was used or has become too old."""

    id: str
    person_id: int
    path: Path  # of the database it was read for
    made_at: int
    rows: tuple[SheetRow, ...]
    timer: threading.Timer | None = field(default=None)


class Batches:
    """Those that wait for a decision, one per person at most."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[str, Batch] = {}

    def keep(self, rows: Sequence[SheetRow], *, person_id: int, path: Path, now: int) -> str:
        """Keep a file's rows for :data:`LIFE_S`, instead of the person's last ones."""
        batch = Batch(
            id=str(uuid.uuid4()), person_id=person_id, path=path, made_at=now, rows=tuple(rows)
        )
        batch.timer = threading.Timer(LIFE_S, self._forget, [batch.id])  # nobody may come again
        batch.timer.daemon = True
        with self._lock:
            for one in [one for one in self._found.values() if one.person_id == person_id]:
                _empty(one)
                del self._found[one.id]
            self._found[batch.id] = batch
        batch.timer.start()
        return batch.id

    def look(self, batch_id: str, *, person_id: int, path: Path, now: int) -> Batch | None:
        """The person's file, without rows when it is over; None: there never was one."""
        with self._lock:
            batch = self._found.get(batch_id)
            if batch is None or batch.person_id != person_id or batch.path != path:
                return None
            if not 0 <= now - batch.made_at <= LIFE_S:
                _empty(batch)
            return batch

    def take(self, batch: Batch) -> tuple[SheetRow, ...]:
        """Its rows, to be used now; nobody gets them a second time."""
        with self._lock:
            rows = batch.rows
            _empty(batch)
            return rows

    def _forget(self, batch_id: str) -> None:
        with self._lock:
            if batch_id in self._found:
                _empty(self._found[batch_id])


def _empty(batch: Batch) -> None:
    batch.rows = ()
    if batch.timer is not None:
        batch.timer.cancel()
        batch.timer = None
