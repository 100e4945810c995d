"""Peers, the board, assignment and chains over GraphQL: pages, drill-down, languages, refusals; and on the command line."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from api import assignment, cli_answers
from api.cli import app
from api.execute import execute
from api.state import Network
from graph.assignment.kept import qualities_of
from graph.errors import Code, NetworkError
from graph.version import revise
from tests.api.asking import ask, refused

pytestmark = pytest.mark.live


async def pages(client: httpx.AsyncClient, query: str, *path: str) -> list[dict[str, Any]]:
    """All nodes of a list, three at a time. `query` has `$after` and the fields of a connection."""
    nodes: list[dict[str, Any]] = []
    after = None
    while True:
        found: Any = await ask(client, query, {"after": after})
        for name in path:
            found = found[name]
        nodes += found["nodes"]
        assert len(found["nodes"]) <= 3
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            assert len(nodes) == found["totalCount"]
            return nodes


PAGE = "totalCount pageInfo { endCursor hasNextPage }"


async def test_peers_come_in_pages_with_reasons_and_news(client: httpx.AsyncClient) -> None:
    query = """query ($country: String!, $weights: [MeasureWeightInput!]) { peers(country: $country, weights: $weights) {
      country { iso3 } weights { measure weight } missing notices { code message } notCompared(first: 1) { totalCount }
      peers(first: 5) { totalCount nodes { rank distance known missing country { iso3 }
        measures { measure difference weight } nearest { measure } farthest { measure explanation }
        newTopics { count topic { id } records(first: 2) { totalCount nodes { id url } } } } } } }"""

    found = (await ask(client, query, {"country": "khm", "weights": [{"measure": "REGION", "weight": 0}]}))["peers"]

    assert found["country"] == {"iso3": "KHM"}
    assert {"measure": "REGION", "weight": 0.0} in found["weights"]
    assert len(found["weights"]) == 11
    assert found["peers"]["totalCount"] + found["notCompared"]["totalCount"] == 242
    assert [n["code"] for n in found["notices"]] == ["NOT_COMPARED"]
    for peer in found["peers"]["nodes"]:
        shares = [(m["difference"] * m["weight"], m["weight"]) for m in peer["measures"]]
        assert peer["distance"] == pytest.approx(sum(s for s, _ in shares) / sum(w for _, w in shares))
        assert "REGION" not in {m["measure"] for m in peer["measures"]} | set(peer["missing"])
        assert all(0 < topic["records"]["totalCount"] <= topic["count"] for topic in peer["newTopics"])
    assert any(peer["newTopics"] for peer in found["peers"]["nodes"])


async def test_peers_can_be_read_on_and_backwards(client: httpx.AsyncClient) -> None:
    listing = f"peers(first: 3, after: $after) {{ nodes {{ rank country {{ iso3 }} }} {PAGE} }}"
    query = f'query ($after: String) {{ peers(country: "KHM") {{ {listing} }} }}'
    nodes = await pages(client, query, "peers", "peers")
    last = await ask(client, '{ peers(country: "KHM") { peers(last: 2) { nodes { rank } pageInfo { hasPreviousPage } } } }')

    assert [n["rank"] for n in nodes] == list(range(1, len(nodes) + 1))
    assert len({n["country"]["iso3"] for n in nodes}) == len(nodes)
    assert [n["rank"] for n in last["peers"]["peers"]["nodes"]] == [len(nodes) - 1, len(nodes)]
    assert last["peers"]["peers"]["pageInfo"] == {"hasPreviousPage": True}


async def test_peers_are_told_in_french_and_arabic(client: httpx.AsyncClient) -> None:
    query = '{ peers(country: "KHM") { peers(first: 1) { nodes { farthest { explanation } } } } }'

    french, arabic = await ask(client, query, language="fr"), await ask(client, query, language="ar")

    assert french["peers"]["peers"]["nodes"][0]["farthest"]["explanation"] == "Aucune langue officielle commune."
    assert arabic["peers"]["peers"]["nodes"][0]["farthest"]["explanation"] == "لا لغة رسمية مشتركة."


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ('{ peers(country: "Cambodja") { missing } }', "UNKNOWN_COUNTRY"),
        ('{ peers(country: "KHM", weights: [{measure: INCOME, weight: -1}]) { missing } }', "BAD_INPUT"),
        ('{ peers(country: "KHM", weights: [{measure: WEALTH, weight: 1}]) { missing } }', "GRAPHQL_INVALID"),
        ('{ peers(country: "KHM") { peers(first: 101) { totalCount } } }', "PAGE_SIZE"),
        ('{ peers(country: "KHM") { peers(after: "x") { totalCount } } }', "BAD_CURSOR"),
        ('{ board(groups: ["atlantis"]) { needs } }', "BAD_INPUT"),
        ('{ board(topics: ["bridges"]) { needs } }', "UNKNOWN_TOPIC"),
        ('{ board(providers: ["organization:nobody"]) { needs } }', "BAD_INPUT"),
        ("{ assign(input: {floor: 2}) { quality } }", "BAD_INPUT"),
        ('{ assign(input: {needs: ["need:nowhere"]}) { quality } }', "UNKNOWN_NEED"),
        ('{ assign(input: {needs: ["need:a", "need:a"]}) { quality } }', "CONTRADICTORY_INPUT"),
        ('{ assign(input: {needs: ["need:need-dpi-ken-data-exchange"], partners: [{partner: "country:ATL"}]}) { quality } }', "NOT_FOUND"),
        ("{ chains(kind: TRIANGULAR, basis: POSSIBLE) { totalCount } }", "CONTRADICTORY_INPUT"),
        ('{ chains(country: "Atlantis") { totalCount } }', "UNKNOWN_COUNTRY"),
        ('{ chains(topic: "bridges") { totalCount } }', "UNKNOWN_TOPIC"),
    ],
)
async def test_what_makes_no_sense_is_refused_with_a_code(client: httpx.AsyncClient, query: str, code: str) -> None:
    assert (await refused(client, query)).code == code


async def test_cursor_of_one_list_is_refused_by_another(client: httpx.AsyncClient) -> None:
    found = await ask(client, '{ peers(country: "KHM") { peers(first: 1) { pageInfo { endCursor } } } }')
    cursor = found["peers"]["peers"]["pageInfo"]["endCursor"]

    refusal = await refused(client, "query ($after: String) { chains(first: 1, after: $after) { totalCount } }", {"after": cursor})

    assert refusal.code == "BAD_CURSOR"


async def test_board_opens_down_to_the_records(client: httpx.AsyncClient) -> None:
    lists = ["needs", "needsWithoutOffer", "needsWithoutMoney", "offers", "idleOffers", "windows", "idleWindows"]
    cell = "topic { id } group { id kind } askedUsd openUsd unpricedNeeds unpricedWindows " + " ".join(
        f"{name}(first: 100) {{ totalCount nodes {{ id url }} }}" for name in lists
    )
    query = f"query ($after: String) {{ board {{ gaps(first: 3, after: $after) {{ {PAGE} nodes {{ {cell} crowded {{ need {{ id }} funders(first: 3) {{ totalCount }} }} }} }} }} }}"

    gaps = await pages(client, query, "board", "gaps")

    assert gaps != []
    for found in gaps:
        shown = {name: [n["id"] for n in found[name]["nodes"]] for name in lists}
        assert all(len(shown[name]) == min(100, found[name]["totalCount"]) for name in lists)
        assert set(shown["needsWithoutOffer"]) | set(shown["needsWithoutMoney"]) <= set(shown["needs"])
        assert set(shown["idleOffers"]) <= set(shown["offers"])
        assert set(shown["idleWindows"]) <= set(shown["windows"])
        assert shown["needsWithoutOffer"] + shown["needsWithoutMoney"] != []
        assert found["group"]["kind"] == "REGION"
        assert all(c["need"]["id"] in shown["needs"] and c["funders"]["totalCount"] >= 2 for c in found["crowded"])


async def test_gap_of_the_board_is_a_gap_of_the_match_too(client: httpx.AsyncClient) -> None:
    """What the board says no window on the need's topics is open to, a match with the need does not offer on those topics either."""
    query = (
        "{ board { gaps(first: 1) { nodes { needsWithoutMoney(first: 1) { nodes { id country { iso3 } topics { nodes { id } } } } } } } }"
    )
    [gap] = (await ask(client, query))["board"]["gaps"]["nodes"]
    [need] = gap["needsWithoutMoney"]["nodes"]
    document = "query ($input: MatchInput!) { match(input: $input) { partners(first: 1) { nodes { fundingCalls(first: 10) { nodes { id topics { nodes { id } } } } } } } }"

    found = (await ask(client, document, {"input": {"country": need["country"]["iso3"], "need": need["id"]}}))["match"]

    asked = {t["id"] for t in need["topics"]["nodes"]}
    offered = [call for p in found["partners"]["nodes"] for call in p["fundingCalls"]["nodes"]]
    assert [call["id"] for call in offered if asked & {t["id"] for t in call["topics"]["nodes"]}] == []


