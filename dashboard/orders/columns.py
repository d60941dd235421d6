"""Which columns of the order list a person sees, and in which order.

The goods stay: they are the link that opens the order. Cards on a phone show the usual ones among
them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from flask_babel.speaklater import LazyString
from sqlite_utils import Database

from dashboard.i18n import lazy_gettext as _l

STAYS = "goods"


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column; ``name`` is also its CSS class (``c-amt``) and its branch in ``_rows.html``."""

    name: str
    word: LazyString
    won: bool = False  # figures: right-aligned, the unit in the heading
    usual: bool = True  # shown to whoever has chosen nothing

    @property
    def stays(self) -> bool:
        return self.name == STAYS


COLUMNS = (
    Column(name="when", word=_l("요청 시각")),  # the heading says which time of the three
    Column(name="st", word=_l("상태")),
    Column(name="goods", word=_l("주문")),
    Column(name="buyer", word=_l("구매자")),
    Column(name="method", word=_l("결제수단")),
    Column(name="amt", word=_l("결제금액"), won=True),
    Column(name="gone", word=_l("취소금액"), won=True),
    Column(name="can", word=_l("취소 가능 여부")),
    Column(name="live", word=_l("포트원")),
    Column(name="number", word=_l("주문번호"), usual=False),
    Column(name="paid", word=_l("결제완료일"), usual=False),
    Column(name="issuer", word=_l("카드·은행"), usual=False),
    Column(name="quota", word=_l("할부"), usual=False),
    Column(name="free", word=_l("면세금액"), won=True, usual=False),
    Column(name="email", word=_l("이메일"), usual=False),
)
_BY_NAME = {column.name: column for column in COLUMNS}


@dataclass(frozen=True)
class Choice:
    """All columns in a person's order, and the names of those shown."""

    order: tuple[Column, ...]
    names: frozenset[str]

    @property
    def shown(self) -> tuple[Column, ...]:
        return tuple(column for column in self.order if column.name in self.names)

    @property
    def names_in_order(self) -> tuple[str, ...]:
        """Of those shown."""
        return tuple(column.name for column in self.shown)

    @property
    def is_own(self) -> bool:
        """Whether it differs from what everybody starts with."""
        return self != USUAL


USUAL = Choice(COLUMNS, frozenset(column.name for column in COLUMNS if column.usual))


def choose(order: Iterable[str], shown: Collection[str]) -> Choice:
    """What somebody asked for, made sound: unknown names go, forgotten ones stand at the end."""
    known = [name for name in dict.fromkeys(order) if name in _BY_NAME]
    rest = [column.name for column in COLUMNS if column.name not in known]
    names = {name for name in shown if name in _BY_NAME} | {STAYS}
    return Choice(tuple(_BY_NAME[name] for name in [*known, *rest]), frozenset(names))


def moved(order: Sequence[str], name: str, step: int) -> list[str]:
    """``order`` with ``name`` one place up (-1) or down (1); at the end it stays where it is."""
    names = list(order)
    if name not in names:
        return names
    at = names.index(name)
    to = min(max(at + step, 0), len(names) - 1)
    names[at], names[to] = names[to], names[at]
    return names


def choice_of(db: Database, person_id: int) -> Choice:
    """What ``person_id`` has chosen, or what everybody starts with."""
    row = db.conn.execute(
        "SELECT list_columns FROM preferences WHERE person_id = ?", (person_id,)
    ).fetchone()
    if row is None:
        return USUAL
    words = row[0].split()
    return choose((word.removeprefix("-") for word in words), [w for w in words if w[0] != "-"])


def keep(db: Database, person_id: int, choice: Choice) -> None:
    """Remember ``choice``, inside the caller's write transaction."""
    words = [
        column.name if column.name in choice.names else f"-{column.name}" for column in choice.order
    ]
    db.conn.execute(
        "INSERT INTO preferences (person_id, list_columns) VALUES (?, ?)"
        " ON CONFLICT (person_id) DO UPDATE SET list_columns = excluded.list_columns",
        (person_id, " ".join(words)),
    )


def forget(db: Database, person_id: int) -> None:
    """Back to what everybody starts with, inside the caller's write transaction."""
    db.conn.execute("DELETE FROM preferences WHERE person_id = ?", (person_id,))
