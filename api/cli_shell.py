"""`gcio db shell`: reads Cypher from a person, a pipe or an argument, and shows rows.

Must not know the model: what is typed goes to the database as it is.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator

import neo4j
from neo4j.exceptions import DriverError, Neo4jError
from neo4j.graph import Node, Path, Relationship
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from graph.server import Endpoint

_LIMIT = 1000


def run(endpoint: Endpoint, query: str | None, *, as_json: bool) -> bool:
    """Run one statement, or all that come from standard input. True if one failed."""
    out, errors = Console(), Console(stderr=True)
    failed = False
    with neo4j.GraphDatabase.driver(endpoint.uri, auth=(endpoint.user, endpoint.password)) as driver:
        for statement in [query] if query else _statements(out):
            try:
                _show(driver, endpoint.database, statement, out, as_json)
            except (Neo4jError, DriverError) as error:
                failed = True
                errors.print(f"[red]{escape(getattr(error, 'message', None) or str(error))}[/red]")
            except KeyboardInterrupt:
                errors.print("Interrupted.")
    return failed


def shown(value: object) -> str:
    """One value as a person reads it: nodes and relationships in Cypher's own notation."""
    match value:
        case Node():
            text = f"({''.join(f':{label}' for label in sorted(value.labels))} {_properties(dict(value))})"
        case Relationship():
            text = f"[:{value.type} {_properties(dict(value))}]"
        case Path():
            steps = zip(value.nodes, [*value.relationships, None], strict=True)
            text = "-".join(shown(part) for step in steps for part in step if part is not None)
        case list():
            text = f"[{', '.join(shown(item) for item in value)}]"
        case dict():
            text = _properties(value)
        case _:
            text = "null" if value is None else str(value)
    return text


def _properties(values: dict[str, object]) -> str:
    return "{" + ", ".join(f"{name}: {shown(value)}" for name, value in values.items()) + "}"


def _statements(out: Console) -> Iterator[str]:
    """Statements as they come in, each ended by `;` or the end of the input."""
    asking = sys.stdin.isatty()
    if asking:
        with contextlib.suppress(ImportError):
            import readline  # noqa: F401, PLC0415 - importing it gives `input` a history, where it exists
        out.print("Cypher, ended by ;   :quit ends")
    lines: list[str] = []
    while True:
        try:
            line = input(("... " if lines else "cypher> ") if asking else "")
        except (EOFError, KeyboardInterrupt):
            line = ":quit"
        if line.strip() in (":quit", ":exit"):
            break
        lines.append(line)
        if line.rstrip().endswith(";"):
            yield "\n".join(lines).rstrip().rstrip(";")
            lines = []
    rest = "\n".join(lines).strip()
    if rest and not asking:
        yield rest


def _show(driver: neo4j.Driver, database: str, statement: str, out: Console, as_json: bool) -> None:
    if not statement.strip():
        return
    with driver.session(database=database) as session:
        result = session.run(neo4j.Query(statement))
        keys = result.keys()
        rows = list(result.fetch(_LIMIT))
        more = result.peek() is not None
        counters = result.consume().counters
    if as_json:
        for row in rows:
            sys.stdout.write(json.dumps(dict(row.data()), default=str, ensure_ascii=False) + "\n")
    elif keys:
        table = Table(*keys)
        for row in rows:
            table.add_row(*(escape(shown(value)) for value in row.values()))
        out.print(table)
        out.print(f"{len(rows)} rows" + (f", the first {_LIMIT}; add LIMIT or SKIP for others" if more else ""))
    if counters.contains_updates and not as_json:
        out.print(
            ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in vars(counters).items() if type(count) is int and count > 0)
        )
