"""Matches on the starter data: who is never a partner, what never counts, what a package keeps its word about."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
import pytest_asyncio

from api.state import Network
from graph.catalogue import data_version
from graph.database import Database, Query
from graph.embedding import Embedder, EmbeddingService, Kind, ModelInfo
from graph.embedding.model import Vectors
from graph.errors import Code, NetworkError
from graph.matching import PARAMETERS, MatchResult, PartnerKind, Request, match
from graph.matching.result import PackagePart, PartName, Rule
from graph.settings import Settings
from graph.vectors import space_in_use

pytestmark = pytest.mark.live

TEXT = "We want to link civil registration and identity registers"
ASKED = Request(TEXT, "KHM", "en", amount_usd=1_400_000.0)


async def ask(network: Network, request: Request, *, packaged: int = 50) -> MatchResult:
    return await match(network.database, network.embedding, request, packaged=packaged)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def result(network: Network) -> MatchResult:
    """The match that most tests look at."""
    return await ask(network, ASKED)


def evidence_of(result: MatchResult) -> set[str]:
    return {c.document for p in result.partners for c in p.evidence}


async def dates_of(database: Database, ids: Sequence[str]) -> dict[str, date | None]:
    rows = await database.read(Query("UNWIND $ids AS id\nMATCH (d:Document {id: id})\nRETURN id, d.date", {"ids": sorted(ids)}))
    return {record_id: day.to_native() if day is not None else None for record_id, day in rows}


async def about(database: Database, country: str) -> set[str]:
    query = "MATCH (d:Document)-[r]->(:Country {id: $country})\nWHERE type(r) IN ['IN', 'FROM', 'DEPLOYED_IN', 'BETWEEN']\nRETURN d.id"
    return {record_id for (record_id,) in await database.read(Query(query, {"country": f"country:{country}"}))}


async def test_match_says_what_it_was_made_from(network: Network, result: MatchResult) -> None:
    space = await space_in_use(network.database)

    assert (result.country, result.text, result.language, result.as_of, result.need) == ("KHM", TEXT, "en", None, None)
    assert result.data_version == await data_version(network.database)
    assert result.model == space.model
    assert result.maximum_score == pytest.approx(1.4)
    assert "topic:civil-registration" in result.topics
    assert [n.code for n in result.notices] == ["AMOUNTS_IN_USD"]


async def test_same_request_twice_has_the_same_result(network: Network, result: MatchResult) -> None:
    assert await ask(network, ASKED) == result


def test_score_is_the_sum_of_its_parts_and_of_its_evidence(result: MatchResult) -> None:
    for partner in result.partners:
        parts = {part.name: part.value * part.weight for part in partner.parts}
        assert list(parts) == list(PartName)
        assert partner.score == pytest.approx(sum(parts.values()), abs=1e-9)
        shown = sum(c.value for c in partner.evidence)
        assert shown == pytest.approx(parts[PartName.HELP_GIVEN] + parts[PartName.OWN_EXPERIENCE], abs=1e-9)
        assert partner.evidence != ()


def test_partners_stand_once_in_the_order_of_their_scores(result: MatchResult) -> None:
    scores = [p.score for p in result.partners]

    assert len(scores) >= 50
    assert len({p.id for p in result.partners}) == len(scores)
    assert [p.rank for p in result.partners] == list(range(1, len(scores) + 1))
    assert all(one >= other - 1e-9 for one, other in pairwise(scores))
    assert 0 < scores[-1] <= scores[0] <= result.maximum_score


async def test_country_that_asks_is_never_its_own_partner(network: Network, result: MatchResult) -> None:
    countries = [p.id for p in result.partners if p.id.startswith("country:")]
    assert "country:KHM" not in countries

    for country in countries[:3]:
        found = await ask(network, Request(TEXT, country.removeprefix("country:"), "en"), packaged=0)
        assert country not in {p.id for p in found.partners}
        assert len(found.partners) > 10


@pytest.mark.parametrize(("kind", "prefix"), [(PartnerKind.COUNTRY, "country:"), (PartnerKind.ORGANIZATION, "organization:")])
async def test_partners_are_of_the_kind_that_is_wanted(network: Network, result: MatchResult, kind: PartnerKind, prefix: str) -> None:
    found = await ask(network, replace(ASKED, partner_kind=kind), packaged=0)

    assert {p.id for p in found.partners} == {p.id for p in result.partners if p.id.startswith(prefix)}
    assert found.partners[0].score >= 1.0 - 1e-9


async def test_what_was_not_known_on_the_day_is_no_evidence(network: Network, result: MatchResult) -> None:
    day = date(2015, 6, 1)

    found = await ask(network, replace(ASKED, as_of=day))

    now, then = await dates_of(network.database, [*evidence_of(result)]), await dates_of(network.database, [*evidence_of(found)])
    assert any(known is None or known >= day for known in now.values())
    assert found.partners != ()
    assert {i: known for i, known in then.items() if known is None or known >= day} == {}
    help_on_offer = {i for p in found.partners for i in (*p.offers, *p.funding_calls)} | {m.record for m in found.near_misses}
    offered = await dates_of(network.database, [*help_on_offer])
    assert {i: known for i, known in offered.items() if known is None or known >= day} == {}
    assert found.as_of == day


async def test_what_is_about_the_country_since_the_day_or_undated_is_hidden(network: Network) -> None:
    day = date(2016, 1, 1)
    request = Request(TEXT, "ETH", "en")

    sighted, blind = await ask(network, request, packaged=0), await ask(network, replace(request, blind_from=day), packaged=0)

    own = await about(network.database, "ETH")
    seen = await dates_of(network.database, [*(evidence_of(sighted) & own)])
    left = await dates_of(network.database, [*(evidence_of(blind) & own)])
    # What is about the country is evidence for others that stand in it, unless it is hidden.
    assert any(known is None or known >= day for known in seen.values())
    assert {i: known for i, known in left.items() if known is None or known >= day} == {}
    assert evidence_of(blind) - own != set()


async def test_offers_and_windows_of_a_package_are_open_to_the_country(network: Network, result: MatchResult) -> None:
    query = (
        "UNWIND $ids AS id\nMATCH (x:Offer|FundingCall {id: id})\nMATCH (c:Country {id: 'country:KHM'})\n"
        "RETURN id, EXISTS { (x)-[:OPEN_TO]->(c) } OR EXISTS { (x)-[:OPEN_TO]->()<-[:MEMBER_OF]-(c) },\n"
        "  EXISTS { (x)-[:NOT_OPEN_TO]->(c) } OR EXISTS { (x)-[:NOT_OPEN_TO]->()<-[:MEMBER_OF]-(c) },\n"
        "  x.closes IS NULL OR x.closes >= date(), x.opens IS NULL OR x.opens <= date()"
    )
    offered = sorted({i for p in result.partners for i in (*p.offers, *p.funding_calls)})

    rows = await network.database.read(Query(query, {"ids": offered}))

    assert len(rows) == len(offered)
    assert {i.partition(":")[0] for i in offered} == {"offer", "funding-call"}
    assert [row for row in rows if row[1:] != (True, False, True, True)] == []


async def test_offers_of_a_package_are_the_partners_or_of_those_based_there(network: Network, result: MatchResult) -> None:
    query = "MATCH (x:Offer)-[:BY]->(p)\nRETURN x.id, p.id, [(p)-[:BASED_IN]->(c) | c.id]"
    whose: dict[str, set[str]] = {}
    for offer, provider, homes in await network.database.read(Query(query)):
        whose.setdefault(offer, set()).update([provider, *homes])

    wrong = [(p.id, offer) for p in result.partners for offer in p.offers if p.id not in whose[offer]]

    assert wrong == []
    assert any(p.offers for p in result.partners)


async def test_country_offers_what_its_agencies_offer_whether_they_are_partners_or_not(network: Network) -> None:
    """An agency that no document names is no partner, yet its offer is help from its country."""
    found = await ask(network, replace(ASKED, partner_kind=PartnerKind.COUNTRY))
    both = await ask(network, ASKED)

    offers = {p.id: p.offers for p in both.partners if p.id.startswith("country:") and p.rank <= 50}
    assert {p.id: p.offers for p in found.partners if p.id in offers} == offers
    assert any(offers.values())


async def test_funding_windows_of_the_partner_itself_come_first(network: Network, result: MatchResult) -> None:
    rows = await network.database.read(Query("MATCH (x:FundingCall)-[:BY]->(p)\nRETURN p.id, collect(x.id)"))
    own = {party: set(calls) for party, calls in rows}

    for partner in result.partners:
        places = [call in own.get(partner.id, set()) for call in partner.funding_calls]
        assert places == sorted(places, reverse=True)


async def test_paths_are_there_in_the_graph(network: Network, result: MatchResult) -> None:
    steps = {
        (a.node, b.relationship, b.node)
        for p in result.partners
        for path in p.paths
        for a, b in pairwise(path.steps)
        if b.relationship != "OPEN_TO"
    }
    query = (
        "UNWIND $steps AS s\nMATCH (a:Country|Document {id: s[0]}), (b:Country|Document {id: s[2]})\n"
        "WHERE NOT EXISTS { (a)-[r]-(b) WHERE type(r) = s[1] }\nRETURN s"
    )

    assert {part for p in result.partners for path in p.paths for part in [path.part]} == set(PackagePart)
    assert await network.database.read(Query(query, {"steps": [list(step) for step in sorted(steps)]})) == []


def test_package_says_which_part_is_missing(result: MatchResult) -> None:
    for partner in (p for p in result.partners if p.rank <= 50):
        filled = {PackagePart.CASE: partner.cases, PackagePart.OFFER: partner.offers, PackagePart.FUNDING: partner.funding_calls}
        assert set(partner.missing) == {part for part, records in filled.items() if not records}
        assert {path.part for path in partner.paths} == set(PackagePart) - set(partner.missing)


async def test_ranking_without_packages_is_the_same_ranking(network: Network, result: MatchResult) -> None:
    bare = await ask(network, ASKED, packaged=0)

    assert [(p.id, p.score, p.evidence) for p in bare.partners] == [(p.id, p.score, p.evidence) for p in result.partners]
    assert {p.cases + p.offers + p.funding_calls for p in bare.partners} == {()}
    assert bare.near_misses == ()


async def test_near_miss_of_an_amount_tells_the_exact_distance(network: Network) -> None:
    found = await ask(network, replace(ASKED, amount_usd=1000.0))
    rows = await network.database.read(Query("MATCH (x:FundingCall {currency: 'USD'})\nRETURN x.id, x.minimumAmount"))
    minimum = dict(rows)

    misses = [m for m in found.near_misses if m.rule is Rule.MINIMUM_AMOUNT]

    assert misses != []
    assert [m.distance for m in misses] == [minimum[m.record] - 1000.0 for m in misses]
    assert all(str(m.explanation).startswith("The minimum is ") and " You ask for 1 k USD, " in str(m.explanation) for m in misses)
    assert {m.record for m in misses}.isdisjoint({i for p in found.partners for i in p.funding_calls})


async def test_need_that_is_not_in_english_says_what_it_was_matched_by(network: Network) -> None:
    found = await ask(network, Request("Nous voulons relier les registres de l'état civil et de l'identité", "KHM", "fr"), packaged=0)

    assert (found.language, [n.code for n in found.notices]) == ("fr", ["MEANING_ONLY"])
    assert "topic:civil-registration" in found.topics


async def test_need_of_many_words_is_matched(network: Network) -> None:
    words = " ".join(f"ministry{n} register{n} office{n}" for n in range(60))

    found = await ask(network, Request(f"{TEXT}. {words}", "KHM", "en"), packaged=0)

    assert found.partners != ()


async def test_topics_that_are_said_are_taken_instead_of_those_read(network: Network) -> None:
    found = await ask(network, replace(ASKED, topics=("topic:e-voting",)), packaged=0)

    assert found.topics == ("topic:e-voting",)


class Still:
    """A model of eight dimensions that answers everything alike."""

    info = ModelInfo("still_8", "still", 8, multilingual=False, source="folder")

    def encode(self, texts: Sequence[str], *, kind: Kind) -> Vectors:  # noqa: ARG002 - the protocol has it
        return np.tile(np.eye(8, dtype=np.float32)[0], (len(texts), 1))


async def test_vectors_of_another_model_are_not_compared(network: Network, settings: Settings) -> None:
    service = EmbeddingService(settings, lambda _: Still())
    await service.ready()

    try:
        with pytest.raises(NetworkError) as caught:
            await match(network.database, service, ASKED)
    finally:
        await service.close()

    assert caught.value.code is Code.SCHEMA_NOT_READY
    assert caught.value.hint == "Run `gcio embed`."
    assert "multilingual-e5-small" in caught.value.message
    assert "still" in caught.value.message


async def test_match_before_the_model_is_there_says_when_to_ask_again(network: Network, settings: Settings) -> None:
    go = threading.Event()

    def load(_: Settings) -> Embedder:
        assert go.wait(30)
        return Still()

    service = EmbeddingService(settings, load)
    service.start()
    try:
        with pytest.raises(NetworkError) as caught:
            await match(network.database, service, ASKED)
    finally:
        go.set()
        await service.close()

    assert caught.value.code is Code.MODEL_LOADING
    assert caught.value.details == {"retryAfter": 10}


def test_parameters_are_those_that_the_documentation_names() -> None:
    assert (PARAMETERS.candidates, PARAMETERS.fusion, PARAMETERS.voters, PARAMETERS.vote) == (300, 60, 100, 10)
    assert (PARAMETERS.own, PARAMETERS.damping, PARAMETERS.region, PARAMETERS.language) == (0.5, 0.1, 0.2, 0.2)


async def test_who_is_left_out_gives_its_place_to_the_next_and_nothing_else_changes(network: Network, result: MatchResult) -> None:
    first, *others = result.partners

    without = await ask(network, replace(ASKED, excluded=(first.id,)))

    assert first.id not in {p.id for p in without.partners}
    assert {p.id for p in without.partners} == {p.id for p in others}
    assert without.near_misses == result.near_misses


async def test_a_weight_of_zero_takes_a_part_out_of_every_score(network: Network, result: MatchResult) -> None:
    without = await ask(network, replace(ASKED, region=0.0, shared_language=0.0))

    assert without.maximum_score == 1.0
    assert {p.maximum for p in without.partners} == {1.0}
    assert {p.maximum for p in result.partners} == {PARAMETERS.maximum}
    weights = {part.name: part.weight for p in without.partners for part in p.parts}
    assert (weights[PartName.SAME_REGION], weights[PartName.SHARED_LANGUAGE]) == (0.0, 0.0)
