"""`chains` in GraphQL: exchanges and triangles of cooperation, with the records that show them."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry
from strawberry.types.field import StrawberryField

from api.answers import Rendered, ids_connection, page_of, record, rendered, told, value
from api.context import Info
from api.lists import After, Before, First, Last
from api.types import TYPES, computed, connection, make_type
from graph.catalogue import known_ids
from graph.chains import ChainBasis, ChainKind, LinkRole, find_chains
from graph.errors import Code
from graph.matching.request import known_country

strawberry.enum(ChainKind, description=ChainKind.__doc__)
strawberry.enum(ChainBasis, description=ChainBasis.__doc__)
strawberry.enum(LinkRole, name="ChainRole", description=LinkRole.__doc__)
TYPES.update({"ChainKind": ChainKind, "ChainBasis": ChainBasis, "ChainRole": LinkRole})


def _build() -> None:
    TYPES["ChainLink"] = make_type(
        "ChainLink",
        {
            "role": value("ChainRole", "role", "What the giver does."),
            "giver": record("Party", "giver", "Who gives."),
            "receiver": record("Country", "receiver", "Who receives."),
            "count": value("int", "count", "How many records show it."),
            "records": ids_connection("CaseInterface", "records", "The newest of them, at most 10."),
            "needs": ids_connection("Need", "needs", "Open needs of the receiver that a possible link answers."),
        },
        "Who gives to whom.",
    )
    TYPES["Chain"] = make_type(
        "Chain",
        {
            "kind": value("ChainKind", "kind", "Its shape."),
            "basis": value("ChainBasis", "basis", "Whether it happened, or is possible."),
            "rank": value("int", "rank", "Place in the list, 1 is best shown."),
            "weakest": value("int", "weakest", "Records of the link that has fewest: what chains are ranked by."),
            "explanation": told("explanation", "The chain in a sentence."),
            "links": rendered("list[ChainLink]", "links", "The links in their order."),
        },
        "A chain of cooperation.",
    )


_build()


def chains_field() -> StrawberryField:
    async def resolve(
        info: Info,
        kind: Annotated[ChainKind, strawberry.argument(description="The shape wanted.")] = ChainKind.EXCHANGE_OF_TWO,
        basis: Annotated[ChainBasis, strawberry.argument(description="What happened, or what is possible now.")] = ChainBasis.HAPPENED,
        country: Annotated[str | None, strawberry.argument(description="A country that is part of it, ISO 3166-1 alpha-3.")] = None,
        topic: Annotated[strawberry.ID | None, strawberry.argument(description="A topic that the records are about.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Any:
        context = info.context
        await context.learn_names()
        countries, topics = await context.network.known()
        member = f"country:{known_country(country[:100], countries)}" if country else None
        about = known_ids([topic], topics, "topic", Code.UNKNOWN_TOPIC)[0] if topic else None
        found = await find_chains(context.database, kind, basis, context.viewer, country=member, topic=about)
        args = context.page_args(first, after, last, before)
        return page_of({c.key: c for c in found}, args, "list of chains", lambda page: [Rendered(c, context) for c in page])

    return computed(
        connection("Chain"),
        resolve,
        "Exchanges in which each gives and receives, or triangles of funder, provider and recipient; at most 100.",
    )
