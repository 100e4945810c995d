"""Many needs ranked together: to the last digit what each gets alone, in a number of reads that hardly grows."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from api.state import Network
from graph.database import Database, Query
from graph.matching import PartnerKind, Request, match
from graph.matching.many import TOGETHER, read_each, score_needs, together
from graph.viewer import ANYONE, Role, Viewer
from graph.vocabulary import MatchState
from tests.graph.test_stored import ASKED, bring, save, stated

pytestmark = pytest.mark.live
__all__ = ["stated"]
TEXTS = (
    ("Registers of land and of companies that check each other, as X-Road does in Estonia", "KEN", "en"),
    ("Kenya wants a portal of services for citizens", "KEN", "en"),
    ("Un registre de la population relié à celui de l'état civil, avec MOSIP", "SEN", "fr"),
    ("Una plataforma de compras públicas y de datos abiertos", "PRY", "es"),
    ("نريد بوابة للخدمات الحكومية الرقمية", "JOR", "ar"),
    ("我们需要数字身份系统；我们需要电子采购平台；我们需要开放数据门户；我们需要税务电子申报；我们需要网络安全中心。", "MNG", "zh"),
    ("Digital identity. Electronic procurement. Open data portal. Tax filing online. A centre against attacks on networks.", "KHM", "en"),
)


@pytest_asyncio.fixture(loop_scope="session")
async def requests(network: Network) -> list[Request]:
    """Needs on record in their own words, and texts with names, countries, several subjects and other scripts."""
    query = (
        "MATCH (n:Need {status: 'OPEN'})-[:OF]->(c:Country)\nRETURN n.title + ' ' + n.description, c.iso3, n.lang, [(n)-[:ABOUT]->(t:Topic) | t.id]\n"
        "ORDER BY n.lang, n.id"
    )
    rows = await network.database.read(Query(query))
    ours = [
        Request(text, country, lang, tuple(topics), need=f"need:{place}") for place, (text, country, lang, topics) in enumerate(rows[::3])
    ]
    return ours + [Request(*text, need="need:none") for text in TEXTS]


async def alone(network: Network, request: Request, viewer: Viewer = ANYONE) -> dict[str, float]:
    found = await match(network.database, network.embedding, request, viewer=viewer, packaged=0)
    return {partner.id: partner.score for partner in found.partners}


@pytest.mark.parametrize("viewer", [ANYONE, Viewer(Role.MEMBER)], ids=["anyone", "member"])
async def test_scores_are_those_of_single_matches(network: Network, requests: list[Request], viewer: Viewer) -> None:
    assert len(requests) > TOGETHER
    assert {request.language for request in requests} >= {"en", "fr", "es", "ar", "zh"}

    together = await score_needs(network.database, network.embedding, requests, viewer=viewer)

    for request, scores in zip(requests, together, strict=True):
        assert scores == await alone(network, request, viewer), request.text
        assert f"country:{request.country}" not in scores
    assert sum(len(scores) > 20 for scores in together) > len(requests) / 2


async def test_kind_of_partner_is_kept_to(network: Network, requests: list[Request]) -> None:
    asked = [replace(requests[-1], partner_kind=kind) for kind in (PartnerKind.COUNTRY, PartnerKind.ORGANIZATION)]

    countries, organizations = await score_needs(network.database, network.embedding, asked)

    assert {party.partition(":")[0] for party in countries} == {"country"}
    assert {party.partition(":")[0] for party in organizations} == {"organization"}
    assert [countries, organizations] == [await alone(network, request) for request in asked]


async def test_partner_declined_for_one_need_is_left_out_of_that_alone(stated: Network) -> None:
    first = next(iter(await alone(stated, ASKED)))
    await save(stated, [first])
    await bring(stated, first, MatchState.DECLINED, "No staff this year.")

    declined, other = await score_needs(stated.database, stated.embedding, [ASKED, replace(ASKED, need="need:none")])

    assert first not in declined
    assert declined == await alone(stated, ASKED)
    assert first in other


async def test_number_of_reads_does_not_grow_with_the_needs(
    network: Network, requests: list[Request], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [replace(request, text=f"{request.text} {n}") for n in range(3) for request in requests[-7:-2]]
    read, texts = Database.read, []

    async def counted(self: Database, query: Query, **options: Any) -> list[tuple[Any, ...]]:
        texts.append(query.text)
        return await read(self, query, **options)

    monkeypatch.setattr(Database, "read", counted)
    await score_needs(network.database, network.embedding, asked)
    several, texts = texts, []
    for request in asked:
        await match(network.database, network.embedding, request, packaged=0)

    assert 0 < len(several) < 20
    assert len(texts) > 5 * len(several)


async def test_documents_are_asked_for_in_one_text_whatever_is_read_from_the_needs(
    network: Network, requests: list[Request], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With names or without, with words or without, near a topic or not: the database plans once."""
    read, texts = Database.read, set()

    async def noted(self: Database, query: Query, **options: Any) -> list[tuple[Any, ...]]:
        texts.add(query.text)
        return await read(self, query, **options)

    monkeypatch.setattr(Database, "read", noted)
    await score_needs(network.database, network.embedding, [*requests, Request("البوابة", "JOR", "ar"), Request("X-Road", "KEN", "en")])

    assert sum("byProfile" in text for text in texts) == 1
    assert len(texts) <= 13


async def test_questions_about_nothing_are_not_asked(network: Network) -> None:
    assert await read_each(network.database, asyncio.Semaphore(), [], (), "") == []
    assert await score_needs(network.database, network.embedding, []) == []


async def test_queries_of_one_text_are_asked_as_one_and_keep_their_order(network: Network) -> None:
    def named(name: str, shared: int) -> Query:
        return Query("MATCH (c:Country {id: $id})\nRETURN c.iso3 AS code, $shared AS shared", {"id": name, "shared": shared})

    queries = [named("country:KEN", 1), named("country:EST", 2), named("country:KHM", 1)]

    assert together(queries[::2], ("id",), "code, shared") == Query(
        "UNWIND $reads AS q\nCALL (q) {\n  MATCH (c:Country {id: q.id})\n  RETURN c.iso3 AS code, $shared AS shared\n}\nRETURN q.number AS number, code, shared",
        {"shared": 1, "reads": [{"number": 0, "id": "country:KEN"}, {"number": 1, "id": "country:KHM"}]},
    )
    assert await read_each(network.database, asyncio.Semaphore(), queries, ("id",), "code, shared") == [("KEN", 1), ("EST", 2), ("KHM", 1)]
