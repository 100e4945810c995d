"""Peers against the definition written once more the long way; what a peer did, against the same told by plain lists."""

from __future__ import annotations

import math
import statistics
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from graph.database import Database, Query
from graph.errors import Code, NetworkError
from graph.measures import WEIGHTS, Measure
from graph.peers import (
    COVERAGE,
    INDICATORS,
    LOGARITHMIC,
    Peers,
    Profile,
    checked_weights,
    compare,
    figures,
    find_new_topics,
    find_peers,
    measure_named,
    new_topics,
    profiles,
)
from graph.records import Link, Record
from graph.viewer import ANYONE, Role, Viewer
from graph.vocabulary import Visibility
from graph.writer import write
from tests.graph.budget import db_hits

ONLY_NUMBERS = dict.fromkeys(Measure, 0.0) | {Measure.POPULATION: 1.0, Measure.CONNECTIVITY: 1.0}


def profile(name: str, population: float | None = None, connectivity: float | None = None, **more: object) -> Profile:
    numbers = {Measure.POPULATION: population, Measure.CONNECTIVITY: connectivity}
    return replace(Profile(f"country:{name}", name, {m: x for m, x in numbers.items() if x is not None}), **more)  # type: ignore[arg-type]  # fields of Profile


def distances(found: Peers) -> dict[str, float]:
    return {p.country.removeprefix("country:"): p.distance for p in found.peers}


def test_distance_is_the_weighted_mean_of_standardised_differences() -> None:
    # Logarithms of population 6, 7, 8: deviation sqrt(2/3). Connectivity 0, 0.5, 1: deviation sqrt(1/6).
    countries = [profile("a", 1e6, 0.0), profile("b", 1e7, 1.0), profile("c", 1e8, 0.5)]

    found = compare("country:a", countries, ONLY_NUMBERS | {Measure.POPULATION: 3.0})

    one = 1 / math.sqrt(2 / 3)
    assert distances(found) == pytest.approx({"b": (3 * one + 1 / math.sqrt(1 / 6)) / 4, "c": (3 * 2 * one + 0.5 / math.sqrt(1 / 6)) / 4})
    assert [p.country for p in found.peers] == ["country:b", "country:c"]
    assert [p.rank for p in found.peers] == [1, 2]


def test_languages_and_regions_differ_by_what_is_shared() -> None:
    weights = dict.fromkeys(Measure, 0.0) | {Measure.LANGUAGES: 1.0, Measure.REGION: 1.0}
    own = profile("a", languages=frozenset({"fr", "ar"}), region="africa", subregion="northern-africa")
    same = replace(own, id="country:same")
    near = replace(own, id="country:near", languages=frozenset({"fr"}), subregion="western-africa")
    far = replace(own, id="country:far", languages=frozenset({"en"}), region="asia", subregion="southern-asia")

    found = compare("country:a", [own, same, near, far], weights)

    assert distances(found) == pytest.approx({"same": 0.0, "near": 0.5, "far": 1.0})
    assert [str(c.explanation) for c in found.peers[1].compared] == [
        "Official languages in common: fr.",
        "In the same region, in another part of it.",
    ]
    assert [str(c.explanation) for c in found.peers[2].compared] == ["No official language in common.", "In another region."]


def test_peer_is_explained_by_its_nearest_and_its_farthest_measure() -> None:
    countries = [profile("a", 1_000_000, 0.5), profile("b", 1_100_000, 0.9), profile("c", 90_000_000, 0.1)]

    [peer, _] = compare("country:a", countries, ONLY_NUMBERS).peers

    assert (peer.nearest.measure, str(peer.nearest.explanation)) == (Measure.POPULATION, "Inhabitants: 1,100,000 there, 1,000,000 here.")
    assert peer.farthest.measure is Measure.CONNECTIVITY
    assert str(peer.farthest.explanation) == "Networks and connections, 0 to 1: 0.90 there, 0.50 here."


def test_missing_measure_is_left_out_and_said() -> None:
    countries = [profile("a", 1e6, 0.5), profile("b", 1e7), profile("c", 1e8, 0.7)]

    found = compare("country:a", countries, ONLY_NUMBERS)

    b = next(p for p in found.peers if p.country == "country:b")
    assert (b.missing, b.known) == ((Measure.CONNECTIVITY,), 0.5)
    assert b.distance == pytest.approx(1 / math.sqrt(2 / 3))
    assert found.notices == ()


