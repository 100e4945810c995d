"""Chains against the same told by plain lists, on the starter data and on small circles of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import date
from itertools import permutations, product

import pytest
import pytest_asyncio

from graph.chains import NOWHERE, SPEAKING, Chain, ChainBasis, ChainKind, LinkRole, exchanges, find_chains, triangles
from graph.database import Database, Query
from graph.errors import Code, NetworkError
from graph.records import Link, Record
from graph.viewer import ANYONE, Role, Viewer
from graph.vocabulary import Visibility
from graph.writer import write
from tests.graph.budget import db_hits
from tests.graph.records import need as need_record
from tests.graph.records import project

pytestmark = pytest.mark.live

TWO, THREE, TRIANGULAR = ChainKind.EXCHANGE_OF_TWO, ChainKind.EXCHANGE_OF_THREE, ChainKind.TRIANGULAR
HAPPENED, POSSIBLE = ChainBasis.HAPPENED, ChainBasis.POSSIBLE
MEMBER = Viewer(Role.MEMBER)
BUDGETS = {"two": 60_000, "three": 60_000, "two possible": 120_000, "three possible": 120_000, "triangles": 90_000}


async def test_queries_keep_to_their_budgets(database: Database) -> None:
    queries = {
        "two": exchanges(2, HAPPENED, ANYONE),
        "three": exchanges(3, HAPPENED, ANYONE),
        "two possible": exchanges(2, POSSIBLE, ANYONE),
        "three possible": exchanges(3, POSSIBLE, ANYONE),
        "triangles": triangles(ANYONE),
    }

    spent = {name: await db_hits(database, query) for name, query in queries.items()}

    assert {name: hits for name, hits in spent.items() if hits > BUDGETS[name]} == {}


def members(chain: Chain) -> tuple[str, ...]:
    return tuple(link.giver.removeprefix("country:") for link in chain.links)


async def help_on_record(database: Database) -> dict[tuple[str, str], set[str]]:
    """Records by (giver, receiver): read as they are, and told by the rules of `docs/chains.md` in Python."""
    homes = {
        party: (home if kind is None or kind in SPEAKING else None)
        for party, kind, home in await database.read(
            Query(
                "MATCH (p:Organization|Country)\nRETURN p.id, p.kind, CASE WHEN p:Country THEN p.id ELSE head([(p)-[:BASED_IN]->(h:Country) | h.id]) END"
            )
        )
    }
    found: dict[tuple[str, str], set[str]] = {}
    partnerships = await database.read(
        Query("MATCH (d:Partnership {visibility: 'PUBLIC'})\nRETURN d.id, [(d)-[b:BETWEEN]->(p) | [p.id, b.role]]")
    )
    for record, parties in partnerships:
        for (giver, given), (receiver, received) in product(parties, parties):
            if (given, received) == ("PROVIDER", "RECIPIENT") and (home := homes[giver]) and home != receiver:
                found.setdefault((home, receiver), set()).add(record)
    projects = await database.read(
        Query("MATCH (d:Project {visibility: 'PUBLIC'})\nRETURN d.id, [(d)-[:IN]->(c) | c.id], [(d)<-[:SUPPORTS|IMPLEMENTS]-(p) | p.id]")
    )
    for record, places, parties in projects:
        for giver, receiver in product(parties, places):
            if (home := homes[giver]) and home not in places:
                found.setdefault((home, receiver), set()).add(record)
    practices = await database.read(
        Query("MATCH (d:Practice)-[:ADAPTED_FROM]->(m:Practice)\nRETURN d.id, [(d)-[:FROM]->(c) | c.id], [(m)-[:FROM]->(c) | c.id]")
    )
    for record, receivers, givers in practices:
        for giver, receiver in product(givers, receivers):
            if giver != receiver:
                found.setdefault((giver, receiver), set()).add(record)
    return found


async def test_exchanges_of_two_are_those_that_lists_tell(database: Database) -> None:
    links = await help_on_record(database)

    found = await find_chains(database, TWO, HAPPENED, ANYONE)

    wanted = {(a, b): (len(links[a, b]), len(links[b, a])) for a, b in links if a < b and (b, a) in links}
    assert {tuple(link.giver for link in c.links): tuple(link.count for link in c.links) for c in found} == wanted
    assert len(found) >= 3
    for chain in found:
        for link in chain.links:
            assert set(link.records) <= links[link.giver, link.receiver]
            assert len(link.records) == min(10, link.count)
    ranks = [(min(wanted[key]), sum(wanted[key])) for key in (tuple(link.giver for link in c.links) for c in found)]
    assert ranks == sorted(ranks, reverse=True)
    assert [c.rank for c in found] == list(range(1, len(found) + 1))


async def test_exchanges_of_three_are_those_that_lists_tell(database: Database) -> None:
    links = await help_on_record(database)
    countries = sorted({a for a, _ in links} & {b for _, b in links})
    wanted = {(a, b, c) for a, b, c in permutations(countries, 3) if a < b and a < c and {(a, b), (b, c), (c, a)} <= set(links)}

    found = await find_chains(database, THREE, HAPPENED, ANYONE)

    assert {tuple(link.giver for link in c.links) for c in found} == wanted


async def test_triangles_join_three_countries_and_are_shown_by_their_records(database: Database) -> None:
    found = await find_chains(database, TRIANGULAR, HAPPENED, ANYONE)

    assert len({c.key for c in found}) == len(found) >= 20
    assert [c.weakest for c in found] == sorted((c.weakest for c in found), reverse=True)
    for chain in found:
        pays, helps = chain.links
        assert (pays.role, helps.role, pays.receiver, pays.records) == (LinkRole.PAYS, LinkRole.HELPS, helps.receiver, helps.records)
        assert len({pays.giver, helps.giver, pays.receiver}) == 3
    assert any(c.links[0].giver == "country:SWE" and c.links[1].giver == "country:EST" for c in found)


async def test_money_and_help_of_one_country_are_no_triangle(database: Database) -> None:
    """A bank of a country that pays for help of that country."""
    homes: Mapping[str, str] = dict(
        await database.read(
            Query(
                "MATCH (p:Organization)-[:BASED_IN]->(h:Country)\nWHERE NOT p.kind IN $nowhere\nRETURN p.id, h.id",
                {"nowhere": list(NOWHERE)},
            )
        )
    )

    found = await find_chains(database, TRIANGULAR, HAPPENED, ANYONE)

    for chain in found:
        three = [homes.get(i, i) for i in (chain.links[0].giver, chain.links[1].giver, chain.links[0].receiver)]
        assert len(set(three)) == 3, chain.explanation


@pytest.mark.parametrize("kind", [TWO, THREE])
async def test_possible_exchange_answers_open_needs_with_records_on_their_topics(database: Database, kind: ChainKind) -> None:
    rows = await database.read(
        Query("MATCH (n:Need {status: 'OPEN', visibility: 'PUBLIC'})-[:OF]->(c)\nRETURN n.id, c.id, [(n)-[:ABOUT]->(t) | t.id]")
    )
    needs = {need: (country, set(topics)) for need, country, topics in rows}
    about = {
        r: set(t) for r, t in await database.read(Query("MATCH (d:Document {evidence: true})\nRETURN d.id, [(d)-[:ABOUT]->(t) | t.id]"))
    }

    found = await find_chains(database, kind, POSSIBLE, ANYONE)

    assert len(found) >= 5
    for chain in found:
        for link in chain.links:
            assert {needs[n][0] for n in link.needs} == {link.receiver}
            asked = set().union(*(needs[n][1] for n in link.needs))
            assert all(about[record] & asked for record in link.records)
            assert link.count >= len(link.records) >= 1


async def test_country_and_topic_narrow_the_list_down(database: Database) -> None:
    every = await find_chains(database, TWO, HAPPENED, ANYONE)
    of_estonia = await find_chains(database, TWO, HAPPENED, ANYONE, country="country:EST")
    on_topic = await find_chains(database, TRIANGULAR, HAPPENED, ANYONE, topic="topic:data-exchange", country="country:EST")

    assert [members(c) for c in of_estonia] == [members(c) for c in every if "EST" in members(c)] != []
    assert on_topic != ()
    assert all("country:EST" in {link.giver for link in c.links} | {c.links[0].receiver} for c in on_topic)
    topics = dict(await database.read(Query("MATCH (d:Document)-[:ABOUT]->(t:Topic)\nRETURN d.id, collect(t.id)")))
    assert all("topic:data-exchange" in topics[r] for c in on_topic for r in c.links[0].records)


async def test_possible_triangle_is_refused(database: Database) -> None:
    with pytest.raises(NetworkError, match="Triangles are told of what happened") as refused:
        await find_chains(database, TRIANGULAR, POSSIBLE, ANYONE)
    assert refused.value.code is Code.CONTRADICTORY_INPUT


def helped(key: str, giver: str, receiver: str, *, funder: str | None = None, visibility: str = "PUBLIC", **links: list[Link]) -> Record:
    parties = [
        Link(f"country:{receiver}", {"role": "RECIPIENT"}),
        Link(giver if ":" in giver else f"country:{giver}", {"role": "PROVIDER"}),
    ]
    if funder:
        parties.append(Link(f"country:{funder}", {"role": "FUNDER"}))
    values = {"title": key, "summary": "Votes.", "state": "DONE", "date": date(2020, 1, 1), "lang": "en", "visibility": visibility}
    return Record("Partnership", f"test-{key}", values, {"parties": parties, "topics": [Link("topic:e-voting")], **links})  # type: ignore[arg-type]  # values of the model


@pytest_asyncio.fixture(loop_scope="session")
async def circle(scratch: Database) -> AsyncIterator[Database]:
    """Nauru helped Palau, Palau Tuvalu, Tuvalu's ministry Nauru, about voting; nothing else is on record there about it."""
    ministry = Record(
        "Organization", "test-ministry", {"name": "Ministry", "kind": "GOVERNMENT", "lang": "en"}, {"basedIn": [Link("country:TUV")]}
    )
    records = [ministry, helped("a", "NRU", "PLW"), helped("b", "PLW", "TUV"), helped("c", ministry.id, "NRU")]
    report = await write(scratch, records, actor="tests")
    assert (report.refused, report.created) == ([], 4)
    yield scratch


