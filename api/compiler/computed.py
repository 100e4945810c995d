"""Operations with computed fields (a match, the board, a search): resolvers answer them, and records are read at the end, all at once.

The resolvers are those of the ordinary executor. A record that one of them names stays its id until all have answered; then one compiled
query for each type and selection reads what is wanted, beside each other and beside the lists of the same operation. What cannot be
done exactly is left to the executor, as everywhere in this folder.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import isawaitable, iscoroutine, isfunction
from typing import Any, Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    is_abstract_type,
    is_leaf_type,
    print_ast,
)
from graphql.execution.values import VariableValues, get_argument_values, get_variable_values
from graphql.pyutils import Path
from strawberry.types.field import StrawberryField

from api.bounded import Bounded
from api.compiler.collect import Collector, Unsupported
from api.compiler.operation import Plan, plan_operation, plan_records, reads_graph
from api.compiler.records import Compilation
from api.compiler.run import PLANS, Plans, Prepared, run
from api.compiler.source import NullViolation
from api.compiler.variables import shape_of, stand_ins
from api.context import Context
from graph.errors import Code, NetworkError
from graph.model import MODEL
from graph.plan.writing import Writing
from graph.read import Node
from graph.viewer import ANYONE

log = logging.getLogger("gcio")

IDS: Final = "the ids"
"""Where the ids of a query's records stand among its variables: no variable of GraphQL has such a name."""


class Unread(dict[str, Any]):
    """The values of a record that is to be read at the end. Who looks for one needs the record before: the executor answers."""

    def _refuse(self, *_: object) -> Any:
        raise Unsupported("a record that a resolver looks into")

    get = __getitem__ = __contains__ = __iter__ = _refuse


UNREAD: Final = Unread()


@dataclass
class Naming(Context):
    """Gives records by their ids alone, and knows which it gave: each has to be there, and to be the viewer's to see."""

    named: dict[str, Node] = field(default_factory=dict)

    async def node(self, record_id: str) -> Node | None:
        return self.name(record_id)

    async def nodes(self, ids: Sequence[str]) -> dict[str, Node]:
        return {record_id: self.name(record_id) for record_id in ids}

    def name(self, record_id: str) -> Node:
        found = self.named.get(record_id)
        if found is None:
            kind = MODEL.by_prefix.get(record_id.partition(":")[0])
            if kind is None or not kind.exposed:
                raise Unsupported("an id of no type")
            found = self.named[record_id] = Node(kind, record_id, UNREAD)
        return found


@dataclass(frozen=True)
class Asked:
    """A field of a selection: its key in the response, its nodes, its definition; nothing of the latter for `__typename`.

    `plain` makes its value of the parent's alone, where its resolver needs nothing else.
    """

    key: str
    nodes: list[FieldNode]
    definition: GraphQLField | None
    plain: Callable[[Any], Any] | None = None


Place = tuple[Any, Any]
"""Where a value belongs: a dictionary and a key, or a list and a number."""


@dataclass
class Mixed:
    """One shape of an operation with computed fields: its fields by selection, and the plans of what it reads of the graph."""

    prepared: Prepared
    schema: Any
    base_url: str
    writing: Callable[[], Writing]
    variables: VariableValues
    lists: Plan | None = None
    computed: tuple[Asked, ...] = ()
    keys: tuple[str, ...] = ()
    selections: dict[Hashable, tuple[Asked, ...]] = field(default_factory=dict)
    texts: dict[Hashable, str] = field(default_factory=dict)
    reads: dict[Hashable, Plan] = field(default_factory=dict)

    def __post_init__(self) -> None:
        fragments = {d.name.value: d for d in self.prepared.document.definitions if isinstance(d, FragmentDefinitionNode)}
        self.collector = Collector(self.schema, fragments, self.variables)
        query = self.schema.query_type
        fields = self.collector.of([self.prepared.operation.selection_set], query)
        computed = {key: nodes for key, nodes in fields.items() if not reads_graph(nodes[0].name.value)}
        if not any(nodes[0].name.value in query.fields for nodes in computed.values()):
            raise Unsupported("nothing that is computed")
        if any(nodes[0].name.value in {"__schema", "__type"} for nodes in computed.values()):
            raise Unsupported("introspection")
        self.keys = tuple(fields)
        self.computed = tuple(self._asked(key, nodes, query) for key, nodes in computed.items())
        if rest := [node for key, nodes in fields.items() if key not in computed for node in nodes]:
            self.lists = self._plan_lists(rest)

    def _plan_lists(self, nodes: Sequence[FieldNode]) -> Plan:
        whole = self.prepared.operation
        part = OperationDefinitionNode(
            operation=whole.operation,
            name=whole.name,
            variable_definitions=whole.variable_definitions,
            selection_set=SelectionSetNode(selections=tuple(nodes)),
        )
        return plan_operation(self.schema, self.prepared.document, part, self.variables, self.writing(), self.base_url)

    def below(self, nodes: Sequence[FieldNode], on: GraphQLObjectType) -> tuple[Asked, ...]:
        """Fields of a selection on a type; found once."""
        key = (on.name, *map(id, nodes))
        found = self.selections.get(key)
        if found is None:
            fields = self.collector.below(nodes, on)
            found = self.selections[key] = tuple(self._asked(name, below, on) for name, below in fields.items())
        return found

    def _asked(self, key: str, nodes: list[FieldNode], on: GraphQLObjectType) -> Asked:
        name = nodes[0].name.value
        if name == "__typename":
            return Asked(key, nodes, None)
        definition = on.fields[name]
        return Asked(key, nodes, definition, plain_of(definition))

    def text_of(self, nodes: Sequence[FieldNode]) -> str:
        """The selection as text: the same records are wanted in the same way at several places of a document."""
        key = tuple(map(id, nodes))
        found = self.texts.get(key)
        if found is None:
            found = self.texts[key] = "".join(print_ast(node.selection_set) for node in nodes if node.selection_set)
        return found

    def reading(self, label: str, nodes: Sequence[FieldNode]) -> Plan:
        """What reads records of a type by id, for a selection: `found`, in the order of the ids. Without nodes, whether they are there."""
        key = (label, self.text_of(nodes))
        found = self.reads.get(key)
        if found is None:
            compilation = Compilation(self.schema, self.collector, stand_ins(self.variables), self.variables.coerced, self.base_url)
            found = self.reads[key] = plan_records(MODEL[label], nodes, (IDS,), compilation, self.writing())
        return found


