"""Chains of cooperation: exchanges in which each country gives and receives, and triangles of funder, provider and recipient.

Each is one query that finds, ranks and cuts off in the database. `docs/chains.md` says what counts as a link.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final

from graph.database import Database, Query
from graph.errors import Code, NetworkError
from graph.message import Message, Names, Value
from graph.viewer import PARAMETER, Viewer
from graph.vocabulary import NeedStatus, OrganizationKind, PartnershipRole

MOST: Final = 100
"""Chains that one query brings at the most."""
GIVERS: Final = 5
"""Of a country that asks, only this many givers with most records are links of a possible exchange."""
LINKS: Final = 600
"""Links with most records that are joined with each other: what bounds the work, however large the graph is."""
RECORDS: Final = 10
"""Records that one link shows, newest first."""
SPEAKING: Final = tuple(
    kind.value
    for kind in (
        OrganizationKind.GOVERNMENT,
        OrganizationKind.BILATERAL_AGENCY,
        OrganizationKind.NGO,
        OrganizationKind.ACADEMIA,
        OrganizationKind.FOUNDATION,
    )
)
"""Kinds of organisations whose help is help of their home country. A bank or a UN body helps in its own name, a company for money."""

NOWHERE: Final = (OrganizationKind.MULTILATERAL.value, OrganizationKind.NETWORK.value)
"""Kinds of organisations that belong to no country, wherever their seat is."""


class ChainKind(StrEnum):
    """The shapes of a chain."""

    EXCHANGE_OF_TWO = "EXCHANGE_OF_TWO"
    EXCHANGE_OF_THREE = "EXCHANGE_OF_THREE"
    TRIANGULAR = "TRIANGULAR"


class ChainBasis(StrEnum):
    """Whether records show the help itself, or that one has done what another asks for now."""

    HAPPENED = "HAPPENED"
    POSSIBLE = "POSSIBLE"


class LinkRole(StrEnum):
    """What the giver of a link does."""

    HELPS = "HELPS"
    PAYS = "PAYS"


@dataclass(frozen=True, slots=True)
class ChainLink:
    """Who gives to whom; `count` records show it, `records` are the newest, `needs` the open needs that a possible link answers."""

    role: LinkRole
    giver: str
    receiver: str
    count: int
    records: tuple[str, ...]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain with its links in order. `weakest` is the number of records of the link that has fewest: what chains are ranked by."""

    kind: ChainKind
    basis: ChainBasis
    rank: int
    links: tuple[ChainLink, ...]
    explanation: Message

    @property
    def key(self) -> str:
        return " ".join(f"{link.giver}>{link.receiver}" for link in self.links)

    @property
    def weakest(self) -> int:
        return min(link.count for link in self.links)


def _seen(alias: str) -> str:
    return f"{alias}.visibility IN ${PARAMETER} AND coalesce({alias}.withdrawn, false) = false"


def _on_topic(topic: str | None, alias: str = "d") -> str:
    return f" AND EXISTS {{ ({alias})-[:ABOUT]->(:Topic {{id: $topic}}) }}" if topic else ""


def _home(alias: str) -> str:
    """The country that a party's help is help of, else the party itself."""
    return (
        f"CASE WHEN {alias}:Country THEN {alias} ELSE "
        f"coalesce(head([({alias})-[:BASED_IN]->(home:Country) WHERE {alias}.kind IN $speaking | home]), {alias}) END"
    )


def _happened(topic: str | None) -> str:
    """A subquery of help that was given: rows of (giver, receiver, d), countries and a record that shows it."""
    return (
        "  MATCH (d:Partnership)-[:BETWEEN {role: $provider}]->(p:Organization|Country)\n"
        f"  WHERE {_seen('d')}{_on_topic(topic)}\n"
        "  MATCH (d)-[:BETWEEN {role: $recipient}]->(receiver:Country)\n"
        f"  RETURN {_home('p')} AS giver, receiver, d\n"
        "  UNION\n"
        "  MATCH (p:Organization|Country)-[:SUPPORTS|IMPLEMENTS]->(d:Project)-[:IN]->(receiver:Country)\n"
        f"  WHERE {_seen('d')}{_on_topic(topic)}\n"
        f"  WITH {_home('p')} AS giver, receiver, d\n"
        "  WHERE NOT EXISTS { (d)-[:IN]->(giver) }\n"
        "  RETURN giver, receiver, d\n"
        "  UNION\n"
        "  MATCH (receiver:Country)<-[:FROM]-(d:Practice)-[:ADAPTED_FROM]->(model:Practice)-[:FROM]->(giver:Country)\n"
        f"  WHERE {_seen('d')} AND {_seen('model')}{_on_topic(topic)}\n"
        "  RETURN giver, receiver, d\n"
    )


