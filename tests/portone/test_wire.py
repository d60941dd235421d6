"""What proves "not sent", and what the environment may not change (refund-safety 1.3)."""

from __future__ import annotations

import json
import logging
import socket
import ssl
import threading
import time
from pathlib import Path

import pytest

from dashboard.portone import (
    Limits,
    PortOne,
    PortOneNotSent,
    PortOneOutcomeUnknown,
    Why,
)
from dashboard.portone.address import check_base_url
from dashboard.portone.connection import Watch, _Bounded
from dashboard.portone.limits import Deadline
from dashboard.portone.wire import Request, exchange
from tests.portone.far_side import (
    IMP_UID,
    KEY,
    SECRET,
    FarSide,
    http,
    no,
    ok,
    payment_json,
    token_response,
)

SHORT = Limits(connect_s=0.3, read_s=0.3, total_s=4)
PATIENT = Limits(connect_s=5, read_s=10, total_s=30)  # where an answer comes, whenever it comes


def ask(url: str, pauses: list[float] | None = None, limits: Limits = SHORT) -> None:
    pauses = [] if pauses is None else pauses
    PortOne(url, KEY, SECRET, limits=limits, sleep=pauses.append).check_keys()


def test_a_refused_connection_is_not_sent_and_tried_again():
    pauses: list[float] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
    with pytest.raises(PortOneNotSent) as caught:
        ask(url, pauses)
    assert caught.value.why is Why.NO_CONNECTION and len(pauses) == 2


def test_an_unknown_name_is_not_sent(monkeypatch):
    def unknown(*_args, **_kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(PortOneNotSent) as caught:
        ask("https://api.iamport.kr")
    assert caught.value.why is Why.NO_CONNECTION


def test_a_name_without_an_address_is_not_sent(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: [])
    with pytest.raises(PortOneNotSent):
        ask("https://api.iamport.kr")


def test_a_name_that_is_none_is_not_sent(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: ("a" * 70).encode("idna"))
    with pytest.raises(PortOneNotSent):
        ask("https://api.iamport.kr")


@pytest.mark.parametrize("path", ["/a/../b", "/a/./b", "/a?b", "/a#b", "/a b"])
def test_a_path_that_would_change_on_its_way_opens_no_connection(far, path):
    server = far(ok(None))
    request = Request(method="GET", path=path)
    with pytest.raises(ValueError):
        exchange(check_base_url(server.url), request, {}, SHORT, Deadline(1))
    assert server.connections == 0


def test_a_connect_timeout_is_not_sent(monkeypatch):
    tried: list[object] = []

    def silent(sock, address):
        tried.append((address, sock.gettimeout()))
        raise TimeoutError("timed out")

    monkeypatch.setattr("dashboard.portone.connection.socket.socket.connect", silent)
    with pytest.raises(PortOneNotSent) as caught:
        ask("http://127.0.0.1:9")
    assert caught.value.why is Why.NO_CONNECTION
    assert len(tried) == 3 and all(timeout <= 0.3 for _, timeout in tried)


def test_one_dead_address_of_two_does_no_harm(monkeypatch):
    with FarSide(ok(payment_json())) as far:
        dead = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.9", 1))
        alive = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", far.port))
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: [dead, alive])
        ask(far.url)


def test_the_deadline_holds_over_many_dead_addresses(monkeypatch):
    dead = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{n}", 9)) for n in range(2, 99)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: dead)

    def silent(sock, _address):
        time.sleep(sock.gettimeout())
        raise TimeoutError("timed out")

    monkeypatch.setattr("dashboard.portone.connection.socket.socket.connect", silent)
    started = time.monotonic()
    with pytest.raises(PortOneNotSent):
        ask("http://127.0.0.1:9", limits=Limits(connect_s=0.1, read_s=0.1, total_s=0.5))
    assert time.monotonic() - started < 1


def test_nothing_is_read_once_the_time_is_over():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"HTTP/1.1 200 OK")
        base = check_base_url("http://127.0.0.1:9")
        watch = Watch(base, Deadline(0), connect_s=1, read_s=1, body_bytes=99)
        with _Bounded(ours, watch) as answer, pytest.raises(TimeoutError):
            answer.readinto(bytearray(9))
    assert watch.received_bytes == 0


@pytest.mark.parametrize("address", ["10.0.0.1", "127.0.0.1", "169.254.169.254", "::1", "fe80::1"])
def test_a_public_name_that_leads_home_is_not_followed(monkeypatch, address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("1.1.1.1", 443)),
        (family, socket.SOCK_STREAM, 6, "", (address, 443)),
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: found)
    pauses: list[float] = []
    with pytest.raises(PortOneNotSent) as caught:
        ask("https://api.iamport.kr", pauses)
    assert caught.value.why is Why.ADDRESS and pauses == []


