"""The headers on every answer, whoever made it (SEC-08, SEC-09, SEC-10)."""

from __future__ import annotations

# `data:` is for the small pictures inside Bootstrap's stylesheet.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)

# With `no-referrer` a browser sends `Origin: null` on our own forms, and those would be refused.
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_OURS = frozenset(name.lower() for name in SECURITY_HEADERS)


def secure(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """``headers`` with ours in place of any of the same name.

    What does not ask to be cached (only static files do) is never kept by a browser, so the back
    button after sign-out shows nothing.
    """
    kept = [(name, value) for name, value in headers if name.lower() not in _OURS]
    if not any(name.lower() == "cache-control" for name, _ in kept):
        kept.append(("Cache-Control", "no-store"))
    return kept + list(SECURITY_HEADERS.items())