_GROUPED: Final = (
    "WITH giver, receiver, d\n"
    "WHERE giver:Country AND giver <> receiver\n"
    "WITH DISTINCT giver, receiver, d\n"
    "ORDER BY d.date IS NULL, d.date DESC, d.id\n"
    "WITH giver.id AS giver, receiver.id AS receiver, collect(d) AS documents\n"
    "WITH {giver: giver, receiver: receiver, count: size(documents), newest: coalesce(head(documents).date, $never),\n"
    "  records: [d IN documents[..$records] | d.id], needs: []} AS link\n"
)


def _possible(topic: str | None) -> str:
    """Links that could be: for each country that asks, the countries with most records on what it asks for, if they ask too.

    Documents are read once a topic, not once a need.
    """
    about = " AND t.id = $topic" if topic else ""
    return (
        "CALL () {\n"
        "  MATCH (n:Need {status: $open})-[:OF]->(c:Country)\n"
        f"  WHERE {_seen('n')}\n"
        "  RETURN collect(DISTINCT c) AS asking\n"
        "}\n"
        "MATCH (receiver:Country)<-[:OF]-(n:Need {status: $open})-[:ABOUT]->(t:Topic)\n"
        f"WHERE {_seen('n')}{about}\n"
        "WITH asking, t, receiver, collect(n.id) AS needs\n"
        "WITH asking, t, collect({country: receiver, needs: needs}) AS asked\n"
        "CALL (asking, t) {\n"
        "  MATCH (t)<-[:ABOUT]-(d:Practice|Project|Partnership)\n"
        f"  WHERE {_seen('d')}\n"
        "  CALL (d) {\n"
        "    MATCH (d)-[:FROM|IN]->(giver:Country)\n"
        "    RETURN giver\n"
        "    UNION\n"
        "    MATCH (d)-[:BETWEEN {role: $provider}]->(p:Organization|Country)\n"
        f"    RETURN {_home('p')} AS giver\n"
        "  }\n"
        "  WITH asking, giver, d\n"
        "  WHERE giver IN asking\n"
        "  RETURN giver, collect(DISTINCT d) AS found\n"
        "}\n"
        "UNWIND asked AS one\n"
        "WITH giver, one.country AS receiver, one.needs AS needs, found\n"
        "WHERE giver <> receiver\n"
        "UNWIND found AS d\n"
        "WITH giver, receiver, d, collect(needs) AS needs\n"
        "ORDER BY d.date IS NULL, d.date DESC, d.id\n"
        "WITH giver.id AS giver, receiver.id AS receiver, collect(d) AS documents,\n"
        "  reduce(all = [], each IN collect(needs) | all + each) AS needs\n"
        "WITH giver, receiver, documents, reduce(all = [], some IN needs | all + [need IN some WHERE NOT need IN all]) AS needs\n"
        "ORDER BY size(documents) DESC, coalesce(head(documents).date, $never) DESC, giver\n"
        "WITH receiver, collect({giver: giver, receiver: receiver, count: size(documents), newest: coalesce(head(documents).date, $never),\n"
        "  records: [d IN documents[..$records] | d.id], needs: needs})[..$givers] AS best\n"
        "UNWIND best AS link\n"
    )


