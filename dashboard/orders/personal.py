"""A buyer's personal data: masked until somebody asks to see it, and that look is logged (SEC-57).

The list and the page show the least a role needs; PortOne's raw answer hides the same values.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.formatting import mask_email, mask_name, mask_tel

HIDDEN = "***"


def mask_addr(text: str) -> str:
    """Keep an address's first two words: city and district say enough to recognise an order."""
    words = text.split()
    return " ".join([*words[:2], HIDDEN]) if words else ""


def _hide(text: str) -> str:
    return HIDDEN if text else ""


_MASKS: dict[str, Callable[[str], str]] = {
    "buyer_name": mask_name,
    "buyer_tel": mask_tel,
    "buyer_email": mask_email,
    "buyer_addr": mask_addr,
    "buyer_postcode": _hide,
}
FIELDS = tuple(_MASKS)
"""The fields of a payment that tell about its buyer, in reading order."""

_HIDDEN_KEYS = frozenset({"custom_data", "customer_uid", "user_agent"})
"""Keys of a raw answer that may carry anything about a buyer."""


@dataclass(frozen=True, kw_only=True)
class Buyer:
    """What a page shows of one buyer: ready to print, masked unless ``revealed``."""

    name: str
    tel: str
    email: str
    addr: str
    postcode: str
    revealed: bool

    @property
    def known(self) -> bool:
        """Whether PortOne told anything about the buyer."""
        return bool(self.filled)

    @property
    def filled(self) -> tuple[str, ...]:
        """PortOne's names of the fields that hold something, for the log of looks."""
        return tuple(name for name in FIELDS if getattr(self, name.removeprefix("buyer_")))


def buyer_of(values: Mapping[str, str], *, revealed: bool) -> Buyer:
    """The buyer in ``values`` (PortOne's ``buyer_*`` fields), masked unless ``revealed``."""
    shown = {
        field.removeprefix("buyer_"): values.get(field, "")
        if revealed
        else mask(values.get(field, ""))
        for field, mask in _MASKS.items()
    }
    return Buyer(**shown, revealed=revealed)


def raw_text(raw: Mapping[str, Any], *, revealed: bool) -> str:
    """PortOne's answer as indented JSON, its personal data masked unless ``revealed``."""
    shown = raw if revealed else _masked(raw)
    return json.dumps(shown, ensure_ascii=False, indent=2)


def _masked(value: Any, key: str = "") -> Any:
    if isinstance(value, Mapping):
        return {inner: _masked(held, inner) for inner, held in value.items()}
    if isinstance(value, list):
        return [_masked(held, key) for held in value]
    if value in (None, ""):
        return value
    if key in _MASKS:
        return _MASKS[key](str(value))
    if key in _HIDDEN_KEYS or key.startswith(("buyer_", "customer_")):
        return HIDDEN
    return value
