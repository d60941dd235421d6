"""Escrow deliveries: registered once, corrected knowingly, and never believed without PortOne."""

from __future__ import annotations

import html
import json
import re
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard import events
from dashboard.accounts import store as people
from dashboard.checkout import delivery, delivery_rules, delivery_store
from dashboard.checkout.delivery import Shipment
from dashboard.clock import KST, kst
from dashboard.couriers import couriers
from dashboard.portone import Delivery, Parcel, Party
from tests.refunds import conftest as of_refunds

config, limits, shop = of_refunds.config, of_refunds.limits, of_refunds.shop

CANARY = "900101-1234568"
SHOP_FACTS = {
    "shop_name": "달빛꽃집",
    "shop_address": "(04524) 서울시 중구 세종대로 110",
    "shop_phone": "0212345678",
}
WORDS = {
    "receiver_name": "정하윤",
    "receiver_tel": "010-1234-5678",
    "receiver_postcode": "06236",
    "receiver_addr": "서울시 강남구 테헤란로 1",
    "sender_name": "달빛꽃집",
    "sender_tel": "02-1234-5678",
    "sender_postcode": "04524",
    "sender_addr": "서울시 중구 세종대로 110",
}


class Dock:
    """Somebody of the shop at the order page, and PortOne at the far end."""

    def __init__(self, shop, browser, imp_uid):
        self.shop, self.browser, self.imp_uid = shop, browser, imp_uid
        self.path = f"/payments/{imp_uid}/delivery"

    def form(self) -> str:
        answer = self.browser.send(f"{self.path}/form")
        assert answer.status_code == 200
        return html.unescape(answer.get_data(as_text=True))

    def send(self, **typed):
        """The form filled in; what it spoke of is read from the page unless it is given."""
        now = kst(self.shop.clock.now)
        form = {
            "company": "CJGLS",
            "invoice": "1234-5678-9012",
            "sent_on": f"{now:%Y-%m-%d}",
            "sent_time": f"{now:%H:%M}",
            "shown": delivery.shown(self.row),
        } | WORDS
        sent = {name: value for name, value in (form | typed).items() if value is not None}
        return self.browser.send(self.path, sent)

    def wait(self, seconds: float) -> None:
        """Time passes; whoever comes back signs in again."""
        self.shop.clock.now += seconds
        self.browser.become(people.find(self.shop.db, self.browser.person_id))

    def look(self) -> str:
        answer = self.browser.send(f"{self.path}/look", follow_redirects=True)
        return answer.get_data(as_text=True)

    def order_page(self) -> str:
        order_id = delivery_store.find_payment(self.shop.db, self.imp_uid)["order_id"]
        return html.unescape(self.browser.get(f"/orders/{order_id}").get_data(as_text=True))

    @property
    def row(self) -> dict | None:
        return delivery_store.find(self.shop.db, self.imp_uid)

    @property
    def state(self) -> str:
        return self.row["state"]

    def fault(self, method: str, **script) -> None:
        path = f"/escrows/logis/{self.imp_uid}"
        self.shop.sandbox.sandbox.faults.script(**{"path": path, "method": method} | script)

    def arrived(self, *methods: str) -> list[dict]:
        """The bodies of what was sent to PortOne."""
        return [
            json.loads(entry.body)
            for method in methods or ("POST", "PUT")
            for entry in self.shop.sandbox.sandbox.journal.entries(method)
            if entry.path.startswith("/escrows/")
        ]

    def there(self, imp_uid: str = "") -> Delivery | None:
        """What PortOne has, asked past every fault."""
        self.shop.sandbox.sandbox.faults.clear()
        return delivery._read(self.shop.runtime.portone(), imp_uid or self.imp_uid)

    def elsewhere(self, invoice: str, *, change: bool = False) -> None:
        """Somebody registers or corrects it in PortOne's console."""
        portone = self.shop.runtime.portone()
        call = portone.change_delivery if change else portone.register_delivery
        party = Party(name="가", tel="021234567", addr="서울", postcode="04524")
        parcel = Parcel(company="HANJIN", invoice=invoice, sent_at=int(self.shop.clock.now))
        call(self.imp_uid, sender=party, receiver=party, parcel=parcel)
        self.shop.sandbox.sandbox.journal.clear()

    def kinds(self) -> list[str]:
        rows = self.shop.db.execute("SELECT kind FROM events WHERE kind LIKE 'delivery.%'")
        return [row[0] for row in rows.fetchall()]


