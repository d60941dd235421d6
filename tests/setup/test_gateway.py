"""Settings of the gateway: channel, codes, instalments, details of the shop, public address."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import gateway, settings
from dashboard.database import write
from dashboard.sandbox.born import LIVE_MID, TEST_MID
from dashboard.sandbox.world import API_CHANNEL_KEY, CHANNEL_KEY, TEST_CHANNEL_KEY
from dashboard.setup.public_url import Wrong, WrongAddress, read_public_url
from tests.conftest import AGAIN

PAGE = "/settings/gateway"
ALL = {
    "listed": "1",
    "merchant_code": "imp12345678",
    "channel_key": CHANNEL_KEY,
    "quota": "some",
    "card_quota": ["3", "2", "12"],
    "ceo_name": "김 하나",
    "shop_address": "서울 중구 세종대로 110",
    "shop_phone": "02-123-4567",
    "public_url": "https://pay.example.com",
    "confirm_on": "y",
} | AGAIN


def kept(db):
    names = (*settings.GATEWAY, *settings.SHOP_DETAILS)
    return {name: value for name in names if (value := settings.get(db, name)) is not None}


def test_everything_is_kept_and_recorded(client, db, portone):
    answer = client.send(PAGE, ALL)
    assert (answer.status_code, answer.location) == (303, "/settings#gateway")
    assert kept(db) == {
        "merchant_code": "imp12345678",
        "channel_key": CHANNEL_KEY,
        "pg_mid": LIVE_MID,
        "card_quota": [0, 2, 3, 12],
        "ceo_name": "김 하나",
        "shop_address": "서울 중구 세종대로 110",
        "shop_phone": "021234567",
        "public_url": "https://pay.example.com",
        "confirm_on": True,
    }
    row = db.conn.execute("SELECT kind, detail FROM events ORDER BY id DESC LIMIT 1").fetchone()
    assert row["kind"] == "shop.facts_changed"
    assert json.loads(row["detail"])["after"]["pg_mid"] == LIVE_MID
    overview = client.get("/settings").text
    assert LIVE_MID in overview and "일시불, 2, 3, 12개월" in overview
    page = client.get(PAGE).text
    assert "02-123-4567" in page and f'<option selected value="{CHANNEL_KEY}">' in page
    assert 'data-copy="https://pay.example.com/portone/webhook"' in page


def test_the_form_sent_back_as_it_came_changes_nothing(client, db, portone):
    client.send(PAGE, ALL)
    before = kept(db), db.table("events").count
    client.send(PAGE, ALL | {"pg_mid": LIVE_MID})
    assert (kept(db), db.table("events").count) == before


def test_a_test_channel_is_shown_and_kept_as_one(client, db, portone):
    assert f"KSNET 테스트 · {TEST_MID} (테스트)" in client.get(PAGE).text
    client.send(PAGE, ALL | {"channel_key": TEST_CHANNEL_KEY, "pg_mid": "1234567890"})
    assert (settings.get(db, "channel_sandbox"), settings.get(db, "pg_mid")) == (True, TEST_MID)
    client.send(PAGE, ALL | {"channel_sandbox": "y"})  # the channel knows better
    assert settings.get(db, "channel_sandbox") is None


def test_only_channels_that_open_windows_are_offered(client, db, portone):
    assert API_CHANNEL_KEY not in client.get(PAGE).text
    answer = client.send(PAGE, ALL | {"channel_key": API_CHANNEL_KEY})
    assert answer.status_code == 422 and 'id="channel_key-error"' in answer.text
    assert kept(db) == {}


def test_a_kept_channel_that_went_away_is_not_dropped_unseen(client, db, portone):
    with write(db):
        settings.put(db, "channel_key", "channel-key-old")
    assert "channel-key-old (포트원 목록에 없음)" in client.get(PAGE).text
    assert client.send(PAGE, ALL | {"channel_key": "channel-key-old"}).status_code == 422
    assert settings.get(db, "channel_key") == "channel-key-old"


def test_a_merchant_id_without_a_channel(client, db, portone):
    typed = {"channel_key": "", "pg_mid": " ksnet.2999199999 ", "channel_sandbox": ""}
    client.send(PAGE, ALL | typed)
    assert settings.get(db, "pg_mid") == TEST_MID
    assert settings.get(db, "channel_sandbox") is True  # KSNET's own test id, ticked or not (K51)


def test_a_key_is_typed_where_portone_refuses(client, db, refused):
    page = client.get(PAGE).text
    assert '<input autocomplete="off"' in page and "물어보지 못했습니다" in page
    typed = {"listed": "", "channel_key": f" {CHANNEL_KEY}\n", "pg_mid": LIVE_MID}
    assert client.send(PAGE, ALL | typed).status_code == 303
    assert (settings.get(db, "channel_key"), settings.get(db, "pg_mid")) == (CHANNEL_KEY, LIVE_MID)
    bad = client.send(PAGE, ALL | typed | {"channel_key": "채널"})
    assert bad.status_code == 422 and 'id="channel_key-error"' in bad.text and "채널" in bad.text


def test_a_choice_is_not_believed_when_portone_falls_silent_meanwhile(client, db, refused):
    """A test channel chosen from the list must not be kept as a live one."""
    answer = client.send(PAGE, ALL | {"channel_key": TEST_CHANNEL_KEY})
    assert answer.status_code == 422 and TEST_CHANNEL_KEY in answer.text
    assert 'name="listed" value=""' in answer.text and kept(db) == {}


def test_other_things_are_saved_while_portone_is_silent(client, db, portone):
    client.send(PAGE, ALL | {"channel_key": TEST_CHANNEL_KEY})
    portone.sandbox.faults.script(count=None, execute="never", answer="status", status=403)
    same = {"channel_key": TEST_CHANNEL_KEY, "pg_mid": TEST_MID, "channel_sandbox": "y"}
    assert client.send(PAGE, ALL | same | {"ceo_name": "이둘"}).status_code == 303
    assert (settings.get(db, "ceo_name"), settings.get(db, "channel_sandbox")) == ("이둘", True)


WRONG = [
    ("merchant_code", "imp1234567"),
    ("merchant_code", "imp1234567890123"),
    ("merchant_code", "IMP12345678"),
    ("merchant_code", "imp１２３４５６７８"),
    ("merchant_code", "store-4f0f3a52"),
    ("channel_key", "channel-key-of-somebody-else"),
    ("pg_mid", "2999-199999"),
    ("pg_mid", "가맹점"),
    ("ceo_name", "가" * 41),
    ("shop_address", "가" * 201),
    ("shop_phone", "123"),
    ("shop_phone", "02-123-4567 (홍길동)"),
    ("shop_phone", "--------"),
    ("public_url", "http://pay.example.com"),
    ("public_url", "pay.example.com"),
    ("public_url", "https://pay.example.com/shop"),
    ("public_url", "https://127.0.0.1"),
    ("quota", "all"),
]


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(client, db, portone):
    for field, typed in WRONG:
        answer = client.send(PAGE, ALL | {field: typed})
        page = answer.text
        assert answer.status_code == 422 and f'id="{field}-error"' in page, typed
        for other in ("merchant_code", "ceo_name", "shop_address", "shop_phone", "public_url"):
            value = typed if field == other else ALL[other]
            assert f'value="{value}"' in page, (typed, other)
        assert re.search(r'checked class="form-check-input" id="card_quota-10"', page), typed
        assert 'checked class="form-check-input" id="confirm_on"' in page, typed
    assert kept(db) == {}


def test_blanks_of_pasting_are_taken_out(client, db, portone):
    client.send(PAGE, ALL | {"merchant_code": "\u00a0imp1234 5678\t"})
    assert settings.get(db, "merchant_code") == "imp12345678"


def test_months_that_would_not_be_shown_are_said(client, db, portone):
    answer = client.send(PAGE, ALL | {"quota": ""})
    assert answer.status_code == 422 and 'id="card_quota-error"' in answer.text


def test_lump_sum_is_always_said(client, db, portone):
    """K19: a list without 0 means different things in different documents."""
    for quota, months, found in (
        ("some", [], [0]),
        ("some", ["2"], [0, 2]),
        ("", [], None),
    ):
        client.send(PAGE, ALL | {"quota": quota, "card_quota": months})
        assert settings.get(db, "card_quota") == found


def test_confirming_needs_an_address(client, db, portone):
    answer = client.send(PAGE, ALL | {"public_url": ""})
    assert answer.status_code == 422 and 'id="confirm_on-error"' in answer.text


def test_nothing_need_be_said_in_practice(app, client, db, portone):
    page = client.get(PAGE).text
    assert "연습용 포트원" in page
    assert client.send(PAGE, {"listed": "1", "quota": ""} | AGAIN).status_code == 303
    assert kept(db) == {}
    assert gateway.read(app.extensions["jangbu"], db).ready


def test_the_password_is_asked_for(client, db, portone):
    answer = client.send(PAGE, {k: v for k, v in ALL.items() if k not in AGAIN})
    assert answer.status_code == 422 and kept(db) == {}


def test_without_an_address_the_page_says_what_happens_instead(app, client, portone):
    page = client.get(PAGE).text
    assert "공개 주소가 없어도" in page and "data-copy" not in page
    app.extensions["jangbu"].public_port = 5731
    page = client.get(PAGE).text
    assert "5731번 포트(구매자 포트)로만" in page
    assert "http://127.0.0.1:5731/portone/webhook" in page  # the practice PortOne is on this PC


def test_what_the_shop_has_not_said_is_marked(client, db, portone):
    assert client.get(PAGE).text.count("st is-ready") == 5
    with write(db):
        settings.put(db, "shop_name", "달빛꽃집")
    assert client.get(PAGE).text.count("st is-ready") == 4


@pytest.mark.parametrize("path", ["/settings/gateway", "/settings/doctor"])
def test_it_is_the_owners(client_as, path):
    assert client_as("manager").get(path).status_code == 403


# -- public addresses ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", ""),
        ("  ", ""),
        ("https://pay.example.com", "https://pay.example.com"),
        (" https://Pay.Example.COM/ ", "https://pay.example.com"),
        ("HTTPS://pay.example.com:443/", "https://pay.example.com"),
        ("https://pay.example.com:8443", "https://pay.example.com:8443"),
        ("https://pay.example.com.", "https://pay.example.com"),
        ("https://a-b.c1.kr", "https://a-b.c1.kr"),
        ("https://꽃집.kr", "https://" + "꽃집.kr".encode("idna").decode()),
    ],
)
def test_public_addresses(typed, found):
    assert read_public_url(typed) == found


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ("http://pay.example.com", Wrong.SCHEME),
        ("pay.example.com", Wrong.SCHEME),
        ("//pay.example.com", Wrong.SCHEME),
        ("javascript:alert(1)", Wrong.SCHEME),
        ("https:pay.example.com", Wrong.SCHEME),
        ("https://pay.example.com/pay", Wrong.MORE),
        ("https://pay.example.com//", Wrong.MORE),
        ("https://pay.example.com?", Wrong.MORE),
        ("https://pay.example.com/#", Wrong.MORE),
        ("https://me@pay.example.com", Wrong.MORE),
        ("https://me:pw@pay.example.com", Wrong.MORE),
        ("https://@pay.example.com", Wrong.MORE),
        ("https://", Wrong.HOST),
        ("https://pay", Wrong.HOST),
        ("https://pay..com", Wrong.HOST),
        ("https://-pay.com", Wrong.HOST),
        ("https://pay_me.com", Wrong.HOST),
        ("https://pay.example.com:0", Wrong.HOST),
        ("https://pay.example.com:99999", Wrong.HOST),
        ("https://pay.example.com:x", Wrong.HOST),
        ("https://pay.example.com\\@evil.com", Wrong.HOST),
        ("https://pay .example.com", Wrong.HOST),
        ("https://pay.example.com\x00", Wrong.HOST),
        ("https://" + "a" * 300 + ".com", Wrong.HOST),
        ("https://" + "a" * 64 + ".com", Wrong.HOST),
        ("https://127.0.0.1", Wrong.NUMBERS),
        ("https://2130706433", Wrong.NUMBERS),
        ("https://127.1", Wrong.NUMBERS),
        ("https://0x7f.0.0.0x1", Wrong.NUMBERS),
        ("https://１２７.0.0.1", Wrong.NUMBERS),
        ("https://[::1]", Wrong.NUMBERS),
        ("https://localhost", Wrong.HOME),
        ("https://LOCALHOST:5000", Wrong.HOME),
        ("https://pc.localhost", Wrong.HOME),
        ("https://pc.local", Wrong.HOME),
        ("https://nas.home.arpa", Wrong.HOME),
    ],
)
def test_what_is_no_public_address(typed, wrong):
    with pytest.raises(WrongAddress) as raised:
        read_public_url(typed)
    assert raised.value.wrong is wrong


@given(st.text(max_size=40) | st.from_regex(r"https://[\w.:@/?#\[\]-]{0,30}"))
def test_an_address_is_refused_or_kept_as_it_will_be_read_again(typed):
    try:
        found = read_public_url(typed)
    except WrongAddress:
        return
    assert found == "" or re.fullmatch(r"https://[a-z0-9.-]+\.[a-z0-9-]+(:\d+)?", found)
    assert read_public_url(found) == found
