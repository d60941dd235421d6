"""A window's wish as the JSON a payment request keeps, and back. Pure."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

from dashboard.ksnet.window_facts import WindowWish

_NAMES = tuple(field.name for field in fields(WindowWish))


def wish_to_json(wish: WindowWish) -> str:
    """Everything the wish holds; it is personal data, as the request's row is."""
    kept = {name: getattr(wish, name) for name in _NAMES}
    return json.dumps(kept | {"custom_data": dict(wish.custom_data)}, ensure_ascii=False)


def wish_from_json(text: str) -> WindowWish:
    """The wish of :func:`wish_to_json`. Keys this version does not know are passed over, those an
    older one did not write have their usual value.

    :raise ValueError: the text is no JSON
    :raise TypeError: what every wish has is missing
    """
    kept: dict[str, Any] = {k: v for k, v in json.loads(text).items() if k in _NAMES}
    if kept.get("card_quota") is not None:
        kept["card_quota"] = tuple(kept["card_quota"])
    if "interest_free" in kept:
        kept["interest_free"] = tuple((code, months) for code, months in kept["interest_free"])
    if "period" in kept:
        first, last = kept["period"]
        kept["period"] = (first, last)
    return WindowWish(**kept)
