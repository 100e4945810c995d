"""`peers` in GraphQL: comparable countries, why each is one, and what it did that the country has not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import strawberry
from strawberry.types.field import StrawberryField

from api.answers import Once, Rendered, ids_connection, page_of, record, rendered, told, value
from api.context import Info
from api.lists import After, Before, First, Last
from api.types import TYPES, computed, connection, make_type
from graph.matching.request import known_country
from graph.peers import Compared, Measure, NewTopic, Peer, Peers, checked_weights, find_new_topics, find_peers

strawberry.enum(Measure, name="PeerMeasure", description="What countries are compared by.")
TYPES["PeerMeasure"] = Measure


@strawberry.input(description="How much a measure counts.")
class MeasureWeightInput:
    """A weight given by the caller."""

    measure: Measure = strawberry.field(description="The measure.")
    weight: float = strawberry.field(description="From 0, which leaves it out, to 100.")


TYPES["MeasureWeightInput"] = MeasureWeightInput


@dataclass(frozen=True, slots=True)
class PeerOnPage:
    """A peer with the reading of what all peers of its page did, which begins when somebody asks for it."""

    peer: Peer
    news: Once[dict[str, tuple[NewTopic, ...]]]


def _of_peer(annotation: str, name: str, description: str) -> StrawberryField:
    return computed(annotation, lambda root: getattr(root.value.peer, name), description)


def _compared(name: str, description: str) -> StrawberryField:
    return computed("ComparedMeasure", lambda root: Rendered(getattr(root.value.peer, name), root.context), description)


def _peer_fields() -> dict[str, StrawberryField]:
    def measures(root: Rendered) -> list[Rendered]:
        compared: tuple[Compared, ...] = root.value.peer.compared
        return [Rendered(one, root.context) for one in compared]

    async def new_topics(root: Rendered) -> list[Rendered]:
        found = await root.value.news.get()
        return [Rendered(topic, root.context) for topic in found[root.value.peer.country]]

    return {
        "rank": _of_peer("int", "rank", "Place in the list, 1 is nearest."),
        "country": computed("Country", lambda root: root.record(root.value.peer.country), "The country."),
        "distance": _of_peer("float", "distance", "Mean of the differences, by weight; 0 is alike in everything that is known."),
        "known": _of_peer("float", "known", "Share of the weights that is on record of both countries, 0 to 1."),
        "measures": computed("list[ComparedMeasure]", measures, "Every measure that both have."),
        "nearest": _compared("nearest", "The measure in which the two are most alike."),
        "farthest": _compared("farthest", "The measure in which they differ most."),
        "missing": _of_peer("list[PeerMeasure]", "missing", "Measures that one of the two does not have: they neither help nor hurt."),
        "newTopics": computed(
            "list[NewTopic]", new_topics, "Topics that it has practices, projects or solutions on and the country asked for has none."
        ),
    }


def _peers_fields() -> dict[str, StrawberryField]:
    async def peers(root: Rendered, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None) -> Any:
        found: Peers = root.value
        context = root.context

        def shown(page: list[Peer]) -> list[Rendered]:
            news = Once(lambda: find_new_topics(context.database, found.country, [peer.country for peer in page], context.viewer))
            return [Rendered(PeerOnPage(peer, news), context) for peer in page]

        args = info.context.page_args(first, after, last, before)
        return page_of({peer.country: peer for peer in found.peers}, args, "list of peers", shown)

    return {
        "country": record("Country", "country", "The country whose peers these are."),
        "weights": computed(
            "list[MeasureWeight]", lambda root: [Rendered(item, root.context) for item in root.value.weights.items()], "What was used."
        ),
        "peers": computed(connection("Peer"), peers, "Nearest first."),
        "notCompared": ids_connection("Country", "not_compared", "Countries with less than half of the weights on record."),
        "missing": value("list[PeerMeasure]", "missing", "Measures that the country itself does not have."),
        "notices": rendered("list[Notice]", "notices", "What the reader should know."),
    }


def _build() -> None:
    TYPES["MeasureWeight"] = make_type(
        "MeasureWeight",
        {
            "measure": computed("PeerMeasure", lambda root: root.value[0], "The measure."),
            "weight": computed("float", lambda root: root.value[1], "What its difference is multiplied with."),
        },
        "How much a measure counts.",
    )
    TYPES["ComparedMeasure"] = make_type(
        "ComparedMeasure",
        {
            "measure": value("PeerMeasure", "measure", "The measure."),
            "difference": value("float", "difference", "Standardised: 1 is one standard deviation over all countries."),
            "weight": value("float", "weight", "What it is multiplied with."),
            "explanation": told("explanation", "Both values, for people."),
        },
        "One measure of two countries.",
    )
    TYPES["NewTopic"] = make_type(
        "NewTopic",
        {
            "topic": record("Topic", "topic", "The topic."),
            "count": value("int", "count", "How many records the peer has on it."),
            "records": ids_connection("RecordInterface", "records", "The newest of them, at most 100."),
        },
        "Something that a peer did and the country has not.",
    )
    TYPES["Peer"] = make_type("Peer", _peer_fields(), "A comparable country.")
    TYPES["Peers"] = make_type("Peers", _peers_fields(), "Comparable countries, and by which weights.")


_build()


def peers_field() -> StrawberryField:
    async def resolve(
        info: Info,
        country: Annotated[str, strawberry.argument(description="ISO 3166-1 alpha-3 code.")],
        weights: Annotated[list[MeasureWeightInput] | None, strawberry.argument(description="Weights in place of the usual ones.")] = None,
    ) -> Any:
        context = info.context
        await context.learn_names()
        countries, _ = await context.network.known()
        code = known_country(country[:100], countries)
        chosen = checked_weights({w.measure: w.weight for w in weights or ()})
        return Rendered(await find_peers(context.database, f"country:{code}", chosen), context)

    return computed("Peers", resolve, "Countries that are most like one in population, income, digital maturity, languages and region.")
