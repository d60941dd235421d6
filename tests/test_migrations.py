"""The schema's steps on a database with rows in it, and a process that dies inside each (F52)."""

import subprocess
import sys
from contextlib import closing

import pytest
from sqlite_utils import Database

from dashboard import events
from dashboard.config import ROOT, Config
from dashboard.database import APPLICATION_ID, connect, write
from dashboard.instance import Instance
from dashboard.migrations import migrations
from dashboard.orders.search_index import match_initials, match_query, pairs
from dashboard.runtime import Runtime
from tests.conftest import START

with closing(Database(memory=True)) as empty:
    STEPS = [step.name for step in migrations.pending(empty)]

ORDER = {
    "id": 1, "merchant_uid": "20260821-0001", "tax_free": 0, "created_at": START,
    "imp_uid": "imp_1", "state": "partial", "sandbox": 0, "currency": "KRW", "amount": 10_000,
    "paid_amount": 10_000, "cancelled_amount": 1_000, "cancel_count": 1, "attempt_count": 1,
    "name": "나주 배", "buyer_name": "정하윤", "buyer_tel": "01012345678", "buyer_email": "",
    "pay_method": "card", "emb_pg_provider": "", "card_name": "신한카드", "bank_name": "",
    "escrow": 0, "fail_reason": "", "requested_at": START, "paid_at": START,
}  # fmt: skip
PAYMENT = {
    "imp_uid": "imp_1", "order_id": 1, "merchant_uid": "20260821-0001", "status": "paid",
    "state": "partial", "amount": 10_000, "cancel_amount": 1_000, "currency": "KRW", "sandbox": 0,
    "pay_method": "card", "emb_pg_provider": "", "escrow": 0, "started_at": START,
    "paid_at": START, "version": "1", "raw": "{}", "first_seen_at": START, "changed_at": START,
}  # fmt: skip
CANCELLATION = {
    "imp_uid": "imp_1", "position": 0, "cancellation_id": "cancel_1", "amount": 1_000,
    "cancelled_at": START, "reason": "변심 [AAAAAAAA]", "pg_tid": "1",
}  # fmt: skip
REFUND = {
    "id": "refund-1", "form_token": "form-1", "order_id": 1, "imp_uid": "imp_1", "kind": "part",
    "amount": 1_000, "tax_free": 0, "checksum": 10_000, "base_cancelled": 0,
    "known_cancel_ids": "[]", "nonce": "AAAAAAAA", "reason": "변심 [AAAAAAAA]",
    "enable_webhook": 0, "request_sha256": "0", "state": "succeeded", "owner": "a", "person_id": 1,
    "created_at": START, "cancellation_id": "cancel_1", "ended_at": START,
}  # fmt: skip
UNKNOWN = REFUND | {
    "id": "refund-2", "form_token": "form-2", "checksum": 9_000, "nonce": "BBBBBBBB",
    "state": "unknown", "cancellation_id": None, "ended_at": None,
}  # fmt: skip
TASK = {
    "kind": "receipt_cancel", "order_id": 1, "imp_uid": "imp_1", "refund_id": "refund-1",
    "due_at": START, "created_at": START, "created_by": 1, "detail": '{"won": 1000}',
}  # fmt: skip

ROWS = {
    "m001_people": {
        "meta": [{"key": "mode", "value": "practice"}, {"key": "made_at", "value": str(START)}],
        "settings": [{"key": "shop_name", "value": '"달빛꽃집"'}],
        "people": [
            {"id": 1, "name": "김선영", "role": "owner", "password_hash": "x", "created_at": START}
        ],
        "sign_in_attempts": [{"name_key": "a", "at": START}],
    },
    "m003_ledger": {
        "orders": [ORDER],
        "payments": [PAYMENT],
        "payment_checks": [{"imp_uid": "imp_1", "checked_at": START}],
        "cancellations": [CANCELLATION],
        "notes": [{"order_id": 1, "person_id": 1, "text": "전화함", "created_at": START}],
        "order_search": [{"rowid": 1, "merchant_uid": "20260821-0001", "name": "나주 배"}],
    },
    "m004_sync": {"sync_runs": [{"kind": "first", "state": "done", "created_at": START}]},
    "m005_refunds": {"refunds": [REFUND, UNKNOWN]},
    "m006_tasks": {
        "tasks": [
            TASK | {"id": 3},
            TASK | {"id": 7, "kind": "refund_reminder", "refund_id": None},
            TASK | {"id": 9, "state": "done", "done_at": START, "done_by": 1, "reason": "했음"},
        ]
    },
}
"""What a shop has once the named step is done; raw, as the code of that time wrote it."""


@pytest.fixture
def instance(tmp_path):
    instance = Instance.prepare(tmp_path / "instance")
    instance.save_state(mode="practice", made=["practice"], people_in="practice")
    return instance


@pytest.fixture
def made_before(instance):
    """``made_before(step)``: a database with rows as it was before that step; None: up to date."""

    def make(step: str | None):
        path = instance.database_path("practice")
        with closing(connect(path, create=True)) as db:
            db.conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            migrations.apply(db, stop_before=step and STEPS[STEPS.index(step) :])
            done = {one.name for one in migrations.applied(db)}
            with write(db):
                for name, tables in ROWS.items():
                    for table, rows in tables.items() if name in done else ():
                        for row in rows:
                            _insert(db, table, row)
                if "m002_events" in done:
                    for number in range(3):
                        events.record(db, "person.signed_in", at=START + number, actor="person")
        return path

    return make


