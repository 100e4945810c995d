"""Words for closed lists: kinds of records, values of enumerations, relationships. English here, other languages in the catalogues.

Must not know requests or templates.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from graph.message import Message
from graph.model import MODEL, NodeType
from graph.vocabulary import HELP, INSTRUMENTS


@dataclass(frozen=True, slots=True)
class Domain:
    """A kind of record with pages: its name in every room, its type, its words, and whether search knows it."""

    name: str
    type: NodeType
    one: Message
    many: Message
    lede: Message

    @property
    def operation(self) -> str:
        return self.type.label

    @property
    def searchable(self) -> bool:
        return self.type.is_document

    @property
    def path(self) -> str:
        return str(self.type.path)

    @property
    def kind(self) -> str:
        """The name of the kind in GraphQL's `RecordKind`."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", self.type.label).upper()

    @property
    def list_template(self) -> str:
        return "sources/list.html" if self.name == "sources" else "list.html"

    @property
    def slug(self) -> str:
        """The kind in a page's address."""
        return self.path.removeprefix("/")


def _domain(name: str, label: str, one: Message, many: Message, lede: Message) -> Domain:
    return Domain(name, MODEL[label], one, many, lede)


DOMAINS: Final = (
    _domain(
        "needs",
        "Need",
        Message("Need"),
        Message("Needs"),
        Message("What governments are looking for, in their own words. Open one to find partners for it."),
    ),
    _domain(
        "practices", "Practice", Message("Practice"), Message("Practices"), Message("What a country did, what came of it, and what failed.")
    ),
    _domain(
        "partnerships",
        "Partnership",
        Message("Partnership"),
        Message("Partnerships"),
        Message("Who helped whom, with what, and what came of it."),
    ),
    _domain(
        "projects",
        "Project",
        Message("Project"),
        Message("Projects"),
        Message("Projects that change how a government works, with their money and dates."),
    ),
    _domain(
        "solutions",
        "Solution",
        Message("Solution"),
        Message("Solutions"),
        Message("Software that a government can reuse, and where it is in use."),
    ),
    _domain(
        "offers",
        "Offer",
        Message("Offer"),
        Message("Offers"),
        Message("Help on offer: policy support, technology support, training, exchange of people."),
    ),
    _domain(
        "funding_calls",
        "FundingCall",
        Message("Funding window"),
        Message("Funding windows"),
        Message("Where money can be asked for, how much, and by whom."),
    ),
    _domain(
        "countries",
        "Country",
        Message("Country"),
        Message("Countries"),
        Message("Each country with its figures, what it gives and what it asks."),
    ),
    _domain(
        "organizations",
        "Organization",
        Message("Organisation"),
        Message("Organisations"),
        Message("Ministries, agencies, banks and others that take part in this work."),
    ),
    _domain("topics", "Topic", Message("Topic"), Message("Topics"), Message("The subjects of digital government, from wide to narrow.")),
    _domain(
        "indicators",
        "Indicator",
        Message("Indicator"),
        Message("Indicators"),
        Message("Published measures of digital government. Nobody is ranked by an index alone."),
    ),
    _domain(
        "country_groups",
        "CountryGroup",
        Message("Country group"),
        Message("Country groups"),
        Message("Sets of countries that rules refer to: regions, income groups, organisations of states."),
    ),
    _domain("pillars", "Pillar", Message("Pillar"), Message("Pillars"), Message("The pillars of the WSIS+10 vision for e-government.")),
    _domain("forums", "Forum", Message("Forum"), Message("Forums"), Message("Where the network met.")),
    _domain(
        "commitments",
        "Commitment",
        Message("Commitment"),
        Message("Commitments"),
        Message("What was promised at a forum, and whether it was kept."),
    ),
    _domain("posts", "Post", Message("Post"), Message("Posts"), Message("Offices that can be written to: the post, not the person.")),
    _domain(
        "essential_services",
        "EssentialService",
        Message("Essential service"),
        Message("Essential services"),
        Message("Services that countries chose as essential, and since when they are delivered electronically."),
    ),
    _domain(
        "sources", "Source", Message("Source"), Message("Sources"), Message("Where every statement comes from, with licence and date.")
    ),
    _domain(
        "runs",
        "IngestRun",
        Message("Run of a connector"),
        Message("Runs of connectors"),
        Message("When which source was read, what was taken in, and what was set aside."),
    ),
)
BY_LABEL: Final = {domain.type.label: domain for domain in DOMAINS}
BY_SLUG: Final = {domain.slug: domain for domain in DOMAINS}
BY_KIND: Final = {domain.kind: domain for domain in DOMAINS}

