"""What one operation may ask for: the size of its document and variables, levels, aliases, fields at its root, cost.

Whatever takes time is bounded before it begins: a scan of the text before it is parsed, a count before it is validated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import DocumentNode, GraphQLError, OperationDefinitionNode, OperationType, parse

from api.bounded import Bounded
from api.cost import Measured, conditions_in, measured, size_of, too_much
from api.schema import schema
from graph.errors import Code, NetworkError
from graph.settings import Settings

LONGEST: Final = 50_000
"""Characters of a document. Parsed documents are kept, so that their length has to have a bound."""
BRACKETS: Final = 64
"""Brackets within each other in a document, and lists and objects within each other in variables: reading them is recursive."""
DIGITS: Final = 100
"""Characters of a number: Python refuses to read very long ones."""
KEPT: Final = 300_000
"""Characters of the documents that are kept parsed and measured."""
TOKEN: Final = re.compile(
    r"[\s,\ufeff]+|#[^\n\r]*"
    r'|(?P<value>[_A-Za-z][_0-9A-Za-z]*|-?[0-9][0-9.eE+-]*|"""(?:\\"""|[^"]|"(?!""))*+(?:""")?|"(?:[^"\\\n\r]|\\.)*+"?)'
    r"|(?P<open>[\[{(])|(?P<close>[\]})])|(?P<mark>\.\.\.|[!$&:=@|])"
)
"""A token as the specification has it. One that does not end takes the rest, so that a scan never looks at a character twice."""


