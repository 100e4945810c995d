"""The ten most used questions, asked of graphs of different size and of the starter data.

`grows` says that a question is about every record that there is or that fits, so that its cost follows their number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.bench.questions import Document

FOLDER: Final = Path(__file__).parent / "scale_queries"
TEN: Final = ("BGD", "BRA", "COL", "IDN", "IND", "KEN", "MAR", "NGA", "UKR", "VNM")
DEPTH: Final = 5_000


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: variables for a generated graph and, where they differ, for the starter data; the most dbHits there."""

    budget: int
    variables: Mapping[str, Any] = field(default_factory=dict)
    starter: Mapping[str, Any] = field(default_factory=dict)
    grows: bool = False


QUESTIONS: Final[dict[str, Question]] = {
    "lookup": Question(100, {"id": "project:generated-0005000"}, {"id": "project:wb-p160230"}),
    "first": Question(1, grows=True),
    "deep": Question(480),
    "filter": Question(710, {"countries": [f"country:{iso3}" for iso3 in TEN], "from": "2000-01-01", "to": "2024-12-31"}),
    "sort": Question(490),
    "words": Question(620, {"words": "digital identity"}),
    "search": Question(4_850, {"words": "digital identity"}),
    "country": Question(1, {"id": "country:IND"}),
    "groups": Question(1, grows=True),
    "facets": Question(1, {"id": "country:IND"}, grows=True),
}


def document(name: str) -> Document:
    return Document.read(FOLDER / f"{name}.graphql")
