"""Many outside sales from one file: looked at first, issued once each, resumed safely."""

from __future__ import annotations

import io

from tests.refunds.pages import text

HEAD = "주문번호,상품명,금액,면세금액,판매일,용도,식별번호,상품구분,구매자\n"
GOOD = "".join(
    f"SHOP-{at},배,{at}000,0,2026-08-20,소득공제,010-1234-567{at},실물,홍길동\n" for at in (1, 2, 3)
)
BAD = "SHOP-4,배,x,0,2026-09-30,소득공제,900101-1234567,실물,홍길동\n"


def upload(client, content=HEAD + GOOD):
    data = {"csrf_token": client.csrf("/me"), "sheet": (io.BytesIO(content.encode()), "a.csv")}
    return client.post("/receipts/batch", data=data)


def issue(client, location):
    return client.send(f"{location}/issue", {"channel_key": ""}, page="/me")


def states(db):
    return [row[0] for row in db.execute("SELECT state FROM receipts ORDER BY rowid")]


def test_the_look_sends_nothing_and_says_what_is_wrong(shop, client, posts, work):
    location = upload(client, HEAD + GOOD + BAD + GOOD.splitlines()[0] + "\n").location
    page = text(client.get(location))
    assert "주민등록번호" in page and "1234567" not in page.replace("주민등록번호", "")
    assert "파일에 두 번" in page and "6,000원" in page
    work()
    assert posts() == [] and states(shop.db) == []


def test_the_same_file_again_issues_nothing_twice(shop, client, posts, work):
    for _ in range(2):
        issue(client, upload(client).location)
        work()
    assert len(posts()) == 3 and states(shop.db) == ["issued"] * 3


def test_pressed_twice_it_is_issued_once(shop, client, posts, work):
    location = upload(client).location
    assert issue(client, location).location == issue(client, location).location == location
    work()
    assert len(posts()) == 3 and "3건 중 3건 끝남" in text(client.get(location))


def test_after_a_restart_the_same_file_issues_the_rest(shop, client, posts, work):
    issue(client, upload(client).location)
    shop.runtime.receipt_subjects.clear()
    work()
    assert states(shop.db) == ["not_issued"] * 3 and posts() == []
    issue(client, upload(client).location)
    work()
    assert len(posts()) == 3 and states(shop.db)[3:] == ["issued"] * 3


def test_after_half_an_hour_it_is_gone(shop, client, posts):
    location = upload(client).location
    for _ in range(2):  # nobody is signed out meanwhile
        shop.clock.now += 901
        client.get("/me")
    assert client.get(location).location == "/receipts/batch"
    issue(client, location)
    assert states(shop.db) == []


def test_it_is_nobody_elses(client, client_as):
    location = upload(client).location
    assert client_as("staff").get(location).status_code == 404


def test_no_file_and_a_wrong_one(client):
    assert upload(client, "a,b\n1,2\n").status_code == 422
    assert client.send("/receipts/batch", page="/me").status_code == 422