ASSIGN = """query ($input: AssignInput!) { assign(input: $input) {
  quality bound lowestShare dataVersion obstacle { constraint explanation needs(first: 9) { totalCount nodes { id } } partners(first: 9) { nodes { __typename ... on Country { id } } } }
  assigned(first: 100) { totalCount nodes { need { id } partner { ... on Country { id } } best { ... on Country { id } } quality cost place of explanation } }
  loads(first: 100) { nodes { partner { ... on Country { id } } places needs(first: 9) { nodes { id } } } }
  leftOut { constraint explanation needs(first: 1) { nodes { id } } }
} }"""
FEW = [f"need:need-dpi-{n}" for n in ("ken-data-exchange", "mng-data-exchange", "npl-digital-id")]


async def assigned(client: httpx.AsyncClient, given: dict[str, Any]) -> Any:
    """The assignment, asked for as long as its needs are being ranked."""
    while True:
        body = (await client.post("/graphql", json={"query": ASSIGN, "variables": {"input": given}})).json()
        if "errors" not in body:
            return body["data"]["assign"]
        [error] = body["errors"]
        assert error["extensions"]["code"] == "RANKING_UNDER_WAY", error
        await asyncio.sleep(error["extensions"]["details"]["retryAfter"])


async def test_needs_that_have_to_be_ranked_are_told_to_be_so_and_ranked_meanwhile(
    client: httpx.AsyncClient, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"needs": FEW, "floor": 0.0}
    await network.database.write(revise)
    monkeypatch.setattr(assignment, "PATIENCE", 0.0)

    refusal = await refused(client, ASSIGN, {"input": given})
    await asyncio.wait({ranking for ranking in [qualities_of(network.database).ranking] if ranking})
    found = await ask(client, ASSIGN, {"input": given})

    assert (refusal.status, refusal.code, refusal.extensions["details"]) == (409, "RANKING_UNDER_WAY", {"needs": 3, "retryAfter": 1})
    assert refusal.extensions["hint"] == "Ask the same again in 1 second: what is ranked is kept."
    assert found["assign"]["assigned"]["totalCount"] == 3


