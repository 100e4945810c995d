"""The index of vectors: made after the vectors, exact, and made anew where an earlier version left another."""

from __future__ import annotations

import numpy as np
import pytest

from api.state import Network
from graph.database import Database, Query
from graph.vectors import create_index, drop_index, embed_documents, quantised_index, space_in_use

pytestmark = pytest.mark.live


async def options(database: Database) -> list[tuple[object, ...]]:
    text = "SHOW VECTOR INDEXES YIELD state, options\nRETURN state, options.indexConfig['vector.quantization.type'], options.indexConfig['vector.dimensions']"
    return await database.read(Query(text))


async def test_index_is_not_quantised_and_finds_exactly_the_nearest_evidence(network: Network) -> None:
    database = network.database
    space = await space_in_use(database)
    rows = await database.read(Query(f"MATCH (d:Document {{evidence: true}})\nRETURN d.id, d.{space.stored_in}"), timeout=60)
    ids, vectors = [record_id for record_id, _ in rows], np.asarray([vector for _, vector in rows])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found = f"MATCH (d:Document)\nSEARCH d IN (VECTOR INDEX {space.index} FOR $vector WHERE d.evidence = true LIMIT 300) SCORE AS score\nRETURN d.id"

    for place in range(0, len(ids), len(ids) // 10):
        cosines = vectors @ vectors[place]
        # What is as near as the last one may stand in its place.
        floor = np.sort(cosines)[-300] - 1e-6
        near = {record_id for record_id, cosine in zip(ids, cosines, strict=True) if cosine >= floor}
        nearest = [record_id for (record_id,) in await database.read(Query(found, {"vector": [float(x) for x in vectors[place]]}))]
        assert len(nearest) == 300
        assert set(nearest) <= near, ids[place]
    assert await options(database) == [("ONLINE", "NONE", space.dimensions)]


async def test_quantised_index_of_an_earlier_version_is_made_anew(network: Network) -> None:
    database = network.database
    space = await space_in_use(database)
    earlier = create_index(space.key, space.dimensions)
    quantised = Query(earlier.text.replace("`vector.quantization.enabled`: false", "`vector.quantization.enabled`: true"))
    await database.change_schema([drop_index(space.key)])
    await database.change_schema([quantised])
    assert await database.read(quantised_index(space.key)) == [(space.index,)]

    report = await embed_documents(database, network.embedding)

    assert report.embedded == 0
    assert await database.read(quantised_index(space.key)) == []
    assert await options(database) == [("ONLINE", "NONE", space.dimensions)]
