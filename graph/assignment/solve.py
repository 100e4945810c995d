"""Which partner each need gets, so that together they get the best evidence and none gets too little.

The optimum is SciPy's (`linear_sum_assignment`, `maximum_flow`); here stands what it is asked and how its answer is told. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from graph.message import Message, Names, Value

TOLERANCE: Final = 1e-9
Matrix = NDArray[np.float64]
Mask = NDArray[np.bool_]


class Constraint(StrEnum):
    """Why a need cannot get a partner."""

    EVIDENCE = "EVIDENCE"
    LANGUAGE = "LANGUAGE"
    FLOOR = "FLOOR"
    CAPACITY = "CAPACITY"


@dataclass(frozen=True, slots=True)
class Wish:
    """A need: the languages its country can work in, and the quality of each partner for it (absent: no evidence)."""

    need: str
    languages: frozenset[str]
    quality: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Guest:
    """A partner: how many needs it can take, and the languages it works in (none given: any)."""

    partner: str
    places: int
    languages: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Given:
    """A need's partner. `cost` is what its best partner would have brought more; `place` is its place among those with evidence."""

    need: str
    partner: str
    quality: float
    best: str
    best_quality: float
    place: int
    of: int
    explanation: Message

    @property
    def cost(self) -> float:
        return self.best_quality - self.quality


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Which constraint cannot be kept, told in a sentence, and the needs and partners that it is about."""

    constraint: Constraint
    explanation: Message
    needs: tuple[str, ...]
    partners: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Load:
    """What a partner was given of what it can take."""

    partner: str
    places: int
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assignment:
    """The answer: a partner for each need, or the obstacle. `quality` is the sum, `bound` the sum of every need's best partner."""

    given: tuple[Given, ...] = ()
    left_out: tuple[Obstacle, ...] = ()
    loads: tuple[Load, ...] = ()
    obstacle: Obstacle | None = None
    quality: float = 0.0
    bound: float = 0.0
    lowest_share: float | None = None


@dataclass(frozen=True)
class Table:
    """Needs by partners, both in the order of their ids, so that the order of the input decides nothing."""

    wishes: tuple[Wish, ...]
    guests: tuple[Guest, ...]
    names: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, wishes: Iterable[Wish], guests: Iterable[Guest], names: Mapping[str, str]) -> Table:
        return cls(tuple(sorted(wishes, key=lambda w: w.need)), tuple(sorted(guests, key=lambda g: g.partner)), names)

    def quality(self) -> Matrix:
        rows = [[w.quality.get(g.partner, 0.0) for g in self.guests] for w in self.wishes]
        return np.array(rows, dtype=np.float64).reshape(len(self.wishes), len(self.guests))

    def speaking(self) -> Mask:
        """Where the two share a language, or nothing is said of the partner's."""
        rows = [[not g.languages or bool(g.languages & w.languages) for g in self.guests] for w in self.wishes]
        return np.array(rows, dtype=np.bool_).reshape(len(self.wishes), len(self.guests))

    def places(self) -> NDArray[np.int32]:
        return np.array([min(g.places, len(self.wishes)) for g in self.guests], dtype=np.int32)

    def named(self, partner: str) -> str:
        return self.names.get(partner, partner)


def assign(
    wishes: Iterable[Wish], guests: Iterable[Guest], floor: float, *, leave_out: bool = False, names: Mapping[str, str] | None = None
) -> Assignment:
    """Give every need one partner, so that the sum of qualities is largest.

    A pair is possible where the partner has evidence for the need, shares a language with it, and brings at least `floor` (0 to 1)
    of what the need's best partner would bring. Where not every need can have a partner, the answer is the obstacle alone;
    with `leave_out` as many needs as possible get one, and each other says why it has none.
    """
    table = Table.of(wishes, guests, names or {})
    quality, speaking, places = table.quality(), table.speaking(), table.places()
    possible = speaking & _above(quality, floor)
    if not leave_out and not _all_served(possible, places):
        return Assignment(obstacle=_obstacle(table, quality, speaking, places, floor))
    chosen = _solve(quality, possible, places)
    return _told(table, quality, speaking, possible, chosen, floor)


def _above(quality: Matrix, floor: float) -> Mask:
    """Pairs with evidence at or above the floor."""
    best = quality.max(axis=1, initial=0.0, keepdims=True)
    above: Mask = (quality > 0) & (quality >= floor * best - TOLERANCE)
    return above


