"""Payment requests as the shop sees them: the form, the list, one request, products, webhooks."""

from __future__ import annotations

import json
import re
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard import settings as shop_settings
from dashboard.checkout import inbox, products, service
from dashboard.checkout.typed import order_name, read_months, read_pairs, read_price
from dashboard.checkout.wishes import wish_from_json
from dashboard.database import write
from tests.conftest import START, Browser


class Visit(Browser):
    """A browser whose every visit stands alone, although the counter has an application open."""

    def open(self, *args, **kwargs):
        with self.application.app_context():
            return super().open(*args, **kwargs)


@pytest.fixture
def app(app):
    app.test_client_class = Visit
    return app


def typed(*lines, **more):
    """What a browser sends for goods of (name, price, quantity, taxed or free) and the rest."""
    lines = lines or (("사과 한 상자", "12,000", "1", "taxed"),)
    form = {"form_token": str(uuid.uuid4()), "buyer_name": "홍길동", "pay_method": "card"}
    form |= {"currency": "KRW", "life": "3"}
    for number, line in enumerate(lines):
        for name, value in zip(("name", "unit_price", "quantity", "tax"), line, strict=True):
            form[f"lines-{number}-{name}"] = value
    return form | more


def text(answer):
    return answer.get_data(as_text=True)


def made(counter):
    rows = service.search(counter.db, limit=10)
    return rows[0] if rows else None


def page_of(client, row):
    return text(client.get(f"/requests/{row['id']}"))


# -- the form ---------------------------------------------------------------------------------


def test_a_sale_becomes_an_open_request(counter, client):
    """The amount is the lines', PortOne holds it, and the page leads to the counter's screen."""
    lines = (("사과 한 상자", "12,000", "2", "taxed"), ("배", "3000원", "1", "free"))
    answer = client.send("/requests", typed(*lines))
    assert answer.status_code == 303
    row = made(counter)
    assert (row["amount"], row["tax_free"], row["state"]) == (27_000, 3_000, "open")
    assert row["name"] == "사과 한 상자 외 1건"
    assert row["expires_at"] == START + 3 * 24 * 60 * 60
    page = text(client.get(answer.location))
    assert "27,000원" in page
    assert "http://127.0.0.1:5999/pay/" in page and 'target="_blank"' in page
    assert "qr.svg" not in page


def test_the_same_form_twice_is_one_request(counter, client):
    form = typed()
    first, second = client.send("/requests", form), client.send("/requests", form)
    assert first.location == second.location
    assert len(service.search(counter.db, limit=10)) == 1


MISTAKES = [
    ({"lines-0-unit_price": "-5"}, "lines-0-unit_price", "1원 이상의 금액"),
    ({"lines-0-quantity": "0"}, "lines-0-quantity", "1개 이상의 수량"),
    ({"lines-0-name": ""}, "lines-0-name", "상품 이름을 입력"),
    ({"buyer_name": ""}, "buyer_name", "구매자 이름을 입력"),
    ({"buyer_email": "nobody"}, "buyer_email", "이메일의 형식"),
    ({"card_quota": "셋"}, "card_quota", "2,3,6이나"),
    ({"custom_data": "이름만"}, "custom_data", "이름=값"),
    ({"life": "own", "until_day": "2020-01-01"}, "until_day", "지금보다 뒤"),
    ({"life": "own"}, "until_day", "날짜와 시각"),
    ({"life": "own", "until_day": "2030-01-01"}, "until_day", "90일 안"),
    ({"pay_method": "vbank"}, "vbank_day", "입금기한"),
    ({"pay_method": "card", "direct_card": "999"}, "direct_card", "카드사를 알 수 없"),
    ({"escrow": "y"}, "buyer_email", "에스크로"),
    ({"period_from": "2026-09-01"}, "period_from", "서비스 기간"),
]