def test_localhost_that_leads_away_is_not_followed(monkeypatch):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: found)
    with pytest.raises(PortOneNotSent) as caught:
        ask("http://localhost:80")
    assert caught.value.why is Why.ADDRESS


# -- TLS ------------------------------------------------------------------------------------


@pytest.fixture
def certificate():
    """A self-signed certificate for 127.0.0.1 and its key: they guard nothing, and are kept here
    because a PC with only Python cannot make any. Valid until 2126."""
    return Path(__file__).parent / "data"


class SecureSide:
    """A TLS server that hands one handshaken connection to ``then``."""

    def __init__(self, folder, then) -> None:
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        self.then, self.received, self.connections = then, [], 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(0.1)
        self.url = f"https://127.0.0.1:{self.listener.getsockname()[1]}"
        self.over = False
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over = True
        self.thread.join()
        self.listener.close()

    def run(self):
        while not self.over:
            try:
                connection, _ = self.listener.accept()
            except TimeoutError:
                continue
            self.connections += 1
            connection.settimeout(2)
            try:
                with self.context.wrap_socket(connection, server_side=True) as secure:
                    self.received.append(secure.recv(65536))
                    self.then(secure)
            except (OSError, ValueError):
                pass
            finally:
                connection.close()


def test_an_unknown_certificate_is_not_sent_and_not_tried_again(certificate):
    pauses: list[float] = []
    with SecureSide(certificate, lambda _: None) as server, pytest.raises(PortOneNotSent) as caught:
        ask(server.url, pauses)
    assert caught.value.why is Why.NOT_SECURE and "시계" in caught.value.user_message
    assert pauses == [] and server.received == []


def test_a_server_without_tls_is_not_sent():
    def speak_plainly(listener):
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            connection.recv(65536)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=speak_plainly, args=(listener,))
        thread.start()
        with pytest.raises(PortOneNotSent) as caught:
            ask(f"https://127.0.0.1:{listener.getsockname()[1]}")
        thread.join()
    assert caught.value.why is Why.NOT_SECURE


def test_a_silent_handshake_counts_as_unknown():
    """By the rule only what is listed proves "not sent"; that nothing went out is not enough."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with pytest.raises(PortOneOutcomeUnknown):
            ask(f"https://127.0.0.1:{listener.getsockname()[1]}")


def test_tls_that_breaks_after_the_request_is_unknown(certificate, monkeypatch):
    """urllib3 wraps it exactly like a failed handshake."""

    def tamper(secure):
        raw = socket.socket(fileno=secure.detach())
        raw.sendall(b"\x17\x03\x03\x00\x20" + b"\0" * 32)  # a record no key has signed
        raw.close()

    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(certificate / "cert.pem"))
    with (
        SecureSide(certificate, tamper) as server,
        pytest.raises(PortOneOutcomeUnknown) as caught,
    ):
        ask(server.url)
    assert caught.value.why is Why.NO_ANSWER and server.received


def test_a_trusted_certificate_works(certificate, monkeypatch):
    def good(secure):
        secure.sendall(http(200, json.dumps({"code": 0, "response": token_response()}).encode()))

    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(certificate / "cert.pem"))
    with SecureSide(certificate, good) as server:
        ask(server.url, limits=PATIENT)


# -- the environment ------------------------------------------------------------------------


def test_f85_proxies_netrc_and_bundles_of_the_environment_change_nothing(monkeypatch, tmp_path):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1\nlogin thief\npassword thief\n")
    (tmp_path / ".netrc").chmod(0o600)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))
    monkeypatch.setenv("CURL_CA_BUNDLE", str(tmp_path / "missing.pem"))
    with FarSide(ok(payment_json())) as far:
        PortOne(far.url, KEY, SECRET, limits=PATIENT).get_payment(IMP_UID, sandbox=False)
    assert far.calls()[0].headers["authorization"] == "Bearer token-canary-1"


def test_logs_hold_no_secret(caplog):
    caplog.set_level(logging.DEBUG)
    with FarSide(no("secret-canary-1 token-canary-1")) as far:
        with pytest.raises(Exception):  # noqa: B017 - any: only the log matters here
            PortOne(far.url, KEY, SECRET, limits=PATIENT).get_payment(IMP_UID, sandbox=False)
    for canary in (KEY, SECRET, "token-canary-1"):
        assert canary not in caplog.text
