"""The board for organisations: gaps and overlaps between what is asked and what is open, topic by country group.

What makes an offer or a window eligible for a need is told by `graph.matching` alone. Counting is pure; six queries bring what
is counted. `docs/board.md` explains every figure.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Final

from rapidfuzz import process

from graph.catalogue import known_ids
from graph.database import Database, Query
from graph.errors import Code, NetworkError
from graph.matching import Notice, Request, eligibility
from graph.message import Message
from graph.viewer import PARAMETER, Viewer
from graph.vocabulary import CountryGroupKind, MatchState, NeedStatus, PartnershipRole

SEVERAL: Final = 2
"""From how many funders on a need are several."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An open need: whose, about what, how much in US dollars, and who pays already for what answers it."""

    id: str
    country: str
    topics: frozenset[str]
    amount_usd: float | None
    payers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Open:
    """An offer or a funding window: whose, about what, the most one may ask for, and its audience as ids of countries and groups."""

    id: str
    providers: frozenset[str]
    topics: frozenset[str]
    open_to: frozenset[str]
    not_open_to: frozenset[str] = frozenset()
    maximum: float | None = None
    currency: str | None = None

    @property
    def is_money(self) -> bool:
        return self.id.startswith("funding-call:")


@dataclass(frozen=True, slots=True)
class Places:
    """Which groups each country is in, and which groups make the columns of the board."""

    groups_of: Mapping[str, frozenset[str]]
    columns: tuple[str, ...]

    def members(self, group: str) -> frozenset[str]:
        return frozenset(country for country, groups in self.groups_of.items() if group in groups)

    def audiences(self) -> dict[str, frozenset[str]]:
        """The countries that each group and each country stands for, where an offer or a window names whom it is open to."""
        found: dict[str, set[str]] = {}
        for country, groups in self.groups_of.items():
            for audience in (country, *groups):
                found.setdefault(audience, set()).add(country)
        return {audience: frozenset(countries) for audience, countries in found.items()}


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """The wider topic of each topic that has one, and which topics make the rows of the board."""

    wider: Mapping[str, str]
    rows: tuple[str, ...]

    def below(self, topic: str) -> frozenset[str]:
        """The topic and what is narrower."""
        return frozenset((topic, *(narrow for narrow, wide in self.wider.items() if wide == topic)))


