"""`gcio check`: nodes that break the model. Community has no existence or type constraints, so the queries look themselves."""

from __future__ import annotations

from dataclasses import dataclass

from graph.database import Database, Query, identifier
from graph.model import MODEL, VISIBILITY, Kind, NodeType, Property, Relationship
from graph.schema import SYSTEM_LABELS
from graph.vocabulary import LEVELS

MOST = 1000
_CYPHER_TYPES = {
    Kind.STRING: "STRING",
    Kind.INTEGER: "INTEGER",
    Kind.FLOAT: "FLOAT",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.DATE: "DATE",
    Kind.DATETIME: "ZONED DATETIME",
    Kind.STRINGS: "LIST<STRING>",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A record that breaks a rule of the model."""

    record: str
    rule: str
    detail: str


async def check_graph(database: Database) -> list[Finding]:
    """Everything that breaks the model, at most 1,000 findings a rule."""
    found: list[Finding] = []
    known = [*(t.label for t in MODEL.types), *SYSTEM_LABELS, "Document"]
    rules: list[tuple[str, str, Query]] = [
        ("unknown label", "", unknown_labels(known)),
        ("sequence with gaps", "Change", broken_sequence()),
    ]
    for node_type in MODEL.types:
        rules.append(("id and prefix", node_type.label, wrong_ids(node_type)))
        rules += [
            ("property", f"{node_type.label}.{name}", wrong_values(node_type, p, name)) for name, p in node_type.by_physical_name.items()
        ]
        rules += [("relationship", f"{node_type.label}.{r.name}", wrong_links(node_type, r)) for r in node_type.all_relationships]
        rules += [("copy", f"{node_type.label}.{r.name}", wrong_copies(node_type, r)) for r in node_type.all_relationships if r.copies]
    for rule, detail, query in rules:
        found += [Finding(record or "", rule, detail) for (record,) in await database.read(query, timeout=120)]
    return found


def unknown_labels(known: list[str]) -> Query:
    return Query(
        f"MATCH (n)\nWHERE NONE(l IN labels(n) WHERE l IN $known)\nRETURN coalesce(n.id, elementId(n))\nLIMIT {MOST}", {"known": known}
    )


def broken_sequence() -> Query:
    """One row where the log's numbers are not 1, 2, 3, … up to the counter."""
    return Query(
        "MATCH (s:Sequence {id: 'sequence:change'})\n"
        "CALL () {\n  MATCH (c:Change)\n  RETURN count(c) AS entries, coalesce(max(c.sequence), 0) AS last, coalesce(min(c.sequence), 1) AS first\n}\n"
        "WITH s, entries, last, first\nWHERE entries <> s.value OR last <> s.value OR first <> 1\nRETURN s.id"
    )


def wrong_ids(node_type: NodeType) -> Query:
    return Query(
        f"MATCH (n:{identifier(node_type.label)})\nWHERE n.id IS NULL OR NOT n.id STARTS WITH $prefix\nRETURN coalesce(n.id, elementId(n))\nLIMIT {MOST}",
        {"prefix": node_type.prefix + ":"},
    )


def wrong_values(node_type: NodeType, prop: Property, name: str) -> Query:
    """Required and absent, of another type, out of the allowed values or out of range."""
    value = f"n.{identifier(name)}"
    allowed = " OR ".join(["INTEGER", "FLOAT"]) if prop.kind is Kind.FLOAT else _CYPHER_TYPES[prop.kind]
    typed = f"{value} IS :: INTEGER | FLOAT" if " OR " in allowed else f"{value} IS :: {allowed}"
    conditions = [f"({value} IS NOT NULL AND NOT {typed})"]
    parameters: dict[str, object] = {}
    if prop.required:
        conditions.append(f"{value} IS NULL")
    if prop.enum is not None:
        inside = f"any(v IN {value} WHERE NOT v IN $values)" if prop.kind is Kind.STRINGS else f"NOT {value} IN $values"
        conditions.append(f"({value} IS NOT NULL AND {inside})")
        parameters["values"] = [m.value for m in prop.enum]
    for bound, operator in ((prop.minimum, "<"), (prop.maximum, ">")):
        if bound is not None:
            conditions.append(f"{value} {operator} {float(bound)}")
    return Query(f"MATCH (n:{identifier(node_type.label)})\nWHERE {' OR '.join(conditions)}\nRETURN n.id\nLIMIT {MOST}", parameters)


def wrong_copies(node_type: NodeType, relationship: Relationship) -> Query:
    """Links that say something else of their owner than it says itself."""
    left, right = ("<-", "-") if relationship.incoming else ("-", "->")
    pairs = [(f"n.{identifier(name)}", f"r.{identifier(node_type.copy_name(name))}") for name in relationship.copies]
    pairs.append((f"$levels[n.{VISIBILITY.name}]", f"r.{identifier(node_type.level_name)}"))
    different = " OR ".join(f"({own} IS NULL) <> ({copy} IS NULL) OR {own} <> {copy}" for own, copy in pairs)
    return Query(
        f"MATCH (n:{identifier(node_type.label)}){left}[r:{identifier(relationship.type)}]{right}()\n"
        f"WHERE {different}\nRETURN DISTINCT n.id\nLIMIT {MOST}",
        {"levels": LEVELS},
    )


def wrong_links(node_type: NodeType, relationship: Relationship) -> Query:
    """Absent where required, several where one is allowed, or to a node of another type."""
    owner, kind = identifier(node_type.label), identifier(relationship.type)
    labels = "|".join(identifier(label) for label in relationship.targets)
    left, right = ("<-", "-") if relationship.incoming else ("-", "->")
    right_target = f"(n){left}[:{kind}]{right}(t:{labels})"
    conditions = []
    if relationship.required:
        conditions.append(f"NOT EXISTS {{ {right_target} }}")
    if not relationship.many:
        conditions.append(f"COUNT {{ {right_target} }} > 1")
    # Two types may use one relationship type; only where this owner alone does, another target is wrong.
    shared = [
        r
        for t in MODEL.types
        for r in t.all_relationships
        if r.type == relationship.type and r is not relationship and (t is node_type or node_type.label in r.targets)
    ]
    if not relationship.incoming and not shared:
        conditions.append(f"EXISTS {{ (n)-[:{kind}]->(t) WHERE NOT t:{labels} }}")
    if not conditions:
        conditions.append("false")
    return Query(f"MATCH (n:{owner})\nWHERE {' OR '.join(conditions)}\nRETURN n.id\nLIMIT {MOST}")
