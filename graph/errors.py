"""Every error that a person or a client meets: a stable code, a sentence, what is allowed, what to do.

Must not know who shows it: pages, GraphQL and the command line each render the same fields.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any


class Code(StrEnum):
    """Stable codes. A code is never renamed or reused; `docs/errors.md` lists them all."""

    BAD_INPUT = "BAD_INPUT"
    UNKNOWN_COUNTRY = "UNKNOWN_COUNTRY"
    UNKNOWN_TOPIC = "UNKNOWN_TOPIC"
    UNKNOWN_NEED = "UNKNOWN_NEED"
    NOT_FOUND = "NOT_FOUND"
    TEXT_EMPTY = "TEXT_EMPTY"
    TEXT_TOO_LONG = "TEXT_TOO_LONG"
    TEXT_NOT_UNDERSTOOD = "TEXT_NOT_UNDERSTOOD"
    DATE_IN_FUTURE = "DATE_IN_FUTURE"
    CONTRADICTORY_INPUT = "CONTRADICTORY_INPUT"
    BAD_CURSOR = "BAD_CURSOR"
    PAGE_SIZE = "PAGE_SIZE"
    BODY_TOO_LARGE = "BODY_TOO_LARGE"
    MALFORMED_REQUEST = "MALFORMED_REQUEST"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
    NOT_ACCEPTABLE = "NOT_ACCEPTABLE"
    RATE_LIMITED = "RATE_LIMITED"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    DOCUMENT_NOT_TRUSTED = "DOCUMENT_NOT_TRUSTED"
    GRAPHQL_SYNTAX = "GRAPHQL_SYNTAX"
    GRAPHQL_INVALID = "GRAPHQL_INVALID"
    TOO_COMPLEX = "TOO_COMPLEX"
    INVALID_RECORD = "INVALID_RECORD"
    FIELD_REQUIRED = "FIELD_REQUIRED"
    VALUE_MALFORMED = "VALUE_MALFORMED"
    VALUE_NOT_ALLOWED = "VALUE_NOT_ALLOWED"
    VALUE_OUT_OF_RANGE = "VALUE_OUT_OF_RANGE"
    UNKNOWN_RECORD = "UNKNOWN_RECORD"
    VERSION_CONFLICT = "VERSION_CONFLICT"
    RECORD_WITHDRAWN = "RECORD_WITHDRAWN"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    ORIGIN_REFUSED = "ORIGIN_REFUSED"
    SUBSCRIPTION_LAGGING = "SUBSCRIPTION_LAGGING"
    SUBSCRIPTION_LIMIT = "SUBSCRIPTION_LIMIT"
    INGEST_BUSY = "INGEST_BUSY"
    INGEST_BAD_FILE = "INGEST_BAD_FILE"
    INGEST_FETCH_FAILED = "INGEST_FETCH_FAILED"
    INGEST_ADDRESS_REFUSED = "INGEST_ADDRESS_REFUSED"
    INGEST_TOO_MANY_REJECTED = "INGEST_TOO_MANY_REJECTED"
    DATABASE_UNAVAILABLE = "DATABASE_UNAVAILABLE"
    DATABASE_TIMEOUT = "DATABASE_TIMEOUT"
    RANKING_UNDER_WAY = "RANKING_UNDER_WAY"
    MODEL_LOADING = "MODEL_LOADING"
    MODEL_UNAVAILABLE = "MODEL_UNAVAILABLE"
    SERVER_FETCH_FAILED = "SERVER_FETCH_FAILED"
    SERVER_PORT_BUSY = "SERVER_PORT_BUSY"
    SERVER_DISK_FULL = "SERVER_DISK_FULL"
    SERVER_STORE_LOCKED = "SERVER_STORE_LOCKED"
    SERVER_STORE_NEWER = "SERVER_STORE_NEWER"
    SERVER_PLATFORM = "SERVER_PLATFORM"
    SERVER_START_FAILED = "SERVER_START_FAILED"
    SERVER_NOT_RUNNING = "SERVER_NOT_RUNNING"
    SCHEMA_NOT_READY = "SCHEMA_NOT_READY"
    MIGRATION_CHANGED = "MIGRATION_CHANGED"
    INTERNAL = "INTERNAL"


class NetworkError(Exception):
    """A failure told to a person.

    `message` says what and where, `hint` what to do next, `allowed` the nearest or all allowed values, `details` figures for
    machines (JSON types only). `status` is the HTTP status, `exit_code` the one of `gcio` (2 = the caller's input, 3 = the
    database or its process, 4 = the embedding model, 1 = anything else).
    """

    def __init__(
        self,
        code: Code,
        message: str,
        *,
        hint: str | None = None,
        allowed: Sequence[str] = (),
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.allowed = tuple(allowed)
        self.details = dict(details or {})

    @property
    def status(self) -> int:
        return _STATUS.get(self.code, 400)

    @property
    def exit_code(self) -> int:
        name = self.code.value
        if name.startswith(("DATABASE_", "SERVER_", "SCHEMA_", "MIGRATION_")):
            return 3
        if name.startswith("MODEL_"):
            return 4
        return 1 if self.code is Code.INTERNAL else 2

    def as_dict(self) -> dict[str, Any]:
        """The fields a client gets: `code` always, the others only where they say something."""
        out: dict[str, Any] = {"code": self.code.value}
        if self.hint:
            out["hint"] = self.hint
        if self.allowed:
            out["allowed"] = list(self.allowed)
        if self.details:
            out["details"] = self.details
        return out


_STATUS = {
    Code.UNAUTHENTICATED: 401,
    Code.FORBIDDEN: 403,
    Code.ORIGIN_REFUSED: 403,
    Code.SUBSCRIPTION_LIMIT: 429,
    Code.NOT_FOUND: 404,
    Code.UNKNOWN_NEED: 404,
    Code.BODY_TOO_LARGE: 413,
    Code.METHOD_NOT_ALLOWED: 405,
    Code.UNSUPPORTED_MEDIA_TYPE: 415,
    Code.NOT_ACCEPTABLE: 406,
    Code.RATE_LIMITED: 429,
    Code.PERSISTED_QUERY_NOT_FOUND: 404,
    Code.DOCUMENT_NOT_TRUSTED: 403,
    Code.DATABASE_UNAVAILABLE: 503,
    Code.DATABASE_TIMEOUT: 503,
    Code.SCHEMA_NOT_READY: 503,
    **{code: 503 for code in Code if code.value.startswith("SERVER_")},
    Code.MIGRATION_CHANGED: 503,
    Code.INGEST_BUSY: 409,
    Code.RANKING_UNDER_WAY: 409,
    Code.MODEL_LOADING: 503,
    Code.MODEL_UNAVAILABLE: 503,
    Code.INTERNAL: 500,
}
