"""All a stranger may reach, and nothing else (SEC-34); the one page with PortOne's script."""

from __future__ import annotations

import re

import pytest

from dashboard import gateway, settings
from dashboard.checkout import links, public_pages, service
from dashboard.checkout.public import create_public_app
from dashboard.checkout.public_pages import window_policy
from dashboard.database import write
from dashboard.gateway import SCRIPT_URL

HOST = "127.0.0.1:5999"
OURS = {
    "/pay/<token>",
    "/pay/<token>/open",
    "/pay/<token>/result",
    "/pay/<token>/check",
    "/pay/assets/<build>/<path:path>",
    "/portone/confirm",
    "/portone/webhook",
}


@pytest.fixture
def link(counter):
    return lambda row: f"/pay/{links.token_of(row['id'])}"


def page(answer) -> str:
    return answer.get_data(as_text=True)


def test_it_knows_these_addresses_and_no_other(app, counter, buyer):
    public = create_public_app(app)
    assert {rule.rule for rule in public.url_map.iter_rules()} == OURS
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods and not rule.arguments:
            assert buyer("GET", rule.rule).status_code == 404, rule.rule


def test_the_dashboard_knows_none_of_them(app, client):
    assert not OURS & {rule.rule for rule in app.url_map.iter_rules()}
    assert client.get("/pay/x").status_code == 404
    assert client.post("/portone/webhook", json={}).status_code in (400, 403, 404, 415)


@pytest.mark.parametrize("host", ["evil.com", "127.0.0.1:5000", "127.0.0.1", "", "localhost.evil"])
def test_foreign_hosts_are_refused(counter, buyer, link, host):
    answer = buyer("GET", link(counter.ask()), headers={"Host": host}, base_url=f"http://{host}/")
    assert answer.status_code == 400


def test_the_public_address_is_answered_once_it_is_set(counter, buyer, link):
    row = counter.ask()
    there = {"base_url": "https://pay.example.com"}
    assert buyer("GET", link(row), **there).status_code == 400
    with write(counter.db):
        settings.put(counter.db, "public_url", "https://pay.example.com")
    assert buyer("GET", link(row), **there).status_code == 200
    assert buyer("GET", "/orders", **there).status_code == 404


def test_every_answer_has_the_headers(counter, buyer, link):
    path = link(counter.ask())
    answers = [
        buyer("GET", path),
        buyer("GET", f"{path}/result"),
        buyer("POST", f"{path}/check"),
        buyer("GET", "/nothing"),
        buyer("POST", "/portone/webhook", data=b"x" * 9000),
        buyer("GET", path, base_url="http://evil.com"),
        buyer("GET", "/portone/confirm"),
    ]
    for answer in answers:
        headers = answer.headers
        policy = headers["Content-Security-Policy"]
        assert "unsafe" not in policy and "base-uri 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"
        assert len(headers.getlist("Content-Security-Policy")) == 1
        assert "Set-Cookie" not in headers and "Server" not in headers


def test_portones_script_and_policy_stand_on_one_page_only(counter, buyer, link, client):
    row = counter.ask()
    path = link(row)
    script = gateway.script_url(counter.runtime)
    paying = buyer("GET", path)
    assert script in page(paying)
    assert script.rpartition("/v1/")[0] in paying.headers["Content-Security-Policy"]
    assert paying.headers["Cross-Origin-Opener-Policy"] == "same-origin-allow-popups"
    for other in (buyer("GET", f"{path}/result"), buyer("POST", f"{path}/check"), client.get("/")):
        assert "iamport" not in page(other)
        assert "https:" not in other.headers["Content-Security-Policy"]
        assert other.headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_the_policy_for_the_real_script():
    policy = dict(
        part.strip().split(" ", 1) for part in window_policy(SCRIPT_URL).split(";") if part.strip()
    )
    assert policy["script-src"] == "'self' https://cdn.iamport.kr"
    assert policy["frame-src"] == "https:" and policy["connect-src"] == "'self' https:"
    assert policy["img-src"] == "'self' data: https:"
    assert policy["form-action"] == "'self' https:"
    assert policy["object-src"] == "'none'" and "style-src" not in policy


def test_no_inline_script_or_style(counter, buyer, link):
    path = link(counter.ask())
    for answer in (buyer("GET", path), buyer("GET", f"{path}/result"), buyer("GET", "/nothing")):
        found = page(answer)
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=", found)


