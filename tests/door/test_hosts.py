"""SEC-02, SEC-03: only requests meant for this address are answered."""

import pytest

from dashboard.config import Config
from dashboard.door import allowed_hosts

BAD_HOSTS = [
    "evil.com",
    "evil.com:5000",
    "localhost.evil.com:5000",
    "127.0.0.1.nip.io:5000",
    "127.0.0.1.evil.com",
    "",
    " ",
    "127.0.0.1",
    "localhost",
    "[::1]",
    "127.0.0.1:5001",
    "127.0.0.1:80",
    "127.0.0.1:05000",
    "127.0.0.1:5000, 127.0.0.1:5000",
    "127.0.0.1:5000, evil.com",
    "evil.com, 127.0.0.1:5000",
    "127.0.0.1:5000?",
    "127.0.0.1:5000/",
    "127.0.0.1:5000#",
    "127.0.0.1:5000\\",
    "127.0.0.1:5000 ",
    "127.0.0.1:5000@evil.com",
    "evil.com@127.0.0.1:5000",
    "127.0.0.1.:5000",
    "localhost.:5000",
    "127.1:5000",
    "127.0.0.2:5000",
    "0.0.0.0:5000",
    "2130706433:5000",
    "0x7f000001:5000",
    "[::]:5000",
    "[::ffff:127.0.0.1]:5000",
    "[::1%lo]:5000",
    "::1:5000",
    "localhost:5000:5000",
    "foo?",
    "foo/",
]
PATHS = ["/", "/sign-in", "/static/nothing.css", "/healthz", "/no-such-page"]


def ask(app, host, path="/sign-in", target=None):
    """The status and body that the bare WSGI application answers; no client in between."""
    environ = {
        "REQUEST_METHOD": "GET",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "5000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "REQUEST_URI": target or path,
        "wsgi.url_scheme": "http",
        "wsgi.input": None,
        "wsgi.errors": None,
    }
    if host is not None:
        environ["HTTP_HOST"] = host
    answered = {}

    def start_response(status, headers, exc_info=None):
        answered.update(status=status, headers=dict(headers))

    body = app.wsgi_app(environ, start_response)
    answered["body"] = b"".join(body)
    getattr(body, "close", lambda: None)()
    return answered


@pytest.fixture
def sealed(app, monkeypatch):
    """Nothing behind the door may run: neither routing nor session nor database."""

    def never(*_args, **_kwargs):
        raise AssertionError("reached")

    for name in ("create_url_adapter", "full_dispatch_request", "preprocess_request"):
        monkeypatch.setattr(app, name, never)
    monkeypatch.setattr(app.session_interface, "open_session", never)
    monkeypatch.setattr("dashboard.database.connect", never)
    return app


@pytest.mark.parametrize("host", [*BAD_HOSTS, None])
def test_foreign_host_gets_400_before_anything_else(sealed, host):
    for path in PATHS:
        answer = ask(sealed, host, path)
        assert answer["status"].startswith("400 ")
        assert "Content-Security-Policy" in answer["headers"]
        assert "Set-Cookie" not in answer["headers"]


@pytest.mark.parametrize("host", ["127.0.0.1:5000", "localhost:5000", "[::1]:5000"])
def test_own_names_are_answered(app, host):
    assert ask(app, host, "/healthz")["status"] == "200 OK"


@pytest.mark.parametrize(
    "target", ["http://evil.com/", "http://127.0.0.1:5000/healthz", "*", "evil.com:443"]
)
def test_target_that_is_no_path_gets_400(sealed, target):
    assert ask(sealed, "127.0.0.1:5000", target=target)["status"].startswith("400 ")


def test_refusal_repeats_nothing_of_the_request(sealed):
    assert b"evil" not in ask(sealed, "evil.com", "/evil")["body"]


def test_port_80_is_left_out_by_browsers():
    assert "127.0.0.1" in allowed_hosts(Config(port=80))
    assert "127.0.0.1" not in allowed_hosts(Config(port=8080))


def test_wildcard_address_is_no_name():
    assert not any("0.0.0.0" in host for host in allowed_hosts(Config(host="0.0.0.0")))
    assert "192.168.0.7:5000" in allowed_hosts(Config(host="192.168.0.7"))
    assert "[fe80::1]:5000" in allowed_hosts(Config(host="fe80::1"))
