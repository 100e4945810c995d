"""Generated projects: sound records, the same for the same seed, a larger graph beginning with the smaller one, skewed like real ones."""

from __future__ import annotations

from collections import Counter

import pytest

from graph.records import Record, validate
from ingest.generated import Generator, shares

PROJECTS = 3_000


@pytest.fixture(scope="module")
def made() -> list[Record]:
    return list(Generator(1).projects(0, PROJECTS))


def projects(records: list[Record]) -> list[Record]:
    return [record for record in records if record.label == "Project"]


def test_records_keep_to_the_model_and_link_to_what_stands_before_them(made: list[Record]) -> None:
    generator = Generator(1)
    there = {record.id for record in generator.sources()} | {f"topic:{key}" for key in generator.topic_names}

    problems = [(record.id, problem) for record in (*generator.sources(), *made) for problem in validate(record)]
    bodies = {record.id for record in made if record.label == "Organization"}
    links = [link.target for record in projects(made) for found in record.links.values() for link in found]

    assert problems == []
    assert len(projects(made)) == PROJECTS
    assert {t for t in links if t.startswith("organization:generated")} <= bodies
    assert {t for t in links if t.partition(":")[0] in {"source", "topic"}} <= there


def test_the_same_seed_makes_the_same_and_another_one_does_not(made: list[Record]) -> None:
    assert list(Generator(1).projects(0, 200)) == list(Generator(1).projects(0, 200))
    assert projects(list(Generator(2).projects(0, 200))) != projects(made)[:200]


def test_batches_make_what_one_run_makes(made: list[Record]) -> None:
    generator = Generator(1)
    batches = [record for start in range(0, PROJECTS, 700) for record in generator.projects(start, min(start + 700, PROJECTS))]

    assert sorted(batches, key=lambda r: r.id) == sorted(made, key=lambda r: r.id)
    assert len({record.id for record in batches}) == len(batches)


def test_projects_spread_like_those_of_the_list(made: list[Record]) -> None:
    real = {iso3: n for iso3, n in shares("country").items() if iso3}
    first = Counter(r.links["countries"][0].target for r in projects(made) if "countries" in r.links)
    years = Counter(r.properties["startDate"].year for r in projects(made) if "startDate" in r.properties)  # type: ignore[union-attr]  # a date

    # Half of the real projects lie in this many countries; so do half of the generated ones, give or take sampling.
    assert half_of(real) - 3 <= half_of(first) <= half_of(real) + 3
    assert first.most_common(1)[0][0] == "country:IND"
    assert 0.08 < sum("countries" not in r.links for r in projects(made)) / PROJECTS < 0.17
    assert min(years) >= 1947
    assert max(years) <= 2025


def half_of(counts: Counter[str] | dict[str, float]) -> int:
    """In how many of the most frequent values half of all lies."""
    total, so_far = sum(counts.values()), 0.0
    for place, count in enumerate(sorted(counts.values(), reverse=True), 1):
        so_far += count
        if so_far >= total / 2:
            return place
    raise ValueError("nothing was counted")


def test_generated_records_say_that_they_are(made: list[Record]) -> None:
    assert {source.properties["title"] for source in Generator(1).sources()} == {
        f"Generated for measuring, list {number}" for number in range(1, 6)
    }
    assert all(link.target.startswith("source:generated-") for record in made for link in record.links["sources"])
    assert all(record.key.startswith("generated-") for record in made)
