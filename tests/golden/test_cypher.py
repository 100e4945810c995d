"""The text of every builder of Cypher, to the letter, and nothing of a user in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from graph.database import Database, Query
from tests.golden.cases import CASES, SECRETS

FOLDER = Path(__file__).parent / "cypher"
each_case = pytest.mark.parametrize("name", CASES)
# Statements about the schema cannot be explained.
EXPLAINED = [name for name in CASES if name not in {"vectors_create_index", "vectors_drop_index"}]


@each_case
def test_text_is_that_of_the_golden_file(name: str, golden: Callable[[str, str], None]) -> None:
    query = CASES[name]()

    golden(f"cypher/{name}.cypher", f"// Parameters: {', '.join(sorted(query.parameters)) or 'none'}\n{query.text}\n")


@each_case
def test_no_value_stands_in_the_text(name: str) -> None:
    text = CASES[name]().text.lower()

    assert [secret for secret in SECRETS if secret in text] == []


@each_case
def test_every_parameter_is_used_and_every_used_one_given(name: str) -> None:
    query = CASES[name]()

    used = set(re.findall(r"\$(\w+)", query.text))
    # The asking country is given to every ranking, and used where the leak rule applies.
    assert set(query.parameters) - used <= ({"country"} if name.startswith("rankings") else {"visible"})
    assert used <= set(query.parameters)


@pytest.mark.live
@pytest.mark.parametrize("name", EXPLAINED)
async def test_database_understands_the_text(database: Database, name: str) -> None:
    query = CASES[name]()

    assert await database.read(Query(f"EXPLAIN {query.text}", query.parameters)) == []


def test_every_golden_file_has_its_case() -> None:
    assert {path.stem for path in FOLDER.glob("*.cypher")} == set(CASES)
