"""The starter data: complete, linked, sourced, told in our own words."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from graph.database import Database, Query
from graph.embedding import text_hash
from graph.vector_file import read_vectors
from graph.vectors import document_text
from graph.vocabulary import UN_LANGUAGES, OfferKind
from ingest.resolution import organization_key
from ingest.starter import FOLDER, LAYOUTS, VECTORS, load, read_starter
from ingest.tables import Table

LANGUAGES = {"en", "fr", "es", "ar", "ru", "zh", "pt"}
PROSE = ("summary", "description", "text", "problem", "approach", "results", "lessons", "whatFailed", "result", "cost")
E_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w{2,}")
TELEPHONE = re.compile(r"\+\d[\d ()-]{8,}\d")
WORD = re.compile(r"[^\W_]+")
RUN = 12


@pytest.fixture(scope="module")
def tables() -> dict[str, Table]:
    return {table.file: table for table in read_starter()}


def test_nothing_is_set_aside(tables: dict[str, Table]) -> None:
    assert [str(rejected) for table in tables.values() for rejected in table.rejected] == []


@pytest.mark.parametrize(
    ("file", "least"),
    [
        ("organizations.csv", 200),
        ("projects.csv", 300),
        ("practices.csv", 150),
        ("offers.csv", 150),
        ("funding_calls.csv", 60),
        ("needs.csv", 100),
        ("solutions.csv", 160),
        ("topics.csv", 60),
        ("partnerships.csv", 400),
    ],
)
def test_there_is_enough_to_be_worth_using(tables: dict[str, Table], file: str, least: int) -> None:
    assert len(tables[file].rows) >= least


def test_every_member_and_observer_of_the_united_nations_is_there(tables: dict[str, Table]) -> None:
    status = Counter(row.record.properties["unStatus"] for row in tables["countries.csv"].rows)

    assert status["MEMBER"] == 193
    assert status["OBSERVER"] == 2


def test_members_and_observers_have_groups_languages_population_and_income(tables: dict[str, Table]) -> None:
    states = [row.record for row in tables["countries.csv"].rows if row.record.properties["unStatus"] != "NONE"]

    without = {
        name: [r.key for r in states if not (r.properties.get(name) or r.links.get(name))]
        for name in ("groups", "languages", "population", "incomeGroup")
    }

    # The World Bank's lists give neither an income group, and the Holy See no population.
    assert without == {"groups": [], "languages": [], "population": ["VAT"], "incomeGroup": ["VAT", "VEN"]}


def test_figures_cover_every_survey(tables: dict[str, Table]) -> None:
    years = {
        file: {row.record.properties["year"] for row in tables[file].rows} for file in ("observations_egdi.csv", "observations_gtmi.csv")
    }

    assert years["observations_egdi.csv"] == {2003, 2004, 2005, 2008, 2010, 2012, 2014, 2016, 2018, 2020, 2022, 2024}
    assert years["observations_gtmi.csv"] == {2020, 2022, 2025}


def test_a_year_without_a_survey_is_no_zero(tables: dict[str, Table]) -> None:
    zeros = [
        row.record.id
        for row in tables["observations_egdi.csv"].rows
        if row.record.key.startswith("egdi-") and row.record.properties["value"] == 0
    ]

    assert [z for z in zeros if re.fullmatch(r"observation:egdi-[A-Z]{3}-\d{4}", z)] == []


def test_topics_have_two_levels_and_six_languages(tables: dict[str, Table]) -> None:
    topics = [row.record for row in tables["topics.csv"].rows]
    parents = {link.target for topic in topics for link in topic.links.get("parent", ())}

    assert 10 <= len(parents) <= 20
    assert all(not topic.links.get("parent") for topic in topics if topic.id in parents)
    assert [
        t.key for t in topics if len({t.properties.get(n) for n in ("name", "nameAr", "nameEs", "nameFr", "nameRu", "nameZh")} - {None}) < 4
    ] == []
    languages = ("", "Ar", "Es", "Fr", "Ru", "Zh")
    assert [
        (t.key, f"{n}{lang}") for t in topics for n in ("name", "description") for lang in languages if not t.properties.get(f"{n}{lang}")
    ] == []
    assert [t.key for t in topics if not t.links.get("pillars")] == []


def test_offers_are_of_all_four_kinds(tables: dict[str, Table]) -> None:
    kinds = Counter(row.record.properties["kind"] for row in tables["offers.csv"].rows)

    assert set(kinds) == {kind.value for kind in OfferKind}
    assert min(kinds.values()) >= 20


def test_a_call_of_a_named_year_does_not_stay_open(tables: dict[str, Table]) -> None:
    calls = [row.record for row in tables["funding_calls.csv"].rows]

    assert [c.key for c in calls if re.search(r"\b20\d\d\b", f"{c.key} {c.properties['title']}") and not c.properties.get("closes")] == []


def test_solutions_name_countries_of_use(tables: dict[str, Table]) -> None:
    used = [row for row in tables["solutions.csv"].rows if row.record.links.get("deployedIn")]

    assert len(used) >= 150


def test_no_organisation_stands_twice(tables: dict[str, Table]) -> None:
    """Under its name or an alias. A single word does not count: two countries may each have a NIRA."""
    known: dict[str, set[str]] = {}
    for row in tables["organizations.csv"].rows:
        aliases = row.record.properties.get("aliases")
        for name in [row.record.properties["name"], *(aliases if isinstance(aliases, list) else [])]:
            if " " in str(name):
                known.setdefault(organization_key(str(name)), set()).add(row.record.id)

    assert [sorted(ids) for ids in known.values() if len(ids) > 1] == []


def test_the_forum_of_2012_and_its_commitments_are_there(tables: dict[str, Table]) -> None:
    [forum] = [row.record for row in tables["forums.csv"].rows]
    made_there = [row for row in tables["commitments.csv"].rows if [link.target for link in row.record.links["forum"]] == [forum.id]]

    assert str(forum.properties["starts"]).startswith("2012-10")
    assert len(made_there) >= 6


def test_every_record_names_its_source_with_a_row_or_an_address() -> None:
    without = []
    for name in LAYOUTS:
        if name in {"sources.csv", "topics.csv"}:
            continue
        with (FOLDER / name).open(encoding="utf-8", newline="") as stream:
            without += [
                f"{name}: {row['key']}"
                for row in csv.DictReader(stream)
                if not row["source"] or not (row.get("source_row") or row.get("url"))
            ]

    assert without == []


def test_language_tags_are_known(tables: dict[str, Table]) -> None:
    tags = {row.record.properties.get("lang") for table in tables.values() for row in table.rows} - {None}

    assert tags <= LANGUAGES


def test_no_personal_contact_details(tables: dict[str, Table]) -> None:
    found = [
        (row.record.id, value)
        for table in tables.values()
        for row in table.rows
        for value in row.record.properties.values()
        if isinstance(value, str) and not value.startswith("http") and (E_MAIL.search(value) or TELEPHONE.search(value))
    ]

    assert found == []


def test_no_text_is_copied(tables: dict[str, Table], shared: Path) -> None:
    # given every run of twelve words in our prose
    ours: dict[int, str] = {}
    for table in tables.values():
        for row in table.rows:
            for name in PROSE:
                value = row.record.properties.get(name)
                if isinstance(value, str):
                    for run in runs(value):
                        ours[hash(run)] = row.record.id

    # when the public data files are read through
    copied = {}
    for path in sorted((shared / "data").rglob("*")):
        if path.suffix in {".csv", ".json", ".md", ".yml"} and path.stat().st_size < 12_000_000:
            for run in runs(path.read_text(encoding="utf-8", errors="replace")):
                if (found := ours.get(hash(run))) is not None:
                    copied[found] = f"{path.name}: {' '.join(run)}"

    # then none of them has one of our runs
    assert copied == {}


def runs(text: str) -> Iterator[tuple[str, ...]]:
    """Runs of twelve words, lower-case, punctuation dropped."""
    words = WORD.findall(text.lower())
    return zip(*(words[start:] for start in range(RUN)), strict=False)


async def test_loading_again_changes_nothing(database: Database) -> None:
    [(before,)] = await database.read(Query("MATCH (s:Sequence {id: 'sequence:change'}) RETURN s.value"))

    report = await load(database)

    [(after,)] = await database.read(Query("MATCH (s:Sequence {id: 'sequence:change'}) RETURN s.value"))
    assert (report.new, report.changed, report.rejected) == (0, 0, [])
    assert report.unchanged == report.read
    assert after == before


async def test_shipped_vectors_are_those_of_the_texts(network: object, tables: dict[str, Table]) -> None:
    """A sample is embedded anew: what is shipped may differ by its eight bits only."""
    embedding = network.embedding  # type: ignore[attr-defined]
    info = await embedding.ready()
    shipped = read_vectors(VECTORS, info.key)
    texts = [
        document_text(row.record.type, dict(row.record.properties))
        for table in tables.values()
        for row in table.rows
        if row.record.type.is_document
    ]

    assert [text[:60] for text in texts if text_hash(text) not in shipped] == []
    sample = sorted(texts, key=text_hash)[:40]
    made = await embedding.passages(sample)
    cosines = [float(np.dot(shipped[text_hash(text)], vector)) for text, vector in zip(sample, made, strict=True)]
    assert min(cosines) > 0.999


def test_six_languages_are_declared() -> None:
    assert set(UN_LANGUAGES) == {"en", "ar", "es", "fr", "ru", "zh"}