@dataclass(frozen=True, slots=True)
class CrowdedNeed:
    """A need that several funders could pay for or pay for already, and their windows."""

    need: str
    funders: tuple[str, ...]
    windows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One topic for one group of countries. Lists are ids in order; amounts are US dollars."""

    topic: str
    group: str
    needs: tuple[str, ...]
    needs_without_offer: tuple[str, ...]
    needs_without_money: tuple[str, ...]
    offers: tuple[str, ...]
    idle_offers: tuple[str, ...]
    windows: tuple[str, ...]
    idle_windows: tuple[str, ...]
    crowded: tuple[CrowdedNeed, ...]
    asked_usd: float
    open_usd: float
    unpriced_needs: int
    unpriced_windows: int

    @property
    def key(self) -> str:
        return f"{self.topic} {self.group}"

    @property
    def gap(self) -> int:
        """Needs that lack an offer and needs that lack money, together."""
        return len(self.needs_without_offer) + len(self.needs_without_money)

    @property
    def overlap(self) -> int:
        """Offers and windows that nobody asks for, and needs with several funders, together."""
        return len(self.idle_offers) + len(self.idle_windows) + len(self.crowded)


@dataclass(frozen=True, slots=True)
class Board:
    """All cells in which something is asked or open, by topic and group. `needs` counts every open need once.

    `providers` are all whom the board can be narrowed down to, whether it is or not.
    """

    day: date
    cells: tuple[Cell, ...]
    needs: int
    offers: int
    windows: int
    providers: tuple[str, ...]

    @property
    def gaps(self) -> tuple[Cell, ...]:
        """Cells with needs that lack something, most first; equal ones by the money asked."""
        return tuple(sorted((c for c in self.cells if c.gap), key=lambda c: (-c.gap, -c.asked_usd, c.key)))

    @property
    def overlaps(self) -> tuple[Cell, ...]:
        """Cells with help that nobody asks for or several funders on a need, most first."""
        return tuple(sorted((c for c in self.cells if c.overlap), key=lambda c: (-c.overlap, -c.open_usd, c.key)))

    @property
    def notices(self) -> tuple[Notice, ...]:
        if not any(c.unpriced_windows for c in self.cells):
            return ()
        told = Message(
            "Windows in other currencies, or without an upper amount, are counted and not summed: no exchange rates are on record."
        )
        return (Notice("UNPRICED_WINDOWS", told),)


def lay_out(
    asked: Sequence[Asked],
    supply: Sequence[Open],
    eligible: Mapping[str, Collection[str]],
    places: Places,
    taxonomy: Taxonomy,
    day: date,
    providers: frozenset[str] = frozenset(),
) -> Board:
    """Every cell in which something is asked or open. `eligible` says by need what of the supply it may ask for.

    With `providers`, offers and windows are theirs alone, and crowded are needs that they are among the funders of. A gap is one whoever
    looks: a need that nobody's offer or money is open to.
    """
    by_id = {x.id: x for x in supply}
    asks = {n.id: [by_id[i] for i in eligible.get(n.id, ())] for n in asked}
    shown = [x for x in supply if not providers or x.providers & providers]
    admitted = _admitted(shown, places)
    askers: dict[str, set[str]] = {x.id: set() for x in supply}
    for need in asked:
        for x in asks[need.id]:
            askers[x.id].add(need.country)
    cells = []
    for topic in taxonomy.rows:
        about = taxonomy.below(topic)
        here = [n for n in asked if n.topics & about]
        there = [x for x in shown if x.topics & about]
        for group in places.columns:
            members = places.members(group)
            needs = [n for n in here if n.country in members]
            found = [x for x in there if not admitted[x.id].isdisjoint(members)]
            if needs or found:
                wanted = {x.id: not askers[x.id].isdisjoint(members) for x in found}
                cells.append(_cell(topic, group, needs, found, asks, wanted, providers))
    windows = sum(x.is_money for x in shown)
    return Board(day, tuple(cells), len(asked), len(shown) - windows, windows, providers_of(asked, supply))


def providers_of(asked: Sequence[Asked], supply: Sequence[Open]) -> tuple[str, ...]:
    """Who has an offer or a window open, or pays already for what answers an open need."""
    return _ids({p for x in supply for p in x.providers} | {p for n in asked for p in n.payers})


def _cell(
    topic: str,
    group: str,
    needs: Sequence[Asked],
    found: Sequence[Open],
    eligible: Mapping[str, Sequence[Open]],
    wanted: Mapping[str, bool],
    providers: frozenset[str],
) -> Cell:
    windows, offers = [x for x in found if x.is_money], [x for x in found if not x.is_money]
    amounts = [x.maximum for x in windows if x.currency == "USD" and x.maximum is not None]
    asked = [n.amount_usd for n in needs if n.amount_usd is not None]
    crowded = [c for n in sorted(needs, key=lambda n: n.id) if (c := _crowd(n, eligible[n.id])) is not None]
    return Cell(
        topic,
        group,
        _ids(n.id for n in needs),
        _ids(n.id for n in needs if not any(not x.is_money for x in eligible[n.id])),
        _ids(n.id for n in needs if not n.payers and not any(x.is_money for x in eligible[n.id])),
        _ids(x.id for x in offers),
        _ids(x.id for x in offers if not wanted[x.id]),
        _ids(x.id for x in windows),
        _ids(x.id for x in windows if not wanted[x.id]),
        tuple(c for c in crowded if not providers or providers & set(c.funders)),
        math.fsum(asked),
        math.fsum(amounts),
        len(needs) - len(asked),
        len(windows) - len(amounts),
    )


def _ids(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(ids))


def _crowd(need: Asked, eligible: Sequence[Open]) -> CrowdedNeed | None:
    windows = [x for x in eligible if x.is_money]
    funders = need.payers | {p for x in windows for p in x.providers}
    return CrowdedNeed(need.id, _ids(funders), _ids(x.id for x in windows)) if len(funders) >= SEVERAL else None


def _admitted(supply: Sequence[Open], places: Places) -> dict[str, frozenset[str]]:
    """The countries that each offer and each window is open to. Few audiences are named, by many: each is worked out once."""
    audiences, nobody = places.audiences(), frozenset[str]()

    @cache
    def countries(named: frozenset[str]) -> frozenset[str]:
        return nobody.union(*(audiences.get(audience, nobody) for audience in named))

    return {x.id: countries(x.open_to) - countries(x.not_open_to) for x in supply}


def open_needs(viewer: Viewer) -> Query:
    """Rows of (id, country, amount in US dollars, topics, who pays for what meets or answers it) of open needs."""
    seen = "{0}.visibility IN $" + PARAMETER + " AND coalesce({0}.withdrawn, false) = false"
    return Query(
        "MATCH (n:Need {status: $status})-[:OF]->(c:Country)\n"
        f"WHERE {seen.format('n')}\n"
        "RETURN n.id, c.id, n.amountUsd, [(n)-[:ABOUT]->(t:Topic) | t.id],\n"
        "  COLLECT {\n"
        f"    MATCH (n)-[:MET_BY]->(d:Project)<-[:FUNDS]-(f:Organization|Country)\n    WHERE {seen.format('d')}\n    RETURN f.id\n"
        "    UNION\n"
        f"    MATCH (n)-[:MET_BY]->(d:Partnership)-[:BETWEEN {{role: $funder}}]->(f:Organization|Country)\n    WHERE {seen.format('d')}\n    RETURN f.id\n"
        "    UNION\n"
        f"    MATCH (n)<-[:ANSWERS]-(d:Partnership)-[:BETWEEN {{role: $funder}}]->(f:Organization|Country)\n    WHERE {seen.format('d')}\n    RETURN f.id\n"
        "  }\n"
        "ORDER BY n.id",
        {"status": NeedStatus.OPEN.value, "funder": PartnershipRole.FUNDER.value} | viewer.parameters,
    )


def open_supply(day: date, viewer: Viewer) -> Query:
    """Rows of (id, providers, topics, audience, exceptions from it, most that may be asked for, currency) of offers and funding windows
    that have not closed before the day."""
    return Query(
        "MATCH (x:Offer|FundingCall)\n"
        f"WHERE {_OPEN}\n"
        "RETURN x.id, [(x)-[:BY]->(p) | p.id], [(x)-[:ABOUT]->(t:Topic) | t.id],\n"
        "  [(x)-[:OPEN_TO]->(a) | a.id], [(x)-[:NOT_OPEN_TO]->(a) | a.id], x.maximumAmount, x.currency\n"
        "ORDER BY x.id",
        {"day": day} | viewer.parameters,
    )


def askable(day: date, viewer: Viewer) -> Query:
    """Rows of (open need, offers and windows on one of its topics that fail no rule of eligibility)."""
    asked = eligibility.values(Request("", "", as_of=day))
    # Each need has an amount of its own; what else a request can say, a need on record does not.
    del asked["amountUsd"]
    return Query(
        "MATCH (x:Offer|FundingCall)\n"
        f"WHERE {_OPEN}\n"
        "WITH x, [(x)-[:OPEN_TO]->(a) | a.id] AS openTo, [(x)-[:NOT_OPEN_TO]->(a) | a.id] AS notOpenTo,\n"
        "  CASE WHEN x.capacity IS NULL THEN 0 ELSE COUNT { (x)<-[:INCLUDES]-(m:Match) WHERE m.state IN $agreed } END AS taken\n"
        "MATCH (x)-[:ABOUT]->(:Topic)<-[:ABOUT]-(n:Need {status: $status})\n"
        f"WHERE n.visibility IN ${PARAMETER} AND coalesce(n.withdrawn, false) = false\n"
        "WITH DISTINCT x, openTo, notOpenTo, taken, n\n"
        "WITH n, n.amountUsd AS amountUsd, collect({x: x, openTo: openTo, notOpenTo: notOpenTo, taken: taken}) AS supply\n"
        "MATCH (n)-[:OF]->(c:Country)\n"
        "WITH n, amountUsd, supply, [c.id] + [(c)-[:MEMBER_OF]->(g:CountryGroup) | g.id] AS mine\n"
        "UNWIND supply AS one\n"
        "WITH n, amountUsd, one.x AS x, one.taken AS taken,\n"
        "  any(audience IN one.openTo WHERE audience IN mine) AS admitted, any(audience IN one.notOpenTo WHERE audience IN mine) AS excluded\n"
        f"WITH n, x, {eligibility.failed_rules(('amountUsd',))} AS failed\n"
        "WHERE size(failed) = 0\n"
        "RETURN n.id, collect(x.id)\n"
        "ORDER BY n.id",
        asked | {"status": NeedStatus.OPEN.value, "agreed": [MatchState.AGREED.value, MatchState.DELIVERING.value]} | viewer.parameters,
    )


_OPEN: Final = f"x.visibility IN ${PARAMETER} AND coalesce(x.withdrawn, false) = false AND (x.closes IS NULL OR x.closes >= $day)"


def memberships() -> Query:
    """Rows of (country, its groups)."""
    return Query("MATCH (c:Country)\nRETURN c.id, [(c)-[:MEMBER_OF]->(g:CountryGroup) | g.id]\nORDER BY c.id")


def groups() -> Query:
    """Rows of (group, kind)."""
    return Query("MATCH (g:CountryGroup)\nRETURN g.id, g.kind\nORDER BY g.id")


def wider_topics() -> Query:
    """Rows of (topic, the next wider one or none)."""
    return Query("MATCH (t:Topic)\nRETURN t.id, head([(t)-[:PART_OF]->(w:Topic) | w.id])\nORDER BY t.id")


async def read_board(
    database: Database,
    viewer: Viewer,
    *,
    kind: CountryGroupKind = CountryGroupKind.REGION,
    columns: Sequence[str] = (),
    rows: Sequence[str] = (),
    providers: Sequence[str] = (),
    day: date | None = None,
) -> Board:
    """The board of a day (today where none is given). `columns` are groups, else all of the kind; `rows` topics, else the widest;
    `providers` whose offers, windows and overlaps are shown (global ids), else everybody's.

    Raises BAD_INPUT for a group that is not on record and for a provider of nothing open, UNKNOWN_TOPIC for a topic that is not on record.
    """
    day = day or datetime.now(UTC).date()
    needs, supply, eligible, members, kinds, topics = await asyncio.gather(
        database.read(open_needs(viewer)),
        database.read(open_supply(day, viewer)),
        database.read(askable(day, viewer)),
        database.read(memberships()),
        database.read(groups()),
        database.read(wider_topics()),
    )
    chosen = known_ids(columns, [g for g, _ in kinds], "group", Code.BAD_INPUT) or tuple(g for g, k in kinds if k == kind.value)
    shown = known_ids(rows, [t for t, _ in topics], "topic", Code.UNKNOWN_TOPIC) or tuple(t for t, wide in topics if wide is None)
    places = Places({country: frozenset(found) for country, found in members}, chosen)
    taxonomy = Taxonomy({t: wide for t, wide in topics if wide is not None}, shown)
    asked = [Asked(i, country, frozenset(about), amount, frozenset(payers)) for i, country, amount, about, payers in needs]
    # The reads are not one: what came in between two of them is left to the next time.
    offered = {row[0] for row in supply}
    may_ask = {need: [i for i in ids if i in offered] for need, ids in eligible}
    opened = [_open(row) for row in supply]
    return lay_out(asked, opened, may_ask, places, taxonomy, day, _known(providers, providers_of(asked, opened)))


def _known(given: Sequence[str], known: Sequence[str]) -> frozenset[str]:
    for one in given:
        if one not in known:
            raise NetworkError(
                Code.BAD_INPUT,
                f"“{one[:60]}” has no open offer or window, and pays for nothing that answers an open need.",
                hint="Take one that does.",
                allowed=[name for name, _, _ in process.extract(one[:100], known, limit=3)],
            )
    return frozenset(given)


def _open(row: tuple[Any, ...]) -> Open:
    record_id, providers, topics, open_to, not_open_to, maximum, currency = row
    return Open(record_id, frozenset(providers), frozenset(topics), frozenset(open_to), frozenset(not_open_to), maximum, currency)
