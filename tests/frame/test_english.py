"""English is whole: what the product says itself has no Korean in it, whoever looks at whatever.

Data stays as it is. Here all of it is ASCII, so whatever Hangul is left on a page is ours.
"""

from __future__ import annotations

import ast
import html
import re
from contextlib import closing
from dataclasses import replace

import pytest

from dashboard import events, settings
from dashboard.accounts.permissions import ROLES
from dashboard.banks import banks
from dashboard.channels import Channels
from dashboard.config import ROOT
from dashboard.database import connect, write
from dashboard.orders.ledger import apply_payment
from dashboard.portone import Channel, Payment, PaymentBatch, PortOneNotFound, PortOneNotSent, Why
from dashboard.refunds import tasks
from dashboard.refunds.form_parts import REASONS
from dashboard.runtime import NoKeys
from dashboard.sealed import seal
from dashboard.setup import doctoring
from dashboard.setup.doctor import Asked
from dashboard.sync import service
from tests.conftest import AGAIN, START
from tests.door.routes import routes
from tests.orders.far_side import FarSide
from tests.orders.payments import NOON, answer, cancel
from tests.sync.portone import Away, Shelf

HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
OURS = re.compile(r"[^<>\"]*[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3][^<>\"]*")
DAY = 86_400

PLAIN = {
    "name": "Pears 7.5kg",
    "buyer_name": "Kim Hana",
    "buyer_addr": "110 Sejong-daero, Seoul",
    "card_name": "Shinhan Card",
}
VBANK = {"pay_method": "vbank", "vbank_num": "123456789", "vbank_name": "KB", "card_name": None}
KINDS = {
    "paid": {},
    "partial": {"cancel_amount": 3_000},
    "cancelled": {"status": "cancelled", "cancel_amount": 10_000, "cancelled_at": NOON},
    "no history": {"status": "cancelled", "cancel_amount": 0, "cancelled_at": NOON},
    "failed": {"status": "failed", "fail_reason": "over limit"},
    "ready": {"status": "ready"},
    "abandoned": {"status": "ready", "started_at": NOON - 9 * DAY},
    "waiting": VBANK | {"status": "ready", "vbank_date": START + DAY, "vbank_issued_at": NOON},
    "overdue": VBANK | {"status": "ready", "vbank_date": NOON - DAY},
    "deposit": VBANK | {"sandbox": True},
    "transfer": {"pay_method": "trans", "bank_name": "KB", "card_name": None},
    "phone": {"pay_method": "phone", "card_name": None},
    "phone of last month": {"pay_method": "phone", "started_at": NOON - 40 * DAY},
    "wallet": {"pay_method": "kakaopay", "card_name": None, "card_number": None},
    "other wallet": {"emb_pg_provider": "naverpay", "card_name": None, "card_number": None},
    "unknown method": {"pay_method": ""},
    "installments": {"card_quota": 3, "card_type": 1, "channel": "mobile"},
    "old": {"started_at": NOON - 200 * DAY},
    "nearly too old": {"started_at": NOON - 180 * DAY},
    "escrow": {"escrow": True, "channel": "api"},
    "dollars": {"currency": "USD", "amount": 1_250},
    "test": {"sandbox": True},
    "test wallet": {"sandbox": True, "pay_method": "payco"},
    "nonsense": {"cancel_amount": 99_000},
    "no slip": {"receipt_url": "http://slip.example/1"},
    "nameless": {"name": None, "buyer_name": None, "buyer_tel": None, "buyer_email": None},
    "many parts": {"cancel_amount": 9_000, "parts": 9},
}


def plain(number: int, **changes) -> dict:
    """A payment of PortOne in which every text is ASCII."""
    given = dict(changes)
    gone, parts = given.get("cancel_amount", 0), given.pop("parts", 1)
    if gone:
        part = gone // parts
        given["cancel_history"] = [cancel(part, n + 1, reason="changed") for n in range(parts)]
    started = given.setdefault("started_at", NOON)
    if given.get("status", "paid") in ("paid", "cancelled"):
        given.setdefault("paid_at", started + 60)
    uid = f"imp_{number:012d}"
    return answer(imp_uid=uid, **(PLAIN | {"merchant_uid": f"20260821-{number:04d}"} | given))


