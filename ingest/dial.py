"""Digital Impact Exchange: digital tools in use become projects, products and designs become solutions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

from graph.records import Link, Record, Value
from graph.vocabulary import DatePrecision, OrganizationKind, ProjectStatus
from ingest.connector import About, Draft, OutOfScope, Rejected, Row
from ingest.dial_files import GOODS, USES, Design, Item, Product, Work, layout, read
from ingest.inputs import InputFile, together
from ingest.resolution import Countries, Resolver, kind_of, slug, words
from ingest.texts import LONGEST_SUMMARY, LONGEST_TITLE, cut, names, without_contacts

# The ministry of health, which the lists name by acronym: of the country of the row.
HEALTH: Final = re.compile(r"(?:.{1,40}\s)?(?:moh|moph|ministry of (?:public )?health)(?:\s*\((?:moh|moph)\))?", re.IGNORECASE)
NOBODY: Final = re.compile(
    r"(?:none|no|not|don.?t know|other|covid-19|funding under|country-specific|self[- ]funded|in[- ]house|inc\.?)\b", re.IGNORECASE
)
# Some lists name persons among the partners. A name is taken where an organisation that is kept by hand bears it,
# or where it can only be that of an organisation.
ORGANISATION: Final = re.compile(
    r"\b(?:agency|alliance|aid|association|bank|cent(?:er|re)|centro|college|commission|community|compan(?:y|ies)|consortium|consulting|corporation|council|"
    r"department|directorate|foundation|fund|global|government|group|health|hospital|imaging|inc|initiative|institut\w*|international|labs?|limited|ltd|llc|"
    r"medical|ministr\w+|ministerio|minist[eè]re|national|network|office|organi[sz]ation|partners|program(?:me)?|project|research|school|secretariat|services|"
    r"society|software|solutions|systems?|technolog(?:y|ies)|trust|union|united|universi\w+|world)\b|\([A-Z]{2,}\)",
    re.IGNORECASE,
)
ONE_WORD: Final = re.compile(r"(?!Ma?c[A-Z])\w*[A-Z]\w*[A-Z]\w*")
TITLED: Final = re.compile(r"(?:mr|mrs|ms|dr|prof)\b\.?\s", re.IGNORECASE)


class Dial:
    """One row of any of the exchange's files."""

    name = "dial"
    version = 1
    rank = 40
    title = "Digital Impact Exchange"
    refresh = "yearly"

    def recognises(self, file: InputFile) -> bool:
        return layout(file) is not None

    def gather(self, files: Sequence[InputFile]) -> Sequence[InputFile]:
        products = [file for file in files if layout(file) in {GOODS, USES}]
        others = [file for file in files if layout(file) not in {GOODS, USES}]
        return [*others, *([together(products, "digital-global-goods")] if len(products) > 1 else products)]

    def source(self, _file: InputFile) -> Record:
        values: dict[str, Value] = {
            "title": "Digital Impact Exchange seed data",
            "publisher": "Digital Impact Alliance",
            "licence": "CC-BY-SA-4.0",
            "sourceUrl": "https://github.com/DIAL-Community/exchange-backend",
        }
        return Record("Source", "dial-exchange", values)

    def dataset(self, file: InputFile) -> str:
        return f"dial-{(file.name if file.parts else file.stem).lower()}"

    def as_of(self, _file: InputFile) -> str | None:
        return None

    def rows(self, file: InputFile) -> Iterator[Row[Item] | Rejected]:
        yield from read(file)

    def read(self, row: Row[Item], resolver: Resolver) -> Draft | OutOfScope | Rejected:
        item = row.cells
        if not words(item.name):
            return Rejected(row.line, "name", item.name, "is required and is empty")
        if isinstance(item, Work):
            return _work(row.line, item, resolver)
        return _product(row.line, item, resolver) if isinstance(item, Product) else _design(row.line, item)


def _work(line: int, work: Work, resolver: Resolver) -> Draft | OutOfScope | Rejected:
    where = resolver.countries.many(work.countries)
    if not where.codes and not where.unknown:
        why = "; ".join(f"“{name}” is no country: {why}" for name, why in where.not_countries)
        return OutOfScope(why or "no country is named")
    place = "-".join(sorted(where.codes))[:15].lower().rstrip("-") or "unknown"
    key = f"dial-{place}-{slug(' '.join(words(work.name)))}"
    if not where.codes:
        return Rejected(line, "country", work.countries, "is no country that the network knows", _near(where, resolver), f"project:{key}")
    if not work.text:
        return OutOfScope("a tool without a description", f"project:{key}")
    state = resolver.countries.names[where.codes[0]] if len(where.codes) == 1 else ""
    title = f"{work.name} ({state})" if state and state.casefold() not in work.name.casefold() else work.name
    values: dict[str, Value] = {
        "title": cut(title, LONGEST_TITLE),
        "summary": cut(work.text, LONGEST_SUMMARY),
        # The lists were collected at different times and do not say whether the work goes on.
        "status": ProjectStatus.UNKNOWN.value,
        "startDate": work.start,
        "endDate": work.end,
        "datePrecision": DatePrecision.DAY.value if work.start or work.end else None,
        "lang": "en",
        "sourceUrl": work.url,
    }
    links = {"countries": [Link(f"country:{code}") for code in where.codes]}
    if solutions := _solutions(work.software, resolver):
        links["solutions"] = [Link(solution) for solution in solutions]
    aside = [Rejected(line, field, value, "is not a date like 31/03/2026", record=f"project:{key}") for field, value in work.bad]
    if where.unknown:
        aside.append(Rejected(line, "country", "; ".join(where.unknown), "is no country that the network knows", _near(where, resolver)))
    return Draft(
        [Record("Project", key, values, links)],
        row=f"{place}: {cut(' '.join(work.name.split()), LONGEST_TITLE)}",
        url=work.url,
        about=About(work.name, f"{work.text} {work.about} {work.implementers}"),
        finish=partial(_with_parties, work=work, resolver=resolver),
        set_aside=aside,
    )


