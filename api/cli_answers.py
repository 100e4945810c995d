"""`gcio peers`, `gcio board`, `gcio assign`, `gcio chains`: questions about many countries at once, on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from api.terminal import AsJson, out, print_json, run
from graph.errors import Code, NetworkError

PEERS = """
query ($country: String!, $weights: [MeasureWeightInput!], $first: Int!) {
  peers(country: $country, weights: $weights) {
    country { iso3 name }
    weights { measure weight }
    missing
    notices { code message }
    peers(first: $first) { totalCount nodes {
      rank distance known missing
      country { iso3 name }
      nearest { measure difference explanation }
      farthest { measure difference explanation }
      newTopics { count topic { id name } records(first: 3) { nodes { id title url } } }
    } }
  }
}
"""


def add_to(app: typer.Typer) -> None:
    """Register the commands of this module."""
    app.command()(peers)


def ask(document: str, variables: Mapping[str, Any], field: str) -> dict[str, Any]:
    """The value of a root field for the caller of the command line."""
    from api.execute import execute  # noqa: PLC0415 - torch and the driver load only for commands that need them

    return dict(run(lambda network: execute(network, document, variables))[field])


def show_or_print(answer: dict[str, Any], as_json: bool, show: Callable[[dict[str, Any]], None]) -> None:
    if as_json:
        print_json(answer)
        return
    for notice in answer.get("notices", ()):
        out.print(f"[yellow]Note[/] {notice['message']}", soft_wrap=True)
    show(answer)


def peers(
    country: Annotated[str, typer.Argument(help="Country, ISO 3166-1 alpha-3.")],
    weight: Annotated[
        list[str] | None, typer.Option(help="A measure and how much it counts, such as population=2; 0 leaves it out. May be repeated.")
    ] = None,
    first: Annotated[int, typer.Option(min=1, max=100, help="How many peers.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Countries most like one, why, and what they did that it has not."""
    weights = [_weight(given) for given in weight or ()]
    show_or_print(ask(PEERS, {"country": country, "weights": weights, "first": first}, "peers"), as_json, _show_peers)


def _weight(given: str) -> dict[str, Any]:
    from graph.peers import measure_named  # noqa: PLC0415 - brings the driver

    name, _, number = given.partition("=")
    try:
        weight = float(number)
    except ValueError:
        raise NetworkError(
            Code.BAD_INPUT, f"“{given[:40]}” is not a weight.", hint="Write a measure, an equals sign and a number: population=2."
        ) from None
    return {"measure": measure_named(name).value, "weight": weight}


def _show_peers(answer: dict[str, Any]) -> None:
    weights = ", ".join(f"{w['measure'].lower()} {w['weight']:g}" for w in answer["weights"])
    out.print(f"[bold]{answer['country']['name']}[/] [dim]weights: {weights}[/]", soft_wrap=True)
    for peer in answer["peers"]["nodes"]:
        known = "" if peer["known"] == 1 else f", {peer['known']:.0%} of the weights on record"
        out.print(f"{peer['rank']}. [bold]{peer['country']['name']}[/]: distance {peer['distance']:.2f}{known}", soft_wrap=True)
        out.print(f"   Most alike: {peer['nearest']['explanation']} Least alike: {peer['farthest']['explanation']}", soft_wrap=True)
        new = ", ".join(f"{t['topic']['name']} ({t['count']})" for t in peer["newTopics"][:5])
        out.print(f"   Did what {answer['country']['name']} has no record of: {new or 'nothing on record'}", soft_wrap=True)