class Far(FarSide):
    """PortOne for the list, which asks for many, and for an order, which may ask for one."""

    def get_payments(self, imp_uids: list[str]) -> PaymentBatch:
        known = super().get_payments(imp_uids).payments
        missing = tuple(uid for uid in imp_uids if uid not in self.payments)
        return PaymentBatch(payments=known, missing=missing)

    def channels(self) -> list[Channel]:
        return []

    def get_payment(self, imp_uid: str, *, sandbox: bool) -> Payment:
        for found in self.get_payments([imp_uid]).payments:
            return found
        raise PortOneNotFound(1, 404, why=Why.NOT_FOUND)


@pytest.fixture
def orders(db):
    """An order of every kind; the last one was paid twice. Answers what PortOne would say."""
    said = [plain(number, **changes) for number, changes in enumerate(KINDS.values(), 1)]
    said += [plain(90 + n, merchant_uid="20260821-0090", started_at=NOON + n) for n in range(2)]
    with write(db):
        settings.put(db, "shop_name", "Moonlight Flowers")
        for one in said:
            apply_payment(db, Payment.from_json(one), source="sync", now=START - 60)
        note = {"order_id": 1, "person_id": 1, "text": "called", "created_at": START}
        db.table("notes").insert(note)
    return said


def english(browser):
    browser.send("/language", {"language": "en"}, page="/sign-in/forgotten")
    return browser


def korean_of(answer) -> list[str]:
    """What is left of Korean on a page, besides the switch to it."""
    text = html.unescape(answer.get_data(as_text=True)).replace("한국어", "")
    for bank in banks():  # securities firms, as KFTC names them: many have no English name
        text = text.replace(bank.ko, "") if bank.en == bank.ko else text
    for reason in REASONS:  # what PortOne is told, whatever language the page speaks
        text = text.replace(f'value="{reason}"', "")
    return [found.strip() for found in OURS.findall(text)]


@pytest.mark.parametrize("role", ["stranger", *ROLES])
def test_no_page_says_anything_in_korean(app, client_as, orders, monkeypatch, role):
    Far(*orders).stand(monkeypatch)
    browser = english(app.test_client() if role == "stranger" else client_as(role))
    seen = 0
    for route in routes(app, "GET"):
        found = browser.get(route.path)
        if found.mimetype == "text/html":
            seen += 1
            assert korean_of(found) == [], route
    for path in ("/no-such-page", "/sign-out", "/orders?from=x&to=y&min=z&q=a&when=custom&state=q"):
        assert korean_of(browser.get(path)) == [], path
    assert seen > 3


@pytest.mark.parametrize("sells", [None, "yes", "no"])
def test_no_order_says_anything_in_korean(client, db, orders, monkeypatch, sells):
    Far(*orders).stand(monkeypatch)
    english(client)
    with write(db):
        settings.put(db, "sells_tax_free", sells)
        db.conn.execute("UPDATE orders SET tax_free = 4000 WHERE id IN (2, 3)")
    for [order_id] in db.conn.execute("SELECT id FROM orders").fetchall():
        path = f"/orders/{order_id}"
        assert korean_of(client.get(path)) == [], path
        for deed in ("live", "reveal"):
            assert korean_of(client.send(f"{path}/{deed}", headers={"X-Fragment": "1"})) == [], path
    for query in ("", "base=paid&when=6m", "base=cancelled&state=partial", "unfold=1&test=only"):
        for page in ("/orders", "/orders/summary"):
            assert korean_of(client.get(f"{page}?{query}&summary=1&min=1&max=9000000")) == [], query


