"""The documentation holds: pages made from code are current, links lead somewhere, commands and settings that are named exist."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import build_schema, get_introspection_query, parse, validate
from graphql.execution.values import get_variable_values

from graph.errors import Code
from graph.settings import Settings
from ingest.connectors import CONNECTORS
from tests.tools import reference_docs
from tests.tools.error_meanings import MEANINGS

ROOT = Path(__file__).parents[1]
ROOMS = ("graph", "ingest", "api", "web", "tests")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
VARIABLES = set(re.findall(r"^([A-Z]+) \??:?=", MAKEFILE, re.MULTILINE))
SHELL_LANGUAGES = {"", "sh", "bash", "console", "shell"}
SEPARATORS = {"&&", "||", ";", "|", "&", ">", "<", "(", ")"}


def markdown_files() -> list[Path]:
    found = [
        *ROOT.glob("*.md"),
        *(path for room in ("docs", *ROOMS) for path in (ROOT / room).rglob("*.md") if "node_modules" not in path.parts),
    ]
    return sorted(path for path in found if "node_modules" not in path.parts)


PAGES = [pytest.param(path, id=str(path.relative_to(ROOT))) for path in markdown_files()]


def fenced(text: str) -> Iterator[tuple[str, str]]:
    for match in re.finditer(r"^```([\w-]*)[^\n]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        yield match[1], match[2]


def without_code(text: str) -> str:
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


def anchors(path: Path) -> set[str]:
    return {reference_docs.anchor(heading) for heading in re.findall(r"^#+ +(.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)}


def tokens(line: str) -> list[str]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    return list(lexer)


def shell_commands(text: str) -> Iterator[list[str]]:
    """Commands in the shell blocks of a page, one list of words each, without prompts and variables before them."""
    for language, block in fenced(text):
        if language not in SHELL_LANGUAGES:
            continue
        words: list[str] = []
        for word in [w for line in logical_lines(block) for w in (*tokens(line.removeprefix("$ ")), ";")]:
            if word in SEPARATORS:
                if words:
                    yield words
                words = []
            elif words or not re.fullmatch(r"[A-Z_]+=.*", word):
                words.append(word)


def logical_lines(block: str) -> Iterator[str]:
    """Lines with their continuations: after a backslash, and inside quotes."""
    pending = ""
    for line in block.splitlines():
        pending += line[:-1] + " " if line.endswith("\\") else line
        if line.endswith("\\"):
            continue
        try:
            tokens(pending)
        except ValueError:
            pending += "\n"
            continue
        yield pending
        pending = ""


def named_commands(text: str) -> Iterator[list[str]]:
    """`gcio …` and `make …` of a page, in shell blocks and in running text."""
    yield from (words for words in shell_commands(text) if Path(words[0]).name in {"gcio", "make"})
    for match in re.finditer(r"`((?:gcio|make) [^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)):
        yield tokens(match[1])


def unknown_in_gcio(words: list[str]) -> list[str]:
    command = reference_docs.cli_command()
    rest = words[1:]
    while rest and hasattr(command, "commands") and not rest[0].startswith(("-", "…")):
        if rest[0] not in command.commands:
            return [rest[0]]
        command = command.commands[rest.pop(0)]
    options = {"--help"} | {name for p in command.params for name in (*p.opts, *p.secondary_opts)}
    return [word for word in rest if re.match(r"--?[a-z]", word) and word.partition("=")[0] not in options]


def unknown_in_make(words: list[str]) -> list[str]:
    given = [word for word in words[1:] if not word.startswith("-") and word != "TARGET"]
    return [w for w in given if (w.partition("=")[0] not in VARIABLES if "=" in w else w not in TARGETS)]


@pytest.mark.parametrize("name", reference_docs.PAGES)
def test_pages_made_from_code_are_current(name: str) -> None:
    assert not reference_docs.stale(name), f"docs/{name} is out of date: run `make schema`"


def test_every_error_code_is_explained() -> None:
    assert set(MEANINGS) == set(Code)
    for meaning, remedy in MEANINGS.values():
        assert meaning.endswith(".")
        assert remedy.endswith(".")


def test_every_setting_is_described() -> None:
    assert [name for name, field in Settings.model_fields.items() if not (field.description or "").strip()] == []


def test_every_command_and_option_is_described() -> None:
    silent = []
    for name, command in reference_docs.walk(reference_docs.cli_command(), "gcio"):
        silent += [] if (command.help or "").strip() else [name]
        silent += [f"{name} {p.opts[0]}" for p in command.params if not (p.help or "").strip()]
    assert silent == []


@pytest.mark.parametrize("path", PAGES)
def test_relative_links_lead_somewhere(path: Path) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code(path.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, fragment = target.partition("#")
        file = (path.parent / name).resolve() if name else path
        if not file.exists() or (fragment and file.suffix == ".md" and fragment not in anchors(file)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("name", CONNECTORS)
def test_every_source_is_described(name: str) -> None:
    page = (ROOT / "docs" / "sources" / f"{name}.md").read_text(encoding="utf-8")
    overview = (ROOT / "docs" / "connectors.md").read_text(encoding="utf-8")

    missing = [word for word in ("**Taken**", "**Left**", "icence", CONNECTORS[name].refresh) if word not in page]
    rows = re.findall(rf"^\| `{name}` \| \[[^\]]+\]\(sources/{name}\.md\) \| (\w+) \|$", overview, re.MULTILINE)

    assert missing == []
    assert rows == [CONNECTORS[name].refresh]


@pytest.mark.parametrize("path", PAGES)
def test_named_commands_exist(path: Path) -> None:
    check = {"gcio": unknown_in_gcio, "make": unknown_in_make}
    wrong = {
        " ".join(words): found for words in named_commands(path.read_text(encoding="utf-8")) if (found := check[Path(words[0]).name](words))
    }
    assert wrong == {}


@pytest.mark.parametrize("path", PAGES)
def test_named_settings_exist(path: Path) -> None:
    known = {f"GCIO_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"\bGCIO_[A-Z0-9_]+\b", path.read_text(encoding="utf-8"))) - known == set()


def test_pages_that_the_code_names_exist() -> None:
    named = {
        name
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        for name in re.findall(r"\bdocs/[\w/-]+\.md\b", path.read_text(encoding="utf-8"))
    }
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("path", PAGES)
def test_graphql_requests_fit_the_schema(path: Path) -> None:
    requests = [
        json.loads(words[words.index("--data") + 1])
        for words in shell_commands(path.read_text(encoding="utf-8"))
        if words[0] == "curl" and "--data" in words
    ]
    for request in requests:
        check_request(request["query"], request.get("variables", {}))


def check_request(query: str, variables: dict[str, object]) -> None:
    from api.schema import sdl

    schema = build_schema(sdl())
    document = parse(query)
    assert validate(schema, document) == []
    for definition in document.definitions:
        coerced = get_variable_values(schema, getattr(definition, "variable_definitions", None) or (), variables)
        assert not isinstance(coerced, list), coerced


def test_the_checks_see_mistakes() -> None:
    """The readers of this module find what is wrong, so that an empty result means something."""
    text = (
        "```sh\nGCIO_HOME=/data .venv/bin/gcio up --prot 1 && make tset\n```\nSay `gcio db sart`, `make run TROCH=cpu`, `gcio up --port 1`."
    )
    found = [unknown_in_gcio(w) if Path(w[0]).name == "gcio" else unknown_in_make(w) for w in named_commands(text)]
    assert found == [["--prot"], ["tset"], ["sart"], ["TROCH=cpu"], []]
    assert list(shell_commands("```sh\ncurl x --data '{\n  \"a\": 1\n}' \\\n  -s\n```")) == [
        ["curl", "x", "--data", '{\n  "a": 1\n}', "-s"]
    ]
    check_request(get_introspection_query(), {})
    for query, variables in (("{ mtach { text } }", {}), ("query ($id: ID!) { node(id: $id) { id } }", {"id": None})):
        with pytest.raises(AssertionError):
            check_request(query, variables)
