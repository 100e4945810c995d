"""What an assignment is made from: open needs, the partners invited, and the score of matching for every pair."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np

from graph.assignment.kept import Quality, qualities_of
from graph.assignment.solve import Assignment, Guest, Wish, assign
from graph.database import Database, Query
from graph.embedding import EmbeddingService
from graph.errors import Code, NetworkError
from graph.matching import PartnerKind, Request
from graph.matching.many import score_needs
from graph.vectors import Space, Vector, space_in_use
from graph.version import versions
from graph.viewer import PARAMETER, Viewer
from graph.vocabulary import NeedStatus

PUNCTUATION: Final = re.compile(r"[.,;:!?()•،؛؟。，、；：！？]+(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Largest:
    """The largest programme."""

    needs: int = 500
    partners: int = 200
    places: int = 100


LARGEST: Final = Largest()


@dataclass(frozen=True, slots=True)
class Programme:
    """What is to be assigned. Without `needs` all open ones, newest first; without `guests` the partners with most evidence for them all.

    `at_most` bounds the places of every partner, `floor` is the least share of its best partner's quality for each need.
    """

    needs: tuple[str, ...] = ()
    guests: tuple[Guest, ...] = ()
    at_most: int = 3
    floor: float = 0.2
    leave_out: bool = False
    kind: PartnerKind = PartnerKind.ANY

    def check(self) -> None:
        """Raises BAD_INPUT."""
        for what, found, most in (
            ("needs", len(self.needs), LARGEST.needs),
            ("partners", len(self.guests), LARGEST.partners),
            ("needs for each partner", self.at_most, LARGEST.places),
        ):
            if found > most:
                raise NetworkError(Code.BAD_INPUT, f"{found} {what} are too many.", hint=f"Give at most {most}.")
        if not 0 <= self.floor <= 1:
            raise NetworkError(Code.BAD_INPUT, f"A floor of {self.floor:g} is no share.", hint="Give a number from 0 to 1.")
        if self.at_most < 1 or any(g.places < 0 for g in self.guests):
            raise NetworkError(Code.BAD_INPUT, "A partner cannot take fewer than no needs.", hint="Give whole numbers from 1 on.")
        for what, ids in (("need", self.needs), ("partner", [g.partner for g in self.guests])):
            if twice := next((i for i in ids if list(ids).count(i) > 1), None):
                raise NetworkError(Code.CONTRADICTORY_INPUT, f"The {what} {twice[:60]} is given twice.", hint="Give each once.")


def needs_by_id(ids: Sequence[str], space: Space, viewer: Viewer) -> Query:
    """Rows of (id, text, language, country, its languages, amount in US dollars, topics, vector) of needs that may be seen."""
    return Query(
        f"UNWIND $ids AS id\nMATCH (n:Need {{id: id}})\nWHERE {_SEEN}\nWITH n\n{_rows(space)}", {"ids": list(ids)} | viewer.parameters
    )


def newest_open_needs(most: int, space: Space, viewer: Viewer) -> Query:
    """The same rows of the newest open needs."""
    newest = "ORDER BY n.date DESC, n.id"
    return Query(
        f"MATCH (n:Need {{status: $status}})\nWHERE {_SEEN}\nWITH n\n{newest}\nLIMIT $most\n{_rows(space)}\n{newest}",
        {"status": NeedStatus.OPEN.value, "most": most} | viewer.parameters,
    )


_SEEN: Final = f"n.visibility IN ${PARAMETER} AND coalesce(n.withdrawn, false) = false"


def _rows(space: Space) -> str:
    return (
        "MATCH (n)-[:OF]->(c:Country)\n"
        "RETURN n.id, n.title + '. ' + n.description, n.lang, c.iso3, coalesce(c.languages, []), n.amountUsd, "
        f"[(n)-[:ABOUT]->(t:Topic) | t.id], n.{space.stored_in}"
    )


def party_names(ids: Sequence[str]) -> Query:
    """Rows of (id, name) of countries and organisations."""
    return Query("UNWIND $ids AS id\nMATCH (p:Organization|Country {id: id})\nRETURN p.id, p.name", {"ids": list(ids)})


class Remembering:
    """An embedding service that has the vectors of needs on record: they were made once, and five hundred texts take a minute."""

    def __init__(self, service: EmbeddingService, space: Space, rows: Sequence[tuple[Any, ...]]) -> None:
        self._service = service
        self._raw: dict[str, Vector] = {}
        nothing = np.zeros(space.dimensions, dtype=np.float32)
        for _, told, lang, *_, stored in rows:
            if stored is not None:
                # What matching will take away is put there first: compared is the vector as it is stored.
                text = one_subject(told)
                away = np.asarray(space.asked(nothing, text, _base(lang)), dtype=np.float32)
                self._raw[text] = np.asarray(stored, dtype=np.float32) - away

    def __getattr__(self, name: str) -> Any:
        # Whatever else matching asks of the service, the service answers.
        return getattr(self._service, name)

    async def query(self, text: str) -> Vector:
        return self._raw[text] if text in self._raw else await self._service.query(text)


def one_subject(text: str) -> str:
    """The text without punctuation: a need on record has its topics, so that its sentences and lists are not matched apart."""
    return " ".join(PUNCTUATION.sub(" ", text).split())


def _base(tag: str) -> str:
    return tag.partition("-")[0]


async def assign_needs(
    database: Database, embedding: EmbeddingService, programme: Programme, viewer: Viewer, patience: float | None = None
) -> tuple[Assignment, int]:
    """The assignment of a programme, and the data version it was made from.

    With `patience`, in seconds, it does not wait longer than that for needs to be ranked. Raises BAD_INPUT, CONTRADICTORY_INPUT,
    UNKNOWN_NEED, NOT_FOUND (a partner), RANKING_UNDER_WAY, and what `match` raises.
    """
    programme.check()
    version = await versions(database)
    space = await space_in_use(database)
    rows = await _needs(database, programme, space, viewer)
    names = dict(await database.read(party_names([g.partner for g in programme.guests])))
    if unknown := [g.partner for g in programme.guests if g.partner not in names]:
        raise NetworkError(
            Code.NOT_FOUND,
            f"“{unknown[0][:60]}” is no country or organisation on record.",
            hint="Take ids from `countries` and `organizations`, such as country:EST.",
        )
    remembering = cast(EmbeddingService, Remembering(embedding, space, rows))
    qualities = await qualities_of(database).each(
        version.graph,
        (programme.kind, tuple(viewer.parameters[PARAMETER])),
        _requests(rows, programme.kind),
        lambda requests: score_needs(database, remembering, requests, viewer=viewer),
        patience,
    )
    guests = [Guest(g.partner, min(g.places, programme.at_most), g.languages) for g in programme.guests]
    if not programme.guests:
        guests = [Guest(partner, programme.at_most) for partner in _strongest(qualities)]
        names = dict(await database.read(party_names([g.partner for g in guests])))
    wishes = [
        Wish(need, frozenset((*languages, lang)), quality)
        for (need, _, lang, _, languages, *_), quality in zip(rows, qualities, strict=True)
    ]
    found = await asyncio.to_thread(assign, wishes, guests, programme.floor, leave_out=programme.leave_out, names=names)
    return found, version.data


async def _needs(database: Database, programme: Programme, space: Space, viewer: Viewer) -> list[tuple[Any, ...]]:
    if not programme.needs:
        found = await database.read(newest_open_needs(LARGEST.needs, space, viewer))
        if not found:
            raise NetworkError(Code.UNKNOWN_NEED, "No open need is on record.", hint="State a need first, or name needs of another state.")
        return found
    found = await database.read(needs_by_id(programme.needs, space, viewer))
    known = {row[0] for row in found}
    if unknown := [need for need in programme.needs if need not in known]:
        raise NetworkError(
            Code.UNKNOWN_NEED, f"There is no need “{unknown[0][:60]}” on record that you may see.", hint="Take ids from `needs`."
        )
    return found


def _requests(rows: Sequence[tuple[Any, ...]], kind: PartnerKind) -> list[Request]:
    """For each need what `match` would be asked."""
    return [
        Request(one_subject(text), country, _base(lang), tuple(topics), amount, kind, need=need)
        for need, text, lang, country, _, amount, topics, _ in rows
    ]


def _strongest(qualities: Sequence[Quality]) -> list[str]:
    """The partners with the largest sum of qualities, at most as many as a programme may have."""
    total: dict[str, float] = defaultdict(float)
    for quality in qualities:
        for partner, score in quality.items():
            total[partner] += score
    return sorted(total, key=lambda partner: (-round(total[partner], 12), partner))[: LARGEST.partners]
