"""What an operation costs, counted on its document and the schema before anything is validated or read.

One table says what each kind of field weighs; the schema says which kind a field is. Page sizes multiply down the tree.
Counting has a budget of its own: fields that are named a thousand times would keep it, and validation, busy for minutes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLField,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
)

from graph.errors import Code, NetworkError

DEFAULT_PAGE: Final = 20
"""Records of a connection that says neither `first` nor `last`."""
LISTED: Final = 10
"""Records of a list that is no connection."""
RECORD: Final = 1
WEIGHTS: Final[Mapping[str, int]] = {
    # What is worked out rather than read, beside the records that it brings. A long text alone takes a third of a second to embed.
    "Query.match": 9_000,
    "Query.topicsOf": 8_000,
    "Query.matchChanges": 9_000,
    "Mutation.saveMatch": 9_000,
    "Query.search": 8_000,
    "Query.health": 1_500,
    "Query.path": 500,
    "Query.medians": 100,
    "Query.surroundings": 100,
    "totalCount": 2,
    "aggregate": 20,
    "groups": 50,
    "facets": 50,
    # Where a page stands is known once the page is.
    "pageInfo": 0,
    # The schema is in memory, and large.
    "Query.__schema": 2_000,
    "Query.__type": 100,
    # What a list or a non-null type is of stands nine times within itself in the usual question, and is null after the second.
    "ofType": 0,
}
"""Weight of a field by `Type.field` or by `field` on any type. Others: a record 1, a scalar 0, a connection its records."""
CONDITIONS: Final[Mapping[str, int]] = {"search": 500, "meaning": 7_500, "some": 10, "none": 10, "every": 10}
"""Weight of a condition by its name, wherever it stands in an argument: what a filter has to look for before it can list anything."""
LISTS: Final[Mapping[str, int]] = {
    "__Schema.types": 300,
    "__Schema.directives": 8,
    "__Type.fields": 12,
    "__Type.enumValues": 5,
    "__Type.inputFields": 3,
    "__Type.interfaces": 2,
    "__Type.possibleTypes": 2,
    "__Field.args": 2,
    "__Directive.args": 2,
    "parts": 5,
}
"""Length taken for a list that is no connection, where it is not `LISTED`."""
SCHEMA_SHARE: Final = 5
"""Parts of the schema that cost as much as one record of the graph."""

PAGED: Final = ("first", "last")
LISTING: Final = frozenset(("edges", "nodes"))
FRAGMENTS: Final = 100
"""Fragments of a document: validation compares each with each."""
NESTED: Final = 50
"""Fragments and type conditions within each other where no field lies between: they are no levels."""
WORK: Final = 10_000
"""Selections of a document with its fragments in place, and for fields named again the comparisons that validation makes."""


@dataclass(frozen=True, slots=True)
class Measured:
    """An operation's figures: cost, levels, aliases, names of the fields at its root; `sized_by` are the variables that the cost hangs on."""

    cost: int
    levels: int
    aliases: int
    roots: tuple[str, ...]
    sized_by: frozenset[str]


@dataclass(frozen=True, slots=True)
class Weight:
    """What a field of the schema weighs: by itself, and how often what is below it counts."""

    own: int
    times: int
    connection: bool
    target: GraphQLCompositeType | None


def too_much(name: str, what: str, found: int, most: int, hint: str) -> NetworkError:
    """TOO_COMPLEX that tells the limit's name, what was found, what is allowed, the way out."""
    found = min(found, 10**15)  # JSON has no place for more digits
    details = {"name": name, "found": found, "limit": most}
    return NetworkError(Code.TOO_COMPLEX, f"{what.format(found=found)}; {most} are allowed.", hint=hint, details=details)


