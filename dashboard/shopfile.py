"""The shop's database file: made once, looked over at every start, never overwritten."""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database

from dashboard import events, high_water
from dashboard.clock import system_clock
from dashboard.config import Mode
from dashboard.database import APPLICATION_ID, connect, open_to_read, write
from dashboard.instance import Instance
from dashboard.machine import make_private_file
from dashboard.migrations import migrations
from dashboard.people_across import carry_over
from dashboard.problems import CannotStart, NeedsRecovery
from dashboard.refunds import lock

_HEADER = b"SQLite format 3\0"
_VERSIONS_AT = slice(18, 20)  # of the file format: one we cannot write would open read-only
_STEP = re.compile(r"m\d{3}_\w+", re.ASCII)
_UNREADABLE = (sqlite3.DatabaseError, LookupError, TypeError, ValueError)
"""What reading a damaged file raises, here or in what interprets its rows."""

CHECK_EVERY_S = 7 * 86_400  # every page is read at least this often, however the file was left
_CHECKED: dict[Path, int] = {}  # when this process read every page of it, UNIX seconds

_MODE_WORDS: dict[str, tuple[str, str]] = {
    "practice": ("연습", "practice"),
    "live": ("실제", "live"),
}


def make_ready(instance: Instance, mode: Mode, now: int) -> Path:
    """See to it that the database of ``mode`` is there, whole and up to date.

    People come along from the other mode's database if that was the last one open. A file that is
    an old copy is opened, but its refunds are locked (refund-safety, C9).

    :raise NeedsRecovery: the file is missing, damaged or not to be written; nothing was changed
    :raise CannotStart: it is not ours, or another program holds it
    """
    path = instance.database_path(mode)
    try:
        _make_ready(instance, path, mode, now)
    except (OSError, sqlite3.OperationalError) as error:
        if getattr(error, "sqlite_errorname", "") == "SQLITE_ERROR":
            raise _damaged(path) from error  # a step's table is there, or one it needs is not
        reason = getattr(error, "strerror", None) or error
        raise NeedsRecovery(
            "unwritable",
            path,
            f"장부 파일 {path}을(를) 쓸 수 없습니다({reason}): 파일의 권한과 디스크에 남은 공간을 "
            "확인하고 다시 시작하십시오.",
            f"The database {path} cannot be used ({reason}); check its permissions and the space "
            "left on the disk, and start again.",
        ) from error
    except sqlite3.DatabaseError as error:
        raise _damaged(path) from error
    return path


def _make_ready(instance: Instance, path: Path, mode: Mode, now: int) -> None:
    state = instance.state()
    if path.exists():
        look_over(path, mode)
        _keep_private(path)
        with closing(connect(path)) as db:
            migrations.apply(db)
            _lock_an_old_copy(db, now)
    elif mode in state["made"] or any(file.exists() for file in _beside(path)):
        raise NeedsRecovery(
            "missing",
            path,
            f"장부 파일 {path}이(가) 없습니다: 파일을 제자리에 되돌려 놓아 주세요. 처음부터 "
            "새로 시작하려면 폴더의 이름을 바꾸어 두고 다시 시작해 주세요.",
            f"The database {path} is missing; put it back, or rename its folder to begin anew.",
        )
    else:
        _create(path, mode, now)
    source = state["people_in"]
    if source not in (None, mode) and instance.database_path(source).exists():
        look_over(instance.database_path(source), source, deep=False)
        carry_over(instance.database_path(source), path, now)
    made = sorted({*state["made"], mode})
    if (made, mode) != (state["made"], source):
        instance.save_state(made=made, people_in=mode)


def look_over(path: Path, mode: Mode, *, deep: bool = True) -> None:
    """Check a database file without changing it.

    :param deep: also read every page and the whole chain of events
    :raise NeedsRecovery: it is damaged
    :raise CannotStart: it is not the file of this mode and version, or another program holds it
    """
    left = _left_as_it_was(path)
    with path.open("rb") as file:
        header = file.read(100)
    if not header.startswith(_HEADER) or not set(header[_VERSIONS_AT]) <= {1, 2}:
        raise _damaged(path)
    try:
        with closing(open_to_read(path)) as db:
            _check_ours(db, path, mode)
            if deep:
                _check_whole(db, path, every_page=not left)
    except _UNREADABLE as error:
        if "locked" in str(error) or "busy" in str(error):
            raise CannotStart(
                f"다른 프로그램이 장부 파일 {path}을(를) 잡고 있으니 그 프로그램을 닫고 "
                "다시 시작해 주세요.",
                f"Another program holds {path}; close it and start again.",
            ) from error
        raise _damaged(path) from error


def anybody(path: Path) -> bool:
    """Whether the shop has any person: if not, the first run begins."""
    with closing(connect(path)) as db:
        return db.conn.execute("SELECT 1 FROM people LIMIT 1").fetchone() is not None


def _create(path: Path, mode: Mode, now: int) -> None:
    """Make the file under another name and give it its own at the end: a whole one or none."""
    fresh = path.with_suffix(".new")
    for leftover in (fresh, Path(f"{fresh}-wal"), Path(f"{fresh}-shm")):
        leftover.unlink(missing_ok=True)  # of a start that was cut short
    make_private_file(fresh)
    with closing(connect(fresh)) as db:
        migrations.apply(db)
        with write(db):
            facts = {"mode": mode, "made_at": str(now)}
            db.conn.executemany("INSERT INTO meta VALUES (?, ?)", facts.items())
            events.record(db, "shop.opened", at=now, actor="command", detail={"mode": mode})
        db.conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    os.replace(fresh, path)


