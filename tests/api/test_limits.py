"""What an operation costs, and what is refused before anything of it is read: by name, with the figure and the way out."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLError, OperationType, Source, TokenKind, build_schema, parse
from graphql.language import Lexer
from hypothesis import example, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from api.cost import CONDITIONS, WEIGHTS, measured
from api.limits import BRACKETS, TOKEN, check_limits
from api.schema import schema, sdl
from graph.errors import Code, NetworkError
from graph.settings import Settings
from tests.bench.hostile import hostile

SETTINGS = Settings()
DOCS = Path(__file__).parents[2] / "docs" / "limits.md"


def cost(document: str, **variables: Any) -> int:
    found = check_limits(document, variables, None, SETTINGS.model_copy(update={"max_cost": 10**12, "max_depth": 40}))
    assert found is not None
    return found.cost


def refused(document: str, variables: dict[str, Any] | None = None, settings: Settings = SETTINGS) -> NetworkError:
    with pytest.raises(NetworkError) as caught:
        check_limits(document, variables or {}, None, settings)
    return caught.value


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("{ __typename }", 0),
        ('{ country(id: "KEN") { name } }', 1),
        ('{ country(id: "KEN") { name capital iso3 } }', 1),
        ("{ countries { nodes { name } } }", 20),
        ("{ countries(first: 5) { nodes { name } } }", 5),
        ("{ countries(first: 5) { edges { node { name } } } }", 5),
        ("{ countries(first: 5) { nodes { id } edges { cursor } } }", 5),
        ("{ countries(last: 7) { nodes { name } } }", 7),
        ("{ countries(first: 0) { nodes { name } } }", 0),
        ("{ countries(first: 5) { pageInfo { endCursor } } }", 0),
        ("{ countries(first: 5) { totalCount } }", 2),
        ("{ countries(first: 5) { totalCount nodes { projects(first: 1) { totalCount } } } }", 2 + 5 * (1 + 2)),
        ("{ countries(first: 10) { nodes { projects(first: 3) { nodes { id } } } } }", 10 * (1 + 3)),
        ("{ countries(first: 10) { nodes { projects { nodes { id } } } } }", 10 * (1 + 20)),
        ('{ practice(id: "x") { country { name } } }', 2),
        ('{ nodes(ids: ["country:KEN", "country:KHM", "country:FRA"]) { id } }', 3),
        ('{ a: country(id: "KEN") { id } b: country(id: "KHM") { id } }', 2),
        ('{ a: country(id: "KEN") { id } a: country(id: "KEN") { name } }', 1),
        ('{ country(id: "KEN") { ...F ...F } } fragment F on Country { projects(first: 4) { nodes { id } } }', 1 + 4),
        ('{ search(query: "x", first: 10) { nodes { id } } }', WEIGHTS["Query.search"] + 10),
        ('{ match(input: {country: "KHM", text: "x"}) { text } }', WEIGHTS["Query.match"]),
        (
            '{ match(input: {country: "KHM", text: "x"}) { partners(first: 2) { nodes { evidence(first: 3) { value } } } } }',
            WEIGHTS["Query.match"] + 2 * (1 + 3),
        ),
        (
            '{ match(input: {country: "KHM", text: "x"}) { partners(first: 2) { nodes { evidence { value } } } } }',
            WEIGHTS["Query.match"] + 2 * (1 + 10),
        ),
    ],
)
def test_what_an_operation_costs(document: str, expected: int) -> None:
    assert cost(document) == expected


def test_fragments_that_double_count_once() -> None:
    fragments = " ".join(f"fragment F{i} on Country {{ ...F{i + 1} ...F{i + 1} }}" for i in range(45))

    assert (
        cost(f'{{ country(id: "KHM") {{ ...F0 }} }} {fragments} fragment F45 on Country {{ id projects(first: 3) {{ nodes {{ id }} }} }}')
        == 4
    )


@pytest.mark.parametrize(
    "document",
    [
        "{ ...A } fragment A on Query { ...A }",
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...C ...D } fragment C on Query { health { state } } fragment D on Query { ...A }",
        "{ countries { nodes { ...F } } } fragment F on Country { groups { nodes { members { nodes { ...F } } } } }",
        "{ health { state } } fragment Unused on Country { ... on Node { ...Unused } }",
    ],
)
def test_a_fragment_that_spreads_itself_is_refused_wherever_it_stands(document: str) -> None:
    told = refused(document)

    assert told.code is Code.GRAPHQL_INVALID
    assert "spreads itself" in told.message


def test_sizes_come_from_variables_their_defaults_and_changes_of_them() -> None:
    document = "query ($n: Int = 7, $ids: [ID!] = []) { countries(first: $n) { nodes { id } } nodes(ids: $ids) { id } }"

    assert cost(document) == 7
    assert cost(document, n=3) == 3
    assert cost(document, n=5, ids=["country:KEN"]) == 6
    assert cost(document, n=3) == 3
    assert cost(document, n=None) == 20


def test_the_larger_of_two_pages_under_one_name_counts() -> None:
    assert (
        cost(
            '{ node(id: "x") { ... on Country { x: projects(first: 2) { nodes { id } } } ... on Topic { x: projects(first: 9) { nodes { id } } } } }'
        )
        == 10
    )


def test_an_operation_tells_its_kind_and_its_roots() -> None:
    found = check_limits('{ a: health { state } country(id: "KEN") { id } }', {}, None, SETTINGS)

    assert found is not None
    assert (found.kind, found.roots) == (OperationType.QUERY, ("health", "country"))


def test_kinds_of_fields_are_read_from_any_schema() -> None:
    """A field that the table does not know is weighed by its type: what is added to the schema needs no line here."""
    text = (
        "input Where { or: [Where!] some: Where search: String } "
        "type Query { things(first: Int, where: Where): ThingConnection! one: Thing plain: [Thing!]! } "
        "type ThingConnection { nodes: [Thing!]! totalCount: Int! aggregate: Sum! facets: [Sum!]! } type Sum { count: Int! } type Thing { id: ID! }"
    )
    schema = build_schema(text)

    def weigh(document: str, **variables: Any) -> int:
        parsed = parse(document)
        return measured(schema, parsed, parsed.definitions[0], variables, 15).cost  # type: ignore[arg-type]  # each document is one operation

    assert weigh("{ things(first: 4) { nodes { id } } }") == 4
    assert weigh("{ one { id } }") == 1
    assert weigh("{ plain { id } }") == 10
    assert weigh("{ things(first: 4) { aggregate { count } } }") == WEIGHTS["aggregate"]
    assert weigh("{ things(first: 4) { nodes { id } facets { count } } }") == 4 + WEIGHTS["facets"] - 1 + 10
    assert weigh("{ unknown { id } }") == 0
    assert weigh('{ things(first: 4, where: {search: "x"}) { nodes { id } } }') == 4 + CONDITIONS["search"]
    assert (
        weigh('{ things(first: 4, where: {or: [{some: {search: "x"}} {search: "y"}]}) { nodes { id } } }')
        == 4 + 10 + 2 * CONDITIONS["search"]
    )
    by_variable = "query ($w: Where, $s: String, $t: Where = {some: {}}) { things(first: 4, where: $w) { nodes { id } } }"
    assert weigh(by_variable, w={"or": [{"search": "x"}]}) == 4 + CONDITIONS["search"]
    assert weigh(by_variable) == 4
    assert weigh(by_variable.replace("where: $w", "where: $t")) == 4 + 10
    assert weigh(by_variable.replace("where: $w", "where: {or: [$w, {search: $s}]}"), w={"search": "x"}) == 4 + 2 * CONDITIONS["search"]


@pytest.mark.parametrize(
    ("name", "document", "variables", "found", "limit"),
    [
        ("tokens", "{ " + "health { state } " * 600 + "}", {}, 2_001, 2_000),
        ("characters", "{ health { state } } #" + "x" * 50_000, {}, 50_022, 50_000),
        ("brackets", "{ a(x: " + "[" * 70, {}, BRACKETS + 1, BRACKETS),
        ("brackets", "{ health { state } }", {"x": [[[[[]]]]]}, None, None),
        ("depth", "{ countries { nodes " + "{ groups { nodes { members { nodes " * 4 + "{ id }" + " } } } }" * 4 + " } }", {}, 16, 15),
        (
            "aliases",
            "{ "
            + " ".join(f'a{i}: country(id: "x") {{ id }}' for i in range(15))
            + ' country(id: "x") { '
            + " ".join(f"b{i}: name" for i in range(16))
            + " } }",
            {},
            31,
            30,
        ),
        ("root fields", "{ " + " ".join(f'a{i}: country(id: "x") {{ id }}' for i in range(30)) + " __typename }", {}, 31, 30),
        ("list", "{ nodes(ids: [" + '"country:KHM" ' * 101 + "]) { id } }", {}, 101, 100),
        ("list", "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ["country:KHM"] * 101}, 101, 100),
        ("digits", "{ countries(first: " + "9" * 5_000 + ") { totalCount } }", {}, 5_000, 100),
        ("values", "{ health { state } }", {f"v{i}": i for i in range(1_001)}, 1_001, 1_000),
        ("variables", "{ health { state } }", {"x": "y" * 200_000}, 200_001, 200_000),
        (
            "cost",
            "{ countries(first: 100) { nodes { projects(first: 100) { nodes { topics(first: 9) { nodes { id } } } } } } }",
            {},
            100_100,
            30_000,
        ),
        (
            "fragments",
            "{ health { state } } " + " ".join(f"fragment F{i} on Query {{ health {{ state }} }}" for i in range(101)),
            {},
            101,
            100,
        ),
        ("nested fragments", "{ " + "... on Query { " * 55 + "health { state }" + " }" * 55 + " }", {}, 51, 50),
        ("selections", "{ " + 'country(id: "KHM") { name } ' * 200 + "}", {}, None, 10_000),
    ],
)
def test_a_refusal_names_the_limit_the_value_and_the_way_out(
    name: str, document: str, variables: dict[str, Any], found: int | None, limit: int | None
) -> None:
    if limit is None:
        assert check_limits(document, variables, None, SETTINGS) is not None
        return
    told = refused(document, variables)

    assert told.code is Code.TOO_COMPLEX
    assert (told.details["name"], told.details["limit"]) == (name, limit)
    assert told.details["found"] > limit if found is None else told.details["found"] == found
    assert str(told.details["found"]) in told.message
    assert told.message.endswith(f"{limit} are allowed.")
    assert told.hint


def test_input_at_the_limit_is_taken() -> None:
    nested: Any = []
    for _ in range(BRACKETS - 2):
        nested = [nested]

    assert check_limits("{ health { state } }", {"x": nested}, None, SETTINGS) is not None
    assert check_limits("{ health { state } }", {f"v{i}": i for i in range(1_000)}, None, SETTINGS) is not None
    assert cost("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=["country:KHM"] * 100) == 100
    assert refused("{ health { state } }", {"x": [[nested]]}).details["name"] == "brackets"


def test_limits_follow_the_settings() -> None:
    tight = SETTINGS.model_copy(update={"max_cost": 4})

    assert refused("{ countries(first: 5) { nodes { name } } }", settings=tight).details == {"name": "cost", "found": 5, "limit": 4}
    assert check_limits("{ countries(first: 5) { nodes { name } } }", {}, None, SETTINGS) is not None


def test_strings_and_comments_hide_nothing_and_count_as_one() -> None:
    document = '{ country(id: "[[[[ { { \\" # ") { name } } # ((((( \n'
    block = '{ country(id: """ " [ { \\""" """) { name } }'

    assert cost(document) == cost(block) == 1
    assert check_limits('{ country(id: "' + "[" * 1_000 + '") { name } }', {}, None, SETTINGS) is not None


def lexed(document: str) -> int | None:
    """Number of tokens as graphql-core sees them; None where it finds a mistake."""
    lexer, tokens = Lexer(Source(document)), 0
    try:
        while lexer.advance().kind is not TokenKind.EOF:
            tokens += 1
    except GraphQLError:
        return None
    return tokens


def scanned(document: str) -> int:
    return sum(1 for token in TOKEN.finditer(document) if token.lastgroup)


@examples(deadline=None)
@given(st.text(alphabet='{}()[]"""\\\\#:$!@.,&|= \n\r\tabué😀019-_e\ufeff', max_size=60))
@example('"""a\\"""b"""')
@example('"""a" "" """ "b"')
@example('"" """"""')
def test_the_scan_sees_the_tokens_that_the_parser_sees(document: str) -> None:
    tokens = lexed(document)

    assert tokens is None or scanned(document) == tokens


