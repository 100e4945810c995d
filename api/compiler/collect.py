"""Fields of a selection as execution will see them: fragments in place, `@skip` and `@include` decided, equal names merged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    is_abstract_type,
)
from graphql.execution.values import VariableValues, get_directive_values


class Unsupported(Exception):  # noqa: N818 - not a failure: the ordinary executor answers
    """The compiler leaves this to the ordinary executor. The reason is for those who read a plan."""


Fields = dict[str, list[FieldNode]]


class Collector:
    """Collects the fields of selections on a concrete type, in the order of the specification."""

    def __init__(self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode], variables: VariableValues) -> None:
        self.schema = schema
        self.fragments = fragments
        self.variables = variables

    def of(self, selections: Sequence[SelectionSetNode | None], on: GraphQLObjectType) -> Fields:
        """Nodes by response key. Several selection sets are merged, as those of one field under one key are."""
        found: Fields = {}
        spread: set[str] = set()
        for selection in selections:
            if selection is not None:
                self._collect(selection, on, found, spread)
        return found

    def below(self, nodes: Sequence[FieldNode], on: GraphQLObjectType) -> Fields:
        return self.of([node.selection_set for node in nodes], on)

    def _collect(self, selections: SelectionSetNode, on: GraphQLObjectType, found: Fields, spread: set[str]) -> None:
        for node in selections.selections:
            if node.directives and not self._included(node):
                continue
            if isinstance(node, FieldNode):
                found.setdefault((node.alias or node.name).value, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                if node.type_condition is None or self._applies(node.type_condition.name.value, on):
                    self._collect(node.selection_set, on, found, spread)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self.fragments[node.name.value]
                if node.name.value not in spread and self._applies(fragment.type_condition.name.value, on):
                    spread.add(node.name.value)
                    self._collect(fragment.selection_set, on, found, spread)

    def _applies(self, condition: str, on: GraphQLObjectType) -> bool:
        if condition == on.name:
            return True
        abstract: Any = self.schema.type_map[condition]
        return is_abstract_type(abstract) and self.schema.is_sub_type(abstract, on)

    def _included(self, node: SelectionNode) -> bool:
        names = {directive.name.value for directive in node.directives or ()}
        if names - {"skip", "include"}:
            raise Unsupported(f"@{min(names - {'skip', 'include'})}")
        skip = get_directive_values(GraphQLSkipDirective, node, self.variables)
        include = get_directive_values(GraphQLIncludeDirective, node, self.variables)
        return not (skip and skip["if"]) and (include is None or include["if"])
