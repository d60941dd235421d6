"""Wishes that wait: for another person's word, or for the morning. Nothing here sends anything.

What the form showed stays frozen in the request; approving it, or its time coming, asks PortOne
afresh and goes the one way of :mod:`dashboard.refunds.service`.

Sources: refund-safety, 1.1 and 1.2; SEC-27, SEC-56; K5
"""

from __future__ import annotations

import json
import logging
import sqlite3
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlite_utils import Database

from dashboard.accounts.permissions import allowed
from dashboard.database import write
from dashboard.ksnet import vbank_closes_at
from dashboard.portone import RefundAccount
from dashboard.refunds import judging, lock, request_store, rules, service, store, tasks
from dashboard.refunds.guards import read_guards
from dashboard.refunds.policy import decide
from dashboard.refunds.service import CannotRequest, Wish
from dashboard.refunds.signing import SignedBalance
from dashboard.runtime import NoKeys, Runtime
from dashboard.sealed import CannotOpen, seal, unseal

_log = logging.getLogger(__name__)

ASK_AGAIN_S = 60  # after PortOne could not be asked

MOVED, TOO_LATE, KEY_GONE, REFUSED = "moved", "too_late", "key_gone", "refused"
"""Why a request expired; the pages have the sentences."""


class CannotDecide(Exception):
    """Nothing was changed."""


class Ended(CannotDecide):
    """It does not wait any more."""


class NotYours(CannotDecide):
    """Nobody approves their own request."""


class OwnerOnly(CannotDecide):
    """It is above somebody's limit, or goes on in spite of a warning: an owner decides."""


class NotAllowed(CannotDecide):
    """This person may not do that with requests."""


@dataclass(frozen=True, kw_only=True)
class Waits:
    """What a wish would wait for: ``approval``, ``limit``, ``day_limit``, ``warning``, ``night``.

    ``password``: the sum is large enough to ask for it again (SEC-28).
    """

    why: tuple[str, ...]
    needs_owner: bool
    password: bool

    @property
    def at_once(self) -> bool:
        return not self.why

    @property
    def for_somebody(self) -> bool:
        """Whether another person must say yes."""
        return bool(set(self.why) - {"night"})


def waits_for(
    db: Database, *, person_id: int, amount: int, now: int, warned: bool, send_at: int | None
) -> Waits:
    """What stands between a wish and its sending.

    :param amount: won
    :param now: UNIX seconds, like ``send_at``
    :param warned: a rule warns, and this person has not or may not overrule it
    """
    decision = judging.judge(db, person_id=person_id, amount=amount, now=now)
    why: list[str] = [*decision.why]
    if warned:
        why.append("warning")
    if send_at is not None:
        why.append("night")
    return Waits(
        why=tuple(why),
        needs_owner=decision.needs_owner or warned,
        password=decision.password,
    )


# -- asking -------------------------------------------------------------------------------------


