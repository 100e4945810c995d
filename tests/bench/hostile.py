"""Requests made to hurt: deep, wide, aliased, cyclic, endless, broken. The same seed makes the same requests.

They are made from the schema, so that whatever a field or an argument is added to is attacked too.
"""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    get_introspection_query,
    get_named_type,
    is_composite_type,
    is_leaf_type,
)

STRINGS: Final = (
    "",
    " ",
    "\u0000",
    "\u202e\u200b\ufeff",
    "a\u0300" * 300,
    "*",
    "foo/bar AND (",
    'title:* OR "',
    "~" * 50,
    '+-&&||!(){}[]^"~*?:\\/',
    "' OR 1=1 //",
    "}) MATCH (n) DETACH DELETE n //",
    "`) CALL db.labels() YIELD label //",
    "$visible",
    "country:KEN",
    "country:" + "K" * 5_000,
    "need:",
    ":",
    "x" * 9_999,
    "النظام " * 800,
    "😀" * 2_000,
    "{{7*7}} ${7*7} <script>alert(1)</script>",
    "../../etc/passwd",
    "\\u0000\\ud800",
    "NaN",
    "9" * 400,
    "topic:digital-identity",
    "We want to join our registers of people and of land.",
)
NUMBERS: Final = (0, 1, -1, 5, 99, 100, 101, 2**31 - 1, 2**31, -(2**31), 2**63, 10**400)
"""The last is for literals alone: JSON has no place for it."""
CURSORS: Final = (
    "",
    "x",
    "====",
    "\u0000",
    "bm90IGEgY3Vyc29y",
    base64.urlsafe_b64encode(b"[1]").decode(),
    base64.urlsafe_b64encode(orjson.dumps([1, "name ASC", {"d": "2026-13-40"}, "country:KEN"])).decode(),
    base64.urlsafe_b64encode(orjson.dumps([1, "name ASC", [1, 2], "country:KEN"])).decode(),
    base64.urlsafe_b64encode(orjson.dumps([1, "name ASC", {"t": {}}, "country:KEN"])).decode(),
    base64.urlsafe_b64encode(orjson.dumps([1, "name ASC", 5, "country:KEN"])).decode(),
    base64.urlsafe_b64encode(orjson.dumps([1, "name ASC", None, "country:KEN"])).decode(),
    base64.urlsafe_b64encode(orjson.dumps([1, "name ASC", True, "country:KEN"])).decode(),
    base64.urlsafe_b64encode(orjson.dumps([1, "startDate DESC", "x", "project:x"])).decode(),
    base64.urlsafe_b64encode(orjson.dumps([1, "match", -5, "x"])).decode(),
    base64.urlsafe_b64encode(orjson.dumps([99, "name ASC", "x", "y"])).decode(),
    base64.urlsafe_b64encode(b"[" * 20_000).decode(),
    base64.urlsafe_b64encode(b'[1,"name ASC","' + b"x" * 8_000 + b'","country:KEN"]').decode(),
)


@dataclass(frozen=True)
class Hostile:
    """A request: the kind of harm it means, and what goes over the wire."""

    kind: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "application/json"})


def literal(text: str) -> str:
    """A GraphQL string."""
    return orjson.dumps(text).decode()


