"""How an operation is answered, for people who write queries: plan, Cypher, parameters, and what it took the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql.execution.values import VariableValues, get_variable_values

from api.compiler.collect import Unsupported
from api.context import Context
from api.execute import plans
from graph.database import Query
from graph.errors import Code, NetworkError
from graph.explain import Explanation, explain
from graph.plan.binding import bind, texts_to_embed
from graph.plan.outline import outline

LONGEST = 120
"""Characters of a parameter's value that are worth showing: vectors have thousands."""


@dataclass(frozen=True)
class Explained:
    """An operation explained. Where no single Cypher answers it, `reason` says why and there is nothing else."""

    reason: str | None = None
    plan: tuple[str, ...] = ()
    explanation: Explanation | None = None

    def as_dict(self) -> dict[str, Any]:
        """JSON types only."""
        if self.explanation is None:
            return {"compiled": False, "reason": self.reason}
        return {
            "compiled": True,
            "plan": list(self.plan),
            "cypher": self.explanation.query.text,
            "parameters": {name: shown(value) for name, value in self.explanation.query.parameters.items()},
            "dbHits": self.explanation.db_hits,
            "rows": max((step.rows for _, step in self.explanation.plan.walk()), default=0),
            "profile": self.explanation.text().splitlines(),
        }


def shown(value: Any) -> str:
    """A parameter's value, short enough to read."""
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


async def explain_operation(document: str, variables: Mapping[str, Any], operation_name: str | None, context: Context) -> Explained:
    """Plan the operation, run its Cypher with PROFILE, tell all of it. Raises GRAPHQL_INVALID for a document or variables that are not valid."""
    prepared = plans.prepared(document, operation_name)
    if prepared is None:
        raise NetworkError(
            Code.GRAPHQL_INVALID,
            "The document is not valid, or has several operations.",
            hint="Send it to /graphql: the answer says where.",
        )
    values = get_variable_values(plans.schema, prepared.operation.variable_definitions or (), dict(variables))
    if not isinstance(values, VariableValues):
        raise NetworkError(Code.GRAPHQL_INVALID, values[0].message, hint="Correct the variable.")
    try:
        plan = plans.plan(document, prepared, values, await context.network.vector_index())
    except Unsupported as reason:
        return Explained(f"No single Cypher answers it, resolvers do: {reason}.")
    if plan.text is None:
        return Explained("Everything was skipped: no question is asked.")
    texts = texts_to_embed(plan.text.writing, values.coerced)
    vectors = await context.network.meaning(texts) if texts else {}
    query = Query(plan.text.text, bind(plan.text.writing, values.coerced, vectors, context.viewer))
    roots = dict(zip(plan.text.names, plan.roots, strict=True))
    return Explained(None, tuple(outline(roots)), await explain(context.database, query))
