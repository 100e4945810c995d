"""Small facts about the whole graph: names of countries and topics, counts, the version of the data."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rapidfuzz import process

from graph.database import Database, Query, identifier
from graph.errors import Code, NetworkError
from graph.model import MODEL, localised_name


async def country_names(database: Database) -> dict[str, str]:
    """English names by ISO 3166-1 alpha-3 code."""
    return dict(await database.read(Query("MATCH (c:Country)\nRETURN c.iso3, c.name\nORDER BY c.iso3")))


async def topic_names(database: Database) -> dict[str, str]:
    """English names by global id."""
    return dict(await database.read(Query("MATCH (t:Topic)\nRETURN t.id, t.name\nORDER BY t.id")))


async def names_in(database: Database, language: str) -> dict[str, str]:
    """Names in a language of what the graph names in several (countries, their groups, topics and so on), by English names."""
    labels = "|".join(identifier(t.label) for t in MODEL.types if any(p.name == "name" and p.localised for p in t.properties))
    there = identifier(localised_name("name", language))
    return dict(await database.read(Query(f"MATCH (n:{labels})\nWHERE n.{there} IS NOT NULL\nRETURN n.name, n.{there}\nORDER BY n.name")))


async def document_counts(database: Database) -> dict[str, int]:
    """Public documents by label."""
    return dict(
        await database.read(Query("MATCH (d:Document {visibility: 'PUBLIC'})\nRETURN d.documentType, count(*)\nORDER BY d.documentType"))
    )


async def data_version(database: Database) -> int:
    """Sequence number of the last change; 0 before the first."""
    rows = await database.read(Query("MATCH (s:Sequence {id: 'sequence:change'})\nRETURN s.value"))
    return rows[0][0] if rows else 0


async def need(database: Database, need_id: str, visible: list[str]) -> dict[str, object] | None:
    """What a match needs of a stated need: description, lang, country (alpha-3), topics (ids), amountUsd. None where there is none that may be seen."""
    rows = await database.read(
        Query(
            "MATCH (n:Need {id: $id})-[:OF]->(c:Country)\nWHERE n.visibility IN $visible\n"
            "RETURN n {.title, .description, .lang, .amountUsd, iso3: c.iso3, topics: [(n)-[:ABOUT]->(t:Topic) | t.id]}",
            {"id": need_id, "visible": visible},
        )
    )
    return rows[0][0] if rows else None


def known_ids(given: Sequence[str], known: Collection[str], prefix: str, code: Code) -> tuple[str, ...]:
    """Global ids of what was given as ids or keys, each once. Raises the code with the nearest known ones."""
    out = []
    for one in given:
        record_id = one if one.startswith(f"{prefix}:") else f"{prefix}:{one}"
        if record_id not in known:
            near = process.extract(record_id[:100], list(known), limit=3)
            raise NetworkError(
                code, f"“{one[:60]}” is not a {prefix} on record.", hint="Take one that is.", allowed=[name for name, _, _ in near]
            )
        out.append(record_id)
    return tuple(dict.fromkeys(out))