@pytest.fixture
def dock(shop, client):
    """At a paid escrow payment."""
    dock = Dock(shop, client, shop.pay("card", amount=66_000, escrow=True))
    yield dock
    assert events.broken_at(shop.db) is None


# -- the form -----------------------------------------------------------------------------------


def test_form_starts_from_payment_and_settings_and_the_look_is_logged(dock, shop):
    shop.settings(**SHOP_FACTS)
    page, payment = dock.form(), shop.payment(dock.imp_uid)
    assert payment.buyer_name and f'value="{payment.buyer_name}"' in page
    assert 'value="달빛꽃집"' in page and 'value="02-1234-5678"' in page
    assert 'value="04524"' in page and 'value="서울시 중구 세종대로 110"' in page
    assert "CJ대한통운" in page and "기타(ETC)" in page
    looks = shop.db.execute("SELECT detail FROM events WHERE kind = 'personal_data.shown'")
    detail = json.loads(looks.fetchone()[0])
    assert "buyer_name" in detail["what"] and payment.buyer_name not in detail["whose"]


def test_registered_with_seconds_and_shown_with_its_event(dock, shop):
    answer = dock.send()
    assert (answer.status_code, dock.state) == (303, "registered")
    (sent,) = dock.arrived()
    at = int(shop.clock.now) - int(shop.clock.now) % 60
    assert sent["logis"] == {"company": "CJGLS", "invoice": "1234-5678-9012", "sent_at": at}
    assert sent["receiver"] == {
        "name": "정하윤",
        "tel": "010-1234-5678",
        "addr": "서울시 강남구 테헤란로 1",
        "postcode": "06236",
    }
    assert sent["sender"]["relationship"] == "본인"
    assert dock.there() == Delivery(
        company="CJGLS", invoice="1234-5678-9012", sent_at=at, applied_at=int(shop.clock.now)
    )
    assert dock.kinds() == ["delivery.registered"]
    page = dock.order_page()
    assert "CJ대한통운" in page and "배송정보를 등록했습니다" in page
    assert "owner" in page[page.index("order-timeline") :]


def test_no_name_or_address_is_kept(dock, shop):
    dock.send(receiver_name="받는이름표", receiver_addr="어딘가 특별한 길 77")
    dump = "\n".join(shop.db.conn.iterdump())
    assert "받는이름표" not in dump and "특별한 길" not in dump


WRONG = [
    ({"company": ""}, "택배사를 골라"),
    ({"company": "UPS"}, "기타"),
    ({"invoice": ""}, "송장번호를 입력"),
    ({"invoice": "12/34"}, "영문자, 숫자, 하이픈"),
    ({"invoice": "--"}, "영문자, 숫자, 하이픈"),
    ({"sent_on": ""}, "발송일시를 입력"),
    ({"sent_on": "2026-02-30"}, "발송일시를 입력"),
    ({"sent_on": "1787288700000"}, "발송일시를 입력"),
    ({"sent_on": "9999-01-01"}, "발송일시를 입력"),
    ({"sent_on": "2026-08-20"}, "결제되기 전"),
    ({"sent_time": "25:00"}, "24시간제"),
    ({"sent_on": "2026-08-22"}, "아직 오지 않았습니다"),
    ({"receiver_name": " "}, "이름을 입력"),
    ({"receiver_tel": "전화"}, "연락처를"),
    ({"sender_postcode": "1"}, "다섯 자리"),
    ({"sender_addr": ""}, "주소를 입력"),
    ({"receiver_addr": f"서울 {CANARY}"}, "주민등록번호"),
    ({"sender_name": "가" * 61}, "60자까지"),
]


def test_wrong_field_says_so_beside_itself_and_loses_nothing(dock):
    for typed, words in WRONG:
        answer = dock.send(**typed)
        page = html.unescape(answer.get_data(as_text=True))
        (name,) = typed
        name = "confirm_future" if "오지" in words else name
        beside = re.search(rf'id="{name}-error">.*?</div>', page, re.DOTALL)
        assert answer.status_code == 422 and beside and words in beside[0], typed
        assert CANARY not in page
        kept = {"invoice": "1234-5678-9012"} | WORDS
        assert [n for n, v in kept.items() if n not in typed and f'value="{v}"' not in page] == []
    assert dock.arrived() == [] and dock.row is None