@pytest.mark.parametrize("why", [*Why, None])
def test_no_trouble_with_portone_is_told_in_korean(client, db, orders, monkeypatch, clock, why):
    error = NoKeys() if why is None else PortOneNotSent(why=why)
    Far(error=error).stand(monkeypatch)
    english(client)
    for path, data in (("/orders/1/live", {}), ("/orders/live", {"ids": "1,2"})):
        for headers in ({}, {"X-Fragment": "1"}):
            told = client.send(path, data, headers=headers, follow_redirects=True)
            assert korean_of(told) == [], path
    if why is not None:
        service.request_sync(db, None, None, int(clock.now))
        service.run_open(db, lambda: Away(error), owner="worker:a", clock=clock)
        for path in ("/sync", "/sync?first=1", "/orders"):
            assert korean_of(client.get(path)) == [], path


def test_what_portone_changed_is_told_in_english(client, db, orders, monkeypatch, clock):
    english(client)
    orders[0] |= {"cancel_amount": 1_000, "cancel_history": [cancel(1_000, reason="changed")]}
    orders[1] |= {"cancel_amount": 0, "cancel_history": []}  # older than what is known
    Far(*orders[:3]).stand(monkeypatch)
    for path, data in (
        ("/orders/live", {"ids": "1,2,3,4"}),
        ("/orders/1/live", {}),
        ("/orders/2/live", {}),
        ("/orders/4/live", {}),  # PortOne does not know it
    ):
        for headers in ({}, {"X-Fragment": "1"}):
            told = client.send(path, data, headers=headers, follow_redirects=True)
            assert korean_of(told) == [], path
    assert korean_of(client.get("/orders/1")) == []


def test_a_sync_is_told_in_english(client, db, clock):
    english(client)
    shelf, told = Shelf(), []

    def look(_cursor=None):
        told.extend(client.get(path) for path in ("/sync", "/sync?first=1", "/orders"))

    for changed in (0, 3_000):
        for number in range(3):
            shelf.payments[f"imp_{number:012d}"] = plain(number, cancel_amount=changed)
        if changed:
            del shelf.payments["imp_000000000002"]
        service.request_sync(db, None, None, int(clock.now))
        look()
        service.run_open(db, lambda: shelf, owner="worker:a", clock=clock, told=look)
        look()
        clock.now += 180
    assert [korean_of(page) for page in told] == [[]] * len(told)


HANDS = [
    (state, ground)
    for state in ("requested", "approved", "done", "declined", "withdrawn")
    for ground in ("K1", "K2", "K3", "K4", "K6", "refused")
]


@pytest.fixture
def by_hands(app, db, orders):
    """A refund by hand in every state for every reason, a mark, and what they owe; answers ids."""
    instance = app.extensions["jangbu"].instance
    with write(db):
        for number, (state, ground) in enumerate(HANDS):
            over = state in ("done", "declined", "withdrawn")
            payment = f"imp_{number % len(KINDS) + 1:012d}" if over else f"imp_{900 + number:012d}"
            if not over:
                extra = plain(900 + number, started_at=NOON - 200 * DAY)
                apply_payment(db, Payment.from_json(extra), source="sync", now=START)
            order = db.execute("SELECT order_id FROM payments WHERE imp_uid = ?", [payment])
            sealed = seal(instance, {"holder": "Oh", "account": "110492374821"})
            row = {
                "id": f"hand-{number}",
                "form_token": f"token-{number}",
                "order_id": order.fetchone()[0],
                "imp_uid": payment,
                "amount": 1_000,
                "tax_free": 100,
                "ground": ground,
                "reason": "changed",
                "bank": "088",
                "account_last4": "4821",
                "account": None if over else sealed,
                "needs_owner": 0,
                "state": state,
                "person_id": 3,
                "created_at": START,
                "decided_by": 1 if state in ("done", "declined") else None,
                "decided_at": START if state in ("done", "declined") else None,
                "decision": "not now" if state == "declined" else None,
                "transferred_on": "2026-08-21" if state == "done" else None,
                "bank_reference": "ref 1" if state == "done" else None,
                "done_by": 1 if state == "done" else None,
                "ended_at": START if over else None,
            }
            db.table("manual_refunds").insert(row)
            kind = f"manual_refund.{state}"
            detail = {"amount": 1_000} | ({} if number % 2 else {"from": "requested"})
            events.record(
                db, kind, at=START, actor="person", order_id=row["order_id"], detail=detail
            )
        db.conn.execute("UPDATE orders SET manual_refunded = 1000 WHERE id < 9")
        for number, cleared in enumerate((None, START), 1):
            mark = {"order_id": 1, "imp_uid": "imp_000000000001", "amount": 500}
            mark |= {"cancelled_on": "2026-08-21", "evidence": "seen there", "person_id": 1}
            mark |= {"created_at": START, "cleared_at": cleared, "cleared_by": cleared and 1}
            db.table("outside_cancels").insert(mark | {"id": number, "cleared_why": "corrected"})
            kind = "cleared" if cleared else "marked"
            events.record(
                db, f"outside_cancel.{kind}", at=START, actor="person", order_id=1, detail=mark
            )
        for left in (0, 500):
            tasks.owe_receipts(
                db,
                {"id": "hand-0", "order_id": 11, "imp_uid": "imp_000000000011"}
                | {"amount": 500, "tax_free": 0},
                receipt="unknown",
                left=left,
                tax_free_left=None,
                now=START,
                by_hand=True,
            )
    return [f"hand-{number}" for number in range(len(HANDS))]


