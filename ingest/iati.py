"""IATI activities become projects, IATI organisations organisations: of any publisher, in versions 1.0x and 2.0x."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from typing import Final

from graph.language import detect
from graph.records import Link, Record, Value
from graph.vocabulary import OrganizationKind, ProjectStatus
from ingest.connector import About, Draft, OutOfScope, Rejected, Row
from ingest.iati_xml import GENERATED, REPORTER, Activity, Item, Money, Organisation, Party, Share, Text, items
from ingest.inputs import InputFile
from ingest.prose import plainly_english
from ingest.resolution import Resolver, kind_of, slug
from ingest.texts import LONGEST_SUMMARY, LONGEST_TITLE, cut, without_contacts

# Publishers whose records the network knew before: source key, opening of an identifier that the key leaves out, opening of the key.
PUBLISHERS: Final[dict[str, tuple[str, str, str]]] = {
    "US-GOV-1": ("iati-usaid", "US-GOV-1-", "usaid-"),
    "XM-DAC-46008": ("iati-caf", "XM-DAC-46008-", "caf-"),
    "XM-DAC-46007": ("iati-cabei", "XM-DAC-46007-", "cabei-"),
    "US-501C3-522318905": ("iati-aiddata", "US-501c3-522318905-SG-", "aiddata-"),
    "44000": ("iati-world-bank", "", "iati-"),
    "XM-DAC-46004": ("iati-adb", "", "iati-"),
}
STATUS: Final = {
    "1": ProjectStatus.PIPELINE,
    "2": ProjectStatus.ACTIVE,
    "3": ProjectStatus.CLOSED,
    "4": ProjectStatus.CLOSED,
    "5": ProjectStatus.CANCELLED,
    "pipeline/identification": ProjectStatus.PIPELINE,
    "implementation": ProjectStatus.ACTIVE,
    "completion": ProjectStatus.CLOSED,
    "post-completion": ProjectStatus.CLOSED,
    "cancelled": ProjectStatus.CANCELLED,
}
START: Final = ("2", "start-actual", "1", "start-planned")
END: Final = ("4", "end-actual", "3", "end-planned")
FUNDING: Final = {"1", "funding"}
EXTENDING: Final = {"3", "extending"}
IMPLEMENTING: Final = {"4", "implementing"}
ACCOUNTABLE: Final = {"2", "accountable"}
KINDS: Final = {
    "10": OrganizationKind.GOVERNMENT,
    "11": OrganizationKind.GOVERNMENT,
    "15": OrganizationKind.GOVERNMENT,
    "21": OrganizationKind.NGO,
    "22": OrganizationKind.NGO,
    "23": OrganizationKind.NGO,
    "24": OrganizationKind.NGO,
    "30": OrganizationKind.NETWORK,
    "40": OrganizationKind.MULTILATERAL,
    "60": OrganizationKind.FOUNDATION,
    "70": OrganizationKind.PRIVATE,
    "71": OrganizationKind.PRIVATE,
    "72": OrganizationKind.PRIVATE,
    "73": OrganizationKind.PRIVATE,
    "80": OrganizationKind.ACADEMIA,
}
LEAST_SHARE: Final = 20.0
"""A sector with a smaller percentage of an activity does not decide what the activity is about."""


class Iati:
    """One activity is one project. The reporting organisation is the source."""

    name = "iati"
    version = 1
    rank = 50
    title = "IATI activities and organisations"
    refresh = "weekly"

    def recognises(self, file: InputFile) -> bool:
        head = file.head()
        return b"<iati-activit" in head or b"<iati-organisation" in head

    def source(self, file: InputFile) -> Record:
        found = REPORTER.search(file.head(200_000))
        return _source(found[1].decode("utf-8", "replace") if found else "", None)

    def dataset(self, file: InputFile) -> str:
        # `bcie-2025-12-18.xml` is a version of `bcie.xml`.
        return re.sub(r"[-_]?\d{4}-\d{2}-\d{2}$", "", file.stem)

    def as_of(self, file: InputFile) -> str | None:
        found = GENERATED.search(file.head())
        return found[1].decode("ascii", "replace")[:19] if found else None

    def rows(self, file: InputFile) -> Iterator[Row[Item] | Rejected]:
        yield from items(file)

    def read(self, row: Row[Item], resolver: Resolver) -> Draft | OutOfScope | Rejected:
        if isinstance(row.cells, Organisation):
            return _organization(row.line, row.cells, resolver)
        return _project(row.line, row.cells, resolver)


def _project(line: int, activity: Activity, resolver: Resolver) -> Draft | Rejected:
    if not activity.identifier:
        return Rejected(line, "iati-identifier", "", "is required and is empty")
    source = _source((activity.reporter and activity.reporter.ref) or "", activity.reporter)
    record = resolver.record_of(source.id, activity.identifier) or f"project:{_key(activity)}"
    lang, title = _choose(activity.titles, activity.lang)
    _, text = _choose(activity.descriptions, lang or activity.lang, all_of=True)
    title, text = without_contacts(title.strip('"“” ')), without_contacts(text)
    if not title and not text:
        return Rejected(line, "title", "", "is empty, and there is no description either", record=record)
    title = title or text[:100]
    codes = tuple(dict.fromkeys(s.code for s in _weighty(activity.sectors) or _weighty(activity.transaction_sectors) if _is_dac(s)))
    aside = [Rejected(line, field, value[:80], reason, record=record) for field, value, reason in activity.bad[:5]]
    dates, bad_dates = _dates(line, activity, record)
    countries, unknown = _countries(line, activity, resolver, record)
    values: dict[str, Value] = {
        "title": cut(title, LONGEST_TITLE),
        "summary": cut(text or title, LONGEST_SUMMARY),
        "status": STATUS.get(activity.status.casefold(), ProjectStatus.UNKNOWN).value,
        "lang": _language(activity, lang, f"{title}. {text}"),
        "sourceUrl": activity.uri,
        **dates,
        **_amount(activity),
    }
    project = Record("Project", record.partition(":")[2], values, {"countries": [Link(c) for c in countries]})
    return Draft(
        [project],
        row=activity.identifier,
        about=About(title, " ".join(t for _, t in (*activity.titles[1:], *activity.descriptions)), codes),
        source=source,
        finish=partial(_with_parties, activity=activity, resolver=resolver),
        set_aside=(*aside, *bad_dates, *unknown),
    )


def _organization(line: int, found: Organisation, resolver: Resolver) -> Draft | Rejected:
    lang, name = _choose(found.names, found.lang)
    name = name.strip('"“” ')
    if not name or not found.identifier:
        return Rejected(line, "organisation-identifier", found.identifier, "or the name is empty")
    record = resolver.known_organization(name, found.identifier) or f"organization:{slug(name)}"
    kind = KINDS.get((found.reporter and found.reporter.ref == found.identifier and found.reporter.type) or "", kind_of(name))
    values: dict[str, Value] = {
        "name": cut(name, LONGEST_TITLE),
        "kind": kind.value,
        "iatiId": found.identifier,
        "lang": (lang or found.lang or "en")[:8],
    }
    source = _source((found.reporter and found.reporter.ref) or "", found.reporter)
    return Draft([Record("Organization", record.partition(":")[2], values)], row=found.identifier, source=source)


def _source(ref: str, reporter: Party | None) -> Record:
    known = PUBLISHERS.get(ref.upper())
    name = reporter.names[0][1] if reporter and reporter.names else ref
    values: dict[str, Value] = {
        "title": f"IATI activities of {name or 'a publisher without a name'}",
        "publisher": name or "unknown",
        "licence": "As stated by the publisher on the IATI Registry",
        "sourceUrl": "https://iatiregistry.org",
    }
    return Record("Source", known[0] if known else f"iati-{slug(ref) or 'unknown'}", values)


def _key(activity: Activity) -> str:
    ref = ((activity.reporter and activity.reporter.ref) or "").upper()
    _, left_out, opening = PUBLISHERS.get(ref, ("", "", "iati-"))
    rest = activity.identifier
    if left_out and rest.upper().startswith(left_out.upper()):
        rest = rest[len(left_out) :]
    return f"{opening}{slug(rest, 80)}"


def _choose(found: Sequence[Text], default: str | None, *, all_of: bool = False) -> tuple[str | None, str]:
    """Text and the language it declares: English where there is some, else the file's own language, else the first."""
    if not found:
        return None, ""
    english = [t for t in found if (t[0] or "").lower().startswith("en")]
    own = [t for t in found if t[0] is None or (default and t[0].lower()[:2] == default.lower()[:2])]
    chosen = english or own or [t for t in found if t[0] == found[0][0]]
    # Several descriptions are general ones, objectives and target groups: together they are the summary.
    return chosen[0][0], "\n\n".join(dict.fromkeys(text for _, text in chosen)) if all_of else chosen[0][1]


