"""What the commands of `gcio` share: where they print, the `--json` option, a network that is open while a command works."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, TypeVar

import typer
import uvloop
from rich.console import Console

from graph.errors import NetworkError
from graph.settings import settings

T = TypeVar("T")
out = Console(highlight=False)
err = Console(stderr=True, highlight=False)
AsJson = Annotated[bool, typer.Option("--json", help="Print data as JSON.")]


def tell(error: NetworkError) -> None:
    err.print(f"[bold red]Error[/] {error.message}  [dim]{error.code.value}[/]", soft_wrap=True)
    if error.allowed:
        err.print(f"  Did you mean: {', '.join(error.allowed)}?", soft_wrap=True)
    if error.hint:
        err.print(f"  {error.hint}", soft_wrap=True)


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
