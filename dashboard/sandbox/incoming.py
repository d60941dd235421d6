"""Reading what a caller sent: JSON or form, numbers as numbers or as text."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from flask import g, request
from werkzeug.datastructures import MultiDict

from dashboard.sandbox.envelope import Malformed

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?\Z", re.ASCII)
_KEY_PARTS = re.compile(r"\[([^\]]*)\]")


def fields() -> dict[str, Any]:
    """The body's fields.

    Source: portone-v1-api 1: bodies are JSON or form; nested objects of a form are written as
    ``logis[company]`` or as JSON text.

    :raise Malformed: the body is neither
    """
    if "fields" not in g:
        g.fields = _read()
    found: dict[str, Any] = g.fields
    return found


def _read() -> dict[str, Any]:
    if request.mimetype in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        return _nested(request.form)
    raw = request.get_data()
    if not raw.strip():
        return {}
    if not request.is_json and not raw.lstrip().startswith((b"{", b"[")):
        return _nested(MultiDict(parse_qsl(raw.decode("utf-8", "replace"))))
    try:
        found = json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Malformed("요청 본문이 올바른 JSON이 아닙니다.") from error
    if not isinstance(found, dict):
        raise Malformed("요청 본문은 JSON 객체여야 합니다.")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _nested(form: MultiDict[str, str]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, values in form.lists():
        head, _, rest = name.partition("[")
        parts = _KEY_PARTS.findall("[" + rest) if rest else []
        if not parts:
            made[name] = values[-1]
        elif parts[0] == "" or parts[0].isdigit():
            made.setdefault(head, []).extend(values)
        elif isinstance(inside := made.setdefault(head, {}), dict):
            inside[parts[0]] = values[-1]
    return made


def text(name: str, *, required: bool = False, longest: int | None = None) -> str:
    """A field as trimmed text; missing and null are empty.

    :param longest: the documented number of characters
    :raise Malformed: required and empty, longer than documented, or not text at all
    """
    value = fields().get(name)
    if isinstance(value, bool) or isinstance(value, (dict, list)):
        raise Malformed(f"{name} 값이 올바르지 않습니다.")
    found = "" if value is None else str(value).strip()
    if required and not found:
        raise Malformed(f"필수 파라미터가 누락되었습니다: {name}")
    if longest is not None and len(found) > longest:
        raise Malformed(f"{name}은(는) 최대 {longest}자입니다.")
    return found


def choice(
    name: str, allowed: tuple[str, ...], *, default: str = "", required: bool = False
) -> str:
    """A field that must be one of ``allowed``.

    :raise Malformed: something else, or required and missing
    """
    found = text(name, required=required) or default
    if found and found not in allowed:
        raise Malformed(f"{name} 값이 올바르지 않습니다: {', '.join(allowed)} 중 하나여야 합니다.")
    return found


def number(value: Any, name: str) -> Decimal | None:
    """A number or numeric text; None when missing, null or empty text.

    :raise Malformed: anything else, ``true`` and ``"1,000"`` included
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise Malformed(f"{name}은(는) 숫자여야 합니다.")
    written = format(Decimal(repr(value)), "f") if isinstance(value, float) else str(value).strip()
    if not _NUMBER.match(written) or len(written) > 20:
        raise Malformed(f"{name}은(는) 숫자여야 합니다.")
    return Decimal(written)


def minor(name: str, currency: str = "KRW") -> int | None:
    """An amount in the currency's smallest unit (won, cents), or None when missing.

    :raise Malformed: not a number, negative, or finer than the currency
    """
    found = number(fields().get(name), name)
    if found is None:
        return None
    scaled = found * (1 if currency == "KRW" else 100)
    if scaled != int(scaled) or scaled < 0:
        raise Malformed(f"{name} 금액이 올바르지 않습니다.")
    return int(scaled)


def whole(name: str) -> int | None:
    """A whole number, or None when missing.

    :raise Malformed: not a number, or a fraction
    """
    found = number(fields().get(name), name)
    if found is not None and found != int(found):
        raise Malformed(f"{name}은(는) 정수여야 합니다.")
    return None if found is None else int(found)


def unix_seconds(value: Any, name: str) -> int:
    """A moment in UNIX seconds: ten digits. Source: K36, K45.

    :raise Malformed: missing, milliseconds, or another way to write a time
    """
    try:
        found = number(value, name)
    except Malformed as error:
        raise Malformed(f"{name}은(는) UNIX timestamp(초)여야 합니다.") from error
    if found is None:
        raise Malformed(f"필수 파라미터가 누락되었습니다: {name}")
    if found != int(found) or len(str(int(found))) != 10:
        raise Malformed(f"{name}은(는) UNIX timestamp(초, 10자리)여야 합니다.")
    return int(found)


def query_int(name: str, default: int, *, least: int, most: int | None = None) -> int:
    """A whole number of the query string.

    :raise Malformed: not a number or outside ``least`` to ``most``
    """
    written = request.args.get(name, "").strip()
    if not written:
        return default
    if not re.fullmatch(r"-?\d{1,15}", written, re.ASCII):
        raise Malformed(f"{name} 값이 올바르지 않습니다.")
    found = int(written)
    if found < least or (most is not None and found > most):
        raise Malformed(f"{name} 값이 허용 범위를 벗어났습니다.")
    return found
