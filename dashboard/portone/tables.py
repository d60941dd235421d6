"""What PortOne keeps in tables: the shop's channels, banks, card companies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from dashboard.portone import fields
from dashboard.portone.calls import Caller
from dashboard.portone.ids import check_code, path
from dashboard.portone.records import Channel, Code

R = TypeVar("R")


class TableCalls(Caller):
    """`/users/pg`, `/banks`, `/cards`."""

    def channels(self) -> tuple[Channel, ...]:
        """The shop's payment channels, test ones too. Source: PortOne V1, GET /users/pg"""
        return self.read(path("users", "pg"), _each(Channel.from_json))

    def banks(self) -> tuple[Code, ...]:
        """All banks. Source: PortOne V1, GET /banks"""
        return self.read(path("banks"), _each(Code.from_json))

    def bank(self, code: str) -> Code:
        """One bank.

        :raise PortOneNotFound: no bank has this code
        Source: PortOne V1, GET /banks/{bank_standard_code}
        """
        return self.read(path("banks", check_code(code)), Code.from_json)

    def cards(self) -> tuple[Code, ...]:
        """All card companies. Source: PortOne V1, GET /cards"""
        return self.read(path("cards"), _each(Code.from_json))

    def card(self, code: str) -> Code:
        """One card company.

        :raise PortOneNotFound: no card company has this code
        Source: PortOne V1, GET /cards/{card_standard_code}
        """
        return self.read(path("cards", check_code(code)), Code.from_json)


def _each(read: Callable[[Any], R]) -> Callable[[Any], tuple[R, ...]]:
    return lambda response: tuple(read(item) for item in fields.records(response))
