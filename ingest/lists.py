"""What lists of projects have in common: money with commas, years, agencies behind a name, countries of a cell.

Must not know any single source.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from graph.records import Link, Value
from graph.vocabulary import OrganizationKind
from ingest.connector import Rejected
from ingest.figures import number
from ingest.resolution import Resolver, kind_of
from ingest.texts import without_contacts

MOST_MONEY: Final = 1e15
HANGUL: Final = re.compile("[\uac00-\ud7a3]")
NOBODY: Final = re.compile(
    r"^(?:o|x|none|n/?a|tbd|others?|various|unknown|unspecified.*|information not available|not (?:available|applicable|specified))\.?$",
    re.IGNORECASE,
)


def money(text: str) -> float | str | None:
    """The amount in a cell such as “1,500,000.00”; None for an empty cell and for nought; else a reason that ends the sentence “x …”."""
    value = number(text.replace(",", ""), 0, MOST_MONEY)
    return value or None if not isinstance(value, str) else value


def year(text: str) -> int | None:
    """The year in a cell such as “2007” or “2007.0”, from 1900 to 2100."""
    found = re.fullmatch(r"((?:19|20)\d\d)(?:\.0)?", text)
    return int(found[1]) if found else None


def dates(start: int | None, end: int | None) -> dict[str, Value]:
    """First days of the years. An end before the start is the year in which it all happened."""
    if start and end:
        start = min(start, end)
    values: dict[str, Value] = {"startDate": date(start, 1, 1)} if start else {}
    if end:
        values["endDate"] = date(end, 1, 1)
    return values | ({"datePrecision": "YEAR"} if values else {})


def countries(cell: str, resolver: Resolver, line: int, field: str, record: str) -> tuple[list[Link], list[Rejected]]:
    """Links to the countries that a cell names, and the names that nobody knows. Regions and organisations are left out."""
    found = resolver.countries.many(cell)
    unknown = [
        Rejected(line, field, name, "is no country that the network knows", resolver.countries.near(name), record) for name in found.unknown
    ]
    return [Link(f"country:{code}") for code in found.codes], unknown


def agency(name: str, resolver: Resolver, *, kind: OrganizationKind | None = None, country: str | None = None) -> str | None:
    """The id of an organisation that a list names; None for “various” and the like. `country` is an id, for bodies of government."""
    name = without_contacts(re.sub(r"\s*\((?:formerly|implementing|EA)\b.*$", "", name, flags=re.IGNORECASE)).strip(" ,;.")
    # The lists were kept abroad: Korean script is what the keeper called a body, not its name.
    if len(name) < 3 or HANGUL.search(name) or not any(c.isalpha() for c in name) or NOBODY.match(name):
        return None
    # Names that a detector of kinds cannot place are bodies of government where the list is of what governments do.
    kind = kind or (kind_of(name) if country is None or kind_of(name) is not OrganizationKind.OTHER else OrganizationKind.GOVERNMENT)
    return resolver.organization(name, kind=kind, country=country if kind is OrganizationKind.GOVERNMENT else None)


def linked(links: Mapping[str, Sequence[str | None]]) -> dict[str, list[Link]]:
    """Links by relationship from ids, without gaps and repeats; relationships without any are left out."""
    out = {name: [Link(target) for target in dict.fromkeys(found) if target] for name, found in links.items()}
    return {name: found for name, found in out.items() if found}
