"""What a record is linked to, and ways between records, against the same told by plain queries; what is hidden joins nothing."""

from __future__ import annotations

from collections import deque
from itertools import pairwise

import pytest

from graph.database import Database, Query
from graph.errors import Code, NetworkError
from graph.hops import hops
from graph.model import MODEL
from graph.records import Link
from graph.surroundings import AROUND, TAIL, TELLING, around, path, read_around, read_path, shown_hops
from graph.viewer import ANYONE, Role, Viewer
from graph.writer import write
from tests.graph.budget import db_hits
from tests.graph.records import project

pytestmark = pytest.mark.live

MEMBER = Viewer(Role.MEMBER)


async def test_queries_keep_to_their_budgets(database: Database) -> None:
    spent = {
        "around": await db_hits(database, around("country:KEN", ANYONE)),
        "around the widest": await db_hits(database, around("source:countries", ANYONE)),
        "path": await db_hits(database, path("country:KEN", "practice:est-x-road", ANYONE)),
    }

    assert {name: hits for name, hits in spent.items() if hits > 40_000} == {}


async def test_every_relationship_to_records_with_pages_is_counted(database: Database) -> None:
    found = {linked.field: linked for linked in await read_around(database, "country:KEN", ANYONE)}

    for name, hop in shown_hops(MODEL["Country"]).items():
        rows = await database.read(
            Query(
                f"MATCH (n:Country {{id: $id}})\nMATCH {hop.pattern('n', 'x')}\nWHERE coalesce(x.visibility, 'PUBLIC') = 'PUBLIC'\nRETURN DISTINCT x.id",
                {"id": "country:KEN"},
            )
        )
        ids = {record_id for (record_id,) in rows}
        assert (found[name].count if name in found else 0) == len(ids)
        if name in found:
            assert set(found[name].records) <= ids
            assert len(found[name].records) == min(len(ids), AROUND)
    assert "observations" in hops("Country")
    assert "observations" not in found


async def test_the_longest_list_comes_first_and_what_says_least_last(database: Database) -> None:
    found = await read_around(database, "country:KEN", ANYONE)

    telling = [linked.count for linked in found if linked.field not in TAIL]
    assert telling == sorted(telling, reverse=True)
    assert {linked.field for linked in found[-2:]} == set(TAIL)


async def test_a_way_is_as_short_as_a_walk_through_the_graph_finds(database: Database) -> None:
    rows = await database.read(
        Query(
            "MATCH (a)-[]->(b)\nWHERE any(l IN labels(a) WHERE l IN $labels) AND any(l IN labels(b) WHERE l IN $labels)\n"
            "AND coalesce(a.visibility, 'PUBLIC') = 'PUBLIC' AND coalesce(b.visibility, 'PUBLIC') = 'PUBLIC'\nRETURN DISTINCT a.id, b.id",
            {"labels": list(TELLING)},
        )
    )
    beside: dict[str, set[str]] = {}
    for a, b in rows:
        beside.setdefault(a, set()).add(b)
        beside.setdefault(b, set()).add(a)

    for start, end in (("country:KEN", "country:EST"), ("country:TUV", "practice:est-x-road"), ("organization:world-bank", "country:KOR")):
        way = await read_path(database, start, end, ANYONE)
        assert (way[0].node, way[-1].node) == (start, end)
        assert all(b.node in beside[a.node] for a, b in pairwise(way))
        assert len(way) - 1 == distance(beside, start, end)


def distance(beside: dict[str, set[str]], start: str, end: str) -> int:
    seen = {start: 0}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        if here == end:
            return seen[here]
        for there in beside.get(here, set()) - seen.keys():
            seen[there] = seen[here] + 1
            waiting.append(there)
    raise AssertionError(f"no way from {start} to {end}")


async def test_a_topic_is_passed_only_where_nothing_else_joins_the_two(database: Database) -> None:
    way = await read_path(database, "topic:national-id", "country:EST", ANYONE)
    joined = await read_path(database, "country:KEN", "country:EST", ANYONE)

    assert way[0].relationship is None
    assert way[1].relationship == "ABOUT"
    assert way[1].along is False
    assert not [step for step in joined if step.node.startswith(("topic:", "group:", "source:", "indicator:"))]


async def test_an_end_may_be_what_no_way_goes_through(database: Database) -> None:
    way = await read_path(database, "country:KEN", "source:dpi-map", ANYONE)

    assert way[-1].node == "source:dpi-map"
    assert way[-1].relationship == "SOURCED_FROM"


async def test_what_a_viewer_may_not_see_joins_nothing(scratch: Database) -> None:
    hidden = project("test-hidden", visibility="MEMBERS", links={"countries": [Link("country:NRU"), Link("country:TKL")]})
    report = await write(scratch, [hidden], actor="tests")
    assert report.refused == []

    public = {linked.field: linked.records for linked in await read_around(scratch, "country:TKL", ANYONE)}
    member = {linked.field: linked.records for linked in await read_around(scratch, "country:TKL", MEMBER)}
    way = await read_path(scratch, "country:NRU", "country:TKL", MEMBER)
    public_way = await read_path(scratch, "country:NRU", "country:TKL", ANYONE)

    assert hidden.id not in public.get("projects", ())
    assert hidden.id in member["projects"]
    assert [step.node for step in way] == ["country:NRU", hidden.id, "country:TKL"]
    assert hidden.id not in [step.node for step in public_way]
    with pytest.raises(NetworkError) as refused:
        await read_around(scratch, hidden.id, ANYONE)
    assert refused.value.code is Code.NOT_FOUND
    assert await read_path(scratch, hidden.id, "country:NRU", ANYONE) == []


@pytest.mark.parametrize("record_id", ["KEN", "country:ZZZ", "observation:x", "nothing:here", ""])
async def test_what_is_no_record_is_refused(database: Database, record_id: str) -> None:
    with pytest.raises(NetworkError) as refused:
        await read_around(database, record_id, ANYONE)
    assert refused.value.code is Code.NOT_FOUND


async def test_a_way_needs_two_ends(database: Database) -> None:
    with pytest.raises(NetworkError, match="Both ends of the path are one record") as refused:
        await read_path(database, "country:KEN", "country:KEN", ANYONE)
    assert refused.value.code is Code.BAD_INPUT