@pytest.mark.parametrize("role", ["owner", "manager", "staff"])
def test_refunds_by_hand_are_told_in_english(
    client_as, db, by_hands, orders, monkeypatch, clock, role
):
    Far(*orders).stand(monkeypatch)
    clock.now = START
    client = english(client_as(role))
    pages = [f"/refunds/by-hand/{one}" for one in by_hands]
    pages += [f"/payments/imp_{number:012d}/by-hand/new" for number in range(1, len(KINDS) + 1)]
    pages += ["/refunds", "/refunds/by-hand", "/refunds/by-hand/export", "/tasks", "/help"]
    pages += ["/outside-cancels/1", "/outside-cancels/2", "/orders?summary=1&unfold=1&when=6m"]
    pages += ["/payments/imp_000000000001/outside-cancels/new"]
    pages += [f"/payments/imp_{number:012d}/refunds/new" for number in (1, 2, 12)]
    orders_there = db.execute("SELECT id FROM orders").fetchall()
    pages += [f"/orders/{order_id}" for (order_id,) in orders_there]
    for path in pages:
        assert korean_of(client.get(path)) == [], path


def test_what_is_wrong_with_refunds_by_hand_is_told_in_english(
    client, db, by_hands, orders, monkeypatch
):
    Far(*orders).stand(monkeypatch)
    english(client)
    requested, approved = by_hands[0], by_hands[len(HANDS) // 5]
    for path, data in (
        (f"/refunds/by-hand/{requested}/decline", {}),
        (f"/refunds/by-hand/{approved}/reveal", {}),
        (f"/refunds/by-hand/{approved}/transferred", {"day": "x", "reference": ""}),
        (f"/refunds/by-hand/{approved}/transferred", {"day": "2020-01-01", "reference": "ref"}),
        (
            f"/refunds/by-hand/{approved}/transferred",
            {"day": "2026-08-21", "reference": "110492374821"},
        ),
        (f"/refunds/by-hand/{by_hands[-1]}/withdraw", {}),
        ("/refunds/by-hand/reveal", {}),
        ("/payments/imp_000000000001/outside-cancels", {"amount": "x", "day": "x", "seen": "x"}),
        (
            "/payments/imp_000000000001/outside-cancels",
            {"amount": "9,999,999", "day": "2026-08-21", "seen": "seen there"},
        ),
        ("/outside-cancels/1/clear", {"why": "x"}),
        ("/outside-cancels/1/clear", {"why": "corrected by PortOne"}),
    ):
        told = client.send(path, data, follow_redirects=True)
        assert korean_of(told) == [], path


REFUSED = {
    "/me": {"old_password": "x", "password": "short"},
    "/people": {"name": "owner", "role": "x", "password": "password12"},
    "/people/3/password": {"password": "1234567890", "password_again": "x"},
    "/people/3/role": {"role": "x", "password_again": "x"},
    "/people/3/disable": {"password_again": "x"},
    "/settings/contract": {"contract_easy_pay": "x", "password_again": "x"},
    "/settings/refunds": {"bank_code_set": "x", "password_again": "x"},
    "/settings/shop": {"shop_name": "x" * 61, "sells_tax_free": "maybe", "business_number": "1"},
    "/settings/refund-guards": {
        "refund_approval": "above",
        "refund_limit_staff": "x",
        "password_again": "x",
    },
    "/settings/connection": {"imp_key": "a b", "imp_secret": "", "password_again": "x"},
    "/settings/go-live": {"imp_key": "", "imp_secret": "x" * 400},
    "/orders/1/notes": {"text": "900101-1234567"},
    "/orders/1/tax-free": {"tax_free": "99999999"},
    "/practice/orders": {"count": "no"},
}


def test_what_was_refused_is_told_in_english(client, db, orders, monkeypatch):
    Far(*orders).stand(monkeypatch)
    english(client)
    with write(db):
        settings.put(db, "sells_tax_free", "yes")
    for path, data in REFUSED.items():
        for typed in (data, dict.fromkeys(data, "")):
            told = client.send(path, typed, follow_redirects=True)
            assert korean_of(told) == [], path
    wrong = english(client.application.test_client()).send(
        "/sign-in", {"name": "x", "password": ""}
    )
    assert korean_of(wrong) == []


# -- the sources: also what no test leads to -----------------------------------------------------

_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_MESSAGE = re.compile(r"""\b_\(\s*(?:"[^"]*"|'[^']*')""")
_IN_TEMPLATES = ("한국어", '"카드"', '"은행"')  # the switch; how names of issuers end
# Both languages stand side by side there: what is printed before anybody chose one, rules with a
# text for each; what is told to the buyer or to PortOne, sums in words; and the endings of amounts
# and letters that are read, not said.
_BOTH = {
    "app.py", "dashboard/checkout/delivery_rules.py", "dashboard/commands.py",
    "dashboard/config.py", "dashboard/door/hosts.py", "dashboard/hangul.py",
    "dashboard/instance.py", "dashboard/orders/amount_words.py",
    "dashboard/orders/date_words.py", "dashboard/orders/forms.py",
    "dashboard/orders/palette.py", "dashboard/orders/query.py",
    "dashboard/orders/query_tokens.py", "dashboard/orders/query_values.py",
    "dashboard/orders/search_index.py", "dashboard/server.py",
    "dashboard/receipts/batch.py", "dashboard/receipts/identifier.py",
    "dashboard/receipts/sale.py", "dashboard/receipts/service.py",
    "dashboard/receipts/sheet.py", "dashboard/shopfile.py",
    "dashboard/refunds/advice.py", "dashboard/refunds/form_parts.py",
    "dashboard/refunds/number_words.py", "dashboard/refunds/objecting.py",
    "dashboard/refunds/reserved.py", "dashboard/refunds/rules.py", "dashboard/refunds/typed.py",
}  # fmt: skip


def test_templates_say_nothing_past_the_catalogue():
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = _MESSAGE.sub("", _COMMENT.sub("", path.read_text("utf-8")))
        for known in _IN_TEMPLATES:
            text = text.replace(known, "")
        left = [line.strip() for line in text.splitlines() if HANGUL.search(line)]
        assert left == [], path


def test_modules_say_nothing_past_the_catalogue():
    for path in [ROOT / "app.py", *sorted((ROOT / "dashboard").rglob("*.py"))]:
        name = path.relative_to(ROOT).as_posix()
        if name not in _BOTH and not name.startswith(("dashboard/sandbox/", "dashboard/ksnet/")):
            assert list(_korean_constants(path.read_text("utf-8"))) == [], name


def _korean_constants(source: str):
    tree = ast.parse(source)
    messages = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"_", "_l", "N_"}:
            messages |= {id(part) for given in node.args for part in ast.walk(given)}
        elif isinstance(node, ast.Expr):  # a docstring
            messages.add(id(node.value))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in messages and HANGUL.search(node.value):
                yield node.value


