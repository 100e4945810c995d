"""`gcio peers`, `gcio board`, `gcio assign`, `gcio chains`: questions about many countries at once, on a terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from api.terminal import AsJson, err, escaped, out, print_json, run
from graph.errors import Code, NetworkError

if TYPE_CHECKING:
    from api.state import Network

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

BOARD = """
query ($kind: CountryGroupKind!, $groups: [ID!], $topics: [ID!], $providers: [ID!], $first: Int!) {
  board(kind: $kind, groups: $groups, topics: $topics, providers: $providers) {
    day needs offers windows
    notices { code message }
    gaps(first: $first) { totalCount nodes { ...cell needsWithoutOffer(first: 5) { ...needs } needsWithoutMoney(first: 5) { ...needs } } }
    overlaps(first: $first) { totalCount nodes {
      ...cell
      idleOffers(first: 5) { totalCount nodes { id title url } }
      idleWindows(first: 5) { totalCount nodes { id title url } }
      crowded { need { id title url } funders(first: 5) { totalCount nodes { ... on Country { id name } ... on Organization { id name } } } }
    } }
  }
}
fragment cell on BoardCell {
  topic { id name } group { id name } askedUsd openUsd unpricedNeeds unpricedWindows
  needs { totalCount } offers { totalCount } windows { totalCount }
}
fragment needs on NeedConnection { totalCount nodes { id title url country { iso3 name } } }
"""

ASSIGN = """
query ($input: AssignInput!, $first: Int!) {
  assign(input: $input) {
    quality bound lowestShare dataVersion
    obstacle { constraint explanation needs(first: 10) { totalCount nodes { id title } } partners(first: 10) { totalCount nodes { ...party } } }
    leftOut { constraint explanation needs(first: 1) { nodes { id title country { name } } } }
    assigned(first: $first) { totalCount nodes {
      need { id title country { iso3 name } } partner { ...party } best { ...party } quality cost place of explanation
    } }
  }
}
fragment party on Party { ... on Country { id name } ... on Organization { id name } }
"""

CHAINS = """
query ($kind: ChainKind!, $basis: ChainBasis!, $country: String, $topic: ID, $first: Int!) {
  chains(kind: $kind, basis: $basis, country: $country, topic: $topic, first: $first) { totalCount nodes {
    rank kind basis weakest explanation
    links {
      role count
      giver { ... on Country { id name } ... on Organization { id name } }
      receiver { id name }
      records(first: 3) { nodes { id title url } }
      needs(first: 3) { nodes { id title url } }
    }
  } }
}
"""


def add_to(app: typer.Typer) -> None:
    """Register the commands of this module."""
    app.command()(peers)
    app.command()(board)
    app.command()(assign)
    app.command()(chains)


def ask(document: str, variables: Mapping[str, Any], field: str, *, model: bool = False) -> dict[str, Any]:
    """The value of a root field; with `model`, once the embedding model is loaded."""

    async def work(network: Network) -> dict[str, Any]:
        if model:
            await network.embedding.ready()
        return await answered(network, document, variables)

    return dict(run(work)[field])


async def answered(network: Network, document: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """What `execute` answers, asked again until needs that have to be ranked for it are."""
    from api.execute import execute  # noqa: PLC0415 - torch and the driver load only for commands that need them

    while True:
        try:
            return await execute(network, document, variables)
        except NetworkError as error:
            if error.code is not Code.RANKING_UNDER_WAY:
                raise
            with err.status(escape(error.message)):
                await asyncio.sleep(error.details["retryAfter"])


def show_or_print(answer: dict[str, Any], as_json: bool, show: Callable[[dict[str, Any]], None]) -> None:
    if as_json:
        print_json(answer)
        return
    answer = escaped(answer)
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


def board(
    kind: Annotated[
        str, typer.Option(help="Kind of the country groups: region, subregion, income, development, organization, lending.")
    ] = "region",
    group: Annotated[
        list[str] | None, typer.Option(help="A country group, such as ldc; may be repeated. All of the kind where left out.")
    ] = None,
    topic: Annotated[
        list[str] | None, typer.Option(help="A topic, such as digital-identity; may be repeated. The widest where left out.")
    ] = None,
    provider: Annotated[
        list[str] | None,
        typer.Option(
            help="Whose offers, windows and overlaps, such as organization:world-bank; may be repeated. Everybody's where left out."
        ),
    ] = None,
    first: Annotated[int, typer.Option(min=1, max=100, help="How many gaps and how many overlaps.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Gaps and overlaps between what is asked and what is open, topic by country group."""
    from graph.vocabulary import CountryGroupKind  # noqa: PLC0415 - as above

    if kind.upper() not in set(CountryGroupKind):
        raise NetworkError(
            Code.BAD_INPUT, f"“{kind[:40]}” is not a kind of country group.", allowed=[k.value.lower() for k in CountryGroupKind]
        )
    variables = {"kind": kind.upper(), "groups": group or None, "topics": topic or None, "providers": provider or None, "first": first}
    show_or_print(ask(BOARD, variables, "board"), as_json, _show_board)


