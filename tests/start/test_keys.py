"""The shop's keys at rest: in a real keyring if there is one, else in a private file (SEC-50)."""

import json
import stat
import sys
import types

import pytest

from dashboard.instance import Instance
from dashboard.keys import Keys, KeyStore
from dashboard.runtime import NoKeys

KEYS = Keys("imp_apikey_0001", "canary-secret-9f8e7d6c5b4a")


@pytest.fixture
def instance(tmp_path):
    return Instance.prepare(tmp_path / "instance")


def ring(monkeypatch, backend_module: str) -> dict:
    """Install a keyring whose backend lives in ``backend_module``."""
    kept: dict = {}
    backend = type("Keyring", (), {"__module__": backend_module})()
    fake = types.SimpleNamespace(
        get_keyring=lambda: backend,
        get_password=lambda service, name: kept.get((service, name)),
        set_password=lambda service, name, text: kept.update({(service, name): text}),
    )
    monkeypatch.setitem(sys.modules, "keyring", fake)
    return kept


def test_without_a_keyring_a_private_file_keeps_them(instance, monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    store = KeyStore(instance)
    assert store.load() is None
    assert store.save(KEYS) == "file"
    assert store.load() == KEYS
    assert stat.S_IMODE((instance.path / "portone_keys.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("module", ["keyring.backends.Windows", "keyring.backends.macOS"])
def test_a_real_keyring_keeps_them_and_the_file_goes(instance, monkeypatch, module):
    monkeypatch.setitem(sys.modules, "keyring", None)
    KeyStore(instance).save(KEYS)
    kept = ring(monkeypatch, module)
    store = KeyStore(instance)
    assert store.save(KEYS) == "keyring"
    assert store.load() == KEYS
    assert len(kept) == 1
    assert not (instance.path / "portone_keys.json").exists()


@pytest.mark.parametrize("module", ["keyring.backends.fail", "keyrings.alt.file"])
def test_a_keyring_that_is_none_is_not_trusted(instance, monkeypatch, module):
    kept = ring(monkeypatch, module)
    assert KeyStore(instance).save(KEYS) == "file"
    assert kept == {}


def test_a_broken_keyring_does_not_close_the_shop(instance, monkeypatch):
    fake = types.SimpleNamespace(get_keyring=lambda: 1 / 0)
    monkeypatch.setitem(sys.modules, "keyring", fake)
    assert KeyStore(instance).save(KEYS) == "file"


def test_a_keyring_that_says_no_is_no_reason_to_stop(instance, monkeypatch):
    ring(monkeypatch, "keyring.backends.macOS")
    fake = sys.modules["keyring"]
    fake.get_password = fake.set_password = lambda *_given: 1 / 0
    store = KeyStore(instance)
    assert store.save(KEYS) == "file"
    assert (store.load(), store.place()) == (KEYS, "file")


@pytest.mark.parametrize("content", ["{", "[]", "null", json.dumps({"imp_key": "x"})])
def test_an_unreadable_file_is_no_key(instance, content):
    (instance.path / "portone_keys.json").write_text(content)
    assert KeyStore(instance).load() is None


def test_keys_do_not_show(instance):
    for text in (repr(KEYS), str(KEYS), f"{KEYS!r}"):
        assert KEYS.imp_key not in text
        assert KEYS.imp_secret not in text
    assert KEYS.tail == "0001"


def test_a_real_shop_without_keys_says_so(app):
    app.extensions["jangbu"].choose("live")
    with pytest.raises(NoKeys):
        app.extensions["jangbu"].portone()
