"""Bank details that must wait: encrypted in the database, their key in a file beside it (SEC-56).

A copy of the database alone tells nobody's account. The key is made at first use and kept like the
signing key; who has the whole instance folder has both (SECURITY.md).
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from dashboard.instance import Instance


class CannotOpen(Exception):
    """The key that sealed it is gone or another: what was sealed has to be asked for again."""


def seal(instance: Instance, facts: Mapping[str, str]) -> bytes:
    """Encrypt a few short texts.

    :raise OSError: the key cannot be read or written
    """
    from cryptography.fernet import Fernet  # not for the start

    return Fernet(instance.account_key()).encrypt(json.dumps(dict(facts)).encode())


def unseal(instance: Instance, sealed: bytes) -> dict[str, str]:
    """What was sealed.

    :raise CannotOpen: it was sealed with another key, or changed since
    """
    from cryptography.fernet import Fernet, InvalidToken  # not for the start

    try:
        found: dict[str, str] = json.loads(Fernet(instance.account_key()).decrypt(sealed))
    except (InvalidToken, ValueError) as error:
        raise CannotOpen from error
    return found
