"""Ids that go into paths: checked by a strict pattern, then percent-encoded (SEC-48)."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

# Always a prefix and an underscore, so no id can spell another endpoint (`prepare`, `cancel`).
_IMP_UID = re.compile(r"[a-z]{2,8}_[0-9A-Za-z]{1,29}")
_IMP_UID_LENGTH = 32
_MERCHANT_UID_LENGTH = 40
_CODE = re.compile(r"[0-9A-Za-z]{1,10}")


def check_imp_uid(imp_uid: str) -> str:
    """The id as it came.

    :raise ValueError: it is no ``imp_...`` or ``imps_...`` of at most 32 characters
    """
    if (
        not isinstance(imp_uid, str)
        or len(imp_uid) > _IMP_UID_LENGTH
        or not _IMP_UID.fullmatch(imp_uid)
    ):
        raise ValueError("imp_uid must look like imp_123456789012")
    return imp_uid


def is_imp_uid(imp_uid: str) -> bool:
    """Whether PortOne can be asked for this id at all; what it listed itself may be odder."""
    try:
        check_imp_uid(imp_uid)
    except ValueError:
        return False
    return True


def check_merchant_uid(merchant_uid: str) -> str:
    """The order number as it came: 1 to 40 visible characters, spaces only inside.

    :raise ValueError: it is empty, too long, only dots, or holds what cannot be seen
    """
    if not isinstance(merchant_uid, str) or not 1 <= len(merchant_uid) <= _MERCHANT_UID_LENGTH:
        raise ValueError("merchant_uid must have 1 to 40 characters")
    if merchant_uid.strip(".") == "":
        raise ValueError("merchant_uid must not be dots only")  # a path would swallow it
    if merchant_uid != merchant_uid.strip(" ") or any(map(_invisible, merchant_uid)):
        raise ValueError("merchant_uid must hold visible characters only")
    return merchant_uid


def check_code(code: str) -> str:
    """A bank's or card company's code as it came.

    :raise ValueError: it is not 1 to 10 letters and digits
    """
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        raise ValueError("code must have 1 to 10 letters or digits")
    return code


def path(*segments: str) -> str:
    """``/a/b/c``, each segment percent-encoded whole: a slash inside one stays inside it."""
    return "".join(f"/{quote(segment, safe='')}" for segment in segments)


def _invisible(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] == "C" or (category[0] == "Z" and character != " ")