def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(counter, client):
    for changed, field, words in MISTAKES:
        form = typed() | {"buyer_addr": "서울시 중구 1"} | changed
        answer = client.send("/requests", form)
        page = text(answer)
        assert answer.status_code == 422, changed
        assert f'href="#{field}"' in page, changed
        error = re.search(rf'id="{field}-error">(.*?)</div>', page, re.DOTALL)
        assert error and words in error[1], changed
        assert "서울시 중구 1" in page and form["form_token"] in page
        assert made(counter) is None
        counter.clock.now += 10  # nobody types faster


def test_a_resident_number_is_refused_and_not_shown_again(counter, client):
    answer = client.send("/requests", typed(buyer_addr="900101-1234567", name="주문 9001011234567"))
    assert answer.status_code == 422
    assert "주민등록번호로 보이는" in text(answer)
    assert "1234567" not in text(answer)


def test_lines_come_and_go_without_a_script(counter, client):
    form = typed(("사과", "12,000", "1", "taxed"), ("배", "", "1", "free"), custom_data="a=1")
    page = text(client.send("/requests", form | {"add_line": "1"}))
    assert page.count("data-line>") == 3
    assert 'value="사과"' in page and 'value="배"' in page and "a=1" in page
    assert "12,000원" in page  # added up
    page = text(client.send("/requests", form | {"remove_line": "0"}))
    assert page.count("data-line>") == 1
    assert 'value="사과"' not in page and 'value="배"' in page
    assert made(counter) is None


def test_a_remembered_product_brings_its_price(counter, client, person):
    owner = person("owner").id
    product = products.save(
        counter.db, None, name="꿀", unit_price=9_000, tax_free=True, stock=5,
        person_id=owner, now=START,
    )  # fmt: skip
    assert client.send("/requests", typed(("꿀", "", "2", "taxed"))).status_code == 303
    row = made(counter)
    assert (row["amount"], row["tax_free"]) == (18_000, 18_000)
    assert service.lines(counter.db, row["id"])[0]["product_id"] == product


def test_goods_can_be_remembered_by_those_who_may(counter, client, client_as):
    form = {"lines-0-remember": "y"}
    client_as("staff").send("/requests", typed() | form)
    assert products.listed(counter.db, now=START) == []
    client.send("/requests", typed() | form)
    known = products.listed(counter.db, now=START)
    assert [(one["name"], one["unit_price"]) for one in known] == [("사과 한 상자", 12_000)]
    assert service.lines(counter.db, made(counter)["id"])[0]["product_id"] in (None, 1)


def test_dollars_with_cents(counter, client):
    form = typed(("Box", "12.50", "2", "taxed"), currency="USD")
    assert client.send("/requests", form).status_code == 303
    row = made(counter)
    assert (row["amount"], row["currency"]) == (2_500, "USD")
    assert "US$25.00" in page_of(client, row)


def test_every_option_reaches_the_wish(counter, client):
    form = typed(
        ("장식장", "600,000", "1", "taxed"), card_quota="2-4, 6", interest_free="",
        **{"interest_free-c361": "3"}, app_card="y", snd_qpay_type="0", period_from="2026-09-01",
        period_to="2026-09-30", app_scheme="myshop://", custom_data="table=4\nmemo=a=b",
    )  # fmt: skip
    assert client.send("/requests", form).status_code == 303
    wish = wish_from_json(made(counter)["wish"])
    assert wish.card_quota == (0, 2, 3, 4, 6)
    assert wish.interest_free == (("361", 3),)
    assert (wish.app_card, wish.snd_qpay_type) == (True, "0")
    assert wish.period == ("2026-09-01", "2026-09-30")
    assert wish.custom_data == {"table": "4", "memo": "a=b"}


def test_a_link_lives_as_long_as_its_deposit_is_waited_for(counter, client):
    form = typed(pay_method="vbank", life="1", vbank_day="2026-08-30", vbank_time="23:59")
    assert client.send("/requests", form).status_code == 303
    row = made(counter)
    assert row["expires_at"] == wish_from_json(row["wish"]).vbank_due


