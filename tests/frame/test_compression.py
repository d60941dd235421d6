"""Bytes on the wire: what is compressed, for whom, and what never is."""

import gzip

import brotli
import pytest

OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.mark.parametrize(
    ("accepts", "encoding", "unpack"),
    [("gzip, deflate, br", "br", brotli.decompress), ("gzip", "gzip", gzip.decompress)],
)
def test_a_page_our_own_page_asks_for(client, accepts, encoding, unpack):
    answer = client.get("/sign-in", headers=OURS | {"Accept-Encoding": accepts})
    assert answer.headers["Content-Encoding"] == encoding
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert "</html>" in unpack(answer.get_data()).decode()
    assert answer.content_length == len(answer.get_data())


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept-Encoding": "br", "Sec-Fetch-Site": "cross-site"},
        {"Accept-Encoding": "br", "Sec-Fetch-Site": "same-site"},  # another port of this PC
        {"Accept-Encoding": "br"},
        {"Accept-Encoding": "br;q=0, gzip;q=0"} | OURS,
        OURS,
    ],
)
def test_a_page_somebody_else_asks_for_goes_plain(client, headers):
    """Its length must not tell what is in it (BREACH)."""
    answer = client.get("/sign-in", headers=headers)
    assert "Content-Encoding" not in answer.headers
    assert "</html>" in answer.get_data(as_text=True)


def test_files_are_packed_once_and_kept_apart(app, client):
    assets = app.extensions["jangbu-assets"]
    path = "bootstrap/bootstrap.min.css"
    packed = client.get(assets.url(path), headers={"Accept-Encoding": "br, gzip"})
    plain = client.get(assets.url(path))
    assert brotli.decompress(packed.get_data()) == plain.get_data() == assets.files[path]
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert packed.cache_control.immutable and plain.cache_control.immutable
    again = client.get(
        assets.url(path),
        headers={"Accept-Encoding": "br", "If-None-Match": packed.headers["ETag"]},
    )
    assert again.status_code == 304
    assert assets.packed(path, "br") is assets.packed(path, "br")
