"""The response builder of a plan as Python source: one function for each list, dictionaries for everything else.

Generated code is several times faster than a tree of closures, and a response can have thousands of records. Only names of our
own and constants through `repr` stand in it; nothing that a client wrote does, except response keys, which are GraphQL names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from graph import cursor as cursors
from graph.plan.groups import SHOWN

Build = Callable[[Sequence[Any], Sequence[Any]], dict[str, Any]]
"""(columns of the row, values of the request that the builder needs) to `data`."""


class NullViolation(Exception):  # noqa: N818 - not a failure: the ordinary executor finds the place and tells it
    """A value that the schema does not allow: the executor answers, with the error at its place."""


def _never() -> Any:
    raise NullViolation


def _moment(value: Any) -> str | None:
    return None if value is None else value.to_native().isoformat()


class Source:
    """Functions written so far, and the constants that they use."""

    def __init__(self) -> None:
        self.functions: list[str] = []
        self.constants: dict[str, Any] = {"never": _never, "cursor": cursors.encode, "moment": _moment, **SHOWN}
        self._names = 0

    def name(self, stem: str) -> str:
        self._names += 1
        return f"{stem}{self._names}"

    def constant(self, value: Any) -> str:
        """A name for a value that has no source text."""
        name = self.name("k")
        self.constants[name] = value
        return name

    def function(self, parameters: str, lines: Sequence[str]) -> str:
        """Add a function of these parameters; returns its name."""
        name = self.name("f")
        body = "\n".join(f"    {line}" for line in lines)
        self.functions.append(f"def {name}({parameters}):\n{body}")
        return name

    def table(self, choices: Sequence[tuple[str, str]]) -> str:
        """Add a dictionary of functions, made once and not for every row; returns its name."""
        name = self.name("d")
        self.functions.append(f"{name} = {mapping(choices)}")
        return name

    def finish(self, expression: str) -> Build:
        """The builder of the whole answer: `expression` of the row `r` and the request's values `x`."""
        text = "\n\n".join([*self.functions, f"def build(r, x):\n    return {expression}"])
        space = dict(self.constants)
        exec(compile(text, "<plan>", "exec"), space)  # noqa: S102 - text of our own, see above
        build: Build = space["build"]
        return build


def mapping(entries: Sequence[tuple[str, str]]) -> str:
    """A dictionary display: expressions by response key."""
    return "{" + ", ".join(f"{key!r}: {expression}" for key, expression in entries) + "}"


def needed(expression: str) -> str:
    """The value of a field that may not be null."""
    return f"({expression} if {expression} is not None else never())"