def _insert(db: Database, table: str, row: dict) -> None:
    names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
    db.conn.execute(f"INSERT INTO {table} ({names}) VALUES ({values})", row)


def schema(db: Database) -> list[tuple]:
    return [tuple(row) for row in db.conn.execute("SELECT name, sql FROM sqlite_master ORDER BY 1")]


def schema_with(steps: list[str]) -> list[tuple]:
    with closing(Database(memory=True)) as db:
        migrations.apply(db, stop_before=[name for name in STEPS if name not in steps])
        return schema(db)


def rows(db: Database) -> dict[str, list[dict]]:
    """Every row of a table the shop writes itself, as far as the table is there."""
    tables = [table for group in ROWS.values() for table in group] + ["events"]
    there = [table for table in tables if db.table(table).exists()]
    return {
        table: [dict(row) for row in db.conn.execute(f"SELECT * FROM {table} ORDER BY 1")]
        for table in there
    }


def kept(before: dict[str, list[dict]], after: dict[str, list[dict]]) -> bool:
    """Whether every row is still there with what it said; new columns may have come."""
    return all(
        len(found) == len(after[table])
        and all(old.items() <= new.items() for old, new in zip(found, after[table], strict=True))
        for table, found in before.items()
    )


def start(instance: Instance) -> Database:
    """The next start, which makes the database ready."""
    return connect(Runtime(Config(instance=instance.path), instance).make_ready())


def check_whole(db: Database) -> None:
    assert [step.name for step in migrations.applied(db)] == STEPS
    assert schema(db) == schema_with(STEPS)
    assert db.conn.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert db.conn.execute("PRAGMA foreign_key_check").fetchall() == []
    assert events.broken_at(db) is None


@pytest.mark.parametrize("point", ["begun", "unrecorded", "uncommitted", "done"])
@pytest.mark.parametrize("step", STEPS)
def test_a_step_is_done_or_not_begun_whenever_its_process_dies(instance, made_before, step, point):
    """F52."""
    path = made_before(step)
    with closing(connect(path)) as db:
        before = rows(db)
    died = subprocess.run(
        [sys.executable, "-m", "tests.one_migration", str(path), point], cwd=ROOT, timeout=60
    )
    assert died.returncode < 0
    number = STEPS.index(step)
    expected = STEPS[: number + 1] if point == "done" else STEPS[:number]
    with closing(connect(path)) as db:
        assert [one.name for one in migrations.applied(db)] == expected
        assert schema(db) == schema_with(expected)
        assert kept(before, rows(db))
        migrations.apply(db)
        check_whole(db)
        assert kept(before, rows(db))


@pytest.mark.parametrize("step", STEPS[STEPS.index("m007_files") :])
def test_the_next_start_of_a_shop_goes_on(instance, made_before, step):
    path = made_before(step)
    with closing(connect(path)) as db:
        before = rows(db)
    subprocess.run([sys.executable, "-m", "tests.one_migration", str(path), "unrecorded"], cwd=ROOT)
    with closing(start(instance)) as db:
        check_whole(db)
        assert kept(before, rows(db))


def test_what_was_there_before_refunds_waited_is_kept(instance, made_before):
    with closing(connect(made_before("m007_files"))) as db:
        before = rows(db)
    assert [row["id"] for row in before["tasks"]] == [3, 7, 9]
    assert [row["state"] for row in before["refunds"]] == ["succeeded", "unknown"]
    with closing(start(instance)) as db:
        check_whole(db)
        assert kept(before, rows(db))
        task = dict(db.conn.execute("SELECT * FROM tasks WHERE id = 9").fetchone())
        assert (task["state"], task["reason"], task["manual_refund_id"]) == ("done", "했음", None)
        order = db.conn.execute("SELECT manual_refunded FROM orders").fetchone()
        assert order["manual_refunded"] == 0
        assert {row["request_id"] for row in db.conn.execute("SELECT * FROM refunds")} == {None}
        with pytest.raises(Exception, match="never deleted"):
            db.conn.execute("DELETE FROM tasks")


def test_orders_from_before_are_found_by_their_initials(made_before):
    with closing(connect(made_before("m015_initials"))) as db:
        with write(db):
            for number in range(2, 2_002):
                row = {
                    "rowid": number,
                    "name": pairs("나주 배", f"사과 {number}"),
                    "buyer_tel": "12",
                }
                _insert(db, "order_search", row | {"buyer_name": pairs("정하윤ㅋㅋ")})
        migrations.apply(db)
        found = "SELECT count(*) FROM order_search WHERE order_search MATCH ?"
        for wanted, hits in (
            (match_initials("ㄴㅈㅂ"), 2_000),
            (match_initials("ㅎㅇㅋㅋ", "buyer_initials"), 2_000),
            (match_initials("ㅈㅎㅇ", "name_initials"), 0),
            (match_initials("ㅂㅅㄱ"), 0),  # no run from one text into the next
            (match_query("사과77"), 11),
        ):
            assert db.conn.execute(found, [wanted]).fetchone()[0] == hits


def test_a_database_that_is_up_to_date_stays_as_it_is(instance, made_before):
    path = made_before(None)
    with closing(connect(path)) as db:
        before = (schema(db), rows(db))
    with closing(start(instance)) as db:
        assert (schema(db), rows(db)) == before
