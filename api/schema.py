"""The GraphQL schema: the reads that the model implies, search, match, health. `schema.graphql` is its committed text."""

from __future__ import annotations

import logging
from typing import Any, Final

import strawberry
from graphql import GraphQLError
from strawberry.extensions import MaxAliasesLimiter, MaxTokensLimiter, ParserCache, QueryDepthLimiter, ValidationCache
from strawberry.types import ExecutionContext

from api.match import match_field
from api.queries import model_fields
from api.search import health_field, search_field
from api.types import make_type
from graph.errors import Code, NetworkError
from graph.model import MODEL
from graph.settings import settings

log = logging.getLogger("gcio.graphql")
BUG: Final = "Something went wrong on our side."

Query = make_type(
    "Query", model_fields() | {"search": search_field(), "match": match_field(), "health": health_field()}, "What can be asked."
)


class Schema(strawberry.Schema):
    """The schema; failures that are ours go to the log once, the client's mistakes do not."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:  # noqa: ARG002 - Strawberry's signature
        for error in errors:
            original = error.original_error
            if original is not None and not isinstance(original, NetworkError | GraphQLError):
                log.error("resolver failed at %s", error.path, exc_info=original)


def _extensions() -> list[Any]:
    limits = settings()
    return [
        lambda: MaxTokensLimiter(max_token_count=limits.max_tokens),
        lambda: QueryDepthLimiter(max_depth=limits.max_depth),
        lambda: MaxAliasesLimiter(max_alias_count=limits.max_aliases),
        lambda: ParserCache(maxsize=256),
        lambda: ValidationCache(maxsize=256),
    ]


schema: Final = Schema(Query, types=[], extensions=_extensions())


def format_error(error: GraphQLError) -> dict[str, Any]:
    """The error a client gets: message, path, locations, and `extensions` with a stable code and what to do."""
    original = error.original_error
    out: dict[str, Any] = {"message": error.message}
    if isinstance(original, NetworkError):
        out["message"] = original.message
        out["extensions"] = original.as_dict()
    elif original is not None and not isinstance(original, GraphQLError):
        out["message"] = BUG
        out["extensions"] = {
            "code": Code.INTERNAL.value,
            "hint": "Try again. If it stays, tell us when it happened: the log has the cause.",
        }
    else:
        code = Code.GRAPHQL_SYNTAX if error.message.startswith("Syntax Error") else _refusal(error)
        hint = (
            "Correct the document at the place named."
            if code is not Code.TOO_COMPLEX
            else "Ask for less in one operation: fewer levels, aliases or records."
        )
        out["extensions"] = {"code": code.value, "hint": hint}
    if error.path:
        out["path"] = list(error.path)
    if error.locations:
        out["locations"] = [{"line": location.line, "column": location.column} for location in error.locations]
    return out


def _refusal(error: GraphQLError) -> Code:
    limited = ("exceeds maximum operation depth", "aliases found", "tokens limit", "Document contains more than", "costs")
    return Code.TOO_COMPLEX if any(words in error.message for words in limited) else Code.GRAPHQL_INVALID


def sdl() -> str:
    """The schema as text, as committed in `schema.graphql`."""
    return schema.as_str() + "\n"


assert all(t.single and t.plural for t in MODEL.exposed)  # noqa: S101 - a type without field names would be unreachable
