"""Matches that are kept, with everything they were made from: how they are read, and made again to see what changed.

One record is one partner for one need. Only the country whose need it is reads them, and who writes for all. `keeping.py` writes them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final

from graph.database import Database, Query
from graph.embedding import EmbeddingService
from graph.errors import Code, NetworkError
from graph.matching.match import match
from graph.matching.parameters import PARAMETERS, Parameters
from graph.matching.request import PartnerKind, Request
from graph.matching.result import Partner
from graph.model import MODEL
from graph.viewer import Role, Viewer
from graph.vocabulary import MatchState

NOT_THEIRS: Final = "Use a token of the country whose need it is, or one without a party."


@dataclass(frozen=True, slots=True)
class Stored:
    """A kept match. `evidence` maps documents to what they added; `inputs` and `parameters` are as they were. `version` is 0 before it is written."""

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
    version: int = 0


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
    """What changed since, as (then, now): of the data, the model and the constants; of each kept partner; and who is new before the last
    kept place. A constant that there was not has no value then."""

    data_version: tuple[int, int]
    model: tuple[str, str]
    parameters: Mapping[str, tuple[float | None, float]]
    changes: tuple[Change, ...]
    new_partners: tuple[str, ...]


def match_id(need: str, partner: str) -> str:
    """One id for one partner of one need."""
    return f"match:{hashlib.sha256(f'{need} {partner}'.encode()).hexdigest()[:24]}"


async def stored(database: Database, need: str, viewer: Viewer) -> list[Stored]:
    """Kept matches of a need, in the order of their ranks.

    Raises UNKNOWN_NEED for a need that the viewer may not see, FORBIDDEN where it is another country's.
    """
    await check_reader(database, need, viewer)
    return [read_row(*row) for row in await database.read(stored_of(need, viewer))]


async def stored_by_ids(database: Database, ids: Sequence[str], viewer: Viewer) -> list[Stored]:
    """Those of these kept matches that the viewer may look after, in the order of their ranks."""
    return [read_row(*row) for *row, _ in await database.read(looked_after(ids, viewer))]


async def check_reader(database: Database, need: str, viewer: Viewer) -> None:
    """Raises UNKNOWN_NEED, FORBIDDEN."""
    rows = await database.read(owner_of(need, viewer))
    if not rows:
        raise NetworkError(
            Code.UNKNOWN_NEED, f"There is no need “{need[:60]}” on record that you may see.", hint="Take an id from `needs`."
        )
    [(country, _)] = rows
    if not may_read(viewer, country):
        raise NetworkError(
            Code.FORBIDDEN,
            f"What is kept for a need of {country} is for {country} to read.",
            hint=NOT_THEIRS,
        )


def may_read(viewer: Viewer, country: str) -> bool:
    """Whether what is kept for needs of the country is the viewer's to read and to add to."""
    return viewer.role is not Role.PUBLIC and viewer.party in {None, country}


def owner_of(need: str, viewer: Viewer) -> Query:
    """One row of (country, whether the need is withdrawn) where the viewer may see the need."""
    return Query(
        f"MATCH (n:Need {{id: $need}})-[:OF]->(c:Country)\nWHERE {_seen(viewer)}\nRETURN c.id, coalesce(n.withdrawn, false)",
        {"need": need} | viewer.parameters,
    )


def stored_of(need: str, viewer: Viewer) -> Query:
    """Rows of (properties, need, partner, parts of the package), best rank first, where they are the viewer's to read."""
    conditions, parameters = _allowed(viewer, "c")
    return Query(
        "MATCH (c:Country)<-[:OF]-(n:Need {id: $need})<-[:FOR]-(m:Match)-[:WITH]->(p)\n"
        f"WHERE {conditions}\nRETURN {_KEPT}\nORDER BY m.rank, m.id",
        {"need": need} | parameters,
    )


def looked_after(ids: Sequence[str], viewer: Viewer) -> Query:
    """Rows of (those of `stored_of`, whether the need is withdrawn) of these matches where the viewer writes for the need's country, the partner, or all."""
    conditions, parameters = _allowed(viewer, "c", "p")
    return Query(
        "UNWIND $ids AS id\nMATCH (c:Country)<-[:OF]-(n:Need)<-[:FOR]-(m:Match {id: id})-[:WITH]->(p)\n"
        f"WHERE {conditions}\nRETURN {_KEPT}, coalesce(n.withdrawn, false)\nORDER BY m.rank, m.id",
        {"ids": list(ids)} | parameters,
    )


_KEPT: Final = "properties(m), n.id, p.id, [(m)-[:INCLUDES]->(x) | x.id]"


def _seen(viewer: Viewer) -> str:
    return viewer.predicate("n", MODEL["Need"])


def _allowed(viewer: Viewer, *parties: str) -> tuple[str, dict[str, Any]]:
    """Cypher that holds where the viewer sees the need `n` and writes for one of the nodes `parties`, or for all; and its parameters."""
    if viewer.role is Role.PUBLIC:
        return "false", {}
    if viewer.party is None:
        return _seen(viewer), viewer.parameters
    return f"{_seen(viewer)} AND $party IN [{', '.join(f'{party}.id' for party in parties)}]", viewer.parameters | {"party": viewer.party}


def read_row(properties: Mapping[str, Any], need: str, partner: str, package: Sequence[str]) -> Stored:
    """A row of `stored_of`."""
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
        properties["version"],
    )


async def rerun(
    database: Database, embedding: EmbeddingService, need: str, viewer: Viewer, *, parameters: Parameters = PARAMETERS
) -> Rerun:
    """Make the kept match of a need again, as it was asked then, and say what changed.

    Raises NOT_FOUND where nothing is kept, and what `stored` raises.
    """
    kept = await stored(database, need, viewer)
    if not kept:
        raise NetworkError(Code.NOT_FOUND, f"No match is kept for “{need[:60]}”.", hint="Keep a partner of a match first.")
    last = max(kept, key=lambda one: one.created)
    result = await match(database, embedding, _request(last.inputs), viewer=viewer, parameters=parameters, packaged=0)
    now = {p.id: p for p in result.partners}
    then = {str(k): float(v) for k, v in last.parameters.items()}
    constants = {k: (then.get(k), float(v)) for k, v in asdict(parameters).items() if then.get(k) != float(v)}
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
    for name in ("topics", "kinds", "instruments", "languages", "excluded"):
        if name in values:
            values[name] = tuple(values[name])
    values["partner_kind"] = PartnerKind(values.get("partner_kind", PartnerKind.ANY))
    return Request(**values)
