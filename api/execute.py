"""Run a GraphQL document in process: for pages, the command line and the endpoint alike.

Where the compiler can, one Cypher answers the whole operation; where something is computed, its resolvers are asked first and all
records are read at the end; else the ordinary executor resolves it field by field.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import ExecutionResult, GraphQLError

from api.compiler import Plans
from api.compiler.computed import Computed
from api.context import Context
from api.documents import check_admitted
from api.limits import check_limits
from api.schema import BUG, format_error, schema
from api.state import Network
from graph.errors import Code, NetworkError
from graph.settings import Settings, settings
from graph.viewer import ANYONE, Viewer

plans = Plans(schema.as_graphql(), settings().max_tokens, (settings().base_url or "").rstrip("/"))
computed = Computed(plans)


async def run(
    network: Network,
    document: str,
    variables: Mapping[str, Any],
    *,
    operation_name: str | None = None,
    viewer: Viewer = ANYONE,
    language: str = "en",
) -> dict[str, Any]:
    """The whole answer, as the specification shapes it: `data` and, where something failed, `errors`."""
    try:
        check_admitted(document, network.settings)
        check_limits(document, variables, operation_name, network.settings)
    except NetworkError as error:
        return {"data": None, "errors": [{"message": error.message, "extensions": error.as_dict()}]}
    return await work_out(network, document, variables, operation_name, viewer, language)


async def work_out(
    network: Network, document: str, variables: Mapping[str, Any], operation_name: str | None, viewer: Viewer, language: str
) -> dict[str, Any]:
    """The same for an operation that is known to be admitted and within its limits."""
    result = await answer(document, variables, operation_name, Context(network, viewer, language))
    out: dict[str, Any] = {"data": result.data}
    if network.settings.debug and result.errors is None:
        from api.explain import explain_operation  # noqa: PLC0415 - explains what is run here

        explained = await explain_operation(document, variables, operation_name, Context(network, viewer, language))
        out["extensions"] = {"explain": explained.as_dict()}
    if result.errors:
        out["errors"] = [_told(error, network.settings) for error in result.errors]
    return out


async def answer(document: str, variables: Mapping[str, Any], operation_name: str | None, context: Context) -> ExecutionResult:
    """Data and errors of an operation, compiled where that is possible."""
    try:
        data = await plans.answer(document, variables, operation_name, context)
        if data is None:
            data = await computed.answer(document, variables, operation_name, context)
    except NetworkError as error:
        return ExecutionResult(None, [GraphQLError(error.message, original_error=error)])
    if data is not None:
        return ExecutionResult(data, None)
    return await resolve(document, variables, operation_name, context)


async def resolve(document: str, variables: Mapping[str, Any], operation_name: str | None, context: Context) -> ExecutionResult:
    """The same by the ordinary executor, a resolver for each field: what the compiler has to agree with."""
    result = await schema.execute(document, variable_values=dict(variables), operation_name=operation_name, context_value=context)
    return ExecutionResult(result.data, result.errors)


def _told(error: GraphQLError, chosen: Settings) -> dict[str, Any]:
    told = format_error(error)
    if not (chosen.suggestions and chosen.introspection):
        told["message"] = told["message"].partition(" Did you mean ")[0]
    return told


async def execute(
    state: Network, document: str, variables: Mapping[str, object], *, language: str = "en", viewer: Viewer = ANYONE
) -> dict[str, Any]:
    """`data` of a document that we wrote ourselves. Raises the first failure as a `NetworkError`."""
    result = await answer(document, variables, None, Context(state, viewer, language))
    if result.errors:
        raise _raised(result.errors[0])
    return dict(result.data or {})


def _raised(error: GraphQLError) -> NetworkError:
    if isinstance(error.original_error, NetworkError):
        return error.original_error
    told = format_error(error)
    # A value that the schema refuses (a date like 2026-13-40) is the caller's; everything else about our own documents is ours.
    if "got invalid value" in error.message:
        return NetworkError(Code.BAD_INPUT, error.message.split(";")[-1].strip(), hint="Correct the value.")
    failure = NetworkError(Code.INTERNAL, BUG, hint=told["extensions"].get("hint"))
    failure.__cause__ = error
    return failure
