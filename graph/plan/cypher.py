"""A plan as Cypher: one text for one or several questions, one row with one column for each.

Every list is filtered, sorted and cut before anything is read of its records; every nested question is a subquery that returns
one row. Rows are positional lists: they carry no names and keep the order asked for. No database access here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from graph.database import identifier
from graph.hops import Hop
from graph.model import Kind, NodeType, localised_name
from graph.plan.groups import SPANS, group_clauses, sum_expression
from graph.plan.order import Key
from graph.plan.rows import Parent, call, page_clauses, set_clauses
from graph.plan.shape import EdgeValue, Fields, Listing, Many, One, Root, Score, Single, SortValue, Value, Whole, WholeEdge
from graph.plan.writing import Writing
from graph.several import ASKED, Several, several

SAME: Final = re.compile(r"(?:LIMIT|\} (?:=|<>|[<>]=?|IN)) \$(\w+)")
"""Parameters that are the same for all reads of a text for several: Cypher takes no others behind LIMIT, and counts twice where it does not
know what a count is compared with."""


@dataclass(frozen=True, slots=True)
class Text:
    """A finished text, the names of its columns, and the state that holds its parameters and checks. `many` where several reads can be asked at once."""

    text: str
    names: tuple[str, ...]
    writing: Writing
    many: Several | None = None


def write(roots: Sequence[Root], writing: Writing) -> Text:
    """One Cypher for the questions: one row with a column `r0`, `r1` … for each."""
    names = tuple(f"r{number}" for number in range(len(roots)))
    parts = [_root(root, name, writing) for root, name in zip(roots, names, strict=True)]
    inner = [each for _, each in parts if each is not None]
    many = _for_many(inner, names, writing) if len(inner) == len(parts) else None
    return Text(_side_by_side([text for text, _ in parts], names), names, writing, many)


def _side_by_side(parts: Sequence[str], names: Sequence[str], imported: str = "") -> str:
    if len(parts) == 1:
        return parts[0]
    blocks = [f"CALL ({imported}) {{\n{_indented(part)}\n}}" for part in parts]
    return "\n".join([*blocks, f"RETURN {', '.join(names)}"])


def _for_many(parts: Sequence[str], names: Sequence[str], writing: Writing) -> Several:
    text = _side_by_side(parts, names, ASKED)
    own = {parameter.name for parameter in writing.parameters.found} - set(SAME.findall(text))
    return several(text, own, names)


def write_for_each(start: NodeType, ids: Sequence[str], hop: Hop, listing: Listing, writing: Writing) -> Text:
    """One Cypher for one list of several records: rows of (id of the record, answers as in `write`)."""
    calls, answer = _listing(listing, Parent("o", hop), writing)
    lines = [f"UNWIND {writing.parameters.add(list(ids))} AS id", f"MATCH (o:{identifier(start.label)} {{id: id}})"]
    return Text(writing.finished("\n".join([*writing.prelude, *lines, *calls, f"RETURN id, {answer} AS r0"])), ("id", "r0"), writing)


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


def _root(root: Root, name: str, writing: Writing) -> tuple[str, str | None]:
    """The text for one read, and what stands inside of a text for several, where there can be one.

    What a search looks up first it looks up once for a text, and vectors are long: such reads are asked one by one. So is a lone
    `min` or `max`: the database takes it from the end of an index, and where there is nothing it forgets which read it was for
    (Neo4j 2026.08: its `Optional` keeps no name of an outer row).
    """
    calls, answer = _listing(root, None, writing) if isinstance(root, Listing) else _single(root, writing)
    text = "\n".join([*writing.prelude, *calls, f"RETURN {answer} AS {name}"])
    each = None if writing.prelude or writing.meanings or _is_lone_end(root) else writing.finished(text, ASKED)
    text = writing.finished(text)
    writing.prelude.clear()
    writing.carried.clear()
    writing.looked_up.clear()
    return text, each


def _is_lone_end(root: Root) -> bool:
    """Whether nothing but the least or the greatest value is asked of the whole list."""
    if not isinstance(root, Listing) or root.total or root.sums is None or len(root.sums.figures) != 1:
        return False
    return root.sums.figures[0][0] in SPANS


def _single(root: Single, writing: Writing) -> tuple[list[str], str]:
    """Records by id: the row of one, or the rows of several in no order, of whatever types the ids are."""
    ids = writing.parameters.add(root.ids) if root.many else writing.parameters.add(root.ids, root.types[0].global_id)
    calls, found = [], []
    for node_type in root.types:
        alias, name = writing.name("n"), writing.name("a")
        record = f"({alias}:{identifier(node_type.label)} {{id: {'id' if root.many else ids}}})"
        start = [f"UNWIND {ids} AS id", f"MATCH {record}"] if root.many else [f"MATCH {record}"]
        if seen := writing.seen(alias, node_type):
            start.append(f"WHERE {seen}")
        inner, row = row_of(root.fields, root.types, alias, writing)
        calls.append(call([], "\n".join([*start, *inner, f"RETURN collect({row}) AS {name}"])))
        found.append(name)
    return calls, " + ".join(found) if root.many else f"head({found[0]})"


def _listing(listing: Listing, parent: Parent | None, writing: Writing) -> tuple[list[str], str]:
    """Subqueries for every part of a list that is asked for, and the list of their answers."""
    calls: list[str] = []
    answers: list[str] = []
    # A size that is not offered is refused whatever of the list is asked for, and so is a filter that contradicts itself.
    writing.sizes.append(listing.window.limit)
    if listing.fields is None and not (listing.total or listing.sums or listing.groups):
        set_clauses(listing, parent, writing.name("n"), writing)

    def ask(body: str, name: str) -> None:
        calls.append(call([parent.alias] if parent else [], body))
        answers.append(name)

    if listing.fields is not None:
        name = writing.name("a")
        ask(f"{_page(listing, listing.fields, parent, writing)} AS {name}", name)
    figures: list[str] = []
    copied = _is_repeated(listing, parent)
    alias = writing.name("r" if copied else "n") if listing.total or listing.sums else ""
    if listing.total:
        if parent and not listing.where and not listing.edge and not writing.seen("x", *listing.types):
            # Without a condition the database knows the number without looking at the records.
            answers.append(f"COUNT {{ {parent.hop.step(parent.start, '')} }}")
        elif not parent and not listing.where and not listing.sums and writing.viewer.counts_hidden(*listing.types):
            answers.append(_all_but_hidden(listing.types[0], writing))
        else:
            answers.append(writing.name("a"))
            figures.append(f"count({alias}) AS {answers[-1]}")
    if listing.sums:
        answers.append(writing.name("a"))
        figures.append(f"{sum_expression(listing.sums, listing.types[0], alias, copied=copied)} AS {answers[-1]}")
    if figures:
        # What is told of the whole list is told of one look at it.
        start = _links_seen(parent, alias, writing) if parent and copied else set_clauses(listing, parent, alias, writing)
        calls.append(call([parent.alias] if parent else [], f"{start}\nRETURN {', '.join(figures)}"))
    for groups in listing.groups:
        alias, name = writing.name("n"), writing.name("a")
        start = set_clauses(listing, parent, alias, writing)
        ask(group_clauses(groups, listing.types[0], start, alias, name, writing), name)
    return calls, f"[{', '.join(answers)}]"


def _is_repeated(listing: Listing, parent: Parent | None) -> bool:
    """Whether the links of a list say all that its total and its figures need, so that nobody has to look at the records."""
    figures = listing.sums.figures if listing.sums else ()
    return bool(parent and not listing.where and not listing.edge and parent.hop.repeats(*(name for _, name in figures if name)))


def _links_seen(parent: Parent, link: str, writing: Writing) -> str:
    return f"MATCH {parent.hop.links(parent.start, name=link)}\nWHERE {writing.link_seen(link, parent.hop.owner)}"


def _all_but_hidden(node_type: NodeType, writing: Writing) -> str:
    """How many records of a type the viewer may see: the database knows how many there are, and an index those that are hidden.

    The writer stores no record without `visibility`; one that got in by another way would be counted here and shown nowhere.
    """
    writing.hides = True
    alias, label = writing.name("n"), identifier(node_type.label)
    hidden = f"COUNT {{ MATCH ({alias}:{label}) WHERE {writing.viewer.hidden(alias)} }}"
    return f"COUNT {{ MATCH (:{label}) }} - {hidden}"


def _page(listing: Listing, fields: Fields, parent: Parent | None, writing: Writing) -> str:
    """Clauses from the start of a list to `RETURN collect(…)`."""
    edge = any(isinstance(column, EdgeValue) or (isinstance(column, WholeEdge) and column.hop) for column in fields.columns)
    page = page_clauses(listing, parent, writing, edge=edge)
    calls, row = row_of(fields, listing.types, page.alias, writing, page.link, page.score, page.keys)
    return "\n".join([page.text, *calls, f"RETURN collect({row})"])


def row_of(
    fields: Fields,
    types: Sequence[NodeType],
    alias: str,
    writing: Writing,
    link: str = "",
    score: str = "",
    keys: Sequence[Key] = (),
) -> tuple[list[str], str]:
    """Subqueries for what a record is linked to, and its row as a list."""
    calls: list[str] = []
    columns: list[str] = []
    for column in fields.columns:
        match column:
            case Value():
                columns.append(_value(column, types, alias))
            case EdgeValue():
                columns.append(f"{link}.{identifier(column.name)}")
            case SortValue():
                columns.append(keys[column.number].shown())
            case Score():
                columns.append(score or "null")
            case Whole():
                columns.append(_whole(types, alias))
            case WholeEdge():
                columns.append(_whole_edge(column, link))
            case One() | Many():
                inner, answer = _linked(column, types, alias, writing)
                calls += inner
                columns.append(answer)
    return calls, f"[{', '.join(columns)}]"


def _whole_edge(column: WholeEdge, link: str) -> str:
    properties = column.hop.relationship.properties if column.hop else ()
    return f"{link} {{{', '.join(f'.{identifier(p.name)}' for p in properties)}}}" if properties else "{}"


def _whole(types: Sequence[NodeType], alias: str) -> str:
    names = dict.fromkeys(name for t in types for name in t.by_physical_name)
    return f"{alias} {{.id, {', '.join(f'.{identifier(name)}' for name in names)}}}"


def _linked(column: One | Many, types: Sequence[NodeType], alias: str, writing: Writing) -> tuple[list[str], str]:
    parent = Parent(alias, column.hop, column.of.label if len(types) > 1 else "")
    if isinstance(column, Many):
        return _listing(column.listing, parent, writing)
    return _one(column.fields, column.hop, parent, writing)


def _one(fields: Fields, hop: Hop, parent: Parent, writing: Writing) -> tuple[list[str], str]:
    far, name = writing.name("n"), writing.name("a")
    lines = [f"MATCH {hop.step(parent.start, far)}"]
    if seen := writing.seen(far, *hop.targets):
        lines.append(f"WHERE {seen}")
    calls, row = row_of(fields, hop.targets, far, writing)
    return [call([parent.alias], "\n".join([*lines, *calls, f"RETURN head(collect({row})) AS {name}"]))], name


def _value(column: Value, types: Sequence[NodeType], alias: str) -> str:
    """The property the way GraphQL's scalars are written: dates as text, figures as floats, lists never absent."""
    if column.name == "id":
        return f"{alias}.id"
    declared = [t.by_physical_name[column.name] for t in types if column.name in t.by_physical_name]
    prop = declared[0]
    plain = f"{alias}.{identifier(column.name)}"
    # Of a union, one type may have the name in six languages and another in one: there the other language's is absent.
    if column.language != "en" and any(p.localised for p in declared):
        plain = f"coalesce({alias}.{identifier(localised_name(column.name, column.language))}, {plain})"
    match prop.kind:
        case Kind.FLOAT:
            return f"toFloat({plain})"
        case Kind.DATE:
            return f"toString({plain})"
        case Kind.BOOLEAN:
            return f"coalesce({plain}, false)"
        case Kind.STRINGS:
            return f"coalesce({plain}, [])"
        case _:
            return plain
