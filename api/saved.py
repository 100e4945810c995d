"""Kept matches in GraphQL: saved, read, made again to see what changed, brought from state to state. For members only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import strawberry
from strawberry.types.field import StrawberryField

from api.answers import Rendered, page_of, record, rendered, value
from api.context import Context, Info
from api.lists import After, Before, First, Last
from api.match import MatchInput, request_of
from api.mutations import GIVEN_DRY_RUN, GIVEN_KEY, GIVEN_VERSION, WHY_NOT, UserError, user_error
from api.types import TYPES, computed, connection, make_type
from api.viewers import member
from graph.errors import Code, NetworkError
from graph.matching.keeping import Keep, Move, case_id, keep, move
from graph.matching.result import PartName
from graph.matching.stored import Change, Stored, match_id, rerun, stored, stored_by_ids
from graph.mutation import Sent, sent_before
from graph.read import Node
from graph.records import Problem
from graph.vocabulary import MatchState

strawberry.enum(MatchState, description=MatchState.__doc__)
TYPES["MatchState"] = MatchState
NeedId = Annotated[strawberry.ID, strawberry.argument(description="Global id of a need on record.")]
READ = "read kept matches"


@strawberry.input(description="Input of `saveMatch`.")
class SaveMatchInput:
    """Which partners of which match to keep."""

    match: MatchInput = strawberry.field(description="The match, as `match` takes it; `need` is required here.")
    partners: list[strawberry.ID] = strawberry.field(description="Global ids of the partners to keep, out of those that the match finds.")
    idempotency_key: str | None = strawberry.field(default=None, description=GIVEN_KEY)
    dry_run: bool | None = strawberry.field(default=False, description=GIVEN_DRY_RUN)


@strawberry.input(description="Input of `updateMatchState`.")
class UpdateMatchStateInput:
    """Which kept match gets which state."""

    id: strawberry.ID = strawberry.field(description="Id of the kept match, as `savedMatches` gives it.")
    expected_version: int = strawberry.field(description=GIVEN_VERSION)
    state: MatchState = strawberry.field(description="The state that it is to have; it has to follow on the one it has.")
    reason: str | None = strawberry.field(default=None, description="Why it is declined; required for `DECLINED`, and for nothing else.")
    idempotency_key: str | None = strawberry.field(default=None, description=GIVEN_KEY)
    dry_run: bool | None = strawberry.field(default=False, description=GIVEN_DRY_RUN)


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of `saveMatch`."""

    matches: list[Rendered]
    errors: list[UserError]


@dataclass(frozen=True, slots=True)
class Moved:
    """What came of `updateMatchState`."""

    match: Rendered | None
    partnership: Node | None
    errors: list[UserError]


@dataclass(frozen=True, slots=True)
class Then:
    """A figure by name, as it was and as it is now."""

    name: Any
    then: float | None
    now: float


def saved_fields() -> dict[str, StrawberryField]:
    """Fields of the root query, by GraphQL name."""

    async def saved(info: Info, need: NeedId, first: First = None, after: After = None, last: Last = None, before: Before = None) -> Any:
        context = info.context
        await context.learn_names()
        args = context.page_args(first, after, last, before)
        kept = await stored(context.database, need, member(context.viewer, READ))
        return page_of({one.id: one for one in kept}, args, "savedMatches", lambda items: [Rendered(one, context) for one in items])

    async def changes(info: Info, need: NeedId) -> Any:
        context = info.context
        await context.learn_names()
        viewer = member(context.viewer, READ)
        return Rendered(await rerun(context.database, context.network.embedding, need, viewer), context)

    return {
        "savedMatches": computed(
            connection("SavedMatch"),
            saved,
            "Kept matches of a need, best rank first. Needs the token of a member: of the need's country, or without a party.",
        ),
        "matchChanges": computed(
            "MatchChanges",
            changes,
            "The kept match of a need made again as it was asked last, and what changed since. Needs the token of a member, as `savedMatches`.",
        ),
    }


def saved_mutations() -> dict[str, StrawberryField]:
    """Fields of the root mutation, by GraphQL name."""

    async def save(
        info: Info,
        input: Annotated[SaveMatchInput, strawberry.argument(description="The match and whom to keep.")],  # noqa: A002 - Relay's name
    ) -> Saved:
        return await _save(info.context, input)

    async def update(
        info: Info,
        input: Annotated[UpdateMatchStateInput, strawberry.argument(description="The kept match and its next state.")],  # noqa: A002 - Relay's name
    ) -> Moved:
        return await _update(info.context, input)

    return {
        "saveMatch": computed(
            "SaveMatchPayload",
            save,
            "Match a need on record and keep partners of it, with everything the match was made from. One that was kept before keeps its state. "
            "Needs the token of a member: of the need's country, or without a party.",
        ),
        "updateMatchState": computed(
            "UpdateMatchStatePayload",
            update,
            "Bring a kept match to its next state. Agreed, it becomes a partnership on record. "
            "Needs the token of a member: of the need's country, of the partner, or without a party.",
        ),
    }


