"""Every kind of payment opens whole, in both languages; a buyer's text stays text (SEC-36)."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from dashboard import settings
from dashboard.database import write
from dashboard.orders import service
from tests.orders.payments import NOON, answer, cancel, make_payment

METHODS = (
    *("card", "vbank", "trans", "phone"),
    *("kakaopay", "naverpay", "payco", "lpay", "ssgpay", "point", ""),
)
_ACCOUNT = {
    "vbank_name": "신한은행",
    "vbank_num": "562-01-123456",
    "vbank_holder": "산들청과",
    "vbank_date": NOON + 3600,
    "vbank_issued_at": NOON + 1,
}
STATES = {
    "ready": {"status": "ready", "paid_at": 0, "receipt_url": None},
    "waiting": {"status": "ready", "paid_at": 0} | _ACCOUNT,
    "paid": {},
    "part": {"cancel_amount": 3_000, "cancel_history": [cancel(3_000)]},
    "part as cancelled": {
        "status": "cancelled",
        "cancel_amount": 3_000,
        "cancelled_at": NOON + 3600,
        "cancel_history": [cancel(3_000)],
    },
    "whole": {
        "status": "cancelled",
        "cancel_amount": 10_000,
        "cancelled_at": NOON + 7200,
        "cancel_history": [cancel(3_000), cancel(7_000, 2, cancelled_at=0, reason="")],
    },
    "revoked": {"status": "cancelled", "paid_at": 0, "cancelled_at": NOON + 9} | _ACCOUNT,
    "failed": {"status": "failed", "paid_at": 0, "failed_at": NOON + 5, "fail_reason": "한도 초과"},
    "unknown": {"status": "pending"},
    "no history": {"status": "cancelled", "cancel_amount": 10_000, "cancelled_at": NOON},
}
EXTRA = {
    "test": {"sandbox": True},
    "escrow": {"escrow": True},
    "dollars": {"currency": "USD", "amount": 12.34},
    "yen": {"currency": "JPY"},
    "free": {"amount": 0},
    "bare": {
        name: None
        for name in answer()
        if name
        not in (
            "imp_uid",
            "merchant_uid",
            "amount",
            "cancel_amount",
            "currency",
            "status",
            "sandbox",
        )
    },
    "years ago": {"started_at": NOON - 3 * 365 * 86_400, "paid_at": NOON - 3 * 365 * 86_400},
}


@pytest.fixture(params=["ko", "en"])
def page_of(request, client, db, put):
    """The page of an order with these payments, in one of the languages."""
    with write(db):
        db.conn.execute("UPDATE people SET language = ?", (request.param,))

    def page_of(*payments) -> str:
        response = client.get(f"/orders/{put(*payments)}")
        assert response.status_code == 200
        page = response.get_data(as_text=True)
        assert page.rstrip().endswith("</html>")
        assert f'<html lang="{request.param}"' in page
        return page

    return page_of


@pytest.mark.parametrize("method", METHODS)
def test_every_method_opens_in_every_state(page_of, method):
    for number, changes in enumerate(STATES.values()):
        uids = {"imp_uid": f"imp_{number:012}", "merchant_uid": f"order-{number}"}
        page = page_of(make_payment(**({"pay_method": method} | uids | changes)))
        for slip in ("None", "Undefined", "%(", "[]"):
            assert slip not in _visible(page), slip


@pytest.mark.parametrize("extra", EXTRA)
def test_every_oddity_opens_in_every_state(page_of, extra):
    for number, changes in enumerate(STATES.values()):
        uids = {"imp_uid": f"imp_{number:012}", "merchant_uid": f"order-{number}"}
        given = changes | EXTRA[extra] | uids
        if "amount" in EXTRA[extra] and changes.get("cancel_amount"):
            continue  # a sum of its own
        page_of(make_payment(**given))


# -- text stays text ----------------------------------------------------------------------------

PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</pre></textarea></title><iframe src=//evil.example>",
    "javascript:alert(1)",
    "{{ 7*7 }}{% raw %}",
    '" autofocus onfocus=alert(1) x="',
    "%(name)s %s %d",
    "&lt;b&gt;&#x3c;",
    "\u202egnp.exe\u2028\u0000\x1b[31m",
)
TEXTS = (
    *("name", "buyer_name", "buyer_email", "buyer_tel", "buyer_addr", "buyer_postcode"),
    *("custom_data", "user_agent", "fail_reason", "cancel_reason", "card_name", "card_number"),
    *("card_issuer_name", "card_publisher_name", "bank_name", "vbank_name", "vbank_num"),
    *("vbank_holder", "apply_num", "pg_tid", "pg_id", "pg_provider", "channel", "pay_method"),
    *("emb_pg_provider", "receipt_url", "customer_uid"),
)


class _Bones(HTMLParser):
    """Tags and the names of their attributes, and where links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.links: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, tuple(sorted(name for name, _value in attrs))))
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action")]

    def handle_data(self, data):
        self.texts.append(data)


def _bones(page: str) -> _Bones:
    bones = _Bones()
    bones.feed(page)
    return bones


def _visible(page: str) -> str:
    main = page[page.index("<main") : page.index("</main>")]
    shown, _sep, rest = main.partition('<pre class="raw"')
    return shown + rest.partition("</pre>")[2]


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("revealed", [False, True])
def test_no_text_of_a_buyer_becomes_markup(client, db, put, person, payload, revealed):
    with write(db):
        settings.put(db, "shop_name", payload)
        db.conn.execute("UPDATE people SET name = ? WHERE role = 'staff'", (payload,))

    for beside in (-100, 100):  # so that both pages have an order above and one below
        uids = {"merchant_uid": f"beside{beside}", "imp_uid": f"imp_beside{beside}"}
        put(make_payment(**uids, started_at=NOON + beside))

    def bones(text: str, number: int) -> _Bones:
        entry = cancel(3_000, reason=text, cancellation_id=text, pg_tid=text, receipt_url=text)
        uids = {"merchant_uid": f"{number}{text}"[:40], "started_at": NOON + number}
        given = dict.fromkeys(TEXTS, text) | uids
        order_id = put(
            make_payment(**given, imp_uid=f"imp_a{number}", status="failed", failed_at=NOON),
            make_payment(
                **given | {"cancel_amount": 3_000, "cancel_history": [entry]},
                imp_uid=f"imp_b{number}",
            ),
        )
        service.add_note(db, order_id, text=text, person_id=person("owner").id, now=NOON)
        path = f"/orders/{order_id}"
        answered = client.send(f"{path}/reveal", page=path) if revealed else client.get(path)
        assert answered.status_code == 200
        return _bones(answered.get_data(as_text=True))

    harmless, attacked = bones("harmless", 1), bones(payload, 2)
    assert attacked.tags == harmless.tags
    assert not [link for link in attacked.links if not link.startswith(("/", "#"))]


def test_a_note_typed_wrong_comes_back_as_text(client, put):
    order_id = put(make_payment())
    path = f"/orders/{order_id}"
    for payload in PAYLOADS:
        text = payload + "x" * 2000
        page = client.send(f"{path}/notes", {"text": text}, page=path).get_data(as_text=True)
        assert "alert(1)>" not in page
        assert "<iframe" not in page
