"""`docs/peers.md` and `docs/assign.md` keep up with the code: every measure with its weight, every constraint."""

from __future__ import annotations

import re
from pathlib import Path

from graph.assignment import LARGEST, Constraint
from graph.chains import GIVERS, LINKS, MOST
from graph.measures import WEIGHTS
from graph.peers import COVERAGE
from graph.surroundings import AROUND, LENGTH

DOCS = Path(__file__).parents[2] / "docs"


def rows(page: str) -> list[list[str]]:
    text = (DOCS / page).read_text(encoding="utf-8")
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| `")]


def test_every_measure_is_explained_with_its_weight() -> None:
    assert {row[0].strip("`"): float(row[3]) for row in rows("peers.md")} == {m.value: weight for m, weight in WEIGHTS.items()}
    assert f"at least {COVERAGE:g}" in (DOCS / "peers.md").read_text(encoding="utf-8")


def test_every_constraint_is_explained() -> None:
    assert [row[0].strip("`") for row in rows("assign.md")] == list(Constraint)
    assert f"At most {LARGEST.needs} needs and {LARGEST.partners} partners." in (DOCS / "assign.md").read_text(encoding="utf-8")


def test_bounds_of_chains_are_those_of_the_code() -> None:
    text = re.sub(r"\s+", " ", (DOCS / "chains.md").read_text(encoding="utf-8"))

    assert f"at most {MOST} chains, and joins at most the {LINKS} links" in text
    assert GIVERS == 5
    assert "the five givers with most records" in text


def test_bounds_of_surroundings_are_those_of_the_code() -> None:
    text = re.sub(r"\s+", " ", (DOCS / "surroundings.md").read_text(encoding="utf-8"))

    assert f"At most {AROUND} records of each are brought" in text
    assert LENGTH == 6
    assert "a shortest way of at most six steps" in text
