"""Matches on their way into the network: kept for a need, brought from state to state until they are done or declined.

Everything is checked under the lock of the log and written by the one writer. An agreed match becomes a partnership on record.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Final

from graph.database import Database, Query, Transaction
from graph.embedding import EmbeddingService
from graph.errors import Code
from graph.matching.match import match
from graph.matching.parameters import PARAMETERS, Parameters
from graph.matching.request import Request
from graph.matching.result import MatchResult, Partner
from graph.matching.stored import NOT_THEIRS, Stored, looked_after, match_id, may_read, owner_of, read_row
from graph.model import MODEL
from graph.mutation import Outcome, Sent, once, outdated, tidied
from graph.records import Link, Problem, Record, validate
from graph.viewer import Viewer
from graph.vocabulary import MatchState, PartnershipRole, PartnershipState
from graph.writer import existing_ids, store

# What may follow on what. Whatever is not done or declined may be declined.
FOLLOWS: Final[Mapping[MatchState, tuple[MatchState, ...]]] = {
    MatchState.PROPOSED: (MatchState.INTRODUCED, MatchState.AGREED, MatchState.DECLINED),
    MatchState.INTRODUCED: (MatchState.AGREED, MatchState.DECLINED),
    MatchState.AGREED: (MatchState.DELIVERING, MatchState.DONE, MatchState.DECLINED),
    MatchState.DELIVERING: (MatchState.DONE, MatchState.DECLINED),
    MatchState.DONE: (),
    MatchState.DECLINED: (MatchState.PROPOSED,),
}
CASES: Final = {
    MatchState.AGREED: PartnershipState.AGREED,
    MatchState.DELIVERING: PartnershipState.DELIVERING,
    MatchState.DONE: PartnershipState.DONE,
}
Run = Callable[[Query], Awaitable[list[tuple[Any, ...]]]]


@dataclass(frozen=True, slots=True)
class Keep:
    """Partners of a match that a member wants to keep. `request` has the need on record; `sent` is the mutation as it came."""

    viewer: Viewer
    request: Request
    partners: tuple[str, ...]
    sent: Sent
    dry_run: bool = False

    @property
    def need(self) -> str:
        return self.request.need or ""

    @property
    def ids(self) -> list[str]:
        """The kept matches' ids, in the order of the partners."""
        return [match_id(self.need, party) for party in dict.fromkeys(self.partners)]


@dataclass(frozen=True, slots=True)
class Move:
    """A state that a member wants a kept match to have. `expected` is the version that was read, `key` that of the mutation."""

    viewer: Viewer
    match: str
    state: MatchState
    expected: int
    reason: str | None = None
    key: str | None = None
    dry_run: bool = False

    @property
    def sent(self) -> Sent:
        return Sent(self.viewer.token, self.key, ("Match", self.match, self.state, self.expected, self.reason))


async def keep(database: Database, embedding: EmbeddingService, command: Keep, *, parameters: Parameters = PARAMETERS) -> Outcome:
    """Match the need and keep these of its partners, or say why not. A partner kept before keeps its state.

    Raises what `match` raises. The outcome's record is the first of `Keep.ids`.
    """
    problems = await _need_problems(database.read, command)
    if problems:
        return Outcome(problems=problems)
    result = await match(database, embedding, command.request, viewer=command.viewer, parameters=parameters)
    found = {p.id: p for p in result.partners}
    if problems := tuple(_no_partners(command.partners, found)):
        return Outcome(problems=problems)
    chosen = [found[party] for party in dict.fromkeys(command.partners)]

    async def work(transaction: Transaction, sequence: int) -> Outcome:
        problems = await _need_problems(transaction.run, command)
        if problems or command.dry_run:
            return Outcome(problems=problems)
        before = {i: (MatchState(state), reason) for i, state, reason in await transaction.run(states_of(command.ids))}
        kept = [_kept(partner, result, command.request, parameters, before) for partner in chosen]
        there = await _there(transaction, [i for one in kept for i in (one.partner, *one.package)])
        if gone := [one.partner for one in kept if one.partner not in there]:
            return Outcome(problems=tuple(_no_partners(gone, {})))
        records = [_record(replace(one, package=tuple(i for i in one.package if i in there))) for one in kept]
        await store(transaction, records, sequence, command.viewer.token or "")
        return Outcome(command.ids[0], written=True)

    return await once(database, command.sent, work)


