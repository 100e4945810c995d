"""One text in the making: its parameters, names that are free, what has to be looked up before anything else, what to check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from graph.errors import Code, NetworkError
from graph.model import NodeType
from graph.plan.parameters import Leaf, Parameters, value_of
from graph.viewer import Viewer

CARRIED: Final = "\x00"
"""Stands in an unfinished text wherever what the prelude found has to be carried on: what that is, is known at the end only."""
CONDITIONS: Final = 100
"""Conditions in one text: each may cost the database a look at every record."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """A lower and an upper bound that one property was given. `open_end` where a value on both bounds satisfies neither."""

    place: str
    low: Leaf
    high: Leaf
    open_end: bool


@dataclass
class Writing:
    """State of one text. `index` is the vector index in use, absent while there are no vectors."""

    viewer: Viewer
    index: str | None = None
    parameters: Parameters = field(default_factory=Parameters)
    bounds: list[Bounds] = field(default_factory=list)
    sizes: list[Leaf] = field(default_factory=list)
    group_sizes: list[Leaf] = field(default_factory=list)
    widths: list[Leaf] = field(default_factory=list)
    prelude: list[str] = field(default_factory=list)
    carried: list[str] = field(default_factory=list)
    looked_up: dict[tuple[Any, ...], str] = field(default_factory=dict)
    meanings: list[Leaf] = field(default_factory=list)
    conditions: int = 0
    walks: bool = False
    """Whether one of the lists in the text is looked for along an index first."""
    hides: bool = False
    """Whether the text asks what is hidden from the viewer."""
    counts_links: bool = False
    """Whether the text asks links who may see their owners."""
    _names: int = 0

    def name(self, stem: str) -> str:
        """A name that the text does not use yet: `n0`, `x1`."""
        self._names += 1
        return f"{stem}{self._names - 1}"

    def seen(self, alias: str, *types: NodeType) -> str:
        """Condition under which the viewer may see the record; empty where everybody may."""
        return self.viewer.predicate(alias, *types)

    def link_seen(self, link: str, owner: NodeType) -> str:
        """Condition on a link that repeats who may see its owner: the owner is of this type, and the viewer is one of those."""
        self.counts_links = True
        return self.viewer.link_predicate(link, owner)

    def count_condition(self) -> None:
        self.conditions += 1
        if self.conditions > CONDITIONS:
            raise NetworkError(
                Code.TOO_COMPLEX,
                f"The operation has more than {CONDITIONS} conditions; {CONDITIONS} are allowed.",
                hint="Use `in` for several values of one field, or split the operation.",
                details={"found": self.conditions, "limit": CONDITIONS},
            )

    def finished(self, text: str, *also: str) -> str:
        """The text with what is carried on in its places, and `also` other names."""
        names = (*also, *self.carried)
        return text.replace(f"({CARRIED}", f"({', '.join(names)}").replace(CARRIED, "".join(f", {name}" for name in names))

    def check_bounds(self, variables: Mapping[str, Any]) -> None:
        """Raises CONTRADICTORY_INPUT where a lower bound lies above its upper bound: nothing could ever match."""
        for bounds in self.bounds:
            low, high = value_of(bounds.low, variables), value_of(bounds.high, variables)
            if low > high or (bounds.open_end and low == high):
                raise NetworkError(
                    Code.CONTRADICTORY_INPUT,
                    f"`{bounds.place}` has to be above {low} and below {high} at once.",
                    hint="Swap the two bounds, or leave one out.",
                )