def test_future_time_goes_out_once_it_is_confirmed(dock):
    assert dock.send(sent_on="2026-08-22", confirm_future="y").status_code == 303
    assert dock.there().sent_at == int(datetime(2026, 8, 22, 14, 5, tzinfo=KST).timestamp())


def test_spaces_and_wide_digits_of_an_invoice_are_read(dock):
    dock.send(invoice=" １２３４ 5678 ab ")
    assert dock.there().invoice == "12345678ab"


# -- correcting ---------------------------------------------------------------------------------


def test_correction_within_the_hour_asks_first_and_goes_on_when_confirmed(dock):
    dock.send()
    dock.wait(600)
    page = dock.form()
    assert "30분~1시간" in page and "오늘 15:05부터는" in page and 'value="1234-5678-9012"' in page
    answer = dock.send(invoice="9999")
    assert answer.status_code == 422 and "confirm_early-error" in answer.get_data(as_text=True)
    assert dock.there().invoice == "1234-5678-9012"
    assert dock.send(invoice="9999", confirm_early="y").status_code == 303
    assert dock.there().invoice == "9999"
    assert dock.kinds() == ["delivery.registered", "delivery.changed"]


def test_correction_after_an_hour_just_goes(dock):
    dock.send()
    dock.wait(3600)
    assert "confirm_early" not in dock.form()
    assert dock.send(company="HANJIN", invoice="9999").status_code == 303
    assert len(dock.arrived("PUT")) == 1 and dock.row["company"] == "HANJIN"
    assert "배송정보 고침" in dock.order_page()


# -- twice, and somebody else -------------------------------------------------------------------


def test_the_same_form_twice_is_sent_once(dock):
    dock.send(shown="")
    answer = dock.send(shown="")
    assert answer.status_code == 303 and len(dock.arrived()) == 1
    assert "다시 보내지 않았습니다" in dock.order_page()


def test_registered_elsewhere_is_shown_and_may_be_corrected(dock):
    dock.elsewhere("OTHER-1")
    answer = dock.send(shown="")
    page = html.unescape(answer.get_data(as_text=True))
    assert answer.status_code == 409 and dock.arrived() == []
    assert "OTHER-1" in page and "한진택배" in page and 'value="1234-5678-9012"' in page
    assert dock.send(confirm_early="y").status_code == 303
    assert dock.there().invoice == "1234-5678-9012" and len(dock.arrived("PUT")) == 1


def test_already_registered_says_what_is_there(dock):
    """The 409 itself: somebody registers between our look and our call."""
    dock.elsewhere("OTHER-1")
    dock.fault("GET", execute="never", answer="body", status=409, body='{"code":-1,"message":"x"}')
    answer = dock.send(shown="")
    page = html.unescape(answer.get_data(as_text=True))
    assert answer.status_code == 409 and "이미 배송정보 등록이 완료" in page and "OTHER-1" in page
    assert dock.state == "registered" and len(dock.arrived("POST")) == 1


def test_changed_elsewhere_stops_a_correction(dock):
    dock.send()
    dock.wait(7200)
    dock.elsewhere("OTHER-2", change=True)
    answer = dock.send(invoice="9999")
    assert answer.status_code == 409 and "OTHER-2" in answer.get_data(as_text=True)
    assert dock.arrived() == []


def test_look_finds_what_was_registered_elsewhere(dock):
    assert "등록된 배송정보가 없습니다" in dock.look() and dock.row is None
    dock.elsewhere("OTHER-1")
    page = dock.look()
    assert "OTHER-1" in page and "포트원에서 배송정보를 찾음" in page
    assert dock.kinds() == ["delivery.registered"]
    dock.look()
    assert dock.kinds() == ["delivery.registered"]