def test_country_with_too_little_on_record_is_listed_apart() -> None:
    countries = [profile("a", 1e6, 0.5), profile("b", 1e6), profile("c", 2e6, 0.5)]

    found = compare("country:a", countries, ONLY_NUMBERS | {Measure.CONNECTIVITY: 1.5})

    assert [p.country for p in found.peers] == ["country:c"]
    assert found.not_compared == ("country:b",)
    assert [(n.code, str(n.message)) for n in found.notices] == [
        ("NOT_COMPARED", "1 country is not compared: too little is on record about it, or about the country asked for.")
    ]


def test_country_about_which_nothing_is_on_record_has_no_peers_and_says_so() -> None:
    found = compare("country:a", [profile("a"), profile("b", 1e6, 0.5)], ONLY_NUMBERS)

    assert found.peers == ()
    assert [n.code for n in found.notices] == ["MISSING_MEASURES", "NOT_COMPARED"]
    assert str(found.notices[0].message) == "2 measures of this country are not on record; they neither help nor hurt."


def test_countries_that_are_all_alike_differ_in_nothing() -> None:
    countries = [profile(name, 5e6, 0.5) for name in "abcd"]

    assert set(distances(compare("country:a", countries, ONLY_NUMBERS)).values()) == {0.0}


numbers = st.dictionaries(
    st.sampled_from([m for m in Measure if m not in {Measure.LANGUAGES, Measure.REGION}]), st.floats(0.01, 1e6), max_size=9
)
some_profiles = st.lists(
    st.tuples(numbers, st.frozensets(st.sampled_from(["en", "fr", "ar", "sw"])), st.sampled_from([None, "africa", "asia"])),
    min_size=2,
    max_size=8,
).map(
    lambda rows: [
        Profile(f"country:{i}", str(i), n, langs, region, region and f"{region}-{i % 2}") for i, (n, langs, region) in enumerate(rows)
    ]
)
some_weights = (
    st.dictionaries(st.sampled_from(Measure), st.floats(0, 100))
    .map(lambda w: dict.fromkeys(Measure, 1.0) | w)
    .filter(lambda w: any(w.values()))
)


def oracle(own: Profile, other: Profile, everybody: list[Profile], weights: dict[Measure, float]) -> tuple[float, float] | None:
    """(distance, share of the weights that is known), or none where too little is known: the definition, a measure at a time."""
    above = below = known = 0.0
    for measure, weight in weights.items():
        if measure is Measure.LANGUAGES:
            if not own.languages or not other.languages:
                continue
            difference = 1 - len([x for x in own.languages if x in other.languages]) / len({*own.languages, *other.languages})
        elif measure is Measure.REGION:
            if own.region is None or other.region is None:
                continue
            difference = 0.0 if own.subregion == other.subregion else 0.5 if own.region == other.region else 1.0
        else:
            values = [p.numbers.get(measure) for p in everybody]
            here, there = own.numbers.get(measure), other.numbers.get(measure)
            if here is None or there is None:
                continue
            scaled = [math.log10(x) if measure in LOGARITHMIC else x for x in (here, there, *values) if x is not None]
            deviation = statistics.pstdev(scaled[2:])
            difference = abs(scaled[0] - scaled[1]) / deviation if deviation else 0.0
        above, below, known = above + weight * difference, below + weight, known + weight
    share = known / sum(weights.values())
    return (above / below, share) if below and share >= COVERAGE else None


@given(some_profiles, some_weights)
def test_every_distance_is_that_of_the_definition(everybody: list[Profile], weights: dict[Measure, float]) -> None:
    found = compare("country:0", everybody, weights)

    wanted = {p.id: oracle(everybody[0], p, everybody, weights) for p in everybody[1:]}
    assert set(found.not_compared) == {record_id for record_id, known in wanted.items() if known is None}
    for peer in found.peers:
        assert (peer.distance, peer.known) == pytest.approx(wanted[peer.country], rel=1e-6, abs=1e-9)
        assert peer.distance == pytest.approx(sum(c.difference * c.weight for c in peer.compared) / sum(c.weight for c in peer.compared))
        assert peer.nearest.difference <= peer.farthest.difference
    assert [p.distance for p in found.peers] == sorted(p.distance for p in found.peers)


