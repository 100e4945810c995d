"""The starter data: real records with their sources, in CSV files that a person can edit. `README.md` here has the columns."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic
from typing import Final

from graph.database import Database
from graph.errors import Code, NetworkError
from graph.ingest import has_run, redirects
from graph.provenance import weigh
from graph.records import Link, Record, Value
from graph.vocabulary import PartnershipRole
from graph.writer import write
from ingest.tables import Layout, LinkColumn, Rejected, Row, Table, as_rejected, read_table, unknown_targets

FOLDER: Final = Path(__file__).parent
VECTORS: Final = FOLDER / "vectors.npz"
ACTOR: Final = "ingest:starter"


def _role(role: PartnershipRole) -> LinkColumn:
    return LinkColumn("parties", {"role": role.value})


# In the order in which they are written: a link's target stands before it.
LAYOUTS: Final[dict[str, Layout]] = {
    "sources.csv": Layout("Source"),
    "country_groups.csv": Layout("CountryGroup"),
    "countries.csv": Layout("Country", same_as_key="iso3"),
    "indicators.csv": Layout("Indicator", same_as_key="code"),
    "pillars.csv": Layout("Pillar"),
    "topics.csv": Layout("Topic"),
    "organizations.csv": Layout("Organization", {"country": LinkColumn("basedIn")}),
    "posts.csv": Layout("Post", {"country": LinkColumn("at"), "organization": LinkColumn("at")}),
    "solutions.csv": Layout("Solution"),
    "projects.csv": Layout("Project"),
    "practices.csv": Layout("Practice", {"adapted_from": LinkColumn("adaptedFrom", extra={"changed": "changed"})}),
    "partnerships.csv": Layout(
        "Partnership",
        {
            "recipient": _role(PartnershipRole.RECIPIENT),
            "providers": _role(PartnershipRole.PROVIDER),
            "funders": _role(PartnershipRole.FUNDER),
        },
    ),
    "offers.csv": Layout("Offer"),
    "funding_calls.csv": Layout("FundingCall"),
    "needs.csv": Layout("Need"),
    "forums.csv": Layout("Forum"),
    "commitments.csv": Layout("Commitment"),
}


@dataclass(slots=True)
class StarterReport:
    """Counts of one load. read = new + changed + unchanged + rejected rows."""

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    seconds: float = 0.0


def read_starter(folder: Path = FOLDER) -> list[Table]:
    """All tables with their sound rows in writing order; rows that lead nowhere are already set aside.

    Raises BAD_INPUT for a folder that has none of the files.
    """
    names = (*LAYOUTS, "observations_egdi.csv", "observations_gtmi.csv")
    if not any((folder / name).exists() for name in names):
        raise NetworkError(Code.BAD_INPUT, f"None of the files of the starter data is in {folder}.", allowed=sorted(names))
    tables = [read_table(folder / name, layout) for name, layout in LAYOUTS.items() if (folder / name).exists()]
    if (folder / "observations_egdi.csv").exists():
        tables.insert(4, read_observations(folder / "observations_egdi.csv", "egdi", ("egdi", "epi", "osi", "hci", "tii"), "egdi"))
    if (folder / "observations_gtmi.csv").exists():
        tables.insert(5, read_observations(folder / "observations_gtmi.csv", "gtmi", ("gtmi", "cgsi", "psdi", "dcei", "gtei"), "gtmi"))
    dangling: set[int] = set()
    for table, row, rejected in unknown_targets(tables):
        dangling.add(id(row))
        table.rejected.append(rejected)
    for table in tables:
        table.rows = _targets_first([row for row in table.rows if id(row) not in dangling])
    return tables


def read_observations(path: Path, index: str, columns: tuple[str, ...], source: str) -> Table:
    """One line holds a country's figures of one year; each figure becomes an Observation of its own indicator."""
    table = Table(path.name)
    required = ("country", "year", *columns)
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            header = reader.fieldnames or []
            if missing := [name for name in required if name not in header]:
                table.rejected.append(
                    Rejected(path.name, 1, missing[0], ", ".join(header)[:80], "is not the header of this file", tuple(sorted(required)))
                )
                return table
            for cells in reader:
                table.read += 1
                try:
                    table.rows += [Row(reader.line_num, record) for record in _figures(cells, index, columns, source)]
                except (TypeError, ValueError) as error:
                    table.rejected.append(Rejected(path.name, reader.line_num, "", str(error)[:80], "is not a row of figures", required))
    except UnicodeDecodeError as error:
        table.rejected.append(Rejected(path.name, table.read + 2, "", f"byte {error.start}", "is not UTF-8; save the file as UTF-8"))
    except csv.Error as error:
        table.rejected.append(Rejected(path.name, table.read + 2, "", str(error), "breaks the CSV format; check the quotes of this line"))
    return table


