"""Variables of an operation: their values, what of them decides the plan, and stand-ins for the rest.

A plan holds for every request whose variables have the same shape: which keys of an input are there, what enumerations and
booleans say, which sort values a cursor lacks, of what type an id is. Every other value travels as a parameter.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from enum import Enum
from typing import Any, Final

from graphql import ArgumentNode, FieldNode, Node, OperationDefinitionNode, VariableNode, Visitor, visit
from graphql.execution.values import VariableValues

from graph import cursor as cursors
from graph.plan.parameters import Ref

CURSORS: Final = frozenset(("after", "before"))
IDS: Final = frozenset(("node", "nodes"))


class Uses(Visitor):
    """Names of the variables that are used as cursors, and of those that are ids of records of any type."""

    def __init__(self) -> None:
        super().__init__()
        self.cursors: set[str] = set()
        self.ids: set[str] = set()

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        for argument in node.arguments or ():
            self._use(argument, node)

    def _use(self, argument: ArgumentNode, field: FieldNode) -> None:
        if not isinstance(argument.value, VariableNode):
            return
        name = argument.value.name.value
        if argument.name.value in CURSORS:
            self.cursors.add(name)
        elif field.name.value in IDS:
            self.ids.add(name)


def uses_of(document: Node) -> Uses:
    uses = Uses()
    visit(document, uses)
    return uses


def shape_of(operation: OperationDefinitionNode, coerced: Mapping[str, Any], uses: Uses) -> Hashable:
    """What of the variables decides the plan. Raises BAD_CURSOR for a cursor that is none."""
    parts: list[Hashable] = []
    for definition in operation.variable_definitions or ():
        name = definition.variable.name.value
        if name not in coerced:
            parts.append(...)
            continue
        value = coerced[name]
        parts.append(_shape(value))
        if name in uses.cursors and isinstance(value, str):
            parts.append(cursors.absent_in(value))
        if name in uses.ids and value is not None:
            parts.append(prefixes_of(value))
    return tuple(parts)


def _shape(value: Any) -> Hashable:
    if isinstance(value, dict):
        return tuple((key, _shape(inner)) for key, inner in value.items())
    if isinstance(value, list):
        if value and isinstance(value[0], dict | list | Enum):
            return tuple(_shape(item) for item in value)
        return list
    if value is None or isinstance(value, bool | Enum):
        return value
    return str


def prefixes_of(ids: Any) -> tuple[str, ...]:
    """Types that ids name, each once, in the order of their first id."""
    found = dict.fromkeys(str(one).partition(":")[0] for one in (ids if isinstance(ids, list) else [ids]))
    return tuple(found)


def stand_ins(values: VariableValues) -> VariableValues:
    """The same values with a `Ref` in place of each that travels as a parameter."""
    return VariableValues(values.sources, {name: _stand_in(value, (name,)) for name, value in values.coerced.items()})


def _stand_in(value: Any, path: tuple[str | int, ...]) -> Any:
    if isinstance(value, dict):
        return {key: _stand_in(inner, (*path, key)) for key, inner in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], dict | list | Enum):
        return [_stand_in(item, (*path, number)) for number, item in enumerate(value)]
    if value is None or isinstance(value, bool | Enum):
        return value
    return Ref(path)
