"""The model, declared once: labels, keys, properties, relationships, what is searched and embedded, who may see it.

Constraints, indexes, ingest keys, the GraphQL types, the writer's checks and `docs/model.md` derive from it.
Must not know the database, GraphQL or any source.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Final

from graph.vocabulary import (
    UN_LANGUAGES,
    Applicant,
    Because,
    CommitmentState,
    CountryGroupKind,
    DatePrecision,
    Delivery,
    GovTechGroup,
    IncomeGroup,
    Instrument,
    MatchState,
    MergeState,
    NeedStatus,
    OfferKind,
    OrganizationKind,
    PartnershipRole,
    PartnershipState,
    PostRole,
    ProjectStatus,
    RejectionState,
    TokenRole,
    UnStatus,
    Visibility,
)


class Kind(StrEnum):
    """Type of a property's value."""

    STRING = "STRING"
    INTEGER = "INTEGER"
    FLOAT = "FLOAT"
    BOOLEAN = "BOOLEAN"
    DATE = "DATE"
    DATETIME = "DATETIME"
    STRINGS = "STRINGS"


class Access(StrEnum):
    """Who may see nodes of a type: everybody, by each record's `visibility`, members, or only the system itself."""

    PUBLIC = "PUBLIC"
    BY_RECORD = "BY_RECORD"
    MEMBERS = "MEMBERS"
    INTERNAL = "INTERNAL"


@dataclass(frozen=True, slots=True)
class Property:
    """One property. `localised` ones exist once per UN language: `name` is English, `nameFr` French.

    `managed` ones the writer alone sets; no record brings them. The log says of `secret` ones only that they changed.
    `internal` ones are part of no answer.
    """

    name: str
    description: str
    kind: Kind = Kind.STRING
    required: bool = False
    enum: type[StrEnum] | None = None
    localised: bool = False
    indexed: bool = False
    minimum: float | None = None
    maximum: float | None = None
    max_length: int = 20_000
    managed: bool = False
    secret: bool = False
    internal: bool = False

    def physical_names(self) -> tuple[str, ...]:
        """Names of the stored properties: one, or one per language with English first."""
        if not self.localised:
            return (self.name,)
        return (self.name, *(localised_name(self.name, lang) for lang in UN_LANGUAGES if lang != "en"))


@dataclass(frozen=True, slots=True)
class Relationship:
    """A relationship as its owner sees it. `incoming` means that the arrow points at the owner.

    `name` is the field on the owner, `inverse` the field on each target (absent where nobody would ask that way round).
    """

    name: str
    type: str
    targets: tuple[str, ...]
    description: str
    many: bool = True
    required: bool = False
    incoming: bool = False
    inverse: str | None = None
    inverse_description: str | None = None
    properties: tuple[Property, ...] = ()
    bookkeeping: tuple[Property, ...] = ()
    """What the system keeps on the relationship for itself: written and checked, never part of an answer."""
    copies: tuple[str, ...] = ()
    """Properties of the owner that each of its links repeats under the name `NodeType.copy_name`, and with them, as a number of
    `LEVELS`, who may see the owner: what is counted and summed from the other side then needs no look at the owners. Never part
    of an answer. They cannot differ from the owner's, because the writer replaces a record's links with the record."""

    @property
    def stored_properties(self) -> tuple[Property, ...]:
        return self.properties + self.bookkeeping


@dataclass(frozen=True, slots=True)
class Text:
    """What of a node is searched and embedded, in order of weight. `evidence` nodes can vote in matching."""

    fields: tuple[str, ...]
    evidence: bool = False
    date: str | None = None


@dataclass(frozen=True)
class NodeType:
    """One label. `prefix` opens the node's global id, `path` is its place in URLs, `title` the property shown as its name."""

    label: str
    prefix: str
    description: str
    title: str
    properties: tuple[Property, ...]
    relationships: tuple[Relationship, ...] = ()
    single: str = ""
    plural: str = ""
    path: str | None = None
    text: Text | None = None
    access: Access = Access.PUBLIC
    sort: tuple[tuple[str, bool], ...] = ()
    sourced: bool = True

    @property
    def exposed(self) -> bool:
        return self.access is not Access.INTERNAL

    @property
    def level_name(self) -> str:
        """What is called on a link who may see its owner: `projectLevel`. No other type's links have a property of that name."""
        return self.copy_name("level")

    def copy_name(self, name: str) -> str:
        """What a copy of the property is called on a link: `projectAmountUsd`."""
        return f"{self.label[0].lower()}{self.label[1:]}{name[0].upper()}{name[1:]}"

    def global_id(self, given: str) -> str:
        """A global id from one, or from the key behind its colon."""
        return given if ":" in given else f"{self.prefix}:{given}"

    @property
    def is_document(self) -> bool:
        return self.text is not None

    @cached_property
    def all_properties(self) -> tuple[Property, ...]:
        """Declared properties and those every node (and every document) has."""
        common = COMMON + ((VISIBILITY,) if self.access is Access.BY_RECORD or self.is_document else ())
        common += (VERSION,) if self.exposed else ()
        names = {p.name for p in self.properties}
        return self.properties + tuple(p for p in common if p.name not in names)

    @cached_property
    def shown_properties(self) -> tuple[Property, ...]:
        """Properties that answers can have."""
        return tuple(p for p in self.all_properties if not p.internal)

    @cached_property
    def by_physical_name(self) -> dict[str, Property]:
        return {name: p for p in self.all_properties for name in p.physical_names()}

    @cached_property
    def content(self) -> dict[str, Property]:
        """Properties that a record brings, by physical name: all but the managed ones."""
        return {name: p for name, p in self.by_physical_name.items() if not p.managed}

    @cached_property
    def all_relationships(self) -> tuple[Relationship, ...]:
        return self.relationships + ((SOURCED_FROM,) if self.sourced else ())

    def relationship(self, name: str) -> Relationship:
        return next(r for r in self.all_relationships if r.name == name)

    @cached_property
    def default_sort(self) -> tuple[tuple[str, bool], ...]:
        """(property, descending) pairs; the id is always the last tie-break and not named here."""
        return self.sort or ((self.title, False),)


