"""연동 점검: what stands between a shop and its first payment, and the same in `check`."""

from __future__ import annotations

import html
import re
import socket
from contextlib import closing, contextmanager

import pytest

from dashboard import settings
from dashboard.database import connect, write
from dashboard.keys import Keys
from dashboard.orders.live import QUICK
from dashboard.refunds import lock
from dashboard.runtime import NoKeys, Runtime
from dashboard.sandbox.born import LIVE_MID, TEST_MID
from dashboard.sandbox.world import API_CHANNEL_KEY, CHANNEL_KEY, TEST_CHANNEL_KEY
from dashboard.setup import doctor, doctoring
from tests.conftest import START

PAGE, LIVE = "/settings/doctor", "/settings/doctor/live"
LINE = re.compile(
    r'<li>.*?class="st (?P<css>[\w-]+)">.*?</svg>(?P<word>[^<]+)<.*?<h3>(?P<about>[^<]+)</h3>'
    r"\s*<p>(?P<said>[^<]+)</p>(?P<act>.*?)</li>",
    re.DOTALL,
)
TONES = {"is-paid": "good", "is-check": "warn", "is-fail": "bad", "is-ready": "unknown"}


def lines(answer) -> dict[str, tuple[str, str]]:
    """Tone and sentence of each line by what it is about; buttons are looked at on the way."""
    found = {}
    for one in LINE.finditer(html.unescape(answer.text)):
        tone = TONES[one["css"]]
        buttons = len(re.findall(r"<a class=|<button", one["act"]))
        assert buttons == (0 if tone == "good" else 1), one[0]
        found[one["about"]] = (tone, one["said"])
    assert found
    return found


def ask(client):
    return lines(client.send(LIVE, page="/me", headers={"X-Fragment": "1"}))


def put(db, **facts):
    with write(db):
        for name, value in facts.items():
            settings.put(db, name, value)


def test_the_page_stands_before_portone_answers(client, monkeypatch):
    monkeypatch.setattr(Runtime, "portone", None)  # nobody may ask
    page = client.get(PAGE)
    assert 'data-live-url="/settings/doctor/live"' in page.text and "확인하는 중" in page.text
    assert "API 토큰" not in lines(page)
    assert 'data-live-when="submit"' not in page.text


def test_a_script_gets_the_lines_alone(client, portone):
    answer = client.send(LIVE, page="/me", headers={"X-Fragment": "1"})
    assert "<html" not in answer.text and 'data-live-when="submit"' in answer.text
    assert lines(answer) == {
        "API 토큰": ("good", "연습용 포트원에서 키를 받아들였습니다."),
        "IP 보안설정": (
            "good",
            "지금은 이 PC를 받아들입니다. 허용 목록을 쓰는지는 여기서 알 수 없습니다.",
        ),
        "시계": ("good", "포트원과 0초 차이입니다."),
        "채널": (
            "good",
            f"포트원의 목록에 있는 결제창 채널입니다. KSNET 결제창 · {LIVE_MID}",
        ),
        "구매자 포트": ("unknown", "구매자 포트가 열려 있는지 여기서는 알 수 없습니다."),
    }


def test_without_a_script_the_button_brings_the_whole_page(client, portone):
    answer = client.send(LIVE, page="/me")
    assert answer.status_code == 200 and {"API 토큰", "모드"} <= lines(answer).keys()
    assert client.get(LIVE).location == PAGE


def test_looking_writes_nothing(client, db, portone):
    before = list(db.conn.iterdump())
    client.get(PAGE)
    client.send(LIVE, page="/me")
    assert list(db.conn.iterdump()) == before


# -- what PortOne says --------------------------------------------------------------------------


def test_a_refused_key(client, refused):
    found = ask(client)
    assert found["API 토큰"][0] == "bad" and "REST API Key" in found["API 토큰"][1]
    assert found["IP 보안설정"][0] == found["채널"][0] == "unknown"


def test_a_refused_address_is_not_a_wrong_key(client, portone):
    portone.sandbox.faults.script(count=None, execute="never", answer="status", status=403)
    found = ask(client)
    assert found["IP 보안설정"][0] == "bad" and "IP 보안설정에" in found["IP 보안설정"][1]
    assert found["API 토큰"][0] == "unknown"


def test_a_portone_that_is_away(client, portone):
    portone.stop()
    found = ask(client)
    assert found["API 토큰"][0] == "bad" and "연결하지 못했습니다" in found["API 토큰"][1]
    others = [tone for about, (tone, _said) in found.items() if about != "API 토큰"]
    assert set(others) == {"unknown"}


