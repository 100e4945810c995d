"""The graph that speed is measured on: World Bank projects beside the starter data's countries, indicators and observations.

It keeps to the model but for one thing: a project of a region names no country. The sources lie beside the repository.
"""

from __future__ import annotations

import csv
import hashlib
import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Final

from graph import model as model_module
from graph.bulk import store_new
from graph.database import Database, Query
from graph.model import MODEL
from graph.records import Link, Record, Value, validate
from graph.schema import migrate
from graph.state import remember, remembered
from ingest.starter import FOLDER, read_starter

SHARED: Final = Path(__file__).resolve().parents[3] / "shared"
PROJECTS: Final = "wb_projects/wb_projects_2024-08-29.csv"
NAMED: Final = "wb_projects/wb_projects_egov_ict_subset.csv"
COUNTRIES: Final = "countries/countries.csv"
STATE: Final = "bench"
BATCH: Final = 4000
KEPT: Final = frozenset({"Source", "CountryGroup", "Country", "Indicator", "Observation"})
STATUS: Final = {"Closed": "CLOSED", "Active": "ACTIVE", "Dropped": "CANCELLED", "Pipeline": "PIPELINE", "": "UNKNOWN"}
BANK: Final = {
    "curr_ibrd_commitment": "International Bank for Reconstruction and Development",
    "curr_ida_commitment": "International Development Association",
    "grantamt": "World Bank Trust Funds",
}