def _language(activity: Activity, declared: str | None, text: str) -> str:
    """What the text itself declares; else what it reads like, where that is plain; else the file's default, which is often wrong."""
    if declared:
        return declared.lower()[:2]
    if plainly_english(text):
        return "en"
    found = detect(text)
    if found.code and (found.confidence >= 0.95 or not activity.lang):
        return found.code
    return (activity.lang or "en").lower()[:2]


def _weighty(shares: Sequence[Share]) -> list[Share]:
    heavy = [s for s in shares if s.percentage is None or s.percentage >= LEAST_SHARE]
    return heavy or sorted((s for s in shares if s.percentage), key=lambda s: -(s.percentage or 0))[:1]


def _is_dac(share: Share) -> bool:
    return share.vocabulary.upper() in {"", "1", "DAC"} and len(share.code) == 5 and share.code.isdigit()


def _countries(line: int, activity: Activity, resolver: Resolver, record: str) -> tuple[list[str], list[Rejected]]:
    """Countries with a share above nought, of the activity or, where it has none, of its transactions."""
    found: dict[str, None] = {}
    unknown: list[Rejected] = []
    for share in activity.countries or activity.transaction_countries:
        if share.percentage == 0:
            continue
        names = [share.code, *(text for _, text in share.names)]
        country = next((c for name in names if name and (c := resolver.country(name))), None)
        if country:
            found[country] = None
        elif any(names) and not any(resolver.countries.why_not(name) for name in names if name):
            allowed = resolver.countries.near(names[-1]) if len(names) > 1 else ()
            unknown.append(
                Rejected(line, "recipient-country", names[0] or names[-1], "is no country that the network knows", allowed, record)
            )
    return list(found), unknown[:5]