def test_channels_that_cannot_be_asked_for(client, portone):
    portone.sandbox.faults.script(
        count=None, execute="never", answer="status", status=403, path="/users/pg"
    )
    found = ask(client)
    assert found["API 토큰"][0] == "good" and found["채널"][0] == "unknown"


@pytest.mark.parametrize(("error", "word"), [(NoKeys(), "없습니다"), (ValueError(), "글자")])
def test_keys_that_are_none(client, monkeypatch, error, word):
    def fail(*_args, **_given):
        raise error

    monkeypatch.setattr(Runtime, "portone", fail)
    tone, said = ask(client)["API 토큰"]
    assert tone == "bad" and word in said


def test_the_clock_is_known_even_where_the_key_is_wrong(client, sandbox, monkeypatch, clock):
    wrong = Keys(sandbox.key, "wrong")
    monkeypatch.setattr(
        Runtime, "portone", lambda it, limits=None: it.client(sandbox.url, wrong, limits)
    )
    found = ask(client)
    assert found["API 토큰"][0] == "bad" and found["시계"] == ("good", "포트원과 0초 차이입니다.")


@pytest.mark.parametrize(("skew_s", "tone"), [(120.0, "good"), (-121.0, "bad"), (None, "unknown")])
def test_a_wrong_clock(client, monkeypatch, skew_s, tone):
    asked = doctor.Asked(where="포트원", skew_s=skew_s)
    monkeypatch.setattr(doctoring, "ask", lambda _runtime: asked)
    assert ask(client)["시계"][0] == tone


def test_looking_takes_no_longer_than_a_page_may_wait():
    slowest = 2 * doctoring.LIMITS.total_s + doctoring._PORT_TIMEOUT_S
    assert slowest <= QUICK.total_s


@pytest.mark.parametrize(
    ("facts", "tone"),
    [
        ({"channel_key": CHANNEL_KEY, "pg_mid": LIVE_MID}, "good"),
        ({"channel_key": TEST_CHANNEL_KEY, "pg_mid": TEST_MID, "channel_sandbox": True}, "good"),
        ({"channel_key": TEST_CHANNEL_KEY, "pg_mid": TEST_MID}, "bad"),
        ({"channel_key": CHANNEL_KEY, "pg_mid": "1"}, "bad"),
        ({"channel_key": API_CHANNEL_KEY, "pg_mid": LIVE_MID}, "bad"),
        ({"channel_key": "channel-key-gone"}, "bad"),
        ({"pg_mid": LIVE_MID}, "warn"),
        ({"pg_mid": "1234567890"}, "bad"),
    ],
)
def test_the_channel(client, db, portone, facts, tone):
    put(db, **facts)
    assert ask(client)["채널"][0] == tone


@contextmanager
def listening(*, answers):
    with closing(socket.socket()) as place:
        place.bind(("127.0.0.1", 0))
        if answers:
            place.listen()
        yield place.getsockname()[1]


def test_the_buyers_port(app, client, portone):
    runtime = app.extensions["jangbu"]
    with listening(answers=False) as port:
        runtime.public_port = port
        assert ask(client)["구매자 포트"][0] == "bad"
    runtime.public_port = int(portone.url.rsplit(":", 1)[1])  # anything that speaks HTTP
    tone, said = ask(client)["구매자 포트"]
    assert tone == "good" and "터널로도 열리는지는 알 수 없습니다" in said


# -- what the shop knows ------------------------------------------------------------------------


@pytest.fixture
def live(app):
    app.extensions["jangbu"].choose("live")
    return app


@pytest.fixture
def live_db(live):
    with closing(connect(live.extensions["jangbu"].database_path)) as db:
        yield db


def test_a_fresh_shop(live, client):
    found = lines(client.get(PAGE))
    assert {about: tone for about, (tone, _said) in found.items()} == {
        "모드": "unknown",
        "고객사 식별코드": "warn",
        "과세 설정": "warn",
        "KSNET 계약": "warn",
        "가게 정보": "unknown",
        "공개 주소": "unknown",
        "마지막 웹훅": "unknown",
        "콘솔의 웹훅 주소": "unknown",
        "마지막 동기화": "warn",
        "환불 잠금": "good",
    }
    assert found["마지막 웹훅"][1] == "아직 없음"