VALUES: Final[Mapping[str, Mapping[str, Message]]] = {
    "income": {
        "LOW": Message("Low income"),
        "LOWER_MIDDLE": Message("Lower middle income"),
        "UPPER_MIDDLE": Message("Upper middle income"),
        "HIGH": Message("High income"),
    },
    "group": {
        "REGION": Message("Region"),
        "SUBREGION": Message("Sub-region"),
        "INCOME": Message("Income group"),
        "DEVELOPMENT": Message("Development group"),
        "ORGANIZATION": Message("Organisation of states"),
        "LENDING": Message("Lending group"),
    },
    "un": {"MEMBER": Message("Member"), "OBSERVER": Message("Observer"), "NONE": Message("Neither member nor observer")},
    "organization": {
        "GOVERNMENT": Message("Government body"),
        "MULTILATERAL": Message("Multilateral organisation"),
        "BILATERAL_AGENCY": Message("Bilateral agency"),
        "DEVELOPMENT_BANK": Message("Development bank"),
        "NGO": Message("Non-governmental organisation"),
        "ACADEMIA": Message("University or research body"),
        "PRIVATE": Message("Company"),
        "FOUNDATION": Message("Foundation"),
        "NETWORK": Message("Network"),
        "OTHER": Message("Organisation of another kind"),
    },
    "post": {
        "CIO": Message("Chief Information Officer"),
        "FOCAL_POINT": Message("Focal point"),
        "SECRETARIAT": Message("Secretariat"),
        "CONTACT": Message("Contact point"),
    },
    "project": {
        "PIPELINE": Message("planned"),
        "ACTIVE": Message("active"),
        "CLOSED": Message("closed"),
        "CANCELLED": Message("cancelled"),
        "UNKNOWN": Message("status not on record"),
    },
    "offer": HELP,
    "delivery": {
        "ONLINE": Message("Online"),
        "ON_SITE": Message("On site"),
        "BLENDED": Message("Online and on site"),
        "ABROAD": Message("Abroad"),
    },
    "instrument": INSTRUMENTS,
    "applicant": {
        "GOVERNMENT": Message("Governments"),
        "NGO": Message("Non-governmental organisations"),
        "ACADEMIA": Message("Universities"),
        "PRIVATE": Message("Companies"),
        "MULTILATERAL": Message("Multilateral organisations"),
    },
    "need": {"OPEN": Message("open"), "MET": Message("met"), "WITHDRAWN": Message("withdrawn")},
    "visibility": {"PUBLIC": Message("Everyone"), "MEMBERS": Message("Members"), "MASKED": Message("Only those who write for its owner")},
    "because": {
        "MEANT": Message("The other is said for want of better."),
        "BY_HAND": Message("It is kept by hand, and that goes before what a connector reads."),
        "RANK": Message("Its source goes before the other by rank."),
        "LATER": Message("It is the later statement."),
        "FIRST": Message("Both sources have the same rank, and it was there before."),
    },
    "rejection": {"OPEN": Message("set aside"), "TAKEN": Message("taken in since")},
    "field": {
        "title": Message("Title"),
        "name": Message("Name"),
        "summary": Message("Summary"),
        "description": Message("Description"),
        "status": Message("Status"),
        "startDate": Message("Start"),
        "endDate": Message("End"),
        "date": Message("Date"),
        "datePrecision": Message("Precision of the date"),
        "amount": Message("Amount"),
        "amountUsd": Message("Money, in US dollars"),
        "amountDate": Message("Day of the amount"),
        "currency": Message("Currency"),
        "value": Message("Value"),
        "rank": Message("Rank"),
        "rating": Message("Rating"),
        "lang": Message("Language of the text"),
        "kind": Message("Kind"),
        "licence": Message("Licence"),
        "website": Message("Website"),
        "repository": Message("Source code"),
        "aliases": Message("Other names"),
        "countries": Message("Countries"),
        "country": Message("Country"),
        "basedIn": Message("Home country"),
        "deployedIn": Message("In use in"),
        "funders": Message("Paid for by"),
        "implementers": Message("Carried out by"),
        "supporters": Message("Supported by"),
        "organizations": Message("Organisations"),
        "parties": Message("Who took part"),
        "topics": Message("Topics"),
        "solutions": Message("Software"),
    },
    "partnership": {
        "PROPOSED": Message("proposed"),
        "AGREED": Message("agreed"),
        "DELIVERING": Message("under way"),
        "DONE": Message("done"),
    },
    "role": {"RECIPIENT": Message("Received help"), "PROVIDER": Message("Gave help"), "FUNDER": Message("Paid")},
    "commitment": {"OPEN": Message("open"), "FULFILLED": Message("kept"), "LAPSED": Message("lapsed")},
    "unit": {"index": Message("index"), "score": Message("score")},
    "part": {
        "HELP_GIVEN": Message("Helped others"),
        "OWN_EXPERIENCE": Message("Own experience"),
        "OWN_DESCRIPTION": Message("Own description"),
        "OTHER_REGIONS": Message("Other regions"),
        "SAME_REGION": Message("Same region"),
        "SHARED_LANGUAGE": Message("Shared language"),
    },
    "package": {"CASE": Message("Comparable case"), "OFFER": Message("Offer"), "FUNDING": Message("Funding window")},
    "rule": {
        "AUDIENCE": Message("who may apply."),
        "NOT_YET_OPEN": Message("the opening date."),
        "CLOSED": Message("the closing date."),
        "MINIMUM_AMOUNT": Message("the smallest amount."),
        "MAXIMUM_AMOUNT": Message("the largest amount."),
        "APPLICANT": Message("the kind of applicant."),
        "KIND": Message("the kind of help or money."),
        "LANGUAGE": Message("the language."),
        "CO_FINANCING": Message("the share you have to bring."),
        "CAPACITY": Message("the places left."),
    },
    "link": {
        "adaptations": Message("Adapted by others"),
        "adaptedFrom": Message("Adapted from"),
        "at": Message("Post at"),
        "basedIn": Message("Based in"),
        "children": Message("Narrower topics"),
        "commitments": Message("Commitments"),
        "countries": Message("Countries"),
        "country": Message("Country"),
        "deployedIn": Message("In use in"),
        "essentialServices": Message("Essential services"),
        "forum": Message("Forum"),
        "forums": Message("Forums"),
        "fundedProjects": Message("Projects it pays for"),
        "funders": Message("Who pays"),
        "fundingCalls": Message("Funding windows"),
        "groups": Message("Groups of countries"),
        "implementedProjects": Message("Projects it carries out"),
        "implementers": Message("Who carries it out"),
        "members": Message("Members"),
        "metBy": Message("What met it"),
        "metNeeds": Message("Needs that it met"),
        "needs": Message("Needs"),
        "notOpenTo": Message("Not open to"),
        "offers": Message("Offers"),
        "openFundingCalls": Message("Funding windows open to it"),
        "openOffers": Message("Offers open to it"),
        "openTo": Message("Open to"),
        "organization": Message("Run by"),
        "organizations": Message("Organisations"),
        "parent": Message("Wider topic"),
        "partOf": Message("Part of"),
        "parties": Message("Who takes part"),
        "partnerships": Message("Partnerships"),
        "pillars": Message("Pillars"),
        "posts": Message("Posts"),
        "practices": Message("Practices"),
        "project": Message("Project"),
        "projects": Message("Projects"),
        "providers": Message("Who gives it"),
        "solutions": Message("Solutions"),
        "sources": Message("Sources"),
        "statedBy": Message("Stated by"),
        "supportedProjects": Message("Projects it supports"),
        "supporters": Message("Who supports it"),
        "topics": Message("Topics"),
        "units": Message("Bodies that belong to it"),
    },
    "along": {
        "ADAPTED_FROM": Message("was adapted from"),
        "ANSWERS": Message("answers"),
        "AT": Message("is at"),
        "BASED_IN": Message("is based in"),
        "BETWEEN": Message("is between"),
        "BY": Message("is given by"),
        "CHOSEN_BY": Message("was chosen by"),
        "DEPLOYED_IN": Message("is in use in"),
        "FROM": Message("is from"),
        "FUNDS": Message("pays for"),
        "IMPLEMENTS": Message("carries out"),
        "IN": Message("is in"),
        "MADE_AT": Message("was made at"),
        "MET_BY": Message("was met by"),
        "NOT_OPEN_TO": Message("is not open to"),
        "OF": Message("is of"),
        "OPEN_TO": Message("is open to"),
        "PART_OF": Message("is part of"),
        "STATED_BY": Message("was stated by"),
        "SUPPORTS": Message("supports"),
        "USES": Message("uses"),
        "ABOUT": Message("is about"),
        "MEMBER_OF": Message("is member of"),
        "SOURCED_FROM": Message("is told by"),
        "UNDER": Message("serves"),
    },
    "against": {
        "ADAPTED_FROM": Message("was adapted as"),
        "ANSWERS": Message("is answered by"),
        "AT": Message("has the post"),
        "BASED_IN": Message("is home of"),
        "BETWEEN": Message("took part in"),
        "BY": Message("gives"),
        "CHOSEN_BY": Message("chose"),
        "DEPLOYED_IN": Message("uses"),
        "FROM": Message("has the case"),
        "FUNDS": Message("is paid for by"),
        "IMPLEMENTS": Message("is carried out by"),
        "IN": Message("is place of"),
        "MADE_AT": Message("brought"),
        "MET_BY": Message("met"),
        "NOT_OPEN_TO": Message("may not ask for"),
        "OF": Message("has"),
        "OPEN_TO": Message("may ask for"),
        "PART_OF": Message("has as a part"),
        "STATED_BY": Message("stated"),
        "SUPPORTS": Message("is supported by"),
        "USES": Message("is used by"),
        "ABOUT": Message("is the topic of"),
        "MEMBER_OF": Message("has the member"),
        "SOURCED_FROM": Message("tells of"),
        "UNDER": Message("is served by"),
    },
    "measure": {
        "POPULATION": Message("Population"),
        "INCOME": Message("Income per head"),
        "ONLINE_SERVICES": Message("Online services"),
        "HUMAN_CAPITAL": Message("Education of the people"),
        "CONNECTIVITY": Message("Networks and connections"),
        "CORE_SYSTEMS": Message("Core government systems"),
        "SERVICE_DELIVERY": Message("Delivery of services"),
        "CITIZEN_ENGAGEMENT": Message("Engagement of citizens"),
        "GOVTECH_ENABLERS": Message("Institutions, laws and skills"),
        "LANGUAGES": Message("Official languages"),
        "REGION": Message("Region"),
    },
    "stands": {
        "FUNDS": Message("paid for"),
        "IMPLEMENTS": Message("carried out"),
        "SUPPORTS": Message("supported"),
        "BETWEEN": Message("took part in"),
        "BY": Message("runs or offers"),
        "FROM": Message("its own case"),
        "IN": Message("its own project"),
    },
    "relationship": {
        "FUNDS": Message("pays for"),
        "IMPLEMENTS": Message("carries out"),
        "SUPPORTS": Message("supports"),
        "BETWEEN": Message("took part in"),
        "BY": Message("gives"),
        "FROM": Message("its own case"),
        "IN": Message("in"),
        "BASED_IN": Message("home of"),
        "OPEN_TO": Message("open to"),
        "ABOUT": Message("about"),
        "USES": Message("uses"),
        "DEPLOYED_IN": Message("in use in"),
    },
}


def value(group: str, name: str) -> Message:
    """The word for a value; the value itself, in small letters and words, where nobody wrote one."""
    return VALUES[group].get(name) or Message(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace("_", " ").lower())


def path_of(record_id: str) -> str | None:
    """Address of a record's page from its global id; none where its type has no pages."""
    prefix, _, key = record_id.partition(":")
    node_type = MODEL.by_prefix.get(prefix)
    return f"{node_type.path}/{key}" if node_type and node_type.path else None
