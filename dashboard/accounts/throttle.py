"""How often somebody may guess (SEC-19). Kept in the database, so a restart forgets nothing."""

from __future__ import annotations

import hashlib
import hmac

from sqlite_utils import Database

from dashboard.accounts import names, store
from dashboard.accounts.errors import SignInMustWait
from dashboard.database import write

WINDOW_S = 60
PER_NAME = 5
ALL_NAMES = 50


def name_key(name: str, secret: str) -> str:
    """How a typed name is remembered: people type their password into the wrong field."""
    typed = names.clean(name).casefold()
    return hmac.new(secret.encode(), typed.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def take_turn(db: Database, key: str, now: int) -> None:
    """Count one try before its password is looked at, so that tries at once count as well.

    :raise SignInMustWait: too many wrong ones lately; waiting does not count as a try
    """
    with write(db):
        since = now - WINDOW_S
        store.forget_attempts(db, until=since)
        for limit, moments in (
            (PER_NAME, store.attempts_since(db, since, key)),
            (ALL_NAMES, store.attempts_since(db, since)),
        ):
            if len(moments) >= limit:
                raise SignInMustWait(max(1, min(WINDOW_S, moments[-limit] + WINDOW_S - now)))
        store.add_attempt(db, key, now)


def forgive(db: Database, key: str, now: int) -> None:
    """After a right password the name starts afresh. Inside the caller's transaction."""
    store.forget_attempts(db, until=now - WINDOW_S, name_key=key)