def _solve(quality: Matrix, possible: Mask, places: NDArray[np.int32]) -> NDArray[np.intp]:
    """The partner's column for each need, -1 for none: most needs served first, then most quality.

    A partner has a column for each of its places. A column of its own lets a need go without a partner, at a price that no quality makes up for.
    """
    needs = len(quality)
    seats = np.repeat(np.arange(len(places)), np.minimum(places, possible.sum(axis=0)))
    value = np.where(possible[:, seats], quality[:, seats], -np.inf)
    without = np.full((needs, needs), -np.inf)
    np.fill_diagonal(without, -(1.0 + needs * float(quality.max(initial=0.0))))
    _, columns = linear_sum_assignment(np.hstack([value, without]), maximize=True)
    return np.array([seats[c] if c < len(seats) else -1 for c in columns], dtype=np.intp)


def _flow(possible: Mask, places: NDArray[np.int32]) -> tuple[csr_array, csr_array]:
    """(capacities, flow) of source → needs → partners → sink: needs are nodes 1 to n, partners n + 1 to n + p."""
    needs, partners = possible.shape
    i, j = np.nonzero(possible)
    sink = needs + partners + 1
    rows = np.concatenate([np.zeros(needs), i + 1, np.arange(needs + 1, sink)]).astype(np.int32)
    columns = np.concatenate([np.arange(1, needs + 1), j + needs + 1, np.full(partners, sink)]).astype(np.int32)
    room = np.concatenate([np.ones(needs), np.ones(len(i)), places]).astype(np.int32)
    graph = csr_array((room, (rows, columns)), shape=(sink + 1, sink + 1))
    return graph, csr_array(maximum_flow(graph, 0, sink).flow)


def _all_served(possible: Mask, places: NDArray[np.int32]) -> bool:
    """Whether every need can have a partner at once."""
    if not possible.any(axis=1).all():
        return False
    _, flow = _flow(possible, places)
    return int(flow[[0], :].sum()) == len(possible)


def _bottleneck(possible: Mask, places: NDArray[np.int32]) -> tuple[list[int], list[int]]:
    """(needs, partners): needs that can go to these partners only, which have room for fewer (a violation of Hall's condition)."""
    graph, flow = _flow(possible, places)
    left = csr_array(graph - flow)
    left.eliminate_zeros()
    reached = set(breadth_first_order(left, 0, return_predecessors=False).tolist())
    needs, partners = possible.shape
    return [n for n in range(needs) if n + 1 in reached], [p for p in range(partners) if p + needs + 1 in reached]


def _obstacle(table: Table, quality: Matrix, speaking: Mask, places: NDArray[np.int32], floor: float) -> Obstacle:
    """The first constraint that cannot be kept, from the hardest to the softest."""
    possible = speaking & _above(quality, floor)
    for stage, constraint in (
        (quality > 0, Constraint.EVIDENCE),
        (speaking & (quality > 0), Constraint.LANGUAGE),
        (possible, Constraint.FLOOR),
    ):
        alone = np.flatnonzero(~stage.any(axis=1))
        if len(alone):
            needs = tuple(table.wishes[n].need for n in alone)
            return Obstacle(constraint, _nobody(constraint, len(needs), floor), needs)
    crowd, wanted = _bottleneck(possible, places)
    needs, partners = tuple(table.wishes[n].need for n in crowd), tuple(table.guests[p].partner for p in wanted)
    values = {"n": len(needs), "partners": len(partners), "places": int(places[wanted].sum())}
    if (largest := _largest_floor(quality, speaking, places, floor)) is not None:
        told = Message(
            "The floor of {floor} leaves {n} need to partners that have no place ({partners}). The largest floor that can be kept is {largest}.",
            values | {"floor": f"{floor:g}", "largest": _down(largest)},
            "The floor of {floor} leaves {n} needs to the same partners ({partners}), which have room for {places}. The largest floor that can be kept is {largest}.",
        )
        return Obstacle(Constraint.FLOOR, told, needs, partners)
    if _all_served(quality > 0, places):
        told = Message(
            "{n} need shares a language only with partners that have no place ({partners}).",
            values,
            "{n} needs share a language only with the same partners ({partners}), which have room for {places}.",
        )
        return Obstacle(Constraint.LANGUAGE, told, needs, partners)
    told = Message(
        "For {n} need only partners that have no place have evidence ({partners}).",
        values,
        "For {n} needs only the same partners have evidence ({partners}), which have room for {places}.",
    )
    return Obstacle(Constraint.CAPACITY, told, needs, partners)


