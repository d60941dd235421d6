"""From bytes to values: strict JSON, and PortOne's envelope around every answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn

from dashboard.portone.errors import Why


class BrokenAnswer(ValueError):
    """No answer of PortOne's. Says nothing about the content: it may end in a log."""

    def __init__(self, what: str, why: Why = Why.BROKEN_ANSWER) -> None:
        super().__init__(what)
        self.why = why


@dataclass(frozen=True)
class Envelope:
    """``code`` 0 means success, whatever the HTTP status says beside it."""

    code: int
    message: str
    response: Any


def envelope(body: bytes) -> Envelope:
    """Read ``{code, message, response}``. Numbers with a point come as :class:`Decimal`.

    :raise BrokenAnswer: no JSON object, a name twice, NaN, too deep, ``code`` missing or no int
    Source: PortOne V1, 1.1; refund-safety F17-F21
    """
    value = decode(body)
    if not isinstance(value, dict):
        raise BrokenAnswer("not an object")
    code, message = value.get("code"), value.get("message")
    if not isinstance(code, int) or isinstance(code, bool):
        raise BrokenAnswer("no code")
    text = message if isinstance(message, str) else ""
    return Envelope(code, text, value.get("response"))


def decode(body: bytes) -> Any:
    """Strict JSON in UTF-8; half surrogates and NUL become U+FFFD so that they can be stored.

    :raise BrokenAnswer: anything else
    """
    try:
        value = json.loads(
            body.decode("utf-8"),
            parse_float=Decimal,
            parse_constant=_no_constant,
            object_pairs_hook=_unique,
        )
        return _storable(value)
    except (ValueError, ArithmeticError, RecursionError, MemoryError):
        pass
    raise BrokenAnswer("not JSON")


def plain(value: Any) -> Any:
    """The same value with floats for Decimals, so that ``json.dumps`` writes it."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, Decimal):
        number = float(value)
        return number if abs(number) != float("inf") else str(value)
    return value


def _no_constant(name: str) -> NoReturn:
    raise BrokenAnswer("not a number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BrokenAnswer("a name twice")
    return found


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        if value.isascii() and "\0" not in value:
            return value
        text = value.replace("\0", "\ufffd")
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_storable(name): _storable(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_storable(item) for item in value]
    return value
