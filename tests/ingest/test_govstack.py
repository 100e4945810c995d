"""GovStack use cases: pages of the same layout and of others, and whatever a page may hold."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis
import pytest
from hypothesis import strategies

from graph.records import validate
from ingest.connector import Draft, OutOfScope, Rejected
from ingest.govstack import GovStack
from tests.ingest.files import given, outcomes, public, resolver, starter_resolver

PAGE = """---
description: Derived from nothing
---

# INST-9 - Ferry Pass

## Product Use Case Summary

| ID      | INST-8     |
| ------- | ---------- |
| Name    | Ferry Pass |
| Status  | Published  |

A pass for **ferries**, as [the guild](https://guild.example) has it.&#x20;

{% hint style="info" %}
Ask desk\\_one@guild.example for more.

## Stakeholders

* The harbour authority

## Sustainable Development Goals (SDGs)

* [**SDG 9**](https://goals.example/nine): Harbours
* Goal 16.6 - Institutions
* SDG 99
* [4.7](https://goals.example/four): Schools

## Building Blocks

* [**Consent**](https://blocks.example/consent)

[**Payments**](https://blocks.example/pay)

## Steps

### 1 - Registration&#x20;

**Building Blocks**

[**Messaging**](https://blocks.example/messaging)

### Step 2 - Boarding

### **3 - Landing**

## **Contributors**

* A Name, a.name@guild.example
"""


def test_a_page_is_a_solution(tmp_path: Path) -> None:
    file = given(tmp_path, "inst-9-ferry-pass.md", PAGE)
    assert GovStack().recognises(file)
    known = resolver()

    [draft] = outcomes(GovStack(), file, known)

    assert isinstance(draft, Draft)
    assert (draft.row, draft.about) == ("INST-9", None)
    assert draft.finish is not None
    solution = draft.finish(draft.records[0])
    assert validate(solution) == []
    assert solution.id.startswith("solution:govstack-inst-9")
    assert solution.properties == {
        "name": "Ferry Pass (GovStack use case)",
        "summary": "A pass for ferries, as the guild has it.\n\nAsk  for more.\n\nSteps: Registration, Boarding, Landing.\n\nBuilding blocks: Consent, Payments.",
        "licence": "Apache-2.0",
        "openSource": True,
        "repository": "https://github.com/GovStackWorkingGroup/product-use-cases",
        "sdgs": ["9", "16", "4"],
        "lang": "en",
    }
    [(keeper, _)] = known.take()
    assert (keeper.properties["name"], keeper.properties["kind"]) == ("GovStack", "NETWORK")
    assert GovStack().source(file).properties["licence"] == "Apache-2.0"
    assert "A Name" not in repr(draft)


@pytest.mark.parametrize(
    ("number", "topics"),
    [
        ("HLTC-2", ["reusable-building-blocks", "digital-health"]),
        ("INST-3", ["reusable-building-blocks", "e-participation"]),
        ("INST-30", ["reusable-building-blocks"]),
        ("CLMT-1", ["reusable-building-blocks"]),
    ],
)
def test_topics_follow_the_id(tmp_path: Path, number: str, topics: list[str]) -> None:
    [draft] = outcomes(GovStack(), given(tmp_path, "a.md", PAGE.replace("INST-9", number)))
    assert isinstance(draft, Draft)
    assert [link.target for link in draft.records[0].links["topics"]] == [f"topic:{topic}" for topic in topics]


def test_pages_are_one_data_set_and_what_cannot_be_taken_is_told(tmp_path: Path) -> None:
    files = [
        given(tmp_path, "a.md", PAGE.replace("Published", "Draft.")),
        given(tmp_path, "b.md", PAGE.replace("# INST-9", "# Use case").replace("INST-8", "none")),
        given(tmp_path, "c.md", PAGE.replace("| Name    | Ferry Pass |\n", "")),
        given(tmp_path, "d.md", PAGE + "x" * 1024**2),
    ]
    [one] = GovStack().gather(files)

    draft, nameless, untitled, large = outcomes(GovStack(), one)

    assert GovStack().dataset(one) == "govstack-use-cases"
    assert isinstance(draft, OutOfScope)
    assert draft.reason == "a use case that is a draft"
    assert nameless == Rejected(2, "b.md: ID", "none", "is no id of a use case", ("AGR-1",))
    assert isinstance(untitled, Rejected)
    assert (untitled.line, untitled.field, untitled.reason) == (3, "c.md: Name", "is required and is empty")
    assert isinstance(large, Rejected)
    assert (large.field, large.reason) == ("d.md", "is more than a use case may have")


def test_all_use_cases_of_the_public_data_are_read(shared: Path) -> None:
    files = [file for file in public(shared / "data/govstack") if GovStack().recognises(file)]
    known = starter_resolver()
    [one] = GovStack().gather(files)

    found = outcomes(GovStack(), one, known)

    drafts = [row for row in found if isinstance(row, Draft)]
    assert (len(found), len(drafts), len({d.records[0].id for d in drafts})) == (16, 15, 15)
    assert {row.reason for row in found if isinstance(row, OutOfScope)} == {"a use case that is a draft"}
    for draft in drafts:
        assert draft.finish is not None
        solution = draft.finish(draft.records[0])
        assert validate(solution) == []
        assert [link.target for link in solution.links["organizations"]] == ["organization:govstack"]
        assert "Steps: " in str(solution.properties["summary"])
        assert "Building blocks: " in str(solution.properties["summary"])
        assert solution.properties["sdgs"]
    assert known.take() == []


@hypothesis.settings(max_examples=150, deadline=None)
@hypothesis.given(
    strategies.lists(
        strategies.text(alphabet='#|*-[]()\\&;x20{%}"SDGoal 9Stepé\x00\r\ud800\t', max_size=30)
        | strategies.sampled_from(PAGE.splitlines()),
        max_size=30,
    )
)
def test_any_page_gives_an_outcome(lines: list[str]) -> None:
    with TemporaryDirectory() as folder:
        content = "\n".join(["# INST-9 - x", "## Product Use Case Summary", *lines]).encode("utf-8", "surrogatepass")
        [outcome] = outcomes(GovStack(), given(Path(folder), "a.md", content))
    if isinstance(outcome, Draft):
        assert outcome.finish is not None
        assert validate(outcome.finish(outcome.records[0])) == []