async def on_voting(database: Database, kind: ChainKind, viewer: Viewer = ANYONE, basis: ChainBasis = HAPPENED) -> list[tuple[str, ...]]:
    return [members(c) for c in await find_chains(database, kind, basis, viewer, topic="topic:e-voting") if "NRU" in members(c)]


async def test_circle_of_three_is_found_once_and_told(circle: Database) -> None:
    [chain] = await find_chains(circle, THREE, HAPPENED, ANYONE, country="country:PLW", topic="topic:e-voting")

    assert members(chain) == ("NRU", "PLW", "TUV")
    assert str(chain.explanation) == "Naoero helped Palau, Palau helped Tuvalu, and Tuvalu helped Naoero."
    assert [link.records for link in chain.links] == [("partnership:test-a",), ("partnership:test-b",), ("partnership:test-c",)]
    assert await on_voting(circle, TWO) == []


@pytest.mark.parametrize(
    ("change", "still"),
    [
        ("MATCH (d {id: 'partnership:test-a'})\nSET d.withdrawn = true", []),
        ("MATCH (d {id: 'partnership:test-b'})\nSET d.visibility = 'MASKED'", []),
        ("MATCH (p {id: 'organization:test-ministry'})\nSET p.kind = 'PRIVATE'", []),
        ("MATCH (p {id: 'organization:test-ministry'})\nSET p.kind = 'NGO'", [("NRU", "PLW", "TUV")]),
    ],
)
async def test_circle_breaks_where_a_link_may_not_be_seen_or_is_no_help(
    circle: Database, change: str, still: list[tuple[str, ...]]
) -> None:
    await circle.write(lambda transaction: transaction.run(Query(change)))

    assert await on_voting(circle, THREE) == still


