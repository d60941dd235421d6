"""Carries people and shop facts from one of the shop's two databases to the other.

Practice and real business share their people (same ids and session versions, so whoever is signed
in stays so), the facts of the shop and how it guards refunds; nothing else crosses (architecture,
Modes).
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from sqlite_utils import Database

from dashboard import events, settings
from dashboard.database import connect, write


def carry_over(source: Path, target: Path, now: int) -> None:
    """Make ``target`` know the people of ``source`` and the shop facts it lacks.

    Somebody whom only ``target`` knows stays there for the notes' sake, but disabled; their
    number goes behind their name only where another person has it now.
    """
    with closing(connect(source)) as old, closing(connect(target)) as new, write(new):
        people = [dict(row) for row in old.conn.execute("SELECT * FROM people ORDER BY id")]
        _take_people(new, people, now)
        for fact in settings.SHOP_FACTS:
            value = settings.get(old, fact)
            if value is not None and settings.get(new, fact) is None:
                settings.put(new, fact, value)
        if settings.get(new, "refund_approval") is None:  # all or none: they belong together
            for guard in settings.REFUND_GUARDS:
                settings.put(new, guard, settings.get(old, guard))
        events.record(
            new, "shop.people_carried_over", at=now, actor="command", detail={"people": len(people)}
        )


def _take_people(db: Database, people: list[dict[str, object]], now: int) -> None:
    # Names are unique and may have been swapped: free all of them before giving them out.
    names = {row["id"]: row["name"] for row in db.conn.execute("SELECT id, name FROM people")}
    db.conn.execute("UPDATE people SET name = ' #' || id")
    for person in people:
        db.table("people").upsert(person, pk="id")
    for stranger in names.keys() - {person["id"] for person in people}:
        db.conn.execute(
            "UPDATE people SET disabled_at = coalesce(disabled_at, :now),"
            " session_version = session_version + 1,"
            " name = iif(EXISTS (SELECT 1 FROM people WHERE name = :name),"
            " :name || ' #' || id, :name) WHERE id = :id",
            {"now": now, "id": stranger, "name": names[stranger]},
        )
