"""Operations made from the schema for property tests: any fields, aliases, fragments, directives, filters, orders and pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_required_argument,
)
from hypothesis import strategies as st

DEPTH: Final = 5
IDS: Final = (
    "country:KEN", "country:KHM", "country:EST", "topic:digital-identity", "topic:open-data", "organization:koica", "organization:unctad",
    "solution:x-road", "project:none", "country:ZZZ",
)  # fmt: skip
POOL: Final[dict[str, tuple[Any, ...]]] = {
    "ID": IDS,
    "String": ("en", "KEN", "a", "digital", "Kenya", "Estonia", "identity register", "000", "é", "%_"),
    "Int": (0, 1, 2, 3, 2014, 2020, 50_000_000),
    "Float": (0.0, 0.5, 1.0, 1e6, 2.5e7),
    "Boolean": (True, False),
    "Date": ("2012-10-01", "2018-01-01", "2020-06-30", "2024-01-01"),
    "DateTime": ("2020-01-01T00:00:00Z",),
}
PAGING: Final = ("first", "after", "last", "before")


@dataclass
class Operation:
    """A document in the making: its variables with their types and values."""

    variables: dict[str, tuple[str, Any]] = field(default_factory=dict)
    fragments: list[str] = field(default_factory=list)
    aliases: int = 0

    def variable(self, kind: str, value: Any) -> str:
        name = f"v{len(self.variables)}"
        self.variables[name] = (kind, value)
        return f"${name}"


class Maker:
    """Draws one operation."""

    def __init__(self, schema: GraphQLSchema, draw: st.DrawFn) -> None:
        self.schema = schema
        self.draw = draw
        self.operation = Operation()

    def chance(self, percent: int) -> bool:
        return self.draw(st.integers(1, 100)) > 100 - percent

    def one_of(self, values: Any) -> Any:
        return self.draw(st.sampled_from(sorted(values, key=str) if isinstance(values, set | dict) else list(values)))

    def document(self, roots: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
        """(document, variables). A cursor for the first list of the operation is the variable `cursor`, which is null at first."""
        query = self.schema.query_type
        assert query is not None
        fields = " ".join(self.field(query, self.one_of(roots), DEPTH, root=True) for _ in range(self.draw(st.integers(1, 2))))
        declared = ", ".join(f"${name}: {kind}" for name, (kind, _) in self.operation.variables.items())
        head = f"query ({declared}) " if declared else ""
        return " ".join([f"{head}{{ {fields} }}", *self.operation.fragments]), {n: v for n, (_, v) in self.operation.variables.items()}

    def field(self, on: GraphQLObjectType, name: str, depth: int, *, root: bool = False) -> str:
        definition = on.fields[name]
        alias = ""
        if root or self.chance(15):
            self.operation.aliases += 1
            alias = f"a{self.operation.aliases}: "
        directive = self.directive() if self.chance(8) else ""
        inner = get_named_type(definition.type)
        selection = "" if is_leaf_type(inner) else f" {self.selection(inner, depth - 1)}"
        return f"{alias}{name}{self.arguments(definition)}{directive}{selection}"

    def directive(self) -> str:
        value = self.draw(st.booleans())
        shown = self.operation.variable("Boolean!", value) if self.chance(50) else str(value).lower()
        return f" @{self.one_of(('skip', 'include'))}(if: {shown})"

    def selection(self, on: Any, depth: int) -> str:
        parts = ["__typename"] if self.chance(20) else []
        if is_abstract_type(on):
            members = [t for t in self.schema.get_possible_types(on) if "id" in t.fields]
            chosen = self.draw(st.lists(st.sampled_from(members), min_size=1, max_size=3, unique_by=lambda t: t.name))
            parts += [self.fragment(member, depth) for member in chosen]
            return f"{{ {' '.join([*parts, '__typename'])} }}"
        fields = [n for n, f in on.fields.items() if depth > 0 or is_leaf_type(get_named_type(f.type))]
        chosen = self.draw(st.lists(st.sampled_from(fields), min_size=1, max_size=3, unique=True))
        for name in chosen:
            parts.append(self.field(on, name, depth) if self.chance(85) else self.fragment_of(on, name, depth))
        return f"{{ {' '.join(parts)} }}"

    def fragment_of(self, on: GraphQLObjectType, name: str, depth: int) -> str:
        holders = [i for i in getattr(on, "interfaces", ()) if name in i.fields]
        condition = self.one_of([on.name, *(i.name for i in holders)])
        return f"... on {condition} {{ {self.field(on, name, depth)} }}"

    def fragment(self, on: GraphQLObjectType, depth: int) -> str:
        if self.chance(70):
            return f"... on {on.name} {self.selection(on, depth - 1)}"
        name = f"F{len(self.operation.fragments)}"
        self.operation.fragments.append("")
        place = len(self.operation.fragments) - 1
        self.operation.fragments[place] = f"fragment {name} on {on.name} {self.selection(on, depth - 1)}"
        return f"...{name}"

    def arguments(self, definition: GraphQLField) -> str:
        given: dict[str, str] = {}
        paged = "after" in definition.args
        for name, argument in definition.args.items():
            if name in PAGING:
                continue
            if is_required_argument(argument) or self.chance(25):
                given[name] = self.value(argument.type, 2, name)
        if paged:
            given |= self.page()
        return f"({', '.join(f'{name}: {value}' for name, value in given.items())})" if given else ""

    def page(self) -> dict[str, str]:
        size = self.draw(st.sampled_from([0, 1, 2, 3, 4, 4, 3, 2, 1, -1, 101])) if self.chance(20) else self.draw(st.integers(0, 4))
        shown = self.operation.variable("Int", size) if self.chance(30) else str(size)
        return {"last": shown} if self.chance(20) else {"first": shown}

    def value(self, kind: Any, depth: int, name: str = "") -> str:
        """A literal, or a variable that holds the value."""
        made = self.data(kind, depth, name)
        if self.chance(40):
            return self.operation.variable(str(kind), made)
        return literal(made, kind)

    def data(self, kind: Any, depth: int, name: str = "") -> Any:
        if isinstance(kind, GraphQLNonNull):
            kind = kind.of_type
        if is_list_type(kind):
            item = kind.of_type
            nested = isinstance(get_named_type(kind), GraphQLInputObjectType)
            return [self.data(item, depth - 1, name) for _ in range(self.draw(st.integers(1, 2 if nested else 3)))]
        if isinstance(kind, GraphQLEnumType):
            return Name(self.one_of(list(kind.values)))
        if isinstance(kind, GraphQLScalarType):
            return self.one_of(POOL[kind.name])
        return self.input(kind, depth)

    def input(self, kind: GraphQLInputObjectType, depth: int) -> dict[str, Any]:
        # Meaning needs the model for every case, which costs more than it shows; it has tests of its own.
        names = [n for n, f in kind.fields.items() if n != "meaning" and (depth > 0 or not nests(f.type))] or list(kind.fields)
        if kind.is_one_of:
            chosen = [self.one_of(names)]
        else:
            required = [n for n, f in kind.fields.items() if isinstance(f.type, GraphQLNonNull)]
            chosen = required or self.draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))
        return {n: self.data(kind.fields[n].type, depth - 1, n) for n in chosen}


class Name(str):
    """A member of an enumeration: written without quotes in a document."""

    __slots__ = ()


def nests(kind: Any) -> bool:
    """Whether values of the type are inputs that can hold further inputs."""
    named = get_named_type(kind)
    return isinstance(named, GraphQLInputObjectType) and any(
        isinstance(get_named_type(f.type), GraphQLInputObjectType) for f in named.fields.values()
    )


def literal(value: Any, kind: Any) -> str:
    """The value as a document has it."""
    if isinstance(kind, GraphQLNonNull | GraphQLList) and not isinstance(value, list):
        kind = kind.of_type
    if isinstance(value, Name):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {literal(inner, None)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(literal(item, None) for item in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' if isinstance(value, str) else str(value)


@st.composite
def operations(draw: st.DrawFn, schema: GraphQLSchema, roots: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    """(document, variables) of an operation on root fields of these names."""
    return Maker(schema, draw).document(roots)
