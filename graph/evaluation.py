"""Rankings for pairs that really happened, with the leak rule inside the query: what is about the recipient and dated
within three years of the pair, later or not at all, is hidden; so are recorded cases of the same recipient or the same need."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from graph.database import Database, Query
from graph.embedding import EmbeddingService
from graph.errors import Code, NetworkError
from graph.matching import PARAMETERS, Parameters, Request, check, match
from graph.matching.request import checked_text
from graph.records import Link, Record
from graph.scoring import org_keys
from graph.vectors import embed_documents
from graph.vocabulary import DatePrecision, PartnershipRole, PartnershipState, Visibility
from graph.writer import write

QUIET_YEARS = 3
SHORT = 12
CASES: Final = Record(
    "Source", "evaluation-cases", {"title": "Cases of the evaluation", "publisher": "Whoever runs `gcio evaluate --cases`"}
)
COLUMNS: Final = {"pair_id", "recipient_iso3", "need", "year"}
CASE_COLUMNS: Final = COLUMNS | {"partner", "partner_iso3", "partner_secondary"}


@dataclass(frozen=True, slots=True)
class Pair:
    """A need that was met: who had it, in which words, in which year."""

    id: str
    recipient: str
    need: str
    year: int


@dataclass(frozen=True, slots=True)
class Case:
    """A pair with those who met the need: names of organisations or countries, and the partner's home (alpha-3) where it has one."""

    pair: Pair
    partners: tuple[str, ...]
    home: str | None


@dataclass(frozen=True, slots=True)
class Ranked:
    """Countries by alpha-3 code and organisations by name, best first."""

    countries: list[str]
    organisations: list[str]


def read_pairs(path: Path) -> list[Pair]:
    """Pairs of a CSV file. Raises BAD_INPUT naming the line."""
    return [_pair(path, line, row) for line, row in _rows(path, COLUMNS)]


def read_cases(path: Path) -> list[Case]:
    """Cases of a CSV file of pairs. Raises BAD_INPUT naming the line."""
    return [
        Case(
            _pair(path, line, row),
            tuple(dict.fromkeys(name.strip() for name in [row["partner"], *row["partner_secondary"].split(";")] if name.strip())),
            row["partner_iso3"] or None,
        )
        for line, row in _rows(path, CASE_COLUMNS)
    ]


def _rows(path: Path, wanted: set[str]) -> Iterator[tuple[int, dict[str, str]]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        if missing := wanted - set(reader.fieldnames or ()):
            raise NetworkError(Code.BAD_INPUT, f"{path.name} has no column {', '.join(sorted(missing))}.", allowed=sorted(wanted))
        for row in reader:
            yield reader.line_num, row


def _pair(path: Path, line: int, row: Mapping[str, str]) -> Pair:
    if not row["year"].isdigit():
        raise NetworkError(Code.BAD_INPUT, f"{path.name}, line {line}, column year: “{row['year'][:20]}” is not a year.")
    return Pair(row["pair_id"], row["recipient_iso3"], row["need"], int(row["year"]))


async def load_cases(database: Database, embedding: EmbeddingService, cases: Sequence[Case]) -> list[str]:
    """Write cases as masked partnerships, which nobody sees but the evaluation, and embed them. Returns what could not be written, in sentences.

    An organisation that is not on record is left out: a name alone says nothing about it. So is a case that stands on record already, since
    the same cooperation would vote twice: a partnership of the same recipient with one of its partners, less than `QUIET_YEARS` apart.
    """
    by_name: dict[str, str] = {}
    query = Query("MATCH (o:Organization)\nRETURN o.id, [o.name, o.shortName] + coalesce(o.aliases, [])\nORDER BY o.id")
    for record_id, names in await database.read(query):
        for name in filter(None, names):
            for key in org_keys(name):
                by_name.setdefault(key, record_id)
    on_record = await database.read(partnerships())
    records = [(case.pair.year, _record(case, by_name)) for case in cases]
    fresh = [record for year, record in records if not _stands(record, year, on_record)]
    report = await write(database, [CASES, *fresh], actor="evaluation")
    await embed_documents(database, embedding)
    return [f"{refusal.record.key}: {', '.join(problem.reason for problem in refusal.problems)}" for refusal in report.refused]


def _record(case: Case, by_name: Mapping[str, str]) -> Record:
    recipient = f"country:{case.pair.recipient}"
    known = (next((by_name[key] for key in sorted(org_keys(name)) if key in by_name), None) for name in case.partners)
    providers = [*filter(None, known), *([f"country:{case.home}"] if case.home else [])]
    text = checked_text(case.pair.need, 10_000)
    return Record(
        "Partnership",
        f"case-{case.pair.id.lower()}",
        {
            "title": text[:100],
            "summary": text,
            "state": PartnershipState.DONE.value,
            "date": date(case.pair.year, 1, 1),
            "datePrecision": DatePrecision.YEAR.value,
            "lang": "en",
            "visibility": Visibility.MASKED.value,
        },
        {
            "parties": [
                Link(recipient, {"role": PartnershipRole.RECIPIENT.value}),
                *(Link(p, {"role": PartnershipRole.PROVIDER.value}) for p in dict.fromkeys(providers) if p != recipient),
            ],
            "sources": [Link(CASES.id, {"row": case.pair.id})],
        },
    )


def partnerships() -> Query:
    """Rows of (recipient, ids of the other parties, year) of partnerships that are no cases of an evaluation."""
    return Query(
        "MATCH (d:Partnership)-[:BETWEEN {role: $receiving}]->(c:Country)\nWHERE d.visibility <> $masked AND d.date IS NOT NULL\n"
        "RETURN c.id, [(d)-[b:BETWEEN]->(p:Organization|Country) WHERE b.role <> $receiving | p.id], d.date.year",
        {"receiving": PartnershipRole.RECIPIENT.value, "masked": Visibility.MASKED.value},
    )


def _stands(case: Record, year: int, on_record: Sequence[tuple[Any, ...]]) -> bool:
    recipient, *partners = (link.target for link in case.links["parties"])
    return any(
        recipient == other and abs(year - when) < QUIET_YEARS and not set(partners).isdisjoint(parties)
        for other, parties, when in on_record
    )


async def rankings(
    database: Database,
    embedding: EmbeddingService,
    pair: Pair,
    countries: Mapping[str, str],
    *,
    as_of: date | None = None,
    with_cases: bool = False,
    parameters: Parameters = PARAMETERS,
) -> Ranked:
    """Rank partners for a pair's need as if it were stated in its year."""
    checked = check(pair.need, pair.recipient, countries=countries)
    blind_from = date(pair.year - QUIET_YEARS + 1, 1, 1)
    cases = CASES.id if with_cases else None
    request = Request(checked.text, checked.country, checked.language, as_of=as_of, blind_from=blind_from, cases=cases)
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