def _show_board(answer: dict[str, Any]) -> None:
    out.print(
        f"{answer['day']}: {answer['needs']} open needs, {answer['offers']} offers, {answer['windows']} funding windows", soft_wrap=True
    )
    out.print(f"[bold]Gaps[/] ({answer['gaps']['totalCount']})")
    for cell in answer["gaps"]["nodes"]:
        without = f"{cell['needsWithoutOffer']['totalCount']} without an offer, {cell['needsWithoutMoney']['totalCount']} without money"
        out.print(f"{_place(cell)}: {cell['needs']['totalCount']} needs, {without}; {_money(cell)}", soft_wrap=True)
        named = {
            n["id"]: f"{n['title']} ({n['country']['name']})"
            for part in ("needsWithoutOffer", "needsWithoutMoney")
            for n in cell[part]["nodes"]
        }
        for need in named.values():
            out.print(f"   {need}", soft_wrap=True)
    out.print(f"[bold]Overlaps[/] ({answer['overlaps']['totalCount']})")
    for cell in answer["overlaps"]["nodes"]:
        idle = f"{cell['idleOffers']['totalCount']} of {cell['offers']['totalCount']} offers and {cell['idleWindows']['totalCount']} of {cell['windows']['totalCount']} windows that nobody asks for"
        out.print(f"{_place(cell)}: {idle}, {len(cell['crowded'])} needs with several funders; {_money(cell)}", soft_wrap=True)


def _place(cell: dict[str, Any]) -> str:
    return f"{cell['topic']['name']}, {cell['group']['name']}"


def _money(cell: dict[str, Any]) -> str:
    return f"{cell['askedUsd'] / 1e6:,.1f} M USD asked, {cell['openUsd'] / 1e6:,.1f} M USD open"


def assign(
    need: Annotated[list[str] | None, typer.Option(help="Id of a need; may be repeated. The newest open needs where left out.")] = None,
    partner: Annotated[
        list[str] | None,
        typer.Option(
            help="Id of a country or organisation, with its places and languages where they are known: country:EST=4:en,et. May be repeated. "
            "Those with most evidence where left out."
        ),
    ] = None,
    at_most: Annotated[int, typer.Option(help="Most needs that one partner gets.")] = 3,
    floor: Annotated[float, typer.Option(help="Least share of what its best partner would bring for each need, 0 to 1.")] = 0.2,
    leave_out: Annotated[
        bool, typer.Option("--leave-out", help="Leave needs out that cannot get a partner, instead of refusing all.")
    ] = False,
    first: Annotated[int, typer.Option(min=1, max=100, help="How many needs are shown.")] = 100,
    as_json: AsJson = False,
) -> None:
    """A partner for each of many needs. Exit code 2 where a constraint cannot be kept."""
    given = {
        "needs": need or None,
        "partners": [_invited(p) for p in partner] if partner else None,
        "atMost": at_most,
        "floor": floor,
        "leaveOut": leave_out,
    }
    answer = ask(ASSIGN, {"input": given, "first": first}, "assign", model=True)
    show_or_print(answer, as_json, _show_assignment)
    if answer["obstacle"]:
        raise typer.Exit(2)


