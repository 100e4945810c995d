"""What a match returns: plain values, no database, no language. Sentences are `Message`s that the caller renders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from graph.message import Message


class PartName(StrEnum):
    """Parts of a score, in the order in which they are shown."""

    HELP_GIVEN = "HELP_GIVEN"
    OWN_EXPERIENCE = "OWN_EXPERIENCE"
    OWN_DESCRIPTION = "OWN_DESCRIPTION"
    OTHER_REGIONS = "OTHER_REGIONS"
    SAME_REGION = "SAME_REGION"
    SHARED_LANGUAGE = "SHARED_LANGUAGE"


class PackagePart(StrEnum):
    """The stops of a package behind the partner."""

    CASE = "CASE"
    OFFER = "OFFER"
    FUNDING = "FUNDING"


class Rule(StrEnum):
    """Rules of eligibility, as a near miss names them."""

    AUDIENCE = "AUDIENCE"
    KIND = "KIND"
    APPLICANT = "APPLICANT"
    LANGUAGE = "LANGUAGE"
    NOT_YET_OPEN = "NOT_YET_OPEN"
    CLOSED = "CLOSED"
    MINIMUM_AMOUNT = "MINIMUM_AMOUNT"
    MAXIMUM_AMOUNT = "MAXIMUM_AMOUNT"
    CO_FINANCING = "CO_FINANCING"
    CAPACITY = "CAPACITY"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a score: `value` × `weight` is what it adds."""

    name: PartName
    value: float
    weight: float
    explanation: Message


@dataclass(frozen=True, slots=True)
class Contribution:
    """A document that voted: its id, its place in the fused ranking, what it added to the score, in which role the partner stands in it.

    `via` is the organisation that stands in it and lends its vote to the country it is based in.
    """

    document: str
    place: int
    value: float
    relationship: str
    own: bool
    date: date | None
    via: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A record on a path and the relationship that leads to it; none leads to the first."""

    relationship: str | None
    node: str


@dataclass(frozen=True, slots=True)
class Path:
    """How one part of the package hangs together in the graph, from the partner to the need's side."""

    part: PackagePart
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner with its package. Ids are global ids; lists are best first. `maximum` is the highest score that there could have been."""

    id: str
    rank: int
    score: float
    parts: tuple[Part, ...]
    evidence: tuple[Contribution, ...]
    sentence: Message
    cases: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    funding_calls: tuple[str, ...] = ()
    solutions: tuple[str, ...] = ()
    posts: tuple[str, ...] = ()
    paths: tuple[Path, ...] = ()
    missing: tuple[PackagePart, ...] = ()
    maximum: float = 0.0


@dataclass(frozen=True, slots=True)
class NearMiss:
    """Something that fits but for one rule. `distance` is in `unit` (days, share, places, or the currency), none where no number exists."""

    partner: str
    record: str
    rule: Rule
    explanation: Message
    distance: float | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the reader should know about this match: a code and a sentence."""

    code: str
    message: Message


@dataclass(frozen=True, slots=True)
class MatchResult:
    """A match. Same request, parameters and data version: same result."""

    country: str
    text: str
    language: str
    as_of: date | None
    topics: tuple[str, ...]
    partners: tuple[Partner, ...]
    near_misses: tuple[NearMiss, ...]
    notices: tuple[Notice, ...]
    maximum_score: float
    model: str
    data_version: int
    need: str | None = None