def exchanges(
    length: int, basis: ChainBasis, viewer: Viewer, *, country: str | None = None, topic: str | None = None, most: int = MOST
) -> Query:
    """Rows of (links, names): closed chains of two or three countries, most records in the weakest link first.

    A link is a map of giver, receiver, count, records and needs; names are those of the givers. The first giver has the smallest id.
    """
    links = f"CALL () {{\n{_happened(topic)}}}\n{_GROUPED}" if basis is ChainBasis.HAPPENED else _possible(topic)
    steps = [f"link{i}" for i in range(1, length + 1)]
    joins = "".join(
        # The chain is told from the smallest id on, once.
        f"UNWIND links AS {step}\nWITH * WHERE {step}.giver = {before}.receiver AND {step}.giver > link1.giver "
        f"AND {step}.receiver {'=' if step == steps[-1] else '<>'} link1.giver\n"
        for before, step in pairwise(steps)
    )
    chain = ", ".join(steps)
    own: dict[str, Any] = (
        {"recipient": PartnershipRole.RECIPIENT.value}
        if basis is ChainBasis.HAPPENED
        else {"open": NeedStatus.OPEN.value, "givers": GIVERS}
    )
    where = "WHERE any(link IN chain WHERE link.giver = $country)\n" if country else ""
    return Query(
        f"{links}{_FIRST}{joins}WITH [{chain}] AS chain\n{where}"
        "WITH chain, reduce(least = chain[0].count, link IN chain | CASE WHEN link.count < least THEN link.count ELSE least END) AS weakest,\n"
        "  reduce(total = 0, link IN chain | total + link.count) AS total,\n"
        "  reduce(newest = chain[0].newest, link IN chain | CASE WHEN link.newest > newest THEN link.newest ELSE newest END) AS newest\n"
        "ORDER BY weakest DESC, total DESC, newest DESC, [link IN chain | link.giver]\n"
        "LIMIT $most\n"
        "RETURN chain, [link IN chain | head(COLLECT { MATCH (c:Country {id: link.giver}) RETURN c.name })]",
        _values(viewer, country, topic, most) | own | {"links": LINKS},
    )


# Only who gives and receives can be in a chain that closes; what is left is short enough to be joined with itself.
_FIRST: Final = (
    "WITH link\n"
    "ORDER BY link.count DESC, link.newest DESC, link.giver, link.receiver\n"
    "WITH collect(link) AS links\n"
    "WITH links, [link IN links | link.giver] AS givers, [link IN links | link.receiver] AS receivers\n"
    "WITH [link IN links WHERE link.giver IN receivers AND link.receiver IN givers][..$links] AS links\n"
    "UNWIND links AS link1\n"
    "WITH * WHERE link1.giver < link1.receiver\n"
)


def triangles(viewer: Viewer, *, country: str | None = None, topic: str | None = None, most: int = MOST) -> Query:
    """Rows of (funder, provider, recipient, count, records, their names): one paid, another helped, a third received.

    The three are of different countries; an organisation that speaks for its country stands as the country.
    """
    where = "WHERE $country IN [funder.id, provider.id, recipient.id]\n" if country else ""
    return Query(
        "CALL () {\n"
        "  MATCH (d:Partnership)-[:BETWEEN {role: $recipient}]->(recipient:Country)\n"
        f"  WHERE {_seen('d')}{_on_topic(topic)}\n"
        "  MATCH (d)-[:BETWEEN {role: $funder}]->(f:Organization|Country)\n"
        "  MATCH (d)-[:BETWEEN {role: $provider}]->(p:Organization|Country)\n"
        "  RETURN f, p, recipient, d\n"
        "  UNION\n"
        "  MATCH (f:Organization|Country)-[:FUNDS]->(d:Project)<-[:SUPPORTS]-(p:Organization|Country)\n"
        f"  WHERE {_seen('d')}{_on_topic(topic)}\n"
        "  MATCH (d)-[:IN]->(recipient:Country)\n"
        "  RETURN f, p, recipient, d\n"
        "}\n"
        "WITH f, p, recipient, d, [x IN [f, p] WHERE NOT coalesce(x.kind, '') IN $nowhere | coalesce(head([(x)-[:BASED_IN]->(h:Country) | h]), x)] AS homes\n"
        "WHERE f <> p AND NOT recipient IN homes AND (size(homes) < 2 OR homes[0] <> homes[1])\n"
        f"WITH {_home('f')} AS funder, {_home('p')} AS provider, recipient, d\n{where}"
        "WITH DISTINCT funder, provider, recipient, d\n"
        "ORDER BY d.date IS NULL, d.date DESC, d.id\n"
        "WITH funder, provider, recipient, collect(d) AS documents\n"
        "ORDER BY size(documents) DESC, coalesce(head(documents).date, $never) DESC, funder.id, provider.id, recipient.id\n"
        "LIMIT $most\n"
        "RETURN funder.id, provider.id, recipient.id, size(documents), [d IN documents[..$records] | d.id],\n"
        "  [funder.name, provider.name, recipient.name]",
        _values(viewer, country, topic, most)
        | {"recipient": PartnershipRole.RECIPIENT.value, "funder": PartnershipRole.FUNDER.value, "nowhere": list(NOWHERE)},
    )


