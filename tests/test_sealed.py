"""Bank details at rest: only with the key beside the database, never in it (SEC-56)."""

import pytest

from dashboard import instance as instance_module
from dashboard.instance import Instance
from dashboard.sealed import CannotOpen, seal, unseal

ACCOUNT = {"holder": "홍길동", "account": "11012345678901"}


@pytest.fixture
def instance(tmp_path):
    return Instance.prepare(tmp_path / "instance")


def test_what_is_sealed_comes_back(instance):
    assert unseal(instance, seal(instance, ACCOUNT)) == ACCOUNT


def test_nothing_of_it_can_be_read_without_the_key(instance):
    sealed = seal(instance, ACCOUNT)
    assert "홍길동".encode() not in sealed
    assert b"11012345678901" not in sealed


def test_another_key_does_not_open_it(instance, tmp_path):
    sealed = seal(instance, ACCOUNT)
    with pytest.raises(CannotOpen):
        unseal(Instance.prepare(tmp_path / "other"), sealed)


def test_a_changed_text_does_not_open(instance):
    sealed = seal(instance, ACCOUNT)
    with pytest.raises(CannotOpen):
        unseal(instance, sealed[:-1] + b"x")


def test_a_damaged_key_does_not_open(instance):
    sealed = seal(instance, ACCOUNT)
    (instance.path / "account_key").write_bytes(b"half a key")
    with pytest.raises(CannotOpen):
        unseal(instance, sealed)


def test_the_key_is_for_this_user_only_and_kept(instance):
    key = instance.account_key()
    assert (instance.path / "account_key").stat().st_mode & 0o777 == 0o600
    assert instance.account_key() == key


def test_a_key_made_by_another_in_this_moment_is_not_put_aside(tmp_path, monkeypatch):
    instance = Instance.prepare(tmp_path / "instance")
    key = instance.account_key()
    real, looks = instance_module._kept_key, []

    def kept(path):
        looks.append(path)
        return real(path) if len(looks) > 1 else None  # it was not there a moment ago

    monkeypatch.setattr(instance_module, "_kept_key", kept)
    assert instance.account_key() == key
    assert not list(instance.path.glob("account_key.damaged-*"))