def test_the_scan_sees_the_tokens_of_hostile_documents() -> None:
    documents = [json.loads(request.body)["query"] for request in hostile(schema._schema, 300) if request.kind != "malformed"]
    known = [(document, tokens) for document in documents if (tokens := lexed(document)) is not None]

    assert len(known) > 150
    assert [document for document, tokens in known if scanned(document) != tokens] == []


def test_a_document_that_cannot_be_parsed_is_left_to_the_executor() -> None:
    assert check_limits("{ health { state }", {}, None, SETTINGS) is None


def test_the_documents_of_the_pages_are_within_the_limits() -> None:
    from web.queries import operation, operation_names

    for name in operation_names():
        assert check_limits(operation(name), {"first": 20}, None, SETTINGS) is not None


def test_every_weight_by_type_names_a_field_that_there_is() -> None:
    schema = build_schema(sdl())

    for coordinate in WEIGHTS:
        parent, _, name = coordinate.rpartition(".")
        if parent and not name.startswith("__"):
            assert name in schema.type_map[parent].fields, coordinate  # type: ignore[attr-defined]  # objects alone are named


def test_the_examples_in_the_documentation_cost_what_they_say() -> None:
    text = DOCS.read_text(encoding="utf-8")
    examples = re.findall(r"```graphql\n(.*?)```\n\nCost: ([\d,]+)\n", text, re.DOTALL)

    assert len(examples) == text.count("```graphql") == 6
    for document, told in examples:
        assert cost(document) == int(told.replace(",", "")), document


def test_the_tables_in_the_documentation_are_those_of_the_code() -> None:
    text = DOCS.read_text(encoding="utf-8")
    weights = {name: int(told.replace(",", "")) for name, told in re.findall(r"^\| `([\w.]+)` \| ([\d,]+) \|$", text, re.MULTILINE)}
    limits = {name: int(told.replace(",", "")) for name, told in re.findall(r"\| `GCIO_(\w+)` \| ([\d,]+) \|", text)}

    assert weights == WEIGHTS
    assert limits == {name: getattr(SETTINGS, name.lower()) for name in limits}
    assert len(limits) == 10


def test_the_weights_of_conditions_in_the_documentation_are_those_of_the_code() -> None:
    sentence = next(line for line in DOCS.read_text(encoding="utf-8").splitlines() if line.startswith("A condition of a filter weighs"))

    assert all(f"`{name}`" in sentence and f"{weight:,}" in sentence for name, weight in CONDITIONS.items())
