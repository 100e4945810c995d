"""Plans at work: documents prepared once, plans kept by the shape of the variables, one query a request.

Anything that is not answered here, for whatever reason, is answered by the ordinary executor; so is every error.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import DocumentNode, GraphQLError, GraphQLSchema, OperationDefinitionNode, get_operation_ast, parse, validate
from graphql.execution.values import VariableValues, get_variable_values

from api.bounded import Bounded
from api.compiler.collect import Unsupported
from api.compiler.operation import Plan, plan_operation
from api.compiler.source import NullViolation
from api.compiler.variables import Uses, shape_of, uses_of
from api.context import Context
from api.lists import MOST_GROUPS
from graph.errors import Code, NetworkError
from graph.merge import moved
from graph.plan.binding import bind, texts_to_embed
from graph.plan.parameters import value_of
from graph.plan.shape import Single
from graph.plan.writing import Writing
from graph.viewer import ANYONE

DOCUMENTS: Final = 1_000_000
"""Characters of the documents that are kept prepared."""
PLANS: Final = 2_000_000
"""Characters of the documents whose plans are kept, each counted for every shape of its variables."""


@dataclass(frozen=True)
class Prepared:
    """A document that was parsed and found valid, and the operation that is to run."""

    document: DocumentNode
    operation: OperationDefinitionNode
    uses: Uses


@dataclass
class Plans:
    """Documents and plans of one schema. Not for several threads at once."""

    schema: GraphQLSchema
    max_tokens: int
    base_url: str = ""
    documents: Bounded[Hashable, Prepared] = field(default_factory=lambda: Bounded(DOCUMENTS))
    plans: Bounded[Hashable, Plan | Unsupported] = field(default_factory=lambda: Bounded(PLANS))

    async def answer(
        self, document: str, variables: Mapping[str, Any], operation_name: str | None, context: Context
    ) -> dict[str, Any] | None:
        """`data`, or None where the ordinary executor has to answer. Raises DATABASE_* errors: asking again would not help."""
        prepared = self.prepared(document, operation_name)
        if prepared is None:
            return None
        values = get_variable_values(self.schema, prepared.operation.variable_definitions or (), dict(variables))
        if not isinstance(values, VariableValues):
            return None
        try:
            plan = self.plan(document, prepared, values, await context.network.vector_index())
            return await run(plan, values.coerced, context)
        except (Unsupported, NullViolation):
            return None
        except NetworkError as error:
            if error.code in {Code.DATABASE_TIMEOUT, Code.DATABASE_UNAVAILABLE}:
                raise
            return None

    def prepared(self, document: str, operation_name: str | None) -> Prepared | None:
        """The document's operation, where the document is valid and says which one."""
        key = (document, operation_name)
        found = self.documents.get(key)
        if found is None:
            found = self._prepare(document, operation_name)
            if found is not None:
                self.documents.put(key, found, len(document))
        return found

    def _prepare(self, document: str, operation_name: str | None) -> Prepared | None:
        try:
            parsed = parse(document, max_tokens=self.max_tokens)
        except GraphQLError:
            return None
        operation = get_operation_ast(parsed, operation_name)
        if operation is None or validate(self.schema, parsed, max_errors=1):
            return None
        return Prepared(parsed, operation, uses_of(parsed))

    def plan(self, document: str, prepared: Prepared, values: VariableValues, index: str | None) -> Plan:
        """The plan for these variables' shape, the same for every viewer: who may see what is a parameter. Raises Unsupported, and BAD_CURSOR."""
        name = prepared.operation.name.value if prepared.operation.name else None
        shape = shape_of(prepared.operation, values.coerced, prepared.uses)
        key = (document, name, shape, index)
        found = self.plans.get(key)
        if found is None:
            found = self._made(prepared, values, Writing(ANYONE, index))
            self.plans.put(key, found, len(document))
        if isinstance(found, Unsupported):
            raise found
        return found

    def _made(self, prepared: Prepared, values: VariableValues, writing: Writing) -> Plan | Unsupported:
        try:
            return plan_operation(self.schema, prepared.document, prepared.operation, values, writing, self.base_url)
        except Unsupported as reason:
            return reason


def _absent(plan: Plan, row: Sequence[Any], variables: Mapping[str, Any]) -> list[str]:
    """Ids that were asked for and led to no record."""
    out: list[str] = []
    for root, answer in zip(plan.roots, row, strict=True):
        if isinstance(root, Single):
            asked = value_of(root.ids, variables)
            if root.many:
                found = {one[0] for one in answer}
                out += [one for one in asked if one not in found]
            elif answer is None:
                out.append(root.types[0].global_id(asked))
    return out


async def run(plan: Plan, variables: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Ask the database and build the response. Raises NullViolation, and errors that the executor will find too."""
    if plan.text is None:
        return plan.build((), ())
    writing = plan.text.writing
    largest = context.settings.max_page
    if any(not 0 <= value_of(size, variables) <= largest for size in writing.sizes):
        raise Unsupported("a page size that is not offered")
    if any(not 1 <= value_of(size, variables) <= MOST_GROUPS for size in writing.group_sizes):
        raise Unsupported("a number of groups that is not offered")
    if any(not value_of(width, variables) > 0 for width in writing.widths):
        raise Unsupported("steps that make no groups")
    texts = texts_to_embed(writing, variables)
    vectors = await context.network.meaning(texts) if texts else {}
    row = await context.batcher.row(plan.text, bind(writing, variables, vectors, context.viewer))
    if (absent := _absent(plan, row, variables)) and await moved(context.database, absent):
        raise Unsupported("a record that was merged into another")
    return plan.build(row, [value_of(leaf, variables) for leaf in plan.values])
