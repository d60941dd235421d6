"""Tokens and look-ups, as portone-v1-api 1 and 4 say."""

from __future__ import annotations

import pytest

from tests.sandbox.conftest import NOW

DAY_S = 24 * 60 * 60


def test_token_is_the_same_until_it_expires(caller, server):
    first = caller.token()
    assert (first["now"], first["expired_at"]) == (NOW, NOW + 1800)
    server.sandbox.clock.advance(1700)
    assert caller.token()["expired_at"] == first["expired_at"]
    server.sandbox.clock.advance(41)  # 59 seconds left
    extended = caller.token()
    assert extended["access_token"] == first["access_token"]
    assert extended["expired_at"] == first["expired_at"] + 300
    server.sandbox.clock.advance(360)
    assert caller.token()["access_token"] != first["access_token"]


def test_token_in_its_last_full_minute_is_not_extended(caller, server):
    first = caller.token()
    server.sandbox.clock.advance(1740)  # 60 seconds left: not less than one minute
    assert caller.token()["expired_at"] == first["expired_at"]


@pytest.mark.parametrize("secret", ["", "wrong"])
def test_wrong_secret_is_401(caller, server, secret):
    body = {"imp_key": server.key, "imp_secret": secret}
    found = caller.session.post(f"{server.url}/users/getToken", data=body, timeout=10)
    assert (found.status_code, found.json()["code"]) == (401, -1)


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer nonsense", "nonsense"])
def test_without_a_live_token_is_401(caller, header):
    found = caller.ask("GET", "/payments/status/all", headers={"Authorization": header})
    assert found.status_code == 401


def test_expired_token_is_401(caller, server):
    token = caller.token()["access_token"]
    server.sandbox.clock.advance(1801)
    found = caller.session.get(f"{server.url}/banks", headers={"Authorization": token}, timeout=10)
    assert found.status_code == 401


@pytest.mark.parametrize("form", ["{}", "Bearer {}", "bearer {}"])
def test_bare_token_and_bearer(caller, form):
    token = caller.token()["access_token"]
    assert caller.ask("GET", "/banks", headers={"Authorization": form.format(token)}).ok


def test_trailing_slash_is_tolerated(caller, fixture):
    imp_uid = fixture["paid_card"][0]["imp_uid"]
    assert caller.ok(f"/payments/{imp_uid}/")["imp_uid"] == imp_uid
    assert caller.ok("/payments/status/paid/")["list"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("PATCH", "/payments/cancel", 405),
        ("GET", "/payments/imp_000000000000", 404),
        ("GET", "/payments/status/strange", 400),
        ("GET", "/payments", 400),
    ],
)
def test_every_error_wears_the_envelope(caller, method, path, status):
    found = caller.ask(method, path)
    assert found.status_code == status
    assert found.json()["code"] != 0 and found.json()["message"]


def test_test_channel_payment_hides_only_from_the_single_lookup(caller, fixture):
    one = fixture["test_channel"][0]
    path = f"/payments/{one['imp_uid']}"
    assert caller.get(path).status_code == 404
    assert caller.get(path, include_sandbox="false").status_code == 404
    assert caller.ok(path, include_sandbox="true")["sandbox"] is True
    assert caller.ok("/payments", **{"imp_uid[]": one["imp_uid"]})[0]["sandbox"] is True
    assert caller.ok(f"/payments/find/{one['merchant_uid']}")["imp_uid"] == one["imp_uid"]
    assert caller.ok(f"/payments/findAll/{one['merchant_uid']}")["total"] == 1


def test_several_are_207_when_some_are_missing_and_404_when_all_are(caller, fixture):
    known = [each["imp_uid"] for each in fixture["paid_card"]]
    found = caller.get("/payments", **{"imp_uid[]": [*known, "imp_000000000000"]})
    assert found.status_code == 207
    assert {each["imp_uid"] for each in found.json()["response"]} == set(known)
    assert found.json()["failed"] == ["imp_000000000000"]
    assert caller.get("/payments", **{"imp_uid[]": "imp_000000000000"}).status_code == 404
    assert caller.get("/payments", **{"imp_uid[]": known}).status_code == 200


