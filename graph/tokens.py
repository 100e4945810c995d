"""Bearer tokens: made once, shown once, kept as a hash, revoked for good. Must not know HTTP."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ulid import ULID

from graph.database import Database, Query
from graph.errors import Code, NetworkError
from graph.records import Record, Value
from graph.viewer import Role, Viewer
from graph.vocabulary import TokenRole
from graph.writer import existing_ids, write

PREFIX: Final = "gcio_"
LONGEST: Final = 200
"""Characters of a secret that are looked at: a longer one is none of ours."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is on record; nobody can read its secret there. Moments are in UTC."""

    id: str
    name: str
    role: TokenRole
    party: str | None
    created: datetime
    expires: datetime | None
    revoked: datetime | None

    def state(self, now: datetime) -> str:
        if self.revoked is not None:
            return "revoked"
        return "expired" if self.expires is not None and self.expires <= now else "valid"


def secret_hash(secret: str) -> str:
    """SHA-256 in hexadecimal. A secret has 256 bits of chance, so that no slow hash is needed against guessing."""
    return hashlib.sha256(secret.encode()).hexdigest()


async def create_token(
    database: Database, name: str, role: TokenRole, *, party: str | None = None, days: int | None = None
) -> tuple[Token, str]:
    """A new token and its secret, which is nowhere else. Raises `BAD_INPUT`, and `UNKNOWN_RECORD` for a party that is not there."""
    name = name.strip()
    if not name or len(name) > 200 or not name.isprintable():
        raise NetworkError(Code.BAD_INPUT, "A token needs a name of at most 200 characters.", hint="Say who uses it, and for what.")
    if party is not None:
        await _check_party(database, party)
    now = datetime.now(UTC)
    token = Token(f"token:{ULID()}", name, role, party, now, now + timedelta(days=days) if days is not None else None, None)
    secret = PREFIX + secrets.token_urlsafe(32)
    await _save(database, token, secret_hash(secret), "cli:token-create")
    return token, secret


async def _check_party(database: Database, party: str) -> None:
    label = {"country": "Country", "organization": "Organization"}.get(party.partition(":")[0])
    if label is None or not await database.read(existing_ids(label, [party])):
        raise NetworkError(
            Code.UNKNOWN_RECORD,
            f"There is no country or organisation “{party[:60]}”.",
            hint="Give its id, such as country:KEN or organization:world-bank.",
        )


async def tokens(database: Database) -> list[Token]:
    """All tokens, the oldest first."""
    return [_token(values)[0] for (values,) in await database.read(stored_tokens())]


async def revoke_token(database: Database, token_id: str) -> Token:
    """End a token at once; one that is revoked already stays as it is. Raises `NOT_FOUND`."""
    wanted = token_id if token_id.startswith("token:") else f"token:{token_id}"
    for (values,) in await database.read(stored_tokens(wanted)):
        token, kept = _token(values)
        if token.revoked is None:
            token = Token(token.id, token.name, token.role, token.party, token.created, token.expires, datetime.now(UTC))
            await _save(database, token, kept, "cli:token-revoke")
        return token
    raise NetworkError(Code.NOT_FOUND, f"There is no token “{token_id[:60]}”.", hint="`gcio token list` shows them all.")


async def bearer(database: Database, secret: str) -> Viewer:
    """Who shows this secret. Raises `UNAUTHENTICATED`, in the same words whether it never was, has ended or was revoked."""
    rows = await database.read(valid_tokens(secret_hash(secret[: LONGEST + 1])))
    if not rows:
        raise refused_token()
    [(token_id, role, party)] = rows
    return Viewer(Role(role), token_id, party)


async def still_valid(database: Database, viewer: Viewer) -> None:
    """Raises `UNAUTHENTICATED` once the viewer's token was revoked or has ended."""
    if viewer.token is not None and not await database.read(valid_token(viewer.token)):
        raise refused_token()


def refused_token() -> NetworkError:
    return NetworkError(
        Code.UNAUTHENTICATED,
        "The token is wrong, has ended or was revoked.",
        hint="Send `Authorization: Bearer …` with a token of `gcio token create`, or no such header to read what is public.",
    )


async def _save(database: Database, token: Token, kept: str, actor: str) -> None:
    properties: dict[str, Value] = {
        "secretHash": kept,
        "name": token.name,
        "role": token.role.value,
        "party": token.party,
        "createdAt": token.created,
        "expiresAt": token.expires,
        "revokedAt": token.revoked,
    }
    report = await write(database, [Record("Token", token.id.partition(":")[2], properties)], actor=actor)
    assert not report.refused, report.refused  # noqa: S101 - everything was checked above


def _token(values: dict[str, Any]) -> tuple[Token, str]:
    def moment(name: str) -> datetime | None:
        return None if values[name] is None else values[name].to_native()

    created = values["createdAt"].to_native()
    token = Token(
        values["id"], values["name"], TokenRole(values["role"]), values["party"], created, moment("expiresAt"), moment("revokedAt")
    )
    return token, str(values["secretHash"])


# The queries, pure: text and parameters.

_VALID = "t.revokedAt IS NULL AND (t.expiresAt IS NULL OR t.expiresAt > datetime())"


def stored_tokens(token_id: str | None = None) -> Query:
    """Rows of one map a token: all, or the one with this id."""
    where = "" if token_id is None else " {id: $id}"
    fields = ".id, .name, .role, .party, .createdAt, .expiresAt, .revokedAt, .secretHash"
    return Query(f"MATCH (t:Token{where})\nRETURN t {{{fields}}}\nORDER BY t.createdAt, t.id", {} if token_id is None else {"id": token_id})


def valid_tokens(kept: str) -> Query:
    """Rows of (id, role, party): one where the hash is that of a token that holds now."""
    return Query(f"MATCH (t:Token {{secretHash: $hash}})\nWHERE {_VALID}\nRETURN t.id, t.role, t.party", {"hash": kept})


def valid_token(token_id: str) -> Query:
    return Query(f"MATCH (t:Token {{id: $id}})\nWHERE {_VALID}\nRETURN t.id", {"id": token_id})
