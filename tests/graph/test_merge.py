"""Organisations that may be one: listed for a person, decided by a person."""

from __future__ import annotations

import pytest

from graph.check import check_graph
from graph.database import Database, Query
from graph.errors import Code, NetworkError
from graph.merge import candidates, existing, keep_apart, merge
from graph.records import Link, Record
from graph.writer import write

pytestmark = pytest.mark.live

A, B, C = (f"organization:test-{letter}" for letter in "abc")


def organization(letter: str) -> Record:
    values = {"name": f"Agency {letter.upper()}", "kind": "GOVERNMENT", "lang": "en"}
    return Record("Organization", f"test-{letter}", values, {"basedIn": [Link("country:KEN")], "sources": [Link("source:test-sample")]})


def pair(key: str, kept: str, other: str, score: float) -> Record:
    values = {"kept": kept, "other": other, "score": score, "reason": "“Agency” is nearly the name of the other.", "state": "OPEN"}
    return Record("MergeCandidate", f"test-{key}", values)


async def given_three(database: Database) -> None:
    source = Record("Source", "test-sample", {"title": "A sample", "publisher": "The tests"})
    pairs = [pair("ab", A, B, 91.0), pair("bc", B, C, 97.5)]
    report = await write(database, [source, *map(organization, "abc"), *pairs], actor="tests")
    assert report.refused == []


async def open_pairs(database: Database) -> list[tuple[str, str, float]]:
    return [(c.kept, c.other, c.score) for c in await candidates(database) if ":test-" in c.id]


async def test_pairs_are_listed_with_what_a_person_decides_by(scratch: Database) -> None:
    await given_three(scratch)

    found = [c for c in await candidates(scratch) if ":test-" in c.id]

    assert [(c.kept, c.other, c.score) for c in found] == [(B, C, 97.5), (A, B, 91.0)]
    assert (found[0].kept_name, found[0].kept_country, found[0].kept_links) == ("Agency B", "KEN", 2)
    assert (found[0].other_name, found[0].other_country, found[0].other_links) == ("Agency C", "KEN", 2)
    assert found[0].reason.endswith("nearly the name of the other.")


async def test_a_pair_that_is_two_is_asked_about_no_more(scratch: Database) -> None:
    await given_three(scratch)

    await keep_apart(scratch, C, B, actor="tests")

    assert await open_pairs(scratch) == [(A, B, 91.0)]
    with pytest.raises(NetworkError) as caught:
        await keep_apart(scratch, B, C, actor="tests")
    assert caught.value.code is Code.NOT_FOUND
    [(action, actor)] = await scratch.read(
        Query("MATCH (c:Change {record: 'merge-candidate:test-bc'})\nRETURN c.action, c.actor\nORDER BY c.sequence DESC LIMIT 1")
    )
    assert (action, actor) == ("UPDATE", "tests")


async def test_where_one_was_merged_the_other_stands_for_it(scratch: Database) -> None:
    await given_three(scratch)

    await merge(scratch, A, B, actor="tests")

    # A and B are decided; what may be B may be A now.
    assert await open_pairs(scratch) == [(A, C, 97.5)]
    assert await existing(scratch, B) == A
    await merge(scratch, A, C, actor="tests")
    assert await open_pairs(scratch) == []
    assert [finding for finding in await check_graph(scratch) if ":test-" in finding.record] == []


@pytest.mark.parametrize("record", ["organization:test-nobody", "nonsense", "nonsense:x", ""])
async def test_a_record_that_is_not_there_is_told(database: Database, record: str) -> None:
    with pytest.raises(NetworkError) as caught:
        await existing(database, record)
    assert caught.value.code is Code.NOT_FOUND