def _figures(cells: Mapping[str, str], index: str, columns: tuple[str, ...], source: str) -> list[Record]:
    """The observations of one line. Raises TypeError and ValueError for cells that are missing or no figures."""
    records = []
    year = int(cells["year"])
    for column in columns:
        if not cells[column]:
            continue
        indicator = column if column == index else f"{index}-{column}"
        values: dict[str, Value] = {"year": year, "value": float(cells[column])}
        if column == index and cells.get("rank"):
            values["rank"] = int(cells["rank"])
        if column == index and cells.get("group"):
            values["group"] = cells["group"]
        links = {
            "indicator": [Link(f"indicator:{indicator}")],
            "country": [Link(f"country:{cells['country']}")],
            "sources": [Link(f"source:{source}", {"row": f"{cells['country']} {year}"})],
        }
        records.append(Record("Observation", f"{indicator}-{cells['country']}-{year}", values, links))
    return records


def _targets_first(rows: list[Row]) -> list[Row]:
    """Rows ordered so that a row stands behind those of the same table that it links to; cycles keep their order."""
    by_id = {row.record.id: row for row in rows}
    done: dict[str, None] = {}

    def visit(row: Row, path: frozenset[str]) -> Iterator[Row]:
        if row.record.id in done or row.record.id in path:
            return
        for links in row.record.links.values():
            for link in links:
                if link.target in by_id and link.target not in done:
                    yield from visit(by_id[link.target], path | {row.record.id})
        if row.record.id not in done:
            done[row.record.id] = None
            yield row

    return [ordered for row in rows for ordered in visit(row, frozenset())]


async def load(database: Database, folder: Path = FOLDER, *, progress: Callable[[int, int], None] | None = None) -> StarterReport:
    """Load the starter data; a second run writes only what changed. `progress` gets (done, all) records."""
    started = monotonic()
    tables = read_starter(folder)
    report = StarterReport(rejected=[r for table in tables for r in table.rejected])
    places = {row.record.id: (table, row) for table in tables for row in table.rows}
    records = [row.record for table in tables for row in table.rows]
    records = await _beside_others(database, records)
    written = await write(database, records, actor=ACTOR, progress=(lambda done: progress(done, len(records))) if progress else None)
    for refusal in written.refused:
        table, row = places[refusal.record.id]
        report.rejected += [as_rejected(table, row, problem) for problem in refusal.problems]
    report.read = len(records) + len({(r.file, r.line) for table in tables for r in table.rejected})
    report.new, report.changed, report.unchanged = written.created, written.changed, written.unchanged
    report.seconds = monotonic() - started
    return report


async def _beside_others(database: Database, records: list[Record]) -> list[Record]:
    """The records with what connectors have added to them since; those that were merged into others are not made anew."""
    gone = await redirects(database)
    kept = [_redirected(record, gone) for record in records if record.id not in gone]
    return await weigh(database, kept, {}) if await has_run(database) else kept


def _redirected(record: Record, gone: Mapping[str, str]) -> Record:
    if not any(link.target in gone for found in record.links.values() for link in found):
        return record
    links = {name: [replace(link, target=gone.get(link.target, link.target)) for link in found] for name, found in record.links.items()}
    return replace(record, links=links)
