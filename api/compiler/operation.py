"""An operation as a plan: which of its fields the graph answers in one Cypher, and the builder of its response.

Pure: needs the schema and the model, no database. What it cannot do exactly it leaves to the ordinary executor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import DocumentNode, FieldNode, FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode, OperationType, print_ast
from graphql.execution.values import VariableValues

from api.compiler.collect import Collector, Unsupported
from api.compiler.lists import listed
from api.compiler.records import Compilation, record
from api.compiler.source import Build, mapping
from api.compiler.variables import prefixes_of, stand_ins
from api.queries import MOST_IDS
from graph.model import MODEL, NodeType
from graph.plan.cypher import Text, write
from graph.plan.parameters import Leaf, Ref, value_of
from graph.plan.shape import Fields as Columns
from graph.plan.shape import Root, Single
from graph.plan.writing import Writing

SINGLE = {t.single: t for t in MODEL.exposed}
PLURAL = {t.plural: t for t in MODEL.exposed}


@dataclass(frozen=True)
class Plan:
    """How one shape of an operation is answered: its questions, their Cypher, the builder and the values it needs.

    Without any question (everything was skipped) there is no text.
    """

    roots: tuple[Root, ...]
    text: Text | None
    build: Build
    values: tuple[Leaf, ...]


def plan_operation(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: VariableValues,
    writing: Writing,
    base_url: str = "",
) -> Plan:
    """The plan for requests whose variables have the shape of these. Raises Unsupported, and NetworkError for a broken cursor."""
    if operation.operation is not OperationType.QUERY:
        raise Unsupported(operation.operation.value)
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    symbolic = stand_ins(variables)
    compilation = Compilation(schema, Collector(schema, fragments, variables), symbolic, variables.coerced, base_url)
    query = compilation.object_type("Query")
    roots: list[Root] = []
    entries = []
    asked: dict[tuple[str, ...], str] = {}
    for key, nodes in compilation.collector.of([operation.selection_set], query).items():
        if nodes[0].name.value == "__typename":
            entries.append((key, repr(query.name)))
            continue
        # The same under several aliases is asked for once: a text of thirty subqueries takes seconds to plan.
        same = tuple(
            print_ast(FieldNode(name=n.name, arguments=n.arguments, directives=n.directives, selection_set=n.selection_set)) for n in nodes
        )
        if same not in asked:
            root, asked[same] = _root(nodes, compilation, f"r[{len(roots)}]")
            roots.append(root)
        entries.append((key, asked[same]))
    text = write(roots, writing) if roots else None
    return Plan(tuple(roots), text, compilation.source.finish(mapping(entries)), tuple(compilation.values))


def reads_graph(name: str) -> bool:
    """Whether a field of the root asks for records of the graph, and for nothing that is computed of them."""
    return name in SINGLE or name in PLURAL or name in {"node", "nodes"}


def plan_records(node_type: NodeType, nodes: Sequence[FieldNode], ids: tuple[str, ...], compilation: Compilation, writing: Writing) -> Plan:
    """Records of one type by the ids at a place of the variables: `found` has an object or none for each. Without a selection, an empty one."""
    columns = Columns()
    leaf = Ref(ids)
    answer = _in_order(leaf, record((node_type,), nodes, columns, "o", compilation), compilation, "r[0]")
    root = Single(leaf, (node_type,), columns, many=True)
    return Plan((root,), write([root], writing), compilation.source.finish(mapping([("found", answer)])), tuple(compilation.values))


def _root(nodes: list[FieldNode], compilation: Compilation, answer: str) -> tuple[Root, str]:
    query = compilation.object_type("Query")
    name = nodes[0].name.value
    if not reads_graph(name):
        raise Unsupported(name)
    arguments = compilation.arguments(query, nodes[0])
    if name in PLURAL:
        listing, text = listed((PLURAL[name],), compilation.field_type(query, name), nodes, arguments, compilation)
        return listing, text.replace("«c»", answer)
    if name == "nodes":
        return _several(arguments["ids"], nodes, compilation, answer)
    node_type = SINGLE.get(name) or _type_of(arguments["id"], compilation.coerced)
    return _single(node_type, arguments["id"], nodes, compilation, answer)


def _type_of(leaf: Leaf, coerced: Mapping[str, Any]) -> NodeType:
    [prefix] = prefixes_of(value_of(leaf, coerced))
    return _exposed(prefix)


def _exposed(prefix: str) -> NodeType:
    found = MODEL.by_prefix.get(prefix)
    if found is None or not found.exposed:
        raise Unsupported("an id of no type")
    return found


def _single(node_type: NodeType, leaf: Leaf, nodes: list[FieldNode], compilation: Compilation, answer: str) -> tuple[Root, str]:
    columns = Columns()
    row = compilation.source.name("o")
    text = record((node_type,), nodes, columns, row, compilation)
    return Single(leaf, (node_type,), columns), f"(None if ({row} := {answer}) is None else {text})"


def _several(leaf: Leaf, nodes: list[FieldNode], compilation: Compilation, answer: str) -> tuple[Root, str]:
    ids = value_of(leaf, compilation.coerced)
    if not ids or len(ids) > MOST_IDS or any(not isinstance(one, str) for one in ids):
        raise Unsupported("ids that the executor refuses, or none")
    types = tuple(_exposed(prefix) for prefix in prefixes_of(ids))
    columns = Columns()
    text = record(types, nodes, columns, "o", compilation)
    return Single(leaf, types, columns, many=True), _in_order(leaf, text, compilation, answer)


def _in_order(leaf: Leaf, text: str, compilation: Compilation, answer: str) -> str:
    """Source of the objects, or none, in the order of their ids; `text` makes one of its row `o`."""
    wanted = compilation.value(leaf if isinstance(leaf, Ref) else list(leaf))
    lines = [f"found = {{o[0]: {text} for o in rows}}", "return [found.get(one) for one in ids]"]
    return f"{compilation.source.function('rows, ids, x', lines)}({answer}, {wanted}, x)"
