"""Walks the imports and says so when a wall falls (README, Architecture)."""

from __future__ import annotations

import ast
import tomllib
from functools import cache
from pathlib import Path

import click
import pytest

from dashboard.version import VERSION

ROOT = Path(__file__).resolve().parents[1]
FEATURES = ("accounts", "orders", "refunds", "receipts", "checkout", "sync", "reports", "setup")
FLASK = ("flask", "flask_babel", "flask_login", "flask_wtf", "wtforms", "werkzeug")
EFFECTS = (*FLASK, "requests", "sqlite_utils", "sqlite3", "socket", "subprocess")


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in sorted((ROOT / "dashboard").rglob("*.py"))}


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text("utf-8"))


def imports(module: str, *, at_start_only: bool = False) -> set[str]:
    """What the module imports; ``from dashboard import settings`` means ``dashboard.settings``."""
    found: set[str] = set()
    for node in statements(tree(module), at_start_only):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in MODULES else node.module)
    return found


def statements(node: ast.AST, at_start_only: bool):
    for child in ast.iter_child_nodes(node):
        if at_start_only and isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if at_start_only and isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            continue
        yield child
        yield from statements(child, at_start_only)


def within(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


def fallen(modules, forbidden) -> list[str]:
    return [
        f"{module} imports {name}"
        for module in modules
        for name in sorted(imports(module))
        if forbidden(module, name)
    ]


def test_the_walk_sees_imports():
    assert "dashboard.database" in imports("dashboard.setup.service")
    assert len(MODULES) > 30


def test_pure_modules_have_no_effects():
    names = ("ksnet", "money", "banks", "orders.states", "orders.search_index")
    names += ("orders.query", "orders.amount_words", "orders.date_words")
    of_refunds = ("amounts", "advice", "bars", "number_words", "policy")
    names += tuple(f"refunds.{name}" for name in of_refunds)
    pure = [name for name in MODULES if within(name, *(f"dashboard.{one}" for one in names))]
    pure += [name for name in MODULES if name.endswith(".rules")]
    pure = [name for name in pure if not within(name, "dashboard.sandbox")]
    assert fallen(pure, lambda _module, name: within(name, *EFFECTS)) == []
    stateful = ("dashboard.database", "dashboard.runtime", "dashboard.instance")
    assert fallen(pure, lambda _module, name: within(name, *stateful)) == []


def test_the_client_knows_nothing_of_the_shop():
    client = [name for name in MODULES if within(name, "dashboard.portone")]

    def forbidden(_module: str, name: str) -> bool:
        foreign = within(name, "dashboard") and not within(name, "dashboard.portone")
        return foreign or within(name, *FLASK, "sqlite_utils", "sqlite3")

    assert fallen(client, forbidden) == []


def test_the_sandbox_can_disagree_with_us():
    sandbox = [name for name in MODULES if within(name, "dashboard.sandbox")]

    def forbidden(_module: str, name: str) -> bool:
        return within(name, "dashboard") and not within(name, "dashboard.sandbox")

    assert fallen(sandbox, forbidden) == []


def test_only_practice_and_commands_import_the_sandbox():
    others = [
        name
        for name in MODULES
        if not within(name, "dashboard.sandbox", "dashboard.practice", "dashboard.commands")
    ]
    assert fallen(others, lambda _module, name: within(name, "dashboard.sandbox")) == []


def test_features_keep_their_stores_to_themselves():
    def forbidden(module: str, name: str) -> bool:
        for feature in FEATURES:
            if within(name, f"dashboard.{feature}.store"):
                return not within(module, f"dashboard.{feature}")
        return False

    of_features = [
        name for name in MODULES if within(name, *(f"dashboard.{one}" for one in FEATURES))
    ]
    assert fallen(of_features, forbidden) == []


def test_views_leave_sql_and_http_to_others():
    views = [name for name in MODULES if name.endswith("views") and "sandbox" not in name]
    assert len(views) >= 5
    assert fallen(views, lambda _module, name: within(name, "requests", "sqlite_utils")) == []


@pytest.mark.parametrize("module", sorted(MODULES))
def test_only_one_module_opens_the_database(module):
    if module == "dashboard.database" or within(module, "dashboard.sandbox"):
        return
    calls = [
        node
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Attribute)
        and node.attr == "connect"
        and isinstance(node.value, ast.Name)
        and node.value.id == "sqlite3"
    ]
    assert calls == []


def test_no_circles():
    graph = {
        module: {name for name in imports(module, at_start_only=True) if name in MODULES}
        for module in MODULES
    }
    seen: dict[str, int] = {}  # 1: being walked, 2: done
    circles: list[str] = []

    def walk(module: str, way: list[str]) -> None:
        if seen.get(module) == 1:
            circles.append(" -> ".join([*way[way.index(module) :], module]))
        if module in seen:
            return
        seen[module] = 1
        for name in sorted(graph[module]):
            walk(name, [*way, module])
        seen[module] = 2

    for module in sorted(graph):
        walk(module, [])
    assert circles == []


def test_every_command_is_documented(app):
    readme = (ROOT / "README.md").read_text("utf-8")

    def walk(group: click.Group, way: str):
        for name, command in group.commands.items():
            if isinstance(command, click.Group):
                yield from walk(command, f"{way} {name}")
            else:
                yield f"{way} {name}"

    missing = [way for way in walk(app.cli, "flask --app app") if f"`{way}" not in readme]
    assert missing == []


def test_every_start_option_is_documented():
    from app import _parser

    readme = (ROOT / "README.md").read_text("utf-8")
    options = {text for action in _parser()._actions for text in action.option_strings}
    assert [text for text in options - {"-h", "--help"} if f"| `{text}` |" not in readme] == []


def test_one_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == VERSION


def test_what_moves_money_is_measured_whole():
    """A file that was renamed would drop out of the list, and a pragma out of the count."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    for pattern in project["tool"]["coverage"]["run"]["include"]:
        found = list(ROOT.glob(pattern))
        assert found, pattern
        for path in found:
            assert path.is_dir() or "pragma: no cover" not in path.read_text("utf-8"), path
    command = (ROOT / ".ci" / "run").read_text("utf-8")
    assert "--cov --cov-fail-under=100" in command
