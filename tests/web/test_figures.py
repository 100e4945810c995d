"""Figures as drawings: lines, classes of colour, the outlines of countries. Pure."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web import figures
from web.tools.world_map import EQUATOR, WIDTH, equal_earth, ring_path, world
from web.world import world as outlines

STARTER = Path(__file__).resolve().parents[2] / "ingest" / "starter" / "countries.csv"


def observation(year: int, value: float, code: str = "egdi", rank: int | None = None) -> figures.Record:
    return {
        "year": year,
        "value": value,
        "rank": rank,
        "indicator": {"code": code, "title": "EGDI", "id": "indicator:egdi", "maximum": 1.0},
    }


def test_a_trend_runs_from_the_first_year_to_the_last_in_the_scale_of_its_indicator() -> None:
    made = figures.trend([observation(2024, 0.5), observation(2004, 1.0), observation(2014, 0.0)], "egdi", {})
    assert made is not None
    assert made.line == "M4.0 8.0L128.0 84.0L252.0 46.0"
    assert (made.first, made.last, made.last_median) == ((2004, 1.0), (2024, 0.5), None)


def test_a_trend_needs_two_years() -> None:
    assert figures.trend([observation(2024, 0.5)], "egdi", {}) is None


def test_a_median_is_drawn_for_the_years_of_the_country_alone() -> None:
    medians = {("egdi", 2004): 0.5, ("egdi", 2010): 0.5, ("egdi", 2024): 0.25}
    made = figures.trend([observation(2004, 1.0), observation(2024, 0.5)], "egdi", medians)
    assert made is not None
    assert made.median_line == "M4.0 46.0L252.0 65.0"
    assert made.last_median == (2024, 0.25)


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_two_labels_never_cover_each_other(own: float, median: float) -> None:
    made = figures.trend([observation(2004, 0.5), observation(2024, own)], "egdi", {("egdi", 2004): 0.5, ("egdi", 2024): median})
    assert made is not None
    assert abs(made.own_y - made.median_y) >= figures.LABEL - 0.11


def test_the_table_has_the_latest_year_first_with_the_median_beside_each_value() -> None:
    rows = figures.table([observation(2022, 0.4, rank=9), observation(2024, 0.5, rank=7)], ("egdi", "egdi-osi"), {("egdi", 2024): 0.3})
    assert [row["year"] for row in rows] == [2024, 2022]
    assert rows[0] == {"year": 2024, "rank": 7, "values": [(0.5, 0.3), (None, None)]}


@pytest.mark.parametrize(
    ("most", "expected"),
    [(0, (1.0,)), (1, (1.0,)), (4, (1.0, 2.0)), (30, (1.0, 2.0, 5.0, 10.0, 20.0)), (120, (1.0, 10.0, 20.0, 50.0, 100.0))],
)
def test_classes_of_a_count_begin_at_round_numbers(most: float, expected: tuple[float, ...]) -> None:
    assert figures.count_classes(most) == expected


@given(st.integers(1, 5000))
def test_every_count_has_a_class_and_nothing_has_none(most: int) -> None:
    classes = figures.count_classes(most)
    assert len(classes) <= figures.CLASSES
    assert figures.class_of(most, classes) == len(classes)
    assert figures.class_of(1, classes) == 1
    assert figures.class_of(0, classes) == 0


def test_an_index_has_five_even_classes() -> None:
    classes = figures.even_classes(0, 1)
    assert classes == (0.0, 0.2, 0.4, 0.6, 0.8)
    assert [figures.class_of(value, classes) for value in (None, 0.0, 0.2, 0.79, 1.0)] == [0, 1, 2, 4, 5]


def test_the_projection_is_equal_earth() -> None:
    assert equal_earth(11, 0) == (WIDTH / 2, EQUATOR)
    # A quarter of the way round on the equator: 2√3 λ / (3 A1) in units of the sphere.
    x, _ = equal_earth(11 + 90, 0)
    assert x == pytest.approx(WIDTH / 2 + 1.353315 * WIDTH / 5.5, abs=0.01)


def test_a_ring_smaller_than_a_unit_leaves_no_path() -> None:
    assert ring_path([0], [[(10.0, 0.0), (10.01, 0.0), (10.01, 0.01), (10.0, 0.0)]]) == ""


def test_a_square_becomes_a_country() -> None:
    square = [[0, 0], [10, 0], [0, 10], [-10, 0], [0, -10]]
    topology = {
        "transform": {"scale": [1, 1], "translate": [0, 0]},
        "arcs": [square],
        "objects": {"countries": {"geometries": [{"type": "Polygon", "id": "404", "arcs": [[0]], "properties": {"name": "Kenya"}}]}},
    }
    rows = [
        {"key": "KEN", "m49": "404", "latitude": "0", "longitude": "37"},
        {"key": "MUS", "m49": "480", "latitude": "-20.2", "longitude": "57.5"},
    ]
    made = world(topology, rows)
    assert made["shapes"]["KEN"].startswith("M451 236l")
    assert list(made["dots"]) == ["MUS"]
    assert made["land"] == ""


def test_no_country_is_missing_from_the_map() -> None:
    drawn = outlines()
    with STARTER.open(encoding="utf-8", newline="") as lines:
        located = {row["key"] for row in csv.DictReader(lines) if row["latitude"]}
    assert located <= set(drawn.shapes) | set(drawn.dots)
    assert not set(drawn.shapes) & set(drawn.dots)
    assert "Natural Earth" in drawn.source
    assert "public domain" in drawn.licence