async def test_members_see_the_exchange_that_members_may_see(scratch: Database) -> None:
    await write(scratch, [helped("a", "NRU", "TUV"), helped("b", "TUV", "NRU", visibility=Visibility.MEMBERS.value)], actor="tests")

    assert await on_voting(scratch, TWO) == []
    assert await on_voting(scratch, TWO, MEMBER) == [("NRU", "TUV")]


async def test_project_in_both_countries_is_no_help_between_them(scratch: Database) -> None:
    ministry = Record(
        "Organization", "test-ministry", {"name": "Ministry", "kind": "GOVERNMENT", "lang": "en"}, {"basedIn": [Link("country:TUV")]}
    )
    links = {
        "countries": [Link("country:NRU"), Link("country:TUV")],
        "implementers": [Link(ministry.id)],
        "topics": [Link("topic:e-voting")],
    }
    await write(scratch, [ministry, project(links=links), helped("a", "NRU", "TUV")], actor="tests")

    assert await on_voting(scratch, TWO) == []


async def test_adapted_practice_is_help_of_whoever_it_was_adapted_from(scratch: Database) -> None:
    values = {"title": "Votes", "summary": "Votes.", "date": date(2020, 1, 1), "lang": "en"}
    about = {"topics": [Link("topic:e-voting")]}
    model = Record("Practice", "test-model", values, about | {"country": [Link("country:NRU")]})
    adapted = Record("Practice", "test-adapted", values, about | {"country": [Link("country:TUV")], "adaptedFrom": [Link(model.id)]})
    await write(scratch, [model, adapted, helped("a", "TUV", "NRU")], actor="tests")

    assert await on_voting(scratch, TWO) == [("NRU", "TUV")]