def test_a_warning_needs_the_owner_and_what_they_have_read(counter, client, client_as):
    """K16: a virtual account has no tax-free part."""
    form = typed(
        ("배", "3,000", "1", "free"), pay_method="vbank", vbank_day="2026-08-30", vbank_time="23:59"
    )
    page = text(client.send("/requests", form))
    warned = re.search(r'name="warned"[^>]* value="([^"]+)"', page)[1]
    assert "가상계좌에는 면세금액을" in page and 'name="overrule"' in page
    blind = client.send("/requests", form | {"overrule": "y"})
    assert blind.status_code == 422 and made(counter) is None  # ticked before it was shown
    given = form | {"overrule": "y", "warned": warned}
    staff = client_as("staff").send("/requests", given)
    assert staff.status_code == 422 and "주인에게 부탁하세요" in text(staff)
    assert client.send("/requests", given).status_code == 303
    assert json.loads(made(counter)["overruled"]) == ["K16"]


def test_methods_the_shop_cannot_use_are_shown_with_the_reason(counter, client):
    with write(counter.db):
        shop_settings.put(counter.db, "contract_easy_pay", "no")
        shop_settings.put(counter.db, "channel_sandbox", True)
    page = text(client.get("/requests/new"))
    for method in ("kakaopay", "trans"):
        assert re.search(rf'value="{method}"[^>]* disabled', page), method
    assert not re.search(r'value="card"[^>]* disabled', page)
    assert client.send("/requests", typed(pay_method="kakaopay")).status_code == 422


def test_without_a_channel_the_page_says_what_is_missing(counter, client, monkeypatch):
    monkeypatch.setattr("dashboard.gateway.Gateway.ready", False)
    assert "고객사 식별코드" in text(client.get("/requests/new"))
    assert client.send("/requests", typed()).status_code == 409


def test_once_more_the_same(counter, client):
    first = counter.ask(25_000, buyer_name="임꺽정", card_quota=(0, 2, 3), custom_data={"t": "1"})
    page = text(client.get(f"/requests/new?copy={first['id']}"))
    for value in ("임꺽정", "25,000", "0, 2, 3", "t=1", first["id"]):
        assert value in page
    assert re.search(r'name="name"[^>]* placeholder="사과 한 상자"[^>]* value=""', page)
    counter.clock.now += 60
    client.send("/requests", typed() | {"copied_from": first["id"]})
    assert made(counter)["copied_from"] == first["id"]


_NAMES = st.text(st.characters(whitelist_categories=("L", "N")), min_size=1, max_size=30)
_LINES = st.lists(
    st.tuples(_NAMES, st.integers(1, 10**6), st.integers(1, 99), st.booleans()),
    min_size=1,
    max_size=5,
)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_LINES)
def test_any_lines_come_to_their_sum_and_come_back_whole(counter, client, goods):
    lines = [
        (name, f"{price:,}", str(count), "free" if free else "taxed")
        for name, price, count, free in goods
    ]
    page = text(client.send("/requests", typed(*lines, buyer_name="")))
    amount = sum(price * count for _name, price, count, _free in goods)
    tax_free = sum(price * count for _name, price, count, free in goods if free)
    assert f"data-amount>{amount:,}원" in page
    assert f"data-tax-free>{tax_free:,}원" in page
    for number, (name, price, count, _tax) in enumerate(lines):
        for field, value in (("name", name), ("unit_price", price), ("quantity", count)):
            found = re.search(rf'id="lines-{number}-{field}"[^>]*? value="([^"]*)"', page)
            assert found and found[1] == value


@given(st.text(max_size=30), st.sampled_from(["KRW", "USD"]))
def test_no_text_is_read_as_less_than_one(words, currency):
    price = read_price(words, currency)
    assert price is None or price >= 1


@pytest.mark.parametrize(
    ("words", "cents"),
    [("12", 1200), ("12.5", 1250), ("1,250.05", 125_005), ("$3", 300), ("0.00", None),
     ("12,50", None), ("1.234", None), ("１２.５０", 1250), ("-1", None)],
)  # fmt: skip
def test_dollars_are_read_plainly(words, cents):
    assert read_price(words, "USD") == cents


