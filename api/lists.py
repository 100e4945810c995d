"""Lists in GraphQL: the arguments that every connection takes, and the listing that they ask for.

The same functions read the arguments of a resolver and those that the compiler finds in a document, whose values may be
references to variables.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Final

import strawberry

from api.context import Info
from graph.errors import Code, NetworkError
from graph.hops import Hop
from graph.model import Kind, NodeType
from graph.plan.filters import Where
from graph.plan.groups import BUCKETS, COUNT, FUNCTIONS, SPANS
from graph.plan.order import KEYS
from graph.plan.parameters import Ref
from graph.plan.shape import Bucket, Groups, Listing, Sums, Window

GROUPS: Final = 50
MOST_GROUPS: Final = 200

First = Annotated[int | None, strawberry.argument(description="How many from the start; 20 where neither end is named.")]
After = Annotated[str | None, strawberry.argument(description="Cursor to begin behind.")]
Last = Annotated[int | None, strawberry.argument(description="How many from the end.")]
Before = Annotated[str | None, strawberry.argument(description="Cursor to end before.")]


def with_arguments(
    resolve: Callable[..., Any], arguments: Mapping[str, tuple[Any, str, Any]], *, root: bool = False, info: bool = False
) -> Callable[..., Any]:
    """The resolver with a signature that Strawberry can read: (annotation, description, default) by Python name."""
    positional = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = [inspect.Parameter("root", positional)] if root else []
    if info:
        parameters.append(inspect.Parameter("info", positional, annotation=Info))
    for name, (annotation, description, default) in arguments.items():
        told = Annotated[annotation, strawberry.argument(description=description)] if description else annotation
        parameters.append(inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=told))
    resolve.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # inspect.signature reads it
    return resolve


def page_arguments() -> dict[str, tuple[Any, str, Any]]:
    return {"first": (First, "", None), "after": (After, "", None), "last": (Last, "", None), "before": (Before, "", None)}


def list_arguments(
    target: str, types: Sequence[NodeType], inputs: Mapping[str, Any], edge: str | None = None
) -> dict[str, tuple[Any, str, Any]]:
    """Arguments of a connection of `target`. `edge` names the filter on the links themselves, where they have properties."""
    arguments: dict[str, tuple[Any, str, Any]] = {
        "where": (inputs[f"{target}Filter"] | None, "What the records have to be.", strawberry.UNSET),
    }
    if edge:
        arguments["edge"] = (inputs[edge] | None, "What the link to each record has to be.", strawberry.UNSET)
    if len(types) == 1:
        arguments["order_by"] = (
            list[inputs[f"{target}Order"]] | None,  # type: ignore[misc]  # made at run time from the model
            "Keys of the order, most important first, at most 5; the id is the last one always.",
            strawberry.UNSET,
        )
    return arguments | page_arguments()


def listing_of(types: Sequence[NodeType], given: Mapping[str, Any], window: Window) -> Listing:
    """The listing that arguments ask for, as plain data by GraphQL name. Raises BAD_INPUT."""
    order = given.get("orderBy") or ()
    if len(order) > KEYS:
        raise NetworkError(
            Code.BAD_INPUT, f"`orderBy` has {len(order)} keys.", hint=f"Give at most {KEYS}.", details={"found": len(order), "limit": KEYS}
        )
    where: Where | None = given.get("where")
    return Listing(types, where or None, given.get("edge") or None, tuple(order), window)


def all_sums(node_type: NodeType) -> Sums:
    """Every figure there is of a type: the count, then those of its numbers and dates."""
    return Sums(((COUNT, None), *((f, p) for p, functions in summed(node_type).items() for f in functions)))


def summed(node_type: NodeType) -> dict[str, tuple[str, ...]]:
    """Functions by property: all for numbers, first and last for dates."""
    out: dict[str, tuple[str, ...]] = {}
    for prop in node_type.shown_properties:
        if prop.kind in {Kind.INTEGER, Kind.FLOAT}:
            out[prop.name] = FUNCTIONS
        elif prop.kind is Kind.DATE:
            out[prop.name] = SPANS
    return out


def bucket_of(given: Mapping[str, Any]) -> Bucket:
    [(how, value)] = given.items()
    match how:
        case "date":
            return Bucket(value["field"], unit=value["by"])
        case "number":
            return Bucket(value["field"], width=value["width"])
        case _:
            return Bucket(value, link=how == "link")


def groups_of(by: Sequence[Mapping[str, Any]], first: Any, sums: Sums, language: str) -> Groups:
    """Raises BAD_INPUT for none or too many buckets, PAGE_SIZE for a number of groups that is not offered."""
    if not 1 <= len(by) <= BUCKETS:
        raise NetworkError(Code.BAD_INPUT, f"`by` has {len(by)} buckets.", hint=f"Give 1 to {BUCKETS}.")
    check_group_size(first)
    return Groups(tuple(bucket_of(given) for given in by), first, sums, language)


def check_group_size(first: Any) -> None:
    if not isinstance(first, Ref) and not 1 <= first <= MOST_GROUPS:
        raise NetworkError(
            Code.PAGE_SIZE, f"{first} groups were asked for.", hint=f"Ask for 1 to {MOST_GROUPS}.", details={"largest": MOST_GROUPS}
        )


def edge_filter(hop: Hop, stem: str) -> str | None:
    """Name of the filter on the links of a hop, where they have properties."""
    return f"{stem}EdgeFilter" if hop.relationship.properties else None
