"""The parameters of a text for one request: values of its variables, places of its cursors, vectors of its texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graph import cursor as cursors
from graph.plan.parameters import value_of
from graph.plan.search import Meaning
from graph.plan.shape import CursorAt
from graph.plan.writing import Writing
from graph.viewer import Viewer

Vectors = Mapping[str, Sequence[float]]
"""Vectors, as they are stored and compared, by text."""


def texts_to_embed(writing: Writing, variables: Mapping[str, Any]) -> list[str]:
    """Texts whose vectors the request needs."""
    return [str(value_of(leaf, variables)) for leaf in writing.meanings]


def bind(writing: Writing, variables: Mapping[str, Any], vectors: Vectors, viewer: Viewer) -> dict[str, Any]:
    """Values by name, for a request of this viewer: texts are the same for all. Raises BAD_CURSOR, and CONTRADICTORY_INPUT for bounds that leave nothing between them."""
    writing.check_bounds(variables)
    places: dict[tuple[str, str], tuple[tuple[Any, ...], str]] = {}
    bound: dict[str, Any] = dict(viewer.parameters)
    if writing.hides:
        bound |= viewer.hidden_parameters
    if writing.counts_links:
        bound |= viewer.link_parameters
    for parameter in writing.parameters.found:
        leaf = parameter.leaf
        if isinstance(leaf, CursorAt):
            cursor = value_of(leaf.leaf, variables)
            if (cursor, leaf.sort) not in places:
                places[cursor, leaf.sort] = cursors.decode(cursor, leaf.sort, leaf.keys)
            values, record_id = places[cursor, leaf.sort]
            bound[parameter.name] = record_id if leaf.number is None else values[leaf.number]
        elif isinstance(leaf, Meaning):
            bound[parameter.name] = list(vectors[str(value_of(leaf.text, variables))])
        else:
            bound[parameter.name] = parameter.convert(value_of(leaf, variables))
    return bound
