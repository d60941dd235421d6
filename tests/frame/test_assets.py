"""Styles, scripts and icons come from this PC, once a year, and nothing inline."""

from __future__ import annotations

import re

import pytest

from dashboard.assets import ICONS, sprite
from dashboard.config import ROOT
from dashboard.words import STATES

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static").rglob("*.js"))
STYLESHEETS = sorted((ROOT / "static").rglob("*.css"))
_LITERAL = re.compile(r"""\bicon\(\s*["']([a-z0-9-]+)["']""")


def test_the_sprite_holds_the_icons_and_their_licence():
    text = sprite().decode()
    assert [*re.findall(r'<symbol id="([^"]+)"', text)] == list(ICONS)
    assert "MIT" in text and len(text) < 60_000


def test_icons_are_listed_in_order_and_once():
    assert list(ICONS) == sorted(set(ICONS))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_icon_of_a_template_is_in_the_sprite(path):
    assert set(_LITERAL.findall(path.read_text("utf-8"))) <= set(ICONS)


def test_the_sprite_carries_nothing_unused():
    sources = [*TEMPLATES, *(ROOT / "dashboard").rglob("*.py")]
    text = "\n".join(path.read_text("utf-8") for path in sources if path.name != "assets.py")
    words = set(re.findall(r"""["']([a-z0-9-]+)["']""", text))
    assert set(ICONS) - words == set()


def test_every_state_has_an_icon_of_its_own_shape():
    icons = [sign.icon for sign in STATES.values()]
    assert set(icons) <= set(ICONS) and len(set(icons)) == len(icons)


def test_assets_are_kept_for_a_year_and_only_under_their_hash(app):
    client = app.test_client()
    with app.app_context():
        url = app.jinja_env.globals["asset_url"]("css/tokens.css")
    answer = client.get(url)
    assert answer.mimetype == "text/css"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    old = client.get("/assets/0123456789abcdef/css/tokens.css")
    assert old.status_code == 200 and old.headers["Cache-Control"] == "no-cache"
    for outside in ("/assets/x/../config.py", "/assets/x/css/missing.css", "/assets/x/%2e%2e/a"):
        assert client.get(outside).status_code == 404


def test_an_unknown_asset_is_a_mistake_at_once(app):
    with pytest.raises(KeyError, match="css/none.css"):
        app.jinja_env.globals["asset_url"]("css/none.css")


_FORBIDDEN = {  # SEC-11, SEC-37
    "inline handler": re.compile(r"""\son[a-z]+\s*=\s*["']""", re.IGNORECASE),
    "inline style": re.compile(r"\sstyle\s*=|<style\b", re.IGNORECASE),
    "inline script": re.compile(r"<script(?![^>]*\ssrc=)", re.IGNORECASE),
    "safe filter": re.compile(r"\|\s*safe\b|autoescape\s+false"),
    "other host": re.compile(r"""(?:src|href|action)\s*=\s*["']\s*(?:https?:)?//"""),
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_templates_keep_to_the_content_security_policy(path):
    text = path.read_text("utf-8")
    assert [name for name, pattern in _FORBIDDEN.items() if pattern.search(text)] == []
    bare = re.sub(r"\{[{%#].*?[}%#]\}", "", text, flags=re.DOTALL)
    bare = re.sub(r'"[^"]*"', '""', bare)
    assert re.findall(r"<[a-z][^>]*?\s[a-z-]+=(?!\")[^>]*>", bare, re.IGNORECASE) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_write_no_html(path):
    text = path.read_text("utf-8")
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert word not in text


def test_no_source_writes_markup_past_the_escaping():
    for path in (ROOT / "dashboard").rglob("*.py"):
        text = path.read_text("utf-8")
        assert path.name == "i18n.py" or "Markup(" not in text, path  # see door/test_sources.py
        assert "render_template_string" not in text, path


@pytest.mark.parametrize("path", STYLESHEETS, ids=lambda path: path.name)
def test_stylesheets_load_nothing(path):
    text = path.read_text("utf-8")
    assert "url(" not in text and "@import" not in text
