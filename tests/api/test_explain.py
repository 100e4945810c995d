"""`gcio explain` and the extension of a server that debugs: what a query becomes, and what it takes."""

from __future__ import annotations

import httpx
import pytest
from rich.console import Console

from api.cli_explain import explain_command, show
from api.state import Network
from graph.errors import Code, NetworkError
from graph.settings import Settings

COUNTRY = "query ($id: ID!) { country(id: $id) { name } }"
LIST = "query ($after: Date!) { projects(where: {startDate: {gt: $after}}, first: 2) { nodes { title } } }"
MATCH = '{ match(input: {country: "KHM", text: "We want to join our registers."}) { partners(first: 1) { nodes { rank } } } }'


@pytest.fixture
def debugging(network: Network, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "settings", settings.model_copy(update={"debug": True}))


@pytest.mark.live
async def test_compiled_query_shows_its_cypher_and_parameters(network: Network) -> None:
    told = await explain_command(network, LIST, '{"after": "2020-01-31"}')

    assert list(told) == ["compiled", "plan", "cypher", "parameters", "dbHits", "rows", "profile"]
    assert told["compiled"] is True
    assert "startDate > $" in told["cypher"]
    assert "2020-01-31" not in told["cypher"]
    assert [value for value in told["parameters"].values() if "2020" in value] == ["datetime.date(2020, 1, 31)"]
    assert told["dbHits"] > 0
    assert told["profile"][0].split() == ["operator", "rows", "estimated", "dbHits", "details"]


@pytest.mark.live
async def test_explanation_is_shown_in_four_parts(network: Network) -> None:
    console = Console(record=True, width=200, quiet=False)
    told = await explain_command(network, COUNTRY, '{"id": "KEN"}')

    show(told, console)

    text = console.export_text().splitlines()
    titles = [line for line in text if line and not line.startswith(" ")]
    assert titles == ["Plan", "Cypher", "Parameters", f"Profile: {told['dbHits']:,} dbHits"]


@pytest.mark.live
@pytest.mark.parametrize(("query", "field"), [(MATCH, "match"), ("{ health { state } }", "health")])
async def test_computed_field_has_no_cypher_of_its_own(network: Network, query: str, field: str) -> None:
    told = await explain_command(network, query, "{}")

    assert set(told) == {"compiled", "reason"}
    assert told["compiled"] is False
    assert told["reason"].startswith("No single Cypher answers it, resolvers do: ")
    assert field in told["reason"]


@pytest.mark.live
async def test_nothing_is_asked_where_everything_is_skipped(network: Network) -> None:
    told = await explain_command(network, '{ country(id: "KEN") @skip(if: true) { name } }', "{}")

    assert told == {"compiled": False, "reason": "Everything was skipped: no question is asked."}


@pytest.mark.live
@pytest.mark.parametrize(
    ("variables", "message"),
    [("{id: KEN}", "`--variables` is not JSON: "), ('["KEN"]', "`--variables` is not a JSON object.")],
)
async def test_broken_variables_are_bad_input(network: Network, variables: str, message: str) -> None:
    with pytest.raises(NetworkError) as failure:
        await explain_command(network, COUNTRY, variables)

    assert failure.value.code is Code.BAD_INPUT
    assert failure.value.message.startswith(message)


@pytest.mark.live
@pytest.mark.parametrize(("query", "variables"), [("{ nothing }", "{}"), ("{", "{}"), (COUNTRY, "{}")])
async def test_what_is_not_valid_is_not_explained(network: Network, query: str, variables: str) -> None:
    with pytest.raises(NetworkError) as failure:
        await explain_command(network, query, variables)

    assert failure.value.code is Code.GRAPHQL_INVALID


@pytest.mark.live
@pytest.mark.usefixtures("debugging")
async def test_server_that_debugs_explains_each_answer(client: httpx.AsyncClient) -> None:
    answer = (await client.post("/graphql", json={"query": COUNTRY, "variables": {"id": "KEN"}})).json()

    told = answer["extensions"]["explain"]
    assert answer["data"] == {"country": {"name": "Kenya"}}
    assert told["compiled"] is True
    assert told["dbHits"] > 0
    assert set(answer["extensions"]) == {"cost", "version", "explain"}


@pytest.mark.live
async def test_other_servers_explain_nothing(client: httpx.AsyncClient) -> None:
    answer = (await client.post("/graphql", json={"query": COUNTRY, "variables": {"id": "KEN"}})).json()

    assert answer["data"] == {"country": {"name": "Kenya"}}
    assert set(answer["extensions"]) == {"cost", "version"}
