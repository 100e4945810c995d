"""What a page says to machines in schema.org's terms, as JSON-LD. Facts that the page shows, and no others.

Must not know requests beyond addresses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import orjson
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from web.terms import BY_LABEL, path_of
from web.visit import Visit

Record = Mapping[str, Any]
Told = dict[str, Any]
Getter = Callable[[Record, Visit], Any]
CONTEXT: Final = "https://schema.org"


def structured(visit: Visit, title: str, values: Mapping[str, Any]) -> Markup | None:
    """The block of a record's page, a list or the first page; none elsewhere. Safe inside `script`: no character can end it."""
    record, domain = values.get("record"), values.get("domain")
    if isinstance(record, Mapping) and record.get("__typename") in TYPES:
        graph = [_record(visit, record), _trail(visit, record)]
    elif domain is not None and isinstance(values.get("records"), list):
        graph = [_list(visit, title, values["records"])]
    elif visit.path == "/":
        graph = [_site(visit)]
    else:
        return None
    return htmlsafe_json_dumps({"@context": CONTEXT, "@graph": graph}, dumps=lambda told: orjson.dumps(told).decode())


def _site(visit: Visit) -> Told:
    return {
        "@type": "WebSite",
        "@id": visit.origin + "/",
        "url": visit.origin + "/",
        "name": visit.speech.say("Global CIO Network"),
        "inLanguage": visit.language,
        "potentialAction": {
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": visit.origin + "/search?q={q}"},
            "query-input": "required name=q",
        },
    }


def _list(visit: Visit, title: str, records: Sequence[Record]) -> Told:
    paths = [path for record in records if (path := path_of(record["id"]))]
    items = [{"@type": "ListItem", "position": place, "url": visit.origin + path} for place, path in enumerate(paths, 1)]
    return {
        "@type": "CollectionPage",
        "@id": visit.origin + visit.address(),
        "name": title,
        "inLanguage": visit.language,
        "mainEntity": {"@type": "ItemList", "itemListElement": items},
    }


def _trail(visit: Visit, record: Record) -> Told:
    domain = BY_LABEL[record["__typename"]]
    steps = (
        (visit.speech.say("Home"), "/"),
        (visit.speech.tell(domain.many), domain.path),
        (record["title"], str(path_of(record["id"]))),
    )
    items = [
        {"@type": "ListItem", "position": place, "name": name, "item": visit.origin + path} for place, (name, path) in enumerate(steps, 1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": items}


def _record(visit: Visit, record: Record) -> Told:
    kind, own = TYPES[record["__typename"]]
    address = visit.origin + str(path_of(record["id"]))
    told: Told = {
        "@type": kind,
        "@id": address,
        "url": address,
        "name": record["title"],
        "identifier": record["id"],
        "description": record.get("summary") or record.get("about"),
        "sameAs": record.get("sourceUrl"),
    }
    if record.get("lang") and kind in IN_LANGUAGE:
        told["inLanguage"] = record["lang"]
    told |= {name: getter(record, visit) for name, getter in own.items()}
    return {name: value for name, value in told.items() if value not in (None, "", [], {})}


def _value(*names: str) -> Getter:
    return lambda record, _: next((record[name] for name in names if record.get(name)), None)


def _day(*names: str) -> Getter:
    """A day, or its year alone where only that is on record."""

    def get(record: Record, _: Visit) -> str | None:
        found = next((str(record[name]) for name in names if record.get(name)), None)
        return found[:4] if found and record.get("datePrecision") == "YEAR" else found

    return get


def _linked(kind: str | None, *names: str) -> Getter:
    """The records behind a link, one or many, by name and address."""

    def get(record: Record, visit: Visit) -> Any:
        found = next((record[name] for name in names if record.get(name)), None)
        many = (
            [found] if found is None or "id" in found else [edge["node"] for edge in found["edges"]] if "edges" in found else found["nodes"]
        )
        told = [
            {"@type": kind or TYPES[one["__typename"]][0], "name": one["title"], "url": visit.origin + path}
            for one in many
            if one and (path := path_of(one["id"]))
        ]
        return told[0] if len(told) == 1 else told

    return get


def _money(record: Record, _: Visit) -> Told | None:
    low, high = record.get("minimumAmount"), record.get("maximumAmount")
    if low is None and high is None:
        return None
    amount = {"@type": "MonetaryAmount", "minValue": low, "maxValue": high, "currency": record.get("currency")}
    return {name: value for name, value in amount.items() if value is not None}


ABOUT: Final = {"about": _linked("DefinedTerm", "topics")}
WRITTEN: Final = {"datePublished": _day("date")} | ABOUT
TYPES: Final[dict[str, tuple[str, dict[str, Getter]]]] = {
    "Country": ("Country", {"alternateName": _value("officialName"), "sameAs": lambda *_: None}),
    "Organization": (
        "Organization",
        {
            "alternateName": _value("shortName"),
            "sameAs": _value("website"),
            "parentOrganization": _linked("Organization", "partOf"),
            "location": _linked("Country", "basedIn"),
        },
    ),
    "Project": (
        "Project",
        {
            "foundingDate": _day("startDate"),
            "dissolutionDate": _value("endDate"),
            "funder": _linked(None, "funders"),
            "areaServed": _linked("Country", "allCountries", "countries"),
            "knowsAbout": _linked("DefinedTerm", "topics"),
        },
    ),
    "Practice": ("Article", {"headline": _value("title"), "spatialCoverage": _linked("Country", "country")} | WRITTEN),
    "Partnership": ("CreativeWork", {"contributor": _linked(None, "parties")} | WRITTEN),
    "Need": ("Demand", {"areaServed": _linked("Country", "country"), "validFrom": _day("date"), "availabilityEnds": _value("deadline")}),
    "Offer": ("Service", {"provider": _linked(None, "allProviders", "providers"), "areaServed": _linked("Place", "openTo")}),
    "FundingCall": ("MonetaryGrant", {"funder": _linked(None, "allProviders", "providers"), "amount": _money}),
    "Solution": (
        "SoftwareApplication",
        {
            "applicationCategory": lambda *_: "GovernmentApplication",
            "license": _value("licence"),
            "sameAs": _value("website", "repository"),
        },
    ),
    "Topic": ("DefinedTerm", {}),
    "Pillar": ("DefinedTerm", {}),
    "CountryGroup": ("DefinedTerm", {}),
    "Indicator": ("StatisticalVariable", {}),
    "Forum": (
        "Event",
        {"startDate": _day("starts"), "endDate": _value("ends"), "location": lambda record, _: _place(record)},
    ),
    "Commitment": ("CreativeWork", {"isPartOf": _linked("Event", "forum")}),
    "Post": ("ContactPoint", {"contactType": _value("role"), "sameAs": _value("website", "sourceUrl")}),
    "EssentialService": ("GovernmentService", {"areaServed": _linked("Country", "country")}),
    "IngestRun": ("Action", {"startTime": _value("startedAt"), "endTime": _value("finishedAt"), "object": _linked("Dataset", "readFrom")}),
    "Source": (
        "Dataset",
        {"license": _value("licence"), "publisher": lambda record, _: {"@type": "Organization", "name": record["publisher"]}},
    ),
}
IN_LANGUAGE: Final = frozenset({"Article", "CreativeWork", "Event"})
"""Types to which schema.org gives `inLanguage`."""


def _place(record: Record) -> Told | None:
    return {"@type": "Place", "name": record["place"], "address": record["place"]} if record.get("place") else None