@pytest.mark.parametrize("token", ["x", "ImFiYyI.aaaa", "", "%00", "a" * 3000])
def test_a_link_nobody_signed_is_not_found(counter, buyer, token):
    counter.ask()
    assert buyer("GET", f"/pay/{token}").status_code == 404


def test_a_link_of_another_shop_is_not_found(counter, buyer, link, app):
    path = link(counter.ask())
    app.secret_key = "x" * 40
    assert (
        create_public_app(app).test_client().get(path, base_url=f"http://{HOST}").status_code == 404
    )


def test_the_page_shows_goods_and_amount_and_no_buyer(counter, buyer, link):
    row = counter.ask(buyer_name="남궁민수", buyer_tel="01012345678", buyer_email="a@example.com")
    found = page(buyer("GET", link(row)))
    assert "사과 한 상자" in found and "12,000원" in found and "산들상회" in found
    for secret in ("남궁민수", "01012345678", "a@example.com"):
        assert secret not in found
    english = page(buyer("GET", f"{link(row)}?lang=en"))
    assert "₩12,000" in english and 'lang="en"' in english


def test_opening_gives_the_windows_parameters(counter, buyer, link):
    row = counter.ask()
    told = buyer("POST", f"{link(row)}/open").json
    assert told["merchant_code"].startswith("imp")
    params = told["params"]
    assert params["merchant_uid"] == row["merchant_uid"]
    assert (params["amount"], params["tax_free"]) == (12_000, 0)
    assert params["m_redirect_url"] == f"http://{HOST}{link(row)}/result"
    assert params["notice_url"].endswith("/portone/webhook")
    assert params["confirm_url"].endswith("/portone/confirm")
    after = counter.row(row)
    assert after["opened_at"] and after["next_check_at"] == counter.clock.now + 5


def test_looking_at_the_pages_changes_nothing(counter, buyer, link):
    row = counter.ask()
    path = link(row)
    before = list(counter.db.conn.iterdump())
    for one in (path, f"{path}/result?imp_uid=imp_000000000001&merchant_uid=x", f"{path}?lang=en"):
        assert buyer("GET", one).status_code == 200
        assert buyer("HEAD", one).status_code == 200
    assert list(counter.db.conn.iterdump()) == before


@pytest.mark.parametrize("what", ["open", "check"])
def test_other_pages_may_not_have_a_browser_ask(counter, buyer, link, what):
    row = counter.ask()
    for site in ("cross-site", "same-site"):
        answer = buyer("POST", f"{link(row)}/{what}", headers={"Sec-Fetch-Site": site})
        assert answer.status_code == 403


def test_paid_already_opens_no_window(counter, buyer, link):
    row = counter.ask()
    service.opened(counter.runtime, counter.db, row)
    counter.pay(row)
    counter.clock.now += 10
    told = buyer("POST", f"{link(row)}/open").json  # asks PortOne before it opens a second window
    assert told["go"].startswith(f"{link(row)}/result")
    assert buyer("GET", link(row)).status_code == 302


def test_an_expired_link_opens_no_window(counter, buyer, link):
    row = counter.ask()
    counter.clock.now = row["expires_at"]
    assert "go" in buyer("POST", f"{link(row)}/open").json
    assert buyer("GET", link(row)).status_code == 302


def test_the_result_page_asks_the_server_and_says_what_is_certain(counter, buyer, link):
    row = counter.ask()
    path = link(row)
    assert "아직 결제하지 않았습니다" in page(buyer("GET", f"{path}/result"))
    asking = page(buyer("GET", f"{path}/result?imp_uid=imp_000000000001"))
    assert "확인하는 중" in asking and "결제가 완료" not in asking and "data-final" not in asking
    imp_uid = counter.pay(row)
    assert "완료되었습니다" in page(buyer("POST", f"{path}/check", data={"imp_uid": imp_uid}))
    assert "완료되었습니다" in page(buyer("GET", f"{path}/result?imp_uid=imp_1"))  # a reload


def test_the_failure_of_the_last_try_is_not_shown_for_this_one(counter, buyer, link):
    row = counter.ask()
    counter.fail(row)
    counter.look(row)
    counter.pay(row)
    came_back = page(buyer("GET", f"{link(row)}/result?imp_uid=imp_000000000001"))
    assert "결제하지 못했습니다" not in came_back and "data-final" not in came_back
    assert "완료되었습니다" in page(buyer("POST", f"{link(row)}/check"))


