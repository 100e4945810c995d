"""Filters hold for exactly the records for which plain Python says so."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.database import Database, Query
from graph.errors import Code, NetworkError
from graph.model import MODEL
from graph.plan.filters import condition
from graph.plan.shape import Listing, Window
from graph.plan.writing import CONDITIONS, Writing
from graph.read import Reader
from graph.viewer import ANYONE

PROJECT = MODEL["Project"]
TOPICS = ("topic:digital-identity", "topic:civil-registration", "topic:open-data", "topic:e-procurement", "topic:nothing")
PLAIN: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "in": lambda x, p: x in p,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
    "contains": lambda x, p: p.lower() in x.lower(),
    "startsWith": lambda x, p: x.startswith(p),
    "endsWith": lambda x, p: x.endswith(p),
}


@dataclass(frozen=True)
class Known:
    """A project as Python sees it: its values, the ids of its topics."""

    values: Mapping[str, Any]
    topics: frozenset[str]


def holds(project: Known, where: Mapping[str, Any]) -> bool:
    return all(_holds(project, name, given) for name, given in where.items())


def _holds(project: Known, name: str, given: Any) -> bool:
    match name:
        case "and":
            return all(holds(project, item) for item in given)
        case "or":
            return any(holds(project, item) for item in given)
        case "not":
            return not holds(project, given)
        case "topics":
            return all(_linked(project.topics, quantifier, value) for quantifier, value in given.items())
        case _:
            return all(_compares(project.values.get(name), op, value) for op, value in given.items())


def _linked(topics: frozenset[str], quantifier: str, given: Any) -> bool:
    if quantifier == "count":
        return all(_compares(len(topics), op, value) for op, value in given.items())
    named = [topic in given["id"]["in"] for topic in topics]
    return {"some": any(named), "none": not any(named), "every": all(named)}[quantifier]


def _compares(value: Any, op: str, asked: Any) -> bool:
    if op == "isNull":
        return (value is None) == asked
    if op == "ne":
        return bool(value != asked)
    return value is not None and PLAIN[op](value, asked)


def comparisons(values: st.SearchStrategy[Any], *operators: str) -> st.SearchStrategy[dict[str, Any]]:
    single = st.sampled_from(operators).flatmap(lambda op: st.fixed_dictionaries({op: values}))
    several = st.fixed_dictionaries({"in": st.lists(values, max_size=3)})
    return st.one_of(single, several, st.fixed_dictionaries({"isNull": st.booleans()}))


DATES = st.dates(date(2005, 1, 1), date(2025, 1, 1))
TEXTS = st.sampled_from(["Digital", "project", "e", "Identity", "é", "", "Kenya", "%", "."])
AMOUNTS = st.sampled_from([0.0, 1e5, 1e6, 2.5e7, 1e8])
LINKS = st.sampled_from(["some", "none", "every"]).flatmap(
    lambda q: st.fixed_dictionaries(
        {q: st.fixed_dictionaries({"id": st.fixed_dictionaries({"in": st.lists(st.sampled_from(TOPICS), max_size=3)})})}
    )
)
COUNTS = st.fixed_dictionaries(
    {"count": st.sampled_from(["eq", "ne", "gt", "lte"]).flatmap(lambda op: st.fixed_dictionaries({op: st.integers(0, 3)}))}
)
SIMPLE = st.one_of(
    st.fixed_dictionaries({"startDate": comparisons(DATES, "eq", "ne", "lt", "lte", "gt", "gte")}),
    st.fixed_dictionaries({"amountUsd": comparisons(AMOUNTS, "eq", "ne", "lt", "lte", "gt", "gte")}),
    st.fixed_dictionaries({"title": comparisons(TEXTS, "eq", "ne", "contains", "startsWith", "endsWith")}),
    st.fixed_dictionaries({"rating": comparisons(TEXTS, "ne", "contains")}),
    st.fixed_dictionaries(
        {"status": st.fixed_dictionaries({"in": st.lists(st.sampled_from(["ACTIVE", "CLOSED", "UNKNOWN"]), max_size=2)})}
    ),
    st.fixed_dictionaries({"topics": st.one_of(LINKS, COUNTS)}),
)
FILTERS = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"and": st.lists(inner, max_size=2)}),
        st.fixed_dictionaries({"or": st.lists(inner, max_size=2)}),
        st.fixed_dictionaries({"not": inner}),
        st.builds(lambda a, b: {**a, **b}, inner, inner),
    ),
    max_leaves=5,
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def projects(database: Database) -> dict[str, Known]:
    """Every public project by its id."""
    query = Query("MATCH (p:Project {visibility: 'PUBLIC'})\nRETURN p.id, properties(p), [(p)-[:ABOUT]->(t) | t.id]")
    rows = await database.read(query)
    return {
        i: Known({k: v.to_native() if hasattr(v, "to_native") else v for k, v in values.items()}, frozenset(topics))
        for i, values, topics in rows
    }


@pytest.mark.live
@given(where=FILTERS)
@settings(max_examples=150, deadline=None)
async def test_filter_keeps_what_plain_python_keeps(database: Database, projects: dict[str, Known], where: dict[str, Any]) -> None:
    page = await Reader(database).page(Listing((PROJECT,), where, window=Window(10_000)))

    assert {edge.node.id for edge in page.edges} == {record_id for record_id, project in projects.items() if holds(project, where)}


def refusal(where: Mapping[str, Any]) -> NetworkError:
    with pytest.raises(NetworkError) as caught:
        condition((PROJECT,), where, "n", Writing(ANYONE))
    return caught.value


def test_null_in_a_filter_is_refused_and_says_what_to_ask() -> None:
    error = refusal({"startDate": {"lte": None}})

    assert error.code is Code.BAD_INPUT
    assert error.message == "`lte` is null in a filter."
    assert error.hint == "Leave it out where it does not matter; ask `isNull: true` for records without a value."


def test_value_and_no_value_at_once_is_a_contradiction() -> None:
    error = refusal({"startDate": {"isNull": True, "gte": date(2020, 1, 1)}})

    assert error.code is Code.CONTRADICTORY_INPUT
    assert error.message == "`startDate` is to have no value and to satisfy `gte` at once."


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({"gte": 5.0, "lte": 1.0}, True),
        ({"gt": 5.0, "lt": 5.0}, True),
        ({"gt": 5.0, "lte": 5.0}, True),
        ({"gte": 5.0, "lte": 5.0}, False),
        ({"gt": 1.0, "lt": 5.0}, False),
    ],
)
def test_bounds_with_nothing_between_them_are_a_contradiction(given: dict[str, float], refused: bool) -> None:
    writing = Writing(ANYONE)
    condition((PROJECT,), {"amountUsd": given}, "n", writing)

    if not refused:
        writing.check_bounds({})
        return
    with pytest.raises(NetworkError) as caught:
        writing.check_bounds({})
    assert caught.value.code is Code.CONTRADICTORY_INPUT


def test_too_many_conditions_are_refused_with_the_limit() -> None:
    error = refusal({"or": [{"title": {"eq": str(n)}} for n in range(CONDITIONS + 1)]})

    assert error.code is Code.TOO_COMPLEX
    assert error.details == {"found": CONDITIONS + 1, "limit": CONDITIONS}
