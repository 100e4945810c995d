"""Makes the reference pages in docs/ from the code: `python -m tests.tools.reference_docs [--check]`."""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from graph.errors import Code, NetworkError
from graph.model import MODEL, VISIBILITY, Access, NodeType, Property, Relationship
from graph.schema import SchemaItem, wanted
from graph.settings import Settings
from tests.tools.error_meanings import MEANINGS

DOCS: Final = Path(__file__).parents[2] / "docs"
MADE_BY: Final = "<!-- Made from the code by `make schema`. Change the code, not this page. -->"


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = list(header)
    lines = [head, ["---"] * len(head), *map(list, rows)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines)


def page(title: str, *parts: str) -> str:
    return "\n\n".join((f"# {title}", MADE_BY, *(part.strip() for part in parts if part.strip()))) + "\n"


def with_tilde(text: str) -> str:
    """Paths under the reader's home folder, told as `~`, whoever made the page."""
    return text.replace(str(Path.home()), "~")


def settings_page() -> str:
    rows = [(f"`GCIO_{name.upper()}`", _default(field), field.description or "") for name, field in Settings.model_fields.items()]
    return page(
        "Settings",
        "Every setting is an environment variable. All have a default that is safe on one machine, so none has to be set. "
        "A value that cannot be used stops the start with a message that names the variable.",
        table(("Variable", "Default", "What it does"), rows),
    )


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined or field.default is None:
        return "none"
    if isinstance(field.default, bool):
        return f"`{str(field.default).lower()}`"
    return f"`{with_tilde(str(field.default))}`"


def errors_page() -> str:
    rows = []
    for code in Code:
        error = NetworkError(code, "")
        meaning, remedy = MEANINGS[code]
        rows.append((f"`{code.value}`", str(error.status), str(error.exit_code), meaning, remedy))
    return page(
        "Errors",
        "A failure carries a code that never changes its name, a message that says what and where, and where they help a `hint` (what to "
        "do), `allowed` (allowed or nearest values) and `details` (figures for programs). GraphQL puts `code`, `hint`, `allowed` and "
        "`details` into `extensions`; the command line prints message and hint to standard error, and with `--json` the same fields as JSON.",
        table(("Code", "HTTP status", "Exit code of `gcio`", "What it means", "What to do"), rows),
        "Exit codes: 0 is success, 2 the caller's input, 3 the database or its process, 4 the embedding model, 1 anything else. "
        "A GraphQL answer that has data for some fields and errors for others comes with status 200.",
    )


MODEL_INTRODUCTION: Final = """\
What the graph holds. Each section is one label. A record's `id` is the prefix, a colon and its key (`country:KEN`); it is also the
global ID in GraphQL, and the key closes the address of its page (`/countries/KEN`).

Properties said to be *in six languages* are stored once per official language of the United Nations: `name` is English, `nameFr`
French, and so on for `Ar`, `Es`, `Ru`, `Zh`."""
ACCESS: Final = {
    Access.PUBLIC: "Everybody may see it.",
    Access.BY_RECORD: f"Each record's `{VISIBILITY.name}` says who may see it.",
    Access.MEMBERS: "Members see it.",
    Access.INTERNAL: "Only the system itself sees it.",
}


def model_page() -> str:
    by_label = _indexes_by_label(wanted())
    parts = [
        MODEL_INTRODUCTION,
        table(
            ("Label", "Prefix of ids", "Page", "What it is"),
            ((f"[{t.label}](#{anchor(t.label)})", f"`{t.prefix}:`", _path(t), t.description) for t in MODEL.types),
        ),
    ]
    for node_type in MODEL.types:
        parts += _type_parts(node_type, by_label.pop(node_type.label, []))
    rest = [item for items in by_label.values() for item in items]
    parts += [
        "## Across labels",
        "Labels of the system's own bookkeeping, and `Document`, which every searched record has.",
        _index_table(rest),
    ]
    return page("Model", *parts)


def _path(node_type: NodeType) -> str:
    return f"`{node_type.path}/…`" if node_type.path else "none"


def _type_parts(node_type: NodeType, items: list[SchemaItem]) -> list[str]:
    facts = [f"Ids: `{node_type.prefix}:…`.", f"Page: {_path(node_type)}.", f"Shown by its `{node_type.title}`.", ACCESS[node_type.access]]
    if node_type.text:
        facts.append(f"Searched and embedded: {', '.join(f'`{name}`' for name in node_type.text.fields)}.")
        if node_type.text.evidence:
            facts.append("It is evidence: it votes in matching.")
    out = [f"## {node_type.label}", node_type.description, " ".join(facts)]
    out.append(
        table(
            ("Property", "Type", "Required", "Values", "What it says"),
            (
                (f"`{p.name}`", _type(p), "yes" if p.required else "no", _values(p), p.description)
                for p in node_type.all_properties
                if p.name != "id"
            ),
        )
    )
    owned = [_relationship_row(r) for r in node_type.all_relationships]
    asked = [_inverse_row(owner, r) for owner, r in MODEL.inverses(node_type.label)]
    if owned or asked:
        out.append(table(("Field", "Relationship", "To", "How many", "What it says"), owned + asked))
    if items:
        out.append(_index_table(items))
    return out


