"""Asking PortOne about one order now, and writing down the answer.

The question goes out before any transaction is opened (refund-safety, 0). What comes back is
judged by the ledger alone; this module says what that meant.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlite_utils import Database

from dashboard.database import write
from dashboard.orders.ledger import Applied, apply_payment, heard_since
from dashboard.orders.story import change_words
from dashboard.portone import Payment, PortOne, PortOneError, PortOneNotFound, Why
from dashboard.portone.errors import SENTENCES
from dashboard.portone.ids import is_imp_uid

MOST_ASKED = 100  # ids in one question (portone-v1-api, 4.2)


@dataclass(frozen=True, kw_only=True)
class Contradiction:
    """PortOne tells an older truth than the one written down: both, for a person to judge."""

    ours: Payment
    theirs: Payment


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What asking brought.

    ``failed`` says what stood in the way of asking, ``words`` are PortOne's own about it.
    ``changes`` are ready to print; ``missing`` are transaction numbers PortOne does not show.
    """

    no_keys: bool = False  # the shop has not given its keys yet
    failed: Why | None = None
    words: str = ""
    changes: tuple[str, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    missing: tuple[str, ...] = ()


def ask(portone: PortOne, attempts: Sequence[tuple[str, bool]]) -> tuple[list[Payment], Answer]:
    """Ask PortOne for every attempt of an order; the answer names what it does not have.

    :param attempts: transaction numbers, and whether each was made in a test channel: the single
        look-up hides those unless it is told (portone-v1-api, 4.1); the multi-get does not
    """
    odd = tuple(imp_uid for imp_uid, _sandbox in attempts if not is_imp_uid(imp_uid))
    asked = [imp_uid for imp_uid, _sandbox in attempts if imp_uid not in odd][:MOST_ASKED]
    try:
        if len(attempts) == 1 and asked:
            return [portone.get_payment(asked[0], sandbox=attempts[0][1])], Answer()
        batch = portone.get_payments(asked)
    except PortOneNotFound:
        return [], Answer(missing=tuple(asked))
    except PortOneError as error:
        own = error.user_message if error.user_message != SENTENCES[error.why] else ""
        return [], Answer(failed=error.why, words=own)
    unread = Why.BROKEN_ANSWER if batch.unreadable else None
    return list(batch.payments), Answer(failed=unread, missing=(*batch.missing, *odd))


def note_answer(
    db: Database,
    payments: Sequence[Payment],
    asked: Answer,
    *,
    asked_at: int,
    now: Callable[[], int],
) -> Answer:
    """Write down what PortOne said, in one transaction; answers what that changed.

    :param asked_at: when the question went out, UNIX seconds
    :param now: asked after the network is done, so that the age on the page is honest
    """
    if not payments:
        return asked
    changes, contradictions = [], []
    with write(db):
        for payment in payments:
            ours = _stored(db, payment.imp_uid)
            applied = apply_payment(db, payment, source="live", now=now())
            if applied.outcome == "changed":
                changes.append(_last_change(db, applied))
            elif applied.outcome == "older" and ours is not None:
                if not heard_since(db, payment.imp_uid, asked_at):
                    contradictions.append(Contradiction(ours=ours, theirs=payment))
    return replace(asked, changes=tuple(changes), contradictions=tuple(contradictions))


def _stored(db: Database, imp_uid: str) -> Payment | None:
    row = db.conn.execute("SELECT raw FROM payments WHERE imp_uid = ?", (imp_uid,)).fetchone()
    return Payment.from_json(json.loads(row["raw"])) if row else None


def _last_change(db: Database, applied: Applied) -> str:
    row = db.conn.execute(
        "SELECT detail FROM events WHERE order_id = ? AND imp_uid = ? AND kind = 'payment.changed'"
        " ORDER BY id DESC LIMIT 1",
        (applied.order_id, applied.imp_uid),
    ).fetchone()
    return change_words(json.loads(row["detail"]))
