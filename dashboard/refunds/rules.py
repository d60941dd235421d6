"""What a look at a payment means for one of our refunds. Pure: records in, a finding out.

Source: refund-safety, 1.3 and 1.4; the letters A to F are its cases.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from dashboard.portone import (
    Cancellation,
    Payment,
    PortOneError,
    PortOneNotAuthorised,
    PortOneNotFound,
    PortOneRejected,
)

NONCE_LENGTH = 8
NONCE_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"  # base32
_ANY_NONCE = re.compile(rf"\[([A-Z2-7]{{{NONCE_LENGTH}}})\]")
# Not quite refund-safety 1.4: there any 통신 (communication) is a timeout, also a carrier's plain
# no ("이동통신사에서 거절") to a phone payment, which then waits a quarter of an hour for nothing.
# A carrier's name alone is no timeout here; beside a word of trouble it is. And the design's words
# miss timeouts that are spelled otherwise: "타임아웃", "time-out", "응답이 없습니다".
_GATEWAY_TIMEOUT = re.compile(
    r"time[\s-]?out|timed\s+out|타임\s*아웃|시간\s*초과|통신(?!사|과금|요금)"
    r"|응답[이을를]?\s*(?:없|지연|받지)|무응답",
    re.IGNORECASE,
)
_CARRIER = re.compile(r"통신(?:사|과금|요금)")
_TROUBLE = re.compile(r"응답|시간|지연|장애|오류|에러|실패|연결|접속|끊|점검|error", re.IGNORECASE)
_BALANCE = re.compile(r"checksum|체크섬|잔액|취소\s*가능\s*금액", re.IGNORECASE)
_PART = re.compile(r"부분\s*취소")
AMOUNT_MATCH_S = 15 * 60  # D: so far may PortOne's time of the cancel lie from ours

Answer = Literal["yes", "no", "slow_no", "doubtful", "unsent"]
"""What came back on the cancel itself. ``no`` is a plain refusal, ``slow_no`` one in which the
gateway speaks of a timeout, ``doubtful`` everything that proves nothing, ``unsent`` the proof that
nothing went out."""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What is known of a refund that may have been carried out. Money in won."""

    imp_uid: str
    merchant_uid: str
    amount: int
    base_cancelled: int
    known_cancel_ids: frozenset[str]
    nonce: str
    sent_at: int  # UNIX seconds, this PC's clock


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one look says.

    ``found``: this entry is our cancel (A, D). ``nothing``: there is no trace of it, and whatever
    else was cancelled meanwhile (``others``) is ``foreign`` won as far as it was not us (E, F);
    whether that may be believed yet is for the clock to say. ``undecided``: look again, ``alarm``
    says what a person must know.
    """

    kind: Literal["found", "nothing", "undecided"]
    entry: Cancellation | None = None
    match: Literal["nonce", "amount"] | None = None
    others: bool = False
    foreign: int = 0
    alarm: str | None = None


def look(sent: Sent, payment: Payment, *, skew_s: float) -> Finding:
    """Find our cancel in what PortOne shows now.

    :param skew_s: seconds this PC's clock is ahead of PortOne's
    """
    if payment.imp_uid != sent.imp_uid or payment.merchant_uid != sent.merchant_uid:
        return Finding(kind="undecided", alarm="other_payment")
    ours = [h for h in payment.cancel_history if mark(sent.nonce) in h.reason]
    if len(ours) > 1:
        return Finding(kind="undecided", alarm="nonce_twice")  # B
    if payment.cancel_amount < sent.base_cancelled:
        return Finding(kind="undecided", alarm="less_cancelled")
    shown = cancel_ids(payment)
    if not sent.known_cancel_ids <= set(shown):
        return Finding(kind="undecided", alarm="ids_missing")
    if ours:
        return _ours(sent, ours[0])  # A, C
    new = [
        entry
        for key, entry in zip(shown, payment.cancel_history, strict=True)
        if key not in sent.known_cancel_ids
    ]
    if sum(entry.amount for entry in payment.cancel_history) != payment.cancel_amount:
        return Finding(kind="undecided")  # a sum without its entry: it may be ours
    near = [entry for entry in new if _may_be_ours(sent, entry, skew_s)]
    if len(near) == 1:
        return _by_amount(near[0])  # D
    if near:
        return Finding(kind="undecided", alarm="ambiguous")
    foreign = sum(entry.amount for entry in new if not carries_a_nonce(entry.reason))
    return Finding(kind="nothing", others=bool(new), foreign=foreign)  # E, F


def _ours(sent: Sent, entry: Cancellation) -> Finding:
    if entry.amount != sent.amount:
        return Finding(kind="undecided", alarm="nonce_amount")
    if not entry.cancellation_id:
        return Finding(kind="undecided", alarm="no_id")
    return Finding(kind="found", entry=entry, match="nonce")


def _by_amount(entry: Cancellation) -> Finding:
    if not entry.cancellation_id:
        return Finding(kind="undecided", alarm="no_id")
    return Finding(kind="found", entry=entry, match="amount")


def _may_be_ours(sent: Sent, entry: Cancellation, skew_s: float) -> bool:
    """Whether a gateway that loses our nonce would have left just this entry."""
    if entry.amount != sent.amount or carries_a_nonce(entry.reason):
        return False
    if entry.cancelled_at is None:
        return True
    return abs(entry.cancelled_at - sent.sent_at) <= AMOUNT_MATCH_S + abs(skew_s)


def suspects(sent: Sent, payment: Payment, *, taken: Iterable[str], skew_s: float) -> int:
    """P2a where the nonce was lost: how many cancels since may be this refund come late.

    :param taken: cancellation ids that belong to other refunds of ours
    """
    since = sent.sent_at - 60 - abs(skew_s)
    known = sent.known_cancel_ids | set(taken)
    return sum(
        1
        for key, entry in zip(cancel_ids(payment), payment.cancel_history, strict=True)
        if key not in known
        and entry.amount == sent.amount
        and not carries_a_nonce(entry.reason)
        and (entry.cancelled_at is None or entry.cancelled_at >= since)
    )


# -- names ------------------------------------------------------------------------------------


def mark(nonce: str) -> str:
    """The nonce as it stands in a reason."""
    return f"[{nonce}]"


def without_nonces(text: str) -> str:
    """A typed reason in one line; a mark copied from an older cancel would pass for that one."""
    return " ".join(_ANY_NONCE.sub(" ", text).split())


def nonces(reason: str) -> list[str]:
    """What looks like our nonces in a reason."""
    return _ANY_NONCE.findall(reason)


def carries_a_nonce(reason: str) -> bool:
    """Whether a reason ends like one of ours."""
    return _ANY_NONCE.search(reason) is not None


def cancel_ids(payment: Payment) -> list[str]:
    """A name for each cancel in the history: PortOne's id, else its content."""
    return [
        entry.cancellation_id or f"?{entry.amount}:{entry.cancelled_at}:{entry.pg_tid}"
        for entry in payment.cancel_history
    ]