def localised_name(name: str, lang: str) -> str:
    """`name` for English, `nameFr` for French."""
    return name if lang == "en" else name + lang.capitalize()


def text(name: str, description: str, **more: bool | int) -> Property:
    return Property(name, description, **more)  # type: ignore[arg-type]  # keyword names are those of Property


COMMON: Final = (
    Property("sourceUrl", "Public address of the record at its publisher."),
    Property("withdrawn", "True when the source no longer lists the record.", Kind.BOOLEAN),
)
VERSION: Final = Property(
    "version", "How often the record was written: 1 when it was new, one more with each change.", Kind.INTEGER, required=True, managed=True
)
VISIBILITY: Final = Property("visibility", "Who may see the record.", enum=Visibility, indexed=True)
LANG: Final = Property("lang", "BCP 47 tag of the language that the record's text is written in.", required=True, indexed=True)
DATE_PRECISION: Final = Property("datePrecision", "Whether the day or only the year of the date is on record.", enum=DatePrecision)
SOURCED_FROM: Final = Relationship(
    "sources",
    "SOURCED_FROM",
    ("Source",),
    "Where the record's statements come from.",
    properties=(
        Property("row", "The record's own identifier or place in the source."),
        Property("url", "Address of the page or row that was read."),
    ),
    bookkeeping=(
        Property("by", "Connector that read it; none for a record kept by hand."),
        Property("hash", "Hash of what the source said, so that an unchanged row costs no write."),
        Property("dataset", "File or feed of the source that lists the record."),
        Property("asOf", "Date of the version that was read."),
        Property("gives", "Fields displayed from this source, where the record has several.", Kind.STRINGS),
        Property("yields", "Fields that the source says for want of better: another source that gives one goes before.", Kind.STRINGS),
        Property("withdrawn", "True when the source no longer lists the record.", Kind.BOOLEAN),
    ),
)
PARTIES: Final = ("Organization", "Country")
COUNTED: Final = ("amountUsd",)
"""What links of a project repeat of it: how many there are and how much money that is, is asked of countries and organisations most."""
AUDIENCES: Final = ("CountryGroup", "Country")
ABOUT: Final = Relationship("topics", "ABOUT", ("Topic",), "What the record is about.")


def about(inverse: str, what: str) -> Relationship:
    return Relationship(
        "topics", "ABOUT", ("Topic",), "What the record is about.", inverse=inverse, inverse_description=f"{what} about this topic."
    )


def uses(inverse: str, what: str) -> Relationship:
    return Relationship(
        "solutions",
        "USES",
        ("Solution",),
        "Reusable software in use.",
        inverse=inverse,
        inverse_description=f"{what} that use this solution.",
    )


COUNTRY = NodeType(
    "Country",
    "country",
    "A country or territory of the UN M49 standard, by its ISO 3166-1 alpha-3 code.",
    "name",
    single="country",
    plural="countries",
    path="/countries",
    text=Text(("name", "officialName")),
    properties=(
        Property("iso3", "ISO 3166-1 alpha-3 code.", required=True, indexed=True),
        Property("iso2", "ISO 3166-1 alpha-2 code.", required=True, indexed=True),
        Property("m49", "UN M49 numeric code."),
        Property("name", "Short name in the six UN languages.", required=True, localised=True, indexed=True),
        Property("officialName", "Official name in English."),
        Property("unStatus", "Member, observer, or neither.", required=True, enum=UnStatus, indexed=True),
        Property("region", "Key of the UN M49 region.", indexed=True),
        Property("subregion", "Key of the UN M49 sub-region."),
        Property("incomeGroup", "World Bank income group.", enum=IncomeGroup, indexed=True),
        Property("languages", "BCP 47 tags of the languages in official use.", Kind.STRINGS),
        Property("population", "Inhabitants, latest estimate.", Kind.INTEGER, minimum=0, indexed=True),
        Property("populationYear", "Year of the population figure.", Kind.INTEGER),
        Property("gdpPerCapita", "GDP per head in constant international dollars (PPP).", Kind.FLOAT, minimum=0),
        Property("gdpYear", "Year of the GDP figure.", Kind.INTEGER),
        Property("capital", "Capital city."),
        Property("latitude", "Latitude of the capital in degrees.", Kind.FLOAT, minimum=-90, maximum=90),
        Property("longitude", "Longitude of the capital in degrees.", Kind.FLOAT, minimum=-180, maximum=180),
        Property("borders", "ISO 3166-1 alpha-3 codes of the countries with a common land border.", Kind.STRINGS),
    ),
    relationships=(
        Relationship(
            "groups",
            "MEMBER_OF",
            ("CountryGroup",),
            "Regions, income groups and organisations of states it belongs to.",
            inverse="members",
            inverse_description="Countries in this group.",
        ),
    ),
)

