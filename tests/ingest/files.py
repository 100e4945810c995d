"""Small files for tests of connectors, and a resolver on the countries of the starter data."""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path

from graph.records import Record, validate
from ingest.connector import Connector, Draft, OutOfScope, Rejected
from ingest.inputs import InputFile
from ingest.resolution import CountryIndex, Index, Resolver
from ingest.starter import FOLDER

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
