"""A database that cannot be opened: noticed at the start, left as it is, and said on a page.

F50 and F59 to F62 of refund-safety, 2, and SEC-65.
"""

import random
import re
import shutil
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import requests

from dashboard import create_app, events
from dashboard.config import Config
from dashboard.database import connect, open_to_read, write
from dashboard.instance import Instance
from dashboard.migrations import migrations
from dashboard.orders.ledger import apply_payment
from dashboard.portone import Payment
from dashboard.problems import NeedsRecovery
from dashboard.recovery import create_recovery_app
from dashboard.refunds import lock
from dashboard.runtime import Runtime
from tests.conftest import START, FakeClock
from tests.orders.payments import answer, cancel
from tests.start.jangbu import PATIENCE_S, fingerprint, started

HEADER = b"SQLite format 3\0"
RECOVERY = "recovery page"


def make_ready(folder: Path) -> Path:
    return Runtime(Config(instance=folder), Instance.prepare(folder)).make_ready()


def noticed(folder: Path) -> str:
    """What the start notices; nothing in the folder has changed."""
    before = fingerprint(folder)
    with pytest.raises(NeedsRecovery) as trouble:
        make_ready(folder)
    assert fingerprint(folder) == before
    return trouble.value.kind


def sign_in(db, count: int = 1) -> None:
    for _ in range(count):
        with write(db):
            events.record(db, "person.signed_in", at=START, actor="person")


@pytest.fixture
def lived_in(_shop, tmp_path):
    """A folder whose database has people, orders and a history in it."""
    folder = tmp_path / "lived-in"
    shutil.copytree(_shop, folder)
    with closing(connect(folder / "practice.db")) as db:
        for number in range(300):
            gone = {"cancel_amount": 1_000, "cancel_history": [cancel(1_000, number)]}
            said = answer(
                imp_uid=f"imp_{number:012d}",
                merchant_uid=f"20260821-{number:04d}",
                paid_at=START - 60,
                **(gone if number % 3 else {}),
            )
            with write(db):
                apply_payment(db, Payment.from_json(said), source="sync", now=START)
        sign_in(db, 200)
    return folder


# -- what is noticed ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"garbage",
        HEADER,
        HEADER + b"\0" * 20,
        HEADER + b"\xff" * 9000,
        HEADER + b"\x10\0\x03\x03" + b"\0" * 9000,
    ],
    ids=["zero bytes", "no header", "header only", "truncated", "nonsense", "unknown version"],
)
def test_what_is_no_database_any_more(made, content):
    (made / "practice.db").write_bytes(content)
    assert noticed(made) == "damaged"


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9, 0.999])
def test_a_file_cut_short(lived_in, kept):
    path = lived_in / "practice.db"
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    assert noticed(lived_in) == "damaged"


def test_pages_overwritten_in_the_middle(lived_in):
    path = lived_in / "practice.db"
    content = bytearray(path.read_bytes())
    content[4096 * 3 : 4096 * 6] = b"\xa5" * 4096 * 3
    path.write_bytes(content)
    assert noticed(lived_in) == "damaged"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"m003_ledger", b"m0\x07x_ledger"),
        (b"m003_ledger", b"m0\xff3_ledger"),
        (b"jangbum00", b"jangbxm00"),
        (b"modepractice", b"modeprac\0ice"),
    ],
)
def test_a_damaged_word_is_not_taken_for_another_version_or_mode(made, before, after):
    path = made / "practice.db"
    content = path.read_bytes()
    assert before in content
    path.write_bytes(content.replace(before, after))
    assert noticed(made) == "damaged"


def test_a_damaged_number_is_not_taken_for_another_program(made):
    path = made / "practice.db"
    content = bytearray(path.read_bytes())
    content[68:72] = b"\1\2\3\4"  # the application id, SQLite's file format
    path.write_bytes(content)
    assert noticed(made) == "damaged"


def test_an_index_that_lost_an_open_refund(lived_in):
    """`quick_check` reads no index, and this one keeps a payment from two open refunds."""
    path = lived_in / "practice.db"
    swap = [("unknown", "elsewhere"), ("elsewhere", "unknown")]  # the index's own condition
    refund = {
        "id": "a", "form_token": "a", "order_id": 1, "imp_uid": "imp_000000000000",
        "kind": "part", "amount": 1, "tax_free": 0, "checksum": 1, "base_cancelled": 0,
        "known_cancel_ids": "[]", "nonce": "a", "reason": "a", "enable_webhook": 0,
        "request_sha256": "a", "state": "unknown", "owner": "a", "person_id": 1,
        "created_at": START,
    }  # fmt: skip
    for change in swap:
        with closing(connect(path)) as db:
            db.conn.execute("PRAGMA writable_schema = ON")
            db.conn.execute(
                "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE name = 'refunds_one_open'",
                change,
            )
            db.conn.commit()
        with closing(connect(path)) as db:
            db.table("refunds").insert(refund, ignore=True)
    with closing(connect(path)) as db:
        assert db.conn.execute("PRAGMA quick_check").fetchone()[0] == "ok"
    assert noticed(lived_in) == "damaged"


