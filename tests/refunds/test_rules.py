"""What one look means: the cases A to F of refund-safety, 1.4, as a table. Nothing is asked."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dashboard.portone import (
    Payment,
    PortOneNotAuthorised,
    PortOneNotSent,
    PortOneOutcomeUnknown,
    PortOneRejected,
    Why,
)
from dashboard.refunds import rules
from dashboard.refunds.rules import Sent, Wait
from tests.orders.payments import NOON, answer

OURS = "[R7K2M9QX]"
OTHER = "[ABCDEFGH]"
SENT = Sent(
    imp_uid="imp_000000000001",
    merchant_uid="order-1",
    amount=1000,
    base_cancelled=500,
    known_cancel_ids=frozenset({"old"}),
    nonce="R7K2M9QX",
    sent_at=NOON,
)
OLD = ("old", 500, "먼저 한 취소", NOON - 900)


def seen(*cancels, cancel_amount: int | None = None, **changes) -> Payment:
    """The payment with these cancels: id, amount, reason, time."""
    history = [
        {
            "cancellation_id": cid,
            "amount": amount,
            "reason": reason,
            "cancelled_at": at,
            "pg_tid": f"tid-{n}",
            "receipt_url": None,
        }
        for n, (cid, amount, reason, at) in enumerate(cancels)
    ]
    total = sum(one["amount"] for one in history) if cancel_amount is None else cancel_amount
    given = {
        "imp_uid": SENT.imp_uid,
        "merchant_uid": SENT.merchant_uid,
        "amount": 10_000,
        "cancel_amount": total,
        "cancel_history": history,
    }
    return Payment.from_json(answer(**(given | changes)))


FOUND, NOTHING, UNDECIDED = "found", "nothing", "undecided"
CASES = {
    "A": ([OLD, ("new", 1000, f"변심 {OURS}", NOON)], FOUND, "nonce", None),
    "A beside a console's": (
        [OLD, ("con", 1000, "", NOON), ("new", 1000, OURS, NOON)],
        FOUND,
        "nonce",
        None,
    ),
    "A however late": ([OLD, ("new", 1000, OURS, NOON + 10**6)], FOUND, "nonce", None),
    "A without an id": ([OLD, (None, 1000, OURS, NOON)], UNDECIDED, None, "no_id"),
    "B": (
        [OLD, ("n1", 1000, OURS, NOON), ("n2", 1000, OURS, NOON)],
        UNDECIDED,
        None,
        "nonce_twice",
    ),
    "C": ([OLD, ("new", 999, OURS, NOON)], UNDECIDED, None, "nonce_amount"),
    "D": ([OLD, ("new", 1000, "", NOON + 899)], FOUND, "amount", None),
    "D without a time": ([OLD, ("new", 1000, "", 0)], FOUND, "amount", None),
    "D too late": ([OLD, ("new", 1000, "", NOON + 901)], NOTHING, None, None),
    "D without an id": ([OLD, (None, 1000, "", NOON)], UNDECIDED, None, "no_id"),
    "D with another's mark": ([OLD, ("new", 1000, OTHER, NOON)], NOTHING, None, None),
    "D twice": (
        [OLD, ("n1", 1000, "", NOON), ("n2", 1000, "", NOON)],
        UNDECIDED,
        None,
        "ambiguous",
    ),
    "E": ([OLD], NOTHING, None, None),
    "F": ([OLD, ("con", 300, "관리자페이지취소", NOON)], NOTHING, None, None),
    "less than before": ([], UNDECIDED, None, "less_cancelled"),
    "another id": ([("other", 500, "", NOON)], UNDECIDED, None, "ids_missing"),
}


@pytest.mark.parametrize("case", CASES)
def test_one_look(case):
    cancels, kind, match, alarm = CASES[case]
    finding = rules.look(SENT, seen(*cancels), skew_s=0)
    assert (finding.kind, finding.match, finding.alarm) == (kind, match, alarm)


def test_what_others_cancelled_is_told_apart_from_our_own():
    finding = rules.look(
        SENT, seen(OLD, ("con", 300, "", NOON), ("late", 200, OTHER, NOON)), skew_s=0
    )
    assert (finding.others, finding.foreign) == (True, 300)


def test_a_sum_that_grew_without_an_entry_decides_nothing():
    finding = rules.look(SENT, seen(OLD, cancel_amount=1500), skew_s=0)
    assert (finding.kind, finding.alarm) == (UNDECIDED, None)


@pytest.mark.parametrize("changes", [{"merchant_uid": "order-2"}, {"imp_uid": "imp_000000000002"}])
def test_another_payment_decides_nothing(changes):
    assert rules.look(SENT, seen(OLD, **changes), skew_s=0).alarm == "other_payment"


@pytest.mark.parametrize("skew_s", [600, -600])
def test_a_clock_that_is_off_widens_the_window_of_d(skew_s):
    payment = seen(OLD, ("new", 1000, "", NOON + 900 + 600))
    assert rules.look(SENT, payment, skew_s=skew_s).match == "amount"
    assert rules.look(SENT, payment, skew_s=skew_s / 2).kind == NOTHING


@pytest.mark.parametrize(
    ("cancels", "taken", "count"),
    [
        ([OLD, ("new", 1000, "", NOON + 10**6)], (), 1),
        ([OLD, ("new", 1000, "", NOON + 10**6)], ("new",), 0),
        ([OLD, ("new", 999, "", NOON)], (), 0),
        ([OLD, ("new", 1000, OTHER, NOON)], (), 0),
        ([OLD, ("new", 1000, "", NOON - 61)], (), 0),
        ([OLD, ("new", 1000, "", 0)], (), 1),
    ],
)
def test_what_may_be_a_refund_come_late_without_its_mark(cancels, taken, count):
    assert rules.suspects(SENT, seen(*cancels), taken=taken, skew_s=0) == count


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (PortOneNotSent(why=Why.NO_CONNECTION), "unsent"),
        (PortOneOutcomeUnknown(why=Why.NO_ANSWER), "doubtful"),
        (PortOneOutcomeUnknown(-1, 401, why=Why.KEY), "doubtful"),
        (PortOneOutcomeUnknown(1, 500, "취소 불가", why=Why.SERVER_ERROR), "doubtful"),
        (PortOneRejected(1, 200, "취소할 수 없습니다."), "no"),
        (PortOneRejected(1, 400, "취소할 수 없습니다."), "doubtful"),
        (PortOneRejected(1, 200, "PG 통신 시간초과"), "slow_no"),
        (PortOneRejected(1, 200, "Read Timeout"), "slow_no"),
        (PortOneRejected(1, 200, "통신 오류가 발생했습니다"), "slow_no"),
        (PortOneRejected(1, 200, "통신사 응답 없음"), "slow_no"),
        (PortOneRejected(1, 200, "통신사 정책으로 취소할 수 없습니다"), "no"),
        (PortOneRejected(1, 200, "카드사 응답 없음"), "slow_no"),
        (PortOneNotAuthorised(-1, 403, "IP", why=Why.IP), "no"),
        (PortOneNotAuthorised(None, 403, why=Why.IP), "doubtful"),
    ],
)
def test_what_an_error_says_about_the_money(error, answer):
    assert rules.weigh(error) == answer


CARRIERS_NO = [
    "통신사에서 취소를 거절하였습니다.",
    "이동통신사 거절",
    "통신사 한도 초과",
    "휴대폰 소액결제는 결제 당월에만 취소할 수 있습니다. 통신사에 문의해 주세요.",
    "통신과금서비스 해지 고객입니다.",
    "통신요금에 이미 청구되어 취소할 수 없습니다.",
]
TIMEOUTS = [
    "PG 통신 시간초과",
    "시간 초과",
    "통신 오류",
    "통신장애로 취소하지 못했습니다.",
    "KSNET 통신실패",
    "카드사와 통신 중 문제가 발생했습니다.",
    "카드사 응답 없음",
    "Read Timeout",
    "connection timed out",
    "TIMEOUT(9999)",
    "통신사 응답 없음",
    "통신사 무응답",
    "통신사 응답이 없습니다.",
    "이동통신사 처리 시간이 초과되었습니다.",
    "응답지연: 통신사 확인 필요",
    "통신사 시스템 장애",
    "통신사 점검 중",
    "통신사와의 통신이 끊겼습니다.",
    "통신사 접속 불가",
    "다날 휴대폰 통신 오류입니다",
    "카드사 타임아웃",
    "Server Time-Out",
    "time out",
    "은행의 응답이 없습니다.",
    "응답을 받지 못했습니다.",
    "카드사 응답지연",
]


@pytest.mark.parametrize(
    ("message", "answer"),
    [(one, "no") for one in CARRIERS_NO] + [(one, "slow_no") for one in TIMEOUTS],
)
def test_a_carriers_name_is_no_timeout_but_every_wording_of_one_is(message, answer):
    assert rules.weigh(PortOneRejected(1, 200, message)) == answer


@given(
    st.sampled_from(TIMEOUTS),
    st.sampled_from(["", *CARRIERS_NO, "[KSNET] ", "통신사"]),
    st.sampled_from(["", *CARRIERS_NO, " (A111)", "통신사"]),
)
def test_no_carriers_words_around_a_timeout_hide_it(message, before, after):
    error = PortOneRejected(1, 200, f"{before} {message} {after}")
    assert rules.weigh(error) == "slow_no"


DESIGN = re.compile(r"timeout|시간\s*초과|통신|응답\s*없", re.IGNORECASE)  # refund-safety, 1.4
PIECES = st.sampled_from(
    [
        *"통신사 응답없시간초과오류",
        "통신",
        "timeout",
        "응답",
        "없음",
        "시간",
        "초과",
        "통신사",
        "카드",
    ]
)


@given(st.lists(PIECES, max_size=8).map("".join))
@example("통신사")
def test_only_a_carriers_name_is_taken_from_the_designs_words(message):
    """Whatever the design calls a timeout is one here, unless 통신 stands only in such a name."""
    if DESIGN.search(re.sub("통신(?=사|과금|요금)", "", message)):
        assert rules.weigh(PortOneRejected(1, 200, message)) == "slow_no"


def test_patience_wants_the_settle_time_and_two_equal_looks_after_it():
    wait = Wait(settle_from=0, sight=None, sight_at=None)
    given = {"settle_s": 120, "gap_s": 30}
    wait, believed, helps_in = rules.patience(wait, "a", far_now=119, **given)
    assert (wait.sight, believed, helps_in) == (None, False, 1)
    wait, believed, helps_in = rules.patience(wait, "a", far_now=120, **given)
    assert (wait.sight_at, believed, helps_in) == (120, False, 30)
    _, believed, helps_in = rules.patience(wait, "a", far_now=149, **given)
    assert (believed, helps_in) == (False, 1)
    other, believed, _ = rules.patience(wait, "b", far_now=150, **given)
    assert (other.sight_at, believed) == (150, False)
    assert rules.patience(wait, "a", far_now=150, **given)[1]
    back, believed, _ = rules.patience(wait, "a", far_now=119 + 1, **given)
    assert not believed and back.sight_at == 120


def test_the_last_pause_repeats_for_ever():
    pauses = (5, 15, 60)
    assert [rules.pause_after(n, pauses) for n in (0, 1, 2, 3, 4, 99)] == [5, 5, 15, 60, 60, 60]
