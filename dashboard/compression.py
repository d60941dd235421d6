"""Fewer bytes on the wire: files once per build, pages only for our own pages.

A compressed page tells by its length whether typed text repeats something secret beside it, such as
the form token (BREACH). Whoever wants to measure that has to make the browser ask with a text of
their choice. So a page is compressed only where the browser says that the person or one of our own
pages asked (``Sec-Fetch-Site``); to everything else, and where it says nothing, it goes plain. The
buyers' pages, which a tunnel carries, are never compressed; files hold no secret.
"""

from __future__ import annotations

import gzip

import brotli
from flask import Flask, Request, Response, request

_ASKED_BY_US = frozenset({"same-origin", "none"})
_WORTH_IT = 1_000  # bytes


def init_app(app: Flask) -> None:
    """Attach to the application."""
    app.after_request(_compress_page)


def chosen(asking: Request) -> str:
    """``br``, ``gzip`` or "" for neither: what the browser understands."""
    return next((name for name in ("br", "gzip") if asking.accept_encodings[name]), "")


def pack(content: bytes, encoding: str, *, once: bool = False) -> bytes:
    """``content`` compressed.

    :param encoding: ``br`` or ``gzip``
    :param once: it is kept: worth more effort
    """
    if encoding == "br":
        packed: bytes = brotli.compress(content, quality=9 if once else 3)
        return packed
    return gzip.compress(content, 9 if once else 2, mtime=0)


def _compress_page(response: Response) -> Response:
    if response.mimetype != "text/html" or response.is_streamed or response.direct_passthrough:
        return response
    response.vary.update(("Accept-Encoding", "Sec-Fetch-Site"))
    encoding = chosen(request)
    if not encoding or request.headers.get("Sec-Fetch-Site") not in _ASKED_BY_US:
        return response
    content = response.get_data()
    if len(content) >= _WORTH_IT and "Content-Encoding" not in response.headers:
        response.set_data(pack(content, encoding))
        response.headers["Content-Encoding"] = encoding
    return response
