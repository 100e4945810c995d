"""`assign` in GraphQL: many needs and partners at once, each pair explained, or the constraint that cannot be kept."""

from __future__ import annotations

from typing import Annotated, Any, Final

import strawberry
from strawberry.types.field import StrawberryField

import api.match  # noqa: F401 - gives `PartnerKind` its description
from api.answers import Rendered, ids_connection, page_of, record, told, value
from api.context import Info
from api.lists import After, Before, First, Last
from api.types import TYPES, computed, connection, make_type
from graph.assignment import Constraint, Guest, Programme, assign_needs
from graph.matching import PartnerKind

PATIENCE: Final = 0.5
"""Seconds that an answer waits for a ranking; a client that waited longer would hold a place that others need."""

strawberry.enum(Constraint, name="AssignmentConstraint", description="Why a need cannot get a partner.")
TYPES["AssignmentConstraint"] = Constraint


@strawberry.input(description="A partner that is invited.")
class InvitedPartnerInput:
    """One partner of an assignment."""

    partner: strawberry.ID = strawberry.field(description="Global id of a country or an organisation.")
    places: int | None = strawberry.field(default=None, description="How many needs it can take; `atMost` where left out.")
    languages: list[str] | None = strawberry.field(
        default=None, description="BCP 47 tags of the languages it works in; where given, a need has to share one."
    )


@strawberry.input(description="What is to be assigned.")
class AssignInput:
    """Input of `assign`."""

    needs: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Global ids of needs, at most 500; the newest open ones where left out."
    )
    partners: list[InvitedPartnerInput] | None = strawberry.field(
        default=None, description="Partners, at most 200; those with most evidence for all the needs where left out."
    )
    at_most: int = strawberry.field(default=3, description="Most needs that one partner gets.")
    floor: float = strawberry.field(default=0.2, description="Least share of what its best partner would bring for each need, 0 to 1.")
    leave_out: bool = strawberry.field(default=False, description="Leave needs out that cannot get a partner, instead of refusing all.")
    partner_kind: PartnerKind = strawberry.field(default=PartnerKind.ANY, description="Which partners are wanted, where none are given.")


def _listing(target: str, name: str, key: str, description: str) -> StrawberryField:
    async def resolve(
        root: Rendered, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Any:
        args = info.context.page_args(first, after, last, before)
        found = {getattr(item, key): item for item in getattr(root.value[0], name)}
        return page_of(found, args, "assignment", lambda items: [Rendered(item, root.context) for item in items])

    return computed(connection(target), resolve, description)


def _total(annotation: str, name: str, description: str) -> StrawberryField:
    return computed(annotation, lambda root: getattr(root.value[0], name), description)


def _build() -> None:
    TYPES["AssignedNeed"] = make_type(
        "AssignedNeed",
        {
            "need": record("Need", "need", "The need."),
            "partner": record("Party", "partner", "Its partner."),
            "quality": value("float", "quality", "The score of the partner for this need, as `match` gives it."),
            "best": record("Party", "best", "The need's best partner of those invited."),
            "cost": value("float", "cost", "What the best partner would have brought more."),
            "place": value("int", "place", "The partner's place among those invited, 1 is best."),
            "of": value("int", "of", "How many of those invited have evidence for the need."),
            "explanation": told("explanation", "Why this partner, for people."),
        },
        "A need with the partner it got, and what that cost it.",
    )
    TYPES["AssignmentObstacle"] = make_type(
        "AssignmentObstacle",
        {
            "constraint": value("AssignmentConstraint", "constraint", "The constraint that cannot be kept."),
            "explanation": told("explanation", "A sentence for people."),
            "needs": ids_connection("Need", "needs", "The needs that it is about."),
            "partners": ids_connection("Party", "partners", "The partners that they have to share, where it is about places."),
        },
        "Why not every need can have a partner.",
    )
    TYPES["PartnerLoad"] = make_type(
        "PartnerLoad",
        {
            "partner": record("Party", "partner", "The partner."),
            "places": value("int", "places", "How many needs it can take."),
            "needs": ids_connection("Need", "needs", "The needs it got."),
        },
        "What a partner was given.",
    )
    TYPES["Assignment"] = make_type(
        "Assignment",
        {
            "assigned": _listing("AssignedNeed", "given", "need", "Needs with their partners, by id."),
            "loads": _listing("PartnerLoad", "loads", "partner", "Partners with their needs, by id."),
            "leftOut": computed(
                "list[AssignmentObstacle]",
                lambda root: [Rendered(item, root.context) for item in root.value[0].left_out],
                "Needs that were left out, each with the reason.",
            ),
            "obstacle": computed(
                "AssignmentObstacle | None",
                lambda root: Rendered(root.value[0].obstacle, root.context) if root.value[0].obstacle else None,
                "The constraint that cannot be kept; nothing is assigned then.",
            ),
            "quality": _total("float", "quality", "Sum of the qualities."),
            "bound": _total("float", "bound", "What the sum would be if every need that was served had its best partner."),
            "lowestShare": _total("float | None", "lowest_share", "The smallest share of its best partner's quality that a need got."),
            "dataVersion": computed("int", lambda root: root.value[1], "Sequence number of the last change that was seen."),
        },
        "Partners for many needs at once.",
    )


_build()


def assign_field() -> StrawberryField:
    async def resolve(info: Info, input: Annotated[AssignInput, strawberry.argument(description="The programme.")]) -> Any:  # noqa: A002 - Relay's name
        context = info.context
        await context.learn_names()
        programme = Programme(
            tuple(input.needs or ()),
            tuple(
                Guest(p.partner, input.at_most if p.places is None else p.places, frozenset(tag.lower() for tag in p.languages or ()))
                for p in input.partners or ()
            ),
            input.at_most,
            input.floor,
            input.leave_out,
            input.partner_kind,
        )
        return Rendered(await assign_needs(context.database, context.network.embedding, programme, context.viewer, PATIENCE), context)

    return computed(
        "Assignment",
        resolve,
        "A partner for each of many needs, for a forum or a programme. Fails with `RANKING_UNDER_WAY` where many needs were not ranked since the last change: ask again after `retryAfter` seconds.",
    )
