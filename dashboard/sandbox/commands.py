"""``flask --app app sandbox serve``: a PortOne on this PC, by itself."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import tempfile
import threading
import time
from pathlib import Path

import click
from flask.cli import AppGroup

from dashboard.sandbox.server import SandboxServer
from dashboard.sandbox.world import KINDS, ORDERS, fill

sandbox_cli = AppGroup("sandbox", help="A PortOne on this PC, for trying things out.")


@sandbox_cli.command("serve", with_appcontext=False)
@click.option("--port", default=0, show_default="a free one", type=click.IntRange(0, 65535))
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same shop.")
@click.option("--each", default=3, show_default=True, type=click.IntRange(0, 100_000),
              help="Untouched payments of each kind of the fixture.")  # fmt: skip
@click.option("--orders", type=click.IntRange(0, 5_000_000), show_default="420 and more",
              help="Payments of the shop in all, those of the fixture included.")  # fmt: skip
@click.option("--fixture", type=click.Path(dir_okay=False, path_type=Path),
              help="Write the payments of each kind into this JSON file.")  # fmt: skip
@click.option("--night", is_flag=True, help="Refuse virtual-account refunds 23:00-06:00 (K5).")
@click.option("--state", type=click.Path(dir_okay=False, path_type=Path),
              help="Keep the state in this file; else it ends with the command.")  # fmt: skip
@click.option("--control-token", help="Allow /_control with this X-Control-Token.")
def serve(
    port: int,
    seed: int,
    each: int,
    orders: int | None,
    fixture: Path | None,
    night: bool,
    state: Path | None,
    control_token: str | None,
) -> None:
    """Serve until stopped; prints ``sandbox ready: URL key=... secret=...`` when it answers."""
    if orders is None:  # a large fixture leaves room for the rest of the shop
        orders = ORDERS + len(KINDS) * each
    ended = _end_asked_for()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        path = state or Path(folder) / "sandbox.db"
        try:
            if not path.exists() or fixture:
                made = fill(path, seed=seed, orders=orders, each=each, now=int(time.time()))
                if fixture:
                    _write_whole(fixture, json.dumps(made, ensure_ascii=False, indent=2))
            server = SandboxServer(path, port=port, night=night, control_token=control_token)
        except (OSError, ValueError, sqlite3.Error) as error:
            raise click.ClickException(f"샌드박스를 시작할 수 없습니다. {error}") from error
        with server:
            click.echo(f"sandbox ready: {server.url} key={server.key} secret={server.secret}")
            while not ended.wait(0.5):  # in steps: on Windows a bare wait cannot be interrupted
                pass


def _write_whole(path: Path, content: str) -> None:
    """Nobody who sees the file sees half of it."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(content + "\n", "utf-8")
    os.replace(fresh, path)


def _end_asked_for() -> threading.Event:
    """Set by Ctrl-C and SIGTERM from now on: also while the shop is still being filled."""
    ended = threading.Event()
    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: ended.set())
    return ended
