"""Ratings of the World Bank's Independent Evaluation Group: how a project came out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from graph.records import Record, Value
from ingest.connector import Draft, OutOfScope, Rejected, Row
from ingest.inputs import InputFile
from ingest.resolution import Resolver
from ingest.textfiles import Cells, table
from ingest.worldbank import NUMBER, project_id, project_url

OUTCOMES: Final = (
    "Highly Satisfactory",
    "Satisfactory",
    "Moderately Satisfactory",
    "Moderately Unsatisfactory",
    "Unsatisfactory",
    "Highly Unsatisfactory",
)
NOT_RATED: Final = {"Not Rated", "Not Applicable", "Not Available", ""}
EDITION: Final = re.compile(rb"(?:^|\n)(\d{2})/(\d{2})/(\d{4}),P\d{6}")


class Ieg:
    """One rating. It says something of a project that the network has and makes none of its own."""

    name = "ieg"
    version = 1
    rank = 60
    title = "World Bank project performance ratings"
    refresh = "monthly"

    def recognises(self, file: InputFile) -> bool:
        header = file.head().partition(b"\n")[0]
        return file.suffix == ".csv" and all(
            column in header for column in (b"Project ID", b"Evaluation FY", b"Quality at Entry", b"Outcome")
        )

    def source(self, _file: InputFile) -> Record:
        values: dict[str, Value] = {
            "title": "Project performance ratings of the Independent Evaluation Group",
            "publisher": "World Bank Independent Evaluation Group",
            "licence": "CC BY 4.0",
            "sourceUrl": "https://ieg.worldbankgroup.org",
        }
        return Record("Source", "ieg-ratings", values)

    def dataset(self, file: InputFile) -> str:
        return re.sub(r"[-_]?\d{4}-\d{2}-\d{2}$", "", file.stem)

    def as_of(self, file: InputFile) -> str | None:
        found = EDITION.search(file.head())
        return "-".join(part.decode("ascii") for part in (found[3], found[1], found[2])) if found else None

    def rows(self, file: InputFile) -> Iterator[Row[Cells] | Rejected]:
        yield from table(file, required=("Project ID", "Outcome"))

    def read(self, row: Row[Cells], _resolver: Resolver) -> Draft | OutOfScope | Rejected:
        number, outcome = row.cells.get("Project ID", "").upper(), row.cells.get("Outcome", "")
        if not NUMBER.fullmatch(number):
            return Rejected(row.line, "Project ID", number, "is not a project number", ("P and six digits",))
        record = project_id(number)
        if outcome in NOT_RATED:
            return OutOfScope("the outcome was not rated", record=record)
        if outcome not in OUTCOMES:
            return Rejected(row.line, "Outcome", outcome, "is not a rating", OUTCOMES, record)
        said = Record("Project", record.partition(":")[2], {"rating": rating(outcome)})
        return Draft([], row=number, url=project_url(number), if_known=[said])


def rating(outcome: str | None) -> str | None:
    """The rating with its evaluator's name."""
    return f"IEG outcome: {outcome}" if outcome else None