async def test_assignment_explains_every_pair(client: httpx.AsyncClient) -> None:
    partners = [{"partner": "country:EST", "places": 1, "languages": ["en", "et"]}, {"partner": "country:IND"}, {"partner": "country:KEN"}]

    found = await assigned(client, {"needs": FEW, "partners": partners, "atMost": 2, "floor": 0})

    nodes = found["assigned"]["nodes"]
    assert (found["obstacle"], found["leftOut"]) == (None, [])
    assert [n["need"]["id"] for n in nodes] == sorted(FEW)
    assert found["quality"] == pytest.approx(sum(n["quality"] for n in nodes))
    assert found["bound"] - found["quality"] == pytest.approx(sum(n["cost"] for n in nodes))
    assert all((n["cost"] == 0) == (n["partner"] == n["best"]) and n["explanation"] for n in nodes)
    loads = {load["partner"]["id"]: (load["places"], len(load["needs"]["nodes"])) for load in found["loads"]["nodes"]}
    assert {partner: places for partner, (places, _) in loads.items()} == {"country:EST": 1, "country:IND": 2, "country:KEN": 2}
    assert sum(taken for _, taken in loads.values()) == 3
    assert all(taken <= places for places, taken in loads.values())


async def test_assignment_that_cannot_be_kept_says_which_constraint(client: httpx.AsyncClient) -> None:
    one = {"needs": FEW, "partners": [{"partner": "country:EST"}], "atMost": 2, "floor": 0}

    strict, loose = await assigned(client, one), await assigned(client, one | {"leaveOut": True})

    assert strict["obstacle"] == {
        "constraint": "CAPACITY",
        "explanation": "For 3 needs only the same partners have evidence (1), which have room for 2.",
        "needs": {"totalCount": 3, "nodes": [{"id": need} for need in sorted(FEW)]},
        "partners": {"nodes": [{"__typename": "Country", "id": "country:EST"}]},
    }
    assert strict["assigned"]["totalCount"] == 0
    assert loose["assigned"]["totalCount"] == 2
    [left] = loose["leftOut"]
    assert (left["constraint"], left["needs"]["nodes"][0]["id"] in FEW) == ("CAPACITY", True)


