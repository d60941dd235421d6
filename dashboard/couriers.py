"""Couriers by PortOne's codes, for deliveries of escrow payments. Pure after loading."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources

OTHER = "ETC"
"""What PortOne keeps for a courier it has no code for."""


@dataclass(frozen=True, kw_only=True)
class Courier:
    """One courier; ``code`` is PortOne's, the same for every gateway."""

    code: str
    ko: str
    en: str

    def name(self, language: str) -> str:
        """Its name in the language of the page."""
        return self.en if language == "en" else self.ko


@cache
def couriers() -> tuple[Courier, ...]:
    """Every courier by its Korean name; "other" comes last."""
    file = resources.files("dashboard").joinpath("codes/courier-codes.json")
    table = json.loads(file.read_text("utf-8"))["couriers"]
    found = [Courier(code=row["code"], ko=row["ko"], en=row["en"]) for row in table]
    return tuple(sorted(found, key=lambda courier: (courier.code == OTHER, courier.ko)))


def courier_name(code: str, language: str) -> str:
    """A courier's name; a code nobody told us about is shown as it is."""
    found = next((courier for courier in couriers() if courier.code == code), None)
    return found.name(language) if found is not None else code
