"""`gcio db`: the embedded Neo4j from the command line.

Must not know processes or files of the server: it asks `graph.server` and shows what comes back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.table import Table

from graph import server
from graph.server.records import Progress, Reporter
from graph.settings import settings

app = typer.Typer(no_args_is_help=True, help="The embedded Neo4j: start, stop, look, save and restore.")

Target = Annotated[Path, typer.Argument(help="File to write, or a folder that gets a dated file.")]
Source = Annotated[Path, typer.Argument(help="File that `gcio db backup` wrote.")]
Json = Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")]


@app.command()
def start() -> None:
    """Start the database and keep it running until `gcio db stop`."""
    with progress_on_terminal() as report:
        status = server.start(settings(), progress=report)
    typer.echo(f"Neo4j {status.version} runs at {status.uri} (process {status.pid}) until `gcio db stop`.")


@app.command()
def stop(force: Annotated[bool, typer.Option("--force", help="Stop it even while other gcio processes use it.")] = False) -> None:
    """Stop the database."""
    stopped = server.stop(settings(), force=force)
    typer.echo("The database is stopped." if stopped else "The database was not running.")


@app.command()
def status(as_json: Json = False) -> None:
    """Tell where the database answers, since when, for whom, and where its files are."""
    found = server.status(settings())
    if as_json:
        typer.echo(json.dumps(found.as_dict()))
        return
    table = Table(show_header=False, box=None)
    for name, value in _status_rows(found):
        table.add_row(name, value)
    Console().print(table)


@app.command()
def shell(
    query: Annotated[str | None, typer.Option("--command", "-c", help="Run this Cypher statement and end.")] = None,
    as_json: Json = False,
) -> None:
    """Ask the database in Cypher: statements end with `;`, `:quit` ends."""
    from api import cli_shell  # noqa: PLC0415 - brings the driver, which the other commands do not need

    with progress_on_terminal() as report:
        lease = server.connect(settings(), progress=report)
    with lease:
        failed = cli_shell.run(lease.endpoint, query, as_json=as_json)
    if failed:
        raise typer.Exit(2)


@app.command()
def backup(target: Target) -> None:
    """Save the database to a file. It is stopped for a moment; other gcio processes must not use it."""
    with progress_on_terminal() as report:
        file = server.backup(settings(), target, progress=report)
    typer.echo(f"Saved to {file} ({file.stat().st_size / 2**20:.1f} MB).")


@app.command()
def restore(source: Source, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Replace the database by a backup. If that fails, the old one stays."""
    if not yes:
        typer.confirm(f"Replace the database in {settings().database_home} by {source}?", abort=True)
    with progress_on_terminal() as report:
        server.restore(settings(), source, progress=report)
    typer.echo(f"Restored from {source}.")


@app.command()
def fetch() -> None:
    """Fetch Neo4j without starting it, and check every file: for machines that will have no network later."""
    with progress_on_terminal() as report:
        jars = server.fetch(settings().neo4j_cache, progress=report, recheck=True)
    typer.echo(f"{len(jars)} files of Neo4j are in {settings().neo4j_cache}, each one checked.")


@app.command()
def lock(version: Annotated[str, typer.Argument(help="Neo4j version, such as 2026.08.1.")]) -> None:
    """For maintainers: write the lock file of another Neo4j version. Takes some minutes; see `docs/database.md`."""
    server.regenerate_lock(version)
    typer.echo(f"The lock file now names Neo4j {version}. Run the tests, then commit graph/neo4j.lock.toml.")


@contextmanager
def progress_on_terminal() -> Iterator[Reporter]:
    """A reporter that draws on standard error: a bar where the length is known, else a clock. Nothing where that is no terminal."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(20), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        tasks: dict[str, int] = {}

        def report(step: Progress) -> None:
            if step.step not in tasks:
                for task in tasks.values():
                    bar.update(bar.task_ids[task], visible=False)
                tasks[step.step] = len(bar.task_ids)
                bar.add_task(step.text)
            bar.update(bar.task_ids[tasks[step.step]], description=step.text, completed=step.done, total=step.total or None)

        yield report


def _status_rows(found: server.Status) -> Iterator[tuple[str, str]]:
    if not found.embedded:
        yield "Neo4j", f"{found.uri} (GCIO_NEO4J_URI)"
        return
    yield "Neo4j", f"{found.version or '?'} at {found.uri}" if found.running else "not running"
    if found.running:
        yield "Process", f"{found.pid}, since {found.started}, {(found.memory or 0) / 2**20:.0f} MB"
        yield "Used by", ", ".join(f"process {pid}" for pid in found.users) or "nobody"
        yield "Stays", "until `gcio db stop`" if found.kept else "while it is used"
    yield "Data", str(found.home)
    yield "Log", str(found.log)
