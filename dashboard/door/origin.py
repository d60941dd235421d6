"""Does what changes something come from one of our own pages? (SEC-05, SEC-06)

Asked besides the form token: another program on ``localhost:other-port`` is the same *site*, so
SameSite cookies reach us from its pages.
"""

from __future__ import annotations

from flask import abort, request

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LONGEST_TYPED = 500_000  # bytes of a form without files
_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


def check() -> None:
    """Refuse what a foreign page sends (403), a body that is no form (415) or too long (413)."""
    if request.method in SAFE_METHODS:
        return
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        abort(403)
    own = f"{request.scheme}://{request.environ['HTTP_HOST']}"  # the door has checked it
    if request.headers.get("Origin", own) != own:
        abort(403)
    # `text/plain` and its like can be sent by any page without asking first.
    if (request.content_length != 0 or request.content_type) and not _is_form():
        abort(415)
    # Werkzeug's own limit watches multipart only; the other kind is read in one piece.
    typed = request.mimetype == "application/x-www-form-urlencoded"
    if typed and (request.content_length or 0) > LONGEST_TYPED:
        abort(413)


def _is_form() -> bool:
    if request.content_length is None and not request.content_type:
        return True  # no body at all
    return request.mimetype in _FORMS or (not request.content_length and not request.content_type)
