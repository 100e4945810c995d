"""Matches that are kept: saved with everything they were made from, run again to see what changed, followed until they are done or declined.

One record is one partner for one need. Everything is written by the one writer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from graph.database import Database, Query
from graph.embedding import EmbeddingService
from graph.errors import Code, NetworkError
from graph.matching.match import match
from graph.matching.parameters import PARAMETERS, Parameters
from graph.matching.request import PartnerKind, Request
from graph.matching.result import MatchResult, Partner
from graph.records import Link, Record
from graph.viewer import ANYONE, Viewer
from graph.vocabulary import MatchState, PartnershipRole, PartnershipState
from graph.writer import write

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


@dataclass(frozen=True, slots=True)
class Stored:
    """A kept match. `evidence` maps documents to what they added; `inputs` and `parameters` are as they were."""

    id: str
    need: str
    partner: str
    state: MatchState
    reason: str | None
    rank: int
    score: float
    parts: Mapping[str, float]
    evidence: Mapping[str, float]
    package: tuple[str, ...]
    inputs: Mapping[str, Any]
    parameters: Mapping[str, Any]
    model: str
    data_version: int
    created: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """A kept match beside the same one made now. `rank` and `score` are (then, now); now is none where the partner is gone."""

    stored: Stored
    rank: tuple[int, int | None]
    score: tuple[float, float | None]
    parts: Mapping[str, tuple[float, float]]
    new_evidence: tuple[str, ...]
    gone_evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rerun:
    """What changed since: of the data, the model and the constants, of each kept partner, and who is new before the last kept place."""

    data_version: tuple[int, int]
    model: tuple[str, str]
    parameters: Mapping[str, tuple[float, float]]
    changes: tuple[Change, ...]
    new_partners: tuple[str, ...]


async def save(
    database: Database, result: MatchResult, request: Request, partners: Sequence[str], *, actor: str, parameters: Parameters = PARAMETERS
) -> list[Stored]:
    """Keep partners of a match for a need on record. A partner kept before keeps its state.

    Raises BAD_INPUT without a need on record, NOT_FOUND for a party that is not among the partners.
    """
    if request.need is None:
        raise NetworkError(
            Code.BAD_INPUT, "Only a match of a need on record can be kept.", hint="State the need first, then match it by its id."
        )
    found = {p.id: p for p in result.partners}
    for party in partners:
        if party not in found:
            raise NetworkError(Code.NOT_FOUND, f"“{party[:60]}” is not among the partners of this match.", allowed=list(found)[:5])
    before = {s.partner: s for s in await stored(database, request.need)}
    now = datetime.now(UTC)
    kept = [_stored(found[party], result, request, parameters, before.get(party), now) for party in dict.fromkeys(partners)]
    await _written(database, [_record(one) for one in kept], actor)
    return kept


def _stored(
    partner: Partner, result: MatchResult, request: Request, parameters: Parameters, before: Stored | None, now: datetime
) -> Stored:
    assert request.need is not None  # noqa: S101 - `save` has looked
    package = [part[0] for part in (partner.cases, partner.offers, partner.funding_calls, partner.solutions, partner.posts) if part]
    return Stored(
        match_id(request.need, partner.id),
        request.need,
        partner.id,
        before.state if before else MatchState.PROPOSED,
        before.reason if before else None,
        partner.rank,
        partner.score,
        {part.name.value: part.value * part.weight for part in partner.parts},
        {c.document: c.value for c in partner.evidence},
        tuple(package),
        {name: value for name, value in asdict(request).items() if value not in (None, ())},
        asdict(parameters),
        result.model,
        result.data_version,
        now,
    )


def match_id(need: str, partner: str) -> str:
    """One id for one partner of one need."""
    return f"match:{hashlib.sha256(f'{need} {partner}'.encode()).hexdigest()[:24]}"


async def stored(database: Database, need: str) -> list[Stored]:
    """Kept matches of a need, in the order of their ranks."""
    return [_read(*row) for row in await database.read(stored_of(need))]


def stored_of(need: str) -> Query:
    """Rows of (properties, need, partner, parts of the package), best rank first."""
    return Query(
        "MATCH (n:Need {id: $need})<-[:FOR]-(m:Match)-[:WITH]->(p)\n"
        "RETURN properties(m), n.id, p.id, [(m)-[:INCLUDES]->(x) | x.id]\nORDER BY m.rank, m.id",
        {"need": need},
    )


def stored_by_id(match: str) -> Query:
    """One row as `stored_of` gives, or none."""
    return Query(
        "MATCH (n:Need)<-[:FOR]-(m:Match {id: $match})-[:WITH]->(p)\nRETURN properties(m), n.id, p.id, [(m)-[:INCLUDES]->(x) | x.id]",
        {"match": match},
    )


def _read(properties: Mapping[str, Any], need: str, partner: str, package: Sequence[str]) -> Stored:
    told = json.loads(properties["parts"])
    return Stored(
        properties["id"],
        need,
        partner,
        MatchState(properties["state"]),
        properties.get("declineReason"),
        properties["rank"],
        properties["score"],
        told["parts"],
        told["evidence"],
        tuple(sorted(package)),
        json.loads(properties["inputs"]),
        json.loads(properties["parameters"]),
        properties["modelKey"],
        properties["dataVersion"],
        properties["createdAt"].to_native(),
    )


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


async def _written(database: Database, records: Sequence[Record], actor: str) -> None:
    report = await write(database, records, actor=actor)
    if report.refused:
        problem = report.refused[0].problems[0]
        raise NetworkError(Code.INVALID_RECORD, f"{problem.field}: “{problem.value}” {problem.reason}.", allowed=problem.allowed)


async def set_state(database: Database, match: str, state: MatchState, *, actor: str, reason: str | None = None) -> Stored:
    """Bring a kept match to its next state. An agreed one becomes a partnership on record, and so evidence for others.

    Raises NOT_FOUND, CONTRADICTORY_INPUT for a state that cannot follow, BAD_INPUT where a reason is missing.
    """
    rows = await database.read(stored_by_id(match))
    if not rows:
        raise NetworkError(Code.NOT_FOUND, f"There is no kept match “{match[:60]}”.", hint="Keep a partner of a match first.")
    one = _read(*rows[0])
    if state is not one.state and state not in FOLLOWS[one.state]:
        allowed = [next_state.value for next_state in FOLLOWS[one.state]]
        raise NetworkError(Code.CONTRADICTORY_INPUT, f"{state.value} does not follow on {one.state.value}.", allowed=allowed)
    if state is MatchState.DECLINED and not (reason or "").strip():
        raise NetworkError(
            Code.BAD_INPUT, "A match is declined with a reason.", hint="Say in a sentence why, for those who look next time."
        )
    moved = Stored(
        **{**{f: getattr(one, f) for f in one.__slots__}, "state": state, "reason": reason if state is MatchState.DECLINED else None}
    )
    records = [_record(moved)]
    if state in CASES:
        records.append(await _case(database, moved))
    await _written(database, records, actor)
    return moved


async def _case(database: Database, one: Stored) -> Record:
    """The partnership that an agreed match is. Who may see the need may see it."""
    query = Query(
        "MATCH (n:Need {id: $need})-[:OF]->(c:Country)\nMATCH (p:Organization|Country {id: $partner})\n"
        "OPTIONAL MATCH (had:Partnership {id: $case})\n"
        "RETURN n.title, n.description, n.lang, n.visibility, c.id, c.name, p.name, had.date, [(n)-[:ABOUT]->(t:Topic) | t.id]",
        {"need": one.need, "partner": one.partner, "case": f"partnership:{one.id.partition(':')[2]}"},
    )
    [(title, description, lang, visibility, country, country_name, partner_name, had, topics)] = await database.read(query)
    return Record(
        "Partnership",
        one.id.partition(":")[2],
        {
            "title": f"{title}: {partner_name} and {country_name}"[:2000],
            "summary": description,
            "state": CASES[one.state].value,
            "date": had.to_native() if had is not None else date.today(),
            "lang": lang,
            "visibility": visibility,
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


async def rerun(
    database: Database, embedding: EmbeddingService, need: str, *, viewer: Viewer = ANYONE, parameters: Parameters = PARAMETERS
) -> Rerun:
    """Make the kept match of a need again, as it was asked then, and say what changed. Raises NOT_FOUND where nothing is kept."""
    kept = await stored(database, need)
    if not kept:
        raise NetworkError(Code.NOT_FOUND, f"No match is kept for “{need[:60]}”.", hint="Keep a partner of a match first.")
    last = max(kept, key=lambda one: one.created)
    result = await match(database, embedding, _request(last.inputs), viewer=viewer, parameters=parameters, packaged=0)
    now = {p.id: p for p in result.partners}
    then = {str(k): float(v) for k, v in last.parameters.items()}
    constants = {k: (then.get(k, float("nan")), float(v)) for k, v in asdict(parameters).items() if then.get(k) != float(v)}
    lowest = max(one.rank for one in kept)
    known = {one.partner for one in kept}
    return Rerun(
        (last.data_version, result.data_version),
        (last.model, result.model),
        constants,
        tuple(_change(one, now.get(one.partner)) for one in kept),
        tuple(p.id for p in result.partners if p.rank <= lowest and p.id not in known),
    )


def _change(one: Stored, now: Partner | None) -> Change:
    if now is None:
        return Change(one, (one.rank, None), (one.score, None), {}, (), tuple(sorted(one.evidence)))
    parts = {part.name.value: part.value * part.weight for part in now.parts}
    moved = {name: (one.parts.get(name, 0.0), value) for name, value in parts.items() if abs(one.parts.get(name, 0.0) - value) > 1e-9}
    documents = {c.document for c in now.evidence}
    return Change(
        one,
        (one.rank, now.rank),
        (one.score, now.score),
        moved,
        tuple(sorted(documents - set(one.evidence))),
        tuple(sorted(set(one.evidence) - documents)),
    )


def _request(inputs: Mapping[str, Any]) -> Request:
    values = dict(inputs)
    for name in ("as_of", "starts", "blind_from"):
        if name in values:
            values[name] = date.fromisoformat(values[name])
    for name in ("topics", "kinds", "instruments", "languages"):
        if name in values:
            values[name] = tuple(values[name])
    values["partner_kind"] = PartnerKind(values.get("partner_kind", PartnerKind.ANY))
    return Request(**values)