def _dates(line: int, activity: Activity, record: str) -> tuple[dict[str, Value], list[Rejected]]:
    values: dict[str, Value] = {}
    bad: list[Rejected] = []
    for name, kinds in (("startDate", START), ("endDate", END)):
        kind = next((k for k in kinds if k in activity.dates), None)
        if kind is None:
            continue
        try:
            values[name] = date.fromisoformat(activity.dates[kind])
        except ValueError:
            bad.append(Rejected(line, "activity-date", activity.dates[kind], "is not a date like 2026-03-31", record=record))
    if values:
        values["datePrecision"] = "DAY"
    return values, bad


def _amount(activity: Activity) -> dict[str, Value]:
    """Commitments; where there are none the budgets, else what was paid. In one currency, the one with the most entries."""
    for kinds in ({"2", "C"}, {"BUDGET"}, {"3", "D", "4", "E"}):
        entries = [m for m in activity.money if m.kind in kinds and math.isfinite(m.amount)]
        if not entries:
            continue
        by_currency: dict[str, list[Money]] = {}
        for money in entries:
            by_currency.setdefault(money.currency or activity.currency, []).append(money)
        currency, chosen = max(by_currency.items(), key=lambda item: (len(item[1]), item[0]))
        total = round(sum(m.amount for m in chosen), 2)
        if total <= 0 or not re.fullmatch(r"[A-Z]{3}", currency):
            return {}
        values: dict[str, Value] = {"amount": total, "currency": currency, "amountDate": _latest(chosen)}
        # A sum in dollars is the whole only where nothing was given in another currency.
        return values | ({"amountUsd": total} if currency == "USD" and len(by_currency) == 1 else {})
    return {}


def _latest(money: Sequence[Money]) -> date | None:
    days = []
    for entry in money:
        try:
            days.append(date.fromisoformat(entry.date))
        except ValueError:
            continue
    return max(days, default=None)


def _with_parties(project: Record, *, activity: Activity, resolver: Resolver) -> Record:
    """The project with those who pay for it and carry it out."""
    roles: dict[str, list[str]] = {}
    countries = [link.target for link in project.links.get("countries", ())]
    for party in activity.parties:
        if target := _party_id(party, resolver, countries[0] if len(countries) == 1 else None):
            roles.setdefault(party.role.casefold(), []).append(target)
    funders = _of(roles, FUNDING) or _of(roles, EXTENDING)
    implementers = _of(roles, IMPLEMENTING) or _of(roles, ACCOUNTABLE)
    links = {**project.links, "funders": funders, "implementers": implementers}
    return Record(project.label, project.key, project.properties, {name: found for name, found in links.items() if found})


def _of(roles: dict[str, list[str]], wanted: set[str]) -> list[Link]:
    return [Link(target) for target in dict.fromkeys(t for role in wanted for t in roles.get(role, []))]


def _party_id(party: Party, resolver: Resolver, country: str | None) -> str | None:
    name = without_contacts(party.names[0][1]) if party.names else ""
    kind = KINDS.get(party.type or "") or kind_of(name)
    return resolver.party(name, ref=party.ref, kind=kind, country=country if kind is OrganizationKind.GOVERNMENT else None)