def test_scripts_say_nothing_themselves():
    for path in sorted((ROOT / "static").rglob("*.js")):
        code = re.sub(r"/\*.*?\*/|//[^\n]*", "", path.read_text("utf-8"), flags=re.DOTALL)
        assert not HANGUL.search(code), path


GATEWAY = {"listed": "1", "card_quota": ["3"]} | AGAIN
WRONG_GATEWAYS = [
    {"merchant_code": "x", "channel_key": "x", "pg_mid": "-", "ceo_name": "x" * 41},
    {"shop_address": "x" * 201, "shop_phone": "1", "confirm_on": "y"},
    {"listed": "", "channel_key": "?"},
    *(
        {"public_url": one}
        for one in (
            "http://a.b",
            "https://a.b/c",
            "https://a",
            "https://1.1.1.1",
            "https://a.local",
        )
    ),
]


def test_the_gateway_is_told_in_english(client, db, monkeypatch):
    english(client)
    far = Far().stand(monkeypatch)
    for error in (None, PortOneNotSent(why=Why.NO_CONNECTION)):
        monkeypatch.setattr(far, "channels", FarChannels(error))
        for typed in WRONG_GATEWAYS:
            assert korean_of(client.send("/settings/gateway", GATEWAY | typed)) == [], typed
    typed = {"merchant_code": "imp12345678", "quota": "some", "public_url": "https://a.example.com"}
    assert korean_of(client.send("/settings/gateway", GATEWAY | typed)) == []
    for path in ("/settings/gateway", "/settings/doctor", "/settings"):
        assert korean_of(client.get(path)) == [], path


