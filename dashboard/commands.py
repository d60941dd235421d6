"""What `flask --app app ...` offers: the same work without a browser.

Commands take no lock and start no background worker; they work beside a running Jangbu.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager

import click
from click.termui import prompt
from flask import current_app
from flask.cli import AppGroup, with_appcontext
from flask_babel import gettext as _
from sqlite_utils import Database

from dashboard import checkup
from dashboard.accounts import service
from dashboard.accounts.errors import AccountError
from dashboard.accounts.names import clean
from dashboard.accounts.permissions import ROLES
from dashboard.catalogue import messages
from dashboard.database import connect
from dashboard.runtime import Runtime, runtime
from dashboard.sandbox.commands import sandbox_cli
from dashboard.sync.plan import Cursor
from dashboard.sync.progress import progress_of
from dashboard.sync.service import run_now
from dashboard.words import role_word

people = AppGroup("people", help="사람을 추가하고 비밀번호를 정합니다. Add people, set passwords.")

_password_option = click.option(
    "--password-stdin", is_flag=True, help="비밀번호를 표준 입력의 첫 줄에서 읽습니다."
)


def attach_to(group: click.Group) -> None:
    """Add every command to ``flask --app app``."""
    for command in (people, sandbox_cli, messages, check, seed, sync):
        group.add_command(command)


@people.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True, help="맡길 역할")
@_password_option
def add(name: str, role: str, password_stdin: bool) -> None:
    """사람을 추가합니다. Add somebody; the first one must be an owner."""
    with _opened(new_shop_allowed=True) as (current, db):
        if role != "owner" and not service.anybody(db):
            raise click.ClickException(_("첫 사람은 주인(--role owner)이어야 합니다."))
        password = _password(password_stdin)
        with _account_errors():
            service.add_person(db, name, role, password, current.now())
    click.echo(_("%(name)s 님을 추가했습니다: %(role)s", name=clean(name), role=role_word(role)))


@people.command("reset-password")
@click.argument("name")
@_password_option
def reset_password(name: str, password_stdin: bool) -> None:
    """비밀번호를 새로 정하고 모든 곳에서 로그아웃시킵니다. Set a new password, end all sessions."""
    with _opened() as (current, db):
        person = service.find_person_by_name(db, name)
        if person is None:
            raise click.ClickException(
                _("%(name)s 님이 없습니다. people list로 확인해 주세요.", name=name)
            )
        password = _password(password_stdin)
        with _account_errors():
            service.reset_password(db, person.id, password, current.now(), by=None)
    click.echo(_("%(name)s 님의 비밀번호를 새로 정했습니다.", name=person.name))


@people.command("list")
def list_people() -> None:
    """누가 있는지 보여 줍니다. Show who is there."""
    with _opened() as (_current, db):
        for person in service.everybody(db):
            state = "" if person.is_active else _("사용 중지")
            click.echo(f"{person.id}\t{person.name}\t{role_word(person.role)}\t{state}".rstrip())


@click.command()
@with_appcontext
def sync() -> None:
    """포트원의 결제를 지금 가져옵니다. Bring PortOne's payments in now."""
    with _opened() as (current, db):
        row = dict(run_now(current, told=_tell))
        found = progress_of(db, row, now=current.now(), every_s=current.config.sync_every_s)
    click.echo("", err=True)
    if row.get("state") != "done":
        raise click.ClickException(
            _(
                "가져오지 못했습니다 (%(error)s). check로 연결을 확인해 주세요.",
                error=row.get("error"),
            )
        )
    click.echo(
        _(
            "결제 %(seen)s건을 확인했습니다: 새 결제 %(new)s건, 달라진 결제 %(changed)s건.",
            seen=row["seen"],
            new=row["new"],
            changed=row["changed"],
        )
    )
    odd = dict.fromkeys((*found.unreadable, *found.missing, *found.older))
    if odd:  # a payment that was not taken in is never passed over in silence
        click.echo(
            _("직접 확인이 필요한 결제 %(count)s건: %(ids)s", count=len(odd), ids=", ".join(odd))
        )


def _tell(cursor: Cursor) -> None:
    click.echo(f"\r{cursor.seen} / {cursor.total or '?'}", nl=False, err=True)


@click.command()
@click.option("--orders", default=20, show_default=True, type=click.IntRange(1, 10_000))
@with_appcontext
def seed(orders: int) -> None:
    """연습용 포트원에 주문을 더 넣습니다. Let new orders happen at the practice PortOne."""
    with _opened() as (current, _db):
        if current.mode != "practice":
            raise click.ClickException(_("연습 모드에서만 주문을 지어낼 수 있습니다."))
        current.practice.new_orders(orders)
    click.echo(
        _(
            "연습용 포트원에 주문 %(count)s건을 넣었습니다. sync나 다음 동기화 때 들어옵니다.",
            count=orders,
        )
    )


@click.command()
@with_appcontext
def check() -> None:
    """데이터베이스, 스키마, 키, 시계, 연동을 살펴봅니다. Look at database, keys, clock, gateway."""
    well = True
    marks = {
        "good": click.style(_("좋음"), fg="green"),
        "warn": click.style(_("확인 필요"), fg="yellow"),
        "bad": click.style(_("문제"), fg="red"),
        "unknown": click.style(_("참고"), fg="bright_black"),
    }
    try:
        for finding in checkup.look(runtime()):
            well = well and finding.ok
            click.echo(f"[{marks[finding.tone]}] {finding.about}: {finding.seen}")
    finally:
        runtime().close()
    if not well:
        raise click.exceptions.Exit(1)


@contextmanager
def _opened(*, new_shop_allowed: bool = False) -> Iterator[tuple[Runtime, Database]]:
    """The current shop's database, looked over first; a shop is made only where that is wanted.

    :raise CannotStart: the database is damaged or not ours
    """
    current: Runtime = current_app.extensions["jangbu"]
    if not new_shop_allowed and not current.database_path.exists():
        raise click.ClickException(
            _("아직 장부가 없습니다. python app.py로 시작하거나 people add로 주인을 추가해 주세요.")
        )
    path = current.make_ready()
    if new_shop_allowed and current.chosen_mode is None:
        current.choose("practice")  # without a browser nobody is asked; 설정 leads to live
    try:
        with closing(connect(path)) as db:
            yield current, db
    except sqlite3.OperationalError as error:
        raise click.ClickException(
            _("장부 파일을 쓸 수 없습니다. 다른 프로그램이 잡고 있는지 확인해 주세요.")
        ) from error
    finally:
        current.close()


@contextmanager
def _account_errors() -> Iterator[None]:
    try:
        yield
    except AccountError as error:
        raise click.ClickException(str(error)) from error


def _password(from_stdin: bool) -> str:
    """The first line of standard input, or typed twice without being shown."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(prompt(_("비밀번호"), hide_input=True, confirmation_prompt=True))