def measured(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, Any], max_depth: int
) -> Measured:
    """Raises TOO_COMPLEX for a document that is too deep or takes too long to look through, GRAPHQL_INVALID for a fragment that spreads itself."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    if len(fragments) > FRAGMENTS:
        raise too_much("fragments", "The document has {found} fragments", len(fragments), FRAGMENTS, "Write fewer fragments.")
    _check_cycles(fragments)
    budget = _Budget()
    expansion = _Expansion(schema, fragments, _values(operation, variables), budget, max_depth)
    cost = expansion.weigh(operation.selection_set, schema.get_root_type(operation.operation))
    # Validation reads what will not run too.
    for definition in document.definitions:
        if isinstance(definition, FragmentDefinitionNode) and definition.name.value not in budget.entered:
            inside = _condition(schema, definition, None)
            _Expansion(schema, fragments, {}, budget, max_depth).weigh(definition.selection_set, inside)
        elif isinstance(definition, OperationDefinitionNode) and definition is not operation:
            _Expansion(schema, fragments, {}, budget, max_depth).weigh(definition.selection_set, schema.get_root_type(definition.operation))
    return Measured(cost, expansion.levels, expansion.aliases, tuple(expansion.roots), frozenset(expansion.sized_by))


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
    if isinstance(value, ListValueNode):
        return [_literal(item) for item in value.values]
    return {inner.name.value: _literal(inner.value) for inner in value.fields} if isinstance(value, ObjectValueNode) else None


@lru_cache(maxsize=4096)
def weight_of(schema: GraphQLSchema, parent: GraphQLCompositeType, name: str) -> Weight:
    """What a field weighs; nothing where the type has no such field, which validation tells."""
    found = schema.get_field(parent, name)
    if found is None:
        return Weight(0, 1, False, None)
    target = get_named_type(found.type)
    if not is_composite_type(target):
        return Weight(_listed_in(WEIGHTS, parent.name, name, 0), 1, False, None)
    if target.name.endswith("Connection"):
        return Weight(_listed_in(WEIGHTS, parent.name, name, 0), DEFAULT_PAGE, True, target)
    inside = parent.name.endswith("Connection") and name in LISTING
    own = _listed_in(WEIGHTS, parent.name, name, 0 if inside and name == "edges" else RECORD)
    return Weight(own, 1 if inside else _length(parent, name, found), False, target)


def _listed_in(table: Mapping[str, int], parent: str, name: str, other: int) -> int:
    return table.get(f"{parent}.{name}", table.get(name, other))


def _length(parent: GraphQLCompositeType, name: str, found: GraphQLField) -> int:
    if not is_list_type(get_nullable_type(found.type)):
        return 1
    first = found.args.get("first")
    default = getattr(getattr(first, "default", None), "value", None) if first is not None else None
    return default if isinstance(default, int) else _listed_in(LISTS, parent.name, name, LISTED)


@dataclass(slots=True)
class _Budget:
    spent: int = 0
    entered: set[str] = field(default_factory=set)

    def spend(self, work: int) -> None:
        self.spent += work
        if self.spent > WORK:
            hint = "Name a field once, and spread a fragment where it is needed only."
            raise too_much("selections", "The document has {found} or more fields with its fragments in place", self.spent, WORK, hint)


Parent = GraphQLCompositeType | None
Place = tuple[SelectionSetNode, Parent]
Named = dict[str, dict[tuple[int, Parent], tuple[FieldNode, Parent]]]
"""Fields by response name, each once for the type that it was found on."""


@dataclass(slots=True)
class _Expansion:
    """An operation as execution will see it: fragments in place, fields of one name merged."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]
    budget: _Budget
    max_depth: int
    levels: int = 0
    aliases: int = 0
    roots: list[str] = field(default_factory=list)
    sized_by: set[str] = field(default_factory=set)

    def weigh(self, selections: SelectionSetNode, parent: Parent) -> int:
        found = self._costs([(selections, parent)], 0)
        self.roots = [name for name, _ in found]
        return sum(cost for _, cost in found)

    def _costs(self, merged: Iterable[Place], level: int) -> list[tuple[str, int]]:
        """(name of a field, its cost) for each response name of the merged selections."""
        fields: Named = {}
        entered: set[str] = set()
        for selections, parent in merged:
            self._collect(selections, parent, fields, entered, 0)
        out = []
        for named in fields.values():
            found = list(named.values())
            self.budget.spend(len(found) ** 2 - 1)
            self.aliases += any(node.alias for node, _ in found)
            out.append((found[0][0].name.value, self._cost(found, level + 1)))
        return out

    def _cost(self, found: Sequence[tuple[FieldNode, Parent]], level: int) -> int:
        weights = [weight_of(self.schema, parent, node.name.value) if parent else UNKNOWN for node, parent in found]
        inner = [
            (node.selection_set, weight.target) for (node, _), weight in zip(found, weights, strict=True) if node.selection_set is not None
        ]
        own = max(weight.own for weight in weights) + max(self._conditions(node) for node, _ in found)
        if not inner:
            return own
        name = found[0][0].name.value
        if name.startswith("__"):
            # The usual question about the schema goes deep.
            inside = _Expansion(self.schema, self.fragments, self.variables, self.budget, NESTED)
            below = inside._costs(inner, 0)
            self.aliases += inside.aliases
            return own + sum(cost for _, cost in below) // SCHEMA_SHARE
        self.levels = max(self.levels, level)
        if level > self.max_depth:
            raise too_much("depth", "The operation has {found} levels or more", level, self.max_depth, "Ask for fewer levels at once.")
        below = self._costs(inner, level)
        times = self._times([node for node, _ in found], max(weight.times for weight in weights))
        if any(weight.connection for weight in weights):
            listed = sum(cost for below_name, cost in below if below_name in LISTING)
            return own + times * listed + sum(cost for below_name, cost in below if below_name not in LISTING)
        if all(weight.target is not None and weight.target.name.startswith("__") for weight in weights):
            return times * (own + sum(cost for _, cost in below))
        # A computed field is worked out once, however many records it lists.
        each = min(own, RECORD) + sum(cost for _, cost in below)
        return max(own - RECORD, 0) + times * each

    def _times(self, nodes: Iterable[FieldNode], otherwise: int) -> int:
        """How many records a field says it wants: its `first` or `last`, or how many `ids` it has."""
        sizes = []
        for node in nodes:
            size = None
            for argument in node.arguments or ():
                name, value = argument.name.value, argument.value
                if name not in PAGED and name != "ids":
                    continue
                if isinstance(value, VariableNode):
                    self.sized_by.add(value.name.value)
                    given = self.variables.get(value.name.value)
                else:
                    given = _literal(value)
                size = size_of(given) if size is None else max(size, size_of(given) or 0)
            sizes.append(otherwise if size is None else size)
        return max(sizes)

    def _conditions(self, node: FieldNode) -> int:
        """Weight of the conditions in a field's arguments."""
        found = 0
        for argument in node.arguments or ():
            waiting: list[ValueNode] = [argument.value]
            while waiting:
                value = waiting.pop()
                if isinstance(value, VariableNode):
                    self.sized_by.add(value.name.value)
                    found += conditions_in(self.variables.get(value.name.value))
                elif isinstance(value, ListValueNode):
                    waiting += value.values
                elif isinstance(value, ObjectValueNode):
                    found += sum(CONDITIONS.get(inner.name.value, 0) for inner in value.fields)
                    waiting += [inner.value for inner in value.fields]
        return found

    def _collect(self, selections: SelectionSetNode, parent: Parent, fields: Named, entered: set[str], nested: int) -> None:
        """Fields by response name. A fragment that was entered already brings nothing new, as when it runs."""
        self.budget.spend(len(selections.selections))
        if nested > NESTED:
            hint = "Write them side by side."
            raise too_much("nested fragments", "The document has {found} fragments within each other", nested, NESTED, hint)
        for node in selections.selections:
            if isinstance(node, FieldNode):
                fields.setdefault((node.alias or node.name).value, {}).setdefault((id(node), parent), (node, parent))
            elif isinstance(node, InlineFragmentNode):
                self._collect(node.selection_set, _condition(self.schema, node, parent), fields, entered, nested + 1)
            elif isinstance(node, FragmentSpreadNode):
                name = node.name.value
                fragment = self.fragments.get(name)
                if fragment is not None and name not in entered:  # what is not there, validation names
                    entered.add(name)
                    self.budget.entered.add(name)
                    self._collect(fragment.selection_set, _condition(self.schema, fragment, None), fields, entered, nested + 1)


