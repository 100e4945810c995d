"""Values of a query that are known when it is written, and those that arrive with each request. A text never carries either."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Ref:
    """A value that arrives with the request: the name of the variable, then the way into it."""

    path: tuple[str | int, ...]

    def of(self, variables: Mapping[str, Any]) -> Any:
        value: Any = variables
        for step in self.path:
            value = value[step]
        return value


Leaf = Any
"""A `Ref`, or the value itself."""


def value_of(leaf: Leaf, variables: Mapping[str, Any]) -> Any:
    """The leaf's value; a list may be of values of both kinds."""
    if isinstance(leaf, Ref):
        return leaf.of(variables)
    return [value_of(item, variables) for item in leaf] if isinstance(leaf, list) else leaf


def plain(value: Any) -> Any:
    """Members of enumerations as the database holds them."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.value if isinstance(value, Enum) else value


def many_more(value: Any) -> Any:
    """How far along an index a hub's page is looked for: where it has a hundredth of all records, twice as far as needed."""
    return 200 * one_more(value)


def one_more(value: Any) -> Any:
    """A page is read with one record more, which tells whether there is another page."""
    return value + 1


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: its name, where its value comes from, what is made of it."""

    name: str
    leaf: Leaf
    convert: Convert


class Parameters:
    """The parameters of one text, in the order in which it first needs them. The same value is never sent twice."""

    def __init__(self) -> None:
        self._known: dict[Any, str] = {}
        self.found: list[Parameter] = []

    def add(self, leaf: Leaf, convert: Convert = plain) -> str:
        """Its place in the text: `$p0`."""
        key = (leaf, convert) if isinstance(leaf, Ref) else None
        if key is not None and key in self._known:
            return self._known[key]
        name = f"p{len(self.found)}"
        self.found.append(Parameter(name, leaf, convert))
        if key is not None:
            self._known[key] = f"${name}"
        return f"${name}"