@given(some_profiles, some_weights, st.sampled_from(Measure))
def test_missing_measure_neither_helps_nor_hurts(everybody: list[Profile], weights: dict[Measure, float], measure: Measure) -> None:
    """Whoever lacks a measure is as far as if nobody had been asked for it."""

    def without(p: Profile) -> Profile:
        cleared = {Measure.LANGUAGES: {"languages": frozenset()}, Measure.REGION: {"region": None, "subregion": None}}
        return replace(p, **cleared.get(measure, {"numbers": {m: x for m, x in p.numbers.items() if m is not measure}}))  # type: ignore[arg-type]  # fields of Profile

    lacking = [everybody[0], without(everybody[1]), *everybody[2:]]
    zero = weights | {measure: 0.0}
    if not any(zero.values()):
        return

    found = {p.country: p.distance for p in compare("country:0", lacking, weights).peers}
    unasked = {p.country: p.distance for p in compare("country:0", lacking, zero).peers}

    if "country:1" in found and "country:1" in unasked:
        assert found["country:1"] == pytest.approx(unasked["country:1"], rel=1e-6, abs=1e-9)


@given(some_profiles, some_weights, st.randoms())
def test_order_of_what_was_read_changes_nothing(everybody: list[Profile], weights: dict[Measure, float], random: object) -> None:
    shuffled = list(everybody)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # a Random of hypothesis

    assert compare("country:0", shuffled, weights).peers == compare("country:0", everybody, weights).peers


def test_weights_given_stand_in_place_of_the_usual_ones() -> None:
    assert checked_weights({}) == WEIGHTS
    assert checked_weights({Measure.REGION: 0.0, Measure.INCOME: 2.5}) == {**WEIGHTS, Measure.REGION: 0.0, Measure.INCOME: 2.5}
    assert measure_named("online-services") is Measure.ONLINE_SERVICES


@pytest.mark.parametrize("weight", [-1.0, 100.5, math.inf, math.nan])
def test_weight_that_is_no_weight_is_refused(weight: float) -> None:
    with pytest.raises(NetworkError, match="The weight of INCOME is not usable") as refused:
        checked_weights({Measure.INCOME: weight})
    assert refused.value.code is Code.BAD_INPUT


def test_weights_of_nothing_and_unknown_measures_are_refused() -> None:
    with pytest.raises(NetworkError, match="Every weight is 0"):
        checked_weights(dict.fromkeys(Measure, 0.0))
    with pytest.raises(NetworkError, match="“wealth” is not a measure") as refused:
        measure_named("wealth")
    assert refused.value.allowed == tuple(Measure)


# What the graph brings.

BUDGETS = {"profiles": 5_000, "figures": 70_000, "new_topics": 30_000}
"""Hits of the storage on the starter data, a third above what was counted when the queries were written."""


@pytest.mark.live
async def test_queries_keep_to_their_budgets(database: Database) -> None:
    peers = [p.country for p in (await find_peers(database, "country:KHM", WEIGHTS)).peers[:20]]
    queries = {"profiles": profiles(), "figures": figures(2018), "new_topics": new_topics("country:KHM", peers, ANYONE)}

    spent = {name: await db_hits(database, query) for name, query in queries.items()}

    assert {name: hits for name, hits in spent.items() if hits > BUDGETS[name]} == {}


@pytest.mark.live
async def test_figures_are_the_newest_of_each_indicator(database: Database) -> None:
    rows = await database.read(
        Query(
            "MATCH (c:Country)<-[:FOR]-(o:Observation)-[:OF]->(i:Indicator)\nWHERE i.code IN $codes\nRETURN c.id, i.code, o.value, o.year",
            {"codes": list(INDICATORS)},
        )
    )
    newest: dict[tuple[str, str], tuple[int, float]] = {}
    for country, code, value, year in rows:
        if year >= 2022:
            newest[country, code] = max(newest.get((country, code), (0, 0.0)), (year, value))

    found = {(c, code): (year, value) for c, observed in await database.read(figures(2022)) for code, value, year in observed}

    assert found == newest
    assert len(found) > 1000


