"""What the page says about a run: how far, what changed, what went wrong and what to do."""

from __future__ import annotations

import json
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlite_utils import Database

from dashboard.orders.story import change_words
from dashboard.portone import Why
from dashboard.portone.errors import SENTENCES
from dashboard.sync import store
from dashboard.sync.plan import Cursor

SHOWN_CHANGES = 50


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Why a run failed: what happened, and what the shop can do about it."""

    happened: str
    to_do: str
    settings: bool = False  # the settings page is where to do it


@dataclass(frozen=True, kw_only=True)
class Change:
    """One order that changed at PortOne since it was last read."""

    order_id: int
    merchant_uid: str
    name: str
    words: str
    noticed_at: int


@dataclass(frozen=True, kw_only=True)
class Progress:
    """A run as the page shows it. Times are UNIX seconds."""

    state: str  # none, queued, running, done, failed
    first: bool = False
    total: int | None = None
    seen: int = 0
    new: int = 0
    changed: int = 0
    stuck: bool = False  # running, but its process gives no sign of life
    finished_at: int | None = None
    next_at: int | None = None
    trouble: Trouble | None = None
    changes: tuple[Change, ...] = ()
    unreadable: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    older: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        return self.state in ("queued", "running")


def progress_of(db: Database, run: store.Row | None, *, now: int, every_s: int) -> Progress:
    """The run's progress in the language of the request.

    :param every_s: seconds between the end of one run and the next
    """
    if run is None:
        return Progress(state="none")
    cursor, state = Cursor.load(run["cursor"]), run["state"]
    finished = run["finished_at"]
    return Progress(
        state=state,
        first=run["kind"] == "first",
        total=run["total"],
        seen=run["seen"],
        new=run["new"],
        changed=run["changed"],
        stuck=state == "running" and abs(now - (run["heartbeat_at"] or 0)) > store.STALE_S,
        finished_at=finished,
        next_at=finished + every_s if finished is not None else None,
        trouble=_trouble(run["error"]) if state == "failed" else None,
        changes=tuple(map(_change, store.changes_of(db, cursor, limit=SHOWN_CHANGES))),
        unreadable=tuple(cursor.unreadable),
        missing=tuple(cursor.missing),
        older=tuple(cursor.older),
    )


def _change(row: store.Row) -> Change:
    return Change(
        order_id=row["order_id"],
        merchant_uid=row["merchant_uid"],
        name=row["name"],
        words=change_words(json.loads(row["detail"])),
        noticed_at=row["at"],
    )


def _trouble(error: str | None) -> Trouble:
    name, _dot, why = (error or "").partition(".")
    if name == "NoKeys":
        return Trouble(
            happened=_("포트원 API 키가 없어 결제를 가져오지 못했습니다."),
            to_do=_("설정에서 REST API Key와 Secret을 입력해 주세요."),
            settings=True,
        )
    if name == "OperationalError":
        return Trouble(
            happened=_("장부 파일에 쓰지 못해 동기화를 멈췄습니다."),
            to_do=_("저장 공간이 남아 있는지, 다른 프로그램이 장부 폴더를 쓰는지 확인해 주세요."),
        )
    if why not in list(Why):
        return Trouble(
            happened=_("예상하지 못한 문제로 동기화를 멈췄습니다."),
            to_do=_("계속 반복되면 로그 파일과 함께 문의해 주세요."),
        )
    reason = Why(why)
    match reason:
        case Why.KEY:
            to_do = _("설정에서 REST API Key와 Secret을 다시 입력해 주세요.")
        case Why.IP:
            to_do = _("포트원 콘솔에서 바꾼 뒤 지금 동기화를 눌러 주세요.")
        case Why.NOT_SECURE | Why.ADDRESS | Why.LOGIN_PAGE | Why.REDIRECT | Why.NO_CONNECTION:
            to_do = _("연결되면 멈춘 곳부터 이어서 가져옵니다.")
        case _other:
            to_do = _("기다리시면 멈춘 곳부터 이어서 가져옵니다.")
    return Trouble(happened=_(SENTENCES[reason]), to_do=to_do, settings=reason is Why.KEY)
