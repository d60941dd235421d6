"""Saved views: a question of the order list kept under a name, for oneself or for the shop."""

from __future__ import annotations

import sqlite3
import unicodedata
from dataclasses import dataclass

from sqlite_utils import Database

from dashboard import events
from dashboard.database import write
from dashboard.orders.filters import parse
from dashboard.orders.question import read_question, write_question

LONGEST_NAME = 40  # characters
MOST = 50  # per person


class NameTaken(Exception):
    """The person has another view of this name."""


class TooMany(Exception):
    """The person has as many views as one may have."""


@dataclass(frozen=True, kw_only=True)
class SavedView:
    """One view as somebody sees it; ``mine`` if they made it."""

    id: int
    person_id: int
    maker: str
    name: str
    question: str
    shared: bool
    mine: bool

    @property
    def args(self) -> dict[str, str]:
        """The list's URL arguments."""
        return read_question(self.question)


def question_of(text: str, now: float) -> str | None:
    """What of a list's address is worth keeping: no place in the pages, nothing that is wrong."""
    wanted = parse(read_question(text), now)
    return None if wanted.problems or not wanted.args() else write_question(wanted.args())


def clean_name(typed: str) -> str:
    """One spelling for what looks the same: composed Hangul, plain width, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", typed).split())


def seen_by(db: Database, person_id: int) -> list[SavedView]:
    """One's own views, then those others share, each by name."""
    rows = db.conn.execute(
        f"{_SEEN} ORDER BY v.person_id <> :person_id, v.name_key, v.id", {"person_id": person_id}
    )
    return [_view(row, person_id) for row in rows]


def find(db: Database, view_id: int, person_id: int) -> SavedView | None:
    """A view that ``person_id`` may see."""
    row = db.conn.execute(
        f"{_SEEN} AND v.id = :id", {"person_id": person_id, "id": view_id}
    ).fetchone()
    return None if row is None else _view(row, person_id)


def save(
    db: Database, *, person_id: int, name: str, question: str, shared: bool, now: int
) -> SavedView:
    """Keep ``question`` (see :func:`question_of`) under ``name``.

    :raise NameTaken: the person has a view of this name
    :raise TooMany: the person has :data:`MOST` views
    """
    with write(db):
        mine = db.conn.execute(
            "SELECT name_key FROM saved_views WHERE person_id = ?", (person_id,)
        ).fetchall()
        if any(row[0] == _key(name) for row in mine):
            raise NameTaken
        if len(mine) >= MOST:
            raise TooMany
        view_id = db.conn.execute(
            "INSERT INTO saved_views (person_id, name, name_key, question, shared, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
            (person_id, name, _key(name), question, int(shared), now),
        ).fetchone()[0]
        if shared:
            _record(db, "view.shared", view_id, person_id, now)
    found = find(db, view_id, person_id)
    assert found is not None  # noqa: S101 - just written
    return found


def change(db: Database, view: SavedView, *, name: str, shared: bool, now: int) -> None:
    """Rename one's own view, share it or take it back.

    :raise NameTaken: the person has another view of this name
    """
    with write(db):
        taken = db.conn.execute(
            "SELECT 1 FROM saved_views WHERE person_id = ? AND name_key = ? AND id <> ?",
            (view.person_id, _key(name), view.id),
        ).fetchone()
        if taken:
            raise NameTaken
        db.conn.execute(
            "UPDATE saved_views SET name = ?, name_key = ?, shared = ? WHERE id = ?",
            (name, _key(name), int(shared), view.id),
        )
        if shared and not view.shared:
            _record(db, "view.shared", view.id, view.person_id, now)
        elif view.shared and not shared:
            _record(db, "view.unshared", view.id, view.person_id, now)
        elif shared and name != view.name:
            _record(db, "view.renamed", view.id, view.person_id, now)


def remove(db: Database, view: SavedView, *, person_id: int, now: int) -> None:
    """Drop a view; who may is the caller's to say."""
    with write(db):
        gone = db.conn.execute("DELETE FROM saved_views WHERE id = ?", (view.id,)).rowcount
        if gone and view.shared:
            _record(db, "view.removed", view.id, person_id, now)


_SEEN = (
    "SELECT v.*, p.name AS maker FROM saved_views v JOIN people p ON p.id = v.person_id"
    " WHERE (v.person_id = :person_id OR v.shared = 1)"
)


def _view(row: sqlite3.Row, person_id: int) -> SavedView:
    found = dict(row)
    return SavedView(
        id=found["id"],
        person_id=found["person_id"],
        maker=found["maker"],
        name=found["name"],
        question=found["question"],
        shared=bool(found["shared"]),
        mine=found["person_id"] == person_id,
    )


def _key(name: str) -> str:
    return name.casefold()


def _record(db: Database, kind: str, view_id: int, person_id: int, now: int) -> None:
    # Neither name nor question: somebody may have looked for a person, and events stay for ever.
    detail = {"view": view_id}
    events.record(db, kind, at=now, actor="person", person_id=person_id, detail=detail)