async def test_assignment_by_language_only_takes_who_shares_one(client: httpx.AsyncClient) -> None:
    spoken = {"needs": FEW[:1], "partners": [{"partner": "country:EST", "languages": ["et"]}], "floor": 0}

    found = await assigned(client, spoken)

    assert found["obstacle"]["constraint"] == "LANGUAGE"
    assert found["obstacle"]["explanation"] == "1 need shares a language with none of the partners that have evidence for it."


async def test_chains_come_in_pages_with_their_records(client: httpx.AsyncClient) -> None:
    link = "role count giver { ... on Country { id } } receiver { id } records(first: 10) { totalCount nodes { id title url } } needs(first: 10) { totalCount }"
    nodes = f"nodes {{ rank kind basis weakest explanation links {{ {link} }} }}"
    query = f"query ($after: String) {{ chains(kind: EXCHANGE_OF_TWO, basis: POSSIBLE, first: 3, after: $after) {{ {PAGE} {nodes} }} }}"

    found = await pages(client, query, "chains")

    assert [c["rank"] for c in found] == list(range(1, len(found) + 1))
    for chain in found:
        one, two = chain["links"]
        assert (one["giver"]["id"], one["receiver"]["id"]) == (two["receiver"]["id"], two["giver"]["id"])
        assert chain["weakest"] == min(one["count"], two["count"])
        assert all(link["records"]["totalCount"] == min(10, link["count"]) and link["needs"]["totalCount"] >= 1 for link in chain["links"])


async def test_triangle_is_told_in_french(client: httpx.AsyncClient) -> None:
    query = '{ chains(kind: TRIANGULAR, country: "EST", first: 1) { nodes { explanation links { role giver { __typename } } } } }'

    [chain] = (await ask(client, query, language="fr"))["chains"]["nodes"]

    assert " a payé, " in chain["explanation"]
    assert [link["role"] for link in chain["links"]] == ["PAYS", "HELPS"]


# The command line: the documents it sends, and how it shows what comes back.


