"""Routes that work out how their address is built when it is first asked for.

Werkzeug compiles a function for each of two hundred routes as it is added; together they were a
good part of a start, and most of them are not needed by the first pages.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from flask import Flask
from werkzeug.routing import Rule


class LateRule(Rule):
    """Where Werkzeug no longer has this step, the rule is a plain one."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compile_now = super()._compile_builder

        @cache
        def compiled() -> Callable[..., tuple[str, str]]:
            return compile_now(append_unknown)

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            return compiled()(rule, **values)

        return build


def init_app(app: Flask) -> None:
    """Attach to the application, before its routes."""
    app.url_rule_class = LateRule
