"""Constraints and indexes, derived from the model; numbered migrations; both under one lock.

Safe to run again, and when two processes start together: the second waits for the first and finds nothing to do.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Set
from dataclasses import dataclass
from importlib import resources

from graph.database import Database, Query, Transaction, identifier
from graph.errors import Code, NetworkError
from graph.model import MODEL, Model, NodeType
from graph.version import revise

SYSTEM_LABELS = ("Lock", "Migration", "Redirect", "Sequence", "State")
TEXT_INDEX = "document_text"
NAME_INDEX = "document_name"
UNIQUENESS = "UNIQUENESS"


@dataclass(frozen=True, slots=True)
class SchemaItem:
    """A constraint or index: its name, what it is, and the statement that creates it where it is missing."""

    name: str
    kind: str
    statement: str


def snake(name: str) -> str:
    """`startDate` → `start_date`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def wanted(model: Model = MODEL) -> tuple[SchemaItem, ...]:
    """Everything the database needs, in a fixed order. Vector indexes are not here: they belong to an embedding model."""
    items = [_unique(label, label) for label in (*SYSTEM_LABELS, *(t.label for t in model.types), "Document")]
    for t in model.types:
        for p in t.all_properties:
            if p.indexed:
                name = f"{snake(t.label)}_{snake(p.name)}"
                items.append(
                    SchemaItem(
                        name, "RANGE", f"CREATE INDEX {name} IF NOT EXISTS FOR (n:{identifier(t.label)}) ON (n.{identifier(p.name)})"
                    )
                )
    # What a data set lists is asked after every file, so that what it no longer lists is found.
    statement = "CREATE INDEX sourced_from_dataset IF NOT EXISTS FOR ()-[r:SOURCED_FROM]-() ON (r.dataset)"
    items.append(SchemaItem("sourced_from_dataset", "RANGE", statement))
    items.append(_full_text(TEXT_INDEX, text_properties(model), "english"))
    items.append(_full_text(NAME_INDEX, name_properties(model), "standard-folding"))
    items += [_full_text(full_text_index(t), t.text.fields, "english", t.label) for t in model.documents if t.text]
    return tuple(items)


def full_text_index(node_type: NodeType) -> str:
    """Name of the full-text index of one type: its best hits are not crowded out by those of others."""
    return f"{snake(node_type.label)}_text"


def full_text_fields(model: Model = MODEL) -> dict[str, tuple[str, ...]]:
    """Fields of every full-text index by its name."""
    own = {full_text_index(t): t.text.fields for t in model.documents if t.text}
    return {TEXT_INDEX: text_properties(model), NAME_INDEX: name_properties(model)} | own


def text_properties(model: Model = MODEL) -> tuple[str, ...]:
    """Properties of documents that full text reads, English stems."""
    return tuple(dict.fromkeys(name for t in model.documents if t.text for name in t.text.fields))


def evidence_properties(model: Model = MODEL) -> tuple[str, ...]:
    """Those of them that a document has which can vote in matching."""
    return tuple(dict.fromkeys(name for t in model.evidence if t.text for name in t.text.fields))


def name_properties(model: Model = MODEL) -> tuple[str, ...]:
    """Names, acronyms and search terms in every language, without stemming."""
    names = {"name", "title", "shortName", "aliases", "keywords", "iso3", "iso2"}
    return tuple(
        dict.fromkeys(physical for t in model.documents for p in t.all_properties if p.name in names for physical in p.physical_names())
    )


def _unique(label: str, name: str) -> SchemaItem:
    name = f"{snake(name)}_id"
    return SchemaItem(name, UNIQUENESS, f"CREATE CONSTRAINT {name} IF NOT EXISTS FOR (n:{identifier(label)}) REQUIRE n.id IS UNIQUE")


def _full_text(name: str, properties: tuple[str, ...], analyzer: str, label: str = "Document") -> SchemaItem:
    each = ", ".join(f"n.{identifier(p)}" for p in properties)
    options = f"{{indexConfig: {{`fulltext.analyzer`: '{analyzer}'}}}}"
    return SchemaItem(
        name, "FULLTEXT", f"CREATE FULLTEXT INDEX {name} IF NOT EXISTS FOR (n:{identifier(label)}) ON EACH [{each}] OPTIONS {options}"
    )


@dataclass(frozen=True, slots=True)
class Migration:
    """A numbered change of the data. Its statements are separated by `;` at a line's end and can be run again."""

    number: int
    name: str
    text: str

    @property
    def full_name(self) -> str:
        return f"{self.number:04d}_{self.name}"

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def statements(self) -> tuple[str, ...]:
        lines = "".join(f"{line}\n" for line in self.text.splitlines() if not line.startswith("//"))
        return tuple(s.strip() for s in lines.split(";\n") if s.strip())


def migrations() -> tuple[Migration, ...]:
    """The migrations shipped with this version, in order."""
    found = []
    for entry in resources.files("graph").joinpath("migrations").iterdir():
        match = re.fullmatch(r"(\d{4})_([a-z0-9_]+)\.cypher", entry.name)
        if match:
            found.append(Migration(int(match[1]), match[2], entry.read_text(encoding="utf-8")))
    return tuple(sorted(found, key=lambda m: m.number))


@dataclass(frozen=True, slots=True)
class MigrateReport:
    """What `migrate` did: names of migrations applied, of constraints and indexes created and dropped."""

    applied: tuple[str, ...]
    created: tuple[str, ...]
    dropped: tuple[str, ...]


