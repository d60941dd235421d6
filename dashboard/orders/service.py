"""What people do to an order here: write a note, look at personal data, state the tax-free part.

Row and log line share one write transaction.
"""

from __future__ import annotations

from sqlite_utils import Database

from dashboard import events
from dashboard.database import write

_DOUBLE_CLICK_S = 60  # the same words by the same person within this time are one note


def add_note(db: Database, order_id: int, *, text: str, person_id: int, now: int) -> int:
    """Add a note to an order; answers its id. A double click writes it once.

    :param text: checked by the form: not empty, no resident number
    """
    with write(db):
        last = db.conn.execute(
            "SELECT id, text, created_at FROM notes WHERE order_id = ? AND person_id = ?"
            " ORDER BY id DESC LIMIT 1",
            (order_id, person_id),
        ).fetchone()
        if last and last["text"] == text and now - last["created_at"] < _DOUBLE_CLICK_S:
            return int(last["id"])
        note_id = db.conn.execute(
            "INSERT INTO notes (order_id, person_id, text, created_at) VALUES (?, ?, ?, ?)",
            (order_id, person_id, text, now),
        ).lastrowid
        events.record(
            db,
            "note.added",
            at=now,
            actor="person",
            person_id=person_id,
            order_id=order_id,
            detail={"note_id": note_id},  # the words stay in one place
        )
    return int(note_id or 0)


def log_look(
    db: Database,
    order_id: int,
    *,
    person_id: int,
    remote_addr: str,
    whose: str,
    what: list[str],
    now: int,
) -> None:
    """Log that somebody saw a buyer's personal data in full (SEC-57).

    :param remote_addr: where the look came from
    :param whose: whose data, masked: the log must not become a second copy of it
    :param what: names of the fields that were shown
    """
    with write(db):
        events.record(
            db,
            "personal_data.shown",
            at=now,
            actor="person",
            person_id=person_id,
            order_id=order_id,
            detail={"from": remote_addr, "whose": whose, "what": what},
        )


def state_tax_free(db: Database, order_id: int, *, tax_free: int, person_id: int, now: int) -> None:
    """Write down how many won of an order are tax-free, and what stood there before.

    :param tax_free: won, checked by the form against the order's amount
    """
    with write(db):
        before = db.conn.execute(
            "SELECT tax_free FROM orders WHERE id = ?", (order_id,)
        ).fetchone()["tax_free"]
        if before == tax_free:
            return
        db.conn.execute("UPDATE orders SET tax_free = ? WHERE id = ?", (tax_free, order_id))
        events.record(
            db,
            "order.tax_free_stated",
            at=now,
            actor="person",
            person_id=person_id,
            order_id=order_id,
            detail={"from": before, "to": tax_free},
        )


def keep_tax_free(db: Database, merchant_uid: str, tax_free: int) -> None:
    """Keep the tax-free won an order was asked for with, inside the caller's transaction.

    Nothing happens while PortOne knows no payment of the number, or when somebody has said more
    since: PortOne itself never tells (K15).
    """
    db.conn.execute(
        "UPDATE orders SET tax_free = ? WHERE merchant_uid = ? AND tax_free IS NULL",
        (tax_free, merchant_uid),
    )
