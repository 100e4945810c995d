"""`gcio ingest`: public sources into the graph, what was set aside, and when to read them again."""

from __future__ import annotations

import asyncio
import json
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from api.terminal import column_table, err, out, show_table
from graph.database import Database
from graph.errors import Code, NetworkError
from graph.ingest import country_labels, open_rejections
from graph.merge import existing
from graph.provenance import Conflict
from graph.provenance import conflicts as stored_conflicts
from graph.settings import Settings, settings
from ingest.connectors import CONNECTORS, RANKS, connector, sorted_out
from ingest.engine import Options, ingest
from ingest.inputs import InputFile, inputs
from ingest.preparation import Scope
from ingest.relevance import Embed
from ingest.report import RunReport

app = typer.Typer(no_args_is_help=True)

Place = Annotated[str, typer.Argument(help="File, folder, .zip or .gz archive, or https:// address.", metavar="PATH|URL")]
ScopeOption = Annotated[Scope, typer.Option("--scope", help="Load records about e-government, or all.")]
Meaning = Annotated[bool, typer.Option("--meaning/--no-meaning", help="Let the embedding model decide where words leave relevance open.")]
AcceptBad = Annotated[bool, typer.Option("--accept-bad-rows", help="Take the good rows of a file even where 30 % or more are bad.")]
Again = Annotated[bool, typer.Option("--again", help="Read files that have not changed since the last run as well.")]
Json = Annotated[bool, typer.Option("--json", help="Print the report as one line of JSON.")]
Work = Callable[[Database, Embed | None], Any]


def _command(name: str) -> None:
    @app.command(name, help=f"Read {CONNECTORS[name].title}: a file, a folder, an archive or an address.")
    def command(
        place: Place,
        scope: ScopeOption = Scope.E_GOVERNMENT,
        meaning: Meaning = False,
        accept_bad_rows: AcceptBad = False,
        again: Again = False,
        as_json: Json = False,
    ) -> None:
        chosen = connector(name)

        async def work(database: Database, embed: Embed | None) -> RunReport:
            with inputs(place, settings(), refused) as files:
                every = list(files)
                mine = [file for file in every if chosen.recognises(file)]
                if not mine:
                    raise refused[0] if refused else _nothing_of(name, place, len(every))
                with _bars(mine) as progress:
                    options = Options(scope, accept_bad_rows, again, bool(refused), embed=embed, progress=progress, ranks=RANKS)
                    return await ingest(database, chosen, mine, options)

        refused: list[NetworkError] = []
        _show([_with_network(work, meaning=meaning)], as_json=as_json)
        _end(refused)


for _name in CONNECTORS:
    _command(_name)


@app.command("all")
def everything(
    folder: Annotated[str, typer.Argument(help="Folder with files of any of the sources.", metavar="FOLDER")],
    scope: ScopeOption = Scope.E_GOVERNMENT,
    meaning: Meaning = False,
    accept_bad_rows: AcceptBad = False,
    again: Again = False,
    as_json: Json = False,
) -> None:
    """Read every file of a folder with the connector that recognises it. A source that fails does not keep the others out."""
    failures: list[NetworkError] = []

    async def work(database: Database, embed: Embed | None) -> list[RunReport]:
        reports = []
        with inputs(folder, settings(), failures) as files:
            found, strangers = sorted_out(files)
            if not found:
                raise failures[0] if failures else _nothing_known(folder, len(strangers))
            partial = bool(failures)
            if as_json:
                for error in failures:
                    _print_line(_failed(None, scope, error))
            for name, mine in found.items():
                with _bars(mine) as progress:
                    options = Options(scope, accept_bad_rows, again, partial, embed=embed, progress=progress, ranks=RANKS)
                    outcome = await _one_of_many(database, name, mine, options)
                if isinstance(outcome, RunReport):
                    reports.append(outcome)
                else:
                    failures.append(outcome)
                if as_json:
                    # Whoever watches a long run, or loses it half-way, has what is done.
                    _print_line(outcome.as_dict() if isinstance(outcome, RunReport) else _failed(name, scope, outcome))
        if strangers and not as_json:
            err.print(f"[dim]{len(strangers)} files belong to no known source and were left alone.[/]")
        return reports

    reports = _with_network(work, meaning=meaning)
    if not as_json:
        _show(reports, as_json=False)
    _end(failures)


async def _one_of_many(database: Database, name: str, files: Sequence[InputFile], options: Options) -> RunReport | NetworkError:
    """The report; or what is wrong with these files, which is no reason to leave other sources out. Other failures are raised."""
    try:
        return await ingest(database, connector(name), files, options)
    except NetworkError as error:
        if error.exit_code != 2:
            raise
        return error


