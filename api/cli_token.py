"""`gcio token`: bearer tokens from the command line. A secret is shown once, where it is made, and nowhere else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from api.cli_db import progress_on_terminal
from graph import server
from graph.settings import settings

T = TypeVar("T")
app = typer.Typer(no_args_is_help=True, help="Keys for programs that write: make, list, revoke.")
Json = Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Who uses it, and for what.")],
    party: Annotated[
        str | None,
        typer.Option("--for", help="Country or organisation whose records it may write, such as country:KEN; all where left out."),
    ] = None,
    days: Annotated[int | None, typer.Option(min=1, max=3650, help="Days until it ends; it lasts where left out.")] = None,
    as_json: Json = False,
) -> None:
    """Make a token for a member and show its secret, this once."""
    from graph.tokens import create_token  # noqa: PLC0415 - brings the driver, which other commands do not need
    from graph.vocabulary import TokenRole  # noqa: PLC0415 - as above

    token, secret = _run(lambda database: create_token(database, name, TokenRole.MEMBER, party=party, days=days))
    if as_json:
        typer.echo(json.dumps(_row(token) | {"secret": secret}))
        return
    typer.echo(secret)
    typer.echo(
        f"{token.id} for “{token.name}”. Keep the secret above: it is not shown again. Send it as `Authorization: Bearer …`.", err=True
    )


@app.command(name="list")
def list_tokens(as_json: Json = False) -> None:
    """List tokens: what they are for, whose records they write, whether they hold."""
    from graph.tokens import tokens  # noqa: PLC0415 - as above

    rows = [_row(token) for token in _run(tokens)]
    if as_json:
        typer.echo(json.dumps(rows))
        return
    table = Table("token", "name", "role", "for", "made", "ends", "state")
    for row in rows:
        table.add_row(row["id"], row["name"], row["role"], row["for"] or "all", row["created"], row["expires"] or "", row["state"])
    Console().print(table)


@app.command()
def revoke(token: Annotated[str, typer.Argument(help="Id of the token, as `gcio token list` shows it.")]) -> None:
    """End a token for good, at once: open streams of its bearer end with the next change."""
    from graph.tokens import revoke_token  # noqa: PLC0415 - as above

    ended = _run(lambda database: revoke_token(database, token))
    typer.echo(f"{ended.id} for “{ended.name}” is revoked since {ended.revoked:%Y-%m-%d %H:%M} UTC.")


def _run(work: Callable[[Any], Awaitable[T]]) -> T:
    """Do it on the database alone: no embedding model is needed for a token."""
    from graph.database import Database  # noqa: PLC0415 - as above
    from graph.schema import migrate  # noqa: PLC0415 - as above

    async def inside(endpoint: server.Endpoint) -> T:
        async with Database(endpoint) as database:
            await migrate(database)
            return await work(database)

    with progress_on_terminal() as report:
        lease = server.connect(settings(), progress=report)
    with lease:
        return asyncio.run(inside(lease.endpoint))


def _row(token: Any) -> dict[str, Any]:
    def moment(value: datetime | None) -> str | None:
        return value.isoformat(timespec="seconds") if value else None

    return {
        "id": token.id,
        "name": token.name,
        "role": token.role.value,
        "for": token.party,
        "created": moment(token.created),
        "expires": moment(token.expires),
        "revoked": moment(token.revoked),
        "state": token.state(datetime.now(UTC)),
    }