def test_months_pairs_and_names():
    assert read_months("2-4, 6개월") == (2, 3, 4, 6)
    assert read_months("") == () and read_months("6-2") is None and read_months("두 달") is None
    assert read_pairs("a=1\nb = 2 \n\n") == {"a": "1", "b": "2"}
    assert read_pairs("a=1\na=2") is None
    assert order_name(["가" * 60, "나", "다"], "외 2건").endswith("… 외 2건")
    assert len(order_name(["가" * 60, "나", "다"], "외 2건")) == 40
    assert order_name(["가"], "외 0건") == "가"


# -- one request ------------------------------------------------------------------------------


def test_with_a_public_address_there_is_a_link_and_a_code(counter, client):
    row = counter.ask()
    assert client.get(f"/requests/{row['id']}/qr.svg").status_code == 404
    with write(counter.db):
        shop_settings.put(counter.db, "public_url", "https://pay.example.com")
    page = page_of(client, row)
    assert "https://pay.example.com/pay/" in page and "qr.svg" in page
    code = client.get(f"/requests/{row['id']}/qr.svg")
    assert code.mimetype == "image/svg+xml" and "style=" not in text(code)


def test_a_viewer_sees_no_key_to_the_payment(counter, client_as):
    row = counter.ask()
    viewer = client_as("viewer")
    assert "/pay/" not in page_of(viewer, row)
    assert viewer.get(f"/requests/{row['id']}/qr.svg").status_code == 403


def test_paid_leads_to_the_order_and_back(counter, client):
    row = counter.ask()
    counter.pay(row)
    answer = client.send(f"/requests/{row['id']}/look")
    page = text(client.get(answer.location))
    assert "결제완료" in page and "요청한 결제가 맞는지 확인됨" in page
    order = re.search(r'href="(/orders/\d+)"', page)[1]
    assert f"/requests/{row['id']}" in text(client.get(order))


def test_waiting_shows_the_account_and_a_reminder(counter, client):
    row = counter.ask(pay_method="vbank", vbank_due=int(counter.clock.now) + 86_400)
    counter.issue(row)
    counter.look(row)
    page = page_of(client, row)
    account = service.payment_of(counter.db, counter.row(row))
    assert account.vbank_num in page and "입금 안내" in page and "발급취소" in page
    answer = client.send(f"/requests/{row['id']}/revoke")
    assert "발급취소했습니다" in text(client.get(answer.location))
    assert counter.row(row)["state"] == "cancelled"


def test_a_wrong_amount_leads_to_a_full_cancel(counter, client):
    row = counter.ask()
    imp_uid = counter.pay(row, amount=100)
    counter.look(row)
    page = page_of(client, row)
    assert "금액이 다릅니다" in page and f"/payments/{imp_uid}/refunds/new" in page
    assert "확인했습니다" not in page
    assert 'class="count">1<' in page  # the menu's badge


def test_a_second_payment_is_the_one_to_give_back(counter, client):
    row = counter.ask()
    counter.pay(row)
    counter.look(row)
    second = counter.pay(row, started_at=int(counter.clock.now) + 60)
    counter.look(row)
    page = page_of(client, row)
    kept = counter.row(row)["imp_uid"]
    extra = second if kept != second else None
    assert "두 번 결제되었습니다" in page
    assert f"/payments/{kept}/refunds/new" not in page
    assert extra is None or f"/payments/{extra}/refunds/new" in page
    client.send(f"/requests/{row['id']}/close")
    assert counter.row(row)["alarm"] is None


def test_given_up_after_asking_once_more(counter, client):
    row = counter.ask()
    assert "요청 취소하기" in text(client.get(f"/requests/{row['id']}/cancel"))
    answer = client.send(f"/requests/{row['id']}/cancel")
    page = text(client.get(answer.location))
    assert "요청 취소됨" in page and f"copy={row['id']}" in page
    assert client.get(f"/requests/{row['id']}/cancel").status_code == 302