def _values(viewer: Viewer, country: str | None, topic: str | None, most: int) -> dict[str, Any]:
    return {
        "provider": PartnershipRole.PROVIDER.value,
        "speaking": list(SPEAKING),
        "records": RECORDS,
        "most": most,
        "never": date.min,
        **({"country": country} if country else {}),
        **({"topic": topic} if topic else {}),
        **viewer.parameters,
    }


async def find_chains(
    database: Database,
    kind: ChainKind,
    basis: ChainBasis,
    viewer: Viewer,
    *,
    country: str | None = None,
    topic: str | None = None,
) -> tuple[Chain, ...]:
    """Chains of a kind, best shown first, at most `MOST`. `country` and `topic` are global ids of known records.

    Raises CONTRADICTORY_INPUT for a possible triangle: who could pay and help for a need is what `match` answers.
    """
    if kind is ChainKind.TRIANGULAR:
        if basis is ChainBasis.POSSIBLE:
            raise NetworkError(
                Code.CONTRADICTORY_INPUT,
                "Triangles are told of what happened.",
                hint="Leave `basis` out. For who could pay and help, ask `match` with the need.",
            )
        rows = await database.read(triangles(viewer, country=country, topic=topic))
        return tuple(_triangle(rank, row) for rank, row in enumerate(rows, 1))
    length = 2 if kind is ChainKind.EXCHANGE_OF_TWO else 3
    rows = await database.read(exchanges(length, basis, viewer, country=country, topic=topic))
    return tuple(_exchange(rank, kind, basis, links, names) for rank, (links, names) in enumerate(rows, 1))


def _triangle(rank: int, row: tuple[Any, ...]) -> Chain:
    funder, provider, recipient, count, records, names = row
    links = tuple(
        ChainLink(role, giver, recipient, count, tuple(records)) for role, giver in ((LinkRole.PAYS, funder), (LinkRole.HELPS, provider))
    )
    values: dict[str, Value] = {role: Names((name,)) for role, name in zip(("funder", "provider", "recipient"), names, strict=True)} | {
        "n": count
    }
    told = Message(
        "{funder} paid, {provider} helped, {recipient} received: {n} record shows it.",
        values,
        "{funder} paid, {provider} helped, {recipient} received: {n} records show it.",
    )
    return Chain(ChainKind.TRIANGULAR, ChainBasis.HAPPENED, rank, links, told)


def _exchange(rank: int, kind: ChainKind, basis: ChainBasis, found: Sequence[dict[str, Any]], names: Sequence[str]) -> Chain:
    links = tuple(
        ChainLink(LinkRole.HELPS, link["giver"], link["receiver"], link["count"], tuple(link["records"]), tuple(link["needs"]))
        for link in found
    )
    values: dict[str, Value] = {letter: Names((name,)) for letter, name in zip("abc", names, strict=False)}
    told = {
        (ChainKind.EXCHANGE_OF_TWO, ChainBasis.HAPPENED): Message("{a} helped {b}, and {b} helped {a}.", values),
        (ChainKind.EXCHANGE_OF_THREE, ChainBasis.HAPPENED): Message("{a} helped {b}, {b} helped {c}, and {c} helped {a}.", values),
        (ChainKind.EXCHANGE_OF_TWO, ChainBasis.POSSIBLE): Message(
            "{a} has records on what {b} asks for, and {b} on what {a} asks for.", values
        ),
        (ChainKind.EXCHANGE_OF_THREE, ChainBasis.POSSIBLE): Message(
            "{a} has records on what {b} asks for, {b} on what {c} asks for, and {c} on what {a} asks for.", values
        ),
    }[kind, basis]
    return Chain(kind, basis, rank, links, told)
