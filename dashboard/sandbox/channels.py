"""Channels (MIDs) and code tables. Source: portone-v1-api 10, reference/data."""

from __future__ import annotations

import json
import sqlite3
from functools import cache
from pathlib import Path

from flask import Blueprint, Response

from dashboard.sandbox.envelope import NotThere, answer
from dashboard.sandbox.store import get_db

blueprint = Blueprint("channels", __name__)

_TABLES = Path(__file__).resolve().parent.parent / "codes"


@blueprint.get("/users/pg")
def channels() -> Response:
    rows = get_db().execute("SELECT * FROM channels ORDER BY rowid").fetchall()
    return answer(
        [
            {
                "pg_provider": row["pg_provider"],
                "pg_id": row["pg_id"],
                "sandbox": bool(row["sandbox"]),
                "type": row["type"],
                "channel_name": row["channel_name"],
                "channel_key": row["channel_key"],
            }
            for row in rows
        ]
    )


def find_channel(db: sqlite3.Connection, channel_key: str) -> sqlite3.Row | None:
    found: sqlite3.Row | None = db.execute(
        "SELECT * FROM channels WHERE channel_key = ?", (channel_key,)
    ).fetchone()
    return found


@cache
def banks() -> dict[str, str]:
    """Institution codes and names, securities houses included."""
    table = json.loads((_TABLES / "bank-codes.json").read_text("utf-8"))
    return {each["code"]: each["ko"] for each in table["banks"] + table["securities"]}


@cache
def cards() -> dict[str, str]:
    """Card company codes and the names PortOne prints."""
    table = json.loads((_TABLES / "card-codes.json").read_text("utf-8"))
    return {each["code"]: each["ko"] for each in table["domestic"] + table["overseas"]}


@cache
def couriers() -> dict[str, str]:
    table = json.loads((_TABLES / "courier-codes.json").read_text("utf-8"))
    return {each["code"]: each["ko"] for each in table["couriers"]}


@blueprint.get("/banks")
def all_banks() -> Response:
    return answer(_listed(banks()))


@blueprint.get("/banks/<code>")
def one_bank(code: str) -> Response:
    return answer(_named(banks(), code, "코드에 해당되는 은행정보를 찾을 수 없습니다."))


@blueprint.get("/cards")
def all_cards() -> Response:
    return answer(_listed(cards()))


@blueprint.get("/cards/<code>")
def one_card(code: str) -> Response:
    return answer(_named(cards(), code, "코드에 해당되는 카드사정보를 찾을 수 없습니다."))


def _listed(table: dict[str, str]) -> list[dict[str, str]]:
    return [{"code": code, "name": name} for code, name in table.items()]


def _named(table: dict[str, str], code: str, missing: str) -> dict[str, str]:
    if code not in table:
        raise NotThere(missing)
    return {"code": code, "name": table[code]}
