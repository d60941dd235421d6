"""The page of the synchronisation: what it says, and who may press the button."""

import pytest

from dashboard.portone import PortOneNotAuthorised, PortOneNotSent, Why
from dashboard.sync import service
from tests.conftest import START
from tests.orders.payments import cancel
from tests.sync.portone import Away, Shelf


@pytest.fixture
def page(client):
    """The page's text as a person reads it, without its markup."""

    def read(**headers) -> str:
        answer = client.get("/sync", headers=headers)
        assert answer.status_code == 200
        return " ".join(answer.get_data(as_text=True).split())

    return read


def run(db, clock, shelf):
    service.request_sync(db, None, None, int(clock.now))
    service.run_open(db, lambda: shelf, owner="worker:a", clock=clock)


def test_the_button_queues_one_run(client, db):
    for _press in range(2):
        answer = client.send("/sync", page="/sync")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/sync")
    [row] = db.query("SELECT * FROM sync_runs")
    assert (row["kind"], row["state"], row["asked_by"]) == ("first", "queued", client.person_id)


def test_a_viewer_sees_but_does_not_start(client_as, db):
    viewer = client_as("viewer")
    assert "지금 동기화" not in viewer.get("/sync").get_data(as_text=True)
    assert viewer.send("/sync", page="/sync").status_code == 403
    assert db.table("sync_runs").count == 0


def test_looking_changes_nothing(client, db):
    service.request_sync(db, None, None, START)
    before = list(db.conn.iterdump())
    client.get("/sync")
    client.get("/sync", headers={"X-Fragment": "1"})
    assert list(db.conn.iterdump()) == before


def test_an_open_run_asks_for_itself_again(page, db, clock):
    service.request_sync(db, None, None, START)
    assert 'data-refresh-url="/sync"' in page()
    run(db, clock, Shelf(3))
    assert "data-refresh-url" not in page()


def test_progress_shows_counts(page, db, clock):
    shelf = Shelf(1200, every_s=60)
    told = []

    def look(_cursor):
        told.append(page(**{"X-Fragment": "1"}))

    service.request_sync(db, None, None, START)
    service.run_open(db, lambda: shelf, owner="worker:a", clock=clock, told=look)
    assert any("1,200건 중 500건을 읽었습니다." in text for text in told)
    assert any('max="1200" value="500"' in text for text in told)
    assert "세고 있습니다" in told[0]
    assert "<html" not in told[0]
    assert "포트원의 결제 1,200건을 읽었습니다. " in page()


def test_the_fragment_of_the_first_run_leads_on(client, db, clock):
    service.request_sync(db, None, None, START)
    text = client.get("/sync?first=1", headers={"X-Fragment": "1"}).get_data(as_text=True)
    assert 'data-refresh-url="/sync?first=1"' in text
    run(db, clock, Shelf(3))
    text = client.get("/sync?first=1", headers={"X-Fragment": "1"}).get_data(as_text=True)
    assert 'data-done-url="/' in text


def test_a_summary_names_the_changed_orders(page, db, clock):
    shelf = Shelf(3)
    run(db, clock, shelf)
    shelf.payments["imp_000000000001"] |= {
        "cancel_amount": 3_000,
        "cancel_history": [cancel(3_000)],
    }
    clock.now += 180
    run(db, clock, shelf)
    text = page()
    assert "결제완료 → 부분취소 3,000원" in text
    assert "order-000001" in text
    assert "order-000002" not in text


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (PortOneNotAuthorised(why=Why.KEY), "REST API Key와 Secret을 다시 입력해 주세요."),
        (PortOneNotAuthorised(why=Why.IP), "IP 보안설정"),
        (PortOneNotSent(why=Why.NO_CONNECTION), "포트원에 연결하지 못했습니다."),
    ],
)
def test_a_failure_says_what_happened_what_is_certain_and_what_to_do(page, db, clock, error, words):
    run(db, clock, Away(error))
    text = page()
    assert words in text
    assert "지금까지 가져온 결제는 그대로 있습니다." in text
    assert "오늘 14:08에 저절로 다시 시도합니다." in text


def test_every_reason_has_its_words(app, db, clock):
    from dashboard.sync.progress import progress_of

    with app.test_request_context():
        for why in Why:
            run(db, clock, Away(PortOneNotSent(why=why)))
            row = service.last_run(db)
            trouble = progress_of(db, row, now=START, every_s=180).trouble
            assert trouble.happened
            assert trouble.to_do


def test_a_run_whose_process_is_gone_says_so(page, db, clock):
    service.request_sync(db, None, None, START)
    stops = iter([False, True])
    service.run_open(
        db, lambda: Shelf(3), owner="worker:a", clock=clock, stopped=lambda: next(stops)
    )
    assert "1분 넘게 응답하지 않습니다" in page()


def test_a_name_cannot_become_markup(page, db, clock):
    shelf = Shelf(2)
    run(db, clock, shelf)
    shelf.payments["imp_000000000001"] |= {
        "name": "<img src=x onerror=alert(1)>",
        "status": "cancelled",
    }
    clock.now += 180
    run(db, clock, shelf)
    assert "<img src=x" not in page()
    assert "&lt;img src=x" in page()


def test_the_first_run_keeps_asking_after_a_failure(client, db, clock):
    run(db, clock, Away(PortOneNotSent(why=Why.NO_CONNECTION)))
    headers = {"X-Fragment": "1"}
    assert 'data-refresh-after="5000"' in client.get("/sync?first=1", headers=headers).text
    assert "data-refresh" not in client.get("/sync", headers=headers).text
