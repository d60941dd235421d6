"""Signing in and out, and what the owner does to people. Each step writes its event.

Every function opens its own write transaction; none is open while a password is hashed.
"""

from __future__ import annotations

import sqlite3

from sqlite_utils import Database

from dashboard import events
from dashboard.accounts import names, passwords, store, throttle
from dashboard.accounts.errors import AccountError, SignInRefused
from dashboard.accounts.permissions import ROLES, allowed
from dashboard.accounts.person import Person
from dashboard.database import write
from dashboard.i18n import lazy_gettext as _l

LANGUAGES = ("ko", "en")
THEMES = ("auto", "light", "dark")


def anybody(db: Database) -> bool:
    """Whether the shop has any person; if not, the first run is not over."""
    return store.anybody(db)


def everybody(db: Database) -> list[Person]:
    """All people, those who may sign in first."""
    return store.everybody(db)


def count_allowed(db: Database, permission: str) -> int:
    """How many people may do it and may sign in."""
    people = store.everybody(db)
    return sum(person.is_active and allowed(person.role, permission) for person in people)


def get_person(db: Database, person_id: int) -> Person:
    """:raise AccountError: there is no such person"""
    return _known(db, person_id)


def find_person_by_name(db: Database, name: str) -> Person | None:
    """The person of that name, however it is spaced or spelled."""
    return store.find_by_name(db, names.clean(name))


def sign_in(
    db: Database, name: str, password: str, now: int, *, secret: str, came_from: str = ""
) -> Person:
    """The person who has this name and password.

    :param secret: the instance's key; wrong names are remembered under it, never as typed
    :param came_from: the address of the browser, for the log
    :raise SignInRefused: name and password do not belong together
    :raise SignInMustWait: too many wrong tries lately; the password was not looked at
    """
    key = throttle.name_key(name, secret)
    throttle.take_turn(db, key, now)
    person = store.find_by_name(db, names.clean(name))
    right = passwords.matches(person.password_hash if person else None, password)
    if person is None or not right or not person.is_active:
        with write(db):
            _log(
                db,
                "person.sign_in_refused",
                now,
                person.id if person else None,
                came_from=came_from,
            )
        raise SignInRefused
    with write(db):
        throttle.forgive(db, key, now)
        _log(db, "person.signed_in", now, person.id, came_from=came_from)
    return person


def confirm_password(
    db: Database, person_id: int, password: str, now: int, *, secret: str, came_from: str = ""
) -> None:
    """Have somebody who is signed in say their password again before something grave (SEC-28).

    Guessing here costs the same as guessing at the door.

    :raise SignInRefused: it is not their password
    :raise SignInMustWait: too many wrong tries lately; the password was not looked at
    :raise AccountError: there is no such person
    """
    person = _known(db, person_id)
    key = throttle.name_key(person.name, secret)
    throttle.take_turn(db, key, now)
    right = passwords.matches(person.password_hash, password)
    with write(db):
        if right and person.is_active:
            throttle.forgive(db, key, now)
            return
        _log(db, "person.password_refused", now, person_id, came_from=came_from)
    raise SignInRefused


def sign_out(db: Database, person_id: int, now: int) -> None:
    """End every session of the person, on every browser."""
    with write(db):
        store.end_sessions(db, person_id)
        _log(db, "person.signed_out", now, person_id)


def add_first_owner(
    db: Database, name: str, password: str, now: int, *, shop_name: str = "", language: str = "ko"
) -> int:
    """Make the owner of a shop that has nobody yet; answers the id.

    :raise AccountError: the name or password cannot be taken, or (field ``""``) somebody exists
    """
    name = names.check(name)
    passwords.check(password, field="password", about=(name, shop_name))
    password_hash = passwords.make_hash(password)
    with write(db):
        if store.anybody(db):
            raise AccountError("", _l("주인 계정이 이미 있습니다. 로그인해 주세요."))
        return _add(db, name, "owner", password_hash, now, language, by=None, actor="person")


def add_person(
    db: Database,
    name: str,
    role: str,
    password: str,
    now: int,
    *,
    by: int | None = None,
    language: str = "ko",
    shop_name: str = "",
) -> int:
    """Add somebody; answers the id.

    :param by: id of the person who does it; None: the command line
    :raise AccountError: the name, role or password cannot be taken; ``field`` says which
    """
    name = names.check(name)
    _check_role(role)
    passwords.check(password, field="password", about=(name, shop_name))
    password_hash = passwords.make_hash(password)
    actor = "command" if by is None else "person"
    with write(db):
        return _add(db, name, role, password_hash, now, language, by=by, actor=actor)


def change_role(db: Database, person_id: int, role: str, now: int, *, by: int | None) -> None:
    """Give the person another role.

    :raise AccountError: no such role, or the shop would be without an owner
    """
    _check_role(role)
    with write(db):
        person = _known(db, person_id)
        if person.role == role:
            return
        if role != "owner":
            _keep_an_owner(db, person, field="role")
        store.set_role(db, person_id, role)
        _log_change(db, "person.role_changed", now, person_id, by, before=person.role, after=role)


