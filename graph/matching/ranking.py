"""Documents → votes → partners. Pure: the same lists give the same order, tie-breaks included."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from graph.matching.candidates import Candidate
from graph.matching.parameters import Parameters
from graph.matching.result import Contribution


def fuse(rankings: Sequence[Sequence[str]], k: int) -> list[str]:
    """Reciprocal rank fusion of rankings, best first; documents of equal score by id.

    Cormack, Clarke and Büttcher (2009): score(d) = Σ 1 / (k + rank of d), ranks from 1.
    """
    scores: dict[str, float] = defaultdict(float)
    for ranking in rankings:
        for place, document in enumerate(ranking, 1):
            scores[document] += 1 / (k + place)
    return sorted(scores, key=lambda document: (-scores[document], document))


@dataclass(slots=True)
class Votes:
    """What a party got: help given and own experience apart, and from which documents."""

    given: float = 0.0
    own: float = 0.0
    documents: list[Contribution] = field(default_factory=list)


def count_votes(order: Sequence[str], candidates: Mapping[str, Candidate], parameters: Parameters) -> dict[str, Votes]:
    """Votes of the best documents for their parties. A party gets a document's vote once, in its strongest role."""
    votes: dict[str, Votes] = defaultdict(Votes)
    for place, document in enumerate(order[: parameters.voters], 1):
        candidate = candidates.get(document)
        if candidate is None:
            continue
        strongest: dict[str, tuple[bool, str]] = {}
        for edge in candidate.edges:
            role = (edge.own, edge.relationship)
            strongest[edge.party] = min(strongest.get(edge.party, role), role)
        for party, (own, relationship) in strongest.items():
            weight = 1 / (parameters.vote + place)
            share = votes[party]
            if own:
                share.own += weight
            else:
                share.given += weight
            share.documents.append(
                Contribution(document, place, weight * (parameters.own if own else 1.0), relationship, own, candidate.date)
            )
    return dict(votes)


@dataclass(frozen=True, slots=True)
class Scored:
    """A party's evidence on a scale on which the best has 1, before region and language."""

    party: str
    given: float
    own: float
    region: bool
    language: bool
    documents: tuple[Contribution, ...]

    def score(self, parameters: Parameters) -> float:
        return self.given + self.own * parameters.own + self.region * parameters.region + self.language * parameters.language


def rank(
    votes: Mapping[str, Votes],
    counts: Mapping[str, int],
    same_region: frozenset[str],
    shared_language: frozenset[str],
    parameters: Parameters,
) -> list[Scored]:
    """Parties best first. Ties are broken by a hash of the id, so that neither name nor code gives an advantage."""
    damped = {party: max(1, counts.get(party, 1)) ** parameters.damping for party in votes}
    best = max(((v.given + parameters.own * v.own) / damped[party] for party, v in votes.items()), default=1.0) or 1.0
    scored = [
        Scored(
            party,
            v.given / damped[party] / best,
            v.own / damped[party] / best,
            party in same_region,
            party in shared_language,
            tuple(Contribution(c.document, c.place, c.value / damped[party] / best, c.relationship, c.own, c.date) for c in v.documents),
        )
        for party, v in votes.items()
    ]
    return sorted(scored, key=lambda s: (-round(s.score(parameters), 12), hashlib.sha256(s.party.encode()).digest()))