COUNTRY_GROUP = NodeType(
    "CountryGroup",
    "group",
    "A set of countries that rules refer to: a region, an income group, the least developed countries, an organisation of states.",
    "name",
    single="countryGroup",
    plural="countryGroups",
    path="/country-groups",
    text=Text(("name", "description")),
    properties=(
        Property("name", "Name in the six UN languages.", required=True, localised=True, indexed=True),
        Property("kind", "What kind of group it is.", required=True, enum=CountryGroupKind, indexed=True),
        Property("description", "What the group is."),
    ),
)

INDICATOR = NodeType(
    "Indicator",
    "indicator",
    "A published measure of a country's digital government, such as the UN E-Government Development Index.",
    "name",
    single="indicator",
    plural="indicators",
    path="/indicators",
    text=Text(("name", "description")),
    properties=(
        Property("code", "Short code, such as `egdi-osi`.", required=True, indexed=True),
        Property("name", "Name in the six UN languages.", required=True, localised=True, indexed=True),
        Property("publisher", "Who publishes it.", required=True),
        Property("unit", "Unit of its values.", required=True),
        Property("minimum", "Lowest possible value.", Kind.FLOAT),
        Property("maximum", "Highest possible value.", Kind.FLOAT),
        Property("description", "What it measures.", required=True),
    ),
)

OBSERVATION = NodeType(
    "Observation",
    "observation",
    "The value of one indicator for one country in one year.",
    "year",
    single="observation",
    plural="observations",
    sort=(("year", True),),
    properties=(
        Property("year", "Year of the survey.", Kind.INTEGER, required=True, indexed=True, minimum=1900, maximum=2100),
        Property("value", "The value, in the indicator's unit.", Kind.FLOAT, required=True),
        Property("rank", "Rank among the countries surveyed, 1 is first.", Kind.INTEGER, minimum=1),
        Property("group", "GovTech group A to D, where the publisher gives one.", enum=GovTechGroup),
    ),
    relationships=(
        Relationship(
            "indicator",
            "OF",
            ("Indicator",),
            "What was measured.",
            many=False,
            required=True,
            inverse="observations",
            inverse_description="Values of this indicator.",
        ),
        Relationship(
            "country",
            "FOR",
            ("Country",),
            "Where it was measured.",
            many=False,
            required=True,
            inverse="observations",
            inverse_description="Figures about this country, latest first.",
        ),
    ),
)

ORGANIZATION = NodeType(
    "Organization",
    "organization",
    "A ministry, agency, development bank, UN body, NGO, university or company that takes part in digital government work.",
    "name",
    single="organization",
    plural="organizations",
    path="/organizations",
    text=Text(("name", "shortName", "aliases", "description")),
    properties=(
        Property("name", "Full name.", required=True, indexed=True),
        Property("shortName", "Short name or acronym.", indexed=True),
        Property("aliases", "Other spellings and names.", Kind.STRINGS),
        Property("kind", "What kind of organisation it is.", required=True, enum=OrganizationKind, indexed=True),
        Property("iatiId", "Identifier in the IATI standard.", indexed=True),
        Property("website", "Public website."),
        Property("description", "What it does for digital government."),
        LANG,
    ),
    relationships=(
        Relationship(
            "partOf",
            "PART_OF",
            ("Organization",),
            "The organisation it belongs to.",
            many=False,
            inverse="units",
            inverse_description="Organisations that belong to this one.",
        ),
        Relationship(
            "basedIn",
            "BASED_IN",
            ("Country",),
            "Its home country.",
            many=False,
            inverse="organizations",
            inverse_description="Organisations based here.",
        ),
    ),
)

POST = NodeType(
    "Post",
    "post",
    "An office that can be written to: a Chief Information Officer, a focal point. The post, never the person.",
    "title",
    single="post",
    plural="posts",
    path="/posts",
    properties=(
        Property("title", "Title of the post.", required=True, indexed=True),
        Property("role", "Its part in the network.", required=True, enum=PostRole, indexed=True),
        Property("languages", "Languages it can be written to in.", Kind.STRINGS),
        Property("website", "Public page of the office."),
        LANG,
    ),
    relationships=(
        Relationship(
            "at",
            "AT",
            PARTIES,
            "The country and the organisation the post belongs to.",
            required=True,
            inverse="posts",
            inverse_description="Posts to write to.",
        ),
    ),
)

PERSON = NodeType(
    "Person",
    "person",
    "A person who holds or held a post and consented to being named.",
    "name",
    access=Access.INTERNAL,
    sourced=False,
    properties=(
        Property("name", "Name as the person writes it.", required=True),
        Property("consent", "What the person agreed to show.", required=True),
    ),
    relationships=(
        Relationship(
            "held",
            "HELD",
            ("Post",),
            "Posts held, with their dates.",
            properties=(Property("from", "First day.", Kind.DATE), Property("to", "Last day.", Kind.DATE)),
        ),
    ),
)

TOPIC = NodeType(
    "Topic",
    "topic",
    "A subject of digital government, in a taxonomy of two levels.",
    "name",
    single="topic",
    plural="topics",
    path="/topics",
    text=Text(("name", "keywords", "description")),
    properties=(
        Property("name", "Name in the six UN languages.", required=True, localised=True, indexed=True),
        Property("description", "One line, in the six UN languages.", required=True, localised=True),
        Property("keywords", "Search terms, in the six UN languages.", Kind.STRINGS, localised=True),
        Property("dacCodes", "OECD DAC purpose codes that lie close.", Kind.STRINGS),
    ),
    relationships=(
        Relationship(
            "parent", "PART_OF", ("Topic",), "The wider topic.", many=False, inverse="children", inverse_description="Narrower topics."
        ),
        Relationship(
            "pillars",
            "UNDER",
            ("Pillar",),
            "The pillars of the WSIS+10 vision it serves.",
            inverse="topics",
            inverse_description="Topics that serve this pillar.",
        ),
    ),
    sourced=False,
)

