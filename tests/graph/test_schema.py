"""Constraints and indexes follow the model; migrations are applied once, whole, and by one process at a time."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator

import pytest

from graph.database import Database, Query
from graph.errors import Code, NetworkError
from graph.model import MODEL
from graph.schema import (
    NAME_INDEX,
    SYSTEM_LABELS,
    TEXT_INDEX,
    MigrateReport,
    Migration,
    migrate,
    migrations,
    missing_schema,
    name_properties,
    snake,
    text_properties,
    wanted,
)

NOTHING = MigrateReport((), (), ())


@pytest.fixture
async def marked(database: Database) -> AsyncIterator[Database]:
    """The database, rid afterwards of what migrations of tests left."""
    yield database
    query = Query("MATCH (n:Migration|State)\nWHERE n.number >= 9000 OR n.id STARTS WITH 'state:test-'\nDETACH DELETE n")
    await database.write(lambda transaction: transaction.run(query))


def adding(number: int, *names: str) -> Migration:
    return Migration(number, f"test_{number}", "".join(f"// A test.\nCREATE (:State {{id: 'state:test-{name}'}});\n" for name in names))


async def marks(database: Database) -> list[str]:
    rows = await database.read(Query("MATCH (s:State)\nWHERE s.id STARTS WITH 'state:test-'\nRETURN s.id\nORDER BY s.id"))
    return [record_id.removeprefix("state:test-") for (record_id,) in rows]


async def applied(database: Database) -> list[int]:
    rows = await database.read(Query("MATCH (m:Migration)\nWHERE m.number >= 9000\nRETURN m.number\nORDER BY m.number"))
    return [number for (number,) in rows]


def statement(name: str) -> str:
    return next(i.statement for i in wanted() if i.name == name)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("country_id", "CREATE CONSTRAINT country_id IF NOT EXISTS FOR (n:Country) REQUIRE n.id IS UNIQUE"),
        ("document_id", "CREATE CONSTRAINT document_id IF NOT EXISTS FOR (n:Document) REQUIRE n.id IS UNIQUE"),
        ("migration_id", "CREATE CONSTRAINT migration_id IF NOT EXISTS FOR (n:Migration) REQUIRE n.id IS UNIQUE"),
        ("project_start_date", "CREATE INDEX project_start_date IF NOT EXISTS FOR (n:Project) ON (n.startDate)"),
        ("funding_call_visibility", "CREATE INDEX funding_call_visibility IF NOT EXISTS FOR (n:FundingCall) ON (n.visibility)"),
        ("change_sequence", "CREATE INDEX change_sequence IF NOT EXISTS FOR (n:Change) ON (n.sequence)"),
        (
            TEXT_INDEX,
            (
                "CREATE FULLTEXT INDEX document_text IF NOT EXISTS FOR (n:Document) ON EACH [n.name, n.officialName, n.description, n.shortName, "
                "n.aliases, n.keywords, n.title, n.summary, n.problem, n.approach, n.results, n.lessons, n.whatFailed, n.result, n.text] "
                "OPTIONS {indexConfig: {`fulltext.analyzer`: 'english'}}"
            ),
        ),
        (
            NAME_INDEX,
            (
                "CREATE FULLTEXT INDEX document_name IF NOT EXISTS FOR (n:Document) ON EACH [n.iso3, n.iso2, n.name, n.nameAr, n.nameEs, n.nameFr, "
                "n.nameRu, n.nameZh, n.shortName, n.aliases, n.keywords, n.keywordsAr, n.keywordsEs, n.keywordsFr, n.keywordsRu, n.keywordsZh, "
                "n.title] OPTIONS {indexConfig: {`fulltext.analyzer`: 'standard-folding'}}"
            ),
        ),
    ],
)
def test_statement_is_this_text(name: str, text: str) -> None:
    assert statement(name) == text


def test_every_label_has_a_unique_id_and_every_name_is_used_once() -> None:
    items = wanted()

    unique = {i.name for i in items if i.kind == "UNIQUENESS"}
    assert unique == {f"{snake(label)}_id" for label in (*SYSTEM_LABELS, *MODEL.by_label, "Document")}
    assert len({i.name for i in items}) == len(items)


def test_every_indexed_property_has_its_index() -> None:
    names = {f"{snake(t.label)}_{snake(p.name)}" for t in MODEL.types for p in t.all_properties if p.indexed}

    assert {i.name for i in wanted() if i.kind == "RANGE"} == names | {"sourced_from_dataset"}


def test_full_text_reads_what_documents_are_made_of() -> None:
    assert {name for t in MODEL.documents if t.text for name in t.text.fields} == set(text_properties())
    assert {"iso3", "name", "nameZh", "shortName", "aliases", "keywordsAr", "title"} <= set(name_properties())
    assert "description" not in name_properties()


@pytest.mark.parametrize(
    ("name", "expected"),
    [("startDate", "start_date"), ("iso3", "iso3"), ("FundingCall", "funding_call"), ("gdpPerCapita", "gdp_per_capita")],
)
def test_snake(name: str, expected: str) -> None:
    assert snake(name) == expected


def test_migration_is_split_into_statements_without_comments() -> None:
    migration = Migration(7, "seven", "// First.\nCREATE (:A {text: 'a; b'});\n\n// Second.\nMATCH (a:A)\nSET a.x = 1;\n")

    assert migration.statements == ("CREATE (:A {text: 'a; b'})", "MATCH (a:A)\nSET a.x = 1")
    assert migration.checksum == hashlib.sha256(migration.text.encode()).hexdigest()


def test_migrations_of_this_version_are_numbered_from_1_without_gaps() -> None:
    shipped = migrations()

    assert [m.number for m in shipped] == list(range(1, len(shipped) + 1))
    assert [m.name for m in shipped if not re.fullmatch(r"[a-z0-9_]+", m.name)] == []
    assert [m.name for m in shipped if not m.statements] == []


@pytest.mark.live
async def test_migrating_again_finds_nothing_to_do(database: Database) -> None:
    assert await migrate(database) == NOTHING
    assert await missing_schema(database) == ()


@pytest.mark.live
async def test_everything_wanted_is_online(database: Database) -> None:
    rows = await database.read(
        Query("SHOW INDEXES YIELD name, type, state, populationPercent\nRETURN name, type, state, populationPercent")
    )
    present = {name: (kind, state, percent) for name, kind, state, percent in rows}
    kinds = {"UNIQUENESS": "RANGE", "RANGE": "RANGE", "FULLTEXT": "FULLTEXT"}

    assert {i.name: present.get(i.name) for i in wanted()} == {i.name: (kinds[i.kind], "ONLINE", 100.0) for i in wanted()}


@pytest.mark.live
async def test_two_migrations_at_once_do_the_work_once(marked: Database) -> None:
    await marked.change_schema([Query("DROP INDEX pillar_position")])
    assert await missing_schema(marked) == ("pillar_position",)
    available = (*migrations(), adding(9001, "a", "b"))

    reports = await asyncio.gather(*(migrate(marked, available=available) for _ in range(2)))

    assert sorted(reports, key=lambda r: r.created) == [NOTHING, MigrateReport(("9001_test_9001",), ("pillar_position",), ())]
    assert await marks(marked) == ["a", "b"]
    assert await missing_schema(marked) == ()


@pytest.mark.live
@pytest.mark.parametrize(("constraint", "label", "created"), [("follow_id", "Follow", ("follow_id",)), ("lock_id", "Lock", ())])
async def test_constraint_cut_off_by_a_crash_is_made_anew(
    database: Database, constraint: str, label: str, created: tuple[str, ...]
) -> None:
    # given an index of that name without its constraint, as `kill -9` leaves it
    await database.change_schema([Query(f"DROP CONSTRAINT {constraint}")])
    await database.change_schema([Query(f"CREATE INDEX {constraint} FOR (n:{label}) ON (n.id)")])
    assert await missing_schema(database) == (constraint,)

    report = await migrate(database)

    # The lock's own are made before it is taken: the report does not name them.
    assert report == MigrateReport((), created, created)
    owners = await database.read(
        Query("SHOW INDEXES YIELD name, owningConstraint WHERE name = $name RETURN owningConstraint", {"name": constraint})
    )
    assert owners == [(constraint,)]
    assert await missing_schema(database) == ()


@pytest.mark.live
async def test_full_text_index_of_other_fields_is_built_anew(database: Database) -> None:
    older = "CREATE FULLTEXT INDEX document_name FOR (n:Document) ON EACH [n.name]"
    await database.change_schema([Query("DROP INDEX document_name")])
    await database.change_schema([Query(older)])

    assert await migrate(database) == MigrateReport((), ("document_name",), ("document_name",))

    fields = await database.read(
        Query("SHOW INDEXES YIELD name, properties, state\nWHERE name = 'document_name'\nRETURN properties, state")
    )
    assert fields == [(list(name_properties()), "ONLINE")]


@pytest.mark.live
async def test_changed_migration_is_refused_and_nothing_is_applied(marked: Database) -> None:
    first = adding(9002, "first")
    await migrate(marked, available=(*migrations(), first))
    await marked.change_schema([Query("DROP INDEX pillar_position")])
    changed = Migration(first.number, first.name, first.text + "// Edited.\n")

    with pytest.raises(NetworkError) as caught:
        await migrate(marked, available=(*migrations(), adding(9001, "before"), changed, adding(9003, "after")))

    assert caught.value.code is Code.MIGRATION_CHANGED
    assert caught.value.message == "Migration 9002_test_9002 was applied with another text than this version ships."
    assert (caught.value.status, caught.value.exit_code) == (503, 3)
    assert await marks(marked) == ["first"]
    assert await applied(marked) == [9002]
    assert await missing_schema(marked) == ("pillar_position",)
    assert await migrate(marked) == MigrateReport((), ("pillar_position",), ())


@pytest.mark.live
async def test_migration_that_fails_leaves_nothing_and_can_be_run_again(marked: Database) -> None:
    broken = Migration(9004, "test_9004", "CREATE (:State {id: 'state:test-half'});\nUNWIND [1, 0] AS n\nRETURN 1 / n;\n")

    with pytest.raises(NetworkError) as caught:
        await migrate(marked, available=(*migrations(), broken))

    assert caught.value.code is Code.INTERNAL
    assert await marks(marked) == []
    assert await applied(marked) == []
    assert (await migrate(marked, available=(*migrations(), adding(9004, "whole")))).applied == ("9004_test_9004",)
    assert await marks(marked) == ["whole"]


@pytest.mark.live
async def test_missing_migration_is_named(marked: Database) -> None:
    rows = await marked.read(Query("MATCH (m:Migration {number: 1})\nRETURN properties(m)"))
    await marked.write(lambda transaction: transaction.run(Query("MATCH (m:Migration {number: 1})\nDELETE m")))

    assert await missing_schema(marked) == ("0001_change_sequence",)

    # It can be run again: the counter is kept where it stands.
    [(before,)] = await marked.read(Query("MATCH (s:Sequence {id: 'sequence:change'})\nRETURN s.value"))
    assert (await migrate(marked)).applied == ("0001_change_sequence",)
    assert await marked.read(Query("MATCH (s:Sequence {id: 'sequence:change'})\nRETURN s.value")) == [(before,)]
    assert rows[0][0]["checksum"] == migrations()[0].checksum
