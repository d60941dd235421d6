"""`python app.py`: start Jangbu on this PC and open the browser.

`flask --app app ...` offers the commands of the README through :func:`create_app`.
"""

from __future__ import annotations

import gc

if __name__ == "__main__":
    # What a start makes stays; looking for garbage among it took a tenth of the time to the first
    # page. The server looks again once it answers.
    gc.disable()

import argparse
import sys
from pathlib import Path
from typing import Any

from flask import Flask

import dashboard
from dashboard import server
from dashboard.config import Config
from dashboard.machine import speak_any_language
from dashboard.problems import CannotStart


def create_app() -> Flask:
    """The application for `flask --app app`; importing this module does nothing yet."""
    return dashboard.create_app(Config.from_environ())


def main(arguments: list[str] | None = None) -> int:
    """Start Jangbu; answers the exit code."""
    speak_any_language()
    chosen = _parser().parse_args(arguments)
    given: dict[str, Any] = {
        "host": chosen.host,
        "port": chosen.port,
        "public_port": chosen.public_port,
    }
    if chosen.instance is not None:
        given["instance"] = chosen.instance.expanduser().resolve()
    if chosen.practice:
        given["mode"] = "practice"
    try:
        server.run(
            Config.from_environ(**given),
            open_browser=not chosen.no_browser,
            say=lambda line: print(line, flush=True),  # noqa: T201 - the owner reads this
        )
    except CannotStart as problem:
        problem.show()
        return problem.exit_code
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python app.py", description="장부를 이 PC에서 시작합니다. Start Jangbu on this PC."
    )
    parser.add_argument("--port", type=int, default=5000, help="default 5000")
    parser.add_argument(
        "--host", default="127.0.0.1", help="this PC only: 127.0.0.1, localhost, ::1"
    )
    parser.add_argument(
        "--instance", type=Path, metavar="DIR", help="the shop's folder; default: instance/"
    )
    parser.add_argument(
        "--public-port", type=int, help="buyers' payment pages; default: the port after --port"
    )
    parser.add_argument("--no-browser", action="store_true", help="do not open the browser")
    parser.add_argument("--practice", action="store_true", help="open the practice shop")
    return parser


if __name__ == "__main__":
    sys.exit(main())
