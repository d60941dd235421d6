"""SEC-28: every grave deed asks for the password again, from one table of all of them."""

from __future__ import annotations

import hashlib
import importlib
import pkgutil

import pytest

import dashboard
from dashboard.accounts.forms import PasswordAgain
from dashboard.setup import service
from tests.conftest import AGAIN
from tests.door.routes import REFUND

KEYS = {"imp_key": "imp_apikey_0001", "imp_secret": "some-secret-of-portone"}
DEEDS = {
    "add somebody": (
        "AddPersonForm",
        "/people",
        {"name": "박새롬", "role": "staff", "password": "river under the bridge"},
    ),
    "change a role": ("RoleForm", "/people/3/role", {"role": "viewer"}),
    "reset a password": (
        "ResetPasswordForm",
        "/people/3/password",
        {"password": "river under the bridge"},
    ),
    "keep somebody out": ("AccessForm", "/people/3/disable", {}),
    "let somebody in": ("AccessForm", "/people/4/enable", {}),
    "other keys": ("ChangeKeysForm", "/settings/connection", KEYS),
    "contract": ("ContractForm", "/settings/contract", {"contract_vbank_refund": "yes"}),
    "where payments go": ("GatewayForm", "/settings/gateway", {"merchant_code": "imp12345678"}),
    "bank codes": (
        "RefundSettingsForm",
        "/settings/refunds",
        {"bank_code_set": "two_digits", "bank_codes_confirmed": "y"},
    ),
    "limits": (
        "RefundGuardsForm",
        "/settings/refund-guards",
        {"refund_approval": "off", "refund_limit_staff": "10"},
    ),
    "decide on a refund": (
        "SettleForm",
        f"/refunds/{REFUND}/settle",
        {"evidence": "KSNET 거래조회에서 취소 없음"},
    ),
    # The last one: another ledger is open after it.
    "keys for real": ("ChangeKeysForm", "/settings/go-live", KEYS),
}
"""The form, where it is sent, what is typed besides the password."""


@pytest.fixture
def owner(shop, db, clock, client, person, monkeypatch):
    """The owner, on a day on which each of the deeds can be done."""
    ok = service.KeyTest(ok=True, sentence="")
    monkeypatch.setattr(service, "try_keys", lambda _runtime, _keys: ok)
    db.conn.execute("UPDATE people SET disabled_at = 1 WHERE id = 4")
    db.conn.commit()
    clock.now += 25 * 3600
    return client.become(person("owner"))


def facts(shop, db):
    """A digest of all that may not change: every table but the log and the tries; the keys."""
    kept = [
        line
        for line in db.conn.iterdump()
        if not line.startswith(('INSERT INTO "events"', 'INSERT INTO "sign_in_attempts"'))
    ]
    digest = hashlib.sha256("\n".join(kept).encode()).hexdigest()
    runtime = shop.extensions["jangbu"]
    return digest, runtime.keys(), runtime.mode


@pytest.mark.parametrize("deed", DEEDS)
def test_without_the_password_nothing_happens_and_with_it_it_does(shop, db, owner, deed):
    _form, path, typed = DEEDS[deed]
    before = facts(shop, db)
    for wrong in ({}, {"password_again": ""}, {"password_again": "wrong horse battery"}):
        answer = owner.send(path, typed | wrong)
        assert answer.status_code == 422
        assert 'password_again-error">' in answer.text
        assert answer.text.count('-error">') == 1
        assert facts(shop, db) == before
    assert owner.send(path, typed | AGAIN).status_code == 303
    assert facts(shop, db) != before


@pytest.mark.parametrize("deed", DEEDS)
def test_too_many_wrong_ones_make_it_wait(shop, db, owner, deed):
    _form, path, typed = DEEDS[deed]
    before = facts(shop, db)
    for _ in range(5):
        owner.send(path, typed | {"password_again": "wrong horse battery"})
    answer = owner.send(path, typed | AGAIN)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert 'password_again-error">' in answer.text
    assert facts(shop, db) == before


def test_once_said_it_holds_for_the_other_deeds(owner):
    owner.send("/settings/contract", AGAIN)
    for _form, path, typed in DEEDS.values():
        assert owner.send(path, typed).status_code == 303, path


def test_every_form_that_asks_is_in_the_table():
    for module in pkgutil.walk_packages(dashboard.__path__, "dashboard."):
        if "form" in module.name:
            importlib.import_module(module.name)
    found, left = set(), [PasswordAgain]
    while left:
        below = left.pop().__subclasses__()
        found |= {form.__name__ for form in below}
        left += below
    by_the_sum = {"ApproveForm", "PasswordForm", "BulkForm", "ExportForm"}  # tests/refunds
    by_the_sum |= {"LastLookForm"}  # tests/refunds/test_by_hand.py
    assert found - by_the_sum == {form for form, _path, _typed in DEEDS.values()}


def test_the_first_run_does_not_ask(empty_app):
    """Nobody could answer before there is an owner; the keys come right after."""
    empty_app.extensions["jangbu"].setup_token = "token"
    browser = empty_app.test_client()
    page = "/setup?token=token"
    assert "password_again" not in browser.get(page).text
    typed = {"name": "김선영", "password": "correct horse battery", "token": "token"}
    assert browser.send("/setup", typed, page=page).location == "/setup/start"
    assert "password_again" not in browser.get("/setup/keys").text