PILLAR = NodeType(
    "Pillar",
    "pillar",
    "A pillar of the WSIS+10 vision for e-government.",
    "name",
    single="pillar",
    plural="pillars",
    path="/pillars",
    sort=(("position", False),),
    properties=(
        Property("name", "Name in the six UN languages.", required=True, localised=True, indexed=True),
        Property("description", "One line, in the six UN languages.", required=True, localised=True),
        Property("position", "Place in the list.", Kind.INTEGER, required=True, indexed=True),
    ),
)

PROJECT = NodeType(
    "Project",
    "project",
    "A project that changes or changed how a government works or serves with digital means.",
    "title",
    single="project",
    plural="projects",
    path="/projects",
    sort=(("startDate", True),),
    text=Text(("title", "summary"), evidence=True, date="startDate"),
    access=Access.BY_RECORD,
    properties=(
        Property("title", "Title.", required=True, indexed=True),
        Property("summary", "What it does, for whom, with what.", required=True),
        Property("status", "Where it stands.", required=True, enum=ProjectStatus, indexed=True),
        Property("startDate", "Approval or start.", Kind.DATE, indexed=True),
        Property("endDate", "Closing.", Kind.DATE),
        DATE_PRECISION,
        Property("amount", "Committed money, in the currency.", Kind.FLOAT, minimum=0),
        Property("currency", "ISO 4217 code of the amount."),
        Property("amountDate", "Day that the amount's value belongs to.", Kind.DATE),
        Property("amountUsd", "Committed money in US dollars.", Kind.FLOAT, minimum=0, indexed=True),
        Property("rating", "Rating given by an evaluator, with its name."),
        LANG,
    ),
    relationships=(
        Relationship(
            "countries",
            "IN",
            ("Country",),
            "Where it takes place; none for a regional project.",
            inverse="projects",
            inverse_description="Projects here.",
            copies=COUNTED,
        ),
        Relationship(
            "funders",
            "FUNDS",
            PARTIES,
            "Who pays.",
            incoming=True,
            inverse="fundedProjects",
            inverse_description="Projects it pays for.",
            copies=COUNTED,
        ),
        Relationship(
            "implementers",
            "IMPLEMENTS",
            PARTIES,
            "Who carries it out.",
            incoming=True,
            inverse="implementedProjects",
            inverse_description="Projects it carries out.",
            copies=COUNTED,
        ),
        Relationship(
            "supporters",
            "SUPPORTS",
            PARTIES,
            "Who gives expertise or training.",
            incoming=True,
            inverse="supportedProjects",
            inverse_description="Projects it gives expertise to.",
            copies=COUNTED,
        ),
        about("projects", "Projects"),
        uses("projects", "Projects"),
    ),
)

PRACTICE = NodeType(
    "Practice",
    "practice",
    "A case study: what a country did, what worked, what failed, what it cost.",
    "title",
    single="practice",
    plural="practices",
    path="/practices",
    sort=(("date", True),),
    text=Text(("title", "summary", "problem", "approach", "results", "lessons", "whatFailed"), evidence=True, date="date"),
    access=Access.BY_RECORD,
    properties=(
        Property("title", "Title.", required=True, indexed=True),
        Property("summary", "The case in a few sentences.", required=True),
        Property("problem", "What was wrong before."),
        Property("approach", "What was done."),
        Property("results", "What came of it."),
        Property("lessons", "What others should know."),
        Property("whatFailed", "What did not work."),
        Property("cost", "Cost in the source's words and currency."),
        Property("costUsd", "Cost in US dollars.", Kind.FLOAT, minimum=0),
        Property("durationMonths", "How long it took, in months.", Kind.INTEGER, minimum=0),
        Property("date", "When it was published or went live.", Kind.DATE, required=True, indexed=True),
        DATE_PRECISION,
        LANG,
    ),
    relationships=(
        Relationship(
            "country",
            "FROM",
            ("Country",),
            "Whose experience it is.",
            many=False,
            required=True,
            inverse="practices",
            inverse_description="Its own experience.",
        ),
        Relationship(
            "organization",
            "BY",
            ("Organization",),
            "Who runs it.",
            many=False,
            inverse="practices",
            inverse_description="Practices it runs.",
        ),
        Relationship(
            "project",
            "OF",
            ("Project",),
            "The project it belongs to.",
            many=False,
            inverse="practices",
            inverse_description="Practices that came of the project.",
        ),
        Relationship(
            "adaptedFrom",
            "ADAPTED_FROM",
            ("Practice",),
            "The practice it was adapted from.",
            inverse="adaptations",
            inverse_description="Practices adapted from this one.",
            properties=(Property("changed", "What the adapter changed."),),
        ),
        about("practices", "Practices"),
        uses("practices", "Practices"),
    ),
)