def _near(where: Countries, resolver: Resolver) -> tuple[str, ...]:
    return resolver.countries.near(where.unknown[0])


def _with_parties(project: Record, *, work: Work, resolver: Resolver) -> Record:
    countries = [link.target for link in project.links["countries"]]
    country = countries[0] if len(countries) == 1 else None
    links = dict(project.links)
    for role, cell in (("funders", work.funders), ("implementers", work.implementers)):
        found = [party(name, country, resolver, local=role == "implementers") for name in names(cell)]
        if parties := [Link(target) for target in dict.fromkeys(found) if target]:
            links[role] = parties
    return Record(project.label, project.key, project.properties, links)


def party(name: str, country: str | None, resolver: Resolver, *, local: bool) -> str | None:
    """The organisation or country that a list names; None for persons, software and placeholders.

    `local` says that a government body, but for the ministry of health, is one of the country; who pays mostly is not.
    """
    name = without_contacts(name)
    if HEALTH.fullmatch(name):
        return resolver.organization("Ministry of Health", kind=OrganizationKind.GOVERNMENT, country=country) if country else None
    if not name or NOBODY.match(name) or TITLED.match(name) or _solutions(name, resolver):
        return None
    # What one list brings in must not decide what the next one may name: a second run would tell more than the first.
    known = resolver.known_organization(name)
    if known and resolver.kept_by_hand(known):
        return known
    # A bracket that is not closed is half a name.
    if name.count("(") != name.count(")") or not (ORGANISATION.search(name) or ONE_WORD.fullmatch(name)):
        return None
    kind = kind_of(name)
    return resolver.party(name, kind=kind, country=country if local and kind is OrganizationKind.GOVERNMENT else None)


def _solutions(cell: str, resolver: Resolver) -> list[str]:
    """Solutions that the network keeps by hand and that the cell names: “DHIS2, ODK”."""
    found = [_kept("-".join(words(name)), resolver) for name in names(cell)]
    return list(dict.fromkeys(solution for solution in found if solution))


def _kept(row: str, resolver: Resolver) -> str | None:
    sources = ("source:dpg-registry", "source:dpi-atlas")
    return next((found for source in sources if (found := resolver.record_of(source, row, "solution"))), None)


def _product(line: int, product: Product, resolver: Resolver) -> Draft | OutOfScope | Rejected:
    by_hand = _kept("-".join(words(product.name)), resolver)
    record = by_hand or f"solution:dial-{slug(' '.join(words(product.name)))}"
    if not product.licence or not product.text:
        return OutOfScope("a product whose licence or description is not on record", record)
    where = [resolver.countries.many(name) for name in product.countries]
    codes = dict.fromkeys(code for one in where for code in one.codes)
    unknown = [name for one in where for name in one.unknown]
    values: dict[str, Value] = {
        "name": cut(product.name, LONGEST_TITLE),
        "summary": cut(product.text, LONGEST_SUMMARY),
        "licence": cut(product.licence, LONGEST_TITLE),
        "openSource": "-NC" not in product.licence,
        "repository": product.repository,
        "website": product.website,
        "sdgs": list(product.goals),
        "lang": "en",
    }
    field = "Countries of Implementation"
    aside = [Rejected(line, field, "; ".join(unknown), "is no country that the network knows", record=record)] if unknown else []
    return Draft(
        [Record("Solution", record.partition(":")[2], values, {"deployedIn": [Link(f"country:{c}") for c in codes]} if codes else {})],
        row=f"product: {cut(product.name, LONGEST_TITLE)}",
        url=product.website,
        about=None if by_hand else About(product.name, product.text),
        finish=partial(_with_owners, owners=product.owners, resolver=resolver),
        set_aside=aside,
    )


def _with_owners(solution: Record, *, owners: Sequence[str], resolver: Resolver) -> Record:
    found = [party(owner, None, resolver, local=False) for owner in owners]
    links = [Link(owner) for owner in dict.fromkeys(found) if owner and owner.startswith("organization:")]
    return Record(solution.label, solution.key, solution.properties, {**solution.links, "organizations": links}) if links else solution


def _design(line: int, design: Design) -> Draft | Rejected:
    record = f"dial-{design.kind.replace(' ', '-')}-{slug(design.slug.replace('_', '-') or ' '.join(words(design.name)))}"
    if not design.text:
        return Rejected(line, "description", "", "is required and is empty", record=f"solution:{record}")
    values: dict[str, Value] = {
        "name": cut(f"{design.name} ({design.kind})", LONGEST_TITLE),
        "summary": cut(design.text, LONGEST_SUMMARY),
        "licence": "CC-BY-SA-4.0",
        "openSource": True,
        "lang": "en",
    }
    return Draft([Record("Solution", record, values)], row=f"{design.kind}: {design.slug}", about=About(design.name, design.text))
