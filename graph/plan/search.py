"""Full text and meaning as conditions of a filter: the index is asked once, before anything else, and its hits are carried along.

Must not know how texts become vectors: a text whose vector is needed is noted, and its vector given with the parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from graph.database import identifier
from graph.errors import Code, NetworkError
from graph.model import NodeType
from graph.plan.parameters import Leaf
from graph.plan.writing import CARRIED, Writing
from graph.schema import full_text_index
from graph.words import full_text_terms

WORDS: Final = 1000
"""Hits by words at the most, best first."""
MEANINGS: Final = 200
"""Hits by meaning at the most, nearest first."""
LIKE: Final = 0.12
"""Centred cosine below which a text has nothing to do with another: the floor of `graph.search`."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """A text that stands for its vector among the parameters."""

    text: Leaf


def hits(node_type: NodeType, given: Mapping[str, Leaf], alias: str, score: str, writing: Writing) -> str:
    """Clauses that bring each hit as `alias` with its `score`, not yet filtered. Raises BAD_INPUT and MODEL_LOADING."""
    [(how, text)] = given.items()
    if text is None:
        raise NetworkError(Code.BAD_INPUT, f"`search.{how}` is null.", hint="Give a text, or leave `search` out.")
    writing.count_condition()
    if how == "words":
        terms = writing.parameters.add(text, terms_of)
        index = full_text_index(node_type)
        return f"CALL db.index.fulltext.queryNodes('{index}', {terms}, {{limit: {WORDS}}}) YIELD node AS {alias}, score AS {score}"
    if writing.index is None:
        raise NetworkError(Code.MODEL_LOADING, "Search by meaning is not ready yet.", hint="Try again in a minute, or search by `words`.")
    vector = writing.parameters.add(Meaning(text))
    writing.meanings.append(text)
    return (
        f"MATCH ({alias}:Document)\n"
        f"SEARCH {alias} IN (VECTOR INDEX {identifier(writing.index)} FOR {vector} "
        f"WHERE {alias}.documentType = {writing.parameters.add(node_type.label)} LIMIT {MEANINGS}) SCORE AS {score}\n"
        f"WITH {alias}, {score} * 2 - 1 AS {score}{CARRIED}\nWHERE {score} >= {LIKE}"
    )


def terms_of(text: Any) -> str:
    """Words of a text for full text; a text without any finds nothing."""
    return full_text_terms(str(text)) or "\u0000"


def search_condition(node_type: NodeType, given: Mapping[str, Leaf], alias: str, writing: Writing) -> str:
    """Cypher that holds for hits. The look-up goes into the prelude, where it runs once."""
    asked = (node_type.label, *next(iter(given.items())))
    if asked in writing.looked_up:
        return f"{alias}.id IN {writing.looked_up[asked]}"
    found, node, score = writing.name("hits"), writing.name("h"), writing.name("s")
    clauses = hits(node_type, given, node, score, writing)
    body = "\n".join(f"  {line}" for line in clauses.replace(CARRIED, "").splitlines())
    writing.prelude.append(f"CALL () {{\n{body}\n  RETURN collect({node}.id) AS {found}\n}}")
    writing.carried.append(found)
    writing.looked_up[asked] = found
    return f"{alias}.id IN {found}"
