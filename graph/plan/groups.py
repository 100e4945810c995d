"""Figures over a list, and lists in groups: by values, by spans of dates, by steps of a number, by what records are linked to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from graph.database import identifier
from graph.errors import Code, NetworkError
from graph.hops import hops
from graph.model import Kind, NodeType, localised_name
from graph.plan.parameters import Ref
from graph.plan.shape import Bucket, Groups, Sums
from graph.plan.writing import CARRIED, Writing

COUNT: Final = "count"
AVG: Final = "avg"
MEDIAN: Final = "median"
SPANS: Final = ("min", "max")
FUNCTIONS: Final = ("sum", AVG, MEDIAN, *SPANS)
DIGITS: Final = 12
EXACT: Final = 2**53
"""Whole floats below it are exact."""
UNITS: Final = ("YEAR", "QUARTER", "MONTH")
BUCKETS: Final = 3
"""Buckets at once at the most: more make more groups than anybody reads."""


def sum_expression(sums: Sums, node_type: NodeType, alias: str, *, copied: bool = False) -> str:
    """The figures as one list. Sums are floats, spans of dates are dates as text, a mean is `[sum, how many]`; see `SHOWN`.

    `copied` says that `alias` is a link that repeats what is asked for.
    """
    return f"[{', '.join(_figure(function, name, node_type, alias, copied) for function, name in sums.figures)}]"


def _figure(function: str, name: str | None, node_type: NodeType, alias: str, copied: bool) -> str:
    if name is None:
        return f"count({alias})"
    prop = f"{alias}.{identifier(node_type.copy_name(name) if copied else name)}"
    if function == AVG:
        return f"[toFloat(sum({prop})), count({prop})]"
    if function == MEDIAN:
        # Of whole numbers it may be a whole one.
        return f"toFloat(percentileCont({prop}, 0.5))"
    value = f"{function}({prop})"
    return f"toString({value})" if node_type.by_physical_name[name].kind is Kind.DATE else f"toFloat({value})"


def total(found: float) -> float:
    """A sum as it is shown: the same in whatever order the database met its parts. What floats lose on the way stands behind the
    twelfth digit; whole sums lose nothing."""
    return found if found.is_integer() and abs(found) < EXACT else float(f"{found:.{DIGITS}g}")


def mean(found: Sequence[float]) -> float | None:
    """The mean of `[sum, how many]`; None of none. The database's own changes with the order in which it meets the values."""
    return total(found[0]) / found[1] if found[1] else None


SHOWN: Final[Mapping[str, Callable[[Any], Any]]] = {"sum": total, AVG: mean}
"""What makes the figure that is shown from the one that is read, where the two differ."""


def group_clauses(groups: Groups, node_type: NodeType, start: str, alias: str, name: str, writing: Writing) -> str:
    """Clauses behind a list's start: a list of `[[value, label] for each bucket, figures]`, largest group first."""
    writing.group_sizes.append(groups.limit)
    keys = [writing.name("k") for _ in groups.by]
    lines = [start]
    projected = []
    for key, bucket in zip(keys, groups.by, strict=True):
        match, expression = _key(bucket, node_type, alias, groups.language, writing)
        lines += match
        projected.append(f"{expression} AS {key}")
    size = writing.name("c")
    figures = writing.name("f")
    return "\n".join(
        [
            *lines,
            # A record stands in a group once, however many links lead it there.
            f"WITH DISTINCT {alias}, {', '.join(projected)}{CARRIED}",
            f"WITH {', '.join(keys)}, count({alias}) AS {size}, {sum_expression(groups.sums, node_type, alias)} AS {figures}",
            f"ORDER BY {size} DESC, {', '.join(f'{key}[0]' for key in keys)}",
            f"LIMIT {writing.parameters.add(groups.limit)}",
            f"RETURN collect([[{', '.join(keys)}], {figures}]) AS {name}",
        ]
    )


def _key(bucket: Bucket, node_type: NodeType, alias: str, language: str, writing: Writing) -> tuple[list[str], str]:
    """(clauses that bring what the key needs, the key as `[value, label]`)."""
    if bucket.link:
        hop = hops(node_type.label)[bucket.field]
        far = writing.name("x")
        seen = writing.seen(far, *hop.targets)
        match = f"OPTIONAL MATCH {hop.pattern(alias, far)}" + (f" WHERE {seen}" if seen else "")
        return [match], f"[{far}.id, {_title(hop.targets, far, language)}]"
    expression = f"{alias}.{identifier(bucket.field)}"
    if bucket.unit is not None:
        # A unit is one of a closed list: it is part of the text because Cypher takes no parameter there that an index could use.
        unit = UNITS[UNITS.index(bucket.unit)].lower()
        return [], f"[CASE WHEN {expression} IS NULL THEN null ELSE toString(date.truncate('{unit}', {expression})) END, null]"
    if bucket.width is not None:
        if not isinstance(bucket.width, Ref) and not bucket.width > 0:
            raise NetworkError(Code.BAD_INPUT, f"A step of {bucket.width} makes no groups.", hint="Give a `width` above 0.")
        writing.widths.append(bucket.width)
        width = writing.parameters.add(bucket.width, float)
        return [], f"[toString(floor({expression} / {width}) * {width}), null]"
    if node_type.by_physical_name[bucket.field].kind is Kind.BOOLEAN:
        expression = f"coalesce({expression}, false)"
    return [], f"[toString({expression}), null]"


def _title(types: Sequence[NodeType], alias: str, language: str) -> str:
    names: dict[str, None] = {}
    for t in types:
        if language != "en" and t.by_physical_name[t.title].localised:
            names[localised_name(t.title, language)] = None
        names[t.title] = None
    return f"toString(coalesce({', '.join(f'{alias}.{identifier(n)}' for n in names)}))"