@pytest.mark.parametrize("beside", ["practice.db-wal", "practice.mark.json"])
def test_a_missing_database_is_never_made_again(made, beside):
    """F60. Whether the folder's notes say that it was there, or what only stands beside one."""
    (made / "practice.db").unlink()
    assert noticed(made) == "missing"
    (made / "state.json").unlink()
    (made / beside).write_bytes(b"{}")
    assert noticed(made) == "missing"
    assert not (made / "practice.db").exists()


def test_an_event_that_was_edited(made):
    with closing(connect(made / "practice.db")) as db:
        sign_in(db)
        db.conn.execute("DROP TRIGGER events_no_update")
        db.conn.execute("UPDATE events SET at = 99 WHERE id = 2")
        db.conn.commit()
    assert noticed(made) == "record"


def test_an_event_that_was_edited_in_the_raw_file(lived_in):
    """SEC-65: no trigger sees an editor of bytes; the chain does."""
    path = lived_in / "practice.db"
    content = path.read_bytes()
    path.write_bytes(content.replace(b"person.signed_in", b"person.signed_ex", 1))
    assert noticed(lived_in) == "record"


def test_events_cannot_be_changed_through_sql(lived_in):
    with closing(connect(lived_in / "practice.db")) as db:
        for statement in ("UPDATE events SET at = 0 WHERE id = 3", "DELETE FROM events"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                db.conn.execute(statement)


@pytest.mark.parametrize("error", [PermissionError(13, "denied"), sqlite3.OperationalError("full")])
def test_a_database_that_cannot_be_written(made, monkeypatch, error):
    def fail(*_args, **_given):
        raise error

    monkeypatch.setattr("dashboard.shopfile.connect", fail)
    assert noticed(made) == "unwritable"


def test_two_hundred_random_overwrites(lived_in, tmp_path):
    """F61: each is noticed, or has touched nothing the start can know of; none is a traceback."""
    content, rng, outcomes = (lived_in / "practice.db").read_bytes(), random.Random(61), []
    for _ in range(200):
        folder = tmp_path / "again"
        shutil.copytree(lived_in, folder)
        hurt = bytearray(content)
        at = rng.randrange(len(hurt) - 64)
        hurt[at : at + 64] = rng.randbytes(64)
        (folder / "practice.db").write_bytes(hurt)
        try:
            path = make_ready(folder)
        except NeedsRecovery as trouble:
            assert (folder / "practice.db").read_bytes() == hurt
            outcomes.append(trouble.kind)
        else:
            with closing(open_to_read(path)) as db:
                assert db.conn.execute("PRAGMA quick_check").fetchone()[0] == "ok"
                assert events.broken_at(db) is None
            outcomes.append("started")
        shutil.rmtree(folder)
    assert {"started", "damaged"} <= set(outcomes)


# -- the write-ahead log (F62) ------------------------------------------------------------------


@pytest.fixture
def killed(lived_in, tmp_path):
    """The folder of a process that was killed: its last events are in the ``-wal`` only."""
    folder = tmp_path / "killed"
    with closing(connect(lived_in / "practice.db")) as db:
        sign_in(db, 3)
        shutil.copytree(lived_in, folder)
        newest = events.newest(db)
    assert (folder / "practice.db-wal").stat().st_size > 0
    return folder, newest


def newest_of(folder: Path) -> dict | None:
    with closing(connect(folder / "practice.db")) as db:
        return events.newest(db)


def test_a_killed_process_loses_nothing(killed):
    folder, newest = killed
    make_ready(folder)
    assert newest_of(folder) == newest


def test_a_stale_shm_is_of_no_consequence(killed):
    folder, newest = killed
    (folder / "practice.db-shm").write_bytes(b"\x5a" * 32_768)
    make_ready(folder)
    assert newest_of(folder) == newest


def test_a_lost_wal_locks_refunds(killed):
    folder, newest = killed
    Instance(folder).save_json("practice.mark.json", newest)
    (folder / "practice.db-wal").unlink()
    path = make_ready(folder)
    assert newest_of(folder) != newest
    with closing(connect(path)) as db:
        assert lock.locked(db).why == "older"


def test_a_naive_copy_of_the_main_file_only(made):
    """Of a database whose tables were all in the ``-wal``: "no such table"."""
    fresh = made / "fresh.db"
    with closing(connect(fresh, create=True)) as db:
        migrations.apply(db)
        shutil.copy(fresh, made / "practice.db")
    assert noticed(made) == "damaged"


def test_a_wal_of_another_database(killed, made):
    folder, _newest = killed
    shutil.copy(folder / "practice.db-wal", made / "practice.db-wal")
    try:
        path = make_ready(made)
    except NeedsRecovery:
        return
    with closing(connect(path)) as db:
        assert events.broken_at(db) is None


# -- the page -----------------------------------------------------------------------------------


@pytest.fixture
def page(tmp_path):
    """A browser in front of the recovery page of ``kind``."""

    def open_page(kind: str):
        file = tmp_path / "secret folder" / "live.db"
        trouble = NeedsRecovery(kind, file, "한국어", "English")
        return create_recovery_app(Config(port=80), trouble, "run-1").test_client()

    return open_page


@pytest.mark.parametrize("kind", ["missing", "damaged", "record", "unwritable"])
@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_page_says_all_there_is_to_know(page, kind, language):
    answer = page(kind).get("/", headers={"Accept-Language": language})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 503
    assert "live.db" in text and "secret folder" not in text
    said = {
        "ko": ("포트원의 결제에는 영향이 없습니다", "포트원 관리자 콘솔에서 취소 내역을 먼저"),
        "en": ("PortOne's payments are not affected", "check the cancel history in the PortOne"),
    }
    for sentence in said[language]:
        assert sentence in text.replace("&#39;", "'")
    backup = {"ko": "환불이 잠깁니다", "en": "refunds stay locked"}[language]
    assert (backup in text) == (kind != "unwritable")
    if language == "en":
        assert not re.search("[가-힣]", text.replace("한국어", ""))


def test_the_other_language_is_one_click_away(page):
    browser = page("damaged")
    assert 'href="?language=en"' in browser.get("/orders").get_data(as_text=True)
    assert "What to do" in browser.get("/orders?language=en").get_data(as_text=True)
    assert 'lang="ko"' in browser.get("/?language=xx").get_data(as_text=True)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/", "/payments/imp_1/refunds", "/healthz", "/sign-in"])
def test_every_address_answers_with_it_and_does_nothing(page, method, path):
    answer = page("damaged").open(path, method=method)
    assert answer.status_code == 503
    assert "Set-Cookie" not in answer.headers
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


def test_its_styles_come_along(page):
    browser = page("missing")
    paths = re.findall(r'"(/assets/[^"#]+)', browser.get("/").get_data(as_text=True))
    assert len(paths) > 5
    assert {browser.get(path).status_code for path in paths} == {200}


def test_its_health_is_told_without_secrets(page):
    said = page("record").get("/healthz").json
    assert (said["status"], said["database"], said["run"]) == ("recovery", "record", "run-1")


def test_a_foreign_host_gets_nothing(page):
    answer = page("damaged").get("/", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert "live.db" not in answer.get_data(as_text=True)


# -- started for real ---------------------------------------------------------------------------


def test_it_is_served_until_it_is_told_to_stop(made):
    (made / "practice.db").write_bytes(b"")
    before = fingerprint(made)
    with started(made) as jangbu:
        sentence, line = jangbu.recovery_line()
        assert "손상" in sentence and "damaged" in sentence
        assert RECOVERY in line and line.endswith(jangbu.url)
        assert jangbu.get("/orders").status_code == 503
        assert requests.post(f"{jangbu.url}/setup", timeout=PATIENCE_S).status_code == 503
        assert jangbu.get("/healthz").json()["status"] == "recovery"
        assert fingerprint(made) == before
        jangbu.process.send_signal(signal.SIGTERM)
        assert jangbu.process.wait(timeout=5) == 0
        assert jangbu.close() == ""
    assert fingerprint(made) == before
    assert not (made / "running.json").exists()


def test_a_second_start_finds_the_page(made):
    (made / "practice.db").unlink()
    with started(made) as first:
        first.recovery_line()
        with started(made) as second:
            assert second.process.wait(timeout=PATIENCE_S) == 0
            assert second.lines.get(timeout=PATIENCE_S).endswith(first.url)
            assert second.close() == ""
        assert first.get("/").status_code == 503


def test_a_backup_put_back_starts_with_refunds_locked(made, tmp_path):
    backup = tmp_path / "backup.db"
    shutil.copy(made / "practice.db", backup)
    with closing(connect(made / "practice.db")) as db:
        sign_in(db)
    with started(made, "--practice") as jangbu:
        jangbu.ready_line()
        jangbu.stop(signal.SIGTERM)
    (made / "practice.db").write_bytes(b"broken")
    with started(made) as jangbu:
        assert RECOVERY in jangbu.recovery_line()[1]
        jangbu.stop(signal.SIGTERM)
    shutil.copy(backup, made / "practice.db")
    with started(made) as jangbu:
        jangbu.ready_line()
        assert jangbu.get("/healthz").json()["status"] == "ok"
    with closing(connect(made / "practice.db")) as db:
        assert lock.locked(db).why == "older"


def test_what_started_in_spite_of_damage_still_answers(lived_in):
    path = lived_in / "practice.db"
    content = path.read_bytes()
    path.write_bytes(content.replace(b"$scrypt$", b"$xcrypt$"))
    make_ready(lived_in)
    app = create_app(Config(instance=lived_in, clock=FakeClock(), testing=True))
    assert app.test_client().get("/sign-in", base_url="http://127.0.0.1:5000").status_code == 200
