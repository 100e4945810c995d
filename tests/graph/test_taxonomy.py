"""Topics near a text: exact, in an order that nothing decides by chance, and never older than the graph."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from graph.database import Database, Query, Transaction
from graph.matching.memory import Memory, memory_of
from graph.matching.taxonomy import Taxonomy, _unit, taxonomy
from graph.vectors import space_in_use, store_vectors
from graph.version import graph_version, revise


def of(**vectors: list[float]) -> Taxonomy:
    rows = [(f"topic:{name}", name.title(), f"{name} words", vector) for name, vector in vectors.items()]
    return Taxonomy(rows, _unit(np.asarray([vector for *_, vector in rows], dtype=np.float64).reshape(len(rows), 2)))


def test_nearest_come_first_with_their_cosine_and_their_words() -> None:
    found = of(a=[0.0, 5.0], b=[3.0, 4.0], c=[2.0, 0.0]).near([10.0, 0.0], 2)

    assert [(t.id, t.cosine) for t in found] == [("topic:c", 1.0), ("topic:b", 0.6)]
    assert (found[1].name, found[1].words, found[1].vector) == ("B", "b words", [3.0, 4.0])


def test_topics_that_are_equally_near_are_told_apart_by_their_ids() -> None:
    assert [t.id for t in of(z=[1.0, 1.0], m=[7.0, 7.0], a=[0.1, 0.1]).near([1.0, 0.0], 3)] == ["topic:a", "topic:m", "topic:z"]


def test_a_vector_of_zeros_is_near_to_nothing_and_no_topics_are_none() -> None:
    assert [t.cosine for t in of(a=[0.0, 0.0], b=[1.0, 0.0]).near([2.0, 0.0], 5)] == [1.0, 0.0]
    assert [t.cosine for t in of(a=[1.0, 0.0]).near([0.0, 0.0], 5)] == [0.0]
    assert of().near([1.0, 0.0], 5) == ()


@pytest.mark.live
async def test_cosines_are_those_of_the_database(database: Database) -> None:
    space = await space_in_use(database)
    known = await taxonomy(database, space, Memory())
    vector = [float(x) for x in np.random.default_rng(7).normal(size=space.dimensions)]

    found = known.near(vector, 10)

    score = f"2 * vector.similarity.cosine(t.{space.stored_in}, $vector) - 1"
    rows = await database.read(
        Query(f"MATCH (t:Topic)\nRETURN t.id, {score} AS cosine\nORDER BY cosine DESC\nLIMIT 10", {"vector": vector})
    )
    assert [t.id for t in found] == [record_id for record_id, _ in rows]
    assert [t.cosine for t in found] == pytest.approx([cosine for _, cosine in rows], abs=1e-6)


@pytest.mark.live
async def test_a_vector_that_changes_is_another_at_the_next_look(scratch: Database) -> None:
    space = await space_in_use(scratch)
    before = await taxonomy(scratch, space, memory_of(scratch, await graph_version(scratch)))
    [(first, kept)] = await scratch.read(Query(f"MATCH (t:Topic)\nRETURN t.id, t.{space.stored_in}_hash\nORDER BY t.id\nLIMIT 1"))
    changed = [1.0] + [0.0] * (space.dimensions - 1)

    async def look(vector: Sequence[float]) -> Taxonomy:
        async def store(transaction: Transaction) -> None:
            await transaction.run(store_vectors(space.key, [{"id": first, "vector": list(vector), "hash": kept}]))
            await revise(transaction)

        await scratch.write(store)
        return await taxonomy(scratch, space, memory_of(scratch, await graph_version(scratch)))

    other, restored = await look(changed), await look(before.rows[0][3])

    assert (before.rows[0][0], other.rows[0][0]) == (first, first)
    assert list(other.rows[0][3]) == changed
    assert [list(row) for row in restored.rows] == [list(row) for row in before.rows] != [list(row) for row in other.rows]
