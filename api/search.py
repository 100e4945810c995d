"""`search` and `health` in GraphQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Any

import strawberry
from strawberry.types.field import StrawberryField

from api.answers import Rendered
from api.context import Context, Info
from api.lists import After, First
from api.types import TYPES, Facet, FacetBucket, InLanguage, computed, make_type, title_of
from graph import read
from graph.catalogue import data_version, document_counts
from graph.database import Query
from graph.errors import Code, NetworkError
from graph.matching.request import checked_text, known_country
from graph.model import MODEL
from graph.schema import snake
from graph.search import Filters, Hit, Hits, counts_by_country, counts_by_topic, cursor_of, search, snippet
from graph.viewer import Viewer
from graph.vocabulary import Language

RecordKind = StrEnum("RecordKind", {snake(t.label).upper(): t.label for t in MODEL.documents})  # type: ignore[misc]  # its members are the model's documents
RecordKind.__doc__ = "Kinds of records that search knows."
strawberry.enum(RecordKind, name="RecordKind", description=RecordKind.__doc__)
TYPES["RecordKind"] = RecordKind


@dataclass(frozen=True, slots=True)
class Found:
    """A hit with the record that was fetched for it."""

    hit: Hit
    node: read.Node


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A page of hits, and the whole answer it was cut from."""

    found: tuple[Found, ...]
    hits: Hits
    faceted: Hits | None
    more: bool
    begun: bool
    context: Context
    text: str
    filters: Filters


@dataclass(frozen=True, slots=True)
class Counted:
    """A kind and how many records it has."""

    kind: str
    count: int


def _page_info(root: SearchPage) -> Any:
    cursors = [cursor_of(f.hit) for f in root.found]
    return TYPES["PageInfo"](
        has_next_page=root.more,
        has_previous_page=root.begun,
        start_cursor=cursors[0] if cursors else None,
        end_cursor=cursors[-1] if cursors else None,
    )


def _build() -> None:
    TYPES["KindCount"] = make_type(
        "KindCount",
        {
            "kind": computed("RecordKind", lambda root: RecordKind(root.kind), "The kind."),
            "count": computed("int", lambda root: root.count, "How many."),
        },
        "How many records of a kind there are.",
    )
    TYPES["SearchEdge"] = make_type(
        "SearchEdge",
        {
            "cursor": computed("str", lambda root: cursor_of(root.hit), "Cursor of this hit."),
            "node": computed("RecordInterface", lambda root: root.node, "The record."),
            "score": computed("float", lambda root: root.hit.score, "Sum over the rankings of 1 / (60 + place)."),
            "kind": computed("RecordKind", lambda root: RecordKind(root.hit.kind), "Its kind."),
            "snippet": computed("str", lambda root: snippet(root.node.values), "The first sentences of its text."),
        },
        "A hit.",
    )
    TYPES["SearchConnection"] = make_type(
        "SearchConnection",
        {
            "edges": computed("list[SearchEdge]", lambda root: root.found, "Hits with their cursors."),
            "nodes": computed("list[RecordInterface]", lambda root: [f.node for f in root.found], "The records alone."),
            "pageInfo": computed("PageInfo", _page_info, "Where the page stands."),
            "totalCount": computed("int", lambda root: len(root.hits.hits), "How many hits there are, at most 1,000."),
            "facets": computed("list[KindCount]", _facets, "Hits by kind, whatever kinds were asked for."),
            "byTopic": computed("Facet", _by_topic, "Hits by topic, wider topics too, whatever topics were asked for."),
            "byCountry": computed("Facet", _by_country, "Hits by country, whatever country was asked for."),
            "notices": computed(
                "list[Notice]", lambda root: [Rendered(n, root.context) for n in root.hits.notices], "What the reader should know."
            ),
        },
        "A page of hits, best first.",
    )
    TYPES["Health"] = make_type(
        "Health",
        {
            "state": computed("str", lambda root: root["state"], "`ready`, or what is missing."),
            "documents": computed("int", lambda root: sum(c.count for c in root["counts"]), "Public records that search knows."),
            "model": computed("str | None", lambda root: root["model"], "The embedding model, once it is loaded."),
            "dataVersion": computed("int", lambda root: root["version"], "Sequence number of the last change."),
            "counts": computed("list[KindCount]", lambda root: root["counts"], "Records by kind."),
        },
        "How the network is, and how much it knows.",
    )


