"""The eight questions of the bench: what each server is asked, and what their answers have in common.

Our documents are in `queries/`, the peer's beside its server. Must not know how anything is measured.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent
OURS: Final = FOLDER / "queries"
PEER: Final = FOLDER / "peer"
# The questions that page ask for the page of this size behind so many records.
SIZE: Final = 20
BEFORE: Final = 80
TOLERANCE: Final = 1e-6
# Lists that no server was asked to order.
UNORDERED: Final = frozenset({"topics", "implementers", "funders"})
# Questions about one record, for which the peer has no field but the list.
SINGLE: Final = frozenset({"q1", "q3"})

PAGE: Final = {
    "in": [f"country:{iso3}" for iso3 in ("BGD", "BRA", "COL", "IDN", "IND", "KEN", "MAR", "NGA", "UKR", "VNM")],
    "from": "2000-01-01",
    "to": "2024-12-31",
    "after": None,
}
PAGED: Final = frozenset({"q4", "q5"})
HUNDRED: Final = (
    "AFG AGO ALB AND ARE ARG ARM ATG AUS AUT AZE BDI BEL BEN BFA BGD BGR BHR BHS BIH BLR BLZ BOL BRA BRB BRN BTN BWA CAF CAN CHE CHL CHN "
    "CIV CMR COD COG COL COM CPV CRI CUB CYP CZE DEU DJI DMA DNK DOM DZA ECU EGY ERI ESP EST ETH FIN FJI FRA FSM GAB GBR GEO GHA GIN GMB "
    "GNB GNQ GRC GRD GTM GUY HKG HND HRV HTI HUN IDN IND IRL IRN IRQ ISL ISR ITA JAM JOR JPN KAZ KEN KGZ KHM KIR KNA KOR KWT LAO LBN LBR LBY"
)
VARIABLES: Final[dict[str, dict[str, Any]]] = {
    "q1": {"id": "country:IND"},
    "q2": {"to": "2024-12-31"},
    "q3": {"id": "country:IND", "to": "2024-12-31"},
    "q4": PAGE,
    "q5": PAGE,
    "q6": {"phrase": "digital identity"},
    "q7": {"ids": [f"country:{iso3}" for iso3 in HUNDRED.split()]},
    "q8": {},
}


@dataclass(frozen=True, slots=True)
class Document:
    """A GraphQL document in a file whose first lines, after `#`, say what it asks for."""

    title: str
    text: str

    @classmethod
    def read(cls, path: Path) -> Document:
        lines = path.read_text(encoding="utf-8").splitlines()
        said = [line.removeprefix("#").strip() for line in lines if line.startswith("#")]
        return cls(" ".join(said), "\n".join(line for line in lines if not line.startswith("#")))


def document(name: str) -> Document:
    return Document.read(OURS / f"{name}.graphql")


def peer_document(name: str) -> Document:
    return Document.read(PEER / f"{name}.graphql")


def common(question: str, data: dict[str, Any]) -> Any:
    """The one root field's value without what servers say in their own ways: connections are lists, cursors are left out.

    Lists that nobody ordered are in the order of their ids, a list of one is its element where the model has one record.
    """
    [value] = data.values()
    answer = plain(value, "")
    return answer[0] if question in SINGLE and isinstance(answer, list) and len(answer) == 1 else answer


def plain(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return plain_object(value, name)
    if not isinstance(value, list):
        return value
    items = [plain(item, "") for item in value]
    if name == "indicator" and len(items) == 1:
        return items[0]
    return sorted(items, key=lambda item: item["id"]) if name in UNORDERED else items


def plain_object(value: dict[str, Any], name: str) -> Any:
    if set(value) == {"nodes"} and isinstance(value["nodes"], list):
        return plain(value["nodes"], name)
    if "projectsConnection" in value:
        counted = value["projectsConnection"]["aggregate"]
        sums = {"totalCount": counted["count"]["nodes"], "aggregate": {"amountUsd": {"sum": counted["node"]["amountUsd"]["sum"]}}}
        value = {key: v for key, v in value.items() if key != "projectsConnection"} | {"projects": sums}
    return {key: plain(v, key) for key, v in value.items() if key not in {"cursor", "endCursor"}}


def difference(one: Any, other: Any, path: str = "") -> str | None:
    """Where two answers differ first, in words; None where they are equal. Numbers may differ by a millionth: sums depend on their order."""
    if isinstance(one, dict) and isinstance(other, dict):
        if set(one) != set(other):
            return f"{path or 'the answer'} has {sorted(one)}, the other {sorted(other)}"
        return next((found for key in one if (found := difference(one[key], other[key], f"{path}.{key}"))), None)
    if isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            return f"{path or 'the answer'} has {len(one)} items, the other {len(other)}"
        pairs = enumerate(zip(one, other, strict=True))
        return next((found for place, (a, b) in pairs if (found := difference(a, b, f"{path}[{place}]"))), None)
    numbers = isinstance(one, int | float) and isinstance(other, int | float)
    if one == other or (numbers and math.isclose(one, other, rel_tol=TOLERANCE)):
        return None
    return f"{path or 'the answer'} is {one!r}, in the other {other!r}"