async def _save(context: Context, given: SaveMatchInput) -> Saved:
    viewer = member(context.viewer)
    if problems := _left_out(given):
        return Saved([], [user_error(problem) for problem in problems])
    partners = tuple(str(party).strip() for party in given.partners)
    sent = Sent(viewer.token, given.idempotency_key, ("saveMatch", strawberry.asdict(given.match), partners))
    outcome = await sent_before(context.database, sent)
    need = str(given.match.need)
    if outcome is None:
        try:
            request = await request_of(context, given.match)
        except NetworkError as error:
            return Saved([], [_of_input(error)])
        outcome = await keep(context.database, context.network.embedding, Keep(viewer, request, partners, sent, bool(given.dry_run)))
    if outcome.written:
        context.network.feed.nudge()
        context.forget()
    ids = [match_id(need, party) for party in dict.fromkeys(partners)] if outcome.record else []
    kept = await stored_by_ids(context.database, ids, viewer) if ids else []
    return Saved([Rendered(one, context) for one in kept], [user_error(problem) for problem in outcome.problems])


def _left_out(given: SaveMatchInput) -> list[Problem]:
    problems = []
    if not given.match.need:
        hint = "State the need first, then match it by its id."
        problems.append(Problem("match.need", "", "is required where a match is kept", (), Code.FIELD_REQUIRED, hint))
    if not given.partners:
        problems.append(
            Problem("partners", "", "is required and is empty", (), Code.FIELD_REQUIRED, "Name one partner of the match or more.")
        )
    return problems


def _of_input(error: NetworkError) -> UserError:
    """What is wrong with the match that was asked for. Raises the error again where it is not the input's."""
    if error.status not in {400, 404}:
        raise error
    return UserError(code=error.code.value, message=error.message, field=["input", "match"], allowed=list(error.allowed), hint=error.hint)


async def _update(context: Context, given: UpdateMatchStateInput) -> Moved:
    viewer = member(context.viewer)
    command = Move(
        viewer, str(given.id).strip(), given.state, given.expected_version, given.reason, given.idempotency_key, bool(given.dry_run)
    )
    outcome = await move(context.database, command)
    if outcome.record is None:
        return Moved(None, None, [user_error(problem) for problem in outcome.problems])
    if outcome.written:
        context.forget()
        context.network.feed.nudge()
    partnership = await context.node(case_id(outcome.record))
    if outcome.written and partnership is not None:
        context.network.wrote(partnership.id)
    kept = await stored_by_ids(context.database, [outcome.record], viewer)
    return Moved(Rendered(kept[0], context) if kept else None, partnership, [])


def _build() -> None:
    TYPES["SavedScorePart"] = make_type(
        "SavedScorePart",
        {
            "name": computed("PartName", lambda root: root[0], "Which part."),
            "value": computed("float", lambda root: root[1], "What it added to the score."),
        },
        "One part of the score of a kept match.",
    )
    TYPES["SavedEvidence"] = make_type(
        "SavedEvidence",
        {
            "node": computed("RecordInterface", lambda root: root[0], "The document."),
            "value": computed("float", lambda root: root[1], "What it added to the score."),
        },
        "A document that voted for the partner of a kept match.",
    )
    TYPES["SavedMatch"] = make_type("SavedMatch", _saved_fields(), "A partner that was kept for a need, with what the match was made from.")
    TYPES["SaveMatchPayload"] = make_type(
        "SaveMatchPayload",
        {
            "matches": computed("list[SavedMatch]", lambda root: root.matches, "The kept matches as they are now, best rank first."),
            "errors": computed("list[UserError]", lambda root: root.errors, WHY_NOT),
        },
        "What came of `saveMatch`.",
    )
    TYPES["UpdateMatchStatePayload"] = make_type(
        "UpdateMatchStatePayload",
        {
            "match": computed(
                "SavedMatch | None",
                lambda root: root.match,
                "The kept match as it is now; null where errors stand or nothing was to be written.",
            ),
            "partnership": computed("Partnership | None", lambda root: root.partnership, "The partnership that it became, where it did."),
            "errors": computed("list[UserError]", lambda root: root.errors, WHY_NOT),
        },
        "What came of `updateMatchState`.",
    )
    _build_changes()