SOLUTION = NodeType(
    "Solution",
    "solution",
    "Software that a government can reuse, such as a digital public good.",
    "name",
    single="solution",
    plural="solutions",
    path="/solutions",
    text=Text(("name", "summary"), evidence=True),
    access=Access.BY_RECORD,
    properties=(
        Property("name", "Name.", required=True, indexed=True),
        Property("summary", "What it does for a public administration.", required=True),
        Property("licence", "SPDX identifier of its licence.", required=True, indexed=True),
        Property("openSource", "Whether the licence is an open source licence.", Kind.BOOLEAN, required=True),
        Property("repository", "Address of the source code."),
        Property("website", "Website."),
        Property("sdgs", "Numbers of the Sustainable Development Goals it serves.", Kind.STRINGS),
        LANG,
    ),
    relationships=(
        Relationship(
            "organizations",
            "BY",
            ("Organization",),
            "Who maintains it.",
            inverse="solutions",
            inverse_description="Solutions it maintains.",
        ),
        Relationship(
            "deployedIn",
            "DEPLOYED_IN",
            ("Country",),
            "Where it is in use.",
            inverse="solutions",
            inverse_description="Solutions in use here.",
        ),
        about("solutions", "Solutions"),
    ),
)

OFFER = NodeType(
    "Offer",
    "offer",
    "Help that a country or organisation offers: policy support, technology support, capacity building, human exchange.",
    "title",
    single="offer",
    plural="offers",
    path="/offers",
    sort=(("date", True),),
    text=Text(("title", "summary"), evidence=True, date="date"),
    access=Access.BY_RECORD,
    properties=(
        Property("title", "Title.", required=True, indexed=True),
        Property("summary", "What is offered, to whom, how.", required=True),
        Property("kind", "Which of the four kinds of help.", required=True, enum=OfferKind, indexed=True),
        Property("languages", "Languages it is given in.", Kind.STRINGS),
        Property("mode", "How it is given.", enum=Delivery),
        Property("capacity", "Places in one round.", Kind.INTEGER, minimum=0),
        Property("durationDays", "Length in days.", Kind.INTEGER, minimum=0),
        Property("opens", "First day on which it can be asked for.", Kind.DATE),
        Property("closes", "Last day on which it can be asked for.", Kind.DATE, indexed=True),
        Property("date", "When it was last known to be offered.", Kind.DATE, required=True, indexed=True),
        DATE_PRECISION,
        LANG,
    ),
    relationships=(
        Relationship("providers", "BY", PARTIES, "Who offers it.", required=True, inverse="offers", inverse_description="Help it offers."),
        Relationship(
            "openTo",
            "OPEN_TO",
            AUDIENCES,
            "Who may ask for it.",
            required=True,
            inverse="openOffers",
            inverse_description="Help open to it.",
        ),
        Relationship("notOpenTo", "NOT_OPEN_TO", AUDIENCES, "Who may not, although a group they belong to may."),
        about("offers", "Offers"),
    ),
)

FUNDING_CALL = NodeType(
    "FundingCall",
    "funding-call",
    "A window through which money can be asked for.",
    "title",
    single="fundingCall",
    plural="fundingCalls",
    path="/funding-calls",
    sort=(("date", True),),
    text=Text(("title", "summary"), date="date"),
    access=Access.BY_RECORD,
    properties=(
        Property("title", "Title.", required=True, indexed=True),
        Property("summary", "What is funded, for whom, how to ask.", required=True),
        Property("instrument", "Grant, loan, a blend, or technical assistance.", required=True, enum=Instrument, indexed=True),
        Property("minimumAmount", "Smallest amount, in the currency.", Kind.FLOAT, minimum=0),
        Property("maximumAmount", "Largest amount, in the currency.", Kind.FLOAT, minimum=0),
        Property("currency", "ISO 4217 code.", required=True),
        Property("coFinancingShare", "Share that the applicant has to bring, 0 to 1.", Kind.FLOAT, minimum=0, maximum=1),
        Property("applicants", "Who may apply.", Kind.STRINGS, enum=Applicant),
        Property("opens", "First day for applications.", Kind.DATE),
        Property("closes", "Last day for applications; none for a standing window.", Kind.DATE, indexed=True),
        Property("date", "When it was last known to be open.", Kind.DATE, required=True, indexed=True),
        DATE_PRECISION,
        LANG,
    ),
    relationships=(
        Relationship(
            "providers",
            "BY",
            PARTIES,
            "Whose money it is.",
            required=True,
            inverse="fundingCalls",
            inverse_description="Funding windows it keeps.",
        ),
        Relationship(
            "openTo",
            "OPEN_TO",
            AUDIENCES,
            "Who may apply.",
            required=True,
            inverse="openFundingCalls",
            inverse_description="Funding windows open to it.",
        ),
        Relationship("notOpenTo", "NOT_OPEN_TO", AUDIENCES, "Who may not, although a group they belong to may."),
        about("fundingCalls", "Funding windows"),
    ),
)

NEED = NodeType(
    "Need",
    "need",
    "What a country is looking for, in its own words.",
    "title",
    single="need",
    plural="needs",
    path="/needs",
    sort=(("date", True),),
    text=Text(("title", "description"), date="date"),
    access=Access.BY_RECORD,
    properties=(
        Property("title", "The need in one line.", required=True, indexed=True),
        Property("description", "The need in any language.", required=True),
        Property("amount", "Money looked for, in the currency.", Kind.FLOAT, minimum=0),
        Property("currency", "ISO 4217 code."),
        Property("amountUsd", "Money looked for in US dollars.", Kind.FLOAT, minimum=0),
        Property("date", "When it was stated.", Kind.DATE, required=True, indexed=True),
        DATE_PRECISION,
        Property("deadline", "When an answer is needed.", Kind.DATE),
        Property("status", "Whether it is still open.", required=True, enum=NeedStatus, indexed=True),
        LANG,
    ),
    relationships=(
        Relationship(
            "country",
            "OF",
            ("Country",),
            "Whose need it is.",
            many=False,
            required=True,
            inverse="needs",
            inverse_description="What it is looking for.",
        ),
        Relationship(
            "statedBy",
            "STATED_BY",
            ("Post",),
            "The post that stated it.",
            many=False,
            inverse="needs",
            inverse_description="Needs stated by this post.",
        ),
        Relationship(
            "metBy", "MET_BY", ("Project", "Partnership"), "What met it.", inverse="metNeeds", inverse_description="Needs that it met."
        ),
        about("needs", "Needs"),
    ),
)

