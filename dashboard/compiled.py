"""Compiled templates beside the templates, where Python keeps compiled modules, too: the first page
after a start would wait for them. Without a place to write, each start compiles them again.
"""

from __future__ import annotations

import sys
from contextlib import suppress

import jinja2
from flask import Flask
from jinja2.bccache import Bucket

from dashboard.config import ROOT

_FOLDER = ROOT / "templates" / "__pycache__"


class _Cache(jinja2.FileSystemBytecodeCache):
    """A full disk, a damaged file or somebody else's folder is no reason for a page to fail."""

    def load_bytecode(self, bucket: Bucket) -> None:
        try:
            super().load_bytecode(bucket)
        except Exception:  # whatever a damaged file makes of unpickling
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)


def init_app(app: Flask) -> None:
    """Attach to the application; Python's own switch against compiled modules counts here, too."""
    if sys.dont_write_bytecode:
        return
    with suppress(OSError):
        _FOLDER.mkdir(exist_ok=True)
        app.jinja_env.bytecode_cache = _Cache(str(_FOLDER), f"%s.jinja-{jinja2.__version__}.cache")