def test_more_than_100_ids_are_refused(caller):
    ids = [f"imp_{n:012d}" for n in range(101)]
    assert caller.get("/payments", **{"imp_uid[]": ids}).status_code == 400


def test_shared_order_number_gives_the_first_by_sort_order(caller, fixture):
    uid = fixture["shared_merchant_uid"]
    assert caller.ok(f"/payments/findAll/{uid}")["total"] == 2
    newest, oldest = (
        caller.ok(f"/payments/find/{uid}"),
        caller.ok(f"/payments/find/{uid}", sorting="started"),
    )
    assert newest["started_at"] > oldest["started_at"]
    assert caller.ok(f"/payments/find/{uid}/paid")["status"] == "paid"
    assert caller.get(f"/payments/find/{uid}/cancelled").status_code == 404


def test_window_is_90_days_and_pages_end_with_an_error(caller):
    assert (
        caller.get("/payments/status/all", to=NOW, **{"from": NOW - 91 * DAY_S}).status_code == 400
    )
    page = caller.ok("/payments/status/all", limit=10)
    last = -(-page["total"] // 10)
    end = caller.ok("/payments/status/all", limit=10, page=last)
    assert (page["previous"], page["next"], end["next"]) == (0, 2, 0)
    assert caller.get("/payments/status/all", limit=10, page=last + 1).status_code == 400
    assert caller.get("/payments/status/all", limit=1001).status_code == 400


def test_bounds_are_inclusive_and_mean_the_time_of_the_final_status(caller, fixture):
    one = caller.ok(f"/payments/{fixture['cancelled'][0]['imp_uid']}")

    def listed(at: int) -> bool:
        page = caller.ok("/payments/status/all", to=at, limit=1000, **{"from": at})
        return one["imp_uid"] in {each["imp_uid"] for each in page["list"]}

    assert listed(one["cancelled_at"])
    assert not listed(one["paid_at"]) and not listed(one["started_at"])


@pytest.mark.parametrize("sorting", ["started", "paid", "updated"])
def test_sortings_are_each_others_mirror_and_cover_everything_once(caller, sorting):
    def walk(word: str) -> list[dict]:
        found, page = [], 1
        while page:
            answer = caller.ok("/payments/status/paid", limit=37, page=page, sorting=word)
            found += answer["list"]
            page = answer["next"]
        assert len(found) == answer["total"]
        return [each["imp_uid"] for each in found]

    up, down = walk(sorting), walk(f"-{sorting}")
    assert up == down[::-1] and len(set(up)) == len(up)


def test_channels_tell_test_from_live(caller, fixture):
    found = caller.ok("/users/pg")
    assert fixture["channel_key"] in {each["channel_key"] for each in found}
    assert {each["sandbox"] for each in found} == {True, False}


def test_code_tables(caller):
    assert caller.ok("/banks/088")["name"].startswith("신한")
    assert caller.get("/cards/nope").status_code == 404
    assert len(caller.ok("/cards")) > 10


def test_an_order_number_with_a_slash_is_one_segment(caller):
    caller.post("/payments/prepare", {"merchant_uid": "a/paid", "amount": 100})
    assert caller.ok("/payments/prepare/a%2Fpaid")["merchant_uid"] == "a/paid"
    assert caller.ok("/payments/prepare/a%2fpaid/")["amount"] == 100
    assert (
        caller.get("/payments/findAll/a%2Fpaid").json()["message"].endswith("merchant_uid입니다.")
    )


def test_every_answer_tells_the_sandboxs_time(server, caller):
    server.sandbox.clock.advance(3600)
    assert caller.get("/banks").headers["Date"] == "Fri, 21 Aug 2026 06:05:00 GMT"
