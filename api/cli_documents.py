"""`gcio documents`: the manifest of trusted documents."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from api.documents import SHIPPED, manifest, read_manifest
from api.terminal import writable

app = typer.Typer(no_args_is_help=True)
out = Console(highlight=False)


@app.command()
def build(
    folder: Annotated[
        Path | None,
        typer.Argument(
            help="Folder with your own `.graphql` files, one operation each; the pages' documents where left out.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    target: Annotated[
        Path | None, typer.Option("--out", help="File to write; the one that the program ships where left out.", callback=writable)
    ] = None,
) -> None:
    """Hash documents and write their manifest: with `GCIO_TRUSTED_ONLY` only the documents in a manifest are answered."""
    from web.queries import operation, operation_names  # noqa: PLC0415 - the pages are needed for this command only

    documents = (
        [operation(name) for name in operation_names()]
        if folder is None
        else [path.read_text(encoding="utf-8").strip() for path in sorted(folder.rglob("*.graphql"))]
    )
    content = manifest(documents)
    path = target or Path(str(resources.files("api").joinpath(SHIPPED)))
    path.write_bytes(content)
    out.print(f"{len(read_manifest(content, path.name))} documents written to {path}", soft_wrap=True)
