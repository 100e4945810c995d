"""Matching: a need in, partners out, ranked by evidence, each with a package and with reasons."""

from graph.matching.match import match, topics_of
from graph.matching.parameters import PARAMETERS, Parameters
from graph.matching.request import PartnerKind, Request, check
from graph.matching.result import Contribution, MatchResult, NearMiss, Notice, Part, Partner, Path, Step

__all__ = [
    "PARAMETERS",
    "Contribution",
    "MatchResult",
    "NearMiss",
    "Notice",
    "Parameters",
    "Part",
    "Partner",
    "PartnerKind",
    "Path",
    "Request",
    "Step",
    "check",
    "match",
    "topics_of",
]
