"""Kept matches: saved with what they were made from, run again, followed; declined ones stay away, agreed ones become cases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import asdict, replace
from datetime import date

import pytest
import pytest_asyncio

from api.state import Network
from graph.catalogue import data_version
from graph.database import Database, Query
from graph.errors import Code, NetworkError
from graph.matching import PARAMETERS, MatchResult, Request, match
from graph.matching.stored import FOLLOWS, match_id, rerun, save, set_state, stored
from graph.records import Link, Record
from graph.vocabulary import MatchState
from graph.writer import write

pytestmark = pytest.mark.live

NEED = "need:test-registers"
TEXT = "We want to link civil registration and identity registers"
ASKED = Request(TEXT, "KHM", "en", amount_usd=1_400_000.0, need=NEED)


@pytest_asyncio.fixture(loop_scope="session")
async def stated(network: Network) -> AsyncIterator[Network]:
    """The network with a need on record; the need, what was kept for it and the case of it are taken away again."""
    values = {
        "title": "Link registers",
        "description": TEXT,
        "date": date(2024, 1, 1),
        "status": "OPEN",
        "lang": "en",
        "visibility": "MEMBERS",
    }
    report = await write(network.database, [Record("Need", "test-registers", values, {"country": [Link("country:KHM")]})], actor="test")  # type: ignore[arg-type]  # the values are those of the model
    assert report.refused == []
    yield network
    query = Query(
        "MATCH (n:Need {id: $need})\nOPTIONAL MATCH (n)<-[:FOR]-(m:Match)\nOPTIONAL MATCH (n)<-[:ANSWERS]-(p:Partnership)\nDETACH DELETE n, m, p",
        {"need": NEED},
    )
    await network.database.write(lambda transaction: transaction.run(query))


async def ask(network: Network) -> MatchResult:
    return await match(network.database, network.embedding, ASKED)


async def case_of(database: Database, partner: str) -> list[tuple[object, ...]]:
    query = Query(
        "MATCH (p:Partnership {id: $id})-[b:BETWEEN]->(x)\nRETURN p.state, p.visibility, b.role, x.id\nORDER BY b.role",
        {"id": f"partnership:{match_id(NEED, partner).partition(':')[2]}"},
    )
    return await database.read(query)


async def test_kept_match_holds_what_it_was_made_from(stated: Network) -> None:
    result = await ask(stated)
    first, second = result.partners[:2]

    await save(stated.database, result, ASKED, [first.id, second.id], actor="test")

    one, two = await stored(stated.database, NEED)
    assert (one.partner, one.rank, one.score, one.state, one.reason) == (first.id, 1, first.score, MatchState.PROPOSED, None)
    assert two.partner == second.id
    assert (one.model, one.data_version) == (result.model, result.data_version)
    assert one.inputs["text"] == TEXT
    assert one.inputs["amount_usd"] == 1_400_000.0
    assert one.parameters == asdict(PARAMETERS)
    assert one.evidence == {c.document: c.value for c in first.evidence}
    assert sum(one.parts.values()) == pytest.approx(first.score)
    assert set(one.package) == {part[0] for part in (first.cases, first.offers, first.funding_calls, first.solutions, first.posts) if part}


async def test_same_match_run_again_has_not_changed(stated: Network) -> None:
    result = await ask(stated)
    await save(stated.database, result, ASKED, [result.partners[2].id], actor="test")

    again = await rerun(stated.database, stated.embedding, NEED)

    assert again.data_version == (result.data_version, await data_version(stated.database))
    assert again.model == (result.model, result.model)
    assert again.parameters == {}
    [change] = again.changes
    assert change.rank == (3, 3)
    assert (change.parts, change.new_evidence, change.gone_evidence) == ({}, (), ())
    assert again.new_partners == (result.partners[0].id, result.partners[1].id)


async def test_run_with_another_constant_says_which_and_what_it_did(stated: Network) -> None:
    result = await ask(stated)
    region = next(p for p in result.partners if any(part.name == "SAME_REGION" and part.value for part in p.parts))
    await save(stated.database, result, ASKED, [region.id], actor="test")

    again = await rerun(stated.database, stated.embedding, NEED, parameters=replace(PARAMETERS, region=0.0))

    assert again.parameters == {"region": (0.2, 0.0)}
    [change] = again.changes
    assert change.parts == {"SAME_REGION": (0.2, 0.0)}
    assert change.score == (region.score, pytest.approx(region.score - 0.2))


async def test_declined_partner_is_left_out_next_time_with_the_reason(stated: Network) -> None:
    result = await ask(stated)
    gone = result.partners[0].id
    await save(stated.database, result, ASKED, [gone], actor="test")

    await set_state(stated.database, match_id(NEED, gone), MatchState.DECLINED, actor="test", reason="No staff this year.")

    found = await ask(stated)
    assert gone not in {p.id for p in found.partners}
    assert found.partners[0].id in {p.id for p in result.partners[1:4]}
    [told] = [n for n in found.notices if n.code == "DECLINED_BEFORE"]
    assert str(told.message).endswith("is left out: it was declined for this need. Reason given: No staff this year.")
    elsewhere = await match(stated.database, stated.embedding, Request(TEXT, "KHM", "en"), packaged=0)
    assert gone in {p.id for p in elsewhere.partners}
    again = await rerun(stated.database, stated.embedding, NEED)
    assert [change.rank for change in again.changes] == [(1, None)]


async def test_agreed_match_becomes_a_case_that_those_see_who_see_the_need(stated: Network) -> None:
    result = await ask(stated)
    partner = result.partners[0].id
    await save(stated.database, result, ASKED, [partner], actor="test")
    assert await case_of(stated.database, partner) == []

    await set_state(stated.database, match_id(NEED, partner), MatchState.AGREED, actor="test")
    assert await case_of(stated.database, partner) == [
        ("AGREED", "MEMBERS", "PROVIDER", partner),
        ("AGREED", "MEMBERS", "RECIPIENT", "country:KHM"),
    ]

    await set_state(stated.database, match_id(NEED, partner), MatchState.DONE, actor="test")
    assert {row[0] for row in await case_of(stated.database, partner)} == {"DONE"}


async def test_match_kept_again_keeps_its_state(stated: Network) -> None:
    result = await ask(stated)
    partner = result.partners[0].id
    await save(stated.database, result, ASKED, [partner], actor="test")
    await set_state(stated.database, match_id(NEED, partner), MatchState.INTRODUCED, actor="test")

    await save(stated.database, result, ASKED, [partner], actor="test")

    assert [one.state for one in await stored(stated.database, NEED)] == [MatchState.INTRODUCED]


async def test_state_that_cannot_follow_is_refused_and_nothing_is_written(stated: Network) -> None:
    result = await ask(stated)
    partner = result.partners[0].id
    await save(stated.database, result, ASKED, [partner], actor="test")
    before = await data_version(stated.database)

    with pytest.raises(NetworkError) as caught:
        await set_state(stated.database, match_id(NEED, partner), MatchState.DONE, actor="test")

    assert (caught.value.code, caught.value.allowed) == (Code.CONTRADICTORY_INPUT, ("INTRODUCED", "AGREED", "DECLINED"))
    assert await data_version(stated.database) == before


async def test_what_is_missing_is_told_by_its_code(stated: Network) -> None:
    result = await ask(stated)
    partner = result.partners[0].id
    await save(stated.database, result, ASKED, [partner], actor="test")

    async def code(work: object) -> Code:
        with pytest.raises(NetworkError) as caught:
            await work  # type: ignore[misc]  # a coroutine
        return caught.value.code

    assert await code(set_state(stated.database, match_id(NEED, partner), MatchState.DECLINED, actor="test", reason=" ")) is Code.BAD_INPUT
    assert await code(set_state(stated.database, "match:none", MatchState.AGREED, actor="test")) is Code.NOT_FOUND
    assert await code(save(stated.database, result, Request(TEXT, "KHM", "en"), [partner], actor="test")) is Code.BAD_INPUT
    assert await code(save(stated.database, result, ASKED, ["country:KHM"], actor="test")) is Code.NOT_FOUND
    assert await code(rerun(stated.database, stated.embedding, "need:none")) is Code.NOT_FOUND


def test_every_state_has_what_may_follow_and_only_done_is_the_end() -> None:
    assert set(FOLLOWS) == set(MatchState)
    assert [state for state, after in FOLLOWS.items() if not after] == [MatchState.DONE]
