"""The append-only log: who did what when, each row hashed together with the row before it.

``integrity_check`` misses most random overwrites (refund-safety, 1.1); the chain does not.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sqlite_utils import Database

FIRST_HASH = "0" * 64
_FIELDS = ("id", "at", "kind", "order_id", "imp_uid", "person_id", "actor", "detail", "prev_hash")


def record(
    db: Database,
    kind: str,
    *,
    at: float,
    actor: str,
    person_id: int | None = None,
    order_id: int | None = None,
    imp_uid: str | None = None,
    detail: dict[str, Any] | None = None,
) -> int:
    """Append one event inside the caller's write transaction; answers its id.

    :param kind: dotted name, e.g. ``payment.changed``, ``person.signed_in``
    :param at: UNIX seconds
    :param actor: ``person``, ``portone``, ``sync``, ``live``, ``command`` ...: where it came from
    :param detail: JSON-able facts; never a secret, never a receipt identifier
    """
    last = newest(db)
    row: dict[str, Any] = {
        "id": (last["id"] if last else 0) + 1,
        "at": int(at),
        "kind": kind,
        "order_id": order_id,
        "imp_uid": imp_uid,
        "person_id": person_id,
        "actor": actor,
        "detail": json.dumps(detail or {}, ensure_ascii=False, sort_keys=True),
        "prev_hash": last["hash"] if last else FIRST_HASH,
    }
    row["hash"] = _hash(row)
    db.conn.execute(
        "INSERT INTO events (id, at, kind, order_id, imp_uid, person_id, actor, detail, prev_hash,"
        " hash) VALUES (:id, :at, :kind, :order_id, :imp_uid, :person_id, :actor, :detail,"
        " :prev_hash, :hash)",
        row,
    )
    return int(row["id"])


def newest(db: Database) -> dict[str, Any] | None:
    """``id`` and ``hash`` of the newest event, or None while there is none."""
    row = db.conn.execute("SELECT id, hash FROM events ORDER BY id DESC LIMIT 1").fetchone()
    return None if row is None else dict(row)


def hash_of(db: Database, event_id: int) -> str | None:
    """The hash of one event, or None when there is no such event."""
    row = db.conn.execute("SELECT hash FROM events WHERE id = ?", (event_id,)).fetchone()
    return None if row is None else str(row["hash"])


def broken_at(db: Database) -> int | None:
    """The id of the first event whose hash does not fit, or None when the chain is whole."""
    prev_hash, expected_id = FIRST_HASH, 1
    for row in db.conn.execute("SELECT * FROM events ORDER BY id"):
        fields = {name: row[name] for name in _FIELDS}
        if (
            row["id"] != expected_id
            or row["prev_hash"] != prev_hash
            or row["hash"] != _hash(fields)
        ):
            return int(row["id"])
        prev_hash, expected_id = row["hash"], expected_id + 1
    return None


def _hash(row: dict[str, Any]) -> str:
    text = json.dumps([row[name] for name in _FIELDS], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
