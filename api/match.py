"""`match` in GraphQL: the input, and a result whose records are fetched when they are selected."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import strawberry
from strawberry.types.field import StrawberryField

from api.answers import Rendered, slice_of
from api.answers import ids_connection as _ids_connection
from api.answers import value as _value
from api.context import Context, Info
from api.lists import After, Before, First, Last
from api.types import TYPES, Listed, computed, connection, make_type
from graph import cursor as cursors
from graph import matching
from graph.catalogue import need as read_need
from graph.errors import Code, NetworkError
from graph.matching import MatchResult, PartnerKind, check
from graph.matching.mature import mature_without_evidence
from graph.matching.request import Request, Wish, checked_language, checked_text, with_choices
from graph.matching.result import PackagePart, PartName, Rule
from graph.read import Edge, Page
from graph.vocabulary import Applicant, Instrument, OfferKind

strawberry.enum(PartnerKind, description="Which partners are wanted.")
strawberry.enum(PartName, name="ScorePartName", description="Parts of a score, in the order in which they are shown.")
strawberry.enum(PackagePart, description="The stops of a package behind the partner.")
strawberry.enum(Rule, name="EligibilityRule", description="A rule of eligibility.")


@strawberry.input(description="What parts of the score count, each 0 to 2; as usual where left out.")
class MatchWeightsInput:
    """Weights of a match."""

    own_experience: float | None = strawberry.field(
        default=None, description="A country's or agency's own experience, beside 1 for help given."
    )
    same_region: float | None = strawberry.field(default=None, description="Added for a partner of the same region.")
    shared_language: float | None = strawberry.field(default=None, description="Added for a partner that shares an official language.")


@strawberry.input(description="A need to match. Give `text`, or `need` for one that is on record, or both.")
class MatchInput:
    """Input of `match`."""

    country: str = strawberry.field(description="ISO 3166-1 alpha-3 code of the country whose need it is.")
    text: str | None = strawberry.field(default=None, description="The need in any language, at most 10,000 characters.")
    need: strawberry.ID | None = strawberry.field(
        default=None, description="Global id of a need on record; its text and topics are used where they are not given."
    )
    topics: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Global ids of topics; read from the text where left out."
    )
    amount_usd: float | None = strawberry.field(default=None, description="Money looked for, in US dollars.")
    amount: float | None = strawberry.field(default=None, description="Money looked for, in `currency`; beside or instead of `amountUsd`.")
    currency: str | None = strawberry.field(default=None, description="ISO 4217 code of `amount`.")
    co_financing: float | None = strawberry.field(default=None, description="Share of the money that you can bring yourself, 0 to 1.")
    starts: date | None = strawberry.field(
        default=None, description="The day on which help or money is wanted: offers and windows have to be open then."
    )
    kinds: list[OfferKind] | None = strawberry.field(default=None, description="Kinds of help wanted; any where left out.")
    instruments: list[Instrument] | None = strawberry.field(default=None, description="Forms of money wanted; any where left out.")
    languages: list[str] | None = strawberry.field(
        default=None, description="BCP 47 tags of the languages you can work in; any where left out."
    )
    applicant: Applicant = strawberry.field(default=Applicant.GOVERNMENT, description="Who would apply.")
    places: int = strawberry.field(default=1, description="Places wanted in a course.")
    partner_kind: PartnerKind = strawberry.field(default=PartnerKind.ANY, description="Which partners are wanted.")
    as_of: date | None = strawberry.field(default=None, description="Use only what was known before this day.")
    language: str | None = strawberry.field(default=None, description="BCP 47 tag of the text's language; detected where left out.")
    weights: MatchWeightsInput | None = strawberry.field(default=None, description="What parts of the score count, where not as usual.")
    exclude: list[strawberry.ID] | None = strawberry.field(default=None, description="Global ids of partners that are not wanted.")


def _build() -> None:
    TYPES["Notice"] = make_type(
        "Notice",
        {
            "code": _value("str", "code", "Stable code."),
            "message": computed("str", lambda root: root.tell(root.value.message), "A sentence for people."),
        },
        "Something the reader should know about an answer.",
    )
    TYPES["ScorePart"] = make_type(
        "ScorePart",
        {
            "name": _value("PartName", "name", "Which part."),
            "value": _value("float", "value", "Its value, 0 to 1 or a little more."),
            "weight": _value("float", "weight", "What the value is multiplied with."),
            "explanation": computed("str", lambda root: root.tell(root.value.explanation), "A sentence for people."),
        },
        "One part of a score; value times weight is what it adds.",
    )
    TYPES["EvidenceItem"] = make_type(
        "EvidenceItem",
        {
            "node": computed("RecordInterface", lambda root: root.record(root.value.document), "The document."),
            "value": _value("float", "value", "What it added to the score."),
            "place": _value("int", "place", "Its place among the documents that speak to the need."),
            "relationship": _value("str", "relationship", "How the partner stands in it."),
            "own": _value("bool", "own", "Whether it is the partner's own experience, not help given."),
        },
        "A document that voted for a partner.",
    )
    TYPES["PathStep"] = make_type(
        "PathStep",
        {
            "relationship": _value("str | None", "relationship", "The relationship that leads here; none leads to the first."),
            "node": computed("NodeInterface", lambda root: root.record(root.value.node), "The record."),
        },
        "A step of a path.",
    )
    TYPES["MatchPath"] = make_type(
        "MatchPath",
        {
            "part": _value("PackagePart", "part", "The part of the package it explains."),
            "steps": computed(
                "list[PathStep]", lambda root: [Rendered(step, root.context) for step in root.value.steps], "Records from the partner on."
            ),
        },
        "How a part of a package hangs together in the graph.",
    )
    TYPES["PartnerMatch"] = make_type("PartnerMatch", _partner_fields(), "A partner with its package and with reasons.")
    TYPES["NearMiss"] = make_type(
        "NearMiss",
        {
            "partner": computed("Party", lambda root: root.record(root.value.partner), "Whose offer or window it is."),
            "record": computed("RecordInterface", lambda root: root.record(root.value.record), "The offer or the funding window."),
            "rule": _value("Rule", "rule", "The one rule that is not met."),
            "explanation": computed("str", lambda root: root.tell(root.value.explanation), "The rule and the distance, for people."),
            "distance": _value("float | None", "distance", "By how much it fails, where there is a number."),
            "unit": _value("str | None", "unit", "Unit of the distance: days, share, places, or a currency."),
        },
        "Something that fits but for one rule.",
    )
    TYPES["MatchResult"] = make_type("MatchResult", _result_fields(), "Partners for a need, best first.")


def _partner_fields() -> dict[str, StrawberryField]:
    def evidence(root: Rendered, first: Annotated[int, strawberry.argument(description="How many.")] = 10) -> Any:
        if not 0 <= first <= 100:
            raise NetworkError(Code.PAGE_SIZE, f"{first} documents were asked for.", hint="Ask for 0 to 100.", details={"largest": 100})
        return [Rendered(item, root.context) for item in root.value.evidence[:first]]

    return {
        "rank": _value("int", "rank", "Place in the list, 1 is first."),
        "partner": computed("Party", lambda root: root.record(root.value.id), "The partner."),
        "score": _value("float", "score", "Sum of the parts."),
        "maximumScore": _value("float", "maximum", "The highest score there can be."),
        "sentence": computed("str", lambda root: root.tell(root.value.sentence), "Why this partner, in one sentence."),
        "parts": computed(
            "list[ScorePart]", lambda root: [Rendered(part, root.context) for part in root.value.parts], "What the score is made of."
        ),
        "evidence": computed("list[EvidenceItem]", evidence, "Documents that voted for it, strongest first."),
        "cases": _ids_connection("CaseInterface", "cases", "Comparable cases, best first."),
        "offers": _ids_connection("Offer", "offers", "Offers that the need is eligible for, best fitting first."),
        "fundingCalls": _ids_connection(
            "FundingCall", "funding_calls", "Funding windows that the need is eligible for; the partner's own first."
        ),
        "solutions": _ids_connection("Solution", "solutions", "Reusable software in its cases."),
        "posts": _ids_connection("Post", "posts", "Posts to write to."),
        "paths": computed(
            "list[MatchPath]",
            lambda root: [Rendered(path, root.context) for path in root.value.paths],
            "How the parts hang together in the graph.",
        ),
        "missing": _value("list[PackagePart]", "missing", "Parts of the package that nothing on record fills."),
    }


def _result_fields() -> dict[str, StrawberryField]:
    async def partners(
        root: Rendered, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Any:
        found: MatchResult = root.value
        by_id = {partner.id: partner for partner in found.partners}
        chosen, has_next, has_previous = slice_of(list(by_id), info.context.page_args(first, after, last, before))
        edges = tuple(Edge(Rendered(by_id[i], root.context), cursors.encode("match", [place], i), {}) for place, i in chosen)  # type: ignore[arg-type]  # a list of results, not of nodes
        return Listed(Page(edges, has_next, has_previous), lambda: len(by_id))

    async def topics(root: Rendered) -> Any:
        found = await root.context.nodes(root.value.topics)
        return [found[topic] for topic in root.value.topics if topic in found]

    async def mature(root: Rendered) -> Any:
        if any(notice.code == "OFF_TOPIC" for notice in root.value.notices):
            return []
        ids = await mature_without_evidence(root.context.database, root.value.country, [p.id for p in root.value.partners])
        found = await root.context.nodes(ids)
        return [found[i] for i in ids if i in found]

    return {
        "text": _value("str", "text", "The text that was matched."),
        "language": _value("str", "language", "BCP 47 tag of its language, given or detected."),
        "country": computed("Country", lambda root: root.record(f"country:{root.value.country}"), "The country whose need it is."),
        "need": computed(
            "Need | None",
            lambda root: root.record(root.value.need) if root.value.need else None,
            "The need on record, where one was given.",
        ),
        "topics": computed("list[Topic]", topics, "Topics given, or read from the text."),
        "asOf": _value("date | None", "as_of", "Only what was known before this day was used."),
        "partners": computed(connection("PartnerMatch"), partners, "Partners, best first. The first 50 come with packages."),
        "matureWithoutEvidence": computed(
            "list[Country]",
            mature,
            "Countries with mature digital government that no record shows with this: no partners yet, in the order of their names.",
        ),
        "nearMisses": computed(
            "list[NearMiss]", lambda root: [Rendered(miss, root.context) for miss in root.value.near_misses], "What fits but for one rule."
        ),
        "notices": computed(
            "list[Notice]", lambda root: [Rendered(notice, root.context) for notice in root.value.notices], "What the reader should know."
        ),
        "maximumScore": _value("float", "maximum_score", "The highest score there can be."),
        "model": _value("str", "model", "The embedding model."),
        "dataVersion": _value("int", "data_version", "Sequence number of the last change that was seen."),
    }


TYPES.update({"PartName": PartName, "PackagePart": PackagePart, "Rule": Rule, "date": date})
_build()


async def request_of(context: Context, input: MatchInput) -> Request:  # noqa: A002 - Relay's name
    """The input checked, with what the need on record says where nothing is given. Raises what `check` raises, UNKNOWN_NEED, CONTRADICTORY_INPUT."""
    countries, topics = await context.network.known()
    text, language, chosen, amount = input.text, input.language, tuple(input.topics or ()), input.amount_usd
    if input.need is not None:
        stated = await read_need(context.database, input.need, context.viewer.parameters["visible"])
        if stated is None:
            raise NetworkError(
                Code.UNKNOWN_NEED,
                f"There is no need “{str(input.need)[:60]}” on record that you may see.",
                hint="Take an id from `needs`, or give a text.",
            )
        if stated["iso3"] != input.country.strip().upper():
            raise NetworkError(
                Code.CONTRADICTORY_INPUT,
                f"The need is of {stated['iso3']}, not of {input.country[:20]}.",
                hint="Give the need's own country, or a text without a need.",
            )
        if not (text or "").strip():
            text, language = f"{stated['title']}. {stated['description']}", language or str(stated["lang"])
        chosen = chosen or tuple(stated["topics"])  # type: ignore[arg-type]  # a list of ids by the query's contract
        amount = amount if amount is not None else stated["amountUsd"]  # type: ignore[assignment]  # a number or none by the query's contract
    # The nearest names are looked for among all: what is longer than any name needs no search of its whole length.
    checked = check(
        text,
        input.country[:100],
        countries=countries,
        known_topics=topics,
        topics=tuple(topic[:100] for topic in chosen),
        amount_usd=amount,
        partner_kind=input.partner_kind,
        as_of=input.as_of,
        language=language,
        need=input.need,
        max_text=context.settings.max_text,
        wish=Wish(
            input.amount,
            input.currency,
            input.co_financing,
            input.starts,
            tuple(kind.value for kind in input.kinds or ()),
            tuple(instrument.value for instrument in input.instruments or ()),
            tuple(input.languages or ()),
            input.applicant.value,
            input.places,
        ),
    )
    weights = input.weights or MatchWeightsInput()
    return with_choices(
        checked, tuple(party[:100] for party in input.exclude or ()), weights.own_experience, weights.same_region, weights.shared_language
    )


def match_field() -> StrawberryField:
    async def resolve(info: Info, input: Annotated[MatchInput, strawberry.argument(description="The need.")]) -> Any:  # noqa: A002 - Relay's name
        context = info.context
        await context.learn_names()
        request = await request_of(context, input)
        return Rendered(await matching.match(context.database, context.network.embedding, request, viewer=context.viewer), context)

    return computed("MatchResult", resolve, "Partners for a need, each with a comparable case, offers, funding windows and reasons.")


def topics_of_field() -> StrawberryField:
    async def resolve(
        info: Info,
        text: Annotated[str, strawberry.argument(description="A need in any language, as far as it is written.")],
        language: Annotated[str | None, strawberry.argument(description="BCP 47 tag of its language; detected where left out.")] = None,
    ) -> Any:
        context = info.context
        clean = checked_text(text, context.settings.max_text)
        ids = await matching.topics_of(context.database, context.network.embedding, clean, checked_language(clean, language))
        found = await context.nodes(ids)
        return [found[topic] for topic in ids if topic in found]

    return computed("list[Topic]", resolve, "Topics that `match` reads from a text; none where the text is about something else.")