async def test_triangle_is_told_with_its_three(scratch: Database) -> None:
    await write(scratch, [helped("a", "NRU", "TUV", funder="NZL"), helped("b", "NRU", "TUV", funder="NZL")], actor="tests")

    [chain] = await find_chains(scratch, TRIANGULAR, HAPPENED, ANYONE, country="country:NRU", topic="topic:e-voting")

    assert str(chain.explanation) == "New Zealand paid, Naoero helped, Tuvalu received: 2 records show it."
    assert (chain.weakest, chain.links[0].records) == (2, ("partnership:test-a", "partnership:test-b"))


async def test_possible_exchange_needs_both_to_ask_and_both_to_have_done_it(scratch: Database) -> None:
    about = {"topics": [Link("topic:e-voting")]}
    done = [
        Record(
            "Practice",
            f"test-{c.lower()}",
            {"title": c, "summary": "Votes.", "date": date(2020, 1, 1), "lang": "en"},
            about | {"country": [Link(f"country:{c}")]},
        )
        for c in ("NRU", "TUV")
    ]
    await write(scratch, [*done, need_record("test-nru", links=about | {"country": [Link("country:NRU")]})], actor="tests")
    assert await on_voting(scratch, TWO, basis=POSSIBLE) == []

    await write(scratch, [need_record("test-tuv", links=about | {"country": [Link("country:TUV")]}, visibility="MEMBERS")], actor="tests")

    assert await on_voting(scratch, TWO, basis=POSSIBLE) == []
    [chain] = await find_chains(scratch, TWO, POSSIBLE, MEMBER, topic="topic:e-voting", country="country:NRU")
    assert [(link.giver, link.needs, link.records) for link in chain.links] == [
        ("country:NRU", ("need:test-tuv",), ("practice:test-nru",)),
        ("country:TUV", ("need:test-nru",), ("practice:test-tuv",)),
    ]
    assert str(chain.explanation) == "Naoero has records on what Tuvalu asks for, and Tuvalu on what Naoero asks for."