Sizes = tuple[tuple[int | None, int] | None, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation within its limits: what it is, what it costs, names of the fields at its root."""

    kind: OperationType
    cost: int
    roots: tuple[str, ...]


@dataclass(slots=True)
class _Known:
    """A document that was parsed, with the operation that is meant and its figures by the sizes that its variables give."""

    document: DocumentNode
    operation: OperationDefinitionNode
    sized_by: tuple[str, ...] = ()
    figures: dict[Sizes, Measured] = field(default_factory=dict)


_known: Final[Bounded[tuple[str, str | None, int], _Known]] = Bounded(KEPT)
MOST_FIGURES: Final = 64


def check_limits(document: str, variables: Mapping[str, Any], operation_name: str | None, settings: Settings) -> Operation | None:
    """The operation, or None for a document that cannot be parsed: the executor tells where.

    Raises TOO_COMPLEX that names the limit, what was found and what is allowed, and GRAPHQL_INVALID for a fragment that
    spreads itself or where it is not clear which operation is meant.
    """
    _check_variables(variables, settings)
    try:
        known = _look_up(document, operation_name, settings)
    except GraphQLError:
        return None
    figures = _figures(known, document, operation_name, variables, settings)
    _compare(figures, settings)
    return Operation(known.operation.operation, figures.cost, figures.roots)


def forget() -> None:
    """Let go of all documents that are kept."""
    _known.clear()


def _compare(found: Measured, settings: Settings) -> None:
    if found.levels > settings.max_depth:
        hint = "Ask for fewer levels at once."
        raise too_much("depth", "The operation has {found} levels", found.levels, settings.max_depth, hint)
    if found.aliases > settings.max_aliases:
        hint = "Split it, or ask for `nodes`."
        raise too_much("aliases", "The operation has {found} aliases", found.aliases, settings.max_aliases, hint)
    if len(found.roots) > settings.max_root_fields:
        hint = "Split it into several operations."
        raise too_much("root fields", "The operation has {found} fields at its root", len(found.roots), settings.max_root_fields, hint)
    if found.cost > settings.max_cost:
        hint = "Ask for shorter pages (`first`), or for fewer lists inside lists."
        raise too_much("cost", "The operation may cost {found}", found.cost, settings.max_cost, hint)


def _look_up(document: str, operation_name: str | None, settings: Settings) -> _Known:
    key = (document, operation_name, settings.max_tokens)
    known = _known.get(key)
    if known is None:
        scan(document, settings)
        parsed = parse(document)
        known = _Known(parsed, _chosen(parsed, operation_name))
    return known


def _figures(known: _Known, document: str, operation_name: str | None, variables: Mapping[str, Any], settings: Settings) -> Measured:
    sizes = _sizes(known.sized_by, variables)
    found = known.figures.get(sizes) if known.figures else None
    if found is None:
        found = measured(schema._schema, known.document, known.operation, variables, settings.max_depth)
        known.sized_by = tuple(sorted(found.sized_by))
        if len(known.figures) >= MOST_FIGURES:
            known.figures.clear()
        known.figures[_sizes(known.sized_by, variables)] = found
        # Kept once it could be measured: what is refused in between shall push nothing out.
        _known.put((document, operation_name, settings.max_tokens), known, len(document))
    return found


def _sizes(names: Iterable[str], variables: Mapping[str, Any]) -> Sizes:
    """What the cost hangs on: page sizes, and conditions. Null is another size than none given, which means the default."""
    return tuple((size_of(variables[name]), conditions_in(variables[name])) if name in variables else None for name in names)


def scan(document: str, settings: Settings) -> None:
    """Counts characters, tokens, brackets within each other, and values in lists, without parsing."""
    if len(document) > LONGEST:
        raise too_much("characters", "The document has {found} characters", len(document), LONGEST, "Send values as variables.")
    tokens = 0
    lists: list[int] = []  # values so far in each open bracket, less than 0 where it is not a list
    for token in TOKEN.finditer(document):
        kind = token.lastgroup
        if kind is None:
            continue
        tokens += 1
        if tokens > settings.max_tokens:
            hint = "Split the operation, and send values as variables."
            raise too_much("tokens", "The document has {found} tokens or more", tokens, settings.max_tokens, hint)
        if kind == "value" and len(token[0]) > DIGITS and token[0][0] in "-0123456789":
            raise too_much("digits", "A number in the document has {found} digits or more", len(token[0]), DIGITS, "Send a smaller number.")
        if kind == "close":
            if lists:
                lists.pop()
            continue
        if kind != "mark" and lists and lists[-1] >= 0:
            lists[-1] += 1
            if lists[-1] > settings.max_list:
                raise _long_list(lists[-1], settings, "or more ")
        if kind == "open":
            lists.append(0 if token[0] == "[" else -1)
            if len(lists) > BRACKETS:
                hint = "Ask for fewer levels at once."
                raise too_much("brackets", "The document has {found} brackets within each other", len(lists), BRACKETS, hint)


def _check_variables(variables: Mapping[str, Any], settings: Settings) -> None:
    values = characters = 0
    waiting: list[tuple[Any, int]] = [(variables, 1)]
    while waiting:
        value, depth = waiting.pop()
        values += 1
        if values > settings.max_values + 1:  # the variables themselves are no value
            hint = "Send fewer values, in several operations."
            raise too_much("values", "The variables have {found} values or more", values - 1, settings.max_values, hint)
        if depth > BRACKETS:
            hint = "Write the input flatter."
            raise too_much("brackets", "The variables have {found} lists and objects within each other", depth, BRACKETS, hint)
        if isinstance(value, str):
            characters += len(value)
        elif isinstance(value, Mapping):
            characters += sum(len(name) for name in value)
            waiting += [(inner, depth + 1) for inner in value.values()]
        elif isinstance(value, list):
            if len(value) > settings.max_list:
                raise _long_list(len(value), settings)
            waiting += [(inner, depth + 1) for inner in value]
    if characters > settings.max_variables:
        hint = "Send shorter texts, or several operations."
        raise too_much("variables", "The variables have {found} characters", characters, settings.max_variables, hint)


def _long_list(found: int, settings: Settings, more: str = "") -> NetworkError:
    hint = "Send shorter lists, in several operations."
    return too_much("list", f"A list has {{found}} {more}values", found, settings.max_list, hint)


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
