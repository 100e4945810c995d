"""What the commands of `gcio` share: where they print, the `--json` option, a network that is open while a command works."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import typer
import uvloop
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from graph.errors import Code, NetworkError
from graph.settings import settings

T = TypeVar("T")
out = Console(highlight=False)
err = Console(stderr=True, highlight=False)
WIDE: Final = 200
"""Columns of a table that no terminal bounds."""
AsJson = Annotated[bool, typer.Option("--json", help="Print data as JSON.")]


def writable(path: Path | None) -> Path | None:
    """Callback of options that name a file to write: says that it cannot be written before the work is done. Raises BAD_INPUT."""
    if path is None:
        return None
    folder = path.absolute().parent
    why = None
    if path.is_dir():
        why = "it is a folder"
    elif not folder.is_dir():
        why = f"there is no folder {folder}"
    elif not os.access(path if path.exists() else folder, os.W_OK):
        why = "you may not write there"
    if why:
        raise NetworkError(Code.BAD_INPUT, f"{path} cannot be written: {why}.", hint="Name a file in a folder that is there.")
    return path


def column_table(*columns: str) -> Table:
    """A table whose first column, what a row is about, stays on one line, and in which nothing is cut: ids are there to be copied."""
    table = Table()
    for number, name in enumerate(columns):
        table.add_column(name, no_wrap=number == 0, overflow="fold")
    return table


def show_table(table: Table) -> None:
    """Print a table: as wide as the terminal; where there is none, as wide as a reader of a file or a pipe can take."""
    (out if out.is_terminal else Console(highlight=False, width=WIDE)).print(table)


def escaped(value: Any) -> Any:
    """The same answer with every text told as it stands: brackets in what people and sources wrote are no markup."""
    if isinstance(value, str):
        return escape(value)
    if isinstance(value, dict):
        return {name: escaped(inner) for name, inner in value.items()}
    return [escaped(inner) for inner in value] if isinstance(value, list) else value


def tell(error: NetworkError) -> None:
    # What a person or a file said stands in these sentences: it is no markup.
    err.print(f"[bold red]Error[/] {escape(error.message)}  [dim]{error.code.value}[/]", soft_wrap=True)
    if error.allowed:
        err.print(f"  Did you mean: {escape(', '.join(error.allowed))}?", soft_wrap=True)
    if error.hint:
        err.print(f"  {escape(error.hint)}", soft_wrap=True)


def run_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end on the event loop that a server wants: libuv's, which takes half the time of asyncio's own."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def run(work: Callable[[Any], Coroutine[Any, Any, T]]) -> T:
    """Open the network, run `work(network)`, close it."""
    from api.state import Network  # noqa: PLC0415 - torch and the driver load only for commands that need them

    async def inside() -> T:
        network = await Network.open(settings())
        try:
            return await work(network)
        finally:
            await network.close()

    return asyncio.run(inside())


def print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))  # noqa: T201 - the answer itself
