"""Relationships as steps: one relationship of the model followed from its owner or back to it. Must not know how pages are read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from graph.database import identifier
from graph.model import MODEL, NodeType, Relationship


@dataclass(frozen=True, slots=True)
class Hop:
    """A relationship followed from one side. `inverse` follows it from a target back to its owner."""

    owner: NodeType
    relationship: Relationship
    inverse: bool = False

    @property
    def targets(self) -> tuple[NodeType, ...]:
        return (self.owner,) if self.inverse else tuple(MODEL[label] for label in self.relationship.targets)

    @property
    def many(self) -> bool:
        """Whether it can lead to several records."""
        return self.inverse or self.relationship.many

    @property
    def required(self) -> bool:
        """Whether it leads to one record at least."""
        return not self.inverse and self.relationship.required

    @property
    def description(self) -> str:
        return (self.inverse and self.relationship.inverse_description) or self.relationship.description

    def pattern(self, start: str, end: str, name: str = "") -> str:
        """`(start)-[name:TYPE]->(end:Label)`."""
        labels = "|".join(identifier(t.label) for t in self.targets)
        arrow = f"[{name}:{identifier(self.relationship.type)}]"
        points_at_start = self.relationship.incoming != self.inverse
        return f"({start})<-{arrow}-({end}:{labels})" if points_at_start else f"({start})-{arrow}->({end}:{labels})"


@cache
def hops(label: str) -> dict[str, Hop]:
    """Steps from records of a label by the name of the field that takes them: its own relationships, then those of others."""
    node_type = MODEL[label]
    found = {r.name: Hop(node_type, r) for r in node_type.all_relationships}
    for owner, relationship in MODEL.inverses(label):
        if owner.exposed and relationship.inverse:
            found[relationship.inverse] = Hop(owner, relationship, inverse=True)
    return found