def ask(
    runtime: Runtime,
    db: Database,
    *,
    balance: SignedBalance,
    wish: Wish,
    person_id: int,
    for_somebody: bool,
    send_at: int | None = None,
) -> str:
    """Write down a wish that waits; answers its id. PortOne is looked at first, nothing is sent.

    :param balance: what the form showed, frozen
    :param for_somebody: what the form said it waits for: another person, or only its time; what was
        said decides whether the password was asked for (SEC-28)
    :param send_at: not before this moment, UNIX seconds
    :raise CannotRequest: as for a refund; nothing was written down
    :raise NoKeys: live mode without keys
    :raise OSError: the key for the receiving account cannot be kept
    """
    now = runtime.now()
    may_overrule = bool((wish.overrule or "").strip()) and store.role_of(db, person_id) == "owner"
    fresh, _none, warnings = service.examine(
        runtime, db, balance, wish, person_id, at=send_at or now, leave_warnings=True
    )
    warned = bool(warnings) and not may_overrule
    account = wish.account
    row: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "form_token": balance.form_token,
        "imp_uid": balance.imp_uid,
        "kind": "whole" if wish.amount == balance.balance else "part",
        "amount": wish.amount,
        "tax_free": wish.tax_free,
        "checksum": balance.balance,
        "base_cancelled": balance.cancel_amount,
        "known_cancel_ids": json.dumps(list(balance.cancel_ids)),
        "reason": rules.without_nonces(wish.reason)[: service.REASON_LENGTH],
        "bank": account.bank if account else None,
        "account_last4": account.account[-4:] if account else None,
        "account": _sealed(runtime, account) if account else None,
        "overrule": wish.overrule if may_overrule else None,
        "overruled": json.dumps([one.rule for one in warnings] if may_overrule else []),
        "send_at": send_at,
        "person_id": person_id,
        "created_at": now,
    }
    try:
        with write(db):
            order_id = service.claim(db, fresh, balance, amount=wish.amount, now=now)
            waits = waits_for(
                db,
                person_id=person_id,
                amount=wish.amount,
                now=now,
                warned=warned,
                send_at=send_at,
            )
            if waits.at_once or waits.for_somebody is not for_somebody:
                raise service.RequestEnded  # it waits for something else now: the form says so
            row |= {
                "order_id": order_id,
                "why": json.dumps(waits.why),
                "needs_owner": int(waits.needs_owner),
                "state": "requested" if waits.for_somebody else "scheduled",
            }
            request_store.add(db, row, now=now)
    except sqlite3.IntegrityError:
        service.never_twice(db, balance)
        raise
    return str(row["id"])


def _sealed(runtime: Runtime, account: RefundAccount) -> bytes:
    facts = {"holder": account.holder, "bank": account.bank, "account": account.account}
    return seal(runtime.instance, facts)


# -- deciding -----------------------------------------------------------------------------------


def frozen(row: request_store.Row) -> SignedBalance:
    """What the request was made from."""
    return SignedBalance(
        form_token=row["form_token"],
        imp_uid=row["imp_uid"],
        amount=row["checksum"] + row["base_cancelled"],
        cancel_amount=row["base_cancelled"],
        cancel_ids=tuple(json.loads(row["known_cancel_ids"])),
        at=row["created_at"],
    )


def may_decide(db: Database, row: request_store.Row, person_id: int) -> None:
    """:raise CannotDecide: this person has no say in it"""
    role = store.role_of(db, person_id)
    if not allowed(role, "approve_refund"):
        raise NotAllowed
    if row["person_id"] == person_id:
        raise NotYours
    own_limit = decide(
        role=role, amount=row["amount"], day_sum=0, guards=replace(read_guards(db), approval="off")
    )
    if (row["needs_owner"] and role != "owner") or not own_limit.execute:
        raise OwnerOnly  # nobody approves what they could not send themselves


def approve(
    runtime: Runtime,
    db: Database,
    request_id: str,
    *,
    seen: SignedBalance,
    person_id: int,
    overrule: str | None = None,
    send_at: int | None = None,
) -> str | None:
    """Say yes: it is sent, or waits for its time; answers the refund's id, None when it waits.

    :param seen: the balance the approver's page showed, signed for the approver
    :param overrule: the owner's reason to go on in spite of warnings
    :param send_at: UNIX seconds
    :raise CannotDecide: nothing was changed
    :raise CannotRequest: nothing was sent; after ``BalanceChanged`` the request has expired
    :raise NoKeys: live mode without keys
    """
    row = _waiting(db, request_id, "requested")
    may_decide(db, row, person_id)
    balance = frozen(row)
    if not _same(seen, balance):
        raise Ended
    send_at = send_at or row["send_at"]
    try:
        wish = _wish(runtime, row, overrule)
    except CannotOpen as error:
        expire(runtime, db, row, KEY_GONE)
        raise Ended from error
    if send_at is not None and send_at > runtime.now():
        _schedule(runtime, db, row, wish, person_id, send_at)
        return None
    try:
        return service.request_refund(
            runtime,
            db,
            balance=balance,
            wish=wish,
            person_id=row["person_id"],
            request=row,
            decided_by=person_id,
        )
    except (service.BalanceChanged, service.LateArrival):
        expire(runtime, db, row, MOVED)
        raise