def test_two_senders_at_once_are_one(dock, shop):
    dock.send()
    shop.db.execute(
        "UPDATE deliveries SET state = 'sending', asked_company = 'CJGLS', asked_invoice = '1',"
        " asked_sent_at = ?, asked_at = ?, next_look_at = ?",
        [shop.runtime.now()] * 3,
    )
    shop.db.conn.commit()
    assert dock.send(invoice="2", confirm_early="y").status_code == 303
    assert len(dock.arrived()) == 1 and dock.state == "sending"
    dock.wait(61)  # its process is gone
    dock.look()
    assert dock.state == "registered" and "고치지 못했습니다" in dock.order_page()


# -- refused, unknown ---------------------------------------------------------------------------


def test_refusal_is_told_in_portones_words_and_the_form_stays(dock, shop):
    shop.console(dock.imp_uid, 66_000)  # cancelled meanwhile, and not known here yet
    answer = dock.send()
    page = html.unescape(answer.get_data(as_text=True))
    assert answer.status_code == 409 and "등록할 수 없는 결제상태" in page
    assert 'value="1234-5678-9012"' in page and dock.state == "refused"
    assert "등록하지 못했습니다" in dock.order_page()


@pytest.mark.parametrize(
    ("script", "done"),
    [
        ({"answer": "close"}, True),
        ({"answer": "status", "status": 500}, True),
        ({"answer": "hang", "hang_s": 1.0}, True),
        ({"execute": "never", "answer": "close"}, False),
        ({"execute": "never", "answer": "status", "status": 500}, False),
    ],
    ids=str,
)
def test_unknown_outcome_is_decided_by_a_look(dock, script, done):
    dock.fault("POST", **script)
    assert dock.send().status_code == 303
    page = dock.order_page()
    assert dock.state == "unknown" and "다시 확인" in page and "아직 모릅니다" in page
    assert dock.look()
    assert dock.state == ("registered" if done else "refused")
    assert dock.kinds() == (["delivery.registered"] if done else [])
    if not done:
        assert 'value="1234-5678-9012"' in dock.form()  # what was typed comes back
        assert dock.send().status_code == 303 and dock.state == "registered"
    assert len(dock.arrived("POST")) == (1 if done else 2)


def test_while_unknown_nothing_is_sent_unless_a_look_says_that_nothing_is_there(dock):
    dock.fault("POST", answer="close")
    dock.send()
    dock.fault("GET", count=None, execute="never", answer="status", status=500)
    assert dock.send(invoice="2").status_code == 502
    assert dock.browser.send(f"{dock.path}/form").status_code == 303
    assert dock.state == "unknown" and len(dock.arrived("POST")) == 1
    dock.shop.sandbox.sandbox.faults.clear()
    assert dock.send(invoice="2").status_code == 409  # the first one stands there after all
    assert dock.row["invoice"] == "1234-5678-9012" and len(dock.arrived("POST")) == 1


def test_unknown_correction_leaves_what_is_registered_in_sight(dock):
    dock.send()
    dock.wait(7200)
    dock.fault("PUT", execute="never", answer="close")
    dock.send(invoice="9999")
    page = dock.order_page()
    assert "아래는 그 전에 등록된 내용" in page and "1234-5678-9012" in page and "9999" in page
    dock.look()
    page = dock.order_page()
    assert dock.state == "registered" and "고치지 못했습니다" in page
    assert 'value="9999"' in dock.form()
    assert dock.send(invoice="9999").status_code == 303 and dock.row["api_message"] is None


def test_worker_looks_by_itself(dock, shop):
    dock.fault("POST", answer="close")
    dock.send()
    delivery.work(shop.runtime, shop.db)
    assert dock.state == "unknown"  # a late success could still look like a no
    shop.clock.now += shop.runtime.config.t_settle_s
    dock.fault("GET", count=None, execute="never", answer="status", status=500)
    delivery.work(shop.runtime, shop.db)
    assert dock.state == "unknown" and dock.row["next_look_at"] > shop.clock.now
    shop.sandbox.sandbox.faults.clear()
    dock.wait(5)
    delivery.work(shop.runtime, shop.db)
    assert dock.state == "registered"


def test_silence_before_the_call_sends_nothing(dock):
    dock.fault("GET", count=None, execute="never", answer="status", status=500)
    answer = dock.send()
    page = html.unescape(answer.get_data(as_text=True))
    assert answer.status_code == 502 and "아무것도 보내지 않았습니다" in page
    assert 'value="1234-5678-9012"' in page and dock.row is None and dock.arrived() == []


