"""Settings that decide about refunds: KSNET contract, bank codes, webhooks of cancels."""

from __future__ import annotations

import json
from contextlib import closing

import pytest

from dashboard import settings
from dashboard.database import connect, write
from dashboard.people_across import carry_over
from dashboard.setup.forms import ContractForm
from tests.conftest import AGAIN

NOTHING = {name: "" for name in settings.CONTRACTS} | AGAIN
REFUNDS = {"bank_code_set": "kftc"} | AGAIN


def events(db, kind="shop.facts_changed"):
    rows = db.conn.execute("SELECT detail FROM events WHERE kind = ? ORDER BY id", (kind,))
    return [json.loads(row[0]) for row in rows]


def test_every_contract_item_has_its_switch(app):
    with app.test_request_context():
        form = ContractForm(meta={"csrf": False})
        assert {f.name for f in form} == {*settings.CONTRACTS, "password_again"}


def test_contract_switches_are_kept_and_recorded(client, db):
    typed = NOTHING | {"contract_vbank_refund": "yes", "contract_phone_product": "digital"}
    answer = client.send("/settings/contract", typed)
    assert (answer.status_code, answer.location) == (303, "/settings#contract")
    assert settings.get(db, "contract_vbank_refund") == "yes"
    assert settings.get(db, "contract_phone_product") == "digital"
    assert settings.get(db, "contract_easy_pay") is None
    assert events(db)[-1]["after"]["contract_vbank_refund"] == "yes"
    assert "디지털" in client.get("/settings").text
    page = client.get("/settings/contract").text
    assert 'checked class="form-check-input" id="contract_vbank_refund-0"' in page


def test_unknown_again(client, db):
    client.send("/settings/contract", NOTHING | {"contract_vbank_refund": "no"})
    client.send("/settings/contract", NOTHING)
    assert settings.get(db, "contract_vbank_refund") is None


@pytest.mark.parametrize("name", settings.CONTRACTS)
def test_nothing_but_the_choices_is_taken(client, db, name):
    answer = client.send("/settings/contract", NOTHING | {name: "maybe"})
    assert answer.status_code == 422
    assert events(db) == []


def test_saving_the_same_again_records_nothing(client, db):
    client.send("/settings/contract", NOTHING)
    client.send("/settings/contract", NOTHING)
    assert events(db) == []


def test_bank_codes_and_webhook_start_careful(client):
    page = client.get("/settings").text
    assert "금융결제원 세 자리" in page and "KSNET에 아직 확인하지 않음" in page
    assert "KSNET 은행코드는 공개 문서에 없습니다." in client.get("/settings/refunds").text


def test_refund_settings_are_kept(client, db):
    typed = {"bank_code_set": "two_digits", "bank_codes_confirmed": "y", "enable_webhook": "y"}
    answer = client.send("/settings/refunds", REFUNDS | typed)
    assert (answer.status_code, answer.location) == (303, "/settings#refunds")
    assert [settings.get(db, name) for name in settings.REFUNDS] == [True, "two_digits", True]
    page = client.get("/settings").text
    assert "두 자리" in page and "KSNET에 확인함" in page


def test_switches_go_off_again(client, db):
    client.send("/settings/refunds", REFUNDS | {"enable_webhook": "y"})
    client.send("/settings/refunds", REFUNDS)
    assert settings.get(db, "enable_webhook") is None


def test_another_code_set_must_be_confirmed_anew(client, db):
    """A tick for the old codes says nothing about the new ones (K8)."""
    client.send("/settings/refunds", REFUNDS | {"bank_codes_confirmed": "y"})
    changed = {"bank_code_set": "two_digits", "bank_codes_confirmed": "y"}
    page = client.send("/settings/refunds", changed, follow_redirects=True).text
    assert "확인 표시를 지웠습니다" in page
    assert settings.get(db, "bank_code_set") == "two_digits"
    assert settings.get(db, "bank_codes_confirmed") is None
    client.send("/settings/refunds", changed)
    assert settings.get(db, "bank_codes_confirmed") is True


def test_an_unknown_code_set_is_refused(client, db):
    assert client.send("/settings/refunds", REFUNDS | {"bank_code_set": "x"}).status_code == 422
    assert settings.get(db, "bank_code_set") is None


def test_the_contract_is_carried_over_and_the_webhook_is_not(app, db):
    """The contract is the shop's; a webhook belongs to one connection."""
    runtime = app.extensions["jangbu"]
    with write(db):
        for name in settings.CONTRACTS:
            settings.put(db, name, "no")
        settings.put(db, "bank_code_set", "two_digits")
        settings.put(db, "enable_webhook", True)
    practice = runtime.database_path
    runtime.choose("live")
    carry_over(practice, runtime.database_path, runtime.now())
    with closing(connect(runtime.database_path)) as live:
        assert {settings.get(live, name) for name in settings.CONTRACTS} == {"no"}
        assert settings.get(live, "bank_code_set") == "two_digits"
        assert settings.get(live, "enable_webhook") is None
