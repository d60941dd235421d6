"""The list's question as text: what a link, a form or a saved view carries around."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

LONGEST = 4000  # characters; a hundred searched letters take nine each


def read_question(text: str) -> dict[str, str]:
    """The arguments of a query string, as the address bar would give them; the first of a name."""
    found: dict[str, str] = {}
    for name, value in parse_qsl(text[:LONGEST]):
        found.setdefault(name, value)
    return found


def write_question(args: Mapping[str, str]) -> str:
    """The query string of these arguments, always in the same order."""
    return urlencode(sorted(args.items()))
