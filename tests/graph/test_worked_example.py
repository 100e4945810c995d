"""The worked example of `docs/matching.md`: every number in it is what the code computes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from graph.matching import PARAMETERS
from graph.matching.candidates import Candidate, Edge
from graph.matching.ranking import Scored, Standing, count_votes, fuse, rank

PAGE = (Path(__file__).parents[2] / "docs" / "matching.md").read_text(encoding="utf-8")
SECTION = PAGE.split("### A worked example\n")[1].split("\n### ")[0]

BY_MEANING, BY_WORDS, BY_TOPIC = ["A", "B", "C"], ["B", "D"], ["B", "C"]
ORDERS = ((BY_MEANING, 1.0), (BY_WORDS, 1.0), (BY_TOPIC, PARAMETERS.topical))
DOCUMENTS = {
    "A": Candidate("A", None, (Edge("Academy", "SUPPORTS", False, "Estonia"), Edge("Moldova", "IN", True))),
    "B": Candidate("B", None, (Edge("Academy", "BETWEEN", False, "Estonia"), Edge("Georgia", "BETWEEN", True))),
    "C": Candidate("C", None, (Edge("Regional bank", "FUNDS", False), Edge("Uganda", "IN", True))),
    "D": Candidate("D", None, (Edge("Estonia", "FROM", True),)),
}
STANDING = Standing(
    documents={"Academy": 24, "Estonia": 40, "Georgia": 10, "Moldova": 12, "Uganda": 15, "Regional bank": 30},
    profiles={"Academy": 5},
    region=frozenset({"Georgia"}),
    elsewhere=frozenset({"Regional bank"}),
)


def rows(first: str) -> list[list[str]]:
    """Cells of the table whose first column has that head."""
    lines = SECTION.split(f"| {first} |")[1].splitlines()[2:]
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in lines[: next((n for n, li in enumerate(lines) if not li), len(lines))]
    ]


def order() -> list[str]:
    return fuse([found for found, _ in ORDERS], PARAMETERS.fusion, [weight for _, weight in ORDERS])


def scored() -> list[Scored]:
    return rank(count_votes(order(), DOCUMENTS, PARAMETERS), STANDING, PARAMETERS)


def test_sums_of_the_orders_and_votes_are_those_of_the_code() -> None:
    def fused(document: str) -> float:
        return sum(weight / (PARAMETERS.fusion + found.index(document) + 1) for found, weight in ORDERS if document in found)

    def places(document: str) -> list[str]:
        return [str(found.index(document) + 1) if document in found else "" for found, _ in ORDERS]

    expected = [
        [d, *places(d), f"{fused(d):.5f}", str(place), f"{1 / (PARAMETERS.vote + place):.5f}"] for place, d in enumerate(order(), 1)
    ]

    assert rows("Document") == expected


def test_votes_of_each_party_are_those_of_the_code() -> None:
    votes = count_votes(order(), DOCUMENTS, PARAMETERS)

    told = {row[0]: [float(x) for x in re.findall(r"\d\.\d{5}", row[1])] for row in rows("Party")}

    for party, cast in votes.items():
        assert told[party] == [pytest.approx(v.weight, abs=5e-6) for v in cast]


def test_scores_are_those_of_the_code() -> None:
    expected = [
        [
            s.party,
            f"{s.given:.4f}",
            f"{s.own * PARAMETERS.own:.4f}",
            f"{s.profile * PARAMETERS.profile:.4f}",
            f"{-s.elsewhere * PARAMETERS.elsewhere * s.evidence(PARAMETERS):.4f}".replace("-0.0000", "0"),
            f"{s.region * PARAMETERS.region:g}",
            f"{s.score(PARAMETERS):.4f}",
        ]
        for s in scored()
    ]

    assert rows("Partner") == expected