def cells(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def folded(text: str) -> str:
    """Lower case without accents, punctuation and a leading article, so that spellings of one name meet."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).lower()
    return " ".join(re.findall(r"[a-z0-9]+", plain)).removeprefix("the ")


def tidy(text: str) -> str:
    return " ".join(html.unescape(html.unescape(text)).split())


def slug(name: str) -> str:
    return folded(name).replace(" ", "-")[:110].rstrip("-")


def amount(text: str) -> float:
    return float(text or 0)


def day(text: str) -> date | None:
    """`2017-03-20T00:00:00Z` or `8/30/2024 12:00:00 AM`; None where nothing stands."""
    if "/" in text:
        return datetime.strptime(text.partition(" ")[0], "%m/%d/%Y").date()
    return date.fromisoformat(text[:10]) if text else None


def country_ids(data: Path, known: frozenset[str]) -> dict[str, str]:
    """Global ids of countries by folded name: short, official and those that the World Bank writes."""
    names: dict[str, str] = {}
    for row in cells(data / COUNTRIES):
        names |= {folded(row[column]): row["iso3"] for column in ("name_fr", "name_es", "formal_en", "name_en") if row[column]}
    names |= {folded(row["countryname"]): row["iso3"] for row in cells(data / NAMED) if row["iso3"]}
    return {name: f"country:{iso3}" for name, iso3 in names.items() if f"country:{iso3}" in known}


class Reader:
    """Projects with the organisations and topics that they name, as records of the model."""

    def __init__(self, countries: dict[str, str]) -> None:
        self.countries = countries
        self.topics: dict[str, Record] = {}
        self.organizations: dict[str, Record] = {}

    def projects(self, path: Path) -> list[Record]:
        return [self._project(row) for row in cells(path)]

    def _project(self, row: dict[str, str]) -> Record:
        title = tidy(row["project_name"]) or row["id"]
        values: dict[str, Value] = {
            "title": title,
            # Half of the records have no objective, and the model wants a summary.
            "summary": tidy(row["pdo"]) or title,
            "status": STATUS[row["projectstatusdisplay"]],
            "startDate": day(row["boardapprovaldate"]),
            "endDate": day(row["closingdate"]),
            "amountUsd": amount(row["curr_total_commitment"]) or amount(row["curr_project_cost"]) or None,
            "lang": "en",
        }
        country = self.countries.get(folded(row["countryname"]))
        links = {
            "countries": [country] if country else [],
            "topics": [self._topic(row[f"sector{n}"]) for n in (1, 2, 3)],
            "implementers": [self._party(row["impagency"])],
            "funders": self._funders(row),
        }
        return Record("Project", row["id"], values, {name: [Link(t) for t in dict.fromkeys(ids) if t] for name, ids in links.items()})

    def _topic(self, sector: str) -> str | None:
        name = tidy(sector.removeprefix("(Historic)"))
        if not name:
            return None
        # A sector has one name and no description; the model wants both in six languages.
        values: dict[str, Value] = {n: name for n, p in MODEL["Topic"].by_physical_name.items() if p.required and not p.managed}
        return self.topics.setdefault(slug(name), Record("Topic", slug(name), values)).id

    def _party(self, name: str, kind: str = "GOVERNMENT") -> str | None:
        """A country where the name is a country's, as with most borrowers; else an organisation."""
        name = tidy(name)
        if not slug(name):
            return None
        if country := self.countries.get(folded(name)):
            return country
        values: dict[str, Value] = {"name": name, "kind": kind, "lang": "en"}
        return self.organizations.setdefault(slug(name), Record("Organization", slug(name), values)).id

    def _funders(self, row: dict[str, str]) -> list[str | None]:
        funders = [self._party(name, "DEVELOPMENT_BANK") for column, name in BANK.items() if amount(row[column])]
        # What the bank does not commit, the borrower brings.
        if amount(row["curr_project_cost"]) > amount(row["curr_total_commitment"]) > 0:
            funders.append(self._party(row["borrower"]))
        return funders


def read_graph(shared: Path) -> list[Record]:
    """Every record in writing order: a link's target stands before it."""
    starter = [row.record for table in read_starter() for row in table.rows if row.record.label in KEPT]
    reader = Reader(country_ids(shared / "data", frozenset(r.id for r in starter)))
    projects = reader.projects(shared / "data" / PROJECTS)
    return [*starter, *reader.topics.values(), *reader.organizations.values(), *projects]


def digest(shared: Path) -> str:
    """Changes when a source, the model or this module changes."""
    paths = [Path(__file__), Path(model_module.__file__), *sorted(FOLDER.glob("*.csv"))]
    paths += [shared / "data" / name for name in (PROJECTS, NAMED, COUNTRIES)]
    total = hashlib.sha256()
    for path in paths:
        total.update(path.read_bytes())
    return total.hexdigest()


async def ensure_graph(database: Database, shared: Path = SHARED) -> bool:
    """Bring the graph into the database, unless it is there already; a graph from other sources is cleared first.

    Returns whether it was loaded anew.
    """
    wanted = digest(shared)
    if await remembered(database, STATE) == wanted:
        await migrate(database)
        return False
    await clear(database)
    await migrate(database)
    await load(database, read_graph(shared))
    await database.read(Query("CALL db.awaitIndexes(300)"), timeout=310)
    await remember(database, STATE, wanted)
    return True


async def clear(database: Database) -> None:
    query = Query("MATCH (n)\nWITH n LIMIT 10000\nDETACH DELETE n\nRETURN count(*)")
    while (await database.write(lambda transaction: transaction.run(query)))[0][0]:
        pass


async def load(database: Database, records: Sequence[Record]) -> None:
    """Write records without the change log. Raises `ValueError` on one that breaks the model."""
    for record in records:
        if wrong := [p for p in validate(record) if p.field != "countries"]:
            raise ValueError(f"{record.id}: {wrong[0].field} “{wrong[0].value}” {wrong[0].reason}")
    for start in range(0, len(records), BATCH):
        batch = records[start : start + BATCH]
        await database.write(lambda transaction, batch=batch: store_new(transaction, batch))  # type: ignore[misc]  # bound now, run now


async def counts(database: Database) -> dict[str, int]:
    """How many nodes of each label the bench reads, and how many relationships in all."""
    labels = ("Country", "Project", "Organization", "Topic", "Indicator", "Observation")
    found = {label: (await database.read(Query(f"MATCH (n:{label})\nRETURN count(n)")))[0][0] for label in labels}
    return found | {"relationships": (await database.read(Query("MATCH ()-[r]->()\nRETURN count(r)")))[0][0]}
