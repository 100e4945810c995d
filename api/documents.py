"""Trusted documents: those of the pages, and those that a manifest names. Clients ask them by hash; a setting answers no others.

A manifest has the format of Apollo's `persisted-query-manifest`, so that clients' own tools can write one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

import orjson
from graphql import GraphQLError, OperationDefinitionNode, parse

from graph.errors import Code, NetworkError
from graph.settings import Settings

FORMAT: Final = "apollo-persisted-query-manifest"
PREFIX: Final = "sha256:"
SHIPPED: Final = "trusted_documents.json"


def hash_of(document: str) -> str:
    """64 lower-case hexadecimal digits."""
    return hashlib.sha256(document.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Trusted:
    """Documents by hash."""

    by_hash: Mapping[str, str]

    def text(self, document_id: str) -> str:
        """The document with this hash, with or without `sha256:` before it. Raises PERSISTED_QUERY_NOT_FOUND."""
        digest = document_id.removeprefix(PREFIX)
        if digest not in self.by_hash:
            raise NetworkError(
                Code.PERSISTED_QUERY_NOT_FOUND,
                f"No document with the hash “{digest[:80]}” is known here.",
                hint="Send the document itself in `query`, or have it added to the trusted documents.",
            )
        return self.by_hash[digest]


@lru_cache(maxsize=8)
def trusted(path: Path | None) -> Trusted:
    """Those shipped for the pages, and those of a manifest. Raises BAD_INPUT for a manifest that cannot be used."""
    shipped = resources.files("api").joinpath(SHIPPED)
    found = read_manifest(shipped.read_bytes(), SHIPPED)
    if path is not None:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise _unusable(str(path), error.strerror or "it cannot be read") from None
        found = found | read_manifest(content, str(path))
    return Trusted(found)


def check_admitted(document: str, settings: Settings) -> None:
    """Raises DOCUMENT_NOT_TRUSTED where only trusted documents are answered and this is none."""
    if settings.trusted_only and hash_of(document) not in trusted(settings.documents).by_hash:
        raise NetworkError(
            Code.DOCUMENT_NOT_TRUSTED,
            "Only documents that are known beforehand are answered here, and this is none of them.",
            hint="Ask by `documentId` for one that is, or have yours added: docs/limits.md tells how.",
        )


def manifest(documents: Iterable[str]) -> bytes:
    """The manifest of documents with one operation each, ordered by the operations' names."""
    operations = []
    for document in documents:
        definitions = [d for d in parse(document).definitions if isinstance(d, OperationDefinitionNode)]
        if len(definitions) != 1 or definitions[0].name is None:
            raise NetworkError(
                Code.BAD_INPUT, "A trusted document has exactly one operation, and the operation a name.", hint=f"Not so: {document[:80]}"
            )
        operation = definitions[0]
        operations.append({"id": hash_of(document), "name": definitions[0].name.value, "type": operation.operation.value, "body": document})
    operations.sort(key=lambda entry: (entry["name"], entry["id"]))
    return orjson.dumps({"format": FORMAT, "version": 1, "operations": operations}, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def read_manifest(content: bytes, name: str) -> dict[str, str]:
    """Documents by hash. Raises BAD_INPUT that names the file for what is no manifest or whose hashes are not those of its documents."""
    try:
        told: Any = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise _unusable(name, f"it is not JSON: line {error.lineno}, column {error.colno}") from None
    if not isinstance(told, dict) or told.get("format") != FORMAT or not isinstance(told.get("operations"), list):
        raise _unusable(name, f"it has no `operations`, or its `format` is not `{FORMAT}`")
    found: dict[str, str] = {}
    for place, entry in enumerate(told["operations"]):
        body = entry.get("body") if isinstance(entry, dict) else None
        if not isinstance(body, str) or entry.get("id") != hash_of(body):
            raise _unusable(name, f"the hash of operation {place} is not that of its text")
        try:
            parse(body)
        except GraphQLError as error:
            raise _unusable(name, f"operation {place} cannot be parsed: {error.message}") from None
        found[entry["id"]] = body
    return found


def _unusable(name: str, reason: str) -> NetworkError:
    return NetworkError(
        Code.BAD_INPUT,
        f"The manifest of trusted documents {name} cannot be used: {reason}.",
        hint="Write it with `gcio documents build`, or unset GCIO_DOCUMENTS.",
    )
