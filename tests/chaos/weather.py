"""What the gateway does wrong in a round: scripts for the sandbox, drawn by chance."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

Script = dict[str, Any]

SETTLE_S = 75 + 120  # the client's deadline and T_settle: later than this is too late


def _said(code: object, message: str | None = None, **more: Any) -> str:
    return json.dumps({"code": code, "message": message, "response": None} | more)


def _executed(rng: random.Random) -> str:
    return rng.choice(("before", "before", "never"))


def _no(text: str) -> Callable[[random.Random], Script]:
    return lambda rng: {"execute": _executed(rng), "answer": "body", "body": _said(1, text)}


def _status(*numbers: int) -> Callable[[random.Random], Script]:
    return lambda rng: {
        "execute": _executed(rng),
        "answer": "status",
        "status": rng.choice(numbers),
        "body": rng.choice(("", "<html>502 Bad Gateway</html>", _said(-1, "서버 오류"))),
    }


def _silence(rng: random.Random) -> Script:
    answer = rng.choice(("close", "rst", "hang"))
    return {"execute": _executed(rng), "answer": answer, "hang_s": rng.uniform(0.1, 0.6)}


def _late(low_s: float, high_s: float) -> Callable[[random.Random], Script]:
    return lambda rng: {
        "execute": "late",
        "late_s": rng.uniform(low_s, high_s),
        "answer": rng.choice(("close", "rst", "status", "body")),
        "status": 504,
        "body": "" if rng.random() < 0.5 else _said(1, "PG 통신 시간초과"),
    }


def _late_after_a_no(rng: random.Random) -> Script:
    script = _late(1, SETTLE_S * 3)(rng)
    return script | {"answer": "body", "status": 200, "body": _said(1, "카드사 거절")}


def _rubbish(rng: random.Random) -> Script:
    body = rng.choice(
        (
            "",
            "[]",
            "null",
            "NaN",
            '"ok"',
            "<html>로그인이 필요합니다</html>",
            '{"code":0}',
            '{"message":null,"response":{}}',
            _said("0"),
            _said(True),
            _said(0),
            _said(0, response={"imp_uid": "imp_000000000000", "cancel_history": []}),
            "[" * 20_000,
            '{"code":0,"code":1,"response":null}',
        )
    )
    return {"execute": _executed(rng), "answer": "body", "body": body}


CANCELS: list[tuple[float, Callable[[random.Random], Script]]] = [
    (30, lambda rng: {}),
    (6, lambda rng: {"delay_s": rng.uniform(0.05, 0.6)}),
    (12, _silence),
    (6, lambda rng: {"before_read": True, "answer": rng.choice(("close", "rst"))}),
    (4, lambda rng: {"execute": "after", "answer": rng.choice(("ok", "close", "trunc"))}),
    (10, _late(1, SETTLE_S * 0.7)),
    (6, _late(SETTLE_S * 1.05, SETTLE_S * 4)),
    (3, _late_after_a_no),
    (6, _status(500, 502, 503, 504)),
    (3, _status(429, 408, 400)),
    (5, lambda rng: {"answer": "trunc", "part": rng.choice(("head", "body"))}),
    (6, _rubbish),
    (3, _no("카드사 거절")),
    (2, _no("PG 통신 시간초과")),
    (4, lambda rng: {"execute": "never"}),  # says yes and does nothing
    (3, lambda rng: {"execute": "never", "answer": "status", "status": 401}),
    (2, _status(301, 302, 307, 308)),
]
"""Weights, and what becomes of one ``POST /payments/cancel``."""

READS: list[tuple[float, Callable[[random.Random], Script]]] = [
    (75, lambda rng: {}),
    (5, lambda rng: {"delay_s": rng.uniform(0.05, 0.3)}),
    (5, lambda rng: {"answer": rng.choice(("close", "rst", "trunc"))}),
    (5, lambda rng: {"answer": "status", "status": rng.choice((401, 403, 404, 500, 502, 503))}),
    (5, lambda rng: {"answer": "body", "body": _rubbish(rng)["body"]}),
    (
        5,
        lambda rng: {
            "answer": "body",
            "status": 404,
            "body": _said(1, "존재하지 않는 결제정보입니다."),
        },
    ),
]
"""The same for one look-up."""

RECEIPTS: list[tuple[float, Callable[[random.Random], Script]]] = [
    (40, lambda rng: {}),
    (15, _silence),
    (8, _late(1, SETTLE_S * 0.7)),
    (10, _status(500, 502, 503, 504)),
    (6, _status(429, 408)),
    (6, _rubbish),
    (5, lambda rng: {"answer": "trunc", "part": rng.choice(("head", "body"))}),
    (4, lambda rng: {"execute": "never"}),  # says yes and does nothing
]
"""The same for issuing or cancelling one cash receipt."""

TOKENS: list[tuple[float, Callable[[random.Random], Script]]] = [
    (90, lambda rng: {}),
    (5, lambda rng: {"answer": rng.choice(("close", "rst"))}),
    (5, lambda rng: {"answer": "status", "status": rng.choice((500, 503))}),
]


def scripts(rng: random.Random) -> list[Script]:
    """A round's worth, for every kind of request in the order they will come."""
    made = []
    for count, kinds, method, path in (
        (60, CANCELS, "POST", "/payments/cancel"),
        (400, READS, "GET", "/payments/imp_*"),
        (30, RECEIPTS, "POST", "/receipts/imp_*"),
        (20, RECEIPTS, "DELETE", "/receipts/imp_*"),
        (100, READS, "GET", "/receipts/imp_*"),
        (60, TOKENS, "POST", "/users/getToken"),
    ):
        weights = [weight for weight, _ in kinds]
        for _weight, make in rng.choices(kinds, weights, k=count):
            made.append({"method": method, "path": path, **make(rng)})
    return made


def switches(rng: random.Random) -> Script:
    """What this gateway is like."""
    return {
        "strip_reason": rng.random() < 0.15,
        "stale_reads_s": rng.choice((0.0,) * 8 + (20.0, 60.0)),
        "partial_status": rng.choice(("paid", "paid", "cancelled")),
    }