@pytest.fixture
def in_process(network: Network, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Answers for `gcio`, asked on the session's network beforehand: the commands open a network of their own otherwise."""
    answers: dict[str, Any] = {}

    def answer(document: str, variables: dict[str, Any], field: str, *, model: bool = False) -> dict[str, Any]:
        return dict(answers[json.dumps([document, variables], sort_keys=True)][field])

    monkeypatch.setattr(cli_answers, "ask", answer)
    return answers


async def prepared(network: Network, answers: dict[str, Any], document: str, variables: dict[str, Any]) -> None:
    answers[json.dumps([document, variables], sort_keys=True)] = await cli_answers.answered(network, document, variables)


async def test_gcio_answers_as_a_process_of_its_own(network: Network) -> None:
    command = "from api.cli import main; main()"
    environment = os.environ | {"GCIO_HOME": str(network.settings.home), "GCIO_MODEL_OFFLINE": "true"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", command, "chains", "--country", "EST", "--json", env=environment, stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await process.communicate()

    chains = await execute(network, '{ chains(country: "EST") { nodes { explanation } } }', {})
    assert process.returncode == 0
    assert [c["explanation"] for c in json.loads(printed)["nodes"]] == [c["explanation"] for c in chains["chains"]["nodes"]] != []


async def test_gcio_peers_shows_and_prints(network: Network, in_process: dict[str, Any]) -> None:
    variables = {"country": "KHM", "weights": [{"measure": "POPULATION", "weight": 2.0}], "first": 3}
    await prepared(network, in_process, cli_answers.PEERS, variables)

    shown = CliRunner().invoke(app, ["peers", "KHM", "--weight", "population=2", "--first", "3"])
    printed = CliRunner().invoke(app, ["peers", "KHM", "--weight", "population=2", "--first", "3", "--json"])

    assert (shown.exit_code, printed.exit_code) == (0, 0)
    first = json.loads(printed.stdout)["peers"]["nodes"][0]
    assert json.loads(printed.stdout)["weights"][0] == {"measure": "POPULATION", "weight": 2.0}
    assert first["country"]["name"]


async def test_gcio_board_and_chains_print_what_graphql_says(network: Network, in_process: dict[str, Any]) -> None:
    await prepared(
        network, in_process, cli_answers.BOARD, {"kind": "INCOME", "groups": None, "topics": ["national-id"], "providers": None, "first": 2}
    )
    chains = {"kind": "TRIANGULAR", "basis": "HAPPENED", "country": "EST", "topic": None, "first": 2}
    await prepared(network, in_process, cli_answers.CHAINS, chains)

    board = CliRunner().invoke(app, ["board", "--kind", "income", "--topic", "national-id", "--first", "2", "--json"])
    chain = CliRunner().invoke(app, ["chains", "--kind", "triangular", "--country", "EST", "--first", "2", "--json"])

    assert set(json.loads(board.stdout)) == {"day", "needs", "offers", "windows", "notices", "gaps", "overlaps"}
    assert len(json.loads(chain.stdout)["nodes"]) == 2
    assert CliRunner().invoke(app, ["board", "--kind", "income", "--topic", "national-id", "--first", "2"]).exit_code == 0
    assert CliRunner().invoke(app, ["chains", "--kind", "triangular", "--country", "EST", "--first", "2"]).exit_code == 0


async def test_gcio_assign_ends_with_two_where_a_constraint_cannot_be_kept(network: Network, in_process: dict[str, Any]) -> None:
    partners = [{"partner": "country:EST", "places": 1, "languages": ["en", "et"]}]
    given = {"needs": FEW, "partners": partners, "atMost": 3, "floor": 0.2, "leaveOut": False}
    for leave_out in (False, True):
        await prepared(network, in_process, cli_answers.ASSIGN, {"input": given | {"leaveOut": leave_out}, "first": 100})
    words = ["assign", *(w for need in FEW for w in ("--need", need)), "--partner", "country:EST=1:en,et"]

    strict, loose = CliRunner().invoke(app, [*words, "--json"]), CliRunner().invoke(app, [*words, "--json", "--leave-out"])

    assert (strict.exit_code, loose.exit_code) == (2, 0)
    assert json.loads(strict.stdout)["obstacle"]["constraint"] == "CAPACITY"
    assert len(json.loads(loose.stdout)["leftOut"]) == 2
    assert CliRunner().invoke(app, words).exit_code == 2
    assert CliRunner().invoke(app, [*words, "--leave-out"]).exit_code == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["peers", "KHM", "--weight", "population"], "“population” is not a weight."),
        (["peers", "KHM", "--weight", "wealth=1"], "“wealth” is not a measure."),
        (["board", "--kind", "planet"], "“planet” is not a kind of country group."),
        (["chains", "--kind", "square"], "“square” is not a kind of chain."),
        (["assign", "--partner", "country:EST=many"], "“many” is no number of places."),
    ],
)
def test_gcio_refuses_words_that_it_does_not_know(words: list[str], message: str) -> None:
    failure = CliRunner().invoke(app, words).exception

    assert isinstance(failure, NetworkError)
    assert (failure.code, failure.message) == (Code.BAD_INPUT, message)
