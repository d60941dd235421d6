"""SEC-41: what is too large is said in words over a real connection, which is not simply cut."""

from __future__ import annotations

import socket
import threading

import pytest
import requests
import waitress

from tests import serving


@pytest.fixture
def served(app, config):
    """The application behind the server it has in a shop; answers its address."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
        server = waitress.create_server(app, sockets=[sock], threads=2, ident=None)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{port}"
        serving.end(server, thread)


def post(served, client, **given):
    name = client.application.config["SESSION_COOKIE_NAME"]
    cookie = client.get_cookie(name, domain="127.0.0.1")
    port = client.application.extensions["jangbu"].config.port
    own = f"127.0.0.1:{port}"
    return requests.post(
        f"{served}/orders/1/notes",
        headers={"Host": own, "Origin": f"http://{own}", "X-CSRFToken": client.csrf("/me")},
        cookies={name: cookie.value},
        timeout=60,
        allow_redirects=False,
        **given,
    )


@pytest.mark.parametrize("megabytes", [11, 30])
def test_too_large_a_request_gets_a_page(served, client, megabytes):
    client.csrf("/me")
    answer = post(served, client, files={"file": ("big.png", b"\x00" * megabytes * 1_000_000)})
    assert answer.status_code == 413 and "보낸 내용이 너무 큽니다" in answer.text


def test_too_many_fields_get_a_page(served, client):
    client.csrf("/me")
    fields = {f"field{number}": (None, "x") for number in range(120)}
    answer = post(served, client, files=fields)
    assert answer.status_code == 413 and "보낸 내용이 너무 큽니다" in answer.text
