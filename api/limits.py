"""What one operation may cost: records asked for, nested pages multiplied. Counted before anything is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    parse,
)

from graph.errors import Code, NetworkError
from graph.settings import Settings

DEFAULT_PAGE = 20
PAGED = ("first", "last")


def check_cost(document: str, variables: Mapping[str, Any], operation_name: str | None, settings: Settings) -> None:
    """Raises TOO_COMPLEX, with the cost and the limit, for an operation that asks for too many records."""
    try:
        parsed = parse(document, max_tokens=settings.max_tokens)
    except GraphQLError:
        return  # the executor tells syntax errors with their place
    cost = operation_cost(parsed, variables, operation_name)
    if cost > settings.max_cost:
        raise NetworkError(
            Code.TOO_COMPLEX,
            f"The operation asks for up to {cost} records; {settings.max_cost} are allowed.",
            hint="Ask for shorter pages (`first`), or for fewer lists inside lists.",
            details={"cost": cost, "limit": settings.max_cost},
        )


def operation_cost(document: DocumentNode, variables: Mapping[str, Any], operation_name: str | None) -> int:
    """Records that an operation may bring at the most. A fragment cycle costs what it says once; validation refuses it."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    chosen = [o for o in operations if operation_name is None or (o.name and o.name.value == operation_name)]
    return max((_cost(o.selection_set, variables, fragments, frozenset()) for o in chosen), default=0)


def _cost(
    selections: SelectionSetNode,
    variables: Mapping[str, Any],
    fragments: Mapping[str, FragmentDefinitionNode],
    open_fragments: frozenset[str],
) -> int:
    total = 0
    for node in selections.selections:
        if isinstance(node, FieldNode):
            if node.selection_set:
                size = _page_size(node, variables)
                inner = _cost(node.selection_set, variables, fragments, open_fragments)
                total += size * (1 + inner) if size is not None else max(1, inner)
        elif isinstance(node, InlineFragmentNode):
            total += _cost(node.selection_set, variables, fragments, open_fragments)
        elif isinstance(node, FragmentSpreadNode) and (name := node.name.value) not in open_fragments and name in fragments:
            total += _cost(fragments[name].selection_set, variables, fragments, open_fragments | {name})
    return total


def _page_size(node: FieldNode, variables: Mapping[str, Any]) -> int | None:
    """How many records a field may bring: its `first` or `last`, the default for a connection without one, None for others."""
    for argument in node.arguments or ():
        if argument.name.value in PAGED:
            if isinstance(argument.value, IntValueNode):
                return max(0, int(argument.value.value))
            if isinstance(argument.value, VariableNode):
                value = variables.get(argument.value.name.value)
                return max(0, value) if isinstance(value, int) else DEFAULT_PAGE
    names = {s.name.value for s in node.selection_set.selections if isinstance(s, FieldNode)} if node.selection_set else set()
    return DEFAULT_PAGE if names & {"edges", "nodes"} else None
