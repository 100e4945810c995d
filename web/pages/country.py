"""A country: its figures over the years beside its group's median, what it is strong in, gives and asks, whom to write to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from web import figures
from web.options import key_of
from web.page import Page
from web.pages.records import differences, fetch
from web.terms import BY_LABEL
from web.visit import Visit

Record = Mapping[str, Any]

SURVEY: Final = ("egdi", "egdi-osi", "egdi-hci", "egdi-tii", "egdi-epi")
MATURITY: Final = ("gtmi-cgsi", "gtmi-psdi", "gtmi-dcei", "gtmi-gtei")
ORDER: Final = ("REGION", "SUBREGION", "DEVELOPMENT", "INCOME", "LENDING", "ORGANIZATION")
ALIKE: Final = ("sids", "lldc", "ldc")
"""Groups of countries in the same position, the most telling first: what a member is compared with unless the visitor chooses."""
TOPICS: Final = 10


@dataclass(slots=True)
class Strength:
    """How many records of a country are about a topic: its own experience, help that it gave, and offers."""

    topic: str
    name: str
    own: int = 0
    gave: int = 0
    offers: int = 0

    @property
    def total(self) -> int:
        return self.own + self.gave + self.offers


async def view(visit: Visit) -> Page:
    domain = BY_LABEL["Country"]
    record = await fetch(visit, domain)
    groups = sorted(record["groups"]["nodes"], key=lambda group: (ORDER.index(group["groupKind"]), group["title"]))
    wanted = visit.parameter("group")
    group = next((g for g in groups if key_of(g["id"]) == wanted), None) or usual_group(groups)
    medians = figures.medians_of((await visit.ask_more("CountryMedians", group=group["id"]))["medians"]) if group else {}
    observations = record["observations"]["nodes"]
    parties = record["partnerships"]["edges"]
    services = record["essentialServices"]["nodes"]
    values = {
        "record": record,
        "domain": domain,
        "groups": groups,
        "group": group,
        "unknown_group": wanted if wanted and (group is None or key_of(group["id"]) != wanted) else "",
        "trends": [made for code in SURVEY if (made := figures.trend(observations, code, medians))],
        "survey": figures.table(observations, SURVEY, medians),
        "survey_names": [found["indicator"]["title"] for code in SURVEY if (found := figures.latest(observations, code))],
        "ranks": figures.ranks(observations, "egdi"),
        "maturity": figures.parts(observations, MATURITY, medians),
        "govtech": figures.latest(observations, "gtmi"),
        "strengths": strengths(record)[:TOPICS],
        "gave": [edge["node"] for edge in parties if edge["role"] != "RECIPIENT"],
        "received": [edge["node"] for edge in parties if edge["role"] == "RECIPIENT"],
        "differences": await differences(visit, domain, record),
        "electronic": [service for service in services if service["electronicSince"]],
    }
    return Page("countries/record.html", record["title"], values, frozenset({"group"}), menu=domain.path)


def usual_group(groups: Sequence[Record]) -> Record | None:
    """The group whose median a country is shown beside: countries in its position, else its part of the region."""
    by_key = {key_of(group["id"]): group for group in groups}
    for key in ALIKE:
        if key in by_key:
            return by_key[key]
    narrow = [group for group in groups if group["groupKind"] in {"REGION", "SUBREGION"}]
    return min(narrow, key=lambda group: group["members"]["totalCount"]) if narrow else None


def strengths(record: Record) -> list[Strength]:
    """Topics with the country's own records, most first."""
    found: dict[str, Strength] = {}
    for part, field in (
        ("own", "practices"),
        ("own", "projects"),
        ("gave", "given"),
        ("gave", "supportedProjects"),
        ("offers", "offers"),
    ):
        for bucket in record[field]["facets"][0]["buckets"]:
            if bucket["value"]:
                strength = found.setdefault(bucket["value"], Strength(bucket["value"], bucket["label"]))
                setattr(strength, part, getattr(strength, part) + bucket["count"])
    return sorted(found.values(), key=lambda s: (-s.gave - s.offers, -s.own, s.name))