def reset_password(
    db: Database, person_id: int, password: str, now: int, *, by: int | None, shop_name: str = ""
) -> None:
    """Give the person a new password and end all their sessions.

    :raise AccountError: the password cannot be taken
    """
    person = _known(db, person_id)
    passwords.check(password, field="password", about=(person.name, shop_name))
    _set_password(db, person_id, password, now, "person.password_reset", by)


def change_password(
    db: Database, person_id: int, old: str, new: str, now: int, *, secret: str, shop_name: str = ""
) -> Person:
    """Change one's own password and end all one's sessions; answers the person as now stored.

    :raise AccountError: the new password cannot be taken, or the old one is wrong
    :raise SignInMustWait: too many wrong old passwords lately
    """
    person = _known(db, person_id)
    passwords.check(new, field="password", about=(person.name, shop_name))
    key = throttle.name_key(person.name, secret)
    throttle.take_turn(db, key, now)
    if not passwords.matches(person.password_hash, old):
        raise AccountError("old_password", _l("지금 비밀번호가 맞지 않습니다. 다시 입력해 주세요."))
    with write(db):
        throttle.forgive(db, key, now)
    _set_password(db, person_id, new, now, "person.password_changed", person_id)
    return _known(db, person_id)


def disable(db: Database, person_id: int, now: int, *, by: int | None) -> None:
    """Nobody signs in as this person any more; their name stays in the log and on notes.

    :raise AccountError: the shop would be without an owner
    """
    with write(db):
        person = _known(db, person_id)
        if not person.is_active:
            return
        _keep_an_owner(db, person, field="")
        store.set_disabled_at(db, person_id, now)
        store.end_sessions(db, person_id)
        _log_change(db, "person.disabled", now, person_id, by)


def enable(db: Database, person_id: int, now: int, *, by: int | None) -> None:
    """Let a disabled person sign in again, with the password they had."""
    with write(db):
        if _known(db, person_id).is_active:
            return
        store.set_disabled_at(db, person_id, None)
        _log_change(db, "person.enabled", now, person_id, by)


def choose_language(db: Database, person_id: int, language: str) -> None:
    """:raise ValueError: not one of :data:`LANGUAGES`"""
    if language not in LANGUAGES:
        raise ValueError(language)
    with write(db):
        store.set_language(db, person_id, language)


def choose_theme(db: Database, person_id: int, theme: str) -> None:
    """:raise ValueError: not one of :data:`THEMES`"""
    if theme not in THEMES:
        raise ValueError(theme)
    with write(db):
        store.set_theme(db, person_id, theme)


def _add(
    db: Database,
    name: str,
    role: str,
    password_hash: str,
    now: int,
    language: str,
    *,
    by: int | None,
    actor: str,
) -> int:
    try:
        person_id = store.add(
            db,
            name=name,
            role=role,
            password_hash=password_hash,
            language=language if language in LANGUAGES else LANGUAGES[0],
            created_at=now,
        )
    except sqlite3.IntegrityError:
        raise AccountError(
            "name", _l("같은 이름이 이미 있습니다. 다른 이름을 입력해 주세요.")
        ) from None
    detail = {"whose": person_id, "role": role}
    events.record(db, "person.added", at=now, actor=actor, person_id=by, detail=detail)
    return person_id


def _set_password(
    db: Database, person_id: int, password: str, now: int, kind: str, by: int | None
) -> None:
    password_hash = passwords.make_hash(password)
    with write(db):
        store.set_password_hash(db, person_id, password_hash)
        store.end_sessions(db, person_id)
        _log_change(db, kind, now, person_id, by)


def _known(db: Database, person_id: int) -> Person:
    person = store.find(db, person_id)
    if person is None:
        raise AccountError("", _l("이 사람은 등록되어 있지 않습니다."))
    return person


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise AccountError("role", _l("역할을 골라 주세요."))


def _keep_an_owner(db: Database, person: Person, *, field: str) -> None:
    if person.role == "owner" and person.is_active and store.active_owners(db) == 1:
        raise AccountError(
            field,
            _l("주인은 한 명 이상 있어야 합니다. 먼저 다른 사람의 역할을 주인으로 바꿔 주세요."),
        )


def _log(db: Database, kind: str, now: int, person_id: int | None, *, came_from: str = "") -> None:
    detail = {"from": came_from} if came_from else {}
    events.record(db, kind, at=now, actor="person", person_id=person_id, detail=detail)


def _log_change(
    db: Database, kind: str, now: int, person_id: int, by: int | None, **more: str
) -> None:
    """What ``by`` (None: the command line) did to the person."""
    events.record(
        db,
        kind,
        at=now,
        actor="command" if by is None else "person",
        person_id=by,
        detail={"whose": person_id} | more,
    )
