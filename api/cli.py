"""`gcio`: the whole network on the command line. Exit codes: 0 done, 1 our fault, 2 the input, 3 the database, 4 the model."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from api import cli_answers, cli_bench, cli_db, cli_documents, cli_ingest, cli_merge, cli_template, cli_token
from api.terminal import AsJson, column_table, err, escaped, out, print_json, run, run_loop, show_table, tell, writable
from graph.errors import Code, NetworkError
from graph.settings import Settings, settings

if TYPE_CHECKING:
    from api.state import Network
    from ingest.starter import StarterReport

app = typer.Typer(
    name="gcio",
    help="Global CIO Network: a need in, partners out.",
    epilog="Settings are GCIO_* environment variables; docs/settings.md lists them. Exit codes: 0 done, 1 our fault, 2 your input, 3 the database, 4 the model.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.add_typer(cli_token.app, name="token", help="Keys for programs that write: make, list, revoke.")
app.add_typer(cli_documents.app, name="documents", help="Trusted documents: what clients may ask by its hash.")
app.add_typer(cli_db.app, name="db", help="The embedded Neo4j: start, stop, look inside, back up, restore.")
app.add_typer(cli_ingest.app, name="ingest", help="Public sources into the graph, and what was set aside.")
app.add_typer(cli_bench.app, name="bench", help="A graph for measuring, in a database of its own.")
cli_answers.add_to(app)
cli_template.add_to(app)
cli_merge.add_to(app)


def main() -> None:
    """Run `gcio`; a failure is two lines for people and an exit code for scripts."""
    if sys.argv[1:2] not in (["up"], ["serve"]):
        # A command tells a database that does not answer once, in its own words; a server's log has every attempt.
        logging.getLogger("neo4j").addHandler(logging.NullHandler())
    try:
        code = app(standalone_mode=False)
    except NetworkError as error:
        if "--json" in sys.argv:
            print(json.dumps({"error": {"message": error.message} | error.as_dict()}, ensure_ascii=False))  # noqa: T201 - the answer of a script
        else:
            tell(error)
        raise SystemExit(error.exit_code) from None
    except (KeyboardInterrupt, EOFError, asyncio.CancelledError):
        raise SystemExit(130) from None
    except Exception as error:
        if hasattr(error, "show") and hasattr(error, "exit_code"):
            error.show()
            raise SystemExit(error.exit_code) from None
        logging.getLogger("gcio").exception("command failed")
        tell(NetworkError(Code.INTERNAL, "Something went wrong on our side.", hint="The log above has the cause."))
        raise SystemExit(1) from None
    # `typer.Exit` comes back as a number, not as an exception.
    if isinstance(code, int) and code:
        raise SystemExit(code)


@app.command()
def up(
    port: Annotated[int | None, typer.Option(help="Port of the web server; 0 takes a free one. Default: GCIO_PORT or 8600.")] = None,
    host: Annotated[str | None, typer.Option(help="Address of the web server. Default: GCIO_HOST or loopback.")] = None,
) -> None:
    """Start everything: the database, the starter data, the vectors, the web server. What `make run` calls."""
    from api.up import bring_up  # noqa: PLC0415 - as above

    run_loop(bring_up(_with(settings(), port, host)))


@app.command()
def serve(
    port: Annotated[int | None, typer.Option(help="Port of the web server; 0 takes a free one.")] = None,
    host: Annotated[str | None, typer.Option(help="Address of the web server.")] = None,
) -> None:
    """Serve pages and GraphQL on a database that is set up already."""
    from api.up import serve_only  # noqa: PLC0415 - as above

    run_loop(serve_only(_with(settings(), port, host)))


def _with(chosen: Settings, port: int | None, host: str | None) -> Settings:
    changes = {name: value for name, value in (("port", port), ("host", host)) if value is not None}
    return chosen.model_copy(update=changes)


@app.command()
def match(
    text: Annotated[str, typer.Argument(help="The need, in any language.")],
    country: Annotated[str, typer.Option(help="Country whose need it is, ISO 3166-1 alpha-3.")],
    as_of: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Use only what was known before this day.")] = None,
    kind: Annotated[
        str, typer.Option(help="Partners wanted: country, organization or any.", autocompletion=lambda: ["country", "organization", "any"])
    ] = "any",
    topic: Annotated[list[str] | None, typer.Option(help="Topic, such as digital-identity; read from the text where left out.")] = None,
    amount: Annotated[float | None, typer.Option(help="Money looked for, in US dollars.")] = None,
    language: Annotated[str | None, typer.Option(help="Language of the text, BCP 47; detected where left out.")] = None,
    first: Annotated[int, typer.Option(min=1, max=50, help="How many partners.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Partners for a need, each with a case, an offer, a funding window and reasons."""
    from api.cli_match import match_command  # noqa: PLC0415 - as above

    if kind.upper() not in {"ANY", "COUNTRY", "ORGANIZATION"}:
        raise NetworkError(Code.BAD_INPUT, f"“{kind}” is not a kind of partner.", allowed=["country", "organization", "any"])
    variables = {
        "country": country,
        "text": text,
        "asOf": as_of.date().isoformat() if as_of else None,
        "partnerKind": kind.upper(),
        "topics": topic or None,
        "amountUsd": amount,
        "language": language,
    }
    answer = run(lambda network: match_command(network, variables, first))
    if as_json:
        print_json(answer)
    else:
        from api.cli_match import show  # noqa: PLC0415 - as above

        show(escaped(answer), out)