async def _need_problems(run: Run, command: Keep) -> tuple[Problem, ...]:
    """Why nothing can be kept for the need by this viewer, as it stands."""
    for country, withdrawn in await run(owner_of(command.need, command.viewer)):
        if not may_read(command.viewer, country):
            reason = f"is a need of {country}, for whom the token does not write"
            return (Problem("match.need", command.need, reason, (), Code.FORBIDDEN, NOT_THEIRS),)
        if withdrawn:
            hint = "Match a need that stands."
            return (Problem("match.need", command.need, "was withdrawn, so that nobody is looked for", (), Code.RECORD_WITHDRAWN, hint),)
        return ()
    hint = "State the need first, then match it by its id: take one from `needs`."
    return (Problem("match.need", command.need[:80], "is no need on record that you may see", (), Code.UNKNOWN_NEED, hint),)


def _no_partners(wanted: Sequence[str], found: Mapping[str, Partner]) -> Iterator[Problem]:
    hint = "Take ids of partners from `match` with the same input. Whom the need declined before is not among them."
    for place, party in enumerate(wanted):
        if party not in found:
            yield Problem(
                f"partners.{place}", party[:80], "is not among the partners of this match", tuple(found)[:5], Code.NOT_FOUND, hint
            )


def _kept(
    partner: Partner, result: MatchResult, request: Request, parameters: Parameters, before: Mapping[str, tuple[MatchState, str | None]]
) -> Stored:
    assert request.need is not None  # noqa: S101 - `keep` has looked
    record_id = match_id(request.need, partner.id)
    state, reason = before.get(record_id, (MatchState.PROPOSED, None))
    package = [part[0] for part in (partner.cases, partner.offers, partner.funding_calls, partner.solutions, partner.posts) if part]
    return Stored(
        record_id,
        request.need,
        partner.id,
        state,
        reason,
        partner.rank,
        partner.score,
        {part.name.value: part.value * part.weight for part in partner.parts},
        {c.document: c.value for c in partner.evidence},
        tuple(package),
        {name: value for name, value in asdict(request).items() if value not in (None, ())},
        asdict(parameters),
        result.model,
        result.data_version,
        datetime.now(UTC),
    )


async def _there(transaction: Transaction, ids: Sequence[str]) -> set[str]:
    """Those of the records that are still on record."""
    by_label: dict[str, list[str]] = {}
    for record_id in dict.fromkeys(ids):
        by_label.setdefault(MODEL.by_prefix[record_id.partition(":")[0]].label, []).append(record_id)
    return {i for label, group in by_label.items() for (i,) in await transaction.run(existing_ids(label, group))}


def _record(one: Stored) -> Record:
    def as_json(value: object) -> str:
        return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)

    return Record(
        "Match",
        one.id.partition(":")[2],
        {
            "state": one.state.value,
            "declineReason": one.reason,
            "rank": one.rank,
            "score": one.score,
            "parts": as_json({"parts": one.parts, "evidence": one.evidence}),
            "inputs": as_json(one.inputs),
            "parameters": as_json(one.parameters),
            "modelKey": one.model,
            "dataVersion": one.data_version,
            "createdAt": one.created,
        },
        {"need": [Link(one.need)], "partner": [Link(one.partner)], "parts": [Link(i) for i in one.package]},
    )


async def move(database: Database, command: Move) -> Outcome:
    """Bring a kept match to its next state, or say why not. An agreed one becomes a partnership on record, and so evidence for others; one
    that is declined after that takes its partnership back."""
    reason = tidied(command.reason) if command.reason is not None else None

    async def work(transaction: Transaction, sequence: int) -> Outcome:
        rows = await transaction.run(looked_after([command.match], command.viewer))
        if not rows:
            hint = "Take an id from `savedMatches`."
            return Outcome(problems=(Problem("id", command.match[:80], "is no kept match of yours", (), Code.NOT_FOUND, hint),))
        [(*row, withdrawn)] = rows
        one = read_row(*row)
        if conflict := outdated(command.expected, one.version):
            return Outcome(problems=(conflict,))
        moved = replace(one, state=command.state, reason=reason)
        record = _record(moved)
        problems = [*_state_problems(one, moved, withdrawn=withdrawn), *_reason_problems(record), *_own_agreement(one, command)]
        if problems or command.dry_run:
            return Outcome(problems=tuple(problems))
        await store(transaction, [record, *await _case(transaction, moved)], sequence, command.viewer.token or "")
        return Outcome(one.id, written=True)

    return await once(database, command.sent, work)