def test_success_in_the_address_is_not_believed(counter, buyer, link):
    row = counter.ask()
    query = "?imp_uid=imp_000000000001&merchant_uid=x&success=true&imp_success=true&status=paid"
    found = page(buyer("GET", f"{link(row)}/result{query}"))
    assert "완료되었습니다" not in found
    after = page(buyer("POST", f"{link(row)}/check", data={"imp_uid": "imp_000000000001"}))
    assert "완료되었습니다" not in after and counter.row(row)["state"] == "open"


def test_looks_of_one_page_are_few(counter, buyer, link):
    row = counter.ask()
    before = len(counter.calls())
    for _ in range(20):
        buyer("POST", f"{link(row)}/check")
    assert len(counter.calls()) - before <= 1


def test_each_state_has_its_page(counter, buyer, link):
    waiting = counter.ask(pay_method="vbank", vbank_due=int(counter.clock.now) + 86_400)
    counter.issue(waiting)
    account = counter.shop.payment(counter.look(waiting)["imp_uid"]).vbank_num
    assert account in page(buyer("GET", f"{link(waiting)}/result"))
    failed = counter.ask()
    counter.fail(failed, "한도초과")
    counter.look(failed)
    found = page(buyer("GET", f"{link(failed)}/result"))
    assert "한도초과" in found and "다시 결제하기" in found
    wrong = counter.ask()
    counter.pay(wrong, amount=100)
    counter.look(wrong)
    assert "다시 결제하지 말고" in page(buyer("GET", f"{link(wrong)}/result"))
    gone = counter.ask()
    service.give_up(counter.runtime, counter.db, gone["id"], person_id=1)
    assert "취소된 주문" in page(buyer("GET", f"{link(gone)}/result"))


def test_unknown_stays_on_the_page(counter, buyer, link):
    row = counter.ask()
    counter.shop.sandbox.sandbox.faults.script(count=9, answer="status", status=503)
    found = page(buyer("POST", f"{link(row)}/check", data={"imp_uid": "imp_000000000001"}))
    assert "다시 결제하지 마세요" in found and "data-final" not in found


def test_a_buyers_text_stays_text(counter, buyer, link):
    row = counter.ask(name="<img src=x onerror=alert(1)>")
    words = "%3Cscript%3Ealert(1)%3C/script%3E"
    for path in (link(row), f"{link(row)}/result?error_msg={words}&imp_uid=%22%3E%3Cb"):
        found = page(buyer("GET", path))
        assert "<img src=x" not in found and "<script>alert" not in found


def test_only_the_pages_own_files_are_served(counter, buyer, link):
    found = page(buyer("GET", link(counter.ask())))
    for path in re.findall(r'(?:src|href)="(/pay/assets/[^"#]+)', found):
        assert buyer("GET", path).status_code == 200
    build = re.search(r"/pay/assets/(\w+)/", found)[1]
    for path in ("js/main.js", "css/orders.css", "../app.py", "bootstrap/bootstrap.min.css"):
        assert buyer("GET", f"/pay/assets/{build}/{path}").status_code == 404


def test_a_page_is_gone_thirty_days_after_its_end(counter, buyer, link):
    row = counter.ask()
    counter.pay(row)
    counter.look(row)
    counter.clock.now += 29 * 86_400
    assert buyer("GET", f"{link(row)}/result").status_code == 200
    counter.clock.now += 6 * 86_400
    assert buyer("GET", f"{link(row)}/result").status_code == 404


def test_opening_again_and_again_asks_no_more_often(counter, buyer, link):
    row = counter.ask()
    service.opened(counter.runtime, counter.db, row)
    before = len(counter.calls())
    for _ in range(60):
        counter.clock.now += 1
        service.opened(counter.runtime, counter.db, counter.row(row))
        counter.work()
    assert len(counter.calls()) - before <= 5


def test_few_pages_ask_at_a_time(counter, buyer, link, monkeypatch):
    row = counter.ask()
    taken = [public_pages._ASKING.acquire(blocking=False) for _ in range(2)]
    before = len(counter.calls())
    try:
        found = page(buyer("POST", f"{link(row)}/check"))
    finally:
        for _ in taken:
            public_pages._ASKING.release()
    assert len(counter.calls()) == before and "data-final" not in found


def test_the_chosen_language_comes_back_from_the_window(counter, buyer, link):
    told = buyer("POST", f"{link(counter.ask())}/open?lang=en").json
    assert told["params"]["m_redirect_url"].endswith("/result?lang=en")
