"""`docs/matching.md` keeps up with the code: every constant, every part of a score, every rule."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from graph.matching import PARAMETERS, Parameters
from graph.matching.result import PartName, Rule

PAGE = (Path(__file__).parents[2] / "docs" / "matching.md").read_text(encoding="utf-8")


def table(name: str) -> dict[str, list[str]]:
    """Rows of the table under a heading, by the name in their first cell."""
    section = PAGE.split(f"### {name}\n")[1].split("\n### ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("| `")]
    return {row[0].strip("`"): row[1:] for row in rows}


@pytest.mark.parametrize("name", [field.name for field in fields(Parameters)])
def test_every_constant_is_explained_with_its_default(name: str) -> None:
    default, meaning, larger = table("Constants")[name]

    assert float(default) == getattr(PARAMETERS, name)
    assert len(meaning) > 10
    assert len(larger) > 5


def test_no_constant_is_explained_that_is_gone() -> None:
    assert set(table("Constants")) == {field.name for field in fields(Parameters)}


def test_every_rule_of_eligibility_is_explained() -> None:
    assert set(table("Eligibility")) == {rule.value for rule in Rule}


def test_every_part_of_a_score_is_named_in_its_order() -> None:
    named = re.findall(r"`([A-Z]+_[A-Z]+)`", PAGE.split("### Votes\n")[1].split("\n### ")[0])

    assert named == [part.value for part in PartName]