def _schedule(
    runtime: Runtime,
    db: Database,
    row: request_store.Row,
    wish: Wish,
    person_id: int,
    send_at: int,
) -> None:
    """It waits for the morning with a yes; the rules are asked as they will stand then."""
    overruler = service.overruler_of(row, wish, person_id)
    _fresh, overruled, _warned = service.examine(
        runtime, db, frozen(row), wish, overruler, at=send_at, request=row
    )
    now = runtime.now()
    decided: dict[str, Any] = {"decided_by": person_id, "decided_at": now, "send_at": send_at}
    if overruled:
        rules_ = [one["rule"] for one in overruled]
        decided |= {"overrule": wish.overrule, "overruled": json.dumps(rules_)}
    with write(db):
        if not request_store.move(db, row, "scheduled", at=now, person_id=person_id, **decided):
            raise Ended


def decline(db: Database, request_id: str, *, person_id: int, words: str, now: int) -> None:
    """Say no, with words for whoever asked.

    :raise CannotDecide: nothing was changed
    """
    with write(db):
        row = _waiting(db, request_id, "requested")
        may_decide(db, row, person_id)
        request_store.move(
            db,
            row,
            "declined",
            at=now,
            person_id=person_id,
            decided_by=person_id,
            decided_at=now,
            decision=words,
        )


def may_withdraw(row: request_store.Row, person_id: int, role: str) -> bool:
    """Whoever asked may take it back, and so may an owner."""
    return row["state"] in request_store.OPEN and (row["person_id"] == person_id or role == "owner")


def withdraw(db: Database, request_id: str, *, person_id: int, now: int) -> None:
    """Take a request back before it is sent.

    :raise CannotDecide: nothing was changed
    """
    with write(db):
        row = _waiting(db, request_id, *request_store.OPEN)
        if not may_withdraw(row, person_id, store.role_of(db, person_id)):
            raise NotAllowed
        request_store.move(db, row, "withdrawn", at=now, person_id=person_id)


def expire(runtime: Runtime, db: Database, row: request_store.Row, why: str) -> None:
    """Let a request end by itself; one that was to be sent leaves a task, so that nobody waits
    for money that will not come."""
    now = runtime.now()
    with write(db):
        current = request_store.find(db, row["id"])
        if current is None or current["state"] not in request_store.OPEN:
            return
        request_store.move(db, current, "expired", at=now, person_id=None, decision=why)
        if current["state"] == "scheduled":
            tasks.not_sent(db, current, why=why, now=now)


def _waiting(db: Database, request_id: str, *states: str) -> request_store.Row:
    row = request_store.find(db, request_id)
    if row is None or row["state"] not in states:
        raise Ended
    return row


def _same(seen: SignedBalance, kept: SignedBalance) -> bool:
    return (seen.imp_uid, seen.amount, seen.cancel_amount, sorted(seen.cancel_ids)) == (
        kept.imp_uid,
        kept.amount,
        kept.cancel_amount,
        sorted(kept.cancel_ids),
    )


def _wish(runtime: Runtime, row: request_store.Row, overrule: str | None = None) -> Wish:
    """What was asked for.

    :raise CannotOpen: the receiving account can no longer be read
    """
    account = None
    if row["account"] is not None:
        account = RefundAccount(**unseal(runtime.instance, row["account"]))
    return Wish(
        kind=row["kind"],
        amount=row["amount"],
        tax_free=row["tax_free"],
        reason=row["reason"],
        account=account,
        overrule=overrule or row["overrule"],
    )


# -- the worker's part --------------------------------------------------------------------------


