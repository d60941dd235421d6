"""What holds for every route there is: the tests walk ``url_map`` and grow with the product."""

import hashlib
import re

import pytest

from tests.conftest import AGAIN
from tests.door.routes import ALL, MAY, WITHOUT_TOKEN, routes

ROLES = ("viewer", "staff", "manager", "owner")
READS = ("GET", "HEAD", "OPTIONS")
WRITES = ("POST", "PUT", "PATCH", "DELETE")
EXTRA = {
    name: "1"
    for name in (
        "state", "role", "is_admin", "checksum", "cancellation_id", "created_by", "imp_uid",
        "amount_paid", "session_version", "password_hash", "disabled_at", "person_id", "id",
        "order_id", "merchant_uid", "paid_amount", "cancel_amount", "sandbox", "created_at",
    )
}  # fmt: skip

DO_WITHOUT_FIELDS = {
    "accounts.change_role",  # its own field is among them
    "accounts.disable",
    "accounts.enable",
    "accounts.sign_out",
}


def contents(db):
    """A digest of everything in the database."""
    return hashlib.sha256("\n".join(db.conn.iterdump()).encode()).hexdigest()


def facts(db):
    """Every row that says what is true of money and people."""
    tables = ("orders", "payments", "cancellations", "people", "settings")
    return [[tuple(row) for row in db.conn.execute(f"SELECT * FROM {name}")] for name in tables]


def words(answer):
    """What a person reads on the page, without the number of the request."""
    text = re.sub(r"<[^>]*>", " ", answer.get_data(as_text=True))
    return " ".join(re.sub(r"\b[0-9a-f]{8}\b", "", text).split())


def browser_of(shop, client_as, role):
    return shop.test_client() if role == "stranger" else client_as(role)


def turned_away(answer, role):
    """Whether the door, rather than the page, has answered."""
    if role == "stranger":
        to_sign_in = answer.status_code == 303 and answer.location.startswith("/sign-in")
        return to_sign_in or answer.status_code == 401
    return answer.status_code == 403


def test_every_endpoint_has_a_row(shop):
    """SEC-25: a new endpoint must be thought about before it answers anybody."""
    assert {rule.endpoint for rule in shop.url_map.iter_rules()} <= MAY.keys()


@pytest.mark.parametrize("role", sorted(ALL))
def test_role_matrix(shop, client_as, role):
    """SEC-25."""
    wrong = []
    for route in routes(shop, "GET", *WRITES):
        browser = browser_of(shop, client_as, role)  # fresh: the last route may have signed it out
        data = None
        if route.method in WRITES:
            page = "/sign-in/forgotten" if role == "stranger" else "/me"
            data = {"csrf_token": browser.csrf(page)}
        answer = browser.open(route.path, method=route.method, data=data)
        out = turned_away(answer, role)
        if answer.status_code >= 500 or out is (role in MAY[route.endpoint]):
            wrong.append(f"{route}: {answer.status_code} {answer.location or ''}")
    assert not wrong


def test_nothing_changes_without_a_token(shop, client_as, db):
    """SEC-04."""
    before = contents(db)
    for route in routes(shop, *WRITES):
        for token in (None, "", "x", "ImEi.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb"):
            data = {} if token is None else {"csrf_token": token}
            answer = client_as("owner").open(route.path, method=route.method, data=data)
            if route.endpoint not in WITHOUT_TOKEN:
                assert answer.status_code == 400, route
    assert contents(db) == before


def test_token_of_another_session_is_none(shop, client_as, db):
    """SEC-04."""
    token, before = client_as("owner").csrf("/me"), contents(db)
    for route in routes(shop, *WRITES):
        answer = client_as("owner").open(
            route.path, method=route.method, data={"csrf_token": token}
        )
        assert answer.status_code == 400, route
    assert contents(db) == before


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "Same-Origin"},
        {"Sec-Fetch-Site": ""},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "https://127.0.0.1:5000"},
        {"Origin": "http://127.0.0.1:5001"},
        {"Origin": "http://127.0.0.1"},
        {"Origin": "http://localhost:5000"},
        {"Origin": "http://127.0.0.1:5000.evil.com"},
        {"Origin": "http://evil.com"},
    ],
    ids=str,
)
def test_foreign_page_is_refused_even_with_a_token(shop, client_as, db, headers):
    """SEC-05: `localhost:other-port` is the same site, but not the same origin."""
    before = contents(db)
    browser = client_as("owner")
    token = browser.csrf("/me")
    for route in routes(shop, *WRITES):
        answer = browser.open(
            route.path, method=route.method, data={"csrf_token": token}, headers=headers
        )
        assert answer.status_code == 403, route
    assert contents(db) == before


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/plain", "csrf_token={}&name=x"),
        ("application/json", '{{"csrf_token": "{}", "name": "x"}}'),
        ("text/plain;boundary=application/x-www-form-urlencoded", "csrf_token={}"),
        ("application/xml", "<a>{}</a>"),
        ("", "csrf_token={}"),
    ],
)
def test_body_that_is_no_form_is_refused(shop, client_as, db, content_type, body):
    """SEC-06: what a page may send anywhere without asking is never read as a form."""
    before = contents(db)
    browser = client_as("owner")
    token = browser.csrf("/me")
    for route in routes(shop, *WRITES):
        answer = browser.open(
            route.path,
            method=route.method,
            data=body.format(token).encode(),
            content_type=content_type,
            headers={"X-CSRFToken": token},
        )
        assert 400 <= answer.status_code < 500, route
    assert contents(db) == before


