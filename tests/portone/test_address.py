"""Where calls may go (SEC-46, SEC-47)."""

from __future__ import annotations

import pytest

from dashboard.portone import PortOne
from dashboard.portone.address import check_base_url
from tests.portone.far_side import KEY, SECRET


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("https://api.iamport.kr", False),
        ("https://api.iamport.kr/", False),
        ("https://API.iamport.kr:443", False),
        ("https://portone.example.co.kr:8443", False),
        ("https://1.1.1.1", False),
        ("http://127.0.0.1:5001", True),
        ("https://127.0.0.1:5001", True),
        ("http://127.0.0.9:5001", True),
        ("http://localhost:5001/", True),
        ("http://[::1]:5001", True),
    ],
)
def test_good_addresses(url, loopback):
    base = check_base_url(url)
    assert base.loopback is loopback
    assert base.url == url.rstrip("/").lower()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.iamport.kr",
        "http://api.iamport.kr",
        "http://1.1.1.1",
        "file:///etc/passwd",
        "gopher://api.iamport.kr",
        "ftp://127.0.0.1",
        "https://",
        "https:///path",
        "https://api.iamport.kr@evil.example",
        "https://user:pass@api.iamport.kr",
        "https://127.0.0.1@evil.example",
        "http://127.0.0.1:80@evil.example",
        "http://127.0.0.1\\@evil.example",
        "http://127.0.0.1.nip.io",
        "http://localhost.evil.example",
        "https://169.254.169.254",
        "http://169.254.169.254",
        "https://10.0.0.1",
        "https://172.16.0.1",
        "https://192.168.0.1",
        "https://100.64.0.1",
        "https://0.0.0.0",
        "https://224.0.0.1",
        "https://[fe80::1]",
        "https://[fe80::1%25eth0]",
        "https://[fc00::1]",
        "https://[::ffff:10.0.0.1]",
        "https://[::ffff:127.0.0.1]",
        "https://[::ffff:1.1.1.1]",
        "https://[2002:a00:1::]",
        "https://[64:ff9b::10.0.0.1]",
        "https://[::]",
        "https://2130706433",
        "https://0x7f000001",
        "https://0x7f.1",
        "https://127.1",
        "https://0177.0.0.1",
        "https://intranet",
        "https://api.iamport.kr.",
        "https://api..kr",
        "https://-api.kr",
        "https://api.iamport.kr/v1",
        "https://api.iamport.kr?x",
        "https://api.iamport.kr#x",
        "https://api.iamport.kr/?",
        "https://api.iamport.kr:",
        "https://api.iamport.kr:0",
        "https://api.iamport.kr:99999",
        "https://api.iamport.kr:abc",
        "https://api.iamport.kr\n",
        " https://api.iamport.kr",
        "https://api.iamport.kr\t.evil.example",
        "https://api%2eiamport.kr",
        "https://포트원.한국",
        "https://[::1",
        None,
    ],
)
def test_bad_addresses(url):
    with pytest.raises(ValueError):
        PortOne(url, KEY, SECRET)


@pytest.mark.parametrize(
    ("url", "address", "allowed"),
    [
        ("https://api.iamport.kr", "52.78.1.1", True),
        ("https://api.iamport.kr", "2606:4700::1", True),
        ("https://api.iamport.kr", "64:ff9b::3434:3434", True),
        ("https://api.iamport.kr", "64:ff9b::a00:1", False),
        ("https://api.iamport.kr", "192.168.0.9", False),
        ("https://api.iamport.kr", "::ffff:192.168.0.9", False),
        ("https://api.iamport.kr", "fe80::1%eth0", False),
        ("https://api.iamport.kr", "2001::1", False),
        ("https://api.iamport.kr", "nonsense", False),
        ("http://localhost", "127.0.0.1", True),
        ("http://localhost", "::1", True),
        ("http://localhost", "52.78.1.1", False),
    ],
)
def test_where_a_name_may_lead(url, address, allowed):
    assert check_base_url(url).allows(address) is allowed


@pytest.mark.parametrize("value", ["", "a b", "a\n", "키", None])
def test_keys_that_cannot_be_any(value):
    with pytest.raises(ValueError) as caught:
        PortOne("https://api.iamport.kr", KEY, value)
    assert not value or value not in str(caught.value)
