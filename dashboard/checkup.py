"""What `flask --app app check` looks at: database, schema, record, keys, PortOne, clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from flask_babel import gettext as _

from dashboard import events, machine, shopfile
from dashboard.database import open_to_read
from dashboard.migrations import migrations
from dashboard.portone import PortOneError
from dashboard.portone.errors import SENTENCES
from dashboard.problems import CannotStart
from dashboard.runtime import NoKeys, Runtime
from dashboard.setup.service import KEY_TEST_LIMITS

CLOCK_WARN_S = 120  # refund-safety, 1.8


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, whether it is well, and what was seen."""

    about: str
    ok: bool
    seen: str


def look(runtime: Runtime) -> Iterator[Finding]:
    """Look at everything, nothing is changed. Stops at a database that cannot be read."""
    path = runtime.database_path
    if not path.exists():
        yield Finding(_("데이터베이스"), False, _("%(file)s 파일이 없습니다.", file=path))
        return
    try:
        shopfile.look_over(path, runtime.mode)
    except CannotStart as problem:
        yield Finding(_("데이터베이스"), False, problem.korean)
        return
    size_mb = f"{path.stat().st_size / 1_000_000:.1f}"
    yield Finding(_("데이터베이스"), True, _("%(file)s, %(size)s MB", file=path, size=size_mb))
    with closing(open_to_read(path)) as db:
        waiting = [step.name for step in migrations.pending(db)]
        last = db.conn.execute("SELECT max(id) FROM events").fetchone()[0] or 0
        whole = events.broken_at(db) is None
    yield Finding(_("스키마"), not waiting, ", ".join(waiting) or _("이 버전과 같습니다."))
    yield Finding(_("기록"), whole, _("%(count)s건이 끊김 없이 이어집니다.", count=last))
    where = machine.carried_away_by(runtime.instance.path)
    yield Finding(_("폴더"), where is None, where or str(runtime.instance.path))
    yield from _portone(runtime)


def _portone(runtime: Runtime) -> Iterator[Finding]:
    try:
        portone = runtime.portone(KEY_TEST_LIMITS)
        portone.check_keys()
    except NoKeys:
        yield Finding(_("API 키"), False, _("REST API Key와 Secret이 없습니다."))
        return
    except ValueError:
        yield Finding(_("API 키"), False, _("키에 쓸 수 없는 글자가 있습니다."))
        return
    except PortOneError as error:
        yield Finding(_("포트원"), False, _(SENTENCES[error.why]))
        return
    seen = _("연습용 포트원") if runtime.mode == "practice" else runtime.config.portone_url
    yield Finding(_("API 키"), True, _("%(where)s에서 받아들였습니다.", where=seen))
    skew_s = portone.clock_skew
    if skew_s is None:
        yield Finding(_("시계"), True, _("포트원이 시각을 알려 주지 않아 비교하지 않았습니다."))
    else:
        ok = abs(skew_s) <= CLOCK_WARN_S
        yield Finding(_("시계"), ok, _("포트원과 %(seconds)s초 차이", seconds=round(skew_s)))