def _state_problems(one: Stored, moved: Stored, *, withdrawn: bool) -> Iterator[Problem]:
    declined = moved.state is MatchState.DECLINED
    if withdrawn and not declined:
        yield Problem("id", one.id, "is for a need that was withdrawn", (), Code.RECORD_WITHDRAWN, "It can be declined, with a reason.")
    elif moved.state is not one.state and moved.state not in FOLLOWS[one.state]:
        allowed = tuple(after.value for after in FOLLOWS[one.state])
        hint = "Take a state that follows." if allowed else "A match that is done does not change any more."
        yield Problem("state", moved.state.value, f"does not follow on {one.state.value}", allowed, Code.CONTRADICTORY_INPUT, hint)
    if declined and not moved.reason:
        hint = "Say in a sentence why, for those who look next time."
        yield Problem("reason", "", "is required where a match is declined", (), Code.FIELD_REQUIRED, hint)
    if moved.reason and not declined:
        hint = "Leave it out, or decline the match."
        yield Problem("reason", "", f"belongs to {MatchState.DECLINED.value} only", (), Code.CONTRADICTORY_INPUT, hint)


def _own_agreement(one: Stored, command: Move) -> Iterator[Problem]:
    """A partnership is evidence for its partner in other matches, so a partner does not make one by itself."""
    if command.viewer.party == one.partner and command.state is MatchState.AGREED is not one.state:
        allowed = tuple(after.value for after in FOLLOWS[one.state] if after is not MatchState.AGREED)
        hint = "Ask the country to agree; what comes after that you may tell yourself."
        yield Problem("state", command.state.value, "is for the country to say whose need it is", allowed, Code.FORBIDDEN, hint)


def _reason_problems(record: Record) -> Iterator[Problem]:
    for problem in validate(record):
        yield replace(problem, field="reason" if problem.field == "declineReason" else problem.field)


def case_id(match: str) -> str:
    """Id of the partnership that a kept match becomes."""
    return f"partnership:{match.partition(':')[2]}"


async def _case(transaction: Transaction, one: Stored) -> list[Record]:
    """The partnership that an agreed match is, where there is one to write. Who may see the need may see it."""
    [(title, description, lang, visibility, country, country_name, partner_name, had, had_state, topics)] = await transaction.run(
        case_of(one.need, one.partner, case_id(one.id))
    )
    declined = one.state is MatchState.DECLINED and had is not None
    if not declined and one.state not in CASES:
        return []
    case = Record(
        "Partnership",
        one.id.partition(":")[2],
        {
            "title": f"{title}: {partner_name} and {country_name}"[:2000],
            "summary": description,
            "state": had_state if declined else CASES[one.state].value,
            "date": had.to_native() if had is not None else date.today(),
            "lang": lang,
            "visibility": visibility,
            "withdrawn": True if declined else None,
        },
        {
            "parties": [
                Link(country, {"role": PartnershipRole.RECIPIENT.value}),
                Link(one.partner, {"role": PartnershipRole.PROVIDER.value}),
            ],
            "needs": [Link(one.need)],
            "topics": [Link(topic) for topic in topics],
        },
    )
    return [case]


# The queries, pure: text and parameters.


def states_of(ids: Sequence[str]) -> Query:
    """Rows of (id, state, reason) of those of the matches that are kept already."""
    return Query("UNWIND $ids AS id\nMATCH (m:Match {id: id})\nRETURN m.id, m.state, m.declineReason", {"ids": list(ids)})


def case_of(need: str, partner: str, case: str) -> Query:
    """One row of what a partnership is made of: the need's title, description, language, visibility, country, the country's name, the
    partner's name, the date and the state that the partnership has where it is on record, ids of topics."""
    return Query(
        "MATCH (n:Need {id: $need})-[:OF]->(c:Country)\nMATCH (p:Organization|Country {id: $partner})\n"
        "OPTIONAL MATCH (had:Partnership {id: $case})\n"
        "RETURN n.title, n.description, n.lang, n.visibility, c.id, c.name, p.name, had.date, had.state, [(n)-[:ABOUT]->(t:Topic) | t.id]",
        {"need": need, "partner": partner, "case": case},
    )
