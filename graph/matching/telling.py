"""A partner as the reader gets it: parts of the score, a sentence, evidence, the package. Must not know the database."""

from __future__ import annotations

from collections.abc import Mapping

from graph.matching.package import Package
from graph.matching.parameters import Parameters
from graph.matching.ranking import Scored
from graph.matching.reading import Reading
from graph.matching.request import Request
from graph.matching.result import Notice, Part, PartName, Partner
from graph.matching.subject import sums_of
from graph.message import Message, Names, Sum

FEW_WORDS = 2


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
            scored.region * scored.earned(parameters),
            parameters.region,
            Message("In the same region as {country}.", {"country": Names((country,))})
            if scored.region
            else Message("Not in the same region as {country}.", {"country": Names((country,))}),
        ),
        Part(
            PartName.SHARED_LANGUAGE,
            scored.language * scored.earned(parameters),
            parameters.language,
            Message("Shares an official language with {country}.", {"country": Names((country,))})
            if scored.language
            else Message("Shares no official language with {country}.", {"country": Names((country,))}),
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
        return Partner(scored.party, place, scored.score(parameters), parts, evidence, sentence, maximum=parameters.maximum)
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
        parameters.maximum,
    )


def notices(request: Request, reading: Reading, worded: bool, places: Mapping[str, int]) -> list[Notice]:
    """What the reader should know. `worded` says whether full text found anything, `places` where each partner stands."""
    told = []
    if not places:
        told.append(
            Notice(
                "NOTHING_ON_RECORD",
                Message("No record on this subject names anybody who could help. More data, or a wider text, may change that."),
            )
        )
    if request.language != "en":
        told.append(
            Notice(
                "MEANING_ONLY",
                Message(
                    "The text is not in English, the language of most records: it was matched by meaning and by the topics read from it."
                ),
            )
        )
    elif not worded:
        told.append(Notice("NO_WORDS", Message("No record has words of the text: it was matched by meaning alone.")))
    if len(request.text.split()) <= FEW_WORDS and len(request.text) < 30:
        told.append(
            Notice("FEW_WORDS", Message("One or two words say little. A sentence on what should change, for whom, gives better partners."))
        )
    if len(reading.subjects) > 1:
        names = Names(tuple(subject.topics[0].name for subject in reading.subjects))
        told.append(
            Notice(
                "SEVERAL_SUBJECTS",
                Message(
                    "The text has {n} subjects, matched apart and joined: {names}. Ask for one at a time to see more of it.",
                    {"n": len(reading.subjects), "names": names},
                ),
            )
        )
    return told + _named(request, reading, places) + _amounts(request)


def _named(request: Request, reading: Reading, places: Mapping[str, int]) -> list[Notice]:
    """A wanted partner is told where it stands; naming it moves nobody. The country's own name is no wish."""
    told = []
    for wish in (*reading.named, *reading.countries):
        if wish.id == f"country:{request.country}" or wish.id.startswith("solution:"):
            continue
        if wish.id in places:
            told.append(
                Notice(
                    "NAMED_PARTNER",
                    Message(
                        "The text names {name}: it stands at place {place}, by the evidence.",
                        {"name": Names((wish.name,)), "place": places[wish.id]},
                    ),
                )
            )
        else:
            told.append(
                Notice(
                    "NAMED_PARTNER",
                    Message("The text names {name}: no record shows its help or experience with this.", {"name": Names((wish.name,))}),
                )
            )
    return told


def _amounts(request: Request) -> list[Notice]:
    told = []
    asked = request.amount_usd if request.amount_usd is not None else (request.amount if request.currency == "USD" else None)
    said = sums_of(request.text)
    if asked is not None and said and not any(0.5 <= asked / one <= 2 for one in said if one):
        sums = {"said": Sum(said[0]), "asked": Sum(asked)}
        told.append(
            Notice("CONTRADICTORY_AMOUNTS", Message("The text says {said}, the amount given is {asked}: the amount given was used.", sums))
        )
    if request.amount_usd is not None and request.amount is None:
        told.append(Notice("AMOUNTS_IN_USD", Message("Amounts were compared only with funding windows in US dollars.")))
    return told
