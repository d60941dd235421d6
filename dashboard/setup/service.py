"""Steps of first run and settings: the owner's account, keys, practice or real business."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from flask_babel import gettext as _
from sqlite_utils import Database

from dashboard import events, running, settings
from dashboard.accounts.person import Person
from dashboard.accounts.service import add_first_owner, get_person
from dashboard.banks import DEFAULT_CODE_SET
from dashboard.config import Mode
from dashboard.database import connect, write
from dashboard.keys import Keys
from dashboard.portone import Limits, PortOne, PortOneError, PortOneNotFound, Why
from dashboard.portone.errors import SENTENCES
from dashboard.runtime import Runtime
from dashboard.sync.service import request_sync

Fact = str | int | bool | list[int] | None
Facts = dict[str, Fact]
"""Settings by name; None is one that was not said."""

KEY_TEST_LIMITS = Limits(connect_s=4.0, read_s=8.0, total_s=15.0)  # somebody waits at the page


class SetupOver(Exception):
    """The token is not this start's, or was spent: nothing was made (SEC-22)."""


@dataclass(frozen=True)
class KeyTest:
    """What PortOne said to a pair of keys, as a sentence for the page."""

    ok: bool
    sentence: str
    detail: str = ""  # PortOne's own words
    wrong_keys: bool = False


def make_owner(
    runtime: Runtime,
    db: Database,
    *,
    token: str,
    name: str,
    password: str,
    shop_name: str,
    language: str = "ko",
) -> Person:
    """Make the first owner; the token is spent with it.

    :raise SetupOver: the token is not this start's
    :raise AccountError: name or password cannot be taken, or (field ``""``) an owner exists
    """
    if not runtime.is_setup_token(token):
        raise SetupOver
    now = runtime.now()
    person_id = add_first_owner(db, name, password, now, shop_name=shop_name, language=language)
    runtime.setup_token = None
    running.forget_token(runtime.instance)
    if shop_name:
        with write(db):
            settings.put(db, "shop_name", shop_name)
    return get_person(db, person_id)


def try_keys(runtime: Runtime, keys: Keys) -> KeyTest:
    """Ask PortOne for a token with these keys, now, and whose payments they show."""
    try:
        portone = runtime.client(runtime.config.portone_url, keys, KEY_TEST_LIMITS)
        portone.check_keys()
        of_another_shop = not _knows_our_payments(portone, runtime.instance.database_path("live"))
    except ValueError:
        sentence = _("API 키에 쓸 수 없는 글자가 있습니다. 콘솔에서 다시 복사해 붙여 넣어 주세요.")
        return KeyTest(ok=False, sentence=sentence, wrong_keys=True)
    except PortOneError as error:
        sentence = _(SENTENCES[error.why])
        detail = "" if error.user_message == SENTENCES[error.why] else error.user_message
        wrong = error.why is Why.KEY
        return KeyTest(ok=False, sentence=sentence, detail=detail, wrong_keys=wrong)
    if of_another_shop:
        sentence = _(
            "다른 가게의 키입니다. 이 장부에 있는 결제를 이 키로는 찾을 수 없습니다. "
            "두 가게의 주문이 섞이지 않도록 저장하지 않았습니다. 다른 가게는 --instance로 폴더를 "
            "따로 정해 시작해 주세요."
        )
        return KeyTest(ok=False, sentence=sentence, wrong_keys=True)
    return KeyTest(
        ok=True, sentence=_("포트원에 연결되었습니다. 이 키로 결제를 가져올 수 있습니다.")
    )


def _knows_our_payments(portone: PortOne, path: Path) -> bool:
    """Whether these keys show the newest payments of the real ledger; an empty one fits any.

    :raise PortOneError: PortOne could not be asked
    """
    if not path.exists():
        return True
    with closing(connect(path)) as db:
        imp_uids = [
            row["imp_uid"]
            for row in db.conn.execute("SELECT imp_uid FROM payments ORDER BY rowid DESC LIMIT 5")
        ]
    if not imp_uids:
        return True
    try:
        return bool(portone.get_payments(imp_uids).payments)
    except PortOneNotFound:
        return False


def save_keys(runtime: Runtime, db: Database, keys: Keys, person_id: int) -> None:
    """Keep the shop's keys outside the database; the log knows their last four characters."""
    place = runtime.key_store.save(keys)
    with write(db):
        events.record(
            db,
            "keys.changed",
            at=runtime.now(),
            actor="person",
            person_id=person_id,
            detail={"tail": keys.tail, "place": place},
        )


def save_shop_facts(db: Database, facts: Mapping[str, Fact], person_id: int, now: int) -> None:
    """Keep what the owner says about the shop; what changed goes into the log."""
    with write(db):
        before = {name: settings.get(db, name) for name in facts}
        if before == facts:
            return
        for name, value in facts.items():
            settings.put(db, name, value)
        events.record(
            db,
            "shop.facts_changed",
            at=now,
            actor="person",
            person_id=person_id,
            detail={"before": before, "after": facts},
        )


def save_refund_settings(db: Database, facts: Facts, person_id: int, now: int) -> bool:
    """Keep how refunds are sent; False: another code set has to be confirmed anew (K8).

    A tick that was set for the old codes says nothing about the new ones.
    """
    before = settings.get(db, "bank_code_set") or DEFAULT_CODE_SET
    stale = bool(
        settings.get(db, "bank_codes_confirmed")
        and facts["bank_codes_confirmed"]
        and facts["bank_code_set"] != before
    )
    if stale:
        facts = facts | {"bank_codes_confirmed": None}
    save_shop_facts(db, facts, person_id, now)
    return not stale


def open_mode(runtime: Runtime, mode: Mode, person_id: int) -> None:
    """Open practice or the real business, and bring its payments in if that never happened.

    The same steps for the first choice, 실제로 시작하기 and the way back.

    :raise CannotStart: that database is missing, damaged or not ours; the present one stays open
    """
    runtime.choose(mode)
    db = connect(runtime.database_path)
    try:
        with write(db):
            events.record(
                db,
                "mode.opened",
                at=runtime.now(),
                actor="person",
                person_id=person_id,
                detail={"mode": mode},
            )
        if db.conn.execute("SELECT 1 FROM sync_runs").fetchone() is None:
            request_sync(db, "first", person_id, runtime.now())
    finally:
        db.close()