MATCH = NodeType(
    "Match",
    "match",
    "A match that was kept, with what it was computed from.",
    "createdAt",
    access=Access.INTERNAL,
    sourced=False,
    properties=(
        Property("state", "How far it got.", required=True, enum=MatchState, indexed=True),
        Property("declineReason", "Why it was declined."),
        Property("rank", "Place among all partners.", Kind.INTEGER, required=True, minimum=1),
        Property("score", "Total score.", Kind.FLOAT, required=True),
        Property("parts", "Score parts and the documents behind them, as JSON.", required=True),
        Property("inputs", "What was asked, as JSON.", required=True),
        Property("parameters", "Constants of matching, as JSON.", required=True),
        Property("modelKey", "Embedding model.", required=True),
        Property("dataVersion", "Sequence number of the last change it saw.", Kind.INTEGER, required=True),
        Property("createdAt", "When it was computed.", Kind.DATETIME, required=True),
    ),
    relationships=(
        Relationship("need", "FOR", ("Need",), "The need.", many=False, required=True),
        Relationship("partner", "WITH", PARTIES, "The partner.", many=False, required=True),
        Relationship(
            "parts", "INCLUDES", ("Project", "Practice", "Partnership", "Offer", "FundingCall", "Solution", "Post"), "Parts of the package."
        ),
    ),
)

PARTNERSHIP = NodeType(
    "Partnership",
    "partnership",
    "Cooperation that happened or was agreed: who helped whom, with what, and what came of it.",
    "title",
    single="partnership",
    plural="partnerships",
    path="/partnerships",
    sort=(("date", True),),
    text=Text(("title", "summary", "result"), evidence=True, date="date"),
    access=Access.BY_RECORD,
    properties=(
        Property("title", "Title.", required=True, indexed=True),
        Property("summary", "Who helped whom, with what.", required=True),
        Property("state", "How far it got.", required=True, enum=PartnershipState, indexed=True),
        Property("modality", "Which of the four kinds of help.", enum=OfferKind, indexed=True),
        Property("date", "When it was agreed or began.", Kind.DATE, required=True, indexed=True),
        DATE_PRECISION,
        Property("result", "What came of it."),
        LANG,
    ),
    relationships=(
        Relationship(
            "parties",
            "BETWEEN",
            PARTIES,
            "Who took part, and in which role.",
            required=True,
            inverse="partnerships",
            inverse_description="Cooperation it took part in.",
            properties=(Property("role", "Recipient, provider or funder.", required=True, enum=PartnershipRole),),
        ),
        Relationship(
            "needs", "ANSWERS", ("Need",), "Needs it answers.", inverse="partnerships", inverse_description="Cooperation that answers it."
        ),
        uses("partnerships", "Cooperation"),
        about("partnerships", "Cooperation"),
    ),
)

OUTCOME = NodeType(
    "Outcome",
    "outcome",
    "What a partnership achieved, as the receiving country confirmed it.",
    "result",
    single="outcome",
    plural="outcomes",
    access=Access.BY_RECORD,
    properties=(
        Property("result", "What was achieved.", required=True),
        Property("confirmed", "Whether the receiving country confirmed it.", Kind.BOOLEAN, required=True),
        Property("date", "When.", Kind.DATE, required=True, indexed=True),
        LANG,
    ),
    relationships=(
        Relationship(
            "partnership",
            "OF",
            ("Partnership",),
            "The partnership.",
            many=False,
            required=True,
            inverse="outcomes",
            inverse_description="Confirmed outcomes.",
        ),
    ),
)

FORUM = NodeType(
    "Forum",
    "forum",
    "A forum at which the network met.",
    "title",
    single="forum",
    plural="forums",
    path="/forums",
    sort=(("starts", True),),
    text=Text(("title", "summary"), date="starts"),
    properties=(
        Property("title", "Title.", required=True, indexed=True),
        Property("summary", "What it was about.", required=True),
        Property("starts", "First day.", Kind.DATE, required=True, indexed=True),
        Property("ends", "Last day.", Kind.DATE),
        DATE_PRECISION,
        Property("place", "City."),
        LANG,
    ),
    relationships=(
        Relationship(
            "country",
            "IN",
            ("Country",),
            "Where it met.",
            many=False,
            required=True,
            inverse="forums",
            inverse_description="Forums held here.",
        ),
    ),
)

SESSION = NodeType(
    "Session",
    "session",
    "A session of a forum.",
    "title",
    single="session",
    plural="sessions",
    properties=(Property("title", "Title.", required=True), Property("starts", "When it begins.", Kind.DATETIME, indexed=True), LANG),
    relationships=(
        Relationship(
            "forum", "OF", ("Forum",), "The forum.", many=False, required=True, inverse="sessions", inverse_description="Its sessions."
        ),
        about("sessions", "Sessions"),
    ),
)

