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

    @property
    def leaves(self) -> bool:
        """Whether the arrow points away from where the step begins."""
        return self.relationship.incoming == self.inverse

    @property
    def certain(self) -> bool:
        """Whether nothing but its targets stands at its other end: by the model no other type has such a relationship there."""
        return _certain(self)

    def links(self, start: str, end: str = "", name: str = "") -> str:
        """`(start)-[name:TYPE]->(end)`: how many lead anywhere the database knows without a look at any."""
        return self._arrow(start, end, name)

    def repeats(self, *names: str) -> bool:
        """Whether the links say by themselves who may see the record at their other end, and what these properties of it are."""
        return self.inverse and bool(self.relationship.copies) and set(names) <= set(self.relationship.copies)

    def pattern(self, start: str, end: str, name: str = "") -> str:
        """`(start)-[name:TYPE]->(end:Label)`."""
        return self._arrow(start, f"{end}:{'|'.join(identifier(t.label) for t in self.targets)}", name)

    def step(self, start: str, end: str, name: str = "") -> str:
        """The pattern from a record at hand, whose type is known: without the label at the other end where that is certain,
        which saves a look at every record there."""
        return self._arrow(start, end, name) if self.certain else self.pattern(start, end, name)

    def _arrow(self, start: str, end: str, name: str) -> str:
        arrow = f"[{name}:{identifier(self.relationship.type)}]"
        return f"({start})-{arrow}->({end})" if self.leaves else f"({start})<-{arrow}-({end})"


@cache
def _certain(hop: Hop) -> bool:
    begin = set(hop.relationship.targets) if hop.inverse else {hop.owner.label}
    found: set[str] = set()
    for owner in MODEL.types:
        for r in owner.all_relationships:
            if r.type != hop.relationship.type:
                continue
            near, far = ({owner.label}, set(r.targets)) if hop.leaves != r.incoming else (set(r.targets), {owner.label})
            if near & begin:
                found |= far
    return found <= {t.label for t in hop.targets}


@cache
def hops(label: str) -> dict[str, Hop]:
    """Steps from records of a label by the name of the field that takes them: its own relationships, then those of others."""
    node_type = MODEL[label]
    found = {r.name: Hop(node_type, r) for r in node_type.all_relationships}
    for owner, relationship in MODEL.inverses(label):
        if owner.exposed and relationship.inverse:
            found[relationship.inverse] = Hop(owner, relationship, inverse=True)
    return found
