"""What `gcio match` and `gcio evaluate` do, and how a match looks on a terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from rich.console import Console
from rich.table import Table

from api.execute import execute
from api.state import Network
from graph.errors import NetworkError
from graph.evaluation import Case, Pair, Ranked, load_cases, rankings

DOCUMENT = """
query ($input: MatchInput!, $first: Int!) {
  match(input: $input) {
    text language dataVersion model maximumScore
    country { iso3 name }
    topics { id name }
    notices { code message }
    partners(first: $first) { totalCount nodes {
      rank score sentence missing
      partner { __typename ... on Country { id iso3 name } ... on Organization { id name } }
      parts { name value weight explanation }
      cases(first: 3) { nodes { id title url } }
      offers(first: 3) { nodes { id title url } }
      fundingCalls(first: 3) { nodes { id title url } }
      paths { part steps { relationship node { id __typename } } }
    } }
    nearMisses { partner { __typename ... on Country { id name } ... on Organization { id name } } record { id title url } rule explanation distance unit }
  }
}
"""


async def match_command(network: Network, variables: Mapping[str, Any], first: int) -> dict[str, Any]:
    """The answer of `match` as the GraphQL document above shapes it."""
    await network.embedding.ready()
    given = {name: value for name, value in variables.items() if value is not None}
    answer = await execute(network, DOCUMENT, {"input": given, "first": first})
    return dict(answer["match"])


def show(answer: Mapping[str, Any], console: Console) -> None:
    """A match for people: a table at a glance, then each partner's sentence. Its texts are `escaped`."""
    topics = ", ".join(topic["name"] for topic in answer["topics"])
    console.print(f"[bold]{answer['country']['name']}[/]: {answer['text']}", soft_wrap=True)
    console.print(
        f"[dim]language {answer['language']}; topics read: {topics or 'none'}; data version {answer['dataVersion']}[/]", soft_wrap=True
    )
    for notice in answer["notices"]:
        console.print(f"[yellow]Note[/] {notice['message']}", soft_wrap=True)
    table = Table("#", "partner", f"score of {answer['maximumScore']:.2f}", "case", "offer", "funding window", expand=True)
    for partner in answer["partners"]["nodes"]:
        cells = [_first(partner[name]) for name in ("cases", "offers", "fundingCalls")]
        table.add_row(str(partner["rank"]), partner["partner"]["name"], f"{partner['score']:.2f}", *cells)
    console.print(table)
    for partner in answer["partners"]["nodes"]:
        console.print(f"{partner['rank']}. [bold]{partner['partner']['name']}[/]: {partner['sentence']}", soft_wrap=True)
    for miss in answer["nearMisses"][:5]:
        console.print(f"Almost: {miss['record']['title']} ({miss['partner']['name']}). {miss['explanation']}", soft_wrap=True)


def _first(listing: Mapping[str, Any]) -> str:
    nodes = listing["nodes"]
    return str(nodes[0]["title"]) if nodes else "[dim]none on record[/]"


async def evaluate_command(
    network: Network, pairs: list[Pair], *, strict: bool, cases: list[Case] | None = None
) -> tuple[list[str], list[str]]:
    """(one JSON line a pair in the format that the scorer reads, one sentence for each pair or case that could not be used)."""
    await network.embedding.ready()
    countries, _ = await network.known()
    lines, refused = [], await load_cases(network.database, network.embedding, cases) if cases else []
    for pair in pairs:
        ranked = Ranked([], [])
        as_of = date(pair.year, 1, 1) if strict else None
        try:
            ranked = await rankings(network.database, network.embedding, pair, countries, as_of=as_of, with_cases=bool(cases))
        except NetworkError as error:
            if error.exit_code != 2:
                raise
            refused.append(f"{pair.id}: {error.message}")
        lines.append(
            json.dumps({"pair_id": pair.id, "countries": ranked.countries, "organisations": ranked.organisations}, ensure_ascii=False)
        )
    return lines, refused
