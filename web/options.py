"""What the forms offer to choose from: countries and topics by their names in the page's language, sorted for a reader."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final

from api.wording import regions
from web.visit import Visit

FRESH_SECONDS: Final = 300.0


@dataclass(frozen=True, slots=True)
class Option:
    """`value` as it stands in an address; `within` is the value of the wider option, if there is one, `kind` what sort of thing it is.

    `region` is what the language tags of browsers call a country (ISO 3166-1 alpha-2)."""

    value: str
    name: str
    within: str | None = None
    kind: str = ""
    region: str = ""


Kept = dict[tuple[str, str], tuple[float, list[Option]]]


async def countries(visit: Visit) -> list[Option]:
    """Every country, by name."""
    if (kept := _fresh(visit, "countries")) is not None:
        return kept
    found: list[Option] = []
    after: str | None = None
    while True:
        answer = (await visit.look_up("CountryOptions", after=after))["countries"]
        found += [Option(node["iso3"], node["name"], region=node["iso2"]) for node in answer["nodes"]]
        after = answer["pageInfo"]["endCursor"]
        if not answer["pageInfo"]["hasNextPage"]:
            break
    return _keep(visit, "countries", sorted(found, key=lambda option: reading_order(option.name)))


def guessed(visit: Visit, countries: Sequence[Option]) -> str:
    """The country that the visitor's browser speaks of, as it stands in an address; empty where it speaks of none."""
    known = {option.region: option.value for option in countries}
    return next((known[region] for region in regions(visit.request.headers.get("accept-language")) if region in known), "")


async def topics(visit: Visit) -> list[Option]:
    """Every topic: each wide one followed by its narrower ones."""
    if (kept := _fresh(visit, "topics")) is not None:
        return kept
    nodes = (await visit.look_up("TopicOptions"))["topics"]["nodes"]
    found = [Option(key_of(n["id"]), n["name"], key_of(n["parent"]["id"]) if n["parent"] else None) for n in nodes]
    found.sort(key=lambda option: reading_order(option.name))
    ordered = []
    for wide in (option for option in found if option.within is None):
        ordered += [wide, *(option for option in found if option.within == wide.value)]
    return _keep(visit, "topics", ordered)


async def groups(visit: Visit) -> list[Option]:
    """Every group of countries, by name; `kind` is the kind of group."""
    if (kept := _fresh(visit, "groups")) is not None:
        return kept
    nodes = (await visit.look_up("GroupOptions"))["countryGroups"]["nodes"]
    found = [Option(key_of(node["id"]), node["title"], kind=node["groupKind"]) for node in nodes]
    return _keep(visit, "groups", sorted(found, key=lambda option: reading_order(option.name)))


async def providers(visit: Visit) -> list[Option]:
    """Everybody who has an offer or a window open or pays for what answers an open need, by name; the value is a global id."""
    if (kept := _fresh(visit, "providers")) is not None:
        return kept
    found: list[Option] = []
    after: str | None = None
    while True:
        answer = (await visit.look_up("BoardProviders", after=after))["board"]["providers"]
        found += [Option(node["id"], node["title"], kind=node["__typename"]) for node in answer["nodes"]]
        after = answer["pageInfo"]["endCursor"]
        if not answer["pageInfo"]["hasNextPage"]:
            break
    return _keep(visit, "providers", sorted(found, key=lambda option: reading_order(option.name)))


def key_of(record_id: str) -> str:
    """`digital-identity` for `topic:digital-identity`."""
    return record_id.partition(":")[2]


def reading_order(name: str) -> str:
    """A key that sorts `Égypte` with E and leaves the Arabic article out of account."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return plain.casefold().removeprefix("ال")


def _kept(visit: Visit) -> Kept:
    """Lists that were read a short while ago, for this application."""
    state = visit.request.app.state
    if not hasattr(state, "options"):
        state.options = {}
    kept: Kept = state.options
    return kept


def _fresh(visit: Visit, what: str) -> list[Option] | None:
    when, options = _kept(visit).get((what, visit.language), (0.0, []))
    return options if options and monotonic() - when < FRESH_SECONDS else None


def _keep(visit: Visit, what: str, options: list[Option]) -> list[Option]:
    _kept(visit)[what, visit.language] = (monotonic(), options)
    return options