def test_a_shop_that_is_ready(live_db, client):
    put(
        live_db,
        merchant_code="imp12345678",
        channel_key=CHANNEL_KEY,
        pg_mid=LIVE_MID,
        public_url="https://pay.example.com",
        confirm_on=True,
        shop_name="달빛꽃집",
        business_number="1178178260",
        ceo_name="김하나",
        shop_address="서울",
        shop_phone="021234567",
        **dict.fromkeys(settings.CONTRACTS, "yes") | {"contract_phone_product": "real"},
    )
    with write(live_db):
        _webhook(live_db, "changed")
        _run(live_db, "done", START - 60)
    tones = {about: tone for about, (tone, _said) in lines(client.get(PAGE)).items()}
    assert tones.pop("콘솔의 웹훅 주소") == "unknown"  # nobody can look that up
    assert set(tones.values()) == {"good"}


def _webhook(db, verdict, at=START - 5):
    row = dict.fromkeys(
        ("content_type", "remote_addr", "body", "imp_uid", "merchant_uid", "status"), ""
    )
    db.table("webhook_inbox").insert(
        row
        | {"first_at": at, "last_at": at, "cancellation_id": "", "verdict": verdict}
        | {"next_check_at": at if verdict == "waiting" else None}
    )


def _run(db, state, finished_at):
    db.table("sync_runs").insert(
        {
            "kind": "first",
            "state": state,
            "created_at": START - 100,
            "started_at": START - 90,
            "finished_at": finished_at,
        }
    )


def test_contracts_and_tax(client, db):
    put(db, contract_mixed_tax="no", contract_easy_pay="no", contract_key_in="yes")
    answer = client.get(PAGE)
    assert lines(answer)["과세 설정"][0] == "bad" and "K15" in lines(answer)["과세 설정"][1]
    assert "계약에 없어 쓰지 않습니다: 간편결제" in answer.text
    unknown = re.search("계약에 있는지 모릅니다: ([^<]+)", answer.text)[1]
    assert "할부" in unknown and "수기" not in unknown and "간편" not in unknown


def test_a_code_without_which_the_chosen_channel_is_of_no_use(client, live_db):
    put(live_db, channel_key=TEST_CHANNEL_KEY, pg_mid=TEST_MID, channel_sandbox=True)
    found = lines(client.get(PAGE))
    assert found["고객사 식별코드"][0] == "bad"
    assert found["모드"] == ("warn", "테스트 채널이라 결제해도 돈이 들어오지 않습니다.")


def test_what_wallets_need(client, db):
    put(db, contract_easy_pay="yes", shop_name="달빛꽃집", business_number="1178178260")
    tone, said = lines(client.get(PAGE))["가게 정보"]
    assert tone == "warn" and said.endswith("대표자명, 가게 주소, 가게 전화번호")


@pytest.mark.parametrize(
    ("verdict", "tone"),
    [
        ("changed", "good"),
        ("known", "good"),
        ("waiting", "unknown"),
        ("contradicted", "warn"),
        ("unknown", "warn"),
        ("unreadable", "warn"),
    ],
)
def test_the_last_webhook(client, db, verdict, tone):
    with write(db):
        _webhook(db, "unreadable", START - 60)
        _webhook(db, verdict)
    found = lines(client.get(PAGE))["마지막 웹훅"]
    assert found[0] == tone and "2026-08-21 14:04" in found[1]


def test_an_address_that_nothing_ever_came_to(client, db):
    put(db, public_url="https://pay.example.com")
    assert lines(client.get(PAGE))["마지막 웹훅"][0] == "warn"


@pytest.mark.parametrize(
    ("runs", "tone"),
    [
        ([("done", START - 60)], "good"),
        ([("done", START - 4000)], "warn"),
        ([("running", None)], "unknown"),
        ([("done", START - 60), ("running", None)], "good"),
        ([("done", START - 60), ("failed", START - 5)], "bad"),
    ],
)
def test_the_last_sync(client, db, runs, tone):
    with write(db):
        db.conn.execute("DELETE FROM sync_runs")
        for state, finished_at in runs:
            _run(db, state, finished_at)
    assert lines(client.get(PAGE))["마지막 동기화"][0] == tone


def test_locked_refunds(client, db):
    with write(db):
        lock.lock(db, "older", START)
    assert lines(client.get(PAGE))["환불 잠금"][0] == "bad"


# -- the same on the command line ---------------------------------------------------------------


def test_the_command_shows_the_same_lines(app, client, db, portone):
    put(db, contract_mixed_tax="no")
    said = app.test_cli_runner().invoke(args=["check"])
    assert said.exit_code == 1 and "[문제] 과세 설정" in said.output
    assert "[좋음] API 토큰" in said.output and "[참고] 공개 주소" in said.output
    shown = lines(client.get(PAGE)) | ask(client)
    assert all(about in said.output for about in shown)
    put(db, contract_mixed_tax="yes")
    assert app.test_cli_runner().invoke(args=["check"]).exit_code == 0
