"""The rules between rooms that no type checker sees: direction of imports, where Cypher and left and right may stand, docstrings."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("graph", "ingest", "api", "web")

# What a room may import besides itself.
ALLOWED = {"graph": set(), "ingest": {"graph"}, "api": {"graph"}, "web": {"api", "graph"}}
# Modules that put the rooms together, and so know one more.
COMPOSITION = {"api/cli*.py": {"ingest"}, "api/cli_documents.py": {"web"}, "api/up.py": {"ingest"}, "api/app.py": {"web"}}
# Of graph, pages see values alone: no connection, no Cypher, no ranking.
VALUES = {
    "cells",
    "errors",
    "language",
    "matching.parameters",
    "matching.result",
    "measures",
    "message",
    "model",
    "settings",
    "viewer",
    "vocabulary",
}

CYPHER = re.compile(r"\b(?:MATCH|MERGE|CREATE|DETACH DELETE)\s*(?:\(|\w+\s*=\s*\()|\bUNWIND\s+\$\w|-\[\w*:\w+")
PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:scroll-)?(?:margin|padding)-(?:left|right)|border-(?:left|right)|border-(?:top|bottom)-(?:left|right)-radius|left|right)"
    r"(?:-(?:width|style|color))?\s*:|(?<![\w-])(?:text-align|float|clear)\s*:\s*(?:left|right)\b"
)
CYPHER_WORDS = re.compile(r"\b(?:MATCH|MERGE|CREATE|SET|WHERE|RETURN|UNWIND)\b")


def modules(*rooms: str) -> list[Path]:
    return sorted(path for room in rooms for path in (ROOT / room).rglob("*.py") if "node_modules" not in path.parts)


def files(room: str, *endings: str) -> list[Path]:
    return sorted(p for p in (ROOT / room).rglob("*") if p.suffix in endings and not {"node_modules", "dist"} & set(p.parts))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything a module imports, at its top or inside a function."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def texts(module: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def may_import(path: str, room: str) -> bool:
    own = path.partition("/")[0]
    extra = {known for pattern, rooms in COMPOSITION.items() if fnmatch(path, pattern) for known in rooms}
    return room == own or room in ALLOWED[own] | extra


def test_imports_run_one_way() -> None:
    wrong = [
        f"{name(path)}:{line} imports {target}"
        for path in modules(*ROOMS)
        for line, target in imports(tree(path))
        if (room := target.partition(".")[0]) in (*ROOMS, "tests") and not (room != "tests" and may_import(name(path), room))
    ]
    assert wrong == [], "web → api → graph ← ingest; tests are imported by nobody"


def test_relative_imports_are_not_used() -> None:
    wrong = [
        f"{name(path)}:{node.lineno}"
        for path in modules(*ROOMS, "tests")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert wrong == [], "a full name tells the room"


def test_pages_see_values_of_the_graph_alone() -> None:
    wrong = [
        f"{name(path)}:{line} imports {target}"
        for path in modules("web")
        for line, target in imports(tree(path))
        if target.startswith("graph.") and not any(f"{target}.".startswith(f"graph.{value}.") for value in VALUES)
    ]
    assert wrong == [], "a page asks GraphQL; only these modules of graph are plain values: " + ", ".join(sorted(VALUES))


@pytest.mark.parametrize("room", ["ingest", "api", "web"])
def test_cypher_stays_in_graph(room: str) -> None:
    wrong = [f"{name(path)}:{line} {text[:60]!r}" for path in modules(room) for line, text in texts(tree(path)) if CYPHER.search(text)]
    wrong += [name(path) for path in files(room, ".html", ".graphql", ".ts", ".js") if CYPHER.search(path.read_text(encoding="utf-8"))]
    assert wrong == [], "write a function in graph/ that returns the query, and call it"


def test_no_value_is_written_into_cypher() -> None:
    wrong = [
        f"{name(path)}:{node.lineno}"
        for path in modules("graph")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.JoinedStr) and quotes_a_value(node)
    ]
    assert wrong == [], "values are parameters: $name instead of '{name}'"


def quotes_a_value(node: ast.JoinedStr) -> bool:
    """Whether an f-string with Cypher puts something between quotes, which only a value would need. Names of our own indexes are none."""
    fixed = "".join(part.value for part in node.values if isinstance(part, ast.Constant) and isinstance(part.value, str))
    if len(set(CYPHER_WORDS.findall(fixed))) < 2:
        return False
    return any(
        isinstance(before, ast.Constant)
        and isinstance(value, ast.FormattedValue)
        and str(before.value).endswith(("'", '"'))
        and not str(before.value).endswith("queryNodes('")
        for before, value in zip(node.values, node.values[1:], strict=False)
    )


def test_pages_know_no_left_and_right() -> None:
    wrong = []
    for path in files("web", ".css", ".html"):
        text = re.sub(r"/\*.*?\*/", lambda found: "\n" * found[0].count("\n"), path.read_text(encoding="utf-8"), flags=re.DOTALL)
        wrong += [f"{name(path)}:{text.count(chr(10), 0, found.start()) + 1} {found[0]}" for found in PHYSICAL.finditer(text)]
    assert wrong == [], "Arabic runs from right to left: use the logical properties, such as margin-inline-start"


def test_modules_open_with_a_short_docstring() -> None:
    wrong = []
    for path in modules(*ROOMS, "tests"):
        module = tree(path)
        if not module.body:
            continue
        said = [line for line in (ast.get_docstring(module) or "").splitlines() if line.strip()]
        if not 1 <= len(said) <= 4:
            wrong.append(f"{name(path)}: {len(said)} lines")
    assert wrong == [], "one to four lines: what the module is for, what it must not know"


@pytest.mark.parametrize(
    ("path", "room", "allowed"),
    [
        ("web/app.py", "api", True),
        ("web/app.py", "ingest", False),
        ("api/needs.py", "graph", True),
        ("api/needs.py", "web", False),
        ("api/needs.py", "ingest", False),
        ("api/cli_db.py", "ingest", True),
        ("api/cli_db.py", "web", False),
        ("api/app.py", "web", True),
        ("ingest/tables.py", "api", False),
        ("graph/model.py", "ingest", False),
        ("graph/model.py", "graph", True),
    ],
)
def test_the_direction_is_told_right(path: str, room: str, allowed: bool) -> None:
    assert may_import(path, room) is allowed


@pytest.mark.parametrize(
    "text", ["MATCH (n) RETURN n", "MERGE (a:Country {id: $id})", "MATCH p = (a)--(b)", "(a)-[:FUNDS]->(b)", "UNWIND $rows AS row"]
)
def test_cypher_is_recognised(text: str) -> None:
    assert CYPHER.search(text)


@pytest.mark.parametrize("text", ["Match your need (free)", "MATCH", "query { match(input: $input) { text } }", "Create (optional)"])
def test_other_text_is_not_taken_for_cypher(text: str) -> None:
    assert not CYPHER.search(text)


@pytest.mark.parametrize(
    "text", ["margin-left: 0", "left:0", "text-align : right", "float:left", "border-left-color: red", "border-top-left-radius: 1px"]
)
def test_physical_css_is_recognised(text: str) -> None:
    assert PHYSICAL.search(text)


@pytest.mark.parametrize(
    "text", ["margin-inline-start: 0", "inset-inline-end: 0", "text-align: start", "--left: 1", "padding-block: 0", "top: 0"]
)
def test_logical_css_is_left_alone(text: str) -> None:
    assert not PHYSICAL.search(text)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("f\"MATCH (n) WHERE n.name = '{x}' RETURN n\"", True),
        ('f"MATCH (n:{label}) WHERE n.name = $name RETURN n"', False),
        ("f\"the file '{x}' is missing\"", False),
    ],
)
def test_a_quoted_value_in_cypher_is_recognised(source: str, found: bool) -> None:
    node = ast.parse(source, mode="eval").body
    assert isinstance(node, ast.JoinedStr)
    assert quotes_a_value(node) is found
