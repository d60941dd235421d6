"""SEC-28: the password again before something grave, good for five minutes."""

from __future__ import annotations

from http.cookies import SimpleCookie

import pytest

from dashboard.accounts import proof, throttle
from tests.conftest import AGAIN, PASSWORD

WRONG = {"password_again": "wrong horse battery"}


def asks(browser, path="/settings/contract") -> bool:
    return 'name="password_again"' in browser.get(path).text


def say(browser, typed=AGAIN, path="/settings/contract"):
    return browser.send(path, typed, page=path)


def test_a_right_password_holds_for_five_minutes(client, clock):
    assert asks(client)
    assert say(client).status_code == 303
    assert not asks(client)
    clock.now += proof.FRESH_S - 1
    assert say(client, {}).status_code == 303
    clock.now += 1
    assert asks(client)
    assert say(client, {}).status_code == 422