@pytest.mark.parametrize("role", ["stranger", "viewer", "owner"])
def test_looking_changes_nothing(shop, client_as, db, role, config):
    """SEC-07."""
    before = contents(db), (config.instance / "state.json").read_bytes()
    browser = browser_of(shop, client_as, role)
    for route in routes(shop, *READS):
        for query in ("", "?token=x&next=/me&q=a&state=paid&language=en&theme=dark"):
            answer = browser.open(route.path + query, method=route.method)
            assert answer.status_code < 500, route
    assert (contents(db), (config.instance / "state.json").read_bytes()) == before


def test_absent_things_are_all_absent_alike(shop, client_as, db):
    """SEC-26: nothing tells a deleted id from one that never was."""
    before, said = contents(db), set()
    absent = dict.fromkeys(
        ("order_id", "person_id", "task_id", "mark_id", "product_id", "webhook_id", "view_id"),
        987_654,
    )
    absent |= dict.fromkeys(
        (
            "refund_id",
            "request_id",
            "bulk_id",
            "by_hand_id",
            "file_id",
            "imp_uid",
            "receipt_id",
            "batch_id",
        ),
        "imp_987654987654",
    )
    for route in routes(shop, "GET", *WRITES, **absent):
        if route.has_id:
            browser = client_as("owner")
            data = {"csrf_token": browser.csrf("/me")} if route.method in WRITES else None
            answer = browser.open(route.path, method=route.method, data=data)
            assert answer.status_code == 404, route
            said.add(words(answer))
    assert len(said) == 1
    assert contents(db) == before


def test_fields_nobody_asked_for_are_ignored(shop, client_as, db):
    """SEC-29: every form with more in it does what it does without."""
    for route in routes(shop, *WRITES):
        if route.endpoint in DO_WITHOUT_FIELDS:
            continue
        before = facts(db)
        browser = client_as("owner")
        data = {"csrf_token": browser.csrf("/me")} | AGAIN | EXTRA
        answer = browser.open(route.path, method=route.method, data=data)
        assert answer.status_code < 500, route
        assert facts(db) == before, route


def test_every_answer_has_the_headers(shop, client_as):
    """SEC-08, SEC-09, SEC-10."""
    answers = {}
    for role in ("stranger", "viewer", "owner"):
        browser = browser_of(shop, client_as, role)
        for route in routes(shop, "GET", "HEAD", "OPTIONS", "POST"):
            answers[f"{role} {route}"] = browser.open(route.path, method=route.method)
    owner = client_as("owner")
    answers["404"] = owner.get("/no-such-page")
    answers["405"] = owner.get("/sign-out")
    answers["413"] = owner.post("/people", data={"name": "x" * 11_000_000})
    shop.config["PROPAGATE_EXCEPTIONS"] = False
    shop.view_functions["accounts.me"] = owner_fails
    answers["500"] = owner.get("/me")
    for status in ("404", "405", "413", "500"):
        assert answers[status].status_code == int(status)
    for name, answer in answers.items():
        headers = answer.headers
        assert headers["Content-Security-Policy"] == (
            "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
            "form-action 'self'; frame-ancestors 'none'"
        ), name
        assert headers["X-Content-Type-Options"] == "nosniff", name
        assert headers["Referrer-Policy"] == "same-origin", name
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin", name
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin", name
        assert not [
            header for header in headers.keys() if header.lower().startswith("access-control")
        ]
        if "/assets/" not in name:
            assert "no-store" in headers["Cache-Control"], name


def owner_fails():
    raise RuntimeError("boom")


owner_fails.jangbu_permission = "own_account"
