"""Sending one refund: written down as leaving, sent once, its answer kept. Steps P5 to P8.

No transaction is open while PortOne is asked (refund-safety, 0.1).
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from typing import Any

from sqlite_utils import Database

from dashboard.database import write
from dashboard.portone import Payment, PortOne, PortOneError, RefundAccount, Why
from dashboard.portone.errors import SENTENCES
from dashboard.refunds import lock, store, tasks
from dashboard.refunds.rules import weigh
from dashboard.refunds.states import N_
from dashboard.resident_number import mask_text
from dashboard.runtime import Runtime

_log = logging.getLogger(__name__)

ACCOUNT_GONE = N_(
    "장부가 다시 시작되어 환불받을 계좌번호를 잊었습니다. 보내지 않았으니 다시 요청해 주세요."
)
NEVER_SENT = N_("보내기 전에 장부가 멈추어 환불을 보내지 않았습니다.")
TOO_OLD = N_("제때 보내지 못해 환불을 보내지 않았습니다.")
NOT_ASKED = N_("요청 내용이 저장한 것과 달라 환불을 보내지 않았습니다.")


def send(runtime: Runtime, db: Database, portone: PortOne, row: store.Row) -> bool:
    """Send a refund that is written down; False when somebody else has taken it.

    :param row: the refund as read in state ``intent``
    """
    account = runtime.refund_accounts.get(row["id"])
    if row["bank"] is not None and account is None:
        return give_up(runtime, db, row, ACCOUNT_GONE)
    if request_hash(row) != row["request_sha256"]:
        _log.error("refund %s: the request is not the one that was written down", row["id"])
        return give_up(runtime, db, row, NOT_ASKED)
    runtime.refunds_in_flight.add(row["id"])
    try:
        leaves = _leave(runtime, db, row)  # a busy file: the account stays for the next turn
        if leaves or not lock.locked(db):
            runtime.refund_accounts.pop(row["id"], None)
        if leaves:
            _keep_answer(runtime, db, row["id"], _ask(portone, row, account))
    finally:
        runtime.refunds_in_flight.discard(row["id"])
    return leaves


def give_up(runtime: Runtime, db: Database, row: store.Row, why: str) -> bool:
    """Close a refund that was never sent; False when somebody else has taken it."""
    runtime.refund_accounts.pop(row["id"], None)
    now = runtime.now()
    with write(db):
        gone = store.move(
            db,
            row,
            "not_executed",
            at=now,
            answer="unsent",
            api_message=why,
            next_check_at=None,
        )
        if gone and row["request_id"] is not None:  # whoever asked is not at the page any more
            tasks.not_sent(db, row, why="stopped", now=now)
    return gone


def request_hash(row: Mapping[str, Any]) -> str:
    """A digest of what will be sent, without the receiving account."""
    names = ("imp_uid", "amount", "tax_free", "checksum", "reason", "enable_webhook")
    text = json.dumps([row[name] for name in names], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _leave(runtime: Runtime, db: Database, row: store.Row) -> bool:
    """TX2: from here on it may have left. Exactly one sender gets past this line.

    While refunds are locked nobody does: the row stays written down until its time is over.
    """
    with write(db):
        if lock.locked(db):
            return False
        return store.move(
            db,
            row,
            "sending",
            at=(now := runtime.now()),
            owner=runtime.run_id,
            attempt=row["attempt"] + 1,
            sent_at=now,
        )


def _ask(
    portone: PortOne, row: store.Row, account: RefundAccount | None
) -> Payment | PortOneError | None:
    """P7: the one POST; what came of it, None when even that cannot be said."""
    given: dict[str, Any] = {
        "tax_free": row["tax_free"],
        "reason": row["reason"],
        "refund": account,
        "enable_webhook": bool(row["enable_webhook"]),
    }
    try:
        if row["amount"] == row["checksum"]:
            return portone.cancel_all(row["imp_uid"], balance=row["checksum"], **given)
        return portone.cancel_part(
            row["imp_uid"], amount=row["amount"], checksum=row["checksum"], **given
        )
    except PortOneError as error:
        return error
    except Exception:  # a fault of ours: nobody knows how far it got
        _log.exception("refund %s: the call broke", row["id"])
        return None


def _keep_answer(
    runtime: Runtime, db: Database, refund_id: str, answer: Payment | PortOneError | None
) -> None:
    """TX3: what was answered, or the proof that nothing was asked. Success is not decided here."""
    now, columns = runtime.now(), _columns(answer)
    told = {name: columns[name] for name in ("answer", "http_status", "api_code")}
    with write(db):
        row = store.find(db, refund_id)
        if row is None or row["state"] != "sending":
            return  # another process has taken it over and finds out
        if columns["answer"] == "unsent":
            # Written as two steps, because it is two: nothing left, and nothing more is tried.
            columns["next_check_at"] = None
            store.move(db, row, "intent", at=now, owner=runtime.run_id, detail=told)
            row = store.find(db, refund_id) or row
            store.move(db, row, "rejected", at=now, owner=runtime.run_id, **columns)
            if row["request_id"] is not None:
                tasks.not_sent(db, row, why="rejected", now=now)
            return
        store.move(db, row, "unknown", at=now, owner=runtime.run_id, detail=told, **columns)
        if columns["alarm"]:
            store.raise_alarm(db, row, columns["alarm"], at=now)
    if columns["alarm"]:
        _log.warning("refund %s: PortOne answered about another payment", refund_id)


def _columns(answer: Payment | PortOneError | None) -> dict[str, Any]:
    columns: dict[str, Any] = {
        "answer": "doubtful",
        "http_status": None,
        "api_code": None,
        "api_message": None,
        "alarm": None,
        "next_check_at": 0,  # at once
    }
    if isinstance(answer, Payment):
        return columns | {"answer": "yes", "http_status": 200, "api_code": 0}
    if answer is None:
        return columns
    return columns | {
        "answer": weigh(answer),
        "http_status": answer.http_status,
        "api_code": answer.code,
        # Of a refused address our sentence says what to do; PortOne's words would not.
        "api_message": SENTENCES[Why.IP]
        if answer.why is Why.IP
        else mask_text(answer.user_message),
        "alarm": "other_payment" if answer.why is Why.OTHER_PAYMENT else None,
    }
