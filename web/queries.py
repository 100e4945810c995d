"""The GraphQL documents of the pages, by operation name, each with just the fragments that it needs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from graphql import DocumentNode, FragmentDefinitionNode, FragmentSpreadNode, Node, OperationDefinitionNode, parse, print_ast, visit
from graphql.language import Visitor

DOCUMENTS: Final = Path(__file__).parent / "documents"


@cache
def operation(name: str) -> str:
    """The document with one operation. Raises KeyError where no file has it."""
    operations, fragments = _definitions()
    chosen = operations[name]
    needed: dict[str, FragmentDefinitionNode] = {}
    waiting = list(_spreads(chosen))
    while waiting:
        fragment = waiting.pop()
        if fragment not in needed:
            needed[fragment] = fragments[fragment]
            waiting += _spreads(fragments[fragment])
    ordered = tuple(needed[fragment] for fragment in sorted(needed))
    return print_ast(DocumentNode(definitions=(chosen, *ordered)))


def operation_names() -> tuple[str, ...]:
    return tuple(sorted(_definitions()[0]))


@cache
def _definitions() -> tuple[dict[str, OperationDefinitionNode], dict[str, FragmentDefinitionNode]]:
    operations: dict[str, OperationDefinitionNode] = {}
    fragments: dict[str, FragmentDefinitionNode] = {}
    for path in sorted(DOCUMENTS.glob("*.graphql")):
        for definition in parse(path.read_text(encoding="utf-8"), no_location=True).definitions:
            if isinstance(definition, OperationDefinitionNode) and definition.name:
                operations[definition.name.value] = definition
            elif isinstance(definition, FragmentDefinitionNode):
                fragments[definition.name.value] = definition
    return operations, fragments


def _spreads(node: Node) -> Iterator[str]:
    found: list[str] = []

    class Spreads(Visitor):
        def enter_fragment_spread(self, spread: FragmentSpreadNode, *_: object) -> None:
            found.append(spread.name.value)

    visit(node, Spreads())
    yield from dict.fromkeys(found)