def _type(p: Property) -> str:
    return p.kind.value + (" in six languages" if p.localised else "")


def _values(p: Property) -> str:
    if p.enum is not None:
        return ", ".join(f"`{member.value}`" for member in p.enum)
    bounds = [f"from {p.minimum:g}"] if p.minimum is not None else []
    if p.maximum is not None:
        bounds.append(f"to {p.maximum:g}")
    return " ".join(bounds)


def _relationship_row(r: Relationship) -> tuple[str, str, str, str, str]:
    arrow = f"`<-[:{r.type}]-`" if r.incoming else f"`-[:{r.type}]->`"
    count = ("one or more" if r.required else "any number") if r.many else ("one" if r.required else "at most one")
    extra = "".join(f" `{p.name}`: {p.description}" for p in r.properties)
    if r.copies:
        extra += f" Each link repeats {', '.join(f'`{name}`' for name in r.copies)} and who may see the record, for totals and sums."
    return f"`{r.name}`", arrow, " or ".join(r.targets), count, r.description + extra


def _inverse_row(owner: NodeType, r: Relationship) -> tuple[str, str, str, str, str]:
    arrow = f"`-[:{r.type}]->`" if r.incoming else f"`<-[:{r.type}]-`"
    return f"`{r.inverse}`", arrow, owner.label, "any number", r.inverse_description or ""


def _indexes_by_label(items: Iterable[SchemaItem]) -> dict[str, list[SchemaItem]]:
    out: dict[str, list[SchemaItem]] = {}
    for item in items:
        label = re.search(r"\(n:`?(\w+)`?\)", item.statement)
        out.setdefault(label[1] if label else "", []).append(item)
    return out


def _index_table(items: Iterable[SchemaItem]) -> str:
    return table(("Index or constraint", "Kind", "On"), ((f"`{i.name}`", i.kind, _index_fields(i)) for i in items))


def _index_fields(item: SchemaItem) -> str:
    return ", ".join(f"`{name}`" for name in re.findall(r"\bn\.`?(\w+)`?", item.statement))


def cli_page() -> str:
    commands = dict(walk(cli_command(), "gcio"))
    leaves = {name: command for name, command in commands.items() if not hasattr(command, "commands")}
    return page(
        "Command line",
        "`gcio` is in `.venv/bin` after `make run` or `make setup`. Its settings are the environment variables of "
        "[settings.md](settings.md); [errors.md](errors.md) lists codes and exit codes.",
        "`gcio --install-completion` teaches your shell (bash, zsh, fish or PowerShell) to complete commands, options and their values; "
        "`gcio --show-completion` prints the script instead, for whoever keeps such files elsewhere.",
        table(
            ("Command", "What it does"),
            ((f"[`{name}`](#{anchor(name)})", _sentence(command.help)) for name, command in leaves.items()),
        ),
        *(part for name, command in leaves.items() for part in _command_parts(name, command)),
    )


@functools.cache
def cli_command() -> Any:
    """The `gcio` command with everything below it."""
    import typer

    from api.cli import app

    return typer.main.get_command(app)


def walk(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """The command and all below it, each with its full name."""
    yield name, command
    for child, below in getattr(command, "commands", {}).items():
        yield from walk(below, f"{name} {child}")


def anchor(heading: str) -> str:
    """The fragment that leads to a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _sentence(text: str | None) -> str:
    return (text or "").strip().partition("\n")[0]


def _command_parts(name: str, command: Any) -> list[str]:
    import typer

    context = typer.Context(command, info_name=name)
    usage = " ".join((name, *command.collect_usage_pieces(context)))
    records = [p.get_help_record(context) for p in command.params]
    rows = [(f"`{left}`", with_tilde(right)) for left, right in filter(None, records)]
    parts = [f"## {name}", (command.help or "").strip(), f"```text\n{usage}\n```"]
    return [*parts, table(("Argument or option", "What it does"), rows)] if rows else parts


PAGES: Final[dict[str, Callable[[], str]]] = {
    "settings.md": settings_page,
    "model.md": model_page,
    "errors.md": errors_page,
    "cli.md": cli_page,
}


def stale(name: str) -> bool:
    """Whether the page in docs/ is not what the code makes now."""
    path = DOCS / name
    return not path.exists() or path.read_text(encoding="utf-8") != PAGES[name]()


def main(arguments: list[str]) -> int:
    check = arguments == ["--check"]
    if arguments and not check:
        print("usage: python -m tests.tools.reference_docs [--check]", file=sys.stderr)  # noqa: T201 - this is a command
        return 2
    changed = [name for name in PAGES if stale(name)]
    for name in changed:
        if not check:
            (DOCS / name).write_text(PAGES[name](), encoding="utf-8")
        print(f"docs/{name} {'is out of date: run `make schema`' if check else 'written'}")  # noqa: T201
    return 1 if check and changed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
