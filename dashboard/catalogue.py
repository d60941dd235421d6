"""``flask --app app messages …``: the English catalogue, from the sources to the compiled file."""

from __future__ import annotations

import io
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from flask.cli import AppGroup

from dashboard.config import ROOT

ENGLISH = ROOT / "dashboard" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
_HEADER = "# English texts of Jangbu. The Korean text is the message id.\n"
_HEADERS = [
    ("Language", "en"),
    ("Content-Type", "text/plain; charset=utf-8"),
    ("Plural-Forms", "nplurals=2; plural=(n != 1);"),
]

messages = AppGroup("messages", help="The English texts: collect, compile, check.")


@messages.command("update")
def update() -> None:
    """Collect every text of the sources into the .po file."""
    catalog = read()
    catalog.update(collect(), no_fuzzy_matching=True, update_header_comment=False)
    catalog.obsolete.clear()
    ENGLISH.parent.mkdir(parents=True, exist_ok=True)
    ENGLISH.write_bytes(as_po(catalog))
    click.echo(f"{len(catalog)} texts, {len(missing(catalog))} without English")


@messages.command("compile")
def compile_() -> None:
    """Write the .mo file that the pages read."""
    ENGLISH.with_suffix(".mo").write_bytes(as_mo(read()))


@messages.command("check")
def check() -> None:
    """Exit with 1 when a text has no English or a file is behind the sources."""
    if found := list(problems()):
        raise click.ClickException("\n".join(found))
    click.echo("every text has its English")


def problems(path: Path = ENGLISH) -> Iterator[str]:
    """What is wrong with the catalogue, one sentence each."""
    catalog, wanted = read(path), collect()
    for message in wanted:
        if message.id and message.id not in catalog:
            yield f"not in the catalogue, run `messages update`: {message.id!r}"
    for message in catalog:
        if message.id and message.id not in wanted:
            yield f"no longer used, run `messages update`: {message.id!r}"
    for id_ in missing(catalog):
        yield f"no English text: {id_!r}"
    for message in catalog:
        for error in message.check(catalog):
            yield f"{message.id!r}: {error}"
    mo = path.with_suffix(".mo")
    if not mo.exists() or mo.read_bytes() != as_mo(catalog):
        yield "the compiled file is behind, run `messages compile`"


def collect(root: Path = ROOT) -> Catalog:
    """Every text of ``dashboard/`` and ``templates/``, as ``[tool.babel]`` in pyproject says."""
    options = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["babel"]
    methods = [
        (pattern, entry["method"]) for entry in options["mappings"] for pattern in entry["pattern"]
    ]
    keywords = DEFAULT_KEYWORDS | dict.fromkeys(options["keywords"])
    catalog = Catalog()
    for _file, _line, id_, comments, context in extract_from_dir(
        root, methods, keywords=keywords, comment_tags=("i18n:",), strip_comment_tags=True
    ):
        catalog.add(id_, None, auto_comments=comments, context=context)
    return catalog


def missing(catalog: Catalog) -> list[str]:
    """The texts that have no English."""
    return [
        str(message.id)
        for message in catalog
        if message.id
        and not all(
            message.string if isinstance(message.string, tuple | list) else [message.string]
        )
    ]


def read(path: Path = ENGLISH) -> Catalog:
    if not path.exists():
        return Catalog(locale="en")
    with path.open("rb") as file:
        return read_po(file, locale="en")


def as_po(catalog: Catalog) -> bytes:
    """Sorted, without line numbers and dates: a change of the file is a change of a text."""
    content = io.BytesIO()
    write_po(content, catalog, width=100, sort_output=True, no_location=True, omit_header=True)
    lines = "".join(f'"{name}: {value}\\n"\n' for name, value in _HEADERS)
    head = f'{_HEADER}msgid ""\nmsgstr ""\n{lines}\n'
    return head.encode() + content.getvalue()


class _Timeless(Catalog):
    """Without the date and the version of Babel that a catalogue otherwise carries."""

    mime_headers = property(lambda _self: _HEADERS)


def as_mo(catalog: Catalog) -> bytes:
    """The same texts make the same bytes, whoever compiles them and when."""
    compiled = _Timeless(locale="en")
    for message in catalog:
        if message.id:
            compiled[message.id] = message
    content = io.BytesIO()
    write_mo(content, compiled)
    return content.getvalue()