def test_gone_at_portone_is_said(dock):
    dock.send()
    dock.fault("GET", execute="never", answer="body", status=409, body='{"code":-1,"message":"x"}')
    page = html.unescape(dock.look())
    assert dock.state == "refused" and "이제 포트원에 없습니다" in page


# -- who and for what ---------------------------------------------------------------------------


def test_card_stands_only_where_there_is_an_escrow_payment(dock, shop, client_as):
    assert "order-delivery" in dock.order_page()
    plain = Dock(shop, dock.browser, shop.pay("card", amount=20_000))
    assert "order-delivery" not in plain.order_page()
    assert plain.browser.send(f"{plain.path}/form").status_code == 303
    assert plain.send().status_code == 303 and plain.arrived() == []
    viewer = Dock(shop, client_as("viewer"), dock.imp_uid)
    assert "order-delivery" in viewer.order_page()
    assert f"{dock.path}/form" not in viewer.order_page()


def test_whole_cancel_ends_it_but_what_was_registered_stays_in_sight(dock, shop):
    dock.send()
    shop.console(dock.imp_uid, 66_000)
    shop.learn(dock.imp_uid)
    page = dock.order_page()
    assert "1234-5678-9012" in page and f"{dock.path}/form" not in page
    assert dock.send(invoice="2").status_code == 303 and len(dock.arrived()) == 1


def test_reloaded_address_bar_leads_back_to_the_order(dock):
    for path in (dock.path, f"{dock.path}/form", f"{dock.path}/look"):
        answer = dock.browser.get(path)
        assert answer.status_code == 303 and "/orders/" in answer.location


def test_practice_has_an_escrow_payment_to_try_it_on(shop, client, sandbox_payments):
    dock = Dock(shop, client, sandbox_payments["escrow"][0]["imp_uid"])
    shop.learn(dock.imp_uid)
    page = dock.form()
    assert "배송정보 등록" in page
    assert dock.send().status_code == 303 and dock.state == "registered"


# -- rules --------------------------------------------------------------------------------------


@settings(max_examples=30)
@given(st.integers(min_value=10**9, max_value=10**10 - 1))
def test_a_korean_minute_becomes_its_ten_digit_seconds(at):
    at -= at % 60
    if at < 10**9:
        return
    then = kst(at)
    assert delivery_rules.read_sent_at(f"{then:%Y-%m-%d}", f"{then:%H:%M}") == at


@settings(max_examples=30)
@given(st.text(max_size=30), st.text(max_size=10))
def test_no_text_is_read_as_another_kind_of_moment(day, time):
    at = delivery_rules.read_sent_at(day, time)
    assert at is None or 10**9 <= at < 10**10


@settings(max_examples=30)
@given(st.text(max_size=60))
def test_an_invoice_is_letters_digits_and_hyphens_or_nothing(typed):
    read = delivery_rules.read_invoice(typed)
    assert read is None or re.fullmatch(r"[0-9A-Za-z-]{1,40}", read)


def test_portones_other_courier_and_lost_hyphens_are_still_ours():
    asked = Parcel(company="CJGLS", invoice="12-34", sent_at=1_787_288_700)
    there = {"company": "ETC", "invoice": "1234", "sent_at": 1_787_288_700, "applied_at": None}
    assert delivery_rules.is_what_we_asked(Delivery(**there), asked)
    assert not delivery_rules.is_what_we_asked(Delivery(**there | {"invoice": "1235"}), asked)
    assert not delivery_rules.is_what_we_asked(Delivery(**there | {"company": "KGB"}), asked)


def test_every_courier_has_both_names_and_other_comes_last():
    assert all(one.ko and one.en for one in couriers())
    assert couriers()[-1].code == "ETC" and len(couriers()) == 11


def test_nobody_is_in_the_repr_of_a_shipment():
    party = Party(name="정하윤", tel="01012345678", addr="서울", postcode="04524")
    parcel = Parcel(company="ETC", invoice="1", sent_at=1_787_288_700)
    assert "정하윤" not in repr(Shipment(parcel=parcel, sender=party, receiver=party))