def _build_changes() -> None:
    TYPES["ScorePartChange"] = make_type("ScorePartChange", _then_and_now("PartName", "Which part."), "A part of a score, then and now.")
    TYPES["ParameterChange"] = make_type(
        "ParameterChange", _then_and_now("str", "The constant's name."), "A constant of matching, then and now."
    )
    TYPES["MatchChange"] = make_type(
        "MatchChange",
        {
            "match": computed("SavedMatch", lambda root: Rendered(root.value.stored, root.context), "The kept match, as it was then."),
            "rankThen": _side("int", "rank", 0, "Its place then."),
            "rankNow": _side("int | None", "rank", 1, "Its place now; null where it is no partner any more, or was declined."),
            "scoreThen": _side("float", "score", 0, "Its score then."),
            "scoreNow": _side("float | None", "score", 1, "Its score now, as `rankNow`."),
            "parts": computed(
                "list[ScorePartChange]",
                lambda root: _changes({PartName(name): both for name, both in root.value.parts.items()}),
                "Parts of the score that are different now.",
            ),
            "newEvidence": _documents("new_evidence", "Documents that vote for it now and did not then."),
            "goneEvidence": _documents("gone_evidence", "Documents that voted for it then and do not now, of those that you may see."),
        },
        "A kept match beside the same one made now.",
    )
    TYPES["MatchChanges"] = make_type(
        "MatchChanges",
        {
            "dataVersionThen": _side("int", "data_version", 0, "Sequence number of the last change that the match saw when it was kept."),
            "dataVersionNow": _side("int", "data_version", 1, "The same now."),
            "modelThen": _side("str", "model", 0, "The embedding model then."),
            "modelNow": _side("str", "model", 1, "The embedding model now."),
            "parameters": computed(
                "list[ParameterChange]", lambda root: _changes(root.value.parameters), "Constants of matching that are different now."
            ),
            "changes": rendered("list[MatchChange]", "changes", "Every kept partner, then and now, in the order of the ranks then."),
            "newPartners": computed(
                "list[Party]",
                lambda root: _records(root.context, root.value.new_partners),
                "Partners before the last kept place that are not kept.",
            ),
        },
        "What changed since a match was kept.",
    )


def _then_and_now(kind: str, name: str) -> dict[str, StrawberryField]:
    return {
        "name": computed(kind, lambda root: root.name, name),
        "then": computed("float | None", lambda root: root.then, "Its value then; null where there was none."),
        "now": computed("float", lambda root: root.now, "Its value now."),
    }


def _changes(found: Mapping[Any, tuple[float | None, float]]) -> list[Then]:
    return [Then(name, then, now) for name, (then, now) in found.items()]


def _side(annotation: str, name: str, side: int, description: str) -> StrawberryField:
    """One side of a pair of then and now."""
    return computed(annotation, lambda root: getattr(root.value, name)[side], description)


def _documents(name: str, description: str) -> StrawberryField:
    async def resolve(root: Rendered) -> Any:
        change: Change = root.value
        return await _records(root.context, getattr(change, name))

    return computed("list[RecordInterface]", resolve, description)


async def _records(context: Context, ids: Sequence[str]) -> list[Node]:
    """Those of the records that the viewer may see, in their order."""
    found = await context.nodes(ids)
    return [found[i] for i in ids if i in found]


def _saved_fields() -> dict[str, StrawberryField]:
    async def evidence(root: Rendered, first: Annotated[int, strawberry.argument(description="How many.")] = 10) -> Any:
        if not 0 <= first <= 100:
            raise NetworkError(Code.PAGE_SIZE, f"{first} documents were asked for.", hint="Ask for 0 to 100.", details={"largest": 100})
        kept: Stored = root.value
        values = dict(sorted(kept.evidence.items(), key=lambda pair: (-pair[1], pair[0])))
        seen = await _records(root.context, list(values))
        return [(node, values[node.id]) for node in seen[:first]]

    return {
        "id": value("ID", "id", "Id of the kept match: one for each need and partner."),
        "version": value("int", "version", "1 when it is new, one more with each change: what `updateMatchState` expects."),
        "need": record("Need", "need", "The need."),
        "partner": record("Party", "partner", "The partner."),
        "state": value("MatchState", "state", "How far it got."),
        "declineReason": value("str | None", "reason", "Why it was declined."),
        "rank": value("int", "rank", "Place among all partners, 1 is first."),
        "score": value("float", "score", "Sum of the parts."),
        "parts": computed(
            "list[SavedScorePart]",
            lambda root: [(PartName(name), root.value.parts[name]) for name in PartName if name in root.value.parts],
            "What the score is made of.",
        ),
        "evidence": computed("list[SavedEvidence]", evidence, "Documents that voted for it, strongest first, of those that you may see."),
        "package": computed(
            "list[RecordInterface]",
            lambda root: _records(root.context, root.value.package),
            "The first case, offer, funding window, software and post of its package, of those that you may see.",
        ),
        "dataVersion": value("int", "data_version", "Sequence number of the last change that the match saw."),
        "model": value("str", "model", "The embedding model."),
        "createdAt": value("datetime", "created", "When the match was made."),
    }


_build()
