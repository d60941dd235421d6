"""From `python app.py` on a bare PC to the filled list, as a new owner does it."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By

from tests.conftest import PASSWORD
from tests.e2e.conftest import (
    PHONE,
    WIDE,
    assert_accessible,
    assert_nothing_scrolls_sideways,
    look,
    see,
    wait,
)

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def link(tmp_path: Path):
    """A started Jangbu over an empty folder; the link it printed."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environ = {name: value for name, value in os.environ.items() if "JANGBU" not in name}
    with subprocess.Popen(
        [sys.executable, "app.py", "--no-browser", "--port", str(port), "--public-port", "0"]
        + ["--instance", str(tmp_path / "instance")],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        try:
            ready = re.fullmatch(r"Jangbu is ready: (\S+)\n", process.stdout.readline())
            assert ready
            yield ready[1]
        finally:
            process.terminate()
            process.wait(10)


def styled(browser) -> bool:
    return browser.execute_script(
        "return getComputedStyle(document.documentElement).getPropertyValue('--jb-ink') !== ''"
    )


def check(browser) -> None:
    assert styled(browser)
    for size in (PHONE, WIDE):
        look(browser, size)
        assert_nothing_scrolls_sideways(browser)
        assert_accessible(browser)


def test_three_screens_to_the_filled_list(browser, link):
    started = time.monotonic()
    browser.get(link)
    check(browser)
    browser.find_element(By.NAME, "name").send_keys("김선영")
    browser.find_element(By.NAME, "password").send_keys("1234567890")
    browser.find_element(By.CSS_SELECTOR, "main [type=submit]").click()
    wait(browser, lambda: browser.find_element(By.CSS_SELECTOR, "#password-error"))
    assert browser.find_element(By.NAME, "name").get_attribute("value") == "김선영"
    browser.find_element(By.NAME, "password").send_keys(PASSWORD)
    browser.find_element(By.CSS_SELECTOR, "main [type=submit]").click()

    wait(browser, lambda: browser.current_url.endswith("/setup/start"))
    check(browser)
    browser.find_element(By.XPATH, "//button[contains(., '연습으로 시작')]").click()

    wait(browser, lambda: re.search(r":\d+/orders$", browser.current_url))
    rows = "tbody tr a[href*='/orders/']"
    wait(browser, lambda: len(browser.find_elements(By.CSS_SELECTOR, rows)) > 40)
    assert time.monotonic() - started < 60
    see(browser, "일치")
