"""The package around each partner: a comparable case, offers, funding windows, solutions, posts, each with its path."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from graph.database import Database, Query
from graph.matching import eligibility
from graph.matching.candidates import Candidate
from graph.matching.eligibility import Facts, Terms, failed_rules
from graph.matching.parameters import Parameters
from graph.matching.request import Request
from graph.matching.result import Contribution, NearMiss, PackagePart, Path, Rule, Step
from graph.vectors import Space
from graph.viewer import PARAMETER, Viewer
from graph.vocabulary import MatchState

T = TypeVar("T")
CASE_PREFIXES = ("project", "practice", "partnership")
WINDOW = "funding-call:"
FEW = 10
BYGONE = 365
"""Days after which what has closed is no near miss any more."""


@dataclass(frozen=True, slots=True)
class Supply:
    """Offers and funding windows near the subject that fail no rule, or one."""

    offers: tuple[Terms, ...] = ()
    calls: tuple[Terms, ...] = ()


def supply_for(
    request: Request, topics: Collection[str], space: Space, vector: list[float], parameters: Parameters, viewer: Viewer
) -> Query:
    """One row: offers and funding windows nearest to the need, and windows for its topics, that fail at most one rule, as lists of
    [id, [provider, its home] pairs, cosine, topics, failed rules with distances, facts that a failure is told with]."""
    conditions = f"x.visibility IN ${PARAMETER}{' AND x.date < $asOf' if request.as_of else ''}"
    nearest = "  UNION\n".join(
        f"  MATCH (x:Document)\n  SEARCH x IN (VECTOR INDEX {space.index} FOR $vector WHERE "
        f"x.documentType = ${label} AND {conditions} LIMIT $supply) SCORE AS score\n  RETURN x, score * 2 - 1 AS similarity\n"
        for label in ("offer", "fundingCall")
    )
    return Query(
        "MATCH (c:Country {id: $country})\n"
        "WITH [c.id] + [(c)-[:MEMBER_OF]->(g:CountryGroup) | g.id] AS mine\n"
        f"CALL () {{\n{nearest}}}\n"
        "WITH x, similarity, mine\n"
        "WHERE coalesce(x.withdrawn, false) = false\n"
        "  AND (similarity >= $near OR (x:FundingCall AND EXISTS { (x)-[:ABOUT]->(t:Topic) WHERE t.id IN $topics }))\n"
        "WITH x, similarity,\n"
        "  any(audience IN [(x)-[:OPEN_TO]->(a) | a.id] WHERE audience IN mine) AS admitted,\n"
        "  any(audience IN [(x)-[:NOT_OPEN_TO]->(a) | a.id] WHERE audience IN mine) AS excluded,\n"
        "  CASE WHEN x.capacity IS NULL THEN 0 ELSE COUNT { (x)<-[:INCLUDES]-(m:Match) WHERE m.state IN $agreed } END AS taken\n"
        f"WITH x, similarity, taken, {failed_rules()} AS failed\n"
        "WHERE size(failed) < 2\n"
        "RETURN collect([x.id, [(x)-[:BY]->(p) | [p.id, head([(p)-[:BASED_IN]->(h:Country) | h.id])]], similarity, [(x)-[:ABOUT]->(t:Topic) | t.id], failed,\n"
        "  CASE WHEN size(failed) = 0 THEN null ELSE [[(x)-[:OPEN_TO]->(a) | a.name], coalesce(x.kind, x.instrument), x.languages,\n"
        "    x.minimumAmount, x.maximumAmount, x.currency, x.coFinancingShare, x.capacity - taken] END])",
        {
            "vector": vector,
            "country": f"country:{request.country}",
            "offer": "Offer",
            "fundingCall": "FundingCall",
            "supply": parameters.supply,
            "near": parameters.relevant / 2,
            "topics": sorted(topics),
            "agreed": [MatchState.AGREED.value, MatchState.DELIVERING.value],
        }
        | ({"asOf": request.as_of} if request.as_of else {})
        | eligibility.values(request)
        | viewer.parameters,
    )


def posts_of(parties: Sequence[str]) -> Query:
    """One row: a list of [party, ids of the posts to write to] of the parties that have any."""
    return Query(
        "UNWIND $parties AS id\nMATCH (p:Organization|Country {id: id})<-[:AT]-(o:Post)\nWITH id, collect(o.id) AS posts\nRETURN collect([id, posts])",
        {"parties": list(parties)},
    )


async def supply(
    database: Database,
    request: Request,
    topics: Collection[str],
    space: Space,
    vector: list[float],
    parameters: Parameters,
    viewer: Viewer,
) -> Supply:
    [(rows,)] = await database.read(supply_for(request, topics, space, vector, parameters, viewer))
    found = [_terms(row) for row in rows]
    return Supply(
        tuple(t for t in found if t.id.startswith("offer:")),
        tuple(t for t in found if t.id.startswith(WINDOW)),
    )


def _terms(row: list[Any]) -> Terms:
    record_id, providers, similarity, topics, failed, facts = row
    return Terms(
        record_id,
        tuple(sorted(party for party, _ in providers)),
        tuple(sorted((home, party) for party, home in providers if home)),
        float(similarity),
        frozenset(topics),
        tuple((Rule(rule), distance) for rule, distance in failed),
        _facts(facts) if facts else Facts(),
    )


def _facts(row: list[Any]) -> Facts:
    audience, kind, languages, minimum, maximum, currency, share, left = row
    return Facts(tuple(sorted(audience)), kind, tuple(languages or ()), minimum, maximum, currency, share, left)


def fits(terms: Terms, topics: frozenset[str], parameters: Parameters) -> bool:
    """Whether the subject is right: near in meaning, or a shared topic and not far.

    A funding window is described by sums and terms, which are far from every need: its topics alone say what it pays for.
    """
    near = parameters.relevant if not terms.topics & topics else -1.0 if terms.id.startswith(WINDOW) else parameters.relevant / 2
    return terms.similarity >= near


def fit(terms: Terms, topics: frozenset[str]) -> float:
    """Likeness in meaning, and a tenth for each shared topic up to two."""
    return terms.similarity + 0.1 * min(2, len(terms.topics & topics))


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


class Packer:
    """Fills packages one partner after the other, best first. What led a package before leads the next one less easily, so that they differ."""

    def __init__(
        self,
        found: Supply,
        known: Mapping[str, Candidate],
        posts: Mapping[str, Sequence[str]],
        likeness: Mapping[str, float],
        country: str,
        topics: frozenset[str],
        parameters: Parameters,
    ) -> None:
        self._known, self._posts, self._likeness, self._country, self._parameters = known, posts, likeness, country, parameters
        self._fits = {t.id: fit(t, topics) for t in (*found.offers, *found.calls)}
        self._offers: dict[str, list[Terms]] = defaultdict(list)
        for terms in found.offers:
            if terms.eligible and fits(terms, topics, parameters):
                for party in {*terms.providers, *(home for home, _ in terms.homes)}:
                    self._offers[party].append(terms)
        # Whoever lends for everything says little about a subject: of the partner's own windows, those half as near will do.
        self._calls = [t for t in found.calls if t.eligible and fits(t, topics, parameters)]
        self._wide = [t for t in found.calls if t.eligible and not fits(t, topics, parameters)]
        self._led: Counter[str] = Counter()

    def package(self, party: str, evidence: Sequence[Contribution]) -> Package:
        cases = self._ordered([c for c in evidence if c.document.startswith(CASE_PREFIXES)], self._worth, lambda c: c.document)
        offers = self._ordered(self._offers.get(party, ()), lambda t: self._fits[t.id], lambda t: t.id)
        own = [t for t in self._wide if party in t.providers]
        calls = self._ordered([*self._calls, *own], lambda t: self._fits[t.id], lambda t: t.id)
        calls.sort(key=lambda t: party not in t.providers)
        for lead in (cases[:1], offers[:1], calls[:1]):
            self._led.update(x.document if isinstance(x, Contribution) else x.id for x in lead)
        solutions = tuple(dict.fromkeys(s for c in cases for s in self._known[c.document].solutions))
        paths = [*self._case_path(party, cases), *self._offer_path(party, offers), *self._call_path(party, calls)]
        filled = ((PackagePart.CASE, cases), (PackagePart.OFFER, offers), (PackagePart.FUNDING, calls))
        return Package(
            tuple(c.document for c in cases[:FEW]),
            tuple(t.id for t in offers[:FEW]),
            tuple(t.id for t in calls[:FEW]),
            solutions,
            tuple(sorted(self._posts.get(party, ()))),
            tuple(paths),
            tuple(part for part, records in filled if not records),
        )

    def _ordered(self, items: Sequence[T], worth: Callable[[T], float], key: Callable[[T], str]) -> list[T]:
        """Worthiest first; the worth of what led n packages before is divided by 1 + n × `variety`."""
        return sorted(items, key=lambda item: (-worth(item) / (1 + self._led[key(item)] * self._parameters.variety), key(item)))

    def _worth(self, case: Contribution) -> float:
        """A case counts by its vote and by how alike its country and the asking one are, which can at most double it."""
        return case.value * (1 + max((self._likeness.get(place, 0.0) for place, _ in self._known[case.document].places), default=0.0))

    def _case_path(self, party: str, cases: Sequence[Contribution]) -> Iterator[Path]:
        for case in cases[:1]:
            where, how = min(self._known[case.document].places, default=(party, ""))
            place = [Step(how, where)] if where != party else []
            lead = [Step(None, party)] if case.via is None else [Step(None, party), Step("BASED_IN", case.via)]
            yield Path(PackagePart.CASE, (*lead, Step(case.relationship, case.document), *place))

    def _offer_path(self, party: str, offers: Sequence[Terms]) -> Iterator[Path]:
        for offer in offers[:1]:
            lead = [Step(None, party)] if party in offer.providers else [Step(None, party), Step("BASED_IN", offer.based_in(party))]
            yield Path(PackagePart.OFFER, (*lead, Step("BY", offer.id), Step("OPEN_TO", self._country)))

    def _call_path(self, party: str, calls: Sequence[Terms]) -> Iterator[Path]:
        for call in calls[:1]:
            payer = party if party in call.providers else min(call.providers, default=party)
            yield Path(PackagePart.FUNDING, (Step(None, payer), Step("BY", call.id), Step("OPEN_TO", self._country)))


def near_misses(found: Supply, request: Request, topics: frozenset[str], parameters: Parameters, most: int = 10) -> tuple[NearMiss, ...]:
    """What fits the subject and fails exactly one rule: first what misses by a number, which can change; what is for others last."""
    out = [
        t for t in (*found.offers, *found.calls) if t.providers and t.failed and fits(t, topics, parameters) and not _bygone(*t.failed[0])
    ]
    misses = []
    for terms in sorted(out, key=lambda t: (t.failed[0][0] is Rule.AUDIENCE, t.failed[0][1] is None, -fit(t, topics), t.id))[:most]:
        [(rule, distance)] = terms.failed
        failure = eligibility.told(rule, distance, terms.facts, request)
        misses.append(NearMiss(terms.providers[0], terms.id, failure.rule, failure.explanation, failure.distance, failure.unit))
    return tuple(misses)


def _bygone(rule: Rule, distance: float | None) -> bool:
    return rule is Rule.CLOSED and distance is not None and distance > BYGONE