def _down(share: float) -> str:
    """A share with three digits, never rounded up: what is told can be kept."""
    return f"{np.floor(share * 1000) / 1000:g}"


def _largest_floor(quality: Matrix, speaking: Mask, places: NDArray[np.int32], below: float) -> float | None:
    """The largest floor under `below` at which every need can be served; none where not even 0 will do."""
    best = quality.max(axis=1, initial=0.0, keepdims=True)
    shares = np.unique(np.where(best > 0, quality / np.where(best > 0, best, 1), 0)[speaking & (quality > 0)])
    levels = [0.0, *(float(s) for s in shares if s < below)]
    if not _all_served(speaking & _above(quality, 0.0), places):
        return None
    low, high = 0, len(levels) - 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _all_served(speaking & _above(quality, levels[middle]), places) else (low, middle - 1)
    return levels[low]


def _nobody(constraint: Constraint, n: int, floor: float) -> Message:
    if constraint is Constraint.EVIDENCE:
        return Message(
            "No partner that was invited has evidence for {n} need.", {"n": n}, "No partner that was invited has evidence for {n} needs."
        )
    if constraint is Constraint.LANGUAGE:
        return Message(
            "{n} need shares a language with none of the partners that have evidence for it.",
            {"n": n},
            "{n} needs share a language with none of the partners that have evidence for them.",
        )
    return Message(
        "For {n} need nobody who shares a language reaches the floor of {floor}.",
        {"n": n, "floor": f"{floor:g}"},
        "For {n} needs nobody who shares a language reaches the floor of {floor}.",
    )


def _told(table: Table, quality: Matrix, speaking: Mask, possible: Mask, chosen: NDArray[np.intp], floor: float) -> Assignment:
    given, left_out = [], []
    taken: dict[str, list[str]] = {g.partner: [] for g in table.guests}
    for n, wish in enumerate(table.wishes):
        if chosen[n] < 0:
            left_out.append(_left_out(wish, quality[n], speaking[n], possible[n], floor))
            continue
        found = _given(table, wish, quality[n], speaking[n], int(chosen[n]))
        given.append(found)
        taken[found.partner].append(wish.need)
    return Assignment(
        tuple(given),
        tuple(left_out),
        tuple(Load(g.partner, g.places, tuple(taken[g.partner])) for g in table.guests),
        None,
        sum(g.quality for g in given),
        sum(g.best_quality for g in given),
        min((g.quality / g.best_quality for g in given), default=None),
    )


def _given(table: Table, wish: Wish, quality: Matrix, speaking: Mask, partner: int) -> Given:
    best = int(quality.argmax())
    place = 1 + int((quality > quality[partner] + TOLERANCE).sum())
    of = int((quality > 0).sum())
    if quality[best] - quality[partner] <= TOLERANCE:
        best, told = partner, Message("The best of the partners for this need.")
    else:
        told = _why_not_the_best(table.guests[best], table.named(table.guests[best].partner), place, of, speaking=bool(speaking[best]))
    return Given(
        wish.need,
        table.guests[partner].partner,
        float(quality[partner]),
        table.guests[best].partner,
        float(quality[best]),
        place,
        of,
        told,
    )


def _why_not_the_best(guest: Guest, name: str, place: int, of: int, *, speaking: bool) -> Message:
    values: dict[str, Value] = {"place": place, "of": of, "best": Names((name,)), "n": guest.places}
    if not speaking:
        return Message("Number {place} of {of}: the best, {best}, shares no language with the country.", values)
    if not guest.places:
        return Message("Number {place} of {of}: the best, {best}, has no place.", values)
    # Otherwise the best would have had a free place for this need, and the sum would be larger.
    return Message(
        "Number {place} of {of}: the best, {best}, has given its {n} place to another need.",
        values,
        "Number {place} of {of}: the best, {best}, has given its {n} places to other needs.",
    )


def _left_out(wish: Wish, quality: Matrix, speaking: Mask, possible: Mask, floor: float) -> Obstacle:
    for stage, constraint in (
        (quality > 0, Constraint.EVIDENCE),
        (speaking & (quality > 0), Constraint.LANGUAGE),
        (possible, Constraint.FLOOR),
    ):
        if not stage.any():
            return Obstacle(constraint, _nobody(constraint, 1, floor), (wish.need,))
    told = Message("Every partner that could take this need has given all its places to others.")
    return Obstacle(Constraint.CAPACITY, told, (wish.need,))
