"""What one operation may ask for: characters, tokens, levels, aliases, records. Counted before anything is validated or read.

Counting itself has a budget: a few lines whose fragments double thirty times, or whose fields are named a thousand times,
would keep validation busy for minutes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    parse,
)

from graph.errors import Code, NetworkError
from graph.settings import Settings

DEFAULT_PAGE: Final = 20
PAGED: Final = ("first", "last")
LISTING: Final = frozenset(("edges", "nodes"))
LONGEST: Final = 100_000
"""Characters of a document. Parsed documents are kept, so that their length has to have a bound."""
FRAGMENTS: Final = 100
"""Fragments of a document: validation compares each with each."""
NESTED: Final = 50
"""Fragments and type conditions within each other where no field lies between: they are no levels."""
WORK: Final = 20_000
"""Selections of a document with its fragments in place, and for fields named again the comparisons that validation makes."""


def check_limits(document: str, variables: Mapping[str, Any], operation_name: str | None, settings: Settings) -> None:
    """Raises TOO_COMPLEX, with the figure and the limit, and GRAPHQL_INVALID for a fragment that spreads itself."""
    if len(document) > LONGEST:
        raise _too_much("The document has {found} characters", len(document), LONGEST, "Send values as variables.")
    try:
        parsed = _parsed(document, settings.max_tokens)
    except GraphQLError:
        return  # the executor tells syntax errors with their place
    found = weight_of(parsed, _chosen(parsed, operation_name), variables, settings.max_depth)
    if found.aliases > settings.max_aliases:
        raise _too_much("The operation has {found} aliases", found.aliases, settings.max_aliases, "Split it, or ask for `nodes`.")
    if found.records > settings.max_cost:
        hint = "Ask for shorter pages (`first`), or for fewer lists inside lists."
        raise _too_much("The operation asks for up to {found} records", found.records, settings.max_cost, hint)


def _chosen(document: DocumentNode, operation_name: str | None) -> OperationDefinitionNode:
    """The operation that is to run. Raises GRAPHQL_INVALID where that is not clear."""
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    found = [o for o in operations if operation_name is None or (o.name is not None and o.name.value == operation_name)]
    if len(found) == 1:
        return found[0]
    raise NetworkError(
        Code.GRAPHQL_INVALID,
        f"The document has {len(found)} operations" + (f" with the name `{operation_name[:60]}`." if operation_name is not None else "."),
        hint="Say in `operationName` which one is to run.",
        allowed=[o.name.value[:60] for o in operations if o.name][:10],
    )


@dataclass(slots=True)
class Weight:
    """What an operation comes to: records at the most, nested pages multiplied, and aliases."""

    records: int = 0
    aliases: int = 0


def weight_of(document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, Any], max_depth: int) -> Weight:
    """Raises TOO_COMPLEX for a document that is too deep or takes too long to look through."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    if len(fragments) > FRAGMENTS:
        raise _too_much("The document has {found} fragments", len(fragments), FRAGMENTS, "Write fewer fragments.")
    budget = _Budget()
    # Validation reads what will not run too.
    for definition in document.definitions:
        if isinstance(definition, FragmentDefinitionNode | OperationDefinitionNode) and definition is not operation:
            _Expansion(fragments, {}, budget, max_depth).weigh(definition.selection_set)
    return _Expansion(fragments, _values(operation, variables), budget, max_depth).weigh(operation.selection_set)


@lru_cache(maxsize=256)
def _parsed(document: str, max_tokens: int) -> DocumentNode:
    return parse(document, max_tokens=max_tokens)


