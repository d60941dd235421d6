"""What must never stand in the source: doors that text could walk through (SEC-37, SEC-47)."""

import ast
import re

import pytest

from dashboard.config import ROOT

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static").rglob("*.js"))
MODULES = [ROOT / "app.py", *sorted((ROOT / "dashboard").rglob("*.py"))]

IN_TEMPLATES = {
    "the safe filter": r"\|\s*safe\b",
    "autoescape switched off": r"autoescape\s*(?:%\}|false)",
    "Markup": r"\bMarkup\b",
    "an inline handler": r"<[^>]*\son[a-z]+\s*=",
    "an inline style": r"<[^>]*\sstyle\s*=|<style\b",
    "an inline script": r"<script(?![^>]*\ssrc=)",
    "an unquoted attribute": r"=\{\{",
    "a javascript: address": r"javascript:",
    "an address elsewhere": r"(?:src|href|action)=[\"'](?:https?:)?//",
    "a frame": r"<(?:iframe|object|embed|base)\b",
    "a window that knows its opener": r'<a\b(?![^>]*noopener)[^>]*target="_blank"',
}
IN_SCRIPTS = {
    "HTML from text": r"\b(?:innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment)\b",
    "document.write": r"document\.write",
    "code from text": r"\beval\(|new Function\(|set(?:Timeout|Interval)\(\s*[\"'`]",
    "a handler as an attribute": r"setAttribute\(\s*[\"']on",
    "a style as an attribute": r"setAttribute\(\s*[\"']style",
    "an address elsewhere": r"[\"'`]https?://",
    "a place others can read": r"\b(?:localStorage|sessionStorage|postMessage)\b",
    "Korean text": r"[\uac00-\ud7a3]",
}
IN_MODULES = {
    "Markup": r"\bMarkup\(",
    "TLS switched off": r"verify\s*=\s*False|CERT_NONE|_create_unverified_context",
    "the debugger": r"debug\s*=\s*True|use_reloader\s*=\s*True|use_debugger\s*=\s*True",
    "a template from text": r"render_template_string|Environment\(|from_string\(",
    "pickle": r"\b(?:pickle|marshal|shelve)\b",
    "a shell": r"shell\s*=\s*True|os\.system|os\.popen",
    "a remembered sign-in": r"remember\s*=\s*True",
    "an exempt form": r"\bexempt\(|WTF_CSRF_ENABLED|WTF_CSRF_CHECK_DEFAULT",
    "printed secrets": r"(?:log|logger|_log)\.\w+\([^)]*(?:password|imp_secret|access_token)\b",
}


TEXTS_OF_OUR_OWN = re.compile(r"dashboard/i18n\.py:\d+: Markup: ")
"""Where `_()` of templates makes markup of our own catalogue; what it puts in is escaped."""


def found(paths, patterns):
    for path in paths:
        text = path.read_text("utf-8")
        if path.suffix == ".html":
            text = re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)
        if path.suffix == ".js":
            text = re.sub(r"^\s*//.*$|/\*.*?\*/", "", text, flags=re.MULTILINE | re.DOTALL)
        for what, pattern in patterns.items():
            for hit in re.finditer(pattern, text):
                line = text[: hit.start()].count("\n") + 1
                yield f"{path.relative_to(ROOT)}:{line}: {what}: {hit[0]!r}"


@pytest.mark.parametrize(
    ("paths", "patterns"),
    [(TEMPLATES, IN_TEMPLATES), (SCRIPTS, IN_SCRIPTS), (MODULES, IN_MODULES)],
    ids=["templates", "scripts", "modules"],
)
def test_no_door_for_text(paths, patterns):
    assert paths
    assert [hit for hit in found(paths, patterns) if not TEXTS_OF_OUR_OWN.match(hit)] == []


def test_templates_translate_nothing_but_their_own_words():
    """What ``_()`` answers in a template is markup: it must never be given somebody's text."""
    for path in TEMPLATES:
        text = re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.DOTALL)
        assert re.findall(r"(?<![\w.])_\(\s*(?![\"'])[^)]*", text) == [], path


def test_the_patterns_find_what_they_are_for():
    evil = {
        "the safe filter": "{{ name | safe }}",
        "an inline handler": '<a href="/" onclick="x()">',
        "an inline style": '<p class="a" style="color: red">',
        "an inline script": "<script>x()</script>",
        "an unquoted attribute": "<a href={{ url }}>",
        "an address elsewhere": '<img src="//evil.com/x.png">',
        "a window that knows its opener": '<a href="/x" target="_blank">',
    }
    for what, text in evil.items():
        assert re.search(IN_TEMPLATES[what], text), what
    assert not re.search(
        IN_TEMPLATES["a window that knows its opener"], '<a target="_blank" rel="noopener">'
    )


def test_sql_is_put_together_from_constants_only():
    """SEC-38: no value is ever formatted into a statement; where names are, the line says why."""
    loose = []
    for path in MODULES:
        text = path.read_text("utf-8")
        lines = text.splitlines()
        for node in ast.walk(ast.parse(text)):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if node.func.attr not in {"execute", "executemany", "executescript", "query"}:
                continue
            if node.args and isinstance(node.args[0], (ast.JoinedStr, ast.BinOp)):
                span = "\n".join(lines[node.lineno - 1 : (node.end_lineno or node.lineno)])
                if "S608" not in span and not only_constants(node.args[0]):
                    loose.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert loose == []


def only_constants(node):
    """Whether a put-together text consists of literals and names in capitals."""
    if isinstance(node, ast.BinOp):
        return only_constants(node.left) and only_constants(node.right)
    if isinstance(node, ast.JoinedStr):
        return all(only_constants(part) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return only_constants(node.value)
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id.isupper())