@app.command()
def evaluate(
    pairs: Annotated[Path, typer.Option(help="CSV of real pairs: pair_id, recipient_iso3, need, year.", exists=True, dir_okay=False)],
    target: Annotated[Path, typer.Option("--out", help="Where the rankings go, one JSON object a line.", callback=writable)],
    strict: Annotated[bool, typer.Option(help="Use nothing dated in or after the pair's year, from anywhere.")] = False,
    cases: Annotated[
        Path | None,
        typer.Option(
            help="CSV of pairs to load as past cases, masked for everybody else; those of the same country or need are hidden from a pair.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
) -> None:
    """Rank partners for pairs that happened, with what would give them away hidden inside the query."""
    from api.cli_match import evaluate_command  # noqa: PLC0415 - as above
    from graph.evaluation import read_cases, read_pairs  # noqa: PLC0415 - as above

    wanted, known = read_pairs(pairs), read_cases(cases) if cases else None
    lines, refused = run(lambda network: evaluate_command(network, wanted, strict=strict, cases=known))
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    for sentence in refused:
        err.print(f"[yellow]Left out[/] {escape(sentence)}", soft_wrap=True)
    out.print(f"{len(lines)} rankings written to {target}", soft_wrap=True)


@app.command()
def embed(
    export: Annotated[
        Path | None,
        typer.Option(help="Embed the starter data anew and write its vectors to this file; the database is left alone.", callback=writable),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Embed documents that are new or changed; switch to another model once all have its vectors."""
    from api.up import embed_with_progress, export_vectors  # noqa: PLC0415 - as above

    if export:
        written = asyncio.run(export_vectors(settings(), export))
        if as_json:
            print_json({"written": written, "file": str(export)})
        else:
            out.print(f"{written} vectors written to {export}", soft_wrap=True)
        return
    report = run(embed_with_progress)
    if as_json:
        print_json({"documents": report.documents, "embedded": report.embedded, "switched": report.switched})
    else:
        out.print(f"{report.documents} documents, {report.embedded} embedded" + (", switched to this model" if report.switched else ""))


@app.command()
def migrate(as_json: AsJson = False) -> None:
    """Bring constraints, indexes and data to this version. Safe to run again."""
    from graph.schema import migrate as migrate_database  # noqa: PLC0415 - as above

    report = run(lambda network: migrate_database(network.database))
    if as_json:
        print_json({"applied": list(report.applied), "created": list(report.created), "dropped": list(report.dropped)})
    else:
        out.print(
            f"{len(report.applied)} migrations applied, {len(report.created)} constraints and indexes created, {len(report.dropped)} dropped"
        )


@app.command()
def load(
    folder: Annotated[
        Path | None,
        typer.Option(help="Folder with the CSV files; the starter data that is shipped where left out.", exists=True, file_okay=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Load the starter data, or a folder in its format. Rows that break a rule are set aside and told; the rest goes in."""
    from api.up import load_with_progress  # noqa: PLC0415 - as above
    from graph.schema import migrate as migrate_database  # noqa: PLC0415 - as above

    async def work(network: Network) -> StarterReport:
        await migrate_database(network.database)
        return await load_with_progress(network, folder)

    report = run(work)
    if as_json:
        print_json(
            {
                "read": report.read,
                "new": report.new,
                "changed": report.changed,
                "unchanged": report.unchanged,
                "seconds": round(report.seconds, 2),
                "rejected": [
                    {"file": r.file, "row": r.line, "column": r.column, "value": r.value, "reason": r.reason, "allowed": list(r.allowed)}
                    for r in report.rejected
                ],
            }
        )
    if report.rejected:
        raise typer.Exit(2)


@app.command()
def explain(
    file: Annotated[Path, typer.Argument(help="File with one GraphQL operation.", exists=True, dir_okay=False)],
    variables: Annotated[str, typer.Option(help="Variables as a JSON object.")] = "{}",
    as_json: AsJson = False,
) -> None:
    """How a GraphQL operation is answered: plan, Cypher, parameters, and what it takes the database (dbHits and rows)."""
    from api.cli_explain import explain_command, show  # noqa: PLC0415 - as above

    answer = run(lambda network: explain_command(network, file.read_text(encoding="utf-8"), variables))
    if as_json:
        print_json(answer)
    else:
        show(answer, out)


@app.command()
def check(as_json: AsJson = False) -> None:
    """Look for records that break the model. Exit code 1 where there are any."""
    from graph.check import check_graph  # noqa: PLC0415 - as above

    found = run(lambda network: check_graph(network.database))
    if as_json:
        print_json([{"record": f.record, "rule": f.rule, "detail": f.detail} for f in found])
    elif found:
        table = column_table("record", "rule", "detail")
        for f in found[:100]:
            table.add_row(escape(f.record), f.rule, escape(f.detail))
        show_table(table)
        out.print(f"{len(found)} records break the model")
    else:
        out.print("The graph keeps to the model: 0 findings")
    if found:
        raise typer.Exit(1)


@app.command()
def schema(
    target: Annotated[Path | None, typer.Option("--out", help="Write to this file instead of the screen.", callback=writable)] = None,
) -> None:
    """Print the GraphQL schema."""
    from api.schema import sdl  # noqa: PLC0415 - as above

    if target:
        target.write_text(sdl(), encoding="utf-8")
    else:
        print(sdl(), end="")  # noqa: T201 - the answer itself
