"""Rankings for pairs that really happened, with the leak rule inside the query: what is about the recipient and dated
within three years of the pair, later or not at all, is hidden."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from graph.database import Database, Query
from graph.embedding import EmbeddingService
from graph.matching import PARAMETERS, Parameters, Request, check, match

QUIET_YEARS = 3
SHORT = 12


@dataclass(frozen=True, slots=True)
class Pair:
    """A need that was met: who had it, in which words, in which year."""

    id: str
    recipient: str
    need: str
    year: int


@dataclass(frozen=True, slots=True)
class Ranked:
    """Countries by alpha-3 code and organisations by name, best first."""

    countries: list[str]
    organisations: list[str]


async def rankings(
    database: Database,
    embedding: EmbeddingService,
    pair: Pair,
    countries: Mapping[str, str],
    *,
    as_of: date | None = None,
    parameters: Parameters = PARAMETERS,
) -> Ranked:
    """Rank partners for a pair's need as if it were stated in its year."""
    checked = check(pair.need, pair.recipient, countries=countries)
    blind_from = date(pair.year - QUIET_YEARS + 1, 1, 1)
    request = Request(checked.text, checked.country, checked.language, as_of=as_of, blind_from=blind_from)
    result = await match(database, embedding, request, parameters=parameters, packaged=0)
    names = dict(
        await database.read(
            Query(
                "UNWIND $ids AS id\nMATCH (o:Organization {id: id})\nRETURN o.id, [o.name, o.shortName] + coalesce(o.aliases, [])",
                {"ids": [p.id for p in result.partners if p.id.startswith("organization:")]},
            )
        )
    )
    return Ranked(
        [p.id.partition(":")[2] for p in result.partners if p.id.startswith("country:")],
        [name for p in result.partners if p.id in names for name in _written(names[p.id])],
    )


def _written(names: Sequence[str | None]) -> Iterator[str]:
    """An organisation's name as `Name (ABC)`, and where there is a short name to know them together by, each other name in the same way."""
    name, short, *aliases = names
    if name and (not short or len(short) > SHORT or short == name):
        yield name
    elif name:
        yield from (f"{each} ({short})" for each in dict.fromkeys([name, *(a for a in aliases if a and a != short)]))
