"""Operations with computed fields are answered byte for byte as the ordinary executor answers them, and the pages' own without it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import orjson
import pytest
from graphql import get_named_type
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from api.compiler.operation import PLURAL
from api.context import Context
from api.execute import answer, computed, plans, resolve
from api.schema import format_error
from api.state import Network
from tests.api.operations import DEPTH, Maker
from web.queries import operation

SCHEMA = plans.schema
NEED = "We want one data exchange layer that links the registers of our ministries"
CALLS = {
    "match": f'(input: {{country: "KHM", text: "{NEED}"}})',
    "board": '(topics: ["topic:digital-identity"])',
    "peers": '(country: "KEN")',
    "search": '(query: "digital identity", first: 3)',
    "topicsOf": f'(text: "{NEED}")',
    "chains": "(first: 3)",
    "surroundings": '(id: "practice:est-x-road")',
    "path": '(start: "country:KEN", end: "practice:est-x-road")',
    "medians": '(group: "group:eastern-africa")',
    "health": "",
}
PAGES: dict[str, dict[str, Any]] = {
    "Match": {"first": 5, "input": {"country": "KHM", "text": NEED}},
    "Search": {"first": 20, "query": "digital identity"},
    "Peers": {"country": "KEN", "first": 8},
    "Board": {"kind": "REGION", "first": 100},
    "BoardProviders": {},
    "BoardCell": {"group": "group:africa", "topic": "topic:interoperability"},
    "Surroundings": {"id": "country:KEN", "records": 12},
    "Way": {"start": "country:KEN", "end": "practice:est-x-road"},
}
seen: Counter[str] = Counter()
pytestmark = pytest.mark.live


@st.composite
def mixed(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """(document, variables) of an operation on one computed field, and now and then a list beside it."""
    maker, query = Maker(SCHEMA, draw), SCHEMA.query_type
    assert query is not None
    name = draw(st.sampled_from(sorted(CALLS)))
    fields = [f"{name}{CALLS[name]} {maker.selection(get_named_type(query.fields[name].type), DEPTH)}"]
    if maker.chance(40):
        fields.insert(draw(st.integers(0, 1)), maker.field(query, maker.one_of(sorted(PLURAL)), 3, root=True))
    declared = ", ".join(f"${variable}: {kind}" for variable, (kind, _) in maker.operation.variables.items())
    document = " ".join([f"query ({declared}) " if declared else "", f"{{ {' '.join(fields)} }}", *maker.operation.fragments])
    return document, {variable: value for variable, (_, value) in maker.operation.variables.items()}


async def agree(network: Network, document: str, variables: dict[str, Any]) -> dict[str, Any] | None:
    """The data that both ways gave, or None where it was left to the executor."""
    expected = await resolve(document, variables, None, Context(network))
    found = await computed.answer(document, variables, None, Context(network))
    if found is None:
        seen["left to the executor" if expected.errors is None else "refused"] += 1
        return None
    assert expected.errors is None, (document, variables, expected.errors)
    assert orjson.dumps(found) == orjson.dumps(expected.data), (document, variables)
    seen["answered"] += 1
    return found


# An operation that is refused ends its other resolvers where they stand; the garbage that they leave is not what is tested here.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("swept")
@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@pytest.mark.slow
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(operation=mixed())
async def test_any_operation_is_answered_as_the_executor_answers_it(network: Network, operation: tuple[str, dict[str, Any]]) -> None:
    document, variables = operation

    await agree(network, document, variables)


def test_hardly_any_of_them_was_left_to_the_executor() -> None:
    assert seen["answered"] > 100
    assert seen["left to the executor"] <= seen["answered"] / 10


@pytest.mark.parametrize("name", PAGES)
async def test_the_pages_need_no_executor(network: Network, name: str) -> None:
    data = await agree(network, operation(name), PAGES[name] | {"language": "EN"})

    assert data is not None


async def test_lists_and_computed_fields_stand_in_the_order_of_the_document(network: Network) -> None:
    document = '{ a: countries(first: 1) { totalCount } health { state } b: topic(id: "digital-identity") { id } __typename }'

    data = await agree(network, document, {})

    assert data is not None
    assert list(data) == ["a", "health", "b", "__typename"]
    assert data["health"] == {"state": "ready"}
    assert data["b"] == {"id": "topic:digital-identity"}


async def test_a_record_that_is_named_and_not_there_is_left_to_the_executor(network: Network) -> None:
    document = '{ disagreements(record: "project:none") { field } }'

    found = await computed.answer(document, {}, None, Context(network))
    result = await answer(document, {}, None, Context(network))

    assert found is None
    assert (result.data, result.errors) == ({"disagreements": []}, None)


async def test_a_failure_of_a_computed_field_has_its_place(network: Network) -> None:
    document = '{ countries(first: 1) { totalCount } peers(country: "ZZZ") { country { id } } }'

    result = await answer(document, {}, None, Context(network))

    assert result.data is None
    [error] = [format_error(error) for error in result.errors or ()]
    assert (error["extensions"]["code"], error["path"]) == ("UNKNOWN_COUNTRY", ["peers"])
