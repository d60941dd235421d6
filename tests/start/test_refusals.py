"""What keeps Jangbu from starting: one sentence, exit code 1, nothing overwritten.

A database that cannot be opened does not: see test_recovery.py.
"""

import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dashboard.config import Config, checked_portone_url
from dashboard.database import connect, write
from dashboard.instance import Instance
from dashboard.problems import CannotStart
from dashboard.runtime import Runtime
from tests.start.jangbu import fingerprint, refused, started


@pytest.fixture
def instance(made):
    return made


def test_port_in_use(tmp_path):
    with started(tmp_path / "one") as first:
        first.ready_line()
        said = refused(tmp_path / "two", port=first.port)
    assert f"{first.port}번 포트" in said
    assert "--port" in said
    assert not (tmp_path / "two" / "practice.db").exists()


def test_buyers_port_in_use(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = refused(tmp_path / "instance", "--public-port", port)
    assert f"{port}번 포트" in said and "--public-port" in said
    assert not (tmp_path / "instance" / "practice.db").exists()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.0.10", "::", "127.0.0.1.nip.io"])
def test_only_this_pc(tmp_path, host):
    assert "TLS" in refused(tmp_path / "instance", "--host", host)
    assert not (tmp_path / "instance").exists()


def test_parent_folder_missing(tmp_path):
    assert "상위 폴더" in refused(tmp_path / "no" / "where")
    assert not (tmp_path / "no").exists()


def test_folder_is_a_file(tmp_path):
    (tmp_path / "instance").write_text("mine")
    assert "쓸 수 없습니다" in refused(tmp_path / "instance")
    assert (tmp_path / "instance").read_text() == "mine"


def test_folder_cannot_be_written():
    if not Path("/proc/self").exists():
        pytest.skip("only Linux has a folder that even root cannot write to")
    assert "쓸 수 없습니다" in refused(Path("/proc/jangbu"))


@pytest.mark.parametrize("folder", [Path("/"), Path.home(), Path("/tmp")])
def test_shared_folder_is_not_locked_up(folder):
    before = folder.stat().st_mode
    assert "장부만의 폴더" in refused(folder)
    assert folder.stat().st_mode == before


def test_database_of_another_program(instance):
    path = instance / "practice.db"
    path.unlink()
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA application_id = 7")
        other.execute("CREATE TABLE precious (x)")
    before = path.read_bytes()
    assert "장부의 파일이 아닙니다" in refused(instance)
    assert path.read_bytes() == before


def test_database_of_another_mode(instance):
    (instance / "practice.db").rename(instance / "live.db")
    said = refused(instance, JANGBU_IMP_KEY="key", JANGBU_IMP_SECRET="secret")
    assert "연습 장부라서 실제 장부로 열 수 없습니다" in said


def test_database_of_a_newer_version(instance):
    with closing(connect(instance / "practice.db")) as db, write(db):
        db.conn.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
            " VALUES ('jangbu', 'm999_future', '2031-01-01')"
        )
    assert "더 새로운 장부" in refused(instance)


def test_state_file_damaged(instance):
    (instance / "state.json").write_text("{")
    assert "상태 파일" in refused(instance)


def test_signing_key_damaged(instance):
    (instance / "secret_key").write_text("dev")
    assert "서명 키" in refused(instance)


@pytest.mark.parametrize("port", ["65536", "-1"])
def test_no_such_port(tmp_path, port):
    assert "65535" in refused(tmp_path / "instance", "--port", port)


def test_wrong_portone_address(tmp_path):
    said = refused(tmp_path / "instance", JANGBU_PORTONE_URL="http://example.com")
    assert "JANGBU_PORTONE_URL" in said


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com",
        "http://127.0.0.1.nip.io",
        "http://169.254.169.254",
        "http://2130706433",
        "file:///etc/passwd",
        "gopher://127.0.0.1",
        "https://user:pass@api.iamport.kr",
        "https://",
        "https://api.iamport.kr/other",
        "https://api.iamport.kr?x=1",
        "http://[::ffff:127.0.0.1]",
        "http://127.0.0.1:99999",
        "https://10.0.0.1",
        "//127.0.0.1",
    ],
)
def test_portone_address_refused(url):
    with pytest.raises(CannotStart):
        checked_portone_url(url)


@pytest.mark.parametrize("url", ["https://api.iamport.kr", "http://127.0.0.1:8080/"])
def test_portone_address_allowed(url):
    assert checked_portone_url(url) == url.rstrip("/")


@pytest.mark.parametrize(
    ("where", "error"),
    [
        ("dashboard.shopfile.os.chmod", PermissionError(1, "Operation not permitted")),
        ("dashboard.shopfile.look_over", PermissionError(13, "Permission denied")),
        ("dashboard.shopfile.connect", sqlite3.OperationalError("database or disk is full")),
    ],
)
def test_somebody_elses_file_or_a_full_disk(instance, monkeypatch, where, error):
    def fail(*_args, **_given):
        raise error

    monkeypatch.setattr(where, fail)
    before = fingerprint(instance)
    with pytest.raises(CannotStart, match="쓸 수 없습니다"):
        Runtime(Config(instance=instance), Instance(instance)).make_ready()
    assert fingerprint(instance) == before


def test_what_cannot_be_used_around_the_database(tmp_path):
    folder = tmp_path / "instance"
    (folder / "jangbu.lock").mkdir(parents=True)
    assert "jangbu.lock" in refused(folder)