async def _facets(root: SearchPage) -> Any:
    return [Counted(kind, count) for kind, count in (root.faceted or root.hits).counts().items()]


async def _by_topic(root: SearchPage, language: InLanguage = Language.EN) -> Facet:
    return await _facet(root, "topics", replace(root.filters, topics=()), counts_by_topic, language)


async def _by_country(root: SearchPage, language: InLanguage = Language.EN) -> Facet:
    return await _facet(root, "countries", replace(root.filters, country=None), counts_by_country, language)


async def _facet(
    root: SearchPage, by: str, filters: Filters, counts: Callable[[Sequence[str], Viewer], Query], language: Language
) -> Facet:
    context = root.context
    network = context.network
    hits = root.hits
    if filters != root.filters:
        hits = await search(context.database, network.embedding, root.text, filters, context.viewer)
    rows = await context.database.read(counts([hit.id for hit in hits.hits], context.viewer))
    names = await context.whole([record_id for record_id, _ in rows])
    return Facet(
        by=by,
        buckets=[
            FacetBucket(value=record_id, label=title_of(names[record_id], language), count=n) for record_id, n in rows if record_id in names
        ],
    )


_build()


def search_field() -> StrawberryField:
    async def resolve(
        info: Info,
        query: Annotated[
            str,
            strawberry.argument(
                description="Words or a sentence in any language; empty to browse. Of a long text, meaning is looked for in its first 500 characters."
            ),
        ] = "",
        kinds: Annotated[list[RecordKind] | None, strawberry.argument(description="Only these kinds.")] = None,
        topics: Annotated[
            list[strawberry.ID] | None, strawberry.argument(description="Only records about these topics or narrower ones.")
        ] = None,
        country: Annotated[str | None, strawberry.argument(description="Only records linked to this country, ISO 3166-1 alpha-3.")] = None,
        language: Annotated[str | None, strawberry.argument(description="Only records written in this language, BCP 47.")] = None,
        first: First = None,
        after: After = None,
    ) -> Any:
        context = info.context
        args = context.page_args(first, after, None, None)
        countries, known_topics = await context.network.known()
        chosen = tuple(t if t.startswith("topic:") else f"topic:{t}" for t in topics or ())
        if unknown := [t for t in chosen if t not in known_topics]:
            raise NetworkError(Code.UNKNOWN_TOPIC, f"“{unknown[0][:60]}” is not a topic.", hint="Take ids from `topics`.")
        place = f"country:{known_country(country[:100], countries)}" if country else None
        text = checked_text(query, context.settings.max_text) if query.strip() else ""
        filters = Filters(tuple(kind.value for kind in kinds or ()), chosen, place, language)
        hits = await search(context.database, context.network.embedding, text, filters, context.viewer)
        wants_facets = any(
            selection.name == "facets" for field in info.selected_fields for selection in field.selections if hasattr(selection, "name")
        )
        faceted = (
            await search(context.database, context.network.embedding, text, Filters((), chosen, place, language), context.viewer)
            if wants_facets and kinds
            else None
        )
        page, more = hits.page(args.limit, args.cursor)
        nodes = await context.whole([hit.id for hit in page])
        return SearchPage(
            tuple(Found(hit, nodes[hit.id]) for hit in page if hit.id in nodes),
            hits,
            faceted,
            more,
            after is not None,
            context,
            text,
            filters,
        )

    return computed("SearchConnection", resolve, "Records by meaning, words and names.")


def health_field() -> StrawberryField:
    async def resolve(info: Info) -> Any:
        network = info.context.network
        missing = await network.missing()
        counts = await document_counts(network.database)
        return {
            "state": "; ".join(missing) or "ready",
            "model": (await network.embedding.ready()).name if network.embedding.state == "ready" else None,
            "version": await data_version(network.database),
            "counts": [Counted(kind, count) for kind, count in counts.items()],
        }

    return computed("Health", resolve, "How the network is, and how much it knows.")
