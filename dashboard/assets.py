"""Styles, scripts and icons: Bootstrap's local files, content hashes, the icon sprite.

Everything is read once at start and served from memory under ``/assets/<build>/``, where ``build``
is one hash over all of it: pages may keep the files for a year, and the modules a script imports
by relative path belong to the same build as the script.
"""

from __future__ import annotations

import hashlib
import mimetypes
import re
from collections.abc import Callable
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path

from flask import Flask, Response, abort, current_app, request

from dashboard.accounts.permissions import public
from dashboard.compression import chosen, pack
from dashboard.config import ROOT

STYLES = (
    "bootstrap/bootstrap.min.css",
    "css/tokens.css",
    "css/base.css",
    "css/pieces.css",
    "css/frame.css",
    "css/orders.css",
    "css/order.css",
    "css/first-run.css",
    "css/refunds.css",
    "css/gateway.css",
    "css/receipts-list.css",
    "css/requests.css",
    "css/help.css",
    "css/hands.css",
    "css/print.css",
)
"""In the order in which pages load them."""

ICONS = (
    "arrow-clockwise",
    "arrow-counterclockwise",
    "arrow-repeat",
    "bank",
    "bookmark",
    "box-arrow-right",
    "box-arrow-up-right",
    "cart",
    "check",
    "check-circle-fill",
    "check-lg",
    "chevron-down",
    "chevron-left",
    "chevron-right",
    "chevron-up",
    "circle",
    "circle-half",
    "clock-history",
    "copy",
    "dash-circle-fill",
    "exclamation-circle-fill",
    "exclamation-triangle-fill",
    "eye",
    "file-earmark-check",
    "file-earmark-spreadsheet",
    "funnel",
    "gear",
    "globe",
    "hdd",
    "hourglass-split",
    "info-circle",
    "journal-text",
    "key",
    "layout-three-columns",
    "list-check",
    "lock",
    "moon",
    "mortarboard-fill",
    "pencil",
    "people",
    "person",
    "phone",
    "plus-lg",
    "printer",
    "question-circle",
    "receipt",
    "search",
    "shop",
    "signpost",
    "slash-circle",
    "sun",
    "three-dots",
    "three-dots-vertical",
    "truck",
    "upload",
    "wifi-off",
    "x-circle-fill",
    "x-lg",
)
"""The icons in use; :func:`sprite` ships these and no others."""

_LICENCE = "<!-- Bootstrap Icons, copyright The Bootstrap Authors, MIT licence -->"
_SYMBOL = re.compile(r'<symbol[^>]* viewBox="([^"]+)" id="([^"]+)">(.*?)</symbol>', re.DOTALL)
_YEAR_S = 31_536_000
_TEXTS = frozenset({".css", ".js", ".svg", ".html"})


class Assets:
    """All files of one build, in memory."""

    def __init__(self, folder: Path) -> None:
        self.files = dict(_bootstrap()) | {"icons.svg": sprite()}
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                self.files[path.relative_to(folder).as_posix()] = path.read_bytes()
        digest = hashlib.sha256()
        for name in sorted(self.files):
            digest.update(f"{name}\0{len(self.files[name])}\0".encode() + self.files[name])
        self.build = digest.hexdigest()[:16]
        self._packed: dict[tuple[str, str], bytes] = {}

    def packed(self, path: str, encoding: str) -> bytes:
        """A file compressed, or as it is where that gains nothing; worked out when first asked for.

        :param encoding: ``br``, ``gzip``, or "" for none
        """
        plain = self.files[path]
        if not encoding or Path(path).suffix not in _TEXTS:
            return plain
        if (path, encoding) not in self._packed:
            self._packed[path, encoding] = min(pack(plain, encoding, once=True), plain, key=len)
        return self._packed[path, encoding]

    def url(self, path: str) -> str:
        """Where ``path`` (``css/base.css``, ``js/main.js``, ``icons.svg``) is served.

        :raise KeyError: there is no such file
        """
        if path not in self.files:
            raise KeyError(f"no such asset: {path}")
        return f"/assets/{self.build}/{path}"


def kept(macro: Callable[..., str]) -> Callable[..., str]:
    """A macro that draws the same values once for as long as Jangbu runs.

    Only for what follows from the values alone, whoever asks: an icon; a menu in a language that is
    among the values.
    """
    return lru_cache(maxsize=512, typed=True)(macro)


def init_app(app: Flask) -> None:
    """Attach to the application."""
    assets = app.extensions["jangbu-assets"] = Assets(ROOT / "static")
    app.jinja_env.globals["asset_url"] = assets.url
    app.jinja_env.globals["stylesheets"] = STYLES
    app.jinja_env.globals["kept"] = kept
    app.add_url_rule("/assets/<build>/<path:path>", "assets", _serve)


@public
def _serve(build: str, path: str) -> Response:
    return answer(current_app.extensions["jangbu-assets"], build, path)


def answer(assets: Assets, build: str, path: str) -> Response:
    """One file, for a year when the page that names it is of this build."""
    if path not in assets.files:
        abort(404)
    encoding = chosen(request)
    content = assets.packed(path, encoding)
    if content is assets.files[path]:
        encoding = ""
    mimetype = mimetypes.types_map.get(Path(path).suffix, "application/octet-stream")
    response = Response(content, mimetype=_MIMETYPES.get(Path(path).suffix, mimetype))
    response.vary.add("Accept-Encoding")
    if encoding:
        response.headers["Content-Encoding"] = encoding
    response.set_etag(f"{assets.build}-{encoding}" if encoding else assets.build)
    if build == assets.build:
        response.cache_control.public = True
        response.cache_control.max_age = _YEAR_S
        response.cache_control.immutable = True
    else:  # a page from before an update: today's file, but not for a year
        response.cache_control.no_cache = True
    response.make_conditional(request)
    return response


# Windows takes its types from the registry, where .js may be text/plain: nosniff would block it.
_MIMETYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}


@cache
def _bootstrap() -> tuple[tuple[str, bytes], ...]:
    """The files of Bootstrap 5 that pages use, as Bootstrap-Flask ships them."""
    found = files("flask_bootstrap") / "static" / "bootstrap5"
    return (("bootstrap/bootstrap.min.css", (found / "css/bootstrap.min.css").read_bytes()),)


@cache
def sprite() -> bytes:
    """One SVG with the icons in use, cut from the complete file (1.1 MB) of Bootstrap-Flask.

    :raise KeyError: an icon in use is not in the installed file
    """
    source = files("flask_bootstrap") / "static" / "bootstrap5" / "icons" / "bootstrap-icons.svg"
    symbols = {
        name: f'<symbol id="{name}" viewBox="{box}">{paths}</symbol>'
        for box, name, paths in _SYMBOL.findall(source.read_text("utf-8"))
    }
    lines = (_LICENCE, *(symbols[name] for name in ICONS))
    text = '<svg xmlns="http://www.w3.org/2000/svg">' + "\n".join(lines) + "</svg>\n"
    return text.encode()
