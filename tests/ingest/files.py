"""Small files for tests of connectors, and a resolver on the countries of the starter data."""

from __future__ import annotations

import csv
from collections import defaultdict
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies

from graph.records import Record, validate
from ingest.connector import Connector, Draft, OutOfScope, Rejected
from ingest.inputs import InputFile
from ingest.resolution import CountryIndex, Index, Resolver
from ingest.starter import FOLDER, read_starter

Outcome = Draft | OutOfScope | Rejected


def given(folder: Path, name: str, content: str | bytes) -> InputFile:
    """A file with this content."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return InputFile(path, str(path), name)


@lru_cache(maxsize=1)
def countries() -> CountryIndex:
    with (FOLDER / "countries.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    names = ("name", "name_ar", "name_es", "name_fr", "name_ru", "name_zh", "official_name", "iso2")
    return CountryIndex({row["key"]: [row[name] for name in names if row[name]] for row in rows})


def resolver() -> Resolver:
    """Knows the countries, three organisations, and one project kept by hand."""
    organizations = [
        ("organization:world-bank", "World Bank Group", "World Bank", ["Banque mondiale", "Banco Mundial"], "44000"),
        ("organization:undp", "United Nations Development Programme", "UNDP", ["PNUD"], "41114"),
        ("organization:usaid", "United States Agency for International Development", "USAID", [], "US-GOV-1"),
    ]
    return Resolver(Index(countries(), organizations, {("source:iati-caf", "XM-DAC-46008-CFA1"): "project:caf-by-hand"}))


@lru_cache(maxsize=1)
def _starter() -> tuple[list[tuple[str, str, str | None, list[str], str | None]], dict[tuple[str, str], list[str]]]:
    rows: dict[tuple[str, str], list[str]] = defaultdict(list)
    organizations = []
    for table in read_starter():
        for record in (row.record for row in table.rows):
            if record.label == "Organization":
                p = record.properties
                organizations.append((record.id, str(p["name"]), p.get("shortName"), p.get("aliases") or [], p.get("iatiId")))
            elif record.type.is_document:
                for link in record.links.get("sources", ()):
                    rows[link.target, str(link.properties.get("row"))].append(record.id)
    return organizations, dict(rows)


def starter_resolver() -> Resolver:
    """Knows the countries, organisations and rows of the starter data, as the engine's resolver does on a new network."""
    organizations, rows = _starter()
    by_hand = frozenset(record for record, *_ in organizations)
    single = {place: found[0] for place, found in rows.items() if len(found) == 1}
    return Resolver(
        Index(countries(), organizations, single, {}, {place: found for place, found in rows.items() if len(found) > 1}, by_hand)
    )


def starter_ids() -> set[str]:
    """Ids of the records of the starter data that name their row in a source."""
    return {record for found in _starter()[1].values() for record in found}


def starter_topics() -> list[dict[str, Any]]:
    """The topics as `graph.ingest.topic_terms` reads them from a graph with the starter data."""
    records = [row.record for table in read_starter() for row in table.rows if row.record.label == "Topic"]
    out = []
    for record in sorted(records, key=lambda r: r.id):
        values = [
            v
            for p in record.type.properties
            if p.name in {"name", "keywords"}
            for n in p.physical_names()
            if (v := record.properties.get(n))
        ]
        terms = [term for value in values for term in (value if isinstance(value, list) else [value])]
        parent = next((link.target for link in record.links.get("parent", ())), None)
        p = record.properties
        out.append(
            {
                "id": record.id,
                "parent": parent,
                "name": p["name"],
                "description": p["description"],
                "terms": terms,
                "dacCodes": p.get("dacCodes") or [],
            }
        )
    return out


def any_json(*names: str) -> strategies.SearchStrategy[object]:
    """Values of any shape; the keys of objects are among these names."""
    return strategies.recursive(
        strategies.none() | strategies.booleans() | strategies.floats() | strategies.text(max_size=8),
        lambda inner: strategies.lists(inner, max_size=3) | strategies.dictionaries(strategies.sampled_from(names), inner, max_size=6),
        max_leaves=12,
    )


def public(folder: Path, *names: str) -> list[InputFile]:
    """The files of a folder of public data; a test that needs them skips where they are not."""
    found = [InputFile(p, str(p), p.name) for p in sorted(folder.rglob("*")) if p.is_file() and (not names or p.name in names)]
    if not found:
        pytest.skip(f"the files of {folder.name} are not among the public data")
    return found


def outcomes(connector: Connector[object], file: InputFile, known: Resolver | None = None) -> list[Outcome]:
    """What the connector makes of every row of a file."""
    known = known or resolver()
    return [row if isinstance(row, Rejected) else connector.read(row, known) for row in connector.rows(file)]


def finished(outcome: Outcome) -> Record:
    """The record that a row is about, completed as for a row that is loaded, and sound."""
    assert isinstance(outcome, Draft)
    assert outcome.finish
    record = outcome.finish(outcome.records[0])
    assert validate(record) == []
    return record


def targets(record: Record, name: str) -> list[str]:
    """The ids that a record's relationship leads to."""
    return [link.target for link in record.links.get(name, ())]