def plain_of(definition: GraphQLField) -> Callable[[Any], Any] | None:
    """The function behind a field that needs its parent's value and nothing else."""
    made = definition.extensions.get("strawberry-definition")
    if not isinstance(made, StrawberryField) or made.base_resolver is None or made.extensions:
        return None
    resolver = made.base_resolver
    function = resolver.wrapped_func
    return function if list(resolver.signature.parameters) == ["root"] and isfunction(function) else None


class Computed:
    """Answers operations with computed fields. `plans` has their documents prepared."""

    def __init__(self, plans: Plans) -> None:
        self._plans = plans
        self._made: Bounded[Hashable, Mixed | Unsupported] = Bounded(PLANS)

    async def answer(
        self, document: str, variables: Mapping[str, Any], operation_name: str | None, context: Context
    ) -> dict[str, Any] | None:
        """`data`, or None where the ordinary executor has to answer. Raises DATABASE_* errors: asking again would not help."""
        prepared = self._plans.prepared(document, operation_name)
        if prepared is None or prepared.operation.operation is not OperationType.QUERY:
            return None
        values = get_variable_values(self._plans.schema, prepared.operation.variable_definitions or (), dict(variables))
        if not isinstance(values, VariableValues):
            return None
        try:
            mixed = self._mixed(document, operation_name, prepared, values, await context.network.vector_index())
            return await Walk(mixed, values, Naming(context.network, context.viewer, context.language)).answer()
        except NetworkError as error:
            if error.code in {Code.DATABASE_TIMEOUT, Code.DATABASE_UNAVAILABLE}:
                raise
            return None
        except (Unsupported, NullViolation):
            return None
        except Exception:  # whatever a resolver may raise: the executor comes to it again, and tells it at its place
            log.warning("A computed answer failed; the executor answers.", exc_info=True)
            return None

    def _mixed(self, document: str, name: str | None, prepared: Prepared, values: VariableValues, index: str | None) -> Mixed:
        """What is kept of this shape of the operation. Raises Unsupported."""
        key = (document, name, shape_of(prepared.operation, values.coerced, prepared.uses), index)
        found = self._made.get(key)
        if found is None:
            try:
                found = Mixed(prepared, self._plans.schema, self._plans.base_url, lambda: Writing(ANYONE, index), values)
            except Unsupported as reason:
                found = reason
            self._made.put(key, found, len(document))
        if isinstance(found, Unsupported):
            raise found
        return found


