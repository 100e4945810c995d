"""`gcio template`: the empty spreadsheet that a country fills in."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.terminal import writable
from graph.errors import Code, NetworkError
from ingest.sheet_columns import SheetKind


def template(
    kind: Annotated[
        SheetKind, typer.Argument(help="What the sheet lists: needs, offers, practices or essential-services.", metavar="KIND")
    ],
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Write CSV instead of XLSX: the header and the keys, without drop-downs and hints.")
    ] = False,
    target: Annotated[Path | None, typer.Option("--out", help="Write to this file instead of standard output.", callback=writable)] = None,
) -> None:
    """Write an empty spreadsheet to fill in: `gcio template needs > needs.xlsx`. `gcio ingest sheet` reads it."""
    from ingest import template as made  # noqa: PLC0415 - openpyxl loads only where a sheet is written

    # The mark tells spreadsheets that the text is UTF-8.
    content = made.as_csv(kind).encode("utf-8-sig") if as_csv else made.as_xlsx(kind)
    if target:
        target.write_bytes(content)
        return
    if not as_csv and sys.stdout.isatty():
        raise NetworkError(
            Code.BAD_INPUT,
            "A spreadsheet is no text to show.",
            hint=f"Write it to a file: gcio template {kind.value} > {kind.value}.xlsx",
        )
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def add_to(app: typer.Typer) -> None:
    """Make it a command of `gcio`."""
    app.command()(template)
