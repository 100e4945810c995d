"""Statements that are said for want of better: they give way, whatever the ranks and whoever came first."""

from __future__ import annotations

import pytest

from graph.provenance import join
from graph.records import Link, Record

RANKS = {"low": 40, "high": 60}


def said(by: str, title: str, *yields: str) -> Record:
    own = {"by": by, "row": "1", "yields": list(yields) or None}
    return Record("Project", "a", {"title": title, "lang": "en"}, {"sources": [Link(f"source:{by}", own)]})


@pytest.mark.parametrize(
    ("stored", "incoming", "displayed", "hidden"),
    [
        (said("high", "TAX OFF.", "title"), said("low", "Tax offices"), "Tax offices", "TAX OFF."),
        (said("low", "Tax offices"), said("high", "TAX OFF.", "title"), "Tax offices", "TAX OFF."),
        (said("low", "TAX OFF. I", "title"), said("high", "TAX OFF.", "title"), "TAX OFF.", "TAX OFF. I"),
        (said("low", "Tax offices", "lang"), said("high", "All tax offices"), "All tax offices", "Tax offices"),
    ],
)
def test_a_field_that_yields_goes_behind_one_that_is_meant(stored: Record, incoming: Record, displayed: str, hidden: str) -> None:
    joined = join(stored, incoming, RANKS)
    assert joined.record.properties["title"] == displayed
    assert [(s.properties["field"], s.properties["value"]) for s in joined.statements] == [("title", f'"{hidden}"')]


def test_the_reason_says_that_it_was_said_for_want_of_better() -> None:
    joined = join(said("low", "Tax offices"), said("high", "TAX OFF.", "title"), RANKS)
    assert [s.properties["reason"] for s in joined.statements] == ["It is said for want of better, the other is not."]
    alone = said("high", "TAX OFF.", "title")
    assert join(alone, alone, RANKS).record is alone
