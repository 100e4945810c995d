"""Selections on records: which columns of the graph they need, and the source that makes response objects of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import FieldNode, GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema, GraphQLUnionType, get_named_type
from graphql.execution.values import VariableValues, get_argument_values

from api.compiler.collect import Collector, Unsupported
from api.compiler.source import Source, mapping, needed
from graph import cursor as cursors
from graph.hops import Hop, hops
from graph.model import Kind, NodeType, Property
from graph.plan.parameters import Leaf, value_of
from graph.plan.shape import EdgeValue, Many, One, Value
from graph.plan.shape import Fields as Columns

INT_RANGE: Final = "-2147483648 <= {0} <= 2147483647"


@dataclass
class Compilation:
    """What one plan is made with: the schema, the document's fragments, the variables' stand-ins, the source so far."""

    schema: GraphQLSchema
    collector: Collector
    variables: VariableValues
    coerced: Mapping[str, Any]
    base_url: str
    source: Source = field(default_factory=Source)
    values: list[Leaf] = field(default_factory=list)

    def arguments(self, on: GraphQLObjectType, node: FieldNode) -> dict[str, Any]:
        """Arguments of a field as plain data. Raises Unsupported where the executor would refuse them."""
        definition = on.fields[node.name.value]
        try:
            given = get_argument_values(definition, node, self.variables)
        except Exception as error:
            raise Unsupported("arguments that the executor refuses") from error
        return {name: _plain(value) for name, value in given.items() if value is not None}

    def object_type(self, name: str) -> GraphQLObjectType:
        found = self.schema.type_map[name]
        assert isinstance(found, GraphQLObjectType)  # noqa: S101 - names come from the model or from an object field
        return found

    def field_type(self, on: GraphQLObjectType, name: str) -> GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType:
        found: Any = get_named_type(on.fields[name].type)
        return found  # type: ignore[no-any-return]  # a composite type, since the field has a selection

    def absent(self, leaf: Leaf) -> tuple[bool, ...]:
        """Which sort values a cursor lacks: a cursor in a variable has the shape of the request that the plan is made for."""
        return cursors.absent_in(str(value_of(leaf, self.coerced)))

    def value(self, leaf: Leaf) -> str:
        """Place of a request's value among those the builder is given."""
        if isinstance(leaf, int):
            return repr(leaf)
        if leaf not in self.values:
            self.values.append(leaf)
        return f"x[{self.values.index(leaf)}]"


def _plain(value: Any) -> Any:
    """Members of enumerations by their value, also inside inputs."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return getattr(value, "value", value)


def record(types: Sequence[NodeType], nodes: Sequence[FieldNode], columns: Columns, row: str, compilation: Compilation) -> str:
    """Source of the response object for a row, whichever of the types it is of."""
    made = [_object(t, nodes, columns, compilation) for t in types]
    if len(made) == 1:
        return made[0].replace("«o»", row)
    # The id's prefix tells which type it is of.
    choices = [
        (t.prefix, compilation.source.function("o, x", [f"return {text.replace('«o»', 'o')}"])) for t, text in zip(types, made, strict=True)
    ]
    table = compilation.source.table(choices)
    return f"{table}[{row}[0].partition(':')[0]]({row}, x)"


def _object(node_type: NodeType, nodes: Sequence[FieldNode], columns: Columns, compilation: Compilation) -> str:
    on = compilation.object_type(node_type.label)
    entries = []
    for key, found in compilation.collector.below(nodes, on).items():
        entries.append((key, _field(node_type, on, found, columns, compilation)))
    return mapping(entries)


def _field(node_type: NodeType, on: GraphQLObjectType, nodes: list[FieldNode], columns: Columns, compilation: Compilation) -> str:
    name = nodes[0].name.value
    if name == "__typename":
        return repr(node_type.label)
    if name == "id":
        return "«o»[0]"
    arguments = compilation.arguments(on, nodes[0])
    language = arguments.get("language", "en")
    if node_type.path and name == "url":
        return f"({compilation.base_url + node_type.path + '/'!r} + «o»[0].partition(':')[2])"
    if node_type.path and name == "title":
        return f"(«o»[{columns.place(Value(node_type.title, language))}] or «o»[0])"
    prop = node_type.by_physical_name.get(name)
    if prop is not None:
        return scalar(prop, f"«o»[{columns.place(Value(name, language))}]", compilation.source)
    hop = hops(node_type.label)[name]
    return (
        _many(node_type, hop, on, nodes, arguments, columns, compilation) if hop.many else _one(node_type, hop, nodes, columns, compilation)
    )


def _many(
    node_type: NodeType,
    hop: Hop,
    on: GraphQLObjectType,
    nodes: Sequence[FieldNode],
    arguments: Mapping[str, Any],
    columns: Columns,
    compilation: Compilation,
) -> str:
    from api.compiler.lists import listed  # noqa: PLC0415 - lists are of records, and records have lists

    listing, text = listed(hop.targets, compilation.field_type(on, nodes[0].name.value), nodes, arguments, compilation, hop)
    return text.replace("«c»", f"«o»[{columns.place(Many(hop, listing, node_type))}]")


def _one(node_type: NodeType, hop: Hop, nodes: Sequence[FieldNode], columns: Columns, compilation: Compilation) -> str:
    inner = Columns()
    far = compilation.source.name("o")
    text = record(hop.targets, nodes, inner, far, compilation)
    place = columns.place(One(hop, inner, node_type))
    absent = "never()" if hop.required else "None"
    return f"({absent} if ({far} := «o»[{place}]) is None else {text})"


def edge_value(prop: Property, columns: Columns, row: str, source: Source) -> str:
    return scalar(prop, f"{row}[{columns.place(EdgeValue(prop.name))}]", source)


def scalar(prop: Property, value: str, source: Source) -> str:
    """Source of a property's value as GraphQL writes it. Whatever the schema does not allow is left to the executor."""
    absent_is_null = prop.kind not in {Kind.STRINGS, Kind.BOOLEAN}
    checked = value
    if prop.enum is not None:
        allowed = source.constant(frozenset(m.value for m in prop.enum))
        test = f"{allowed}.issuperset({value})" if prop.kind is Kind.STRINGS else f"{value} in {allowed}"
        checked = f"({value} if {test} else {_unless_absent(value, absent_is_null)})"
    elif prop.kind is Kind.INTEGER:
        checked = f"({value} if {value} is not None and {INT_RANGE.format(value)} else {_unless_absent(value, absent_is_null)})"
    elif prop.kind is Kind.DATETIME:
        checked = f"moment({value})"
    return needed(value) if prop.required and checked == value else _required(checked, value, prop)


def _unless_absent(value: str, absent_is_null: bool) -> str:
    return f"None if {value} is None else never()" if absent_is_null else "never()"


def _required(checked: str, value: str, prop: Property) -> str:
    return f"({checked} if {value} is not None else never())" if prop.required else checked
