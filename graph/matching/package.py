"""The package around each partner: a comparable case, offers, funding windows, solutions, posts, each with its path."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph.database import Database, Query
from graph.matching.eligibility import Terms, failures
from graph.matching.parameters import Parameters
from graph.matching.request import Request
from graph.matching.result import Contribution, NearMiss, PackagePart, Path, Step
from graph.vectors import Space
from graph.viewer import PARAMETER, Viewer

CASE_PREFIXES = ("project", "practice", "partnership")
FEW = 10


@dataclass(frozen=True, slots=True)
class Supply:
    """Offers and funding windows that may fit, and what hangs on partners and cases."""

    offers: tuple[Terms, ...]
    calls: tuple[Terms, ...]
    solutions: Mapping[str, tuple[str, ...]]
    posts: Mapping[str, tuple[str, ...]]
    homes: Mapping[str, str]
    case_countries: Mapping[str, tuple[str, str]]


_TERMS = (
    "CALL (x) {{\n"
    "  MATCH (x)-[:BY]->(p)\n"
    "  RETURN collect(p.id) AS providers\n}}\n"
    "RETURN x.id, x.title, providers,\n"
    "  EXISTS {{ (x)-[:OPEN_TO]->(:Country {{id: $country}}) }} OR EXISTS {{ (x)-[:OPEN_TO]->(:CountryGroup)<-[:MEMBER_OF]-(:Country {{id: $country}}) }},\n"
    "  EXISTS {{ (x)-[:NOT_OPEN_TO]->(:Country {{id: $country}}) }} OR EXISTS {{ (x)-[:NOT_OPEN_TO]->(:CountryGroup)<-[:MEMBER_OF]-(:Country {{id: $country}}) }},\n"
    "  x.opens, x.closes, {amounts}, similarity,\n"
    "  [(x)-[:ABOUT]->(t:Topic) | t.id]"
)


def offers_of(parties: Sequence[str], request: Request, space: Space, vector: list[float], viewer: Viewer) -> Query:
    """Terms of the offers of parties and of the organisations based in them, with their likeness to the need."""
    return Query(
        "UNWIND $parties AS id\n"
        "MATCH (p:Organization|Country {id: id})\n"
        "MATCH (p)<-[:BASED_IN]-{0,1}()<-[:BY]-(x:Offer)\n"
        f"WHERE x.visibility IN ${PARAMETER} AND coalesce(x.withdrawn, false) = false{_known_before(request)}\n"
        f"WITH DISTINCT x, coalesce(vector.similarity.cosine(x.{space.stored_in}, $vector), 0.5) * 2 - 1 AS similarity\n"
        + _TERMS.format(amounts="null AS minimum, null AS maximum, null AS currency, [] AS applicants"),
        {"parties": list(parties), "vector": vector, "country": f"country:{request.country}"} | _as_of(request) | viewer.parameters,
    )


def calls_for(request: Request, space: Space, vector: list[float], viewer: Viewer) -> Query:
    """Terms of the funding windows nearest to the need."""
    before = " AND x.date < $asOf" if request.as_of else ""
    return Query(
        "MATCH (x:Document)\n"
        f"SEARCH x IN (VECTOR INDEX {space.index} FOR $vector WHERE x.documentType = 'FundingCall' AND x.visibility IN ${PARAMETER}{before} LIMIT 200) SCORE AS score\n"
        "WITH x, score * 2 - 1 AS similarity\n"
        "WHERE coalesce(x.withdrawn, false) = false\n"
        + _TERMS.format(
            amounts="x.minimumAmount AS minimum, x.maximumAmount AS maximum, x.currency AS currency, coalesce(x.applicants, []) AS applicants"
        ),
        {"vector": vector, "country": f"country:{request.country}"} | _as_of(request) | viewer.parameters,
    )


def surroundings(parties: Sequence[str], cases: Sequence[str], viewer: Viewer) -> Query:
    """One row: [party, home country, posts, organisations based there that offer help] of parties and
    [case, [country, relationship] pairs, visible solutions] of cases."""
    return Query(
        "CALL () {\n"
        "  UNWIND $parties AS id\n  MATCH (p:Organization|Country {id: id})\n"
        "  RETURN collect([id, head([(p)-[:BASED_IN]->(c:Country) | c.id]), [(p)<-[:AT]-(o:Post) | o.id], "
        "COLLECT { MATCH (p)<-[:BASED_IN]-(o:Organization) WHERE EXISTS { (o)<-[:BY]-(:Offer) } RETURN o.id }]) AS around\n}\n"
        "CALL () {\n"
        "  UNWIND $cases AS id\n  MATCH (d:Document {id: id})\n"
        "  RETURN collect([id, [(d)-[r:IN|FROM]->(c:Country) | [c.id, type(r)]] + [(d)-[:BETWEEN {role: 'RECIPIENT'}]->(c:Country) | [c.id, 'BETWEEN']], "
        f"[(d)-[:USES]->(s:Solution) WHERE s.visibility IN ${PARAMETER} | s.id]]) AS about\n}}\n"
        "RETURN around, about",
        {"parties": list(parties), "cases": list(cases)} | viewer.parameters,
    )


def _known_before(request: Request) -> str:
    return " AND x.date < $asOf" if request.as_of else ""


def _as_of(request: Request) -> dict[str, Any]:
    return {"asOf": request.as_of} if request.as_of else {}


async def supply(
    database: Database, request: Request, parties: Sequence[str], cases: Sequence[str], space: Space, vector: list[float], viewer: Viewer
) -> Supply:
    """Everything the packages of these parties can be made of, in three reads at once."""
    offers, calls, [(around, about)] = await asyncio.gather(
        database.read(offers_of(parties, request, space, vector, viewer)),
        database.read(calls_for(request, space, vector, viewer)),
        database.read(surroundings(parties, cases, viewer)),
    )
    return Supply(
        tuple(_terms(row) for row in offers),
        tuple(_terms(row) for row in calls),
        {case: tuple(sorted(solutions)) for case, _, solutions in about},
        {party: tuple(sorted(posts)) for party, _, posts, _ in around},
        {party: home for party, home, _, _ in around if home} | {body: party for party, _, _, bodies in around for body in bodies},
        {case: (first[0], first[1]) for case, countries, _ in about for first in [min(countries, default=None)] if first},
    )


def _terms(row: tuple[Any, ...]) -> Terms:
    record_id, title, providers, admitted, excluded, opens, closes, minimum, maximum, currency, applicants, similarity, topics = row
    return Terms(
        record_id,
        title,
        tuple(sorted(providers)),
        admitted,
        excluded,
        opens.to_native() if opens is not None else None,
        closes.to_native() if closes is not None else None,
        minimum,
        maximum,
        currency,
        tuple(applicants or ()),
        float(similarity),
        frozenset(topics),
    )


def fits(terms: Terms, topics: frozenset[str], parameters: Parameters) -> bool:
    """Whether the subject is right: near in meaning, or a shared topic and not far."""
    return terms.similarity >= parameters.relevant or (bool(terms.topics & topics) and terms.similarity >= parameters.relevant / 2)


def by_fit(found: Sequence[Terms], topics: frozenset[str]) -> list[Terms]:
    """Best fitting first: likeness in meaning, a tenth for each shared topic up to two."""
    return sorted(found, key=lambda t: (-(t.similarity + 0.1 * min(2, len(t.topics & topics))), t.id))


@dataclass(frozen=True, slots=True)
class Package:
    """The parts of one partner's package."""

    cases: tuple[str, ...]
    offers: tuple[str, ...]
    calls: tuple[str, ...]
    solutions: tuple[str, ...]
    posts: tuple[str, ...]
    paths: tuple[Path, ...]
    missing: tuple[PackagePart, ...]


