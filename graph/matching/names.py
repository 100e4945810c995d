"""Names in a text, in any language and script: products, organisations, countries. Must not know how partners are ranked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from graph.database import Database, Query
from graph.model import MODEL
from graph.schema import NAME_INDEX

# A run of Latin letters and digits: what a product's name is written in, also within another script.
RUN: Final = re.compile(r"[0-9A-Za-z\u00c0-\u024f]+(?:[-'.][0-9A-Za-z\u00c0-\u024f]+)*")
WORD: Final = re.compile(r"[0-9a-z]+")
MOST: Final = 8
LONGEST: Final = 60


@dataclass(frozen=True, slots=True)
class Named:
    """A record that a text names: its global id and the name as it stands on record."""

    id: str
    name: str


def spoken(text: str) -> list[str]:
    """Runs that may be a name, in order: written with a capital inside or only with capitals, with a digit, or in a text of another script."""
    runs = RUN.findall(text)
    letters = [c for c in text if c.isalpha()]
    foreign = sum("LATIN" not in unicodedata.name(c, "") for c in letters) > len(letters) / 2
    few = len(text.split()) <= 4
    found = [
        run for place, run in enumerate(runs) if len(run) >= 3 and (foreign or few or _capital(run) or (place > 0 and run[0].isupper()))
    ]
    return list(dict.fromkeys(found))[:MOST]


def _capital(run: str) -> bool:
    return any(c.isupper() for c in run[1:]) or any(c.isdigit() for c in run)


def like_names(terms: Sequence[str]) -> Query:
    """One row: a list of [id, names on record] of products and organisations whose names have words of these runs, best first."""
    return Query(
        f"CALL db.index.fulltext.queryNodes('{NAME_INDEX}', $terms, {{limit: 60}}) YIELD node AS d, score\n"
        "WHERE d:Solution OR d:Organization\n"
        "WITH d, score\nORDER BY score DESC, d.id\n"
        "RETURN collect([d.id, [d.name, d.shortName] + coalesce(d.aliases, [])]) AS like",
        {"terms": " ".join(word for term in terms for word in _folded(term).split())},
    )


def country_names() -> Query:
    """Rows of (id, names in six languages) of countries."""
    names = ", ".join(f"c.{name}" for name in MODEL["Country"].by_physical_name if name.startswith("name") or name == "officialName")
    return Query(f"MATCH (c:Country)\nRETURN c.id, [{names}]\nORDER BY c.id")


async def named(database: Database, text: str) -> list[Named]:
    """Products and organisations that a text names in full, by name, short name or alias; the longest name of each."""
    terms = spoken(text)
    if not terms:
        return []
    [(like,)] = await database.read(like_names(terms))
    return named_among(text, terms, like)


def named_among(text: str, terms: Sequence[str], like: Sequence[tuple[str, Sequence[str | None]]]) -> list[Named]:
    """The same out of what `like_names` brought for the text's `terms`."""
    wanted = {word for term in terms for word in _folded(term).split()}
    folded = f" {_folded(text)} "
    found = []
    for record_id, names in like:
        hits = [name for name in names if name and _stands(_folded_name(name), folded, wanted)]
        if hits:
            found.append(Named(record_id, max(hits, key=len)))
    return found[:MOST]


def _stands(name: str, text: str, wanted: Set[str]) -> bool:
    """Whether a name of three letters or more stands in a text, and not only in words that start no name."""
    return len(name) >= 3 and f" {name} " in text and not wanted.isdisjoint(name.split())


def spellings(names: Mapping[str, Sequence[str | None]]) -> list[tuple[str, Named]]:
    """Each name of each country as it is looked for in a text without regard to case, and what it names."""
    return [(name.casefold(), Named(record_id, name)) for record_id, written in names.items() for name in dict.fromkeys(written) if name]


def countries_in(text: str, names: Sequence[tuple[str, Named]]) -> list[Named]:
    """Countries that a text names in one of the six languages; a name within a longer one does not count (Guinea in Guinea-Bissau)."""
    hits: list[tuple[int, int, Named]] = []
    lowered = text.casefold()
    for sought, one in names:
        start = lowered.find(sought)
        if start < 0 or len(one.name) < 2:
            continue
        end = start + len(sought)
        latin = one.name[0].isascii()
        if not (latin and (lowered[start - 1 : start].isalpha() or lowered[end : end + 1].isalpha())):
            hits.append((start, end, one))
    whole = [h for h in hits if not any((o[0] <= h[0] and h[1] <= o[1]) and o[1] - o[0] > h[1] - h[0] for o in hits)]
    return list({h[2].id: h[2] for h in sorted(whole, key=lambda h: (h[0], h[2].id))}.values())


@lru_cache(maxsize=10_000)
def _folded_name(name: str) -> str:
    """Names on record are looked for in many texts."""
    return _folded(name)


def _folded(text: str) -> str:
    """Lower case, without accents, runs of Latin letters and digits divided by single spaces."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).lower()
    return " ".join(WORD.findall(plain))
