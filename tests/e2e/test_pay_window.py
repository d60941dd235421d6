"""The practice PortOne's own payment window, opened by a page of another origin."""

from __future__ import annotations

import json
import time

import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from dashboard.sandbox import SandboxServer, fill
from dashboard.sandbox.world import MERCHANT_CODE
from tests.e2e.conftest import (
    PHONE,
    WIDE,
    assert_accessible,
    assert_nothing_scrolls_sideways,
    look,
    wait,
)
from tests.sandbox.windowing import Shop, params

PAGE = """<!doctype html><html lang="ko"><meta charset="utf-8"><title>shop</title>
<link rel="icon" href="data:,"><main><button id="buy">결제</button></main>
<script src="{home}/v1/iamport.js"></script><script src="/shop.js"></script></html>"""
SCRIPT = """IMP.init("{code}");
document.getElementById("buy").addEventListener("click", () => {{
  IMP.request_pay({asked}, (rsp) => {{ document.title = JSON.stringify(rsp); }});
  IMP.request_pay({asked}, () => {{ document.title = "twice"; }});
}});"""


@pytest.fixture
def sandbox(tmp_path):
    path = tmp_path / "sandbox.db"
    fill(path, seed=1, orders=1, each=1, now=int(time.time()))
    with SandboxServer(path) as server:
        yield server


@pytest.fixture
def shop(sandbox):
    with Shop() as shop:
        policy = (
            f"default-src 'none'; script-src 'self' {sandbox.url}; connect-src {sandbox.url};"
            f" frame-src {sandbox.url}; img-src data:; frame-ancestors 'none'"
        )
        shop.pages["/"] = (PAGE.format(home=sandbox.url), policy)
        shop.pages["/result"] = ("<title>result</title><link rel=icon href=data:,>", policy)
        yield shop


def start(browser, shop: Shop, asked: dict) -> None:
    script = SCRIPT.format(code=MERCHANT_CODE, asked=json.dumps(asked))
    shop.pages["/shop.js"] = (script, "")
    browser.get(shop.url)
    browser.find_element(By.ID, "buy").click()


def inside(browser) -> None:
    """Look into the window, which lies over the shop's page."""
    frame = wait(browser, lambda: browser.find_element(By.ID, "imp-window"))
    browser.switch_to.frame(frame)
    wait(browser, lambda: browser.find_element(By.CSS_SELECTOR, "main section h1"))


def called_back(browser) -> dict:
    browser.switch_to.default_content()
    return json.loads(wait(browser, lambda: browser.title.startswith("{") and browser.title))


def test_pays_over_the_page_or_goes_there_and_back(browser, shop, sandbox):
    asked = params(m_redirect_url=f"{shop.url}/result", display={"card_quota": [0, 3]})
    start(browser, shop, asked)
    inside(browser)
    browser.find_element(By.CSS_SELECTOR, "input[value='365']").click()
    browser.find_element(By.CSS_SELECTOR, "#quota option[value='3']").click()
    ActionChains(browser).double_click(browser.find_element(By.ID, "pay")).perform()
    told = called_back(browser)
    assert set(told) == {"imp_uid", "merchant_uid"}
    row = _row(sandbox, told["imp_uid"])
    assert row["status"] == "paid" and '"card_quota":3' in row["facts"]

    start(browser, shop, params())
    inside(browser)
    ActionChains(browser).send_keys(Keys.ESCAPE).perform()
    told = called_back(browser)
    assert set(told) == {"imp_uid", "merchant_uid", "error_code", "error_msg"}
    assert _row(sandbox, told["imp_uid"])["status"] == "ready"

    look(browser, PHONE)
    asked = params("vbank", m_redirect_url=f"{shop.url}/result", vbank_due="2099-01-01")
    start(browser, shop, asked)
    wait(browser, lambda: browser.find_element(By.ID, "pay"))
    assert_accessible(browser)
    browser.find_element(By.ID, "pay").click()
    wait(browser, lambda: browser.find_element(By.ID, "deposit")).click()
    assert_accessible(browser)
    assert_nothing_scrolls_sideways(browser)
    wait(browser, lambda: not browser.find_elements(By.ID, "deposit"))
    browser.find_element(By.ID, "done").click()
    wait(browser, lambda: "/result?" in browser.current_url)
    assert f"merchant_uid={asked['merchant_uid']}" in browser.current_url
    assert "error" not in browser.current_url
    look(browser, WIDE)


def _row(sandbox: SandboxServer, imp_uid: str):
    db = sandbox.sandbox.store.connect()
    try:
        return db.execute("SELECT * FROM payments WHERE imp_uid = ?", (imp_uid,)).fetchone()
    finally:
        db.close()
