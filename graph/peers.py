"""Comparable countries: standardised differences in a few visible measures, and what a peer did that this country has not.

`docs/peers.md` explains every measure and constant. Comparing is pure; two queries bring what is compared.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from graph.database import Database, Query
from graph.errors import Code, NetworkError
from graph.matching import Notice
from graph.message import Languages, Message, Number
from graph.viewer import PARAMETER, Viewer


class Measure(StrEnum):
    """What countries are compared by."""

    POPULATION = "POPULATION"
    INCOME = "INCOME"
    ONLINE_SERVICES = "ONLINE_SERVICES"
    HUMAN_CAPITAL = "HUMAN_CAPITAL"
    CONNECTIVITY = "CONNECTIVITY"
    CORE_SYSTEMS = "CORE_SYSTEMS"
    SERVICE_DELIVERY = "SERVICE_DELIVERY"
    CITIZEN_ENGAGEMENT = "CITIZEN_ENGAGEMENT"
    GOVTECH_ENABLERS = "GOVTECH_ENABLERS"
    LANGUAGES = "LANGUAGES"
    REGION = "REGION"


WEIGHTS: Final[Mapping[Measure, float]] = {
    Measure.POPULATION: 1.0,
    Measure.INCOME: 1.0,
    Measure.ONLINE_SERVICES: 0.5,
    Measure.HUMAN_CAPITAL: 0.5,
    Measure.CONNECTIVITY: 1.0,
    Measure.CORE_SYSTEMS: 0.25,
    Measure.SERVICE_DELIVERY: 0.25,
    Measure.CITIZEN_ENGAGEMENT: 0.25,
    Measure.GOVTECH_ENABLERS: 0.25,
    Measure.LANGUAGES: 1.0,
    Measure.REGION: 1.0,
}
"""Parts of one index share what one measure weighs, so that an index of four parts does not count four times."""
LARGEST_WEIGHT: Final = 100.0
INDICATORS: Final[Mapping[str, Measure]] = {
    "egdi-osi": Measure.ONLINE_SERVICES,
    "egdi-hci": Measure.HUMAN_CAPITAL,
    "egdi-tii": Measure.CONNECTIVITY,
    "gtmi-cgsi": Measure.CORE_SYSTEMS,
    "gtmi-psdi": Measure.SERVICE_DELIVERY,
    "gtmi-dcei": Measure.CITIZEN_ENGAGEMENT,
    "gtmi-gtei": Measure.GOVTECH_ENABLERS,
}
LOGARITHMIC: Final = frozenset((Measure.POPULATION, Measure.INCOME))
"""Compared by ratio: twelve million and six are as far apart as two and one."""
YEARS: Final = 8
"""Observations older than this many years count as missing."""
COVERAGE: Final = 0.5
"""Least share of the weights that has to be known of both countries for a comparison."""
NEW_TOPICS: Final = 20
NEW_RECORDS: Final = 100

NUMBER: Final[Mapping[Measure, Message]] = {
    Measure.POPULATION: Message("Inhabitants: {theirs} there, {own} here."),
    Measure.INCOME: Message("Income a head, in international dollars: {theirs} there, {own} here."),
    Measure.ONLINE_SERVICES: Message("Online services, 0 to 1: {theirs} there, {own} here."),
    Measure.HUMAN_CAPITAL: Message("Education of the people, 0 to 1: {theirs} there, {own} here."),
    Measure.CONNECTIVITY: Message("Networks and connections, 0 to 1: {theirs} there, {own} here."),
    Measure.CORE_SYSTEMS: Message("Core government systems, 0 to 1: {theirs} there, {own} here."),
    Measure.SERVICE_DELIVERY: Message("Delivery of public services, 0 to 1: {theirs} there, {own} here."),
    Measure.CITIZEN_ENGAGEMENT: Message("Engagement of citizens, 0 to 1: {theirs} there, {own} here."),
    Measure.GOVTECH_ENABLERS: Message("Institutions, laws and skills for it, 0 to 1: {theirs} there, {own} here."),
}


@dataclass(frozen=True, slots=True)
class Profile:
    """What is on record about a country. A measure that is absent from `numbers` is missing; so are empty languages and region."""

    id: str
    name: str
    numbers: Mapping[Measure, float]
    languages: frozenset[str] = frozenset()
    region: str | None = None
    subregion: str | None = None

    def knows(self, measure: Measure) -> bool:
        if measure is Measure.LANGUAGES:
            return bool(self.languages)
        return self.region is not None if measure is Measure.REGION else measure in self.numbers


@dataclass(frozen=True, slots=True)
class Compared:
    """One measure of two countries: the standardised difference, its weight, and a sentence with both values."""

    measure: Measure
    difference: float
    weight: float
    explanation: Message


@dataclass(frozen=True, slots=True)
class Peer:
    """A country and how far it is. `known` is the share of the weights that both countries have on record."""

    country: str
    rank: int
    distance: float
    known: float
    compared: tuple[Compared, ...]
    missing: tuple[Measure, ...]

    @property
    def nearest(self) -> Compared:
        return min(self.compared, key=lambda c: c.difference)

    @property
    def farthest(self) -> Compared:
        return max(self.compared, key=lambda c: c.difference)


@dataclass(frozen=True, slots=True)
class NewTopic:
    """A topic that the peer has records about and the country has none: how many, and the newest of them."""

    topic: str
    count: int
    records: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Peers:
    """Peers of a country, nearest first; `not_compared` has too little on record."""

    country: str
    weights: Mapping[Measure, float]
    peers: tuple[Peer, ...]
    not_compared: tuple[str, ...]
    missing: tuple[Measure, ...]

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What is missing, said."""
        out = []
        if n := len(self.missing):
            told = Message(
                "{n} measure of this country is not on record; it neither helps nor hurts.",
                {"n": n},
                "{n} measures of this country are not on record; they neither help nor hurt.",
            )
            out.append(Notice("MISSING_MEASURES", told))
        if n := len(self.not_compared):
            told = Message(
                "{n} country is not compared: too little is on record about it, or about the country asked for.",
                {"n": n},
                "{n} countries are not compared: too little is on record about them, or about the country asked for.",
            )
            out.append(Notice("NOT_COMPARED", told))
        return tuple(out)


