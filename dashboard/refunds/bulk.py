"""Many payments cancelled with one confirmation, one after the other, on the way of every refund.

A row is asked for with the balance its confirmation showed and a form token of its own, so neither
a crash in between nor a second worker can make two refunds of it. The next row begins once the
result of the one before is certain.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlite_utils import Database

from dashboard.accounts.permissions import allowed
from dashboard.database import write
from dashboard.i18n import language
from dashboard.ksnet import CancelWish, Objection
from dashboard.refunds import bulk_store, by_hand_store, judging, lock, service, store
from dashboard.refunds.desk import Desk, read_desk
from dashboard.refunds.objecting import earlier
from dashboard.refunds.signing import SignedBalance
from dashboard.refunds.states import OPEN
from dashboard.runtime import NoKeys, Runtime

_log = logging.getLogger(__name__)

MOST_ROWS = 50
STALE_S = 60 * 60  # without progress for so long (the PC was off) the rest is not sent any more
MOST_UNREACHABLE = 3  # rows in a row that PortOne could not be asked about


class AlreadyRunning(Exception):
    """Another one is being carried out, or this form has become one already."""

    def __init__(self, bulk_id: str) -> None:
        super().__init__()
        self.bulk_id = bulk_id


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One order somebody chose: all that is left of its payment, or why not. Money in won."""

    order_id: int
    desk: Desk | None
    amount: int
    tax_free: int
    why_not: str

    @property
    def possible(self) -> bool:
        return not self.why_not


# -- choosing -----------------------------------------------------------------------------------


def candidates(
    db: Database, order_ids: Sequence[int], *, person_id: int, now: int, practice: bool
) -> list[Candidate]:
    """Look at each chosen order as its own refund form would; unknown orders are left out."""
    found = []
    for order_id in order_ids:
        row = db.conn.execute("SELECT imp_uid FROM orders WHERE id = ?", (order_id,)).fetchone()
        if row is not None:
            desk = read_desk(db, row["imp_uid"] or "", now=now, practice=practice)
            found.append(_candidate(db, order_id, desk, person_id, now))
    return found


def _candidate(
    db: Database, order_id: int, desk: Desk | None, person_id: int, now: int
) -> Candidate:
    if desk is None:
        why_not = _("결제가 없는 주문입니다.")
        return Candidate(order_id=order_id, desk=None, amount=0, tax_free=0, why_not=why_not)
    amount, tax_free = desk.balance, desk.proposal(desk.balance) or 0
    return Candidate(
        order_id=order_id,
        desk=desk,
        amount=amount,
        tax_free=tax_free,
        why_not=_under_way(db, desk)
        or _rules(db, desk, amount, tax_free)
        or _guards(db, amount, person_id, now),
    )


def _under_way(db: Database, desk: Desk) -> str:
    if desk.open_refund:
        return str(_("진행 중인 환불이 있습니다."))
    if desk.open_request:
        return str(_("승인이나 시간을 기다리는 환불 요청이 있습니다."))
    if by_hand_store.open_of(db, desk.imp_uid):
        return str(_("수동 환불이 진행 중입니다."))
    return ""


def _rules(db: Database, desk: Desk, amount: int, tax_free: int) -> str:
    stop = next((one for one in desk.objections if _stops_all(one)), None)
    if stop is not None:
        return stop.text(language())
    if desk.needs_account:
        return str(_("받을 계좌가 필요해 한 건씩 환불해 주세요."))
    if desk.must_state_tax_free:
        return str(_("면세금액을 먼저 적어야 해 한 건씩 환불해 주세요."))
    wish = CancelWish(amount=amount, tax_free=tax_free, kind="whole")
    for one in (*desk.objections_to(wish), *earlier(db, desk.payment, 0.0)):
        if one.severity == "stops":
            return one.text(language())
        if one.severity == "warns":
            why = one.text(language())
            return str(_("경고가 있어 한 건씩 환불해 주세요. %(why)s", why=why))
    return ""


def _stops_all(one: Objection) -> bool:
    return one.severity == "stops" and one.scope == "any" and one.rule != "K11"


def _guards(db: Database, amount: int, person_id: int, now: int) -> str:
    decision = judging.judge(db, person_id=person_id, amount=amount, now=now)
    return "" if decision.execute else str(_("승인이 필요해 한 건씩 요청해 주세요."))


# -- beginning, stopping ------------------------------------------------------------------------


def begin(
    runtime: Runtime,
    db: Database,
    *,
    form_token: str,
    balances: Sequence[SignedBalance],
    reason: str,
    person_id: int,
) -> str:
    """Write down all rows for the worker; answers the id. Nothing is asked of PortOne yet.

    :param balances: what the confirmation showed of each row, frozen
    :raise AlreadyRunning: another one is being carried out
    :raise ValueError: no row, or more than 50
    """
    if not 1 <= len(balances) <= MOST_ROWS:
        raise ValueError("from 1 to 50 rows")
    now, bulk_id = runtime.now(), str(uuid.uuid4())
    practice = runtime.mode == "practice"
    rows = []
    for one in balances:
        desk = read_desk(db, one.imp_uid, now=now, practice=practice)
        assert desk is not None  # noqa: S101 - it was signed from the ledger
        rows.append(
            {
                "form_token": one.form_token,
                "order_id": desk.order_id,
                "imp_uid": one.imp_uid,
                "amount": one.balance,
                "tax_free": min(desk.proposal(one.balance) or 0, one.balance),
                "paid_amount": one.amount,
                "base_cancelled": one.cancel_amount,
                "known_cancel_ids": json.dumps(list(one.cancel_ids)),
                "shown_at": one.at,
                "state": "waiting",
            }
        )
    bulk = {
        "id": bulk_id,
        "form_token": form_token,
        "reason": reason,
        "count": len(rows),
        "amount": sum(one.balance for one in balances),
        "state": "running",
        "person_id": person_id,
        "created_at": now,
    }
    try:
        with write(db):
            bulk_store.add(db, bulk, rows)
    except sqlite3.IntegrityError as error:
        made, other = bulk_store.by_form(db, form_token), bulk_store.running(db)
        if made or other:
            raise AlreadyRunning(made or str(other["id"] if other else "")) from error
        raise
    runtime.wake.set()
    return bulk_id


