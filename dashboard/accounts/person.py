"""Somebody who works in the shop, and somebody who has not said who they are."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import session


@dataclass(frozen=True, kw_only=True)
class Person:
    """A row of ``people``. Also flask-login's user: its id carries the session version."""

    id: int
    name: str
    role: str
    language: str
    theme: str
    session_version: int
    password_hash: str = field(repr=False)
    disabled_at: int | None  # UNIX seconds
    created_at: int

    is_authenticated = True
    is_anonymous = False

    @property
    def is_active(self) -> bool:
        return self.disabled_at is None

    def get_id(self) -> str:
        """What the cookie holds: raising ``session_version`` ends every session of the person."""
        return f"{self.id}.{self.session_version}"


class Stranger:
    """Nobody is signed in. Language and theme are those chosen on this browser."""

    id = None
    name = ""
    role = ""
    is_authenticated = False
    is_anonymous = True
    is_active = False

    @property
    def language(self) -> str:
        return str(session.get("language", "ko"))

    @property
    def theme(self) -> str:
        return str(session.get("theme", "auto"))

    def get_id(self) -> None:
        return None
