"""`gcio candidates`, `gcio merge`, `gcio distinct`: records that may be one, and a person's decision."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from api.terminal import AsJson, column_table, out, print_json, run, show_table

A = Annotated[str, typer.Argument(help="Id of the record that stays, such as organization:caf.", metavar="A")]
B = Annotated[str, typer.Argument(help="Id of the record that goes into it.", metavar="B")]
One = Annotated[str, typer.Argument(help="Id of the one record.", metavar="A")]
Another = Annotated[str, typer.Argument(help="Id of the other record.", metavar="B")]


def candidates(as_json: AsJson = False) -> None:
    """List organisations that may be one, the most alike first: `gcio merge` or `gcio distinct` decides."""
    from graph.merge import candidates as open_candidates  # noqa: PLC0415 - the driver loads only for commands that need it

    found = run(lambda network: open_candidates(network.database))
    if as_json:
        print_json([asdict(candidate) for candidate in found])
        return
    table = column_table("alike", "A", "B", "why")
    for c in found:
        pair = ((c.kept, c.kept_name, c.kept_country, c.kept_links), (c.other, c.other_name, c.other_country, c.other_links))
        shown = [f"{record}\n{name}\n{country or 'no country'}, {links} links" for record, name, country, links in pair]
        table.add_row(f"{c.score:.0f}", *shown, c.reason)
    if found:
        show_table(table)
    out.print(
        f"{len(found)} pairs wait for a decision: `gcio merge A B` makes B part of A, `gcio distinct A B` keeps them apart", soft_wrap=True
    )


def merge(kept: A, other: B, as_json: AsJson = False) -> None:
    """Merge B into A: names, sources and links go over, both histories stay, B's address leads to A."""
    from graph.merge import merge as merge_records  # noqa: PLC0415 - as above

    done = run(lambda network: merge_records(network.database, kept, other, actor="cli"))
    if as_json:
        print_json({"kept": done.kept, "other": done.other, "moved": done.moved})
    else:
        out.print(f"{done.other} is {done.kept} now; {done.moved} links went over", soft_wrap=True)


def distinct(one: One, another: Another, as_json: AsJson = False) -> None:
    """Say that A and B are two: they are no candidates any more."""
    from graph.merge import keep_apart  # noqa: PLC0415 - as above

    run(lambda network: keep_apart(network.database, one, another, actor="cli"))
    if as_json:
        print_json({"distinct": [one, another]})
    else:
        out.print(f"{one} and {another} stay two records", soft_wrap=True)


def add_to(app: typer.Typer) -> None:
    """Make them commands of `gcio`."""
    app.command()(candidates)
    app.command()(merge)
    app.command()(distinct)