def _invited(given: str) -> dict[str, Any]:
    """`country:EST=4:en,et` as a partner with its places and languages."""
    partner, _, terms = given.partition("=")
    places, _, languages = terms.partition(":")
    if places and not places.isdigit():
        raise NetworkError(Code.BAD_INPUT, f"“{places[:20]}” is no number of places.", hint="Write a partner as country:EST=4:en,et.")
    return {"partner": partner, "places": int(places) if places else None, "languages": languages.split(",") if languages else None}


def _show_assignment(answer: dict[str, Any]) -> None:
    if obstacle := answer["obstacle"]:
        out.print(f"[bold red]Not possible[/] {obstacle['explanation']}  [dim]{obstacle['constraint']}[/]", soft_wrap=True)
        for need in obstacle["needs"]["nodes"]:
            out.print(f"   {need['title']}", soft_wrap=True)
        return
    for found in answer["assigned"]["nodes"]:
        cost = f", {found['cost']:.2f} less than {found['best']['name']}" if found["cost"] else ""
        out.print(f"{found['need']['country']['name']}: {found['need']['title']}", soft_wrap=True)
        out.print(f"   [bold]{found['partner']['name']}[/] {found['quality']:.2f}{cost}. {found['explanation']}", soft_wrap=True)
    for left in answer["leftOut"]:
        [need] = left["needs"]["nodes"]
        out.print(f"[yellow]Left out[/] {need['country']['name']}: {need['title']}. {left['explanation']}", soft_wrap=True)
    share = f"; every need gets at least {answer['lowestShare']:.0%} of its best" if answer["lowestShare"] is not None else ""
    out.print(f"{answer['quality']:.2f} of {answer['bound']:.2f} if each had its best partner{share}", soft_wrap=True)


def chains(
    kind: Annotated[str, typer.Option(help="exchange-of-two, exchange-of-three or triangular.")] = "exchange-of-two",
    possible: Annotated[bool, typer.Option("--possible", help="What could be, from open needs, instead of what happened.")] = False,
    country: Annotated[str | None, typer.Option(help="A country that is part of it, ISO 3166-1 alpha-3.")] = None,
    topic: Annotated[str | None, typer.Option(help="A topic that the records are about, such as digital-identity.")] = None,
    first: Annotated[int, typer.Option(min=1, max=100, help="How many chains.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Exchanges in which each country gives and receives, and triangles of funder, provider and recipient."""
    from graph.chains import ChainKind  # noqa: PLC0415 - as above

    name = kind.strip().upper().replace("-", "_")
    if name not in set(ChainKind):
        raise NetworkError(
            Code.BAD_INPUT, f"“{kind[:40]}” is not a kind of chain.", allowed=[k.value.lower().replace("_", "-") for k in ChainKind]
        )
    variables = {"kind": name, "basis": "POSSIBLE" if possible else "HAPPENED", "country": country, "topic": topic, "first": first}
    show_or_print(ask(CHAINS, variables, "chains"), as_json, _show_chains)


def _show_chains(answer: dict[str, Any]) -> None:
    for chain in answer["nodes"]:
        out.print(f"{chain['rank']}. [bold]{chain['explanation']}[/]", soft_wrap=True)
        for link in chain["links"]:
            shown = "; ".join(record["title"] for record in link["records"]["nodes"])
            out.print(f"   {link['giver']['name']} to {link['receiver']['name']}, {link['count']} on record: {shown}", soft_wrap=True)
            for need in link["needs"]["nodes"]:
                out.print(f"      asked for: {need['title']}", soft_wrap=True)
    out.print(f"{answer['totalCount']} chains on record" if answer["nodes"] else "No such chain is on record.")
