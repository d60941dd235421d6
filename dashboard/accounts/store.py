"""The tables ``people`` and ``sign_in_attempts``."""

from __future__ import annotations

from sqlite_utils import Database

from dashboard.accounts.person import Person


def find(db: Database, person_id: int) -> Person | None:
    return _one(db, "id = ?", person_id)


def find_by_name(db: Database, name: str) -> Person | None:
    """``name`` as :func:`dashboard.accounts.names.clean` leaves it; case does not matter."""
    return _one(db, "name = ?", name)


def everybody(db: Database) -> list[Person]:
    """All people, those who may sign in first, then in the order they were added."""
    rows = db.conn.execute("SELECT * FROM people ORDER BY disabled_at IS NOT NULL, id")
    return [Person(**dict(row)) for row in rows]


def anybody(db: Database) -> bool:
    """Whether the shop has any person at all; False means first run."""
    return db.conn.execute("SELECT 1 FROM people LIMIT 1").fetchone() is not None


def active_owners(db: Database) -> int:
    sql = "SELECT count(*) FROM people WHERE role = 'owner' AND disabled_at IS NULL"
    return int(db.conn.execute(sql).fetchone()[0])


def add(
    db: Database, *, name: str, role: str, password_hash: str, language: str, created_at: int
) -> int:
    row = db.conn.execute(
        "INSERT INTO people (name, role, password_hash, language, created_at)"
        " VALUES (?, ?, ?, ?, ?) RETURNING id",
        (name, role, password_hash, language, created_at),
    ).fetchone()
    return int(row["id"])


def set_role(db: Database, person_id: int, role: str) -> None:
    db.conn.execute("UPDATE people SET role = ? WHERE id = ?", (role, person_id))


def set_language(db: Database, person_id: int, language: str) -> None:
    db.conn.execute("UPDATE people SET language = ? WHERE id = ?", (language, person_id))


def set_theme(db: Database, person_id: int, theme: str) -> None:
    db.conn.execute("UPDATE people SET theme = ? WHERE id = ?", (theme, person_id))


def set_password_hash(db: Database, person_id: int, password_hash: str) -> None:
    db.conn.execute("UPDATE people SET password_hash = ? WHERE id = ?", (password_hash, person_id))


def set_disabled_at(db: Database, person_id: int, at: int | None) -> None:
    db.conn.execute("UPDATE people SET disabled_at = ? WHERE id = ?", (at, person_id))


def end_sessions(db: Database, person_id: int) -> None:
    """Every cookie that names the person is useless from now on (SEC-17)."""
    db.conn.execute(
        "UPDATE people SET session_version = session_version + 1 WHERE id = ?", (person_id,)
    )


def attempts_since(db: Database, since: int, name_key: str | None = None) -> list[int]:
    """Moments (UNIX seconds, oldest first) of sign-ins that failed or are being checked."""
    rows = db.conn.execute(
        "SELECT at FROM sign_in_attempts WHERE at > ? AND name_key = coalesce(?, name_key)"
        " ORDER BY at",
        (since, name_key),
    )
    return [row["at"] for row in rows]


def add_attempt(db: Database, name_key: str, at: int) -> None:
    db.conn.execute("INSERT INTO sign_in_attempts (name_key, at) VALUES (?, ?)", (name_key, at))


def forget_attempts(db: Database, *, until: int, name_key: str | None = None) -> None:
    """Drop attempts too old to count, and all of ``name_key``."""
    db.conn.execute("DELETE FROM sign_in_attempts WHERE at <= ? OR name_key = ?", (until, name_key))


def _one(db: Database, condition: str, value: object) -> Person | None:
    row = db.conn.execute(f"SELECT * FROM people WHERE {condition}", (value,)).fetchone()  # noqa: S608 - the two conditions above
    return Person(**dict(row)) if row else None
