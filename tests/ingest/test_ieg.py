"""Ratings of the Independent Evaluation Group: they speak of projects and make none."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis
import pytest
from hypothesis import strategies

from ingest.connector import Draft, OutOfScope, Rejected
from ingest.ieg import Ieg
from ingest.inputs import InputFile
from tests.ingest.files import given, outcomes

HEADER = "As of Date,Project ID,Project Name,Evaluation Type,Outcome,Quality at Entry,Evaluation FY\n"


def test_ratings(tmp_path: Path) -> None:
    rows = "02/28/2025,P900001,A project,ICRR,Moderately Satisfactory,Not Rated,2020\n02/28/2025,P900002,Another,PPAR,Not Rated,,2019\n"
    rows += "02/28/2025,P900003,A third,ICRR,Splendid,,2019\n02/28/2025,X1,A fourth,ICRR,Satisfactory,,2019\n"
    file = given(tmp_path, "ratings_2025-03-01.csv", HEADER + rows)
    assert (Ieg().recognises(file), Ieg().dataset(file), Ieg().as_of(file)) == (True, "ratings", "2025-02-28")
    rated, unrated, unknown, key = outcomes(Ieg(), file)
    assert isinstance(rated, Draft)
    assert (rated.records, rated.row, rated.about) == ([], "P900001", None)
    assert [(r.id, r.properties, r.links) for r in rated.if_known] == [
        ("project:wb-p900001", {"rating": "IEG outcome: Moderately Satisfactory"}, {})
    ]
    assert unrated == OutOfScope("the outcome was not rated", record="project:wb-p900002")
    assert [(r.field, r.value, r.record) for r in (unknown, key) if isinstance(r, Rejected)] == [
        ("Outcome", "Splendid", "project:wb-p900003"),
        ("Project ID", "X1", None),
    ]


def test_all_ratings_of_the_public_data_are_read(shared: Path) -> None:
    paths = sorted((shared / "data/wb_projects").glob("ieg_ratings*.csv"))
    if not paths:
        pytest.skip("the ratings are not among the public data")
    file = InputFile(paths[-1], str(paths[-1]), paths[-1].name)
    assert (Ieg().recognises(file), Ieg().as_of(file)) == (True, "2026-01-15")
    found = outcomes(Ieg(), file)
    assert [sum(isinstance(o, kind) for o in found) for kind in (Draft, OutOfScope, Rejected)] == [12177, 151, 0]


@hypothesis.settings(max_examples=100, deadline=None)
@hypothesis.given(strategies.lists(strategies.text(alphabet='P90,"Satisfcory/ \n\0', max_size=60), max_size=6))
def test_any_cells_give_an_outcome(lines: list[str]) -> None:
    with TemporaryDirectory() as folder:
        file = given(Path(folder), "a.csv", HEADER + "\n".join(lines))
        assert Ieg().as_of(file) is None or isinstance(Ieg().as_of(file), str)
        assert all(isinstance(outcome, Draft | OutOfScope | Rejected) for outcome in outcomes(Ieg(), file))
