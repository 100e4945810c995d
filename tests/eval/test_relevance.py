"""The labelled sample is sound, the estimates are what they claim, and relevance is decided no worse than when it was measured last."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from graph.database import Database
from graph.ingest import topic_terms
from ingest.connector import About
from ingest.relevance import Classifier
from tests.eval.relevance import LABELS, PAGE, USED, Case, estimate, joined, labels, measured, methods
from tests.ingest.files import starter_topics

PRECISION, RECALL = 0.8, 0.72
"""Below the figures of docs/relevance.md by what a few rows may move."""


def test_the_sample_is_sound_and_holds_no_text() -> None:
    cases = labels()
    with LABELS.open(encoding="utf-8", newline="") as stream:
        columns = next(csv.reader(stream))
    topics = {t["id"].partition(":")[2] for t in starter_topics()}
    assert columns == ["connector", "source", "row", "part", "stratum", "weight", "about", "topic", "sure"]
    assert len({(case.source, case.row) for case in cases}) == len(cases)
    assert {case.part for case in cases} == {"tune", "holdout"}
    held = [case for case in cases if case.part == "holdout"]
    assert (len(held) >= 200, len({case.connector for case in held}) >= 3) == (True, True)
    assert [case for case in cases if (case.topic in topics) != case.about] == []
    # All rows of one stratum and part stand for as many.
    assert (
        max(
            Counter(
                (c.connector, c.stratum, c.part) for c in {(replace(c, source="", row="", about=True, topic="", sure=True)) for c in cases}
            ).values()
        )
        == 1
    )


def case(stratum: str, weight: float, *, about: bool) -> Case:
    return Case("iati", "s", "r", "holdout", stratum, weight, about, "", sure=True)


def test_estimates_weigh_rows_by_what_they_stand_for() -> None:
    # given one stratum of 20 rows, of which 2 were drawn and taken, one rightly; and one of 100, of which 2 were drawn and left, one wrongly
    cases = [case("taken", 10, about=True), case("taken", 10, about=False), case("rest", 50, about=True), case("rest", 50, about=False)]
    found = estimate(cases, [True, True, False, False])
    assert (found.precision, round(found.recall, 4), found.rows) == (0.5, round(10 / 60, 4), 4)
    assert found.precision_between == (0.0, 1.0)
    assert found.recall_between[0] < found.recall < found.recall_between[1]


@pytest.mark.parametrize(
    ("title", "text", "codes", "within"),
    [
        ("Modernisation of the civil registry", "", (), True),
        ("Proyecto de gobierno electrónico", "", (), True),
        ("Informatisation de la douane", "", (), True),
        ("IT policy for officials", "", (), True),
        ("ADD IT TO THE ROADS", "", (), False),
        ("Rural roads", "The ministry of works builds roads. A web site tells of them.", (), False),
        ("Rural roads", "", ("22040",), False),
        ("Advice", "The project gives the ministry of health an information system.", (), True),
        ("Support to digital startups", "Incubators for entrepreneurs.", (), False),
        ("Administration", "Rent, IT services and other costs of the government's offices.", ("91010",), False),
        ("Governance and the rule of law", "Courts and the parliament are accountable to citizens.", ("15130",), False),
        ("Social catastrophes", "", (), False),
    ],
)
def test_what_is_about_e_government(title: str, text: str, codes: tuple[str, ...], within: bool) -> None:
    [verdict] = Classifier(starter_topics()).judge([About(title, text, codes)])
    assert (verdict.in_scope, verdict) == (within, verdict)


def test_a_web_site_in_a_long_text_is_not_what_it_is_about() -> None:
    text = "The ministry repairs bridges. " * 60 + "More is told on the government's website."
    [verdict] = Classifier(starter_topics()).judge([About("Bridges", text)])
    assert not verdict.in_scope


@pytest.mark.live
async def test_topics_are_judged_by_as_the_graph_has_them(database: Database) -> None:
    found = {t["id"]: {**t, "terms": set(t["terms"])} for t in await topic_terms(database)}
    mine = {t["id"]: {**t, "terms": set(t["terms"])} for t in starter_topics()}
    assert {key: found[key] for key in mine} == mine


@pytest.mark.slow
def test_relevance_is_decided_no_worse_than_it_was(shared: Path) -> None:
    if not (shared / "data/wb_projects").is_dir():
        pytest.skip("the labelled records are not among the public data")
    cases = joined(shared / "data", [case for case in labels() if case.part == "holdout"])
    found = measured(cases, {USED: methods(None)[USED]})["all"][USED]
    assert (found.precision >= PRECISION, found.recall >= RECALL) == (True, True), found
    assert f"{found.precision:.2f}" in PAGE.read_text(encoding="utf-8")
