"""What a resolver needs to answer: the graph, the embedding service, the viewer, and loaders that batch within one operation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from strawberry.dataloader import DataLoader

from api.state import Network
from graph import read
from graph.database import Database
from graph.read import Hop, Node, Page, PageArgs
from graph.settings import Settings
from graph.viewer import ANYONE, Viewer

LinkKey = tuple[str, str, bool, str, PageArgs]


@dataclass
class Context:
    """One per operation; its loaders are never shared between viewers."""

    network: Network
    viewer: Viewer = ANYONE
    language: str = "en"
    _linked: dict[LinkKey, DataLoader[str, Page]] = field(default_factory=dict)
    _counted: dict[tuple[str, str, bool, str], DataLoader[str, int]] = field(default_factory=dict)
    _records: DataLoader[str, Node | None] | None = None

    @property
    def database(self) -> Database:
        return self.network.database

    @property
    def settings(self) -> Settings:
        return self.network.settings

    async def record(self, record_id: str) -> Node | None:
        """The record with a global id, none where there is none that may be seen; ids asked for together become one query a type."""
        if self._records is None:

            async def load(ids: Sequence[str]) -> Sequence[Node | None]:
                found = await read.fetch_nodes(self.database, ids, self.viewer)
                return [found.get(one) for one in ids]

            self._records = DataLoader(load_fn=load)
        return await self._records.load(record_id)

    async def linked(self, start: Node, hop: Hop, args: PageArgs) -> Page:
        """The page of what `start` is linked to; equal questions about several records become one query."""
        key = (hop.owner.label, hop.relationship.name, hop.inverse, start.type.label, args)
        if key not in self._linked:

            async def load(ids: Sequence[str]) -> Sequence[Page]:
                found = await read.fetch_linked(self.database, start.type, hop, ids, args, self.viewer)
                return [found.get(record_id, Page((), False, False)) for record_id in ids]

            self._linked[key] = DataLoader(load_fn=load)
        return await self._linked[key].load(start.id)

    async def counted(self, start: Node, hop: Hop) -> int:
        """How many records `start` is linked to."""
        key = (hop.owner.label, hop.relationship.name, hop.inverse, start.type.label)
        if key not in self._counted:

            async def load(ids: Sequence[str]) -> Sequence[int]:
                found = dict(await self.database.read(read.linked_counts(start.type, hop, ids, self.viewer)))
                return [found.get(record_id, 0) for record_id in ids]

            self._counted[key] = DataLoader(load_fn=load)
        return await self._counted[key].load(start.id)

    def page_args(self, first: int | None, after: str | None, last: int | None, before: str | None) -> PageArgs:
        return PageArgs.of(first, after, last, before, largest=self.settings.max_page)
