"""A partner as the reader gets it: parts of the score, a sentence, evidence, the package. Must not know the database."""

from __future__ import annotations

from graph.matching.package import Package
from graph.matching.parameters import Parameters
from graph.matching.ranking import Scored
from graph.matching.result import Part, PartName, Partner
from graph.message import Message


def partner(place: int, scored: Scored, package: Package | None, country: str, parameters: Parameters) -> Partner:
    given = [c for c in scored.documents if not c.own]
    own = [c for c in scored.documents if c.own]
    parts = (
        Part(
            PartName.HELP_GIVEN,
            scored.given,
            1.0,
            Message("{n} record shows help it gave others with this.", {"n": len(given)}, "{n} records show help it gave others with this.")
            if given
            else Message("No record of help it gave others with this."),
        ),
        Part(
            PartName.OWN_EXPERIENCE,
            scored.own,
            parameters.own,
            Message("{n} record shows its own experience with this.", {"n": len(own)}, "{n} records show its own experience with this.")
            if own
            else Message("No record of its own experience with this."),
        ),
        Part(
            PartName.OWN_DESCRIPTION,
            scored.profile,
            parameters.profile,
            Message("What it says about itself speaks to the need.")
            if scored.profile
            else Message("What it says about itself adds nothing."),
        ),
        Part(
            PartName.OTHER_REGIONS,
            scored.evidence(parameters) * scored.elsewhere,
            -parameters.elsewhere,
            Message("All help it gave, as far as it is on record, went to other regions.")
            if scored.elsewhere
            else Message("Nothing says that it helps other regions only."),
        ),
        Part(
            PartName.SAME_REGION,
            float(scored.region),
            parameters.region,
            Message("In the same region as {country}.", {"country": country})
            if scored.region
            else Message("Not in the same region as {country}.", {"country": country}),
        ),
        Part(
            PartName.SHARED_LANGUAGE,
            float(scored.language),
            parameters.language,
            Message("Shares an official language with {country}.", {"country": country})
            if scored.language
            else Message("Shares no official language with {country}.", {"country": country}),
        ),
    )
    if given and own:
        sentence = Message("Helped others in {given} records and did it itself in {own}.", {"given": len(given), "own": len(own)})
    elif given:
        sentence = Message("Helped others with this in {n} record.", {"n": len(given)}, "Helped others with this in {n} records.")
    else:
        sentence = Message(
            "Did this itself, in {n} record; no help given to others is on record.",
            {"n": len(own)},
            "Did this itself, in {n} records; no help given to others is on record.",
        )
    evidence = tuple(sorted(scored.documents, key=lambda c: (-c.value, c.document)))
    if package is None:
        return Partner(scored.party, place, scored.score(parameters), parts, evidence, sentence)
    return Partner(
        scored.party,
        place,
        scored.score(parameters),
        parts,
        evidence,
        sentence,
        package.cases,
        package.offers,
        package.calls,
        package.solutions,
        package.posts,
        package.paths,
        package.missing,
    )
