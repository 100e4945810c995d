"""What a resolver needs to answer: the graph, the embedding service, the viewer, and loaders that batch within one operation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import strawberry
from strawberry.dataloader import DataLoader

from api.state import Network
from api.wording import SOURCE
from api.written import Writer
from graph.batching import Batcher
from graph.database import Database
from graph.hops import Hop
from graph.merge import moved
from graph.plan.shape import Groups, Listing, Sums, Window
from graph.read import Node, Page, PageArgs, Reader, groups_of, sums_of, total_of
from graph.settings import Settings
from graph.viewer import ANYONE, Viewer


@dataclass
class Context:
    """One per operation; its loaders are never shared between viewers."""

    network: Network
    viewer: Viewer = ANYONE
    language: str = "en"
    _loaders: dict[tuple[Any, ...], DataLoader[str, Any]] = field(default_factory=dict)
    _reader: Reader | None = None

    @property
    def database(self) -> Database:
        return self.network.database

    @property
    def batcher(self) -> Batcher:
        return self.network.batcher

    @property
    def settings(self) -> Settings:
        return self.network.settings

    @property
    def writer(self) -> Writer:
        """Writes the values of sentences in the reader's language, with the names that `learn_names` has read."""
        return Writer(self.language, self.network.names.get(self.language, {}))

    async def learn_names(self) -> None:
        """Read what records are called in the reader's language, before sentences name them."""
        if self.language != SOURCE:
            await self.network.names_in(self.language)

    async def reader(self) -> Reader:
        """Reads as this viewer."""
        if self._reader is None:
            self._reader = Reader(self.database, self.viewer, await self.network.vector_index(), self.network.meaning)
        return self._reader

    async def node(self, record_id: str) -> Node | None:
        """The record with this id, where the viewer may see it; records asked for at once become one query for each type.

        The id of a record that was merged into another leads to the one that stayed.
        """
        return await self._read(record_id)

    async def nodes(self, ids: Sequence[str]) -> dict[str, Node]:
        """Those of the records that the viewer may see, by the ids that they were asked for with."""
        return await self.whole(ids)

    async def whole(self, ids: Sequence[str]) -> dict[str, Node]:
        """As `nodes`, for a resolver that looks into the records itself."""
        asked = list(dict.fromkeys(ids))
        found = await asyncio.gather(*(self._read(record_id) for record_id in asked))
        return {record_id: node for record_id, node in zip(asked, found, strict=True) if node is not None}

    async def _read(self, record_id: str) -> Node | None:
        async def load(ids: Sequence[str]) -> list[Node | None]:
            reader = await self.reader()
            found = await reader.nodes(ids)
            if gone := await moved(self.database, [one for one in ids if one not in found]):
                kept = await reader.nodes(list(gone.values()))
                found |= {old: kept[new] for old, new in gone.items() if new in kept}
            return [found.get(one) for one in ids]

        return await self._load(("node",), load, record_id)  # type: ignore[no-any-return]  # what `load` returns

    async def one(self, start: Node, hop: Hop) -> Node | None:
        """The record at the other end of a to-one relationship."""
        page = await self.pages(start, hop, "one", Listing(hop.targets, window=Window(1)))
        return page.edges[0].node if page.edges else None

    async def pages(self, start: Node, hop: Hop, key: str, listing: Listing) -> Page:
        """The page of what `start` is linked to. `key` says in full what is asked; equal questions become one query."""

        async def load(ids: Sequence[str]) -> list[Page]:
            found = await (await self.reader()).pages(start.type, hop, ids, listing)
            return [found.get(one, Page((), False, False)) for one in ids]

        return await self._load(("page", *_step(start, hop), key), load, start.id)  # type: ignore[no-any-return]  # as above

    async def answer(self, start: Node, hop: Hop, key: str, listing: Listing, *wanted: Sums | Groups) -> Any:
        """What is asked of all that `start` is linked to: how many, or figures, or groups."""
        asked = _only(listing, *wanted)

        async def load(ids: Sequence[str]) -> list[Any]:
            found = await (await self.reader()).answers(start.type, hop, ids, asked)
            return [found[one] for one in ids]

        return await self._load(("answer", *_step(start, hop), key), load, start.id)

    async def answer_of(self, listing: Listing, *wanted: Sums | Groups) -> Any:
        """The same of a whole list."""
        return await (await self.reader()).answer(_only(listing, *wanted))

    async def _load(self, key: tuple[Any, ...], load: Callable[[Sequence[str]], Coroutine[Any, Any, Sequence[Any]]], record_id: str) -> Any:
        if key not in self._loaders:
            self._loaders[key] = DataLoader(load_fn=load)
        return await self._loaders[key].load(record_id)

    def forget(self) -> None:
        """Let go of what was read: the graph has changed since."""
        self._loaders.clear()
        self._reader = None

    def page_args(self, first: int | None, after: str | None, last: int | None, before: str | None) -> PageArgs:
        return PageArgs.of(first, after, last, before, largest=self.settings.max_page)

    def window(self, given: Mapping[str, Any]) -> Window:
        """The window that the arguments of a list name."""
        return self.page_args(given.get("first"), given.get("after"), given.get("last"), given.get("before")).window


def _step(start: Node, hop: Hop) -> tuple[Any, ...]:
    return (start.type.label, hop.owner.label, hop.relationship.name, hop.inverse)


def _only(listing: Listing, *wanted: Sums | Groups) -> Listing:
    match wanted:
        case ():
            return total_of(listing)
        case (Sums() as sums,):
            return sums_of(listing, sums)
        case (Groups() as groups,):
            return groups_of(listing, groups)
        case _:
            raise TypeError(wanted)


Info = strawberry.Info[Context, None]