# -- the answer to the cancel -------------------------------------------------------------------


def weigh(error: PortOneError) -> Answer:
    """What an error on the cancel itself says about whether it was carried out."""
    if error.nothing_asked:
        return "unsent"
    refused = isinstance(error, PortOneRejected | PortOneNotFound | PortOneNotAuthorised)
    if not refused or not error.code:
        return "doubtful"
    if _speaks_of_a_timeout(error.user_message):
        return "slow_no"
    plain = error.http_status == 200 or error.http_status == 403  # 403: before anything is done
    return "no" if plain else "doubtful"


def _speaks_of_a_timeout(words: str) -> bool:
    if _GATEWAY_TIMEOUT.search(words):
        return True
    return bool(_CARRIER.search(words) and _TROUBLE.search(words))


def blames_the_balance(words: str) -> bool:
    """Whether a refusal is about a balance that had changed, not about the payment itself.

    No table of codes is published, so the words decide; whatever also speaks of partial cancels
    may be the card company's no (K14) and is none of these.
    """
    return bool(_BALANCE.search(words)) and not _PART.search(words)


# -- the clock ----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Wait:
    """How far the waiting of case E has got. Times by PortOne's clock."""

    settle_from: int
    sight: str | None
    sight_at: int | None


def patience(
    wait: Wait, sight: str, *, far_now: int, settle_s: int, gap_s: int
) -> tuple[Wait, bool, int]:
    """Go on waiting with what a look saw.

    Both equal looks lie after the settle time, so that neither can be an answer from a cache
    filled before it.

    :param sight: the cancel history of this look, in one text
    :param far_now: PortOne's clock
    :return: the wait from here, whether "nothing happened" may be believed, and in how many
        seconds the next look would help
    """
    left = wait.settle_from + settle_s - far_now
    if left > 0:
        return Wait(settle_from=wait.settle_from, sight=None, sight_at=None), False, left
    if wait.sight != sight or wait.sight_at is None or far_now < wait.sight_at:
        fresh = Wait(settle_from=wait.settle_from, sight=sight, sight_at=far_now)
        return fresh, False, gap_s
    left = wait.sight_at + gap_s - far_now
    return wait, left <= 0, max(left, 0)


def pause_after(checks: int, pauses: tuple[int, ...]) -> int:
    """Seconds to the next look after ``checks`` looks; the last pause repeats for ever."""
    return pauses[min(max(checks - 1, 0), len(pauses) - 1)]