def measure_named(name: str) -> Measure:
    """The measure that a person means: `online-services` is ONLINE_SERVICES. Raises BAD_INPUT."""
    try:
        return Measure(name.strip().upper().replace("-", "_"))
    except ValueError:
        raise NetworkError(
            Code.BAD_INPUT, f"“{name[:40]}” is not a measure.", hint="Weigh one of those.", allowed=[m.value for m in Measure]
        ) from None


def checked_weights(given: Mapping[Measure, float]) -> dict[Measure, float]:
    """The default weights with those given in their place. Raises BAD_INPUT."""
    out = dict(WEIGHTS)
    for measure, weight in given.items():
        if not 0 <= weight <= LARGEST_WEIGHT:
            raise NetworkError(
                Code.BAD_INPUT, f"The weight of {measure.value} is not usable.", hint=f"Give a number from 0 to {LARGEST_WEIGHT:g}."
            )
        out[measure] = float(weight)
    if not any(out.values()):
        raise NetworkError(Code.BAD_INPUT, "Every weight is 0.", hint="Leave at least one measure its weight.")
    return out


def compare(country: str, profiles: Sequence[Profile], weights: Mapping[Measure, float]) -> Peers:
    """Rank countries by distance: the mean of the differences in the measures that both have, by weight.

    A number's difference is |z(a) - z(b)| with z over all countries that have it (population and income by their logarithm), the
    difference of languages 1 - shared / all (Jaccard), of regions 0 in one sub-region, a half in one region, else 1. A missing
    measure is left out of the sum and of the weights alike. Equal distances by a hash of the id.
    """
    own = next(p for p in profiles if p.id == country)
    scales = {m: _deviation([_scaled(m, p.numbers[m]) for p in profiles if m in p.numbers]) for m in Measure}
    wanted = [m for m in Measure if weights[m] > 0]
    total = sum(weights[m] for m in wanted)
    found, apart = [], []
    for other in profiles:
        if other.id == country:
            continue
        both = [m for m in wanted if own.knows(m) and other.knows(m)]
        known = sum(weights[m] for m in both)
        if not both or known / total < COVERAGE:
            apart.append(other.id)
            continue
        compared = tuple(_compared(m, own, other, scales[m], weights[m]) for m in both)
        distance = sum(c.difference * c.weight for c in compared) / known
        found.append(Peer(other.id, 0, distance, known / total, compared, tuple(m for m in wanted if m not in both)))
    found.sort(key=lambda p: (round(p.distance, 12), hashlib.sha256(p.country.encode()).digest()))
    return Peers(
        country,
        weights,
        tuple(replace(p, rank=place) for place, p in enumerate(found, 1)),
        tuple(sorted(apart)),
        tuple(m for m in wanted if not own.knows(m)),
    )


def _scaled(measure: Measure, number: float) -> float:
    return math.log10(number) if measure in LOGARITHMIC else number


def _deviation(numbers: Sequence[float]) -> float:
    """Standard deviation; 0 where all are equal, and then nothing differs."""
    mean = math.fsum(numbers) / max(1, len(numbers))
    return math.sqrt(math.fsum((x - mean) ** 2 for x in numbers) / max(1, len(numbers)))