def test_the_buyer_is_masked_and_looks_are_logged(counter, client):
    row = counter.ask(buyer_tel="01012345678")
    page = page_of(client, row)
    assert "홍*동" in page and "01012345678" not in page and "홍길동" not in page
    shown = text(client.send(f"/requests/{row['id']}/reveal"))
    assert "홍길동" in shown and "010-1234-5678" in shown
    event = counter.db.conn.execute(
        "SELECT detail FROM events WHERE kind = 'personal_data.shown'"
    ).fetchone()
    assert "홍길동" not in event[0] and row["id"] in event[0]


def test_a_page_asks_for_itself_only_while_something_may_change(counter, client):
    row = counter.ask()
    piece = text(client.get(f"/requests/{row['id']}", headers={"X-Fragment": "1"}))
    assert "data-refresh-url" in piece and "<html" not in piece
    assert "/pay/" in piece
    again = text(client.get(f"/requests/{row['id']}?link=1", headers={"X-Fragment": "1"}))
    assert 'id="request-link"' not in again  # it stands there already
    service.give_up(counter.runtime, counter.db, row["id"], person_id=1)
    assert "data-refresh-url" not in page_of(client, row)


# -- lists ------------------------------------------------------------------------------------


def test_the_list_by_state_and_word(counter, client):
    apple, pear = counter.ask(), counter.ask(5_000, name="배 두 상자", buyer_name="임꺽정")
    service.give_up(counter.runtime, counter.db, pear["id"], person_id=1)
    everything = text(client.get("/requests"))
    assert apple["merchant_uid"] in everything and pear["merchant_uid"] in everything
    assert "홍*동" in everything and "홍길동" not in everything
    gone = text(client.get("/requests?tab=cancelled"))
    assert pear["merchant_uid"] in gone and apple["merchant_uid"] not in gone
    found = text(client.get("/requests?q=임꺽정"))
    assert pear["merchant_uid"] in found and apple["merchant_uid"] not in found
    assert "찾는 결제 요청이 없습니다" in text(client.get("/requests?tab=waiting"))


def test_products_are_kept_hidden_and_shown_again(counter, client):
    new = {"name": "꿀", "unit_price": "9,000", "tax": "free", "stock": "5"}
    assert client.send("/products", new).status_code == 303
    assert client.send("/products", new).status_code == 422  # the name is taken
    assert client.send("/products", new | {"name": "잼", "unit_price": "0"}).status_code == 422
    row = products.listed(counter.db, now=START)[0]
    assert (row["unit_price"], row["tax_free"], row["stock"]) == (9_000, 1, 5)
    one = f"/products/{row['id']}"
    client.send(one, new | {"uncounted": "y", "stock": "가", "shown_stock": "5"})
    assert products.find(counter.db, row["id"])["stock"] is None
    client.send(f"{one}/hidden", {"hidden": "1"})
    assert products.listed(counter.db, now=START) == []
    client.send(f"{one}/hidden", {"hidden": "0"})
    page = text(client.get("/products"))
    assert "꿀" in page and "세지 않음" in page


def test_webhooks_are_listed_and_looked_into_again(counter, client):
    row = counter.ask()
    imp_uid = counter.pay(row)
    body = json.dumps({"imp_uid": imp_uid, "merchant_uid": row["merchant_uid"], "status": "paid"})
    hook = inbox.receive(
        counter.db, content_type="application/json", body=body.encode(),
        remote_addr="127.0.0.1", now=int(counter.clock.now),
    )  # fmt: skip
    counter.work()
    page = text(client.get("/webhooks"))
    assert row["merchant_uid"] in page and "장부에 반영함" in page
    answer = client.send(f"/webhooks/{hook}/replay")
    assert answer.status_code == 303
    assert inbox.find(counter.db, hook)["verdict"] == "waiting"
