"""Documents → votes → partners. Pure: the same lists give the same order, tie-breaks included."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import NamedTuple

from graph.matching.candidates import Candidate, Edge
from graph.matching.parameters import Parameters
from graph.matching.result import Contribution


def fuse(rankings: Sequence[Sequence[str]], k: int, weights: Sequence[float] | None = None) -> list[str]:
    """Reciprocal rank fusion of rankings, best first; documents of equal score by id. Rankings weigh the same where nothing else is said.

    Cormack, Clarke and Büttcher (2009): score(d) = Σ weight / (k + rank of d), ranks from 1.
    """
    scores: dict[str, float] = defaultdict(float)
    for weight, ranking in zip(weights or [1.0] * len(rankings), rankings, strict=True):
        for place, document in enumerate(ranking, 1):
            scores[document] += weight / (k + place)
    return sorted(scores, key=lambda document: (-scores[document], document))


class Vote(NamedTuple):
    """What one document gives to one party, before anything is divided. `via` is the organisation that lends it to its home country."""

    document: str
    place: int
    weight: float
    relationship: str
    own: bool
    date: date | None
    via: str | None = None


class Share(NamedTuple):
    """A party's part of a document's vote, in its strongest role there: how much of the whole, and what `Vote` says of it."""

    party: str
    part: float
    relationship: str
    own: bool
    via: str | None


def shares_of(candidate: Candidate, parameters: Parameters) -> tuple[Share, ...]:
    """Who gets how much of a document's vote, wherever the document stands. A party gets it once."""
    strongest: dict[str, tuple[float, bool, str, str]] = {}

    def cast(party: str, part: float, edge: Edge, via: str = "") -> None:
        strength = (-part, edge.own, edge.relationship, via)
        if party not in strongest or strength < strongest[party]:
            strongest[party] = strength

    for edge in candidate.edges:
        part = parameters.own if edge.own else 1.0
        cast(edge.party, part, edge)
        if edge.home is not None:
            cast(edge.home, part * parameters.lent, edge, edge.party)
    return tuple(Share(party, -minus, relationship, own, via or None) for party, (minus, own, relationship, via) in strongest.items())


def count_votes(
    order: Sequence[str],
    candidates: Mapping[str, Candidate],
    parameters: Parameters,
    shares: Callable[[Candidate], Sequence[Share]] | None = None,
) -> dict[str, list[Vote]]:
    """Votes of the best documents for their parties, strongest first. `shares` is `shares_of` of somebody who remembers."""
    of_whom = shares or partial(shares_of, parameters=parameters)
    votes: dict[str, list[Vote]] = defaultdict(list)
    for place, document in enumerate(order[: parameters.voters], 1):
        candidate = candidates.get(document)
        if candidate is None:
            continue
        full = 1 / (parameters.vote + place)
        for party, part, relationship, own, via in of_whom(candidate):
            votes[party].append(Vote(document, place, full * part, relationship, own, candidate.date, via))
    return {party: sorted(cast, key=_strength) for party, cast in votes.items()}


def _strength(vote: Vote) -> tuple[float, int]:
    return -vote.weight, vote.place


@dataclass(frozen=True, slots=True)
class Scored:
    """A party's evidence on a scale on which the best has 1, before what is added and taken away.

    `given` and `profile` are sums of what documents and the own description add; `own` is to be multiplied with its weight.
    """

    party: str
    given: float
    own: float
    profile: float
    region: bool
    language: bool
    elsewhere: bool
    documents: tuple[Contribution, ...] = ()

    def on_scale(self, best: float, documents: tuple[Contribution, ...] = ()) -> Scored:
        """Measured against the most evidence that a party has, with the documents that it comes from."""
        return Scored(
            self.party,
            self.given / best,
            self.own / best,
            self.profile / best,
            self.region,
            self.language,
            self.elsewhere,
            documents,
        )

    def evidence(self, parameters: Parameters) -> float:
        return self.given + self.own * parameters.own + self.profile * parameters.profile

    def score(self, parameters: Parameters) -> float:
        added = self.region * parameters.region + self.language * parameters.language
        return self.evidence(parameters) * (1 - self.elsewhere * parameters.elsewhere) + added * self.earned(parameters)

    def earned(self, parameters: Parameters) -> float:
        """How much of what region and language add is earned: in full from so much evidence on, below it in proportion."""
        return min(1.0, self.evidence(parameters) / parameters.earned)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of the parties beside their votes: how many documents each stands in, whose own description is near (party → place),
    who is of the same region, who shares a language, whose help on record went to other regions only."""

    documents: Mapping[str, int] = field(default_factory=dict)
    profiles: Mapping[str, int] = field(default_factory=dict)
    region: frozenset[str] = frozenset()
    language: frozenset[str] = frozenset()
    elsewhere: frozenset[str] = frozenset()


def rank(votes: Mapping[str, Sequence[Vote]], standing: Standing, parameters: Parameters) -> list[Scored]:
    """Parties best first. Ties are broken by a hash of the id, so that neither name nor code gives an advantage.

    The n-th strongest document of a party counts 1 / n^repeats, and all of it is divided by the number of its documents^damping.
    """
    raw = [_raw(party, cast, standing, parameters) for party, cast in votes.items()]
    best = _best(raw, parameters)
    scored = [one.on_scale(best, _documents(votes[one.party], best, standing, parameters, one.party)) for one in raw]
    return sorted(scored, key=lambda s: (-round(s.score(parameters), 12), hashlib.sha256(s.party.encode()).digest()))


def scores(votes: Mapping[str, Sequence[Vote]], standing: Standing, parameters: Parameters) -> dict[str, float]:
    """The scores that `rank` gives, by party, without what explains them."""
    raw = [_raw(party, cast, standing, parameters) for party, cast in votes.items()]
    best = _best(raw, parameters)
    return {one.party: one.on_scale(best).score(parameters) for one in raw}


def _best(raw: Sequence[Scored], parameters: Parameters) -> float:
    """The most evidence that a party has, on no scale."""
    return max((one.evidence(parameters) for one in raw), default=1.0) or 1.0


def _divisor(party: str, standing: Standing, parameters: Parameters) -> float:
    divisor: float = max(1, standing.documents.get(party, 1)) ** parameters.damping
    return divisor


def _raw(party: str, votes: Sequence[Vote], standing: Standing, parameters: Parameters) -> Scored:
    """What a party has on no scale, its documents left out."""
    divisor = _divisor(party, standing, parameters)
    given = own = 0.0
    for n, vote in enumerate(votes, 1):
        value = vote.weight / n**parameters.repeats / divisor
        if vote.own:
            own += value
        else:
            given += value
    near = standing.profiles.get(party)
    return Scored(
        party,
        given,
        own / parameters.own if parameters.own else 0.0,
        1 / (parameters.vote + near) / divisor if near else 0.0,
        party in standing.region,
        party in standing.language,
        party in standing.elsewhere,
    )


def _documents(votes: Sequence[Vote], best: float, standing: Standing, parameters: Parameters, party: str) -> tuple[Contribution, ...]:
    """Each document with what it adds, on the scale."""
    divisor = _divisor(party, standing, parameters)
    return tuple(
        Contribution(v.document, v.place, v.weight / n**parameters.repeats / divisor / best, v.relationship, v.own, v.date, v.via)
        for n, v in enumerate(votes, 1)
    )
