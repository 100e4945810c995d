"""`board` in GraphQL: gaps and overlaps, topic by country group, down to the records."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry
from strawberry.types.field import StrawberryField

from api.answers import Rendered, ids_connection, page_of, record, rendered, value
from api.context import Info
from api.lists import After, Before, First, Last
from api.types import TYPES, computed, connection, make_type
from graph.board import Board, read_board
from graph.vocabulary import CountryGroupKind

Topics = Annotated[
    list[strawberry.ID] | None, strawberry.argument(description="Topics that make the rows, by id or key; the widest where left out.")
]
Groups = Annotated[
    list[strawberry.ID] | None,
    strawberry.argument(description="Country groups that make the columns, by id or key; all of the kind where left out."),
]
Providers = Annotated[
    list[strawberry.ID] | None,
    strawberry.argument(
        description="Whose offers, windows and overlaps are shown, by id; everybody's where left out. Gaps stay those of all."
    ),
]
Kind = Annotated[CountryGroupKind, strawberry.argument(description="Kind of the groups, where none are named.")]


def _cells(name: str, description: str) -> StrawberryField:
    async def resolve(
        root: Rendered, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Any:
        args = info.context.page_args(first, after, last, before)
        found = {cell.key: cell for cell in getattr(root.value, name)}
        return page_of(found, args, f"list of {name}", lambda cells: [Rendered(cell, root.context) for cell in cells])

    return computed(connection("BoardCell"), resolve, description)


def _build() -> None:
    TYPES["CrowdedNeed"] = make_type(
        "CrowdedNeed",
        {
            "need": record("Need", "need", "The need."),
            "funders": ids_connection("Party", "funders", "Who could pay, or pays already for what answers it."),
            "windows": ids_connection("FundingCall", "windows", "The windows that it is eligible for."),
        },
        "A need with several funders.",
    )
    TYPES["BoardCell"] = make_type(
        "BoardCell",
        {
            "topic": record("Topic", "topic", "The topic; records on narrower topics count too."),
            "group": record("CountryGroup", "group", "The group of countries."),
            "needs": ids_connection("Need", "needs", "Open needs of its countries on the topic."),
            "needsWithoutOffer": ids_connection("Need", "needs_without_offer", "Those that no offer on one of their topics is open to."),
            "needsWithoutMoney": ids_connection(
                "Need", "needs_without_money", "Those that no funding window on one of their topics is open to, and nobody pays for."
            ),
            "offers": ids_connection("Offer", "offers", "Offers on the topic that are open to one of its countries."),
            "idleOffers": ids_connection("Offer", "idle_offers", "Offers that no open need of its countries asks for."),
            "windows": ids_connection("FundingCall", "windows", "Funding windows on the topic that are open to one of its countries."),
            "idleWindows": ids_connection("FundingCall", "idle_windows", "Windows that no open need of its countries asks for."),
            "crowded": rendered("list[CrowdedNeed]", "crowded", "Needs with several funders."),
            "askedUsd": value("float", "asked_usd", "Sum of what the needs ask for, in US dollars."),
            "openUsd": value("float", "open_usd", "Sum of the most that one may ask of each window, in US dollars."),
            "unpricedNeeds": value("int", "unpriced_needs", "Needs without an amount in US dollars."),
            "unpricedWindows": value("int", "unpriced_windows", "Windows in other currencies or without an upper amount."),
        },
        "One topic for one group of countries: what is asked, and what is open.",
    )
    TYPES["Board"] = make_type(
        "Board",
        {
            "day": value("date", "day", "The day on which offers and windows have to be open."),
            "needs": value("int", "needs", "Open needs, each counted once."),
            "offers": value("int", "offers", "Offers that have not closed, of the providers asked for."),
            "windows": value("int", "windows", "Funding windows that have not closed, of the providers asked for."),
            "providers": ids_connection(
                "Party",
                "providers",
                "Who has an offer or a window open, or pays already for what answers an open need, whoever is asked for.",
            ),
            "gaps": _cells("gaps", "Cells with needs that lack an offer or money, most first."),
            "overlaps": _cells("overlaps", "Cells with help that nobody asks for, or with several funders on one need, most first."),
            "cells": _cells("cells", "All cells in which something is asked or open, by topic and group."),
            "notices": rendered("list[Notice]", "notices", "What the reader should know."),
        },
        "Gaps and overlaps between what is asked and what is open.",
    )


_build()


def board_field() -> StrawberryField:
    async def resolve(
        info: Info, kind: Kind = CountryGroupKind.REGION, groups: Groups = None, topics: Topics = None, providers: Providers = None
    ) -> Any:
        context = info.context
        await context.learn_names()
        board: Board = await read_board(
            context.database,
            context.viewer,
            kind=kind,
            columns=tuple(groups or ()),
            rows=tuple(topics or ()),
            providers=tuple(providers or ()),
        )
        return Rendered(board, context)

    return computed("Board", resolve, "Gaps and overlaps for organisations that help and pay: topic by country group.")