def _check_ours(db: Database, path: Path, mode: Mode) -> None:
    if db.conn.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        tables = db.table_names()
        if not tables or migrations.migrations_table in tables:
            raise _damaged(path)  # a copy without its -wal, or all of it is ours but the number
        raise CannotStart(
            f"{path}은(는) 장부의 파일이 아닙니다: 다른 곳으로 옮겨 두고 다시 시작해 주세요.",
            f"{path} is not a database of Jangbu; move it elsewhere and start again.",
        )
    found = db.conn.execute("SELECT value FROM meta WHERE key = 'mode'").fetchone()[0]
    if found != mode:
        its, wanted = _MODE_WORDS[found], _MODE_WORDS[mode]
        raise CannotStart(
            f"{path}은(는) {its[0]} 장부라서 {wanted[0]} 장부로 열 수 없습니다: "
            "파일 이름을 원래대로 되돌려 주세요.",
            f"{path} is a {its[1]} database and cannot be opened as the {wanted[1]} one; "
            "give the file its own name back.",
        )
    _check_version(db, path)
    db.conn.execute("SELECT id, session_version FROM people LIMIT 1").fetchone()


def _check_version(db: Database, path: Path) -> None:
    with closing(Database(memory=True)) as empty:
        known = [step.name for step in migrations.pending(empty)]
    applied = [step.name for step in migrations.applied(db)]
    if applied == known[: len(applied)]:
        return
    newer = applied[len(known) :]
    if applied[: len(known)] == known and all(_STEP.fullmatch(name) for name in newer):
        raise CannotStart(
            f"{path}은(는) 더 새로운 장부가 만든 파일입니다: 새 버전의 장부로 열어 주세요.",
            f"{path} was made by a newer Jangbu; open it with that version.",
        )
    raise _damaged(path)  # names no version of Jangbu ever wrote in this order


def note_whole(path: Path) -> None:
    """Leave word of how the file was left, so that the next start need not read all of it again.

    For a process that looked it over and has closed every connection. Gigabytes take many seconds.
    """
    mark, wal = _left(path), Path(f"{path}-wal")
    if mark is None or (wal.exists() and wal.stat().st_size):
        return
    before = Instance(path.parent).load_json(_left_path(path).name) or {}
    checked_at = _CHECKED.get(path, before.get("checked_at"))
    if isinstance(checked_at, int):
        Instance(path.parent).save_json(_left_path(path).name, mark | {"checked_at": checked_at})


def _left_as_it_was(path: Path) -> bool:
    """Whether nothing has touched the file since this program closed it, all of it read lately."""
    noted = Instance(path.parent).load_json(_left_path(path).name)
    if (
        noted is None
        or Path(f"{path}-wal").exists()
        or not isinstance(noted.get("checked_at"), int)
    ):
        return False
    checked_at = noted.pop("checked_at")
    return noted == _left(path) and 0 <= system_clock() - checked_at < CHECK_EVERY_S


def _left(path: Path) -> dict[str, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return {"size": found.st_size, "mtime_ns": found.st_mtime_ns, "inode": found.st_ino}


def _left_path(path: Path) -> Path:
    return path.with_suffix(".left.json")


def _check_whole(db: Database, path: Path, *, every_page: bool) -> None:
    # quick_check reads no index; the one on `refunds` keeps a payment from two open refunds.
    checks = ("PRAGMA quick_check", "PRAGMA integrity_check(refunds)")
    for check in checks if every_page else checks[1:]:
        if db.conn.execute(check).fetchone()[0] != "ok":
            raise _damaged(path)
    if every_page:
        _CHECKED[path] = int(system_clock())
    broken = events.broken_at(db)
    if broken is not None:
        raise NeedsRecovery(
            "record",
            path,
            f"{path}의 기록이 {broken}번에서 끊겼습니다: 누군가 파일을 고쳤거나 파일이 "
            "손상되었으니 백업을 되돌려 놓고 다시 시작해 주세요.",
            f"The record in {path} is broken at event {broken}: the file was edited or damaged; "
            "put a backup in its place and start again.",
        )


def _damaged(path: Path) -> NeedsRecovery:
    return NeedsRecovery(
        "damaged",
        path,
        f"장부 파일 {path}이(가) 손상되어 열지 않았습니다: 파일을 그대로 보관하고 "
        "백업을 되돌려 놓은 뒤 다시 시작해 주세요.",
        f"The database {path} is damaged and was left untouched; keep it, put a backup in its "
        "place and start again.",
    )


def _lock_an_old_copy(db: Database, now: int) -> None:
    if high_water.is_older(db):
        with write(db):
            lock.lock(db, "older", now)
        high_water.keep(db)  # the file itself knows now; a command beside us need not lock again


def _beside(path: Path) -> tuple[Path, ...]:
    """What is only there because the database was."""
    return Path(f"{path}-wal"), high_water.mark_path(path)


def _keep_private(path: Path) -> None:
    for file in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        if file.exists():
            os.chmod(file, 0o600)