async def migrate(database: Database, *, available: tuple[Migration, ...] | None = None) -> MigrateReport:
    """Bring the database to this version. Raises `MIGRATION_CHANGED` when an applied migration's text is not ours."""
    await _prepare_lock(database)
    lock = Query("MERGE (l:Lock {id: 'lock:migrate'}) SET l.taken = datetime() RETURN l.id")

    async def work() -> MigrateReport:
        pending = await _pending(database, available if available is not None else migrations())
        created, dropped = await _sync_schema(database)
        if created or dropped:
            await database.write(revise)
        return MigrateReport(await _apply(database, pending), created, dropped)

    return await database.hold(lock, work)


async def _prepare_lock(database: Database) -> None:
    items = (_unique("Lock", "Lock"), _unique("Migration", "Migration"))
    statements = [Query(i.statement) for i in items]
    try:
        await database.change_schema(statements)
    except NetworkError:
        # Another process that makes them this moment is waited for, so a name that is taken was left by a crash. Not looked for
        # before: an index whose constraint is in the making looks the same.
        left = await _left_behind(database, {i.name for i in items})
        if not left:
            raise
        await _drop(database, left)
        await database.change_schema(statements)


async def _left_behind(database: Database, names: Set[str]) -> tuple[str, ...]:
    """Those of these constraints of which there is only the index: a crash cut off the making. It guards nothing and keeps the name taken."""
    query = Query("SHOW INDEXES YIELD name, owningConstraint WHERE owningConstraint IS NULL RETURN name")
    return tuple(sorted(name for (name,) in await database.read(query) if name in names))


async def _drop(database: Database, indexes: Iterable[str]) -> None:
    await database.change_schema([Query(f"DROP INDEX {identifier(name)} IF EXISTS") for name in indexes])


async def _sync_schema(database: Database) -> tuple[tuple[str, ...], tuple[str, ...]]:
    present = {
        name: (kind, owning)
        for name, kind, owning in await database.read(
            Query("SHOW INDEXES YIELD name, type, owningConstraint RETURN name, type, owningConstraint")
        )
    }
    items = wanted()
    # A full-text index whose fields changed is dropped and built again: IF NOT EXISTS looks at names only.
    fields = dict(await database.read(Query("SHOW INDEXES YIELD name, type, properties WHERE type = 'FULLTEXT' RETURN name, properties")))
    expected = full_text_fields()
    stale = [n for n, properties in fields.items() if tuple(properties) != expected.get(n, ())]
    names = {i.name for i in items}
    obsolete = [n for n, (kind, owning) in present.items() if kind == "RANGE" and owning is None and n not in names]
    guarded = {i.name for i in items if i.kind == UNIQUENESS}
    cut_off = [n for n, (_, owning) in present.items() if owning is None and n in guarded]
    dropped = tuple(sorted({*stale, *obsolete, *cut_off}))
    await _drop(database, dropped)
    missing = [i for i in items if i.name not in present or i.name in dropped]
    await database.change_schema([Query(i.statement) for i in missing])
    if missing:
        await database.read(Query("CALL db.awaitIndexes(300)"), timeout=310)
    return tuple(i.name for i in missing), dropped


async def _pending(database: Database, available: tuple[Migration, ...]) -> tuple[Migration, ...]:
    """Migrations not applied yet. An applied one with another text ends everything before anything is touched."""
    done = dict(await database.read(Query("MATCH (m:Migration) RETURN m.number, m.checksum")))
    for migration in available:
        if done.get(migration.number, migration.checksum) != migration.checksum:
            raise NetworkError(
                Code.MIGRATION_CHANGED,
                f"Migration {migration.full_name} was applied with another text than this version ships.",
                hint="Never edit an applied migration: add a new one. If this database is a copy for development, restore a backup or start with an empty GCIO_HOME.",
            )
    return tuple(m for m in available if m.number not in done)


async def _apply(database: Database, pending: tuple[Migration, ...]) -> tuple[str, ...]:
    for migration in pending:

        async def work(transaction: Transaction, migration: Migration = migration) -> None:
            for statement in migration.statements:
                await transaction.run(Query(statement))
            await transaction.run(
                Query(
                    "CREATE (m:Migration {id: $id, number: $number, name: $name, checksum: $checksum, appliedAt: datetime()})",
                    {
                        "id": f"migration:{migration.number}",
                        "number": migration.number,
                        "name": migration.name,
                        "checksum": migration.checksum,
                    },
                )
            )
            await revise(transaction)

        await database.write(work)
    return tuple(m.full_name for m in pending)


async def missing_schema(database: Database) -> tuple[str, ...]:
    """Names of constraints, indexes and migrations that this version needs and the database does not have online."""
    online = {name for (name,) in await database.read(Query("SHOW INDEXES YIELD name, state WHERE state = 'ONLINE' RETURN name"))}
    online -= set(await _left_behind(database, {i.name for i in wanted() if i.kind == UNIQUENESS}))
    return (*(i.name for i in wanted() if i.name not in online), *(m.full_name for m in await _pending(database, migrations())))


async def check_migrated(database: Database) -> None:
    """Raises `SCHEMA_NOT_READY` where migrations are to be applied, `MIGRATION_CHANGED` where an applied one is not ours."""
    if pending := await _pending(database, migrations()):
        raise NetworkError(
            Code.SCHEMA_NOT_READY,
            f"The graph is not as this version needs it: {', '.join(m.full_name for m in pending)} is to be applied.",
            hint="Run `gcio migrate`; `gcio up` does it by itself.",
        )