def work(runtime: Runtime, db: Database, *, stopped: Callable[[], bool] = lambda: False) -> None:
    """Let go of requests whose balance moved; send what was scheduled for now.

    :param stopped: asked between two of them
    """
    for row in request_store.moved(db):
        _guarded(row, lambda row=row: expire(runtime, db, row, MOVED))  # type: ignore[misc]
    for row in _due(runtime, db):
        if stopped():
            return
        _guarded(row, lambda row=row: _send(runtime, db, row))  # type: ignore[misc]


def has_work(runtime: Runtime, db: Database) -> bool:
    """Whether :func:`work` has something to send."""
    return bool(_due(runtime, db))


def _due(runtime: Runtime, db: Database) -> list[request_store.Row]:
    """Nothing while refunds are locked, or the synchronisation that ends the lock never runs; and
    what PortOne could not be asked about a moment ago waits its turn."""
    if lock.locked(db):
        return []
    now = runtime.now()
    return [
        row for row in request_store.due(db, now) if runtime.asks_again.get(row["id"], 0) <= now
    ]


def _guarded(row: request_store.Row, step: Callable[[], None]) -> None:
    """A fault of ours with one request must not hold up the others, nor the refunds after them."""
    try:
        step()
    except sqlite3.OperationalError:
        raise
    except Exception:
        _log.exception("refund request %s: the step broke", row["id"])


def _send(runtime: Runtime, db: Database, row: request_store.Row) -> None:
    """Carry out a scheduled refund on its own day only: later it would come as a surprise."""
    now = runtime.now()
    runtime.asks_again[row["id"]] = now + ASK_AGAIN_S  # whatever happens now, not in a loop
    if now >= vbank_closes_at(row["send_at"]):
        expire(runtime, db, row, TOO_LATE)
        return
    if not _still_allowed(db, row):
        expire(runtime, db, row, REFUSED)
        return
    try:
        service.request_refund(
            runtime,
            db,
            balance=frozen(row),
            wish=_wish(runtime, row),
            person_id=row["person_id"],
            request=row,
        )
    except CannotOpen:
        expire(runtime, db, row, KEY_GONE)
    except (service.CannotAsk, service.Locked, NoKeys):
        return  # nothing was sent; asked again a minute later until the day is over
    except (service.BalanceChanged, service.LateArrival):
        expire(runtime, db, row, MOVED)
    except (service.AlreadyAsked, service.AlreadyWaits, service.RequestEnded):
        return  # another process was faster
    except CannotRequest as refused:
        _log.warning("scheduled refund %s was not sent: %s", row["id"], refused)
        expire(runtime, db, row, REFUSED)


def _still_allowed(db: Database, row: request_store.Row) -> bool:
    """Whoever gave the last word may have left the shop, or become somebody else in it."""
    if row["decided_by"] is not None:
        return allowed(store.role_of(db, row["decided_by"]), "approve_refund")
    return allowed(store.role_of(db, row["person_id"]), "refund")


# -- for pages ----------------------------------------------------------------------------------


def find(db: Database, request_id: str) -> request_store.Row | None:
    """One request with its order's and people's names, or None."""
    return request_store.find(db, request_id)


def find_by_form(db: Database, form_token: str) -> str | None:
    """The request a form has become, for a form that is sent again, or None."""
    found = request_store.by_form(db, form_token)
    return None if found is None else str(found["id"])


def open_request_of(db: Database, imp_uid: str) -> request_store.Row | None:
    """The payment's request that waits, or None."""
    return request_store.open_of(db, imp_uid)


def of_order(db: Database, order_id: int) -> Sequence[request_store.Row]:
    """All requests of an order, newest first."""
    return request_store.of_order(db, order_id)


def waiting(db: Database) -> Sequence[request_store.Row]:
    """All that wait, oldest first."""
    return request_store.waiting(db)


def count_requested(db: Database) -> int:
    """How many wait for somebody's word."""
    return request_store.count_requested(db)
