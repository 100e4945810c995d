"""Kept matches: saved with what they were made from, run again, followed; declined ones stay away, agreed ones become cases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, replace
from datetime import date

import pytest
import pytest_asyncio

from api.state import Network
from graph.catalogue import data_version
from graph.database import Database, Query
from graph.errors import Code, NetworkError
from graph.matching import PARAMETERS, MatchResult, Request, match
from graph.matching.keeping import FOLLOWS, Keep, Move, keep, move
from graph.matching.stored import match_id, rerun, stored, stored_by_ids
from graph.mutation import Outcome, Sent
from graph.records import Link, Record
from graph.viewer import ANYONE, Role, Viewer
from graph.vocabulary import MatchState
from graph.writer import write

pytestmark = pytest.mark.live

NEED = "need:test-registers"
TEXT = "We want to link civil registration and identity registers"
SECRETARIAT = Viewer(Role.MEMBER, "token:test")
CAMBODIA = replace(SECRETARIAT, party="country:KHM")
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


async def save(network: Network, partners: Sequence[str], request: Request = ASKED, viewer: Viewer = SECRETARIAT) -> Outcome:
    return await keep(network.database, network.embedding, Keep(viewer, request, tuple(partners), Sent(viewer.token, None, ())))


async def bring(
    network: Network, partner: str, state: MatchState, reason: str | None = None, viewer: Viewer = SECRETARIAT, version: int | None = None
) -> Outcome:
    """Bring the kept match of a partner to a state, from the version that it has unless another is given."""
    record = match_id(NEED, partner)
    [one] = await stored_by_ids(network.database, [record], SECRETARIAT)
    return await move(network.database, Move(viewer, record, state, one.version if version is None else version, reason))


async def states(network: Network) -> list[MatchState]:
    return [one.state for one in await stored(network.database, NEED, SECRETARIAT)]


def told(outcome: Outcome) -> list[tuple[Code, str]]:
    """(code, field) of each reason why nothing was written."""
    assert (outcome.record, outcome.written) == (None, False)
    return [(problem.code, problem.field) for problem in outcome.problems]


async def case_of(database: Database, partner: str) -> list[tuple[object, ...]]:
    query = Query(
        "MATCH (p:Partnership {id: $id})-[b:BETWEEN]->(x)\nRETURN p.state, p.visibility, b.role, x.id\nORDER BY b.role",
        {"id": f"partnership:{match_id(NEED, partner).partition(':')[2]}"},
    )
    return await database.read(query)


async def test_kept_match_holds_what_it_was_made_from(stated: Network) -> None:
    result = await ask(stated)
    first, second = result.partners[:2]

    await save(stated, [first.id, second.id])

    one, two = await stored(stated.database, NEED, SECRETARIAT)
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
    await save(stated, [result.partners[2].id])

    again = await rerun(stated.database, stated.embedding, NEED, SECRETARIAT)

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
    await save(stated, [region.id])

    again = await rerun(stated.database, stated.embedding, NEED, SECRETARIAT, parameters=replace(PARAMETERS, region=0.0))

    assert again.parameters == {"region": (0.2, 0.0)}
    [change] = again.changes
    assert change.parts == {"SAME_REGION": (0.2, 0.0)}
    assert change.score == (region.score, pytest.approx(region.score - 0.2))


async def test_declined_partner_is_left_out_next_time_with_the_reason(stated: Network) -> None:
    result = await ask(stated)
    gone = result.partners[0].id
    await save(stated, [gone])

    await bring(stated, gone, MatchState.DECLINED, "No staff this year.")

    found = await ask(stated)
    assert gone not in {p.id for p in found.partners}
    assert found.partners[0].id in {p.id for p in result.partners[1:4]}
    [told] = [n for n in found.notices if n.code == "DECLINED_BEFORE"]
    assert str(told.message).endswith("is left out: it was declined for this need. Reason given: No staff this year.")
    elsewhere = await match(stated.database, stated.embedding, Request(TEXT, "KHM", "en"), packaged=0)
    assert gone in {p.id for p in elsewhere.partners}
    again = await rerun(stated.database, stated.embedding, NEED, SECRETARIAT)
    assert [change.rank for change in again.changes] == [(1, None)]


async def test_agreed_match_becomes_a_case_that_those_see_who_see_the_need(stated: Network) -> None:
    result = await ask(stated)
    partner = result.partners[0].id
    await save(stated, [partner])
    assert await case_of(stated.database, partner) == []

    await bring(stated, partner, MatchState.AGREED)
    assert await case_of(stated.database, partner) == [
        ("AGREED", "MEMBERS", "PROVIDER", partner),
        ("AGREED", "MEMBERS", "RECIPIENT", "country:KHM"),
    ]

    await bring(stated, partner, MatchState.DONE)
    assert {row[0] for row in await case_of(stated.database, partner)} == {"DONE"}


async def test_match_kept_again_keeps_its_state(stated: Network) -> None:
    result = await ask(stated)
    partner = result.partners[0].id
    await save(stated, [partner])
    await bring(stated, partner, MatchState.INTRODUCED)

    await save(stated, [partner])

    assert await states(stated) == [MatchState.INTRODUCED]


async def test_match_that_is_declined_after_it_was_agreed_takes_its_case_back(stated: Network) -> None:
    partner = (await ask(stated)).partners[0].id
    await save(stated, [partner])
    await bring(stated, partner, MatchState.AGREED)

    await bring(stated, partner, MatchState.DECLINED, "The programme ended.")

    withdrawn = Query("MATCH (:Need {id: $need})<-[:ANSWERS]-(p:Partnership)\nRETURN p.state, p.withdrawn", {"need": NEED})
    assert await stated.database.read(withdrawn) == [("AGREED", True)]
    await bring(stated, partner, MatchState.PROPOSED)
    await bring(stated, partner, MatchState.AGREED)
    assert await stated.database.read(withdrawn) == [("AGREED", None)]


async def test_state_that_cannot_follow_is_refused_and_nothing_is_written(stated: Network) -> None:
    partner = (await ask(stated)).partners[0].id
    await save(stated, [partner])
    before = await data_version(stated.database)

    refused = await bring(stated, partner, MatchState.DONE)

    assert told(refused) == [(Code.CONTRADICTORY_INPUT, "state")]
    assert refused.problems[0].allowed == ("INTRODUCED", "AGREED", "DECLINED")
    assert told(await bring(stated, partner, MatchState.DECLINED, " ")) == [(Code.FIELD_REQUIRED, "reason")]
    assert told(await bring(stated, partner, MatchState.AGREED, "Because.")) == [(Code.CONTRADICTORY_INPUT, "reason")]
    assert told(await bring(stated, partner, MatchState.DECLINED, "a\x00b")) == [(Code.VALUE_MALFORMED, "reason")]
    assert told(await bring(stated, partner, MatchState.AGREED, version=2)) == [(Code.VERSION_CONFLICT, "expectedVersion")]
    assert await data_version(stated.database) == before
    assert await case_of(stated.database, partner) == []


async def test_of_many_states_from_one_version_at_once_one_goes_in(stated: Network) -> None:
    partner = (await ask(stated)).partners[0].id
    await save(stated, [partner])
    asked = [MatchState.INTRODUCED, MatchState.AGREED] * 4

    outcomes = await asyncio.gather(*(bring(stated, partner, state, version=1) for state in asked))

    went_in = [state for state, outcome in zip(asked, outcomes, strict=True) if outcome.written]
    assert len(went_in) == 1
    assert [told(outcome) for outcome in outcomes if not outcome.written] == [[(Code.VERSION_CONFLICT, "expectedVersion")]] * 7
    assert await states(stated) == went_in
    assert len(await case_of(stated.database, partner)) == (2 if went_in == [MatchState.AGREED] else 0)


async def test_what_is_missing_is_told_by_its_code_and_nothing_is_kept(stated: Network) -> None:
    partner = (await ask(stated)).partners[0].id
    before = await data_version(stated.database)

    assert told(await save(stated, [partner], replace(ASKED, need=None))) == [(Code.UNKNOWN_NEED, "match.need")]
    assert told(await save(stated, [partner], replace(ASKED, need="need:none"))) == [(Code.UNKNOWN_NEED, "match.need")]
    assert told(await save(stated, [partner, "country:KHM"])) == [(Code.NOT_FOUND, "partners.1")]
    nothing = await move(stated.database, Move(SECRETARIAT, "match:none", MatchState.AGREED, 1))
    assert told(nothing) == [(Code.NOT_FOUND, "id")]
    with pytest.raises(NetworkError) as caught:
        await rerun(stated.database, stated.embedding, NEED, SECRETARIAT)
    assert caught.value.code is Code.NOT_FOUND
    assert await data_version(stated.database) == before
    assert await stored(stated.database, NEED, SECRETARIAT) == []


LAOS = replace(SECRETARIAT, party="country:LAO")


async def test_kept_matches_are_for_those_whose_need_it_is(stated: Network) -> None:
    partner = (await ask(stated)).partners[0].id
    assert (await save(stated, [partner], viewer=CAMBODIA)).written
    before = await data_version(stated.database)

    async def code(viewer: Viewer) -> Code | None:
        try:
            found = await stored(stated.database, NEED, viewer)
        except NetworkError as error:
            return error.code
        assert [one.partner for one in found] == [partner]
        return None

    of_partner = replace(SECRETARIAT, party=partner)
    assert [await code(viewer) for viewer in (SECRETARIAT, CAMBODIA, LAOS, of_partner, ANYONE)] == [
        None,
        None,
        Code.FORBIDDEN,
        Code.FORBIDDEN,
        Code.UNKNOWN_NEED,
    ]
    assert told(await save(stated, [partner], viewer=LAOS)) == [(Code.FORBIDDEN, "match.need")]
    assert told(await save(stated, [partner], viewer=of_partner)) == [(Code.FORBIDDEN, "match.need")]
    # That somebody kept a match is not told to others either.
    assert told(await bring(stated, partner, MatchState.AGREED, viewer=LAOS)) == [(Code.NOT_FOUND, "id")]
    assert told(await bring(stated, partner, MatchState.AGREED, viewer=replace(ANYONE, token="token:test"))) == [(Code.NOT_FOUND, "id")]
    assert await data_version(stated.database) == before
    assert (await bring(stated, partner, MatchState.INTRODUCED, viewer=of_partner)).written
    assert await states(stated) == [MatchState.INTRODUCED]


async def test_public_need_does_not_open_what_is_kept_for_it(stated: Network) -> None:
    partner = (await ask(stated)).partners[0].id
    await save(stated, [partner])
    public = Query("MATCH (n:Need {id: $need})\nSET n.visibility = 'PUBLIC'", {"need": NEED})
    await stated.database.write(lambda transaction: transaction.run(public))

    with pytest.raises(NetworkError) as caught:
        await stored(stated.database, NEED, ANYONE)

    assert caught.value.code is Code.FORBIDDEN
    assert await stored_by_ids(stated.database, [match_id(NEED, partner)], ANYONE) == []
    assert told(await save(stated, [partner], viewer=ANYONE)) == [(Code.FORBIDDEN, "match.need")]


async def test_withdrawn_need_keeps_nothing_more_and_what_it_kept_can_only_be_declined(stated: Network) -> None:
    first, second = (p.id for p in (await ask(stated)).partners[:2])
    await save(stated, [first])
    withdrawn = Query("MATCH (n:Need {id: $need})\nSET n.withdrawn = true", {"need": NEED})
    await stated.database.write(lambda transaction: transaction.run(withdrawn))

    assert told(await save(stated, [second])) == [(Code.RECORD_WITHDRAWN, "match.need")]
    assert told(await bring(stated, first, MatchState.AGREED)) == [(Code.RECORD_WITHDRAWN, "id")]
    assert (await bring(stated, first, MatchState.DECLINED, "The need is gone.")).written
    assert await case_of(stated.database, first) == []


def test_every_state_has_what_may_follow_and_only_done_is_the_end() -> None:
    assert set(FOLLOWS) == set(MatchState)
    assert [state for state, after in FOLLOWS.items() if not after] == [MatchState.DONE]