def _nothing_known(folder: str, files: int) -> NetworkError:
    return NetworkError(
        Code.BAD_INPUT,
        f"None of the {files} files at {folder} is of a known source.",
        hint="docs/connectors.md lists the sources, and the page of each says what its files look like.",
        allowed=list(CONNECTORS),
    )


def _nothing_of(name: str, place: str, files: int) -> NetworkError:
    return NetworkError(
        Code.BAD_INPUT,
        f"Nothing at {place} is a file of {CONNECTORS[name].title}.",
        hint=f"docs/sources/{name}.md says what its files look like; {files} files were looked at.",
    )


def _end(failures: Sequence[NetworkError]) -> None:
    """Tell what could not be read, and leave with the exit code of bad input where there is something."""
    for error in failures:
        err.print(f"[bold red]Stopped[/] {escape(error.message)}  [dim]{error.code.value}[/]\n  {escape(error.hint or '')}", soft_wrap=True)
    if failures:
        raise typer.Exit(2)


def _failed(name: str | None, scope: Scope, error: NetworkError) -> dict[str, object]:
    return {"source": name, "scope": scope.value, "error": {"message": error.message, **error.as_dict()}}


@app.command()
def rejected(
    source: Annotated[
        str | None, typer.Option("--source", help="Only rows of this connector.", autocompletion=lambda: list(CONNECTORS))
    ] = None,
    as_json: Json = False,
) -> None:
    """List the rows that were set aside, and why."""
    if source is not None:
        connector(source)
    rows = _with_network(lambda database, _: open_rejections(database, source))
    if as_json:
        shown = ("connector", "file", "row", "column", "value", "reason", "allowed")
        print(json.dumps([{name: row.get(name) for name in shown} for row in rows], ensure_ascii=False))  # noqa: T201 - the answer itself
        return
    table = column_table("source", "file", "line", "field", "value", "reason", "allowed")
    for row in rows[:200]:
        allowed = ", ".join(row.get("allowed") or [])
        cells = (row["file"], str(row["row"]), row.get("column") or "", row.get("value") or "", row["reason"], allowed)
        # What stood in a file is no markup.
        table.add_row(row["connector"], *map(escape, cells))
    if rows:
        show_table(table)
    out.print(
        f"{len({(r['connector'], r['file'], r['row']) for r in rows})} rows are set aside"
        + (", the first 200 shown" if len(rows) > 200 else "")
    )


@app.command()
def retry(as_json: Json = False) -> None:
    """Read the files with rows that were set aside again: after a fix they go in, all others cost no write."""

    failures: list[NetworkError] = []

    async def work(database: Database, embed: Embed | None) -> list[RunReport]:
        waiting = {(r["connector"], _place(r["address"]), Scope(r["scope"])) for r in await open_rejections(database)}
        reports = []
        for name, address, scope in sorted(waiting):
            # A file that is gone keeps no other out: its rows go on waiting.
            try:
                with inputs(address, settings()) as files:
                    every = list(files)
                    mine = [file for file in every if connector(name).recognises(file)]
                    if not mine:
                        raise _nothing_of(name, address, len(every))
                    options = Options(scope, accept_bad_rows=True, again=True, mending=True, embed=embed, ranks=RANKS)
                    reports.append(await ingest(database, connector(name), mine, options))
            except NetworkError as error:
                if error.exit_code != 2:
                    raise
                failures.append(error)
                if as_json:
                    _print_line(_failed(name, scope, error))
        return reports

    _show(_with_network(work), as_json=as_json)
    _end(failures)


def _place(address: str) -> str:
    """Where to read a row's file again: the archive, where it is a member of one."""
    return address if Path(address).exists() else address.partition("!")[0]


@app.command()
def conflicts(record: Annotated[str, typer.Argument(help="Id of a record, such as project:wb-p160230.")], as_json: Json = False) -> None:
    """Show where sources differ about a record: what is displayed, what else is said, and why it is not displayed."""

    async def work(database: Database, _embed: Embed | None) -> list[Conflict]:
        return await stored_conflicts(database, await existing(database, record))

    found = _with_network(work)
    if as_json:
        rows = [{k: getattr(c, k) for k in ("record", "field", "displayed", "said", "source", "row", "by", "reason")} for c in found]
        print(json.dumps(rows, ensure_ascii=False, default=str))  # noqa: T201 - the answer itself
        return
    table = column_table("field", "displayed", "said as well", "by", "why not displayed")
    for c in found:
        table.add_row(*map(escape, (c.field, str(c.displayed), str(c.said), f"{c.source} {c.row or ''}", c.reason)))
    if found:
        show_table(table)
    else:
        out.print("All sources agree about this record.")


