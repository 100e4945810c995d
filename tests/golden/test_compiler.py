"""GraphQL in, Cypher out: the text of each feature of the compiler, to the letter, without a database."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from graphql.execution.values import VariableValues, get_variable_values

from api.compiler import Plan, plan_operation
from api.execute import plans
from graph import cursor
from graph.database import Database, Query
from graph.plan.binding import bind, texts_to_embed
from graph.plan.writing import Writing
from graph.several import Several
from graph.viewer import ANYONE, Role, Viewer
from tests.graph.budget import db_hits

FOLDER = Path(__file__).parent / "compiled"
NAMES = sorted(path.stem for path in FOLDER.glob("*.graphql"))
SECRETS = ("zz", "1987", "7717.71")
each = pytest.mark.parametrize("name", NAMES)
# Texts for several reads follow from those for one; these show each kind of place in which a parameter or a name that is carried on stands.
ALONE = ("greatest_value", "search_by_meaning", "search_inside_a_filter")
MANY = ("filter_that_names_records", "groups", "nested_pages", "nodes", "page_behind_a_cursor", "search_by_words", "several_roots")


def question(name: str) -> tuple[str, dict[str, Any]]:
    """(document, variables): the variables stand in the first line; a list of order, values and id is a cursor."""
    text = (FOLDER / f"{name}.graphql").read_text(encoding="utf-8")
    variables = json.loads(text.splitlines()[0].removeprefix("# ")) if text.startswith("# ") else {}
    return text, {k: cursor_of(*v) if k in {"after", "before"} else v for k, v in variables.items()}


def cursor_of(order: str, values: list[Any], record_id: str) -> str:
    return cursor.encode(order, values, record_id)


def planned(name: str, viewer: Viewer = ANYONE) -> tuple[Plan, dict[str, Any]]:
    document, given = question(name)
    prepared = plans.prepared(document, None)
    assert prepared is not None, "the document is not valid"
    values = get_variable_values(plans.schema, prepared.operation.variable_definitions or (), given)
    assert isinstance(values, VariableValues)
    plan = plan_operation(plans.schema, prepared.document, prepared.operation, values, Writing(viewer, "document_vector_me5s_384"))
    return plan, values.coerced


def written(plan: Plan) -> str:
    assert plan.text is not None
    return plan.text.text


def many_of(plan: Plan) -> Several:
    assert plan.text is not None
    assert plan.text.many is not None
    return plan.text.many


@each
def test_text_is_that_of_the_golden_file(name: str, golden: Callable[[str, str], None]) -> None:
    plan, _ = planned(name)

    golden(f"compiled/{name}.cypher", f"{written(plan)}\n")


@pytest.mark.parametrize("name", MANY)
def test_text_for_several_reads_is_that_of_the_golden_file(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"compiled/{name}.many.cypher", f"{many_of(planned(name)[0]).text}\n")


@pytest.mark.parametrize("name", ALONE)
def test_reads_that_search_before_anything_else_or_take_the_end_of_an_index_are_asked_one_by_one(name: str) -> None:
    plan, _ = planned(name)

    assert plan.text is not None
    assert plan.text.many is None


def test_what_is_asked_for_under_several_names_is_asked_once_and_answered_under_each() -> None:
    plan, _ = planned("same_root_under_several_names")

    assert len(plan.roots) == 2
    assert plan.build([["country:ZZ7", "A"], ["country:ZZ7", "B"]], []) == {
        "one": {"name": "A"},
        "two": {"name": "A"},
        "other": {"iso3": "B"},
        "three": {"name": "A"},
    }


@each
def test_no_value_stands_in_the_text(name: str) -> None:
    text = written(planned(name)[0]).lower()

    assert [secret for secret in SECRETS if secret in text] == []


@each
def test_member_gets_the_same_text(name: str) -> None:
    assert written(planned(name, Viewer(Role.MEMBER))[0]) == written(planned(name)[0])


@pytest.mark.live
@each
async def test_database_understands_the_text(database: Database, name: str) -> None:
    plan, variables = planned(name)
    assert plan.text is not None
    vectors = dict.fromkeys(texts_to_embed(plan.text.writing, variables), [0.1] * 384)

    query = Query(f"EXPLAIN {plan.text.text}", bind(plan.text.writing, variables, vectors, ANYONE))

    assert await database.read(query) == []


@pytest.mark.live
@pytest.mark.parametrize("name", [name for name in NAMES if name not in ALONE])
async def test_reads_asked_together_cost_and_give_what_they_do_alone(database: Database, name: str) -> None:
    plan, variables = planned(name)
    assert plan.text is not None
    parameters = bind(plan.text.writing, variables, {}, ANYONE)
    alone, together = Query(plan.text.text, parameters), many_of(plan).query([parameters, parameters])

    answers = await database.read(together)

    assert sorted(answers) == [(number, *row) for number in (0, 1) for row in await database.read(alone)]
    assert await db_hits(database, together) == 2 * await db_hits(database, alone)


def test_every_golden_file_has_its_document() -> None:
    assert {path.name.split(".")[0] for path in FOLDER.glob("*.cypher")} == set(NAMES)