class Walk:
    """One request: values in their places, what is still awaited, and which records are to be read where."""

    def __init__(self, mixed: Mixed, values: VariableValues, context: Naming) -> None:
        self._mixed, self._values, self._context = mixed, values, context
        self._awaited: list[tuple[Any, Any, list[FieldNode], Place]] = []
        self._records: dict[Hashable, tuple[str, list[FieldNode], dict[str, list[Place]]]] = {}
        self._arguments: dict[int, dict[str, Any]] = {}

    async def answer(self) -> dict[str, Any]:
        """`data`, in the document's order. Raises whatever a resolver raises, Unsupported, and NullViolation."""
        listed, data = await _all(self._lists(), self._computed())
        return {key: listed[key] if key in listed else data[key] for key in self._mixed.keys}

    async def _lists(self) -> dict[str, Any]:
        return await run(self._mixed.lists, self._values.coerced, self._context) if self._mixed.lists else {}

    async def _computed(self) -> dict[str, Any]:
        query: GraphQLObjectType = self._mixed.schema.query_type
        data: dict[str, Any] = {}
        try:
            self._fill(data, self._mixed.computed, query, None)
            while self._awaited:
                waiting, self._awaited = self._awaited, []
                found = await _all(*(value for value, _, _, _ in waiting))
                for value, (_, kind, nodes, place) in zip(found, waiting, strict=True):
                    self._complete(kind, nodes, value, place)
        finally:
            for value, *_ in self._awaited:
                if iscoroutine(value):
                    value.close()
        await _all(*self._reads())
        return data

    def _fill(self, out: dict[str, Any], fields: Sequence[Asked], on: GraphQLObjectType, parent: Any) -> None:
        for asked in fields:
            out[asked.key] = None
            if asked.definition is None:
                out[asked.key] = on.name
            elif asked.plain is not None:
                self._complete(asked.definition.type, asked.nodes, asked.plain(parent), (out, asked.key))
            else:
                self._complete(asked.definition.type, asked.nodes, self._resolved(asked, on, parent), (out, asked.key))

    def _resolved(self, asked: Asked, on: GraphQLObjectType, parent: Any) -> Any:
        """What the executor would get of the field's resolver."""
        definition, node, prepared = asked.definition, asked.nodes[0], self._mixed.prepared
        assert definition is not None and definition.resolve is not None  # noqa: S101, PT018 - Strawberry gives every field one
        arguments = self._arguments.get(id(node))
        if arguments is None:
            arguments = self._arguments[id(node)] = get_argument_values(definition, node, self._values)
        info: Any = GraphQLResolveInfo(
            node.name.value,
            asked.nodes,
            definition.type,
            on,
            Path(None, asked.key, on.name),
            self._mixed.schema,
            self._mixed.collector.fragments,  # type: ignore[arg-type]  # a dictionary, told as a mapping
            None,
            prepared.operation,
            self._values,
            self._context,
            isawaitable,  # type: ignore[arg-type]  # looser than graphql-core's
            None,
            None,  # type: ignore[arg-type]  # no resolver of ours starts work that outlives it
        )
        return definition.resolve(parent, info, **arguments)

    def _complete(self, kind: Any, nodes: list[FieldNode], value: Any, place: Place) -> None:
        """Put a value where it belongs, in the form in which GraphQL has it."""
        holder, key = place
        if isawaitable(value):
            self._awaited.append((value, kind, nodes, place))
            return
        if isinstance(kind, GraphQLNonNull):
            kind = kind.of_type
            if value is None:
                raise NullViolation
        if value is None:
            holder[key] = None
        elif is_leaf_type(kind):
            holder[key] = kind.coerce_output_value(value)
            if holder[key] is None:
                raise NullViolation
        elif isinstance(kind, GraphQLList):
            items = list(value)
            holder[key] = made = [None] * len(items)
            for number, item in enumerate(items):
                self._complete(kind.of_type, nodes, item, (made, number))
        elif isinstance(value, Node):
            self._read_later(kind, nodes, value, place)
        elif isinstance(kind, GraphQLObjectType):
            out: dict[str, Any] = {}
            holder[key] = out
            self._fill(out, self._mixed.below(nodes, kind), kind, value)
        else:
            raise Unsupported("a value of no type that is known")

    def _read_later(self, kind: Any, nodes: list[FieldNode], node: Node, place: Place) -> None:
        own = self._mixed.schema.type_map[node.type.label]
        if own is not kind and not (is_abstract_type(kind) and self._mixed.schema.is_sub_type(kind, own)):
            raise Unsupported("a record of another type")
        wanted = self._records.setdefault((node.type.label, self._mixed.text_of(nodes)), (node.type.label, nodes, {}))
        wanted[2].setdefault(node.id, []).append(place)

    def _reads(self) -> Iterator[Any]:
        """A read for each type and selection, and one for each type of what was named and is shown nowhere: it too has to be there."""
        seen: set[str] = set()
        for label, nodes, places in self._records.values():
            seen.update(places)
            yield self._read(label, nodes, places)
        unseen: dict[str, dict[str, list[Place]]] = {}
        for record_id, node in self._context.named.items():
            if record_id not in seen:
                unseen.setdefault(node.type.label, {})[record_id] = []
        for label, places in unseen.items():
            yield self._read(label, [], places)

    async def _read(self, label: str, nodes: list[FieldNode], places: Mapping[str, list[Place]]) -> None:
        ids = list(places)
        answer = await run(self._mixed.reading(label, nodes), {**self._values.coerced, IDS: ids}, self._context)
        for record_id, found in zip(ids, answer["found"], strict=True):
            if found is None:
                raise Unsupported("a record that is not there")
            for holder, key in places[record_id]:
                holder[key] = found


async def _all(*work: Any) -> list[Any]:
    """What all of them bring; the first failure once all have ended, so that none is left behind."""
    found = await asyncio.gather(*work, return_exceptions=True)
    for one in found:
        if isinstance(one, BaseException):
            raise one
    return found