TIMES: Final = {"daily": "15 3 * * *", "weekly": "15 3 * * 1", "monthly": "15 3 1 * *", "yearly": "15 3 1 10 *"}
CALENDARS: Final = {"daily": "*-*-* 03:15:00", "weekly": "Mon *-*-* 03:15:00", "monthly": "*-*-01 03:15:00", "yearly": "*-10-01 03:15:00"}


@app.command()
def schedule(
    folder: Annotated[str, typer.Argument(help="Folder or address that is read.", metavar="PATH|URL")] = "/srv/gcio/sources",
) -> None:
    """Print lines for cron, and a systemd service and timer, that read each source as often as it changes."""
    # Neither cron nor systemd knows the folder of this environment, nor the settings of this shell.
    program, home = str(Path(sys.executable).with_name("gcio")), str(settings().home)
    command = [shlex.quote(word).replace("%", r"\%") for word in (f"GCIO_HOME={home}", program, folder)]
    lines = ["# crontab"]
    for name, c in CONNECTORS.items():
        lines.append(f"{TIMES[c.refresh]} env {command[0]} {command[1]} ingest {name} {command[2]} --json >> /var/log/gcio-ingest.log")
    unit = [_unit_word(f"GCIO_HOME={home}"), *(_unit_word(word).replace("$", "$$") for word in (program, folder))]
    lines += [
        "",
        "# /etc/systemd/system/gcio-ingest@.service",
        "[Unit]",
        "Description=Global CIO Network reads %i",
        "",
        "[Service]",
        "Type=oneshot",
        f"Environment={unit[0]}",
        f"ExecStart={unit[1]} ingest %i {unit[2]} --json",
    ]
    for name, c in CONNECTORS.items():
        lines += ["", f"# /etc/systemd/system/gcio-ingest@{name}.timer", "[Timer]", f"OnCalendar={CALENDARS[c.refresh]}", "Persistent=true"]
        lines += ["", "[Install]", "WantedBy=timers.target"]
    print("\n".join(lines))  # noqa: T201 - the answer itself


def _unit_word(word: str) -> str:
    """A word as systemd reads it: quoted, with `%` written twice."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def _with_network(work: Work, *, meaning: bool = False) -> Any:
    """Open the database, and the embedding model only where it is wanted, and run `work`."""

    async def inside() -> Any:
        from graph.server import connect  # noqa: PLC0415 - the driver and the server load only for commands that need them

        chosen = settings()
        with await asyncio.to_thread(connect, chosen) as lease:
            async with Database(lease.endpoint, query_timeout=chosen.query_timeout) as database:
                await _prepared(database)
                if not meaning:
                    return await work(database, None)
                return await _with_meaning(chosen, database, work)

    return asyncio.run(inside())


async def _prepared(database: Database) -> None:
    """Connectors refer to countries and topics: an empty graph gets its schema and the starter data first."""
    from graph.schema import migrate  # noqa: PLC0415 - as above
    from ingest.starter import load  # noqa: PLC0415 - as above

    await migrate(database)
    if not await country_labels(database):
        await load(database)


async def _with_meaning(chosen: Settings, database: Database, work: Work) -> Any:
    from graph.embedding import EmbeddingService  # noqa: PLC0415 - torch loads only where meaning is asked for

    service, loop = EmbeddingService(chosen), asyncio.get_running_loop()
    service.start()
    try:
        return await work(database, lambda texts: asyncio.run_coroutine_threadsafe(service.passages(texts), loop).result())
    finally:
        await service.close()


@contextmanager
def _bars(files: Sequence[InputFile]) -> Iterator[Callable[[InputFile, int], None]]:
    """A bar over the bytes of all files, with rate and remaining time; nothing where standard error is no terminal."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(20),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("Reading", total=sum(file.size for file in files))

        def report(file: InputFile, rows: int) -> None:
            bar.update(task, description=f"{file.name}, {rows} rows", completed=sum(f.done for f in files))

        yield report


def _print_line(values: Mapping[str, object]) -> None:
    sys.stdout.write(json.dumps(values, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _show(reports: Sequence[RunReport], *, as_json: bool) -> None:
    if as_json:
        for report in reports:
            _print_line(report.as_dict())
        return
    names = ("read", "new", "changed", "unchanged", "out_of_scope", "withdrawn", "rejected")
    table = column_table("source", *(name.replace("_", " ") for name in names), "seconds")
    for report in reports:
        counts = report.counts.as_dict()
        table.add_row(report.connector, *(str(counts[name]) for name in names), f"{report.seconds:.1f}")
    show_table(table)
    for file in (f for report in reports for f in report.files if f.note and not f.note.startswith("read before")):
        out.print(f"  {file.address}: {file.note}", soft_wrap=True, markup=False)
