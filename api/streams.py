"""Operations over a connection that stays: what WebSockets and event streams have in common. Must not know either's messages.

Strawberry's own handlers share one context among all operations of a connection, tell errors without our codes, and have neither
patience nor a limit with a sentence; these are thin, on the same schema.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from graphql import GraphQLError, OperationDefinitionNode, OperationType, get_operation_ast, parse

from api.context import Context
from api.documents import check_admitted
from api.execute import run
from api.limits import check_limits
from api.schema import format_error, schema
from api.state import Network
from api.subscriptions import Position
from graph.errors import Code, NetworkError
from graph.settings import Settings
from graph.viewer import Viewer

log = logging.getLogger("gcio")
Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """An operation as a client sent it, and who sent it."""

    document: str
    variables: Mapping[str, Any]
    operation: str | None
    viewer: Viewer
    language: str
    position: Position = field(default_factory=Position)


def kind_of(document: str, operation: str | None, settings: Settings) -> OperationType | None:
    """What kind of operation would run; None where that is not clear, which the executor then tells."""
    return _kind(document, operation, settings.max_tokens)


@lru_cache(maxsize=256)
def _kind(document: str, operation: str | None, max_tokens: int) -> OperationType | None:
    try:
        found: OperationDefinitionNode | None = get_operation_ast(parse(document, max_tokens=max_tokens), operation)
    except (GraphQLError, RecursionError):
        return None
    return found.operation if found else None


def check_transport(document: str, operation: str | None, settings: Settings, *, method: str, stream: bool) -> None:
    """Raises METHOD_NOT_ALLOWED for a mutation by `GET`, and NOT_ACCEPTABLE for a subscription that no stream was opened for."""
    kind = kind_of(document, operation, settings)
    if kind is OperationType.MUTATION and method != "POST":
        raise NetworkError(Code.METHOD_NOT_ALLOWED, "A mutation cannot be sent with GET.", hint="Send it with POST and a JSON body.")
    if kind is OperationType.SUBSCRIPTION and not stream:
        raise NetworkError(
            Code.NOT_ACCEPTABLE,
            "A subscription needs a stream.",
            hint="Send `accept: text/event-stream`, or open a WebSocket with the protocol graphql-transport-ws.",
            allowed=["text/event-stream"],
        )


async def answers(network: Network, question: Question) -> AsyncGenerator[Answer, None]:
    """The one answer of a query or a mutation, or an answer for each event of a subscription."""
    if kind_of(question.document, question.operation, network.settings) is not OperationType.SUBSCRIPTION:
        yield await run(
            network,
            question.document,
            question.variables,
            operation_name=question.operation,
            viewer=question.viewer,
            language=question.language,
        )
        return
    try:
        check_admitted(question.document, network.settings)
        check_limits(question.document, question.variables, question.operation, network.settings)
    except NetworkError as error:
        yield refusal(error)
        return
    source = await schema.subscribe(
        question.document,
        variable_values=dict(question.variables),
        operation_name=question.operation,
        context_value=Context(network, question.viewer, question.language),
        root_value=question.position,
    )
    async with aclosing(source):
        async for result in source:
            yield {"data": result.data} | ({"errors": [format_error(error) for error in result.errors]} if result.errors else {})


def refusal(error: NetworkError) -> Answer:
    return {"data": None, "errors": [{"message": error.message, "extensions": error.as_dict()}]}


def nothing_ran(answer: Answer) -> bool:
    """Whether the answer tells that the operation could not even begin."""
    return answer["data"] is None and not any("path" in error for error in answer.get("errors", ()))


def lagging(position: int | None, patience: float) -> NetworkError:
    """What a client is told that does not read what it is sent."""
    log.info("a client lags and is closed")
    return NetworkError(
        Code.SUBSCRIPTION_LAGGING,
        f"What was sent to you was not read for {patience:g} seconds.",
        hint="Read faster, or filter more; then go on with `after` where you broke off: nothing is lost.",
        details={"after": position},
    )


@contextmanager
def seat(network: Network) -> Iterator[None]:
    """A place among the open streams of this process. Raises SUBSCRIPTION_LIMIT."""
    most = network.settings.streams
    if network.streams >= most:
        raise NetworkError(
            Code.SUBSCRIPTION_LIMIT,
            f"{most} streams are open, more are not taken.",
            hint="Try again in a minute, or put several operations on one WebSocket.",
            details={"limit": most},
        )
    network.streams += 1
    try:
        yield
    finally:
        network.streams -= 1
