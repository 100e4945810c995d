"""GovStack product use cases, a Markdown page each: reference designs that a government can reuse, told by their building blocks."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from graph.records import Link, Record, Value
from graph.vocabulary import OrganizationKind
from ingest.connector import Draft, OutOfScope, Rejected, Row
from ingest.inputs import InputFile, together
from ingest.resolution import Resolver, slug
from ingest.textfiles import clean, encoding_of
from ingest.texts import LONGEST_SUMMARY, LONGEST_TITLE, cut, without_contacts

REPOSITORY: Final = "https://github.com/GovStackWorkingGroup/product-use-cases"
LARGEST: Final = 1024**2
SUMMARY: Final = "product use case summary"
GOALS: Final = ("sustainable development goals (sdgs)", "sdg targets")
CELL: Final = re.compile(r"^\|\s*(\w+)\s*\|\s*(.*?)\s*\|?\s*$")
HEADING: Final = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")
LINK: Final = re.compile(r"\[([^\]]*)\]\([^)]*\)")
MARKS: Final = re.compile(r"\*\*|__|`|\\(?=[^A-Za-z0-9\s])")
STEP: Final = re.compile(r"^(?:Step\s+)?\d+\s*[-–:.]\s*(.+)$", re.IGNORECASE)
NUMBER: Final = re.compile(r"([A-Z]+-\d+)\b")
TAG: Final = re.compile(r"{%.*?%}")
# On some pages the blocks are a list, on others a line each.
BLOCK: Final = re.compile(r"^(?:[*-]\s+)?(.{1,60})$")
GOAL: Final = re.compile(r"\b(?:SDG|Goal)\s*(\d{1,2})\b|^[*-]\s+(\d{1,2})\.\w+:")
# By the id of a use case, or what it begins with.
TOPICS: Final = {
    "AGR": "agriculture-services",
    "EDU": "digital-education",
    "EGOV": "digital-services",
    "FINC-1": "tax-administration",
    "HLTC": "digital-health",
    "INF-1": "local-e-government",
    "INST-1": "social-protection-systems",
    "INST-2": "social-protection-systems",
    "INST-3": "e-participation",
}


@dataclass(frozen=True, slots=True)
class UseCase:
    """What is taken of a page. `file` is its name; `table` the cells of its summary by their first column.

    `number` is the id of the page's heading, else of its table: pages made from another one still have its id in the table.
    """

    file: str
    number: str
    table: dict[str, str]
    text: str
    steps: tuple[str, ...]
    blocks: tuple[str, ...]
    goals: tuple[str, ...]


class GovStack:
    """A use case is a solution: a design under an open licence, to be built from building blocks."""

    name = "govstack"
    version = 1
    rank = 60
    title = "GovStack product use cases"
    refresh = "yearly"

    def recognises(self, file: InputFile) -> bool:
        return file.suffix == ".md" and re.search(rb"(?im)^#+\s*product use case summary", file.head()) is not None

    def gather(self, files: Sequence[InputFile]) -> Sequence[InputFile]:
        return [together(files, "govstack-use-cases")] if len(files) > 1 else files

    def source(self, _file: InputFile) -> Record:
        values: dict[str, Value] = {
            "title": "GovStack product use cases",
            "publisher": "GovStack working group",
            "licence": "Apache-2.0",
            "sourceUrl": REPOSITORY,
        }
        return Record("Source", "govstack-use-cases", values)

    def dataset(self, file: InputFile) -> str:
        return file.name if file.parts else file.stem

    def as_of(self, _file: InputFile) -> str | None:
        return None

    def rows(self, file: InputFile) -> Iterator[Row[UseCase] | Rejected]:
        for number, part in enumerate(file.parts or (file,), start=1):
            if part.size > LARGEST:
                yield Rejected(number, part.name, f"{part.size} bytes", "is more than a use case may have", (f"{LARGEST} bytes",))
            else:
                yield Row(number, _use_case(part))

    def read(self, row: Row[UseCase], resolver: Resolver) -> Draft | OutOfScope | Rejected:
        case = row.cells
        number, name = case.number, case.table.get("name", "")
        if not number:
            return Rejected(row.line, f"{case.file}: ID", case.table.get("id", ""), "is no id of a use case", ("AGR-1",))
        record = resolver.record_of("source:govstack-use-cases", number, "solution") or f"solution:govstack-{slug(number)}"
        if case.table.get("status", "").casefold().startswith("draft"):
            return OutOfScope("a use case that is a draft", record)
        for field, value in (("Name", name), ("Product Use Case Summary", case.text)):
            if not value:
                return Rejected(row.line, f"{case.file}: {field}", "", "is required and is empty", record=record)
        told = [case.text]
        told += [f"Steps: {', '.join(case.steps)}."] if case.steps else []
        told += [f"Building blocks: {', '.join(case.blocks)}."] if case.blocks else []
        values: dict[str, Value] = {
            "name": cut(f"{name} (GovStack use case)", LONGEST_TITLE),
            "summary": cut("\n\n".join(told), LONGEST_SUMMARY),
            "licence": "Apache-2.0",
            "openSource": True,
            "repository": REPOSITORY,
            "sdgs": list(case.goals),
            "lang": "en",
        }
        topics = ["reusable-building-blocks", *(topic for opening, topic in TOPICS.items() if re.match(rf"{opening}\b", number))]
        solution = Record("Solution", record.partition(":")[2], values, {"topics": [Link(f"topic:{topic}") for topic in topics]})
        return Draft([solution], row=number, url=REPOSITORY, finish=partial(_by_govstack, resolver=resolver))


def _by_govstack(solution: Record, *, resolver: Resolver) -> Record:
    keeper = resolver.organization("GovStack", kind=OrganizationKind.NETWORK)
    return Record(solution.label, solution.key, solution.properties, {**solution.links, "organizations": [Link(keeper)]})


def _use_case(file: InputFile) -> UseCase:
    """The page by its headings. People are named under “Contributors”, which is not read."""
    with file.open() as stream:
        lines = stream.read().decode(encoding_of(file), "replace").splitlines()
    cells: dict[str, str] = {}
    paragraphs: list[str] = []
    steps: list[str] = []
    blocks: dict[str, None] = {}
    goals: dict[str, None] = {}
    section = number = ""
    for line in lines:
        plain = _plain(line)
        if heading := HEADING.match(line):
            name = _plain(heading[2])
            if len(heading[1]) <= 2:
                section = name.casefold()
                number = number or _number(name)
            elif section == "steps" and (step := STEP.match(name)):
                steps.append(step[1])
        elif section == SUMMARY and (cell := CELL.match(line)):
            cells[cell[1].casefold()] = _plain(cell[2])
        elif section == SUMMARY and plain and not line.startswith("|"):
            paragraphs.append(without_contacts(plain))
        elif section == "building blocks" and (block := BLOCK.match(plain)):
            blocks[block[1]] = None
        elif section in GOALS:
            goals |= dict.fromkeys(n for found in GOAL.findall(plain) if (n := str(int(found[0] or found[1]))) and 1 <= int(n) <= 17)
    return UseCase(
        file.name,
        number or _number(cells.get("id", "")),
        cells,
        "\n\n".join(p for p in paragraphs if p),
        tuple(steps),
        tuple(blocks),
        tuple(goals),
    )


def _plain(markdown: str) -> str:
    """A line without links, emphasis and entities."""
    return " ".join(clean(MARKS.sub("", LINK.sub(r"\1", TAG.sub("", html.unescape(markdown))))).split())


def _number(text: str) -> str:
    found = NUMBER.match(text)
    return found[1] if found else ""