COMMITMENT = NodeType(
    "Commitment",
    "commitment",
    "What was promised at a forum.",
    "title",
    single="commitment",
    plural="commitments",
    path="/commitments",
    text=Text(("title", "text")),
    properties=(
        Property("title", "Title.", required=True, indexed=True),
        Property("text", "The promise in our words.", required=True),
        Property("due", "When it is due.", Kind.DATE, indexed=True),
        Property("state", "Whether it was kept.", required=True, enum=CommitmentState, indexed=True),
        LANG,
    ),
    relationships=(
        Relationship(
            "forum",
            "MADE_AT",
            ("Forum",),
            "Where it was made.",
            many=False,
            required=True,
            inverse="commitments",
            inverse_description="What was promised there.",
        ),
        Relationship("parties", "BY", PARTIES, "Who made it.", inverse="commitments", inverse_description="What it promised."),
        Relationship(
            "pillars", "UNDER", ("Pillar",), "The pillar it serves.", inverse="commitments", inverse_description="Promises that serve it."
        ),
        about("commitments", "Commitments"),
    ),
)

EVIDENCE = NodeType(
    "Evidence",
    "evidence",
    "What shows that a commitment was kept.",
    "title",
    single="evidence",
    plural="evidences",
    properties=(Property("title", "Title.", required=True), Property("date", "When.", Kind.DATE, required=True, indexed=True), LANG),
    relationships=(
        Relationship(
            "commitment",
            "FULFILLED_BY",
            ("Commitment",),
            "The commitment.",
            many=False,
            required=True,
            incoming=True,
            inverse="fulfilledBy",
            inverse_description="What shows that it was kept.",
        ),
    ),
)

ESSENTIAL_SERVICE = NodeType(
    "EssentialService",
    "essential-service",
    "A service that a country chose as essential: the share delivered electronically is the WSIS target.",
    "name",
    single="essentialService",
    plural="essentialServices",
    path="/essential-services",
    text=Text(("name",)),
    properties=(
        Property("name", "Name of the service.", required=True, indexed=True),
        Property("level", "National or sub-national.", required=True),
        Property("channels", "Ways to use it: web, mobile, kiosk, post office.", Kind.STRINGS),
        Property("electronicSince", "Since when it is delivered electronically.", Kind.DATE),
        LANG,
    ),
    relationships=(
        Relationship(
            "country",
            "CHOSEN_BY",
            ("Country",),
            "Who chose it.",
            many=False,
            required=True,
            inverse="essentialServices",
            inverse_description="Services it chose as essential.",
        ),
        about("essentialServices", "Essential services"),
    ),
)

SOURCE = NodeType(
    "Source",
    "source",
    "A data set or website that statements were taken from.",
    "title",
    single="source",
    plural="sources",
    path="/sources",
    sourced=False,
    properties=(
        Property("title", "Title.", required=True, indexed=True),
        Property("publisher", "Who publishes it.", required=True),
        Property("licence", "Licence or terms."),
        Property("retrieved", "When it was read.", Kind.DATE),
        Property("description", "What it holds."),
    ),
)

INGEST_RUN = NodeType(
    "IngestRun",
    "ingest-run",
    "One run of one connector.",
    "connector",
    single="ingestRun",
    plural="ingestRuns",
    path="/runs",
    sort=(("startedAt", True),),
    sourced=False,
    properties=(
        Property("connector", "Which connector ran.", required=True, indexed=True),
        Property("startedAt", "When it began.", Kind.DATETIME, required=True, indexed=True),
        Property("finishedAt", "When it ended; none while it runs or if it was cut off.", Kind.DATETIME),
        *(
            Property(name, f"Rows {what}.", Kind.INTEGER, minimum=0)
            for name, what in (
                ("read", "read"),
                ("new", "that were new"),
                ("changed", "that changed a record"),
                ("unchanged", "that changed nothing"),
                ("outOfScope", "out of scope"),
                ("withdrawnRows", "whose record was marked withdrawn"),
                ("rejected", "set aside"),
            )
        ),
        Property("seconds", "How long it took.", Kind.FLOAT, minimum=0),
    ),
    relationships=(
        Relationship(
            "readFrom", "READ", ("Source",), "Sources that it read.", inverse="runs", inverse_description="Runs that read it, latest first."
        ),
    ),
)

REJECTION = NodeType(
    "Rejection",
    "rejection",
    "A row that was set aside, and why.",
    "reason",
    single="rejection",
    plural="rejections",
    access=Access.MEMBERS,
    sort=(("row", False),),
    sourced=False,
    properties=(
        Property("connector", "Which connector read it.", required=True, indexed=True),
        Property("dataset", "File or feed of the source, by its name.", required=True, indexed=True),
        Property("address", "Where it was read: a path or an address.", required=True, internal=True),
        Property("scope", "Scope of the run, so that a retry asks for the same.", required=True),
        Property("file", "File.", required=True),
        Property("row", "Line in the file.", Kind.INTEGER, required=True, indexed=True, minimum=0),
        Property("column", "Field."),
        Property("value", "What stood there."),
        Property("reason", "Why it was set aside.", required=True),
        Property("allowed", "What is allowed.", Kind.STRINGS),
        Property("state", "Whether it still stands.", required=True, enum=RejectionState, indexed=True),
    ),
    relationships=(
        Relationship(
            "run",
            "OF",
            ("IngestRun",),
            "The run that met it last.",
            many=False,
            required=True,
            inverse="rejections",
            inverse_description="Rows that it set aside and that no later run met again; for members.",
        ),
    ),
)