def assemble(
    party: str, evidence: Sequence[Contribution], found: Supply, request: Request, topics: frozenset[str], parameters: Parameters
) -> Package:
    """The package of one partner from what was read for all of them."""
    country = f"country:{request.country}"
    best = sorted((c for c in evidence if c.document.startswith(CASE_PREFIXES)), key=lambda c: (-c.value, c.document))
    cases = tuple(c.document for c in best[:FEW])
    homes = {party} | {p for p, home in found.homes.items() if home == party}
    eligible = [t for t in found.offers if fits(t, topics, parameters) and not list(failures(t, request))]
    offers = by_fit([t for t in eligible if set(t.providers) & homes or any(found.homes.get(p) == party for p in t.providers)], topics)
    if not offers:
        offers = by_fit([t for t in eligible if party in t.providers], topics)
    open_calls = [t for t in found.calls if fits(t, topics, parameters) and not list(failures(t, request))]
    own_calls = by_fit([t for t in open_calls if party in t.providers], topics)
    calls = own_calls + [t for t in by_fit(open_calls, topics) if t not in own_calls]
    solutions = tuple(dict.fromkeys(s for c in best for s in found.solutions.get(c.document, ())))
    paths = []
    if best:
        steps = [Step(None, party), Step(best[0].relationship, best[0].document)]
        where, how = found.case_countries.get(best[0].document, (party, ""))
        if where != party:
            steps.append(Step(how, where))
        paths.append(Path(PackagePart.CASE, tuple(steps)))
    if offers:
        provider = party if party in offers[0].providers else offers[0].providers[0]
        lead = [Step(None, party)] if provider == party else [Step(None, party), Step("BASED_IN", provider)]
        paths.append(Path(PackagePart.OFFER, (*lead, Step("BY", offers[0].id), Step("OPEN_TO", country))))
    if calls:
        payer = party if party in calls[0].providers else (calls[0].providers[0] if calls[0].providers else party)
        paths.append(Path(PackagePart.FUNDING, (Step(None, payer), Step("BY", calls[0].id), Step("OPEN_TO", country))))
    missing = tuple(
        part for part, filled in ((PackagePart.CASE, cases), (PackagePart.OFFER, offers), (PackagePart.FUNDING, calls)) if not filled
    )
    return Package(
        cases,
        tuple(t.id for t in offers[:FEW]),
        tuple(t.id for t in calls[:FEW]),
        solutions,
        found.posts.get(party, ()),
        tuple(paths),
        missing,
    )


def near_misses(found: Supply, request: Request, topics: frozenset[str], parameters: Parameters, most: int = 10) -> tuple[NearMiss, ...]:
    """What fits the subject and fails exactly one rule, nearest in subject first."""
    out = [
        (terms, failed[0])
        for terms in (*found.offers, *found.calls)
        if terms.providers and fits(terms, topics, parameters) and len(failed := list(failures(terms, request))) == 1
    ]
    out.sort(key=lambda pair: (-(pair[0].similarity + 0.1 * min(2, len(pair[0].topics & topics))), pair[0].id))
    return tuple(
        NearMiss(
            terms.providers[0],
            terms.id,
            failed.rule,
            failed.explanation,
            failed.distance,
            failed.unit,
        )
        for terms, failed in out[:most]
    )
