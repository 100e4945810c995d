"""The GraphQL schema: the reads that the model implies, search, match, health. `schema.graphql` is its committed text."""

from __future__ import annotations

import logging
from typing import Any, Final

import strawberry
from graphql import GraphQLError, GraphQLInputObjectType, GraphQLSchema
from strawberry.extensions import DisableIntrospection, MaxTokensLimiter, ParserCache, ValidationCache
from strawberry.types import ExecutionContext
from strawberry.types.base import StrawberryObjectDefinition

from api.assignment import assign_field
from api.board import board_field
from api.chains import chains_field
from api.disagreements import disagreements_field
from api.match import match_field, topics_of_field
from api.medians import medians_field
from api.mutations import mutation_fields
from api.peers import peers_field
from api.queries import model_fields
from api.saved import saved_fields, saved_mutations
from api.search import health_field, search_field
from api.subscriptions import Subscription
from api.surroundings import path_field, surroundings_field
from api.types import make_type
from graph.errors import Code, NetworkError
from graph.model import MODEL
from graph.settings import Settings, settings

log = logging.getLogger("gcio.graphql")
BUG: Final = "Something went wrong on our side."

Query = make_type(
    "Query",
    model_fields()
    | {
        "search": search_field(),
        "match": match_field(),
        "topicsOf": topics_of_field(),
        "peers": peers_field(),
        "board": board_field(),
        "assign": assign_field(),
        "chains": chains_field(),
        "medians": medians_field(),
        "surroundings": surroundings_field(),
        "path": path_field(),
        "disagreements": disagreements_field(),
        "health": health_field(),
    }
    | saved_fields(),
    "What can be asked.",
)
Mutation = make_type("Mutation", mutation_fields() | saved_mutations(), "What members can change.")


class Schema(strawberry.Schema):
    """The schema; failures that are ours go to the log once, the client's mistakes do not."""

    def as_graphql(self) -> GraphQLSchema:
        """The schema as graphql-core holds it: for what Strawberry has no way to ask."""
        return self._schema

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:  # noqa: ARG002 - Strawberry's signature
        for error in errors:
            original = error.original_error
            if original is not None and not isinstance(original, NetworkError | GraphQLError):
                log.error("resolver failed at %s", error.path, exc_info=original)


def build(chosen: Settings) -> Schema:
    """The schema under these settings. Levels, aliases and records are counted before it is asked: `api.limits`."""
    extensions: list[Any] = [
        lambda: MaxTokensLimiter(max_token_count=chosen.max_tokens),
        lambda: ParserCache(maxsize=256),
        lambda: ValidationCache(maxsize=256),
    ]
    if not chosen.introspection:
        extensions.append(DisableIntrospection)
    made = Schema(Query, Mutation, Subscription, types=[], extensions=extensions)
    # Strawberry checks one-of inputs by a rule of its own; graphql-core, which the compiler validates and coerces with, is told here.
    for kind in made.as_graphql().type_map.values():
        definition = kind.extensions.get("strawberry-definition")
        if isinstance(kind, GraphQLInputObjectType) and isinstance(definition, StrawberryObjectDefinition):
            kind.is_one_of = definition.is_one_of
    return made


schema: Final = build(settings())


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
        code = _refusal(error.message)
        hint = "Correct the document at the place named." if code is not Code.TOO_COMPLEX else "Ask for less in one operation."
        out["extensions"] = {"code": code.value, "hint": hint}
    if error.path:
        out["path"] = list(error.path)
    if error.locations:
        out["locations"] = [{"line": location.line, "column": location.column} for location in error.locations]
    return out


def _refusal(message: str) -> Code:
    if "Document contains more than" in message:
        return Code.TOO_COMPLEX
    return Code.GRAPHQL_SYNTAX if message.startswith("Syntax Error") else Code.GRAPHQL_INVALID


def sdl() -> str:
    """The schema as text, as committed in `schema.graphql`."""
    return schema.as_str() + "\n"


assert all(t.single and t.plural for t in MODEL.exposed)  # noqa: S101 - a type without field names would be unreachable