STATEMENT = NodeType(
    "Statement",
    "statement",
    "What a source says of a record and is not displayed, because another source goes before it.",
    "field",
    access=Access.INTERNAL,
    properties=(
        Property("record", "Id of the record.", required=True, indexed=True),
        Property("field", "Property or relationship that the statement is about.", required=True),
        Property("value", "What the source says, as JSON."),
        Property("by", "Connector that read it; none for a record kept by hand."),
        Property("reason", "Why the other statement is displayed.", required=True),
        Property("because", "The rule behind the reason.", enum=Because),
        Property("stands", "False once the sources agree.", Kind.BOOLEAN, required=True, indexed=True),
    ),
)

MERGE_CANDIDATE = NodeType(
    "MergeCandidate",
    "merge-candidate",
    "Two records that may be one: a person decides.",
    "reason",
    access=Access.INTERNAL,
    sourced=False,
    properties=(
        Property("kept", "Id of the record that was there first.", required=True, indexed=True),
        Property("other", "Id of the record that may be the same.", required=True, indexed=True),
        Property("score", "How alike their names are, 0 to 100.", Kind.FLOAT, required=True, minimum=0, maximum=100),
        Property("reason", "Why they may be one.", required=True),
        Property("state", "Whether it was decided.", required=True, enum=MergeState, indexed=True),
    ),
)

CHANGE = NodeType(
    "Change",
    "change",
    "One entry of the append-only log.",
    "sequence",
    access=Access.INTERNAL,
    sourced=False,
    sort=(("sequence", True),),
    properties=(
        Property("sequence", "Place in the log; order of commit, without gaps.", Kind.INTEGER, required=True, indexed=True),
        Property("at", "When.", Kind.DATETIME, required=True),
        Property("action", "CREATE, UPDATE, WITHDRAW or MERGE.", required=True),
        Property("record", "Id of the record.", required=True, indexed=True),
        Property("actor", "Who wrote.", required=True),
        Property("changed", "Names of what changed.", Kind.STRINGS),
        Property("before", "Former values as JSON."),
        Property("after", "New values as JSON."),
        Property("visibility", "Who could see the record after the change; none for records of the system.", enum=Visibility),
    ),
)


def _account_type(label: str, prefix: str, description: str, *properties: Property) -> NodeType:
    return NodeType(
        label,
        prefix,
        description,
        "createdAt",
        access=Access.INTERNAL,
        sourced=False,
        properties=(*properties, Property("createdAt", "When.", Kind.DATETIME, required=True, indexed=True)),
    )


ACCOUNT = _account_type("Account", "account", "Somebody who signs in.", Property("role", "Role.", required=True))
TOKEN = _account_type(
    "Token",
    "token",
    "A key for programs.",
    Property("secretHash", "SHA-256 of the secret, in hexadecimal.", required=True, indexed=True, secret=True),
    Property("name", "What it is for.", required=True),
    Property("role", "What its bearer is to the network.", required=True, enum=TokenRole),
    Property("party", "Id of the country or organisation whose records it may write; all where there is none."),
    Property("expiresAt", "When it ends; none for a token that lasts.", Kind.DATETIME),
    Property("revokedAt", "When it was revoked.", Kind.DATETIME),
)
FOLLOW = _account_type(
    "Follow", "follow", "A record that an account follows.", Property("record", "Id of the record.", required=True, indexed=True)
)
SAVED_SEARCH = _account_type(
    "SavedSearch", "saved-search", "A search that an account keeps.", Property("query", "The search.", required=True)
)

IDEMPOTENCY_KEY = _account_type(
    "IdempotencyKey",
    "idempotency-key",
    "A mutation that was carried out under a key of the client's, so that the same one again does nothing.",
    Property("fingerprint", "Hash of the mutation and its input.", required=True),
    Property("record", "Id of the record that it wrote.", required=True),
)


@dataclass(frozen=True)
class Model:
    """All node types, with the look-ups that the other rooms need."""

    types: tuple[NodeType, ...]
    by_label: dict[str, NodeType] = field(init=False)
    by_prefix: dict[str, NodeType] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_label", {t.label: t for t in self.types})
        object.__setattr__(self, "by_prefix", {t.prefix: t for t in self.types})

    def __getitem__(self, label: str) -> NodeType:
        return self.by_label[label]

    @cached_property
    def exposed(self) -> tuple[NodeType, ...]:
        return tuple(t for t in self.types if t.exposed)

    @cached_property
    def documents(self) -> tuple[NodeType, ...]:
        return tuple(t for t in self.types if t.is_document)

    @cached_property
    def evidence(self) -> tuple[NodeType, ...]:
        return tuple(t for t in self.types if t.text is not None and t.text.evidence)

    def inverses(self, label: str) -> tuple[tuple[NodeType, Relationship], ...]:
        """Relationships that other types own and that can be asked for from `label`: (owner, relationship) pairs."""
        return tuple((t, r) for t in self.types for r in t.all_relationships if r.inverse and label in r.targets)


MODEL: Final = Model(
    (
        COUNTRY,
        COUNTRY_GROUP,
        INDICATOR,
        OBSERVATION,
        ORGANIZATION,
        POST,
        PERSON,
        TOPIC,
        PILLAR,
        PROJECT,
        PRACTICE,
        SOLUTION,
        OFFER,
        FUNDING_CALL,
        NEED,
        MATCH,
        PARTNERSHIP,
        OUTCOME,
        FORUM,
        SESSION,
        COMMITMENT,
        EVIDENCE,
        ESSENTIAL_SERVICE,
        SOURCE,
        INGEST_RUN,
        REJECTION,
        STATEMENT,
        MERGE_CANDIDATE,
        ACCOUNT,
        TOKEN,
        FOLLOW,
        SAVED_SEARCH,
        IDEMPOTENCY_KEY,
        CHANGE,
    )
)