def _check_cycles(fragments: Mapping[str, FragmentDefinitionNode]) -> None:
    """Raises GRAPHQL_INVALID for a fragment that spreads itself, whatever lies between."""
    spreads = {name: _spreads(fragment.selection_set) & fragments.keys() for name, fragment in fragments.items()}
    clear: set[str] = set()
    for start, first in spreads.items():
        path: dict[str, list[str]] = {start: list(first)}
        while path:
            name, waiting = next(reversed(path.items()))
            if not waiting:
                path.pop(name)
                clear.add(name)
            elif (below := waiting.pop()) in path:
                hint = "Take the spread out of the fragment, or of those it spreads."
                raise NetworkError(Code.GRAPHQL_INVALID, f"The fragment `{below[:60]}` spreads itself.", hint=hint)
            elif below not in clear:
                path[below] = list(spreads[below])


def _spreads(selections: SelectionSetNode) -> set[str]:
    """Names of the fragments that are spread anywhere below."""
    found, waiting = set(), [selections]
    while waiting:
        for node in waiting.pop().selections:
            if isinstance(node, FragmentSpreadNode):
                found.add(node.name.value)
            elif isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set is not None:
                waiting.append(node.selection_set)
    return found


UNKNOWN: Final = Weight(0, 1, False, None)


def _condition(schema: GraphQLSchema, node: InlineFragmentNode | FragmentDefinitionNode, parent: Parent) -> Parent:
    """The type that the fields of a fragment belong to."""
    if node.type_condition is None:
        return parent
    found = schema.get_type(node.type_condition.name.value)
    return found if is_composite_type(found) else None


def conditions_in(given: Any) -> int:
    """Weight of the conditions in a variable."""
    found, waiting = 0, [given]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            found += sum(CONDITIONS.get(name, 0) for name in value)
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return found


def size_of(given: Any) -> int | None:
    """The number of records that a page size or a list of ids means; None where it says nothing."""
    if isinstance(given, bool):
        return None
    if isinstance(given, int):
        return max(0, given)
    if isinstance(given, float) and given.is_integer():
        return max(0, int(given))
    return len(given) if isinstance(given, list) else None
