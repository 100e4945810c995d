"""Who asks. A viewer's rules become Cypher predicates at every place where a type is touched; nothing is filtered afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from graph.database import identifier
from graph.model import Access, NodeType
from graph.vocabulary import LEVELS, Visibility


class Role(StrEnum):
    """What a viewer is to the network. An owner is a member before a record of its own, and before nothing else."""

    PUBLIC = "PUBLIC"
    MEMBER = "MEMBER"
    OWNER = "OWNER"


SEES: Final = {
    Role.PUBLIC: (Visibility.PUBLIC.value,),
    Role.MEMBER: (Visibility.PUBLIC.value, Visibility.MEMBERS.value),
    Role.OWNER: tuple(v.value for v in Visibility),
}
PARAMETER: Final = "visible"
HIDDEN: Final = "hidden"
LINKS: Final = "levels"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody with a role. Deny by default: a type that says nothing else is internal.

    `token` is the id of the token that was shown, `party` the country or organisation that it writes for.
    """

    role: Role = Role.PUBLIC
    token: str | None = None
    party: str | None = None

    @property
    def parameters(self) -> dict[str, list[str]]:
        return {PARAMETER: list(SEES[self.role])}

    @property
    def hidden_parameters(self) -> dict[str, list[str]]:
        """What `hidden` compares with: every visibility that the viewer does not see."""
        return {HIDDEN: [v.value for v in Visibility if v.value not in SEES[self.role]]}

    @property
    def link_parameters(self) -> dict[str, list[int]]:
        """What `link_predicate` compares with."""
        return {LINKS: [LEVELS[value] for value in SEES[self.role]]}

    def counts_hidden(self, *types: NodeType) -> bool:
        """Whether each record of the one type says for itself who may see it."""
        return len(types) == 1 and types[0].access is Access.BY_RECORD

    def hidden(self, alias: str) -> str:
        """Cypher that holds for a record with a visibility of its own that the viewer may not see."""
        return f"{identifier(alias)}.visibility IN ${HIDDEN}"

    def link_predicate(self, link: str, owner: NodeType) -> str:
        """Cypher that holds for a link whose owner is of this type and may be seen by the viewer, where such links say so themselves."""
        return f"{identifier(link)}.{identifier(owner.level_name)} IN ${LINKS}"

    def predicate(self, alias: str, *types: NodeType) -> str:
        """Cypher that holds where the viewer may see the node; empty where everybody may.

        Raises `PermissionError` for an internal type: asking for one is a mistake of ours, never an empty answer.
        """
        for node_type in types:
            if node_type.access is Access.INTERNAL:
                raise PermissionError(f"{node_type.label} is internal and has no public reads")
        if any(t.access is Access.MEMBERS for t in types):
            # Whatever else may stand in the list: who is no member gets nothing of it.
            return f"'{Visibility.MEMBERS.value}' IN ${PARAMETER}"
        guarded = [t for t in types if t.access is Access.BY_RECORD]
        if not guarded:
            return ""
        seen = f"{identifier(alias)}.visibility IN ${PARAMETER}"
        if len(guarded) == len(types):
            return seen
        open_types = "|".join(identifier(t.label) for t in types if t not in guarded)
        return f"({identifier(alias)}:{open_types} OR {seen})"


ANYONE: Final = Viewer()
OWNER: Final = Viewer(Role.OWNER)
