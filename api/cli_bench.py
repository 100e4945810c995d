"""`gcio bench`: a graph for measuring, in a database of its own."""

from __future__ import annotations

import asyncio
from pathlib import Path
from time import monotonic
from typing import Annotated, Final

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from api.terminal import AsJson, err, out, print_json
from graph.errors import Code, NetworkError
from graph.settings import Settings, settings

app = typer.Typer(no_args_is_help=True)
BATCH: Final = 2_000
MOST: Final = 1_000_000
ROOMY: Final = {"neo4j_heap": "3g", "neo4j_pagecache": "3g"}


@app.callback()
def bench() -> None:
    """A graph for measuring, in a database of its own."""


@app.command()
def generate(
    projects: Annotated[int, typer.Option(min=1, max=MOST, help="How many projects there should be in the end.")] = 10_000,
    seed: Annotated[int, typer.Option(help="The same seed makes the same records.")] = 1,
    home: Annotated[
        Path | None,
        typer.Option(
            help="Data folder of its own. Default: a folder `bench` with the number of projects inside GCIO_HOME.", file_okay=False
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Fill a database of its own with made-up projects, linked and skewed like real ones. Cut off, it goes on; larger, it adds."""
    chosen = settings_for(settings(), home, projects)
    done, seconds = asyncio.run(fill(chosen, projects, seed))
    if as_json:
        print_json({"home": str(chosen.home), "projects": done, "seed": seed, "seconds": round(seconds, 1)})
    else:
        out.print(f"{done:,} generated projects in {chosen.home} after {seconds:.0f} s.", soft_wrap=True)


def settings_for(given: Settings, home: Path | None, projects: int) -> Settings:
    """Settings of a database for measuring: embedded, in a folder that is not the network's, with memory for it. Raises BAD_INPUT."""
    folder = (home or given.home / "bench" / str(projects)).expanduser().resolve()
    if folder == given.home.expanduser().resolve():
        raise NetworkError(
            Code.BAD_INPUT,
            f"{folder} is the data folder of your network: nothing was written.",
            hint="Name another folder with --home, or leave it out.",
        )
    roomy = {name: value for name, value in ROOMY.items() if name not in given.model_fields_set}
    return given.model_copy(update={"home": folder, "neo4j_uri": None, **roomy})


async def fill(chosen: Settings, projects: int, seed: int) -> tuple[int, float]:
    """(projects that are there in the end, seconds). Does nothing where there are enough. Raises BAD_INPUT for somebody else's database."""
    from graph.bulk import Mark, add_batch, claim, with_indexes, without_indexes  # noqa: PLC0415 - brings the driver
    from graph.database import Database  # noqa: PLC0415 - as above
    from graph.schema import migrate, missing_schema  # noqa: PLC0415 - as above
    from graph.server import connect  # noqa: PLC0415 - as above
    from ingest.generated import VERSION, Generator  # noqa: PLC0415 - reads its shares
    from ingest.starter import load  # noqa: PLC0415 - as above

    began, generator = monotonic(), Generator(seed)
    with await asyncio.to_thread(connect, chosen) as lease:
        async with Database(lease.endpoint, query_timeout=120) as database:
            mark = await claim(database, Mark(seed, VERSION))
            if mark.done == 0:
                await migrate(database)
                await load(database)
            if mark.done >= projects and not await missing_schema(database):
                return mark.done, monotonic() - began
            await without_indexes(database)
            columns = (TextColumn("{task.description}"), BarColumn(30), MofNCompleteColumn(), TimeRemainingColumn())
            with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
                task = bar.add_task("Projects", total=projects, completed=mark.done)
                for start in range(mark.done, projects, BATCH):
                    end = min(start + BATCH, projects)
                    first = generator.sources() if start == 0 else ()
                    mark = Mark(seed, VERSION, end)
                    await add_batch(database, [*first, *generator.projects(start, end)], mark)
                    bar.update(task, completed=end)
                indexes = bar.add_task("Indexes", total=100)
                await with_indexes(database, lambda share: bar.update(indexes, completed=round(100 * share)))
    return mark.done, monotonic() - began