def _compared(measure: Measure, own: Profile, other: Profile, scale: float, weight: float) -> Compared:
    if measure is Measure.LANGUAGES:
        shared = own.languages & other.languages
        difference = 1 - len(shared) / len(own.languages | other.languages)
        told = (
            Message("Official languages in common: {shared}.", {"shared": Languages(tuple(sorted(shared)))})
            if shared
            else Message("No official language in common.")
        )
        return Compared(measure, difference, weight, told)
    if measure is Measure.REGION:
        if own.subregion is not None and own.subregion == other.subregion:
            return Compared(measure, 0.0, weight, Message("In the same part of the region."))
        if own.region == other.region:
            return Compared(measure, 0.5, weight, Message("In the same region, in another part of it."))
        return Compared(measure, 1.0, weight, Message("In another region."))
    here, there = own.numbers[measure], other.numbers[measure]
    difference = abs(_scaled(measure, here) - _scaled(measure, there)) / scale if scale else 0.0
    values = {"theirs": _number(measure, there), "own": _number(measure, here)}
    return Compared(measure, difference, weight, replace(NUMBER[measure], values=values))


def _number(measure: Measure, number: float) -> Number:
    return Number(round(number)) if measure in LOGARITHMIC else Number(number, 2)


def profiles() -> Query:
    """Rows of (id, name, population, income a head, languages, region, subregion) of all countries."""
    return Query(
        "MATCH (c:Country)\n"
        "RETURN c.id, c.name, c.population, c.gdpPerCapita, coalesce(c.languages, []), c.region, c.subregion\n"
        "ORDER BY c.id"
    )


def figures(since: int) -> Query:
    """Rows of (country, list of [code, value, year]): the newest observation of each indicator since a year."""
    return Query(
        "MATCH (i:Indicator)\n"
        "WHERE i.code IN $codes\n"
        "MATCH (i)<-[:OF]-(o:Observation)\n"
        "WHERE o.year >= $since\n"
        "MATCH (o)-[:FOR]->(c:Country)\n"
        "WITH c, i.code AS code, o.year AS year, o.value AS value\n"
        "ORDER BY year DESC\n"
        "WITH c, code, head(collect([code, value, year])) AS newest\n"
        "RETURN c.id, collect(newest)",
        {"since": since, "codes": list(INDICATORS)},
    )


def new_topics(country: str, peers: Sequence[str], viewer: Viewer) -> Query:
    """Rows of (peer, topic, number of records, newest of their ids): practices and projects there and solutions in use there, on
    topics that nothing of the country is about, neither directly nor by a narrower topic. At most `NEW_TOPICS` for each peer."""
    seen = f"d.visibility IN ${PARAMETER} AND coalesce(d.withdrawn, false) = false"
    return Query(
        "MATCH (own:Country {id: $country})\n"
        "CALL (own) {\n"
        "  MATCH (own)<-[:FROM|IN|DEPLOYED_IN]-(d:Practice|Project|Solution)\n"
        f"  WHERE {seen}\n"
        "  MATCH (d)-[:ABOUT]->(:Topic)-[:PART_OF]->{0,1}(t:Topic)\n"
        "  RETURN collect(DISTINCT t.id) AS done\n"
        "}\n"
        "UNWIND $peers AS id\n"
        "MATCH (p:Country {id: id})\n"
        "CALL (p, done) {\n"
        "  MATCH (p)<-[:FROM|IN|DEPLOYED_IN]-(d:Practice|Project|Solution)\n"
        f"  WHERE {seen}\n"
        "  MATCH (d)-[:ABOUT]->(t:Topic)\n"
        "  WHERE NOT t.id IN done\n"
        "  WITH DISTINCT t, d\n"
        "  ORDER BY d.date IS NULL, d.date DESC, d.id\n"
        "  WITH t.id AS topic, collect(d.id) AS records\n"
        "  ORDER BY size(records) DESC, topic\n"
        "  LIMIT $topics\n"
        "  RETURN topic, records\n"
        "}\n"
        "RETURN id, topic, size(records), records[..$records]",
        {"country": country, "peers": list(peers), "topics": NEW_TOPICS, "records": NEW_RECORDS} | viewer.parameters,
    )


async def find_peers(database: Database, country: str, weights: Mapping[Measure, float]) -> Peers:
    """Peers of a known country (global id). Figures of the last `YEARS` years count."""
    known, observed = await asyncio.gather(database.read(profiles()), database.read(figures(datetime.now(UTC).year - YEARS)))
    by_country = dict(observed)
    return compare(country, [_profile(row, by_country.get(row[0], ())) for row in known], weights)


async def find_new_topics(database: Database, country: str, peers: Sequence[str], viewer: Viewer) -> dict[str, tuple[NewTopic, ...]]:
    """What each peer did that the country has not, by peer, most records first."""
    found: dict[str, list[NewTopic]] = {peer: [] for peer in peers}
    for peer, topic, count, records in await database.read(new_topics(country, peers, viewer)):
        found[peer].append(NewTopic(topic, count, tuple(records)))
    return {peer: tuple(topics) for peer, topics in found.items()}


def _profile(row: tuple[Any, ...], observed: Sequence[tuple[str, float, int]]) -> Profile:
    record_id, name, population, income, languages, region, subregion = row
    numbers = {INDICATORS[code]: float(value) for code, value, _ in observed}
    numbers |= {m: float(value) for m, value in ((Measure.POPULATION, population), (Measure.INCOME, income)) if value}
    return Profile(record_id, name, numbers, frozenset(languages), region, subregion)