class FarChannels:
    def __init__(self, error):
        self.error = error

    def __call__(self):
        if self.error:
            raise self.error
        return []


@pytest.mark.parametrize("mode", ["practice", "live"])
def test_the_check_of_the_gateway_is_told_in_english(app, client, monkeypatch, mode):
    english(client)
    runtime = app.extensions["jangbu"]
    runtime.choose(mode)
    channel = Channel(
        pg_provider="ksnet",
        pg_id="2999199999",
        sandbox=True,
        type="payment",
        channel_name="Test",
        channel_key="channel-key-1",
    )
    api = replace(channel, type="api_payment", channel_key="channel-key-2")
    channels = Channels(found=(channel, api))
    said = [Asked(trouble=why, served=False) for why in (*Why, "no_keys", "bad_keys")]
    said += [Asked(where="x", skew_s=skew_s, served=True) for skew_s in (None, 1.0, 500.0)]
    said += [Asked(where="x", channels=channels)]
    gone = {"channel_key": "channel-key-3"}
    shops = (
        {},
        gone,
        {"channel_key": "channel-key-1"},
        {"channel_key": "channel-key-1", "pg_mid": "2999199999", "channel_sandbox": True},
        {"channel_key": "channel-key-2", "contract_mixed_tax": "no", "contract_easy_pay": "no"},
        {"channel_key": None, "pg_mid": "2999199999", "public_url": "https://a.example.com"},
        {"pg_mid": "1", "contract_mixed_tax": "yes", "confirm_on": True},
    )
    with closing(connect(runtime.database_path)) as db:
        for number, facts in enumerate(shops):
            with write(db):
                for name, value in facts.items():
                    settings.put(db, name, value)
                put_webhook(db, number)
            for asked in said if number == 0 else said[-1:]:
                monkeypatch.setattr(doctoring, "ask", lambda _runtime, asked=asked: asked)
                runtime.public_port = 5001
                told = client.send("/settings/doctor/live", page="/me")
                assert korean_of(told) == [], (facts, asked)


VERDICTS = ("waiting", "changed", "known", "contradicted", "unknown", "unreadable")


def put_webhook(db, number):
    verdict = VERDICTS[number % len(VERDICTS)]
    names = ("content_type", "remote_addr", "body", "imp_uid", "merchant_uid", "status")
    at = START + number
    row = dict.fromkeys((*names, "cancellation_id"), "") | {"first_at": at, "last_at": at}
    row |= {"verdict": verdict, "next_check_at": at if verdict == "waiting" else None}
    db.table("webhook_inbox").insert(row)
