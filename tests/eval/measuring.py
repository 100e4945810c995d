"""What is measured of matches: real pairs with and without recorded cases, one need in six languages, texts of other fields."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from api.cli_match import evaluate_command
from api.state import Network
from graph import scoring
from graph.database import Query
from graph.evaluation import QUIET_YEARS, Case, Pair
from graph.matching import check, match
from graph.scoring import Answer, Interval, Ranks

FOLDER: Final = Path(__file__).parent
NEEDS: Final[list[dict[str, Any]]] = json.loads((FOLDER / "needs.json").read_text(encoding="utf-8"))
OFF_TOPIC: Final[list[str]] = json.loads((FOLDER / "off_topic.json").read_text(encoding="utf-8"))
LANGUAGES: Final = ("fr", "es", "ar", "ru", "zh")


@dataclass(frozen=True, slots=True)
class Track:
    """Rankings of all pairs in one way, and what they are worth."""

    name: str
    lines: list[str]
    countries: Ranks
    organisations: Ranks
    lists: dict[str, list[str]]

    @property
    def figures(self) -> dict[str, Interval]:
        parts = {"countries": self.countries, "organisations": self.organisations}
        return {f"{part}, {self.name}: {m}": i for part, ranks in parts.items() for m, i in scoring.summarise(ranks).items()}


async def track(
    network: Network, name: str, pairs: list[Pair], answers: Sequence[Answer], *, cases: list[Case] | None = None, strict: bool = False
) -> Track:
    lines, refused = await evaluate_command(network, pairs, strict=strict, cases=cases)
    if refused:
        raise SystemExit("\n".join(refused))
    rankings = [json.loads(line) for line in lines]
    lists = {r["pair_id"]: r["countries"] for r in rankings}
    organisations = {r["pair_id"]: r["organisations"] for r in rankings}
    return Track(name, lines, scoring.country_ranks(answers, lists), scoring.organisation_ranks(answers, organisations), lists)


@dataclass(frozen=True, slots=True)
class Languages:
    """Mean reciprocal rank of the right country by language, and how many of the first ten countries each shares with English."""

    reciprocal: Mapping[str, float]
    shared: Mapping[str, float]

    @property
    def share(self) -> float:
        return sum(self.reciprocal[language] for language in LANGUAGES) / len(LANGUAGES) / self.reciprocal["en"]

    @property
    def common(self) -> float:
        return sum(self.shared.values()) / len(self.shared)


async def languages(network: Network, needs: Sequence[Mapping[str, Any]] = NEEDS) -> Languages:
    found: dict[tuple[str, str], list[str]] = {}
    countries, _ = await network.known()
    for need in needs:
        for language, text in need["texts"].items():
            request = check(text, need["country"], countries=countries)
            request = replace(request, blind_from=date(need["year"] - QUIET_YEARS + 1, 1, 1))
            result = await match(network.database, network.embedding, request, packaged=0)
            found[need["id"], language] = [p.id.removeprefix("country:") for p in result.partners if p.id.startswith("country:")]

    def reciprocal(language: str) -> float:
        places = [[found[n["id"], language].index(p) + 1 for p in n["partners"] if p in found[n["id"], language]] for n in needs]
        return sum(1 / min(place) for place in places if place) / len(needs)

    def shared(language: str) -> float:
        return sum(len(set(found[n["id"], language][:10]) & set(found[n["id"], "en"][:10])) for n in needs) / len(needs)

    return Languages({lang: reciprocal(lang) for lang in ("en", *LANGUAGES)}, {lang: shared(lang) for lang in LANGUAGES})


@dataclass(frozen=True, slots=True)
class Refusals:
    """How many texts of other fields got no partners, and how many needs about digital government did not either."""

    off_topic: int
    refused: int
    on_topic: int
    wrongly: int
    kept: list[str] = field(default_factory=list)


async def refusals(network: Network, on_topic: Sequence[tuple[str, str]]) -> Refusals:
    """`on_topic` are (text, country)."""
    countries, _ = await network.known()

    async def refused(text: str, country: str) -> bool:
        result = await match(network.database, network.embedding, check(text, country, countries=countries), packaged=0)
        return any(notice.code == "OFF_TOPIC" for notice in result.notices)

    off = [await refused(text, "KHM") for text in OFF_TOPIC]
    on = [await refused(text, country) for text, country in on_topic]
    kept = [text for text, gone in zip(OFF_TOPIC, off, strict=True) if not gone]
    return Refusals(len(off), sum(off), len(on), sum(on), kept)


async def groups(network: Network) -> dict[str, dict[str, list[str]]]:
    """Of each country (alpha-3): its region, its income group, its official languages."""
    rows = await network.database.read(
        Query("MATCH (c:Country)\nRETURN c.iso3, c.region, c.incomeGroup, coalesce(c.languages, [])\nORDER BY c.iso3")
    )
    return {
        "region": {iso3: [region] if region else [] for iso3, region, _, _ in rows},
        "income group": {iso3: [income] if income else [] for iso3, _, income, _ in rows},
        "official language": {iso3: languages for iso3, _, _, languages in rows},
    }