def stop(db: Database, bulk_id: str, *, person_id: int, now: int) -> bool:
    """Ask for no further row; what was asked for goes its way. False when it had ended."""
    with write(db):
        bulk = bulk_store.find(db, bulk_id)
        return bulk is not None and bulk_store.end(
            db, bulk, "stopped", now=now, person_id=person_id
        )


# -- the worker's part --------------------------------------------------------------------------


def has_work(db: Database) -> bool:
    """Whether a row can be asked for now; while a result is awaited nothing has to hurry."""
    bulk = bulk_store.running(db)
    return bulk is not None and lock.locked(db) is None and _next(db, bulk) is not None


def work(runtime: Runtime, db: Database, *, stopped: Callable[[], bool] = lambda: False) -> None:
    """Ask for the next row, once the one before has its result.

    :param stopped: asked before a row is asked for
    """
    bulk = bulk_store.running(db)
    if bulk is None or stopped() or lock.locked(db):
        return
    rows = bulk_store.items(db, bulk["id"])
    note = _why_to_stop(db, bulk, rows, runtime.now())
    if note or not any(row["state"] == "waiting" for row in rows):
        with write(db):
            bulk_store.end(db, bulk, "stopped" if note else "done", now=runtime.now(), note=note)
        return
    item = _next(db, bulk)
    if item is not None and _ask(runtime, db, bulk, item):
        runtime.wake.set()


def _next(db: Database, bulk: bulk_store.Row) -> bulk_store.Row | None:
    """The row whose turn it is; None while one before it is not certain."""
    rows = bulk_store.items(db, bulk["id"])
    if any(row["refund_state"] in OPEN for row in rows):
        return None
    return next((row for row in rows if row["state"] == "waiting"), None)


def _why_to_stop(
    db: Database, bulk: bulk_store.Row, rows: Sequence[bulk_store.Row], now: int
) -> str | None:
    """Why what still waits is not asked for any more."""
    if not any(row["state"] == "waiting" for row in rows):
        return None
    if not allowed(store.role_of(db, bulk["person_id"]), "bulk_refund"):
        return "not_allowed"
    ended = [row for row in rows if row["state"] != "waiting"]
    last = ended[-MOST_UNREACHABLE:]
    if len(last) == MOST_UNREACHABLE and all(row["problem"] == "unreachable" for row in last):
        return "unreachable"
    progress = max([bulk["created_at"], *(row["ended_at"] for row in ended)])
    return "stale" if now - progress > STALE_S else None


def _ask(runtime: Runtime, db: Database, bulk: bulk_store.Row, item: bulk_store.Row) -> bool:
    """Ask for one row; False when its turn has not come after all.

    The row is linked to its refund in the transaction that writes the refund down: a row somebody
    stopped in that moment is never sent.
    """

    def link(refund_id: str) -> bool:
        return bulk_store.link(db, item, refund_id, runtime.now())

    wish = service.Wish(
        kind="whole", amount=item["amount"], tax_free=item["tax_free"], reason=bulk["reason"]
    )
    try:
        service.request_refund(
            runtime,
            db,
            balance=bulk_store.frozen(item),
            wish=wish,
            person_id=bulk["person_id"],
            also=link,
        )
    except (service.Locked, service.RequestEnded):
        return False  # asked for once PortOne was read again; or stopped, or another worker's
    except (service.CannotRequest, NoKeys) as error:
        _refuse(runtime, db, item, _problem(error))
    except sqlite3.Error:
        raise
    except Exception:  # a fault of ours must not hold up the rows after it
        _log.exception("bulk refund %s, row %s: asking broke", bulk["id"], item["position"])
        _refuse(runtime, db, item, "broken")
    return True


def _refuse(runtime: Runtime, db: Database, item: bulk_store.Row, problem: str) -> None:
    with write(db):
        bulk_store.refuse(db, item, problem, runtime.now())


def _problem(error: service.CannotRequest | NoKeys) -> str:
    """A word for the table; the page has the sentences."""
    match error:
        case service.BalanceChanged() | service.LateArrival():
            return "moved"
        case service.Stopped() | service.NeedsOverrule():
            return "rules " + ", ".join(dict.fromkeys(one.rule for one in error.objections))
        case service.CannotAsk() | NoKeys():
            return "unreachable"
        case service.NeedsApproval():
            return "approval"
        case _:
            return "already"


# -- for pages ----------------------------------------------------------------------------------


def find(db: Database, bulk_id: str) -> bulk_store.Row | None:
    """One with the names of its people, or None."""
    return bulk_store.find(db, bulk_id)


def find_by_form(db: Database, form_token: str) -> str | None:
    """What a form has become, for a form that is sent again, or None."""
    return bulk_store.by_form(db, form_token)


def items(db: Database, bulk_id: str) -> Sequence[bulk_store.Row]:
    """All rows of one, in their order."""
    return bulk_store.items(db, bulk_id)


def recent(db: Database) -> Sequence[bulk_store.Row]:
    """The newest ones."""
    return bulk_store.recent(db)


def orders_of(db: Database, imp_uids: Sequence[str]) -> list[int]:
    """The orders of these payments."""
    known = (store.find_payment(db, imp_uid) for imp_uid in imp_uids)
    return [int(row["order_id"]) for row in known if row is not None]