def _values(operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> dict[str, Any]:
    """The variables as the operation will see them: those not given have their defaults."""
    given = dict(variables)
    for definition in operation.variable_definitions or ():
        if definition.default_value is not None:
            given.setdefault(definition.variable.name.value, _literal(definition.default_value))
    return given


def _literal(value: ValueNode) -> Any:
    if isinstance(value, IntValueNode):
        return int(value.value[:20])  # a longer number is too large in any case
    return list(value.values) if isinstance(value, ListValueNode) else None


@dataclass(slots=True)
class _Budget:
    spent: int = 0

    def spend(self, work: int) -> None:
        self.spent += work
        if self.spent > WORK:
            hint = "Name a field once, and spread a fragment where it is needed only."
            raise _too_much("The document has more than {most} fields with its fragments in place", self.spent, WORK, hint)


Trail = tuple[str, ...]
"""Names of the fragments that lead to a selection, "" for a type condition."""


class _Expansion:
    """An operation as execution will see it: fragments in place, fields of one name merged."""

    def __init__(
        self, fragments: Mapping[str, FragmentDefinitionNode], variables: Mapping[str, Any], budget: _Budget, max_depth: int
    ) -> None:
        self.fragments = fragments
        self.variables = variables
        self.budget = budget
        self.max_depth = max_depth
        self.weight = Weight()

    def weigh(self, selections: SelectionSetNode) -> Weight:
        self.weight.records = sum(records for _, records in self._records([(selections, ())], 0))
        return self.weight

    def _records(self, merged: Sequence[tuple[SelectionSetNode, Trail]], level: int) -> list[tuple[str, int]]:
        """(name of a field, records that it may bring) of the merged selections."""
        fields: dict[str, list[tuple[FieldNode, Trail]]] = {}
        for selections, trail in merged:
            self._collect(selections, trail, fields)
        out = []
        for found in fields.values():
            name = found[0][0].name.value
            self.budget.spend(len(found) ** 2 - 1)
            self.weight.aliases += any(node.alias for node, _ in found)
            inner = [(node.selection_set, trail) for node, trail in found if node.selection_set is not None]
            if inner and name.startswith("__"):
                # The schema brings no records, and the usual question about it goes deep.
                _Expansion(self.fragments, self.variables, self.budget, NESTED)._records(inner, 0)
            elif inner:
                out.append((name, self._below([node for node, _ in found], inner, level + 1)))
        return out

    def _below(self, nodes: Sequence[FieldNode], inner: Sequence[tuple[SelectionSetNode, Trail]], level: int) -> int:
        if level > self.max_depth:
            raise _too_much("The operation has {found} levels or more", level, self.max_depth, "Ask for fewer levels at once.")
        below = self._records(inner, level)
        each = [records for name, records in below if name in LISTING]
        every = sum(records for _, records in below)
        sizes = [size for node in nodes if (size := _page_size(node, self.variables)) is not None]
        if each:
            return max(sizes, default=DEFAULT_PAGE) * sum(each)
        if nodes[0].name.value == "edges":
            return every
        return max(sizes, default=1) * (1 + every)

    def _collect(self, selections: SelectionSetNode, trail: Trail, fields: dict[str, list[tuple[FieldNode, Trail]]]) -> None:
        self.budget.spend(len(selections.selections))
        if len(trail) > NESTED:
            raise _too_much("The document has {found} fragments within each other", len(trail), NESTED, "Write them side by side.")
        for node in selections.selections:
            if isinstance(node, FieldNode):
                fields.setdefault((node.alias or node.name).value, []).append((node, trail))
            elif isinstance(node, InlineFragmentNode):
                self._collect(node.selection_set, (*trail, ""), fields)
            elif isinstance(node, FragmentSpreadNode) and node.name.value in self.fragments:  # else validation names it
                self._enter(node.name.value, trail, fields)

    def _enter(self, name: str, trail: Trail, fields: dict[str, list[tuple[FieldNode, Trail]]]) -> None:
        if name in trail:
            hint = "Take the spread out of the fragment, or of those it spreads."
            raise NetworkError(Code.GRAPHQL_INVALID, f"The fragment `{name[:60]}` spreads itself.", hint=hint)
        self._collect(self.fragments[name].selection_set, (*trail, name), fields)


def _page_size(node: FieldNode, variables: Mapping[str, Any]) -> int | None:
    """How many records a field says it wants: its `first` or `last`, or how many `ids` it has."""
    for argument in node.arguments or ():
        name, value = argument.name.value, argument.value
        given = variables.get(value.name.value) if isinstance(value, VariableNode) else _literal(value)
        if name in PAGED and isinstance(given, int):
            return max(0, given)
        if name == "ids" and isinstance(given, list):
            return len(given)
    return None


def _too_much(what: str, found: int, most: int, hint: str) -> NetworkError:
    found = min(found, 10**15)  # JSON has no place for more digits
    return NetworkError(
        Code.TOO_COMPLEX, f"{what.format(found=found, most=most)}; {most} are allowed.", hint=hint, details={"found": found, "limit": most}
    )
