"""What `flask --app app check` looks at: database, schema, record, and the gateway's check."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlite_utils import Database

from dashboard import events, machine, shopfile
from dashboard.database import open_to_read
from dashboard.migrations import migrations
from dashboard.problems import CannotStart
from dashboard.runtime import Runtime
from dashboard.setup import doctor, doctoring
from dashboard.setup.doctor import Tone
from dashboard.setup.service import KEY_TEST_LIMITS


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, whether it is well, and what was seen."""

    about: str
    tone: Tone
    seen: str

    @property
    def ok(self) -> bool:
        """Whether Jangbu can work with it."""
        return self.tone != "bad"


def look(runtime: Runtime) -> Iterator[Finding]:
    """Look at everything, nothing is changed. Stops at a database that cannot be read."""
    path = runtime.database_path
    if not path.exists():
        yield Finding(_("데이터베이스"), "bad", _("%(file)s 파일이 없습니다.", file=path))
        return
    try:
        shopfile.look_over(path, runtime.mode)
    except CannotStart as problem:
        yield Finding(_("데이터베이스"), "bad", problem.korean)
        return
    size_mb = f"{path.stat().st_size / 1_000_000:.1f}"
    yield Finding(_("데이터베이스"), "good", _("%(file)s, %(size)s MB", file=path, size=size_mb))
    with closing(open_to_read(path)) as db:
        waiting = [step.name for step in migrations.pending(db)]
        last = db.conn.execute("SELECT max(id) FROM events").fetchone()[0] or 0
        whole = events.broken_at(db) is None
    yield Finding(_("스키마"), _sign(not waiting), ", ".join(waiting) or _("이 버전과 같습니다."))
    seen = _("%(count)s건이 끊김 없이 이어집니다.", count=last)
    yield Finding(_("기록"), _sign(whole), seen)
    where = machine.carried_away_by(runtime.instance.path)
    yield Finding(_("폴더"), _sign(where is None), where or str(runtime.instance.path))
    if waiting:  # tables that the rest looks at may be missing
        return
    with closing(open_to_read(path)) as db:
        yield from _gateway(runtime, db)


def _sign(well: bool) -> Tone:
    return "good" if well else "bad"


def _gateway(runtime: Runtime, db: Database) -> Iterator[Finding]:
    """The lines of the check that the settings have, too."""
    facts = doctoring.read_facts(runtime, db)
    lines = doctor.asked_lines(facts, doctoring.ask(runtime, KEY_TEST_LIMITS))
    for line in (*lines, *doctor.known_lines(facts)):
        yield Finding(line.about, line.tone, line.said)