class Maker:
    """Makes hostile requests from a schema and a source of chance."""

    def __init__(self, schema: GraphQLSchema, seed: int) -> None:
        self.schema = schema
        self.chance = random.Random(seed)
        assert schema.query_type is not None
        self.query = schema.query_type
        self.connections = [name for name, f in self.query.fields.items() if get_named_type(f.type).name.endswith("Connection")]

    # What documents are made of.

    def value(self, kind: GraphQLInputType, depth: int = 0) -> str:
        """A literal for an argument: mostly of its type, sometimes not."""
        if self.chance.random() < 0.05:
            return self.chance.choice(("null", "5", '"x"', "[]", "{}", "NOTHING", "1.5", "true", "[[[[1]]]]"))
        if isinstance(kind, GraphQLNonNull):
            return self.value(kind.of_type, depth)
        if isinstance(kind, GraphQLList):
            count = self.chance.choice((0, 1, 1, 2, 3, 101)) if depth < 2 else 1
            return "[" + " ".join(self.value(kind.of_type, depth + 1) for _ in range(count)) + "]"
        if isinstance(kind, GraphQLInputObjectType):
            names = list(kind.fields)
            chosen = self.chance.sample(names, min(len(names), self.chance.choice((0, 1, 1, 2, 3)))) if depth < 5 else []
            return "{" + " ".join(f"{name}: {self.value(kind.fields[name].type, depth + 1)}" for name in chosen) + "}"
        if isinstance(kind, GraphQLEnumType):
            return self.chance.choice(list(kind.values))
        return self.scalar(getattr(kind, "name", "String"))

    def scalar(self, name: str) -> str:
        """A literal of a scalar type."""
        if name in {"Int", "Float"}:
            return str(self.chance.choice(NUMBERS))
        if name == "Boolean":
            return self.chance.choice(("true", "false"))
        if name in {"Date", "DateTime"}:
            return literal(self.chance.choice(("2020-01-01", "2026-13-40", "9999-12-31", "0000-00-00", "x", "-1000000-01-01")))
        return literal(self.chance.choice(STRINGS))

    def arguments(self, found: GraphQLField) -> str:
        """Some arguments of a field, those it needs always."""
        given = []
        for name, argument in found.args.items():
            needed = isinstance(argument.type, GraphQLNonNull)
            if not needed and self.chance.random() < 0.6:
                continue
            if name in {"after", "before"}:
                text = literal(self.chance.choice(CURSORS))
            elif name in {"first", "last"} and self.chance.random() < 0.7:
                text = str(self.chance.choice((1, 5, 20, 100)))
            else:
                text = self.value(argument.type)
            given.append(f"{name}: {text}")
        return f"({', '.join(given)})" if given else ""

    def selection(self, parent: Any, depth: int, width: int) -> str:
        """Fields of a type, some with their own below them."""
        fields = getattr(parent, "fields", None)
        if not fields:
            return "{ __typename }"
        out = ["__typename"] if self.chance.random() < 0.3 else []
        for name in self.chance.sample(list(fields), min(width, len(fields))):
            below = get_named_type(fields[name].type)
            if is_leaf_type(below):
                out.append(f"{name}{self.arguments(fields[name])}")
            elif depth > 0:
                out.append(f"{name}{self.arguments(fields[name])} {self.selection(below, depth - 1, width)}")
        return "{ " + (" ".join(out) or "__typename") + " }"

    def _levels(self, levels: int, page: str) -> str:
        steps = ("groups", "members")
        text = "{ id }"
        for level in range(levels):
            text = "{ " + steps[(levels - level) % 2] + page + " { nodes " + text + " } }"
        return "{ countries" + page + " { nodes " + text + " } }"

    # The kinds of harm, each a method that makes one request.

    def deep(self) -> Hostile:
        return self.document(self._levels(self.chance.randint(2, 400), self.chance.choice(("", "(first: 1)", "(first: 100)"))))

    def wide(self) -> Hostile:
        return self.document(self.selection(self.query, self.chance.randint(1, 3), self.chance.randint(5, 60)))

    def walked(self) -> Hostile:
        return self.document(self.selection(self.query, self.chance.randint(2, 6), self.chance.randint(1, 4)))

    def filtered(self) -> Hostile:
        name = self.chance.choice(list(self.query.fields))
        found = self.query.fields[name]
        below = get_named_type(found.type)
        inner = self.selection(below, 2, 3) if is_composite_type(below) else ""
        every = [f"{key}: {self.value(argument.type)}" for key, argument in found.args.items()]
        return self.document(f"{{ {name}{'(' + ', '.join(every) + ')' if every else ''} {inner} }}")

    def aliased(self) -> Hostile:
        count = self.chance.choice((5, 29, 30, 31, 200, 2_000))
        inner = self.chance.choice(
            ('country(id: "KEN") { name }', "countries(first: 100) { nodes { id } }", "__typename", "health { state }")
        )
        return self.document("{ " + " ".join(f"a{i}: {inner}" for i in range(count)) + " }")

    def repeated(self) -> Hostile:
        count = self.chance.choice((10, 100, 400, 1_500))
        inner = self.chance.choice(
            (
                'country(id: "KEN") { name }',
                '... on Query { country(id: "KEN") { name } }',
                '... @include(if: true) { country(id: "KEN") { a: name } }',
                f"countries(first: {self.chance.randint(1, 100)}) {{ nodes {{ id }} }}",
            )
        )
        return self.document("{ " + f"{inner} " * count + "}")

    def cyclic(self) -> Hostile:
        length = self.chance.randint(1, 60)
        spread = self.chance.choice(("...F0", "countries { nodes { ...F0 } }"))
        kind = "Query" if spread == "...F0" else "Country"
        inner = self.chance.choice(("{next}", "groups {{ nodes {{ members {{ nodes {{ {next} }} }} }} }}", "... on Node {{ {next} }}"))
        fragments = " ".join(
            f"fragment F{i} on {kind} {{ {inner.format(next=f'...F{(i + 1) % length}') if kind == 'Country' else f'...F{(i + 1) % length}'} }}"
            for i in range(length)
        )
        return self.document(f"{{ {spread} }} {fragments}")

    def doubling(self) -> Hostile:
        levels, times = self.chance.randint(5, 99), self.chance.randint(2, 4)
        fragments = " ".join(f"fragment F{i} on Country {{ {f'...F{i + 1} ' * times}}}" for i in range(levels))
        return self.document(f'{{ country(id: "KEN") {{ ...F0 }} }} {fragments} fragment F{levels} on Country {{ id name }}')

    def lists(self) -> Hostile:
        count = self.chance.choice((99, 100, 101, 1_000, 50_000))
        if self.chance.random() < 0.5:
            return self.asked("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ["country:KEN"] * count})
        if self.chance.random() < 0.3:
            return self.asked("query ($t: [ID!]) { search(topics: $t) { totalCount } }", {"t": [f"topic:{i}" for i in range(count)]})
        return self.document("{ nodes(ids: [" + '"country:KEN" ' * min(count, 6_000) + "]) { id } }")

    def cursors(self) -> Hostile:
        name = self.chance.choice(self.connections)
        cursor = self.chance.choice(CURSORS) if self.chance.random() < 0.7 else self._noise(self.chance.randint(1, 300))
        found = self.query.fields[name]
        pair = ("$first", "$after") if self.chance.random() < 0.6 or "before" not in found.args else ("$last", "$before")
        names = [p[1:] for p in pair]
        document = f"query ($n: Int, $c: String) {{ {name}({names[0]}: $n, {names[1]}: $c) {{ pageInfo {{ endCursor }} totalCount }} }}"
        return self.asked(document, {"n": self.chance.choice((1, 20, 100)), "c": cursor})

    def pages(self) -> Hostile:
        name = self.chance.choice(self.connections)
        sizes: dict[str, Any] = {
            "a": self.chance.choice((*NUMBERS[:-1], None, 1.5, "5", True, [1])),
            "b": self.chance.choice((None, None, 5, -1)),
        }
        given = "first: $a, last: $b" if "last" in self.query.fields[name].args else "first: $a"
        declared = "$a: Int, $b: Int" if "last" in given else "$a: Int"
        return self.asked(f"query ({declared}) {{ {name}({given}) {{ nodes {{ __typename }} }} }}", sizes)

    def strings(self) -> Hostile:
        text = self.chance.choice(STRINGS) * self.chance.choice((1, 1, 1, 3, 40))
        return self.asked(
            *self.chance.choice(
                (
                    ("query ($s: String!) { search(query: $s, first: 5) { totalCount nodes { id } } }", {"s": text}),
                    ("query ($s: String) { search(country: $s) { totalCount } }", {"s": text}),
                    ("query ($s: String) { search(language: $s, first: 3) { totalCount facets { kind count } } }", {"s": text}),
                    ("query ($s: ID!) { node(id: $s) { id } }", {"s": text}),
                    ("query ($s: ID!) { country(id: $s) { id name } }", {"s": text}),
                    ("query ($i: MatchInput!) { match(input: $i) { text } }", {"i": {"country": text, "text": text}}),
                    ("query ($i: MatchInput!) { match(input: $i) { text } }", {"i": {"country": "KHM", "text": text, "topics": [text]}}),
                    (
                        "query ($i: MatchInput!) { match(input: $i) { text } }",
                        {"i": {"country": "KHM", "text": text, "language": text[:50]}},
                    ),
                    ("query ($i: MatchInput!) { match(input: $i) { text } }", {"i": {"country": "KHM", "need": text}}),
                )
            )
        )

    def introspection(self) -> Hostile:
        levels = self.chance.randint(1, 12)
        usual = get_introspection_query()
        chain = "{ name }"
        for _ in range(levels):
            chain = "{ fields { type " + chain + " } }"
        return self.document(
            self.chance.choice(
                (
                    "{ __schema { types " + chain + " } }",
                    '{ __type(name: "Query") ' + chain + " }",
                    "{ " + " ".join(f"a{i}: __schema {{ types {{ name fields {{ name }} }} }}" for i in range(levels * 3)) + " }",
                    "{ __schema { types { " + " ".join(f"f{i}: fields {{ name args {{ name }} }}" for i in range(levels * 3)) + " } } }",
                    usual,
                    '{ __type(name: "Country") { possibleTypes { interfaces { possibleTypes { interfaces { name } } } } } }',
                )
            )
        )

    def variables(self) -> Hostile:
        nested: Any = 1
        for _ in range(self.chance.choice((1, 50, 100, 400))):
            nested = [nested] if self.chance.random() < 0.5 else {"a": nested}
        values = self.chance.choice(
            (
                {"x": nested},
                {f"v{i}": i for i in range(self.chance.choice((10, 999, 1_001, 20_000)))},
                {"x": "y" * self.chance.choice((1_000, 199_999, 200_001, 900_000))},
                {"x": None},
                {"__proto__": 1, "x": {"": ""}},
                {},
            )
        )
        kind = self.chance.choice(("ID!", "[ID!]!", "MatchInput!", "Int", "Nothing", "[[[ID]]]", "Country"))
        field_name = {"ID!": "node(id: $x) { id }", "MatchInput!": "match(input: $x) { text }"}.get(
            kind, "countries(first: $x) { totalCount }"
        )
        return self.asked(f"query ($x: {kind}) {{ {field_name} }}", values)

    def directives(self) -> Hostile:
        count = self.chance.choice((1, 10, 200, 600))
        name = self.chance.choice(
            ("@include(if: true)", "@skip(if: false)", "@nothing", "@include", "@deprecated", '@skip(if: "x")', "@defer")
        )
        return self.document("{ health { state " + f"{name} " * count + "} }")

    def syntax(self) -> Hostile:
        whole = self.selection(self.query, 3, 4)
        cut = whole[: self.chance.randint(0, len(whole))]
        return self.document(
            self.chance.choice(
                (
                    cut,
                    "{" * self.chance.choice((10, 63, 65, 1_000, 40_000)),
                    "{ a(x: " + "[" * self.chance.choice((10, 60, 500, 40_000)),
                    "{ a(x: " + "{a: " * self.chance.choice((10, 60, 500)) + "1" + "}" * 10,
                    '{ a(x: "' + '\\"' * self.chance.choice((10, 20_000)),
                    '{ a(x: """' + '\\"""' * self.chance.choice((10, 10_000)),
                    "#" * 60_000,
                    "{ " + "\ufeff," * 20_000 + "health { state } }",
                    "{ health { state } }" + "\u0000",
                    "{ ﹛ health ｛state｝ }",
                    "query " + "q" * 30_000 + " { health { state } }",
                    "{ countries(first: " + "9" * 20_000 + ") { totalCount } }",
                    "{ countries(first: -" + "0" * 5_000 + "1) { totalCount } }",
                    "{ countries(first: 1e" + "9" * 300 + ") { totalCount } }",
                    "query ($a: " + "[" * 300 + "Int" + "]" * 300 + ") { health { state } }",
                    "fragment A on Country { id }",
                    "type Country { id: ID }",
                    "subscription { health { state } }",
                    "mutation { health { state } }",
                    "{ ...{ ...{ ...{ health { state } } } } }",
                    self._noise(self.chance.randint(1, 3_000)),
                )
            )
        )

    def operations(self) -> Hostile:
        count = self.chance.choice((2, 20, 300))
        names = self.chance.choice(("A{i}", "", "A"))
        document = " ".join(f"query {names.format(i=i)} {{ health {{ state }} }}" for i in range(count))
        return self.asked(document, {}, self.chance.choice((None, "A1", "Z", "", "A" * 5_000)))

    def malformed(self) -> Hostile:
        usual = {"content-type": "application/json"}
        body, headers = self.chance.choice(
            (
                (b"", usual),
                (b"\xff\xfe{", usual),
                (b'{"query": "\xc3\x28"}', usual),
                ('{"query": "{ health { state } }"}'.encode("utf-16"), usual),
                (b"[" * 100_000, usual),
                (b'{"a":' * 2_000, usual),
                (b"[" + b'{"query":"{ health { state } }"},' * 50 + b'{"query":"{ health { state } }"}]', usual),
                (b'{"query": 5}', usual),
                (b'{"query": "{ health { state } }", "variables": "x", "extensions": 5}', usual),
                (b'{"documentId": "sha256:' + b"0" * 64 + b'"}', usual),
                (b'{"documentId": 5}', usual),
                (b'{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "' + b"f" * 5_000 + b'"}}}', usual),
                (b'{"extensions": {"persistedQuery": [1]}}', usual),
                (b"--x\r\n\r\n--x--", {"content-type": "multipart/form-data; boundary=x"}),
                (b"query=%7B__typename%7D", {"content-type": "application/x-www-form-urlencoded"}),
                (b'{"query": "{ health { state } }"}', {"content-type": "application/json; charset=latin-1"}),
                (b'{"query": "{ health { state } }"}', {"content-type": "text/plain" * 500}),
                (b'{"query": "{ health { state } }"}', usual | {"accept": "application/xml"}),
                (b'{"query": "{ health { state } }"}', usual | {"accept": ",;q=;;,*/*;q=nan", "accept-language": ";q=9,," * 200}),
                (orjson.dumps({"query": self._noise(500)}), usual),
            )
        )
        return Hostile("malformed", body, headers)

    # How a document becomes a request.

    def document(self, text: str) -> Hostile:
        return self.asked(text, {})

    def asked(self, text: str, variables: Mapping[str, Any], operation: str | None = None) -> Hostile:
        body = {"query": text, "variables": variables} | ({"operationName": operation} if operation is not None else {})
        return Hostile("", json.dumps(body, ensure_ascii=False).encode())

    def _noise(self, length: int) -> str:
        return "".join(chr(self.chance.choice((self.chance.randint(1, 126), self.chance.randint(160, 0xD7FF)))) for _ in range(length))


KINDS: Final[tuple[Callable[[Maker], Hostile], ...]] = (
    Maker.deep,
    Maker.wide,
    Maker.walked,
    Maker.walked,
    Maker.filtered,
    Maker.filtered,
    Maker.aliased,
    Maker.repeated,
    Maker.cyclic,
    Maker.doubling,
    Maker.lists,
    Maker.cursors,
    Maker.pages,
    Maker.strings,
    Maker.introspection,
    Maker.variables,
    Maker.directives,
    Maker.syntax,
    Maker.operations,
    Maker.malformed,
)


def hostile(schema: GraphQLSchema, count: int, seed: int = 1) -> Iterator[Hostile]:
    """`count` requests, every kind in turn."""
    maker = Maker(schema, seed)
    for place in range(count):
        make = KINDS[place % len(KINDS)]
        made = make(maker)
        yield Hostile(make.__name__, made.body, made.headers)
