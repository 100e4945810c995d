"""`match`: a checked request in, partners with packages and reasons out."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from graph.catalogue import data_version
from graph.database import Database, Query
from graph.embedding import EmbeddingService
from graph.errors import Code, NetworkError
from graph.matching import package as packages
from graph.matching.candidates import candidates, document_counts, rankings
from graph.matching.parameters import PARAMETERS, Parameters
from graph.matching.ranking import Scored, count_votes, fuse, rank
from graph.matching.request import PartnerKind, Request
from graph.matching.result import MatchResult, Notice, Part, PartName, Partner
from graph.message import Message
from graph.vectors import Space, space_in_use
from graph.viewer import ANYONE, Viewer

SHOWN = 50


def likeness(country: str) -> Query:
    """One row: the country's name, then ids of parties of the same region, then of those that share an official language."""
    return Query(
        "MATCH (c:Country {id: $country})\n"
        "RETURN c.name,\n"
        "  COLLECT { MATCH (p:Country {region: c.region}) WHERE p.id <> c.id RETURN p.id },\n"
        "  COLLECT { MATCH (p:Country) WHERE p.id <> c.id AND any(l IN p.languages WHERE l IN c.languages) RETURN p.id }",
        {"country": f"country:{country}"},
    )


def topics_near(space: Space, vector: list[float], most: int) -> Query:
    """Rows of (topic id, centred cosine, its name and search terms in English), nearest first."""
    return Query(
        "MATCH (t:Document)\n"
        f"SEARCH t IN (VECTOR INDEX {space.index} FOR $vector WHERE t.documentType = 'Topic' LIMIT $most) SCORE AS score\n"
        "RETURN t.id, score * 2 - 1, reduce(words = t.name, k IN coalesce(t.keywords, []) | words + ' ' + k)\nORDER BY score DESC, t.id",
        {"vector": vector, "most": most},
    )


async def match(
    database: Database,
    embedding: EmbeddingService,
    request: Request,
    *,
    viewer: Viewer = ANYONE,
    parameters: Parameters = PARAMETERS,
    packaged: int = SHOWN,
) -> MatchResult:
    """Rank partners for a need. The first `packaged` get their packages; 0 ranks only (for evaluation).

    Raises MODEL_LOADING while the model loads, SCHEMA_NOT_READY without vectors, DATABASE_* when the graph does not answer.
    """
    space, raw = await asyncio.gather(space_in_use(database), embedding.query(request.text))
    info = await embedding.ready()
    if info.key != space.key:
        raise NetworkError(
            Code.SCHEMA_NOT_READY,
            f"The documents' vectors are of another model ({space.model}) than the one in use ({info.name}).",
            hint="Run `gcio embed`.",
        )
    vector = space.centred(raw, request.language)
    near_topics, [(name, region, language)], version = await asyncio.gather(
        database.read(topics_near(space, vector, parameters.topics)), database.read(likeness(request.country)), data_version(database)
    )
    read_topics = [(topic, terms) for topic, cosine, terms in near_topics if cosine >= parameters.topic_floor]
    topics = request.topics or tuple(topic for topic, _ in read_topics)
    # Words of another language find nothing in English records: there the taxonomy's own words for the topics stand in.
    words = request.text if request.language == "en" else " ".join(terms for _, terms in read_topics)
    [(by_vector, by_text)] = await database.read(rankings(request, words, space, vector, parameters, viewer))
    order = fuse([ranking for ranking in (by_vector, by_text) if ranking], parameters.fusion)
    known = await candidates(database, order[: parameters.voters], request.country)
    votes = {party: v for party, v in count_votes(order, known, parameters).items() if _wanted(party, request.partner_kind)}
    counts = dict(await database.read(document_counts(sorted(votes), viewer)))
    scored = rank(votes, counts, frozenset(region), frozenset(language), parameters)
    shown = scored[:packaged]
    cases = sorted({c.document for s in shown for c in s.documents})
    found = await packages.supply(database, request, [s.party for s in shown], cases, space, vector, viewer) if shown else None
    chosen = frozenset(topics)
    partners = tuple(
        _partner(
            place,
            s,
            packages.assemble(s.party, s.documents, found, request, chosen, parameters) if found and place <= packaged else None,
            name,
            parameters,
        )
        for place, s in enumerate(scored, 1)
    )
    return MatchResult(
        request.country,
        request.text,
        request.language or "en",
        request.as_of,
        tuple(topics),
        partners,
        packages.near_misses(found, request, chosen, parameters) if found else (),
        tuple(_notices(request, by_text)),
        parameters.maximum,
        space.model,
        version,
        request.need,
    )


def _wanted(party: str, kind: PartnerKind) -> bool:
    return kind is PartnerKind.ANY or party.startswith("country:" if kind is PartnerKind.COUNTRY else "organization:")


def _notices(request: Request, by_text: Sequence[str]) -> list[Notice]:
    notices = []
    if request.language != "en":
        notices.append(
            Notice(
                "MEANING_ONLY",
                Message(
                    "The text is not in English, the language of most records: it was matched by meaning and by the topics read from it."
                ),
            )
        )
    elif not by_text:
        notices.append(Notice("NO_WORDS", Message("No record has words of the text: it was matched by meaning alone.")))
    if request.amount_usd is not None:
        notices.append(Notice("AMOUNTS_IN_USD", Message("Amounts were compared only with funding windows in US dollars.")))
    return notices


def _partner(place: int, scored: Scored, package: packages.Package | None, country: str, parameters: Parameters) -> Partner:
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
