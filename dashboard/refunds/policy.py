"""Whether somebody may send a refund at once, or has to ask first (SEC-27). Pure; all in won."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Approval = Literal["off", "above", "always"]
Why = Literal["approval", "limit", "day_limit"]

PASSWORD_ABOVE = 500_000  # until the shop says otherwise
_OVER: frozenset[Why] = frozenset({"limit", "day_limit"})


@dataclass(frozen=True, kw_only=True)
class Guards:
    """What the shop decided about its refunds.

    A limit that is None does not exist; with ``password_above`` None nobody is asked for the
    password because of an amount. The owner has no limits.
    """

    approval: Approval = "off"
    approval_above: int | None = None
    limit_manager: int | None = None
    limit_staff: int | None = None
    day_limit_manager: int | None = None
    day_limit_staff: int | None = None
    password_above: int | None = PASSWORD_ABOVE


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What becomes of one wish: sent at once, or waiting for what ``why`` names.

    ``needs_owner``: no manager may approve it. ``password``: whoever asks for it, and whoever
    approves it, says the password again (SEC-28).
    """

    why: tuple[Why, ...]
    password: bool

    @property
    def execute(self) -> bool:
        return not self.why

    @property
    def needs_owner(self) -> bool:
        return bool(_OVER.intersection(self.why))


def decide(*, role: str, amount: int, day_sum: int, guards: Guards) -> Decision:
    """What the shop's guards say to a refund of ``amount``.

    :param amount: at least 1
    :param day_sum: what this person has caused already on this Korean day, without ``amount``
    :raise ValueError: sums that cannot be
    """
    if amount < 1 or day_sum < 0:
        raise ValueError("no such sums")
    limit, day_limit = _limits(role, guards)
    why: list[Why] = []
    if _needs_approval(amount, guards):
        why.append("approval")
    if limit is not None and amount > limit:
        why.append("limit")
    if day_limit is not None and day_sum + amount > day_limit:
        why.append("day_limit")
    return Decision(
        why=tuple(why), password=bool(_OVER.intersection(why)) or _needs_password(amount, guards)
    )


def _needs_approval(amount: int, guards: Guards) -> bool:
    if guards.approval == "above":
        return amount >= (guards.approval_above or 0)
    return guards.approval != "off"


def _needs_password(amount: int, guards: Guards) -> bool:
    return guards.password_above is not None and amount >= guards.password_above


def _limits(role: str, guards: Guards) -> tuple[int | None, int | None]:
    """For one refund and for a day. A role nobody thought of may send nothing by itself."""
    if role == "owner":
        return None, None
    if role == "manager":
        return guards.limit_manager, guards.day_limit_manager
    if role == "staff":
        return guards.limit_staff, guards.day_limit_staff
    return 0, 0
