"""`medians` in GraphQL: what indicators say of a group of countries, year by year."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry
from strawberry.types.field import StrawberryField

from api.context import Info
from api.types import TYPES, computed, make_type
from graph.medians import read_medians


def _build() -> None:
    TYPES["GroupMedian"] = make_type(
        "GroupMedian",
        {
            "indicator": computed("str", lambda root: root.indicator, "Code of the indicator."),
            "year": computed("int", lambda root: root.year, "The year."),
            "count": computed("int", lambda root: root.count, "How many members of the group it measured."),
            "value": computed("float", lambda root: root.value, "Their median."),
        },
        "The median of one indicator in one year over a group of countries.",
    )


_build()


def medians_field() -> StrawberryField:
    async def resolve(
        info: Info, group: Annotated[strawberry.ID, strawberry.argument(description="The group of countries, by id or key.")]
    ) -> Any:
        return await read_medians(info.context.database, group[:100])

    return computed("list[GroupMedian]", resolve, "Medians of every indicator over the countries of a group, by code and year.")