@pytest.mark.live
async def test_peers_on_the_starter_data_are_stable_and_skip_the_country_itself(database: Database) -> None:
    found = await find_peers(database, "country:KHM", WEIGHTS)

    assert found == await find_peers(database, "country:KHM", WEIGHTS)
    assert "country:KHM" not in {p.country for p in found.peers} | set(found.not_compared)
    assert len(found.peers) + len(found.not_compared) == 242


@pytest.mark.live
async def test_new_topics_are_those_of_the_peer_without_those_of_the_country(database: Database) -> None:
    rows = await database.read(
        Query(
            "MATCH (c:Country)<-[:FROM|IN|DEPLOYED_IN]-(d:Practice|Project|Solution)-[:ABOUT]->(t:Topic)\n"
            "WHERE d.visibility = 'PUBLIC' AND coalesce(d.withdrawn, false) = false\n"
            "RETURN DISTINCT c.id, d.id, t.id, [(t)-[:PART_OF]->(w:Topic) | w.id]"
        )
    )
    done = {topic for country, _, own, wider in rows if country == "country:KHM" for topic in (own, *wider)}

    found = await find_new_topics(database, "country:KHM", ["country:NPL", "country:EST"], ANYONE)

    for peer in ("country:NPL", "country:EST"):
        records: dict[str, set[str]] = {}
        for country, record, topic, _ in rows:
            if country == peer and topic not in done:
                records.setdefault(topic, set()).add(record)
        first = sorted(records, key=lambda t: (-len(records[t]), t))[:20]
        assert [(n.topic, n.count, set(n.records)) for n in found[peer]] == [(t, len(records[t]), records[t]) for t in first]
        assert first != []


SEEN = "topic:e-voting"


@pytest_asyncio.fixture(loop_scope="session")
async def voting(scratch: Database) -> AsyncIterator[Database]:
    """A practice of Nauru on e-voting for each visibility, and one that was withdrawn."""
    values = {"summary": "Votes are counted.", "date": date(2020, 1, 1), "lang": "en"}
    links = {"country": [Link("country:NRU")], "topics": [Link(SEEN)]}
    records = [
        Record("Practice", f"test-{v.value.lower()}", {"title": v.value, "visibility": v.value, **values}, links) for v in Visibility
    ]
    gone = Record("Practice", "test-gone", {"title": "Gone", "withdrawn": True, **values}, links)
    report = await write(scratch, [*records, gone], actor="tests")
    assert (report.refused, report.created) == ([], 4)
    yield scratch


@pytest.mark.live
async def test_new_topics_show_what_the_viewer_may_see(voting: Database) -> None:
    async def seen(viewer: Viewer) -> set[str]:
        found = await find_new_topics(voting, "country:TUV", ["country:NRU"], viewer)
        return {r for n in found["country:NRU"] if n.topic == SEEN for r in n.records}

    assert await seen(ANYONE) == {"practice:test-public"}
    assert await seen(Viewer(Role.MEMBER)) == {"practice:test-public", "practice:test-members"}


@pytest.mark.live
async def test_own_record_that_the_viewer_may_not_see_hides_nothing(voting: Database) -> None:
    """Whether Nauru has masked records on the topic must not show in what its peers did."""
    values = {"title": "Votes elsewhere", "summary": "Votes are counted.", "date": date(2020, 1, 1), "lang": "en"}
    elsewhere = Record("Practice", "test-elsewhere", values, {"country": [Link("country:TUV")], "topics": [Link(SEEN)]})
    await write(voting, [elsewhere], actor="tests")
    hide = Query("MATCH (d:Practice {id: 'practice:test-public'})\nSET d.visibility = 'MASKED'")
    await voting.write(lambda transaction: transaction.run(hide))

    found = await find_new_topics(voting, "country:NRU", ["country:TUV"], ANYONE)

    assert [n.records for n in found["country:TUV"] if n.topic == SEEN] == [("practice:test-elsewhere",)]
