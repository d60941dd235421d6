"""Who may do what: one table, asked on the server before every view.

A view says what it needs with :func:`needs` or that it is :func:`public`; a view that says neither
is refused to everyone (SEC-25, SEC-62).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeVar

Role = Literal["owner", "manager", "staff", "viewer"]
ROLES: tuple[Role, ...] = ("owner", "manager", "staff", "viewer")

PERMISSIONS: dict[str, frozenset[Role]] = {
    "see_orders": frozenset(ROLES),
    "ask_portone": frozenset(ROLES),  # live status; reads only
    "write_notes": frozenset({"owner", "manager", "staff"}),
    "sync": frozenset({"owner", "manager", "staff"}),
    "see_personal_data": frozenset({"owner", "manager", "staff"}),  # each look is logged
    "state_tax_free": frozenset({"owner", "manager"}),
    "refund": frozenset({"owner", "manager", "staff"}),
    "approve_refund": frozenset({"owner", "manager"}),  # never one's own; some only the owner
    "bulk_refund": frozenset({"owner"}),
    "transfer": frozenset({"owner", "manager"}),  # see the account of a refund by hand, pay it out
    "mark_outside_cancel": frozenset({"owner", "manager"}),  # cancelled at KSNET itself (K9)
    "see_evidence": frozenset({"owner", "manager", "staff"}),
    "overrule": frozenset({"owner"}),  # send a refund in spite of a warning
    "settle_refund": frozenset({"owner"}),  # decide in writing what PortOne no longer tells
    "close_receipt_task": frozenset({"owner"}),
    "receipt": frozenset({"owner", "manager", "staff"}),
    "request_payment": frozenset({"owner", "manager", "staff"}),
    "products": frozenset({"owner", "manager"}),
    "deliver": frozenset({"owner", "manager", "staff"}),  # data of escrow deliveries
    "export": frozenset({"owner", "manager"}),
    "practice": frozenset({"owner", "manager", "staff"}),  # faults of the practice PortOne
    "settings": frozenset({"owner"}),
    "people": frozenset({"owner"}),
    "own_account": frozenset(ROLES),
}

_View = TypeVar("_View", bound=Callable[..., Any])


def allowed(role: str, permission: str) -> bool:
    """Whether ``role`` may do ``permission``; an unknown name of either is a no."""
    return role in PERMISSIONS.get(permission, frozenset())


def needs(permission: str) -> Callable[[_View], _View]:
    """Mark a view: only a signed-in person whose role has ``permission`` gets in."""
    if permission not in PERMISSIONS:
        raise ValueError(f"no such permission: {permission}")

    def mark(view: _View) -> _View:
        view.jangbu_permission = permission  # type: ignore[attr-defined]
        return view

    return mark


def public(view: _View) -> _View:
    """Mark a view that a stranger may see: sign-in, first-run set-up, health, static files."""
    view.jangbu_permission = None  # type: ignore[attr-defined]
    return view
