"""What a payment window was asked for, and one thing that is wrong with it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from math import isfinite
from typing import Any

METHODS = ("card", "vbank", "trans", "phone", "lpay", "ssgpay", "kakaopay", "naverpay", "payco")
WALLETS = ("lpay", "ssgpay", "kakaopay", "naverpay", "payco")
INSTALMENTS_FROM = 50_000  # won, K18
HYUNDAI = "367"
HYUNDAI_FROM = 10_000  # won, K18


@dataclass(frozen=True, kw_only=True)
class Objection:
    """One parameter that PortOne or KSNET would not take, and why, in both languages."""

    parameter: str
    ko: str
    en: str
    code: str = "INVALID_PARAMETER"

    def to_json(self) -> dict[str, str]:
        return dict(vars(self))


@dataclass(frozen=True, kw_only=True)
class Known:
    """What PortOne knows besides the parameters.

    :ivar merchant_code: the shop's, for ``IMP.init``
    :ivar channels: ``(channel_key, pg_id, is a test channel)`` of KSNET's windows
    :ivar approved: a payment of this order number was approved before
    :ivar announced: amount and currency of ``POST /payments/prepare``; the currency may be None
    :ivar cards: codes of card companies
    """

    merchant_code: str
    channels: tuple[tuple[str, str, bool], ...] = ()
    approved: bool = False
    announced: tuple[Decimal, str | None] | None = None
    mobile: bool = False
    now: float = 0.0
    cards: frozenset[str] = field(default=frozenset())


class Params:
    """The parameters as received; wrong ones are written down in ``objections``."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.given = given
        self.objections: list[Objection] = []

    def object_to(self, parameter: str, ko: str, en: str, code: str = "INVALID_PARAMETER") -> None:
        self.objections.append(Objection(parameter=parameter, ko=ko, en=en, code=code))

    def find(self, path: str) -> Any:
        """The value at a dotted path; None where it or a part of the way is missing."""
        found: Any = self.given
        for name in path.split("."):
            if not isinstance(found, Mapping):
                return None
            found = found.get(name)
        return found

    def text(self, path: str, *, longest: int = 2000, why: str = "") -> str:
        """A string; "" when missing. ``why`` names the rule that makes it compulsory."""
        value = self.find(path)
        if value is None or value == "":
            if why:
                self.missing(path, why)
            return ""
        if not isinstance(value, str):
            self.object_to(path, "문자열이어야 합니다.", "Must be a string.")
            return ""
        if len(value) > longest:
            self.object_to(path, f"최대 {longest}자입니다.", f"At most {longest} characters.")
        return value

    def flag(self, path: str) -> bool:
        value = self.find(path)
        if value is not None and not isinstance(value, bool):
            self.object_to(path, "true 또는 false여야 합니다.", "Must be true or false.")
        return value is True

    def choice(self, path: str, allowed: tuple[str, ...]) -> str:
        """One of ``allowed``, or "" when missing or something else."""
        value = self.text(path)
        if value and value not in allowed:
            words = ", ".join(allowed)
            self.object_to(path, f"다음 중 하나여야 합니다: {words}", f"Must be one of: {words}")
            return ""
        return value

    def group(self, path: str) -> Mapping[str, Any]:
        value = self.find(path)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.object_to(path, "객체여야 합니다.", "Must be an object.")
            return {}
        return value

    def missing(self, path: str, why: str = "") -> None:
        rule = f" ({why})" if why else ""
        self.object_to(path, f"필수 파라미터가 없습니다.{rule}", f"This parameter is needed.{rule}")


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)
