"""How the tests of this room ask: over HTTP, with an answer or with a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

SECRETS = ("Traceback", "neo4j", "Neo4j", "bolt://", "Cypher", "MATCH (", "RETURN ", "UNWIND", ".py", "site-packages")
"""What no client is ever shown."""


@dataclass(frozen=True)
class Refusal:
    """A failed request: HTTP status, code, the first error, headers."""

    status: int
    code: str
    error: dict[str, Any]
    headers: httpx.Headers

    @property
    def extensions(self) -> dict[str, Any]:
        found: dict[str, Any] = self.error["extensions"]
        return found


async def ask(client: httpx.AsyncClient, query: str, variables: Mapping[str, Any] | None = None, language: str = "en") -> dict[str, Any]:
    """`data` of an operation that has to succeed."""
    answer = await client.post("/graphql", json={"query": query, "variables": variables or {}}, headers={"accept-language": language})
    body = answer.json()
    assert "errors" not in body, body["errors"]
    assert answer.status_code == 200
    data: dict[str, Any] = body["data"]
    return data


async def refused(client: httpx.AsyncClient, query: str, variables: Mapping[str, Any] | None = None) -> Refusal:
    """What is told of an operation that has to fail."""
    return refusal(await client.post("/graphql", json={"query": query, "variables": variables or {}}))


def refusal(answer: httpx.Response) -> Refusal:
    """What an answer tells of its failure; nothing of the inside may be in it, and nothing may have come of the request."""
    assert [word for word in SECRETS if word in answer.text] == []
    body = answer.json()
    assert [value for value in (body.get("data") or {}).values() if value is not None] == []
    first = body["errors"][0]
    assert first["message"].strip()
    assert set(first["extensions"]) <= {"code", "hint", "allowed", "details"}
    return Refusal(answer.status_code, first["extensions"]["code"], first, answer.headers)
