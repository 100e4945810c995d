"""Short ways to the lists that tests compare: a page, what is linked, how many there are."""

from __future__ import annotations

from collections.abc import Sequence

from graph.database import Database
from graph.hops import Hop
from graph.model import MODEL, NodeType
from graph.plan.shape import Listing
from graph.read import Page, PageArgs, Reader, total_of
from graph.viewer import Viewer


def hop(label: str, name: str, *, inverse: bool = False) -> Hop:
    return Hop(MODEL[label], MODEL[label].relationship(name), inverse)


async def fetch_page(database: Database, node_type: NodeType, args: PageArgs, viewer: Viewer) -> Page:
    return await Reader(database, viewer).page(Listing((node_type,), window=args.window))


async def fetch_linked(
    database: Database, start: NodeType, followed: Hop, ids: Sequence[str], args: PageArgs, viewer: Viewer
) -> dict[str, Page]:
    return await Reader(database, viewer).pages(start, followed, ids, Listing(followed.targets, window=args.window))


async def count(database: Database, node_type: NodeType, viewer: Viewer) -> int:
    total: int = await Reader(database, viewer).answer(total_of(Listing((node_type,))))
    return total


async def linked_counts(database: Database, start: NodeType, followed: Hop, ids: Sequence[str], viewer: Viewer) -> dict[str, int]:
    return await Reader(database, viewer).answers(start, followed, ids, total_of(Listing(followed.targets)))
