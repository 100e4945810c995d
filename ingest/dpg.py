"""Digital public goods: the registry, in which a nominee and a registered good have a file each, and the DPI Ecosystem Atlas."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePosixPath
from typing import Final

from graph.records import Link, Record, Value
from graph.vocabulary import OrganizationKind
from ingest.connector import About, Draft, OutOfScope, Rejected, Row
from ingest.inputs import InputFile, together
from ingest.jsonfiles import Object, items, objects, parsed, text, texts
from ingest.resolution import Resolver, slug
from ingest.texts import LONGEST_SUMMARY, LONGEST_TITLE, address, cut, without_contacts

REGISTRY: Final = "digital-public-goods"
ATLAS: Final = "dpi-atlas"
"""Behind the registry in the alphabet: files are read in the order of their data sets, and the atlas is the later of the two."""
# In a copy without symbolic links the file holds the name of the one it led to.
LEADS_TO: Final = re.compile(rb"\s*[\w./-]+\.json\s*")
ATLAS_HEAD: Final = re.compile(rb'\s*{\s*"generated_at":[^\[{]*"(projects|organizations)":\s*\[')
FOLDERS: Final = {"nominees", "digitalpublicgoods"}
# Goods that the atlas lists under a short id besides the registry's.
SAME: Final = {"mosip": "modular-open-source-identity-platform", "openfn": "openfn-integration-toolkit"}
KEEPERS: Final = {"owner", "maintainer"}
KINDS: Final = {
    "ngo non profit": OrganizationKind.NGO,
    "nonprofit": OrganizationKind.NGO,
    "private": OrganizationKind.PRIVATE,
    "company": OrganizationKind.PRIVATE,
    "government": OrganizationKind.GOVERNMENT,
    "public-enterprise": OrganizationKind.GOVERNMENT,
    "multilateral": OrganizationKind.MULTILATERAL,
    "intergovernmental": OrganizationKind.MULTILATERAL,
    "academic": OrganizationKind.ACADEMIA,
    "foundation": OrganizationKind.FOUNDATION,
    "consortium": OrganizationKind.NETWORK,
    "standards-body": OrganizationKind.NETWORK,
    "community": OrganizationKind.NETWORK,
}


@dataclass(frozen=True, slots=True)
class Keeper:
    """Who owns or maintains a good."""

    name: str
    kind: OrganizationKind | None = None
    country: str = ""


@dataclass(frozen=True, slots=True)
class Good:
    """One good, of whichever source. `countries_field` is where its countries stand, for messages."""

    row: str
    name: str
    summary: str
    licences: tuple[str, ...]
    goals: tuple[str, ...]
    website: str | None
    repository: str | None
    keepers: tuple[Keeper, ...]
    countries: tuple[str, ...]
    countries_field: str
    about: str
    from_atlas: bool = False
    left_out: str = ""


class Dpg:
    """A good is a solution. A nominee that is not registered is left out."""

    name = "dpg"
    version = 1
    rank = 50
    title = "Digital public goods registry"
    refresh = "monthly"

    def recognises(self, file: InputFile) -> bool:
        return file.suffix == ".json" and (_is_atlas(file) or _is_registry(file))

    def gather(self, files: Sequence[InputFile]) -> Sequence[InputFile]:
        registry = [file for file in files if not _is_atlas(file)]
        atlas = [file for file in files if _is_atlas(file)]
        # A single file would pass for a registry that dropped all others.
        return [
            *([together(registry, REGISTRY)] if len(registry) > 1 else registry),
            *([together(atlas, ATLAS)] if len(atlas) > 1 else atlas),
        ]

    def source(self, file: InputFile) -> Record:
        if _is_atlas(file):
            values: dict[str, Value] = {
                "title": "DPI Ecosystem Atlas (May 2026)",
                "publisher": "mgifford/dpg-dpi-govstack-map",
                "licence": "CC0-1.0",
                "sourceUrl": "https://github.com/mgifford/dpg-dpi-govstack-map",
            }
            return Record("Source", "dpi-atlas", values)
        values = {
            "title": "Registry of digital public goods",
            "publisher": "Digital Public Goods Alliance",
            "licence": "Unlicense",
            "sourceUrl": "https://github.com/DPGAlliance/publicgoods-candidates",
        }
        return Record("Source", "dpg-registry", values)

    def dataset(self, file: InputFile) -> str:
        return file.name if file.parts else file.stem

    def as_of(self, file: InputFile) -> str | None:
        found = re.search(rb'"generated_at": *"(\d{4}-\d\d-\d\d)', file.head()) if _is_atlas(file) else None
        return found[1].decode() if found else None

    def rows(self, file: InputFile) -> Iterator[Row[Good] | Rejected]:
        parts = file.parts or (file,)
        yield from _atlas(parts) if _is_atlas(file) else _registry(parts)

    def read(self, row: Row[Good], resolver: Resolver) -> Draft | OutOfScope | Rejected:
        good = row.cells
        by_hand = _by_hand(good, resolver)
        record = by_hand or f"solution:{slug(good.row)}"
        if good.left_out:
            return OutOfScope(good.left_out)
        for field, value in (("name", good.name), ("description", good.summary), ("license", good.licences)):
            if not value:
                return Rejected(
                    row.line, f"{good.row}: {field}", "", "is required and is empty, or the nominee's file is missing", record=record
                )
        countries, unknown = _countries(row, resolver, record)
        values: dict[str, Value] = {
            "name": cut(good.name, LONGEST_TITLE),
            "summary": cut(good.summary, LONGEST_SUMMARY),
            "licence": cut(" AND ".join(good.licences), LONGEST_TITLE),
            # Of the licences that the standard admits, those that forbid commercial use are not open ones.
            "openSource": not any("-NC-" in licence or licence.endswith("-NC") for licence in good.licences),
            "repository": good.repository,
            "website": good.website,
            "sdgs": list(good.goals),
            "lang": "en",
        }
        return Draft(
            [Record("Solution", record.partition(":")[2], values, {"deployedIn": [Link(c) for c in countries]} if countries else {})],
            row=good.row,
            url=good.website,
            about=None if by_hand else About(good.name, f"{good.summary} {good.about}"),
            finish=partial(_with_keepers, keepers=good.keepers, resolver=resolver),
            set_aside=unknown,
        )


def _is_atlas(file: InputFile) -> bool:
    return _list_of(file) is not None


def _list_of(file: InputFile) -> str | None:
    """Which list of the atlas the file is: `projects` or `organizations`."""
    found = ATLAS_HEAD.match(file.head(400))
    return found[1].decode() if found else None


def _is_registry(file: InputFile) -> bool:
    if file.size < 200 and LEADS_TO.fullmatch(file.head()):
        return PurePosixPath(file.address.replace("\\", "/")).parent.name.rpartition("!")[2] in FOLDERS
    head = file.head(40_000)
    nominee = all(name in head for name in (b'"SDGs"', b'"license"', b'"description"', b'"stage"'))
    return head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{") and (nominee or b'"clearOwnership"' in head)


def _by_hand(good: Good, resolver: Resolver) -> str | None:
    """The good under either source; the atlas calls a second import of one good `name-1`."""
    first = SAME.get(good.row) or re.sub(r"-\d$", "", good.row) if good.from_atlas else good.row
    sources = ("source:dpi-atlas", "source:dpg-registry")
    return next((found for row in (good.row, first) for source in sources if (found := resolver.record_of(source, row, "solution"))), None)


def _registry(parts: Sequence[InputFile]) -> Iterator[Row[Good] | Rejected]:
    """One row for each name of a file: the nominee's says what it is, the registered good's where it is in use."""
    by_name: dict[str, list[InputFile]] = {}
    for part in parts:
        by_name.setdefault(part.stem, []).append(part)
    for line, name in enumerate(sorted(by_name), start=1):
        yield _joined(line, name, by_name[name])


def _joined(line: int, name: str, files: Sequence[InputFile]) -> Row[Good] | Rejected:
    nominee: Object = {}
    registered: Object | None = None
    for file in files:
        if file.size < 200 and LEADS_TO.fullmatch(file.head()):
            return Row(line, _good(name, {}, {}, f"{file.name} leads to {text(file.head().decode('ascii'))}"))
        found = parsed(file, line)
        if isinstance(found, Rejected):
            return replace(found, record=f"solution:{slug(name)}", broken=False)
        if not isinstance(found, dict):
            return Rejected(line, name, str(found)[:80], "is not a record", record=f"solution:{slug(name)}")
        if "locations" in found or "clearOwnership" in found:
            registered = found
        else:
            nominee = found
    left_out = "" if registered is not None or text(nominee.get("stage")) == "DPG" else "nominated, not registered as a digital public good"
    return Row(line, _good(name, nominee, registered or {}, left_out))


def _good(row: str, nominee: Object, registered: Object, left_out: str) -> Good:
    repositories = [text(r.get("url")) for r in objects(nominee.get("repositories"))]
    locations = registered.get("locations")
    return Good(
        row,
        text(nominee.get("name")) or text(registered.get("name")),
        without_contacts(text(nominee.get("description"))),
        tuple(dict.fromkeys(t for licence in objects(nominee.get("license")) if (t := text(licence.get("spdx"))))),
        tuple(dict.fromkeys(n for goal in objects(nominee.get("SDGs")) if (n := text(goal.get("SDGNumber"))))),
        address(text(nominee.get("website"))),
        _first(repositories),
        tuple(
            Keeper(name)
            for keeper in objects(nominee.get("organizations"))
            if text(keeper.get("org_type")) in KEEPERS and (name := without_contacts(text(keeper.get("name"))))
        ),
        tuple(texts(locations.get("deploymentCountries"))) if isinstance(locations, Mapping) else (),
        "locations.deploymentCountries",
        " ".join((*texts(nominee.get("sectors")), *texts(nominee.get("type")))),
        left_out=left_out,
    )


def _atlas(parts: Sequence[InputFile]) -> Iterator[Row[Good] | Rejected]:
    """The projects of the atlas; the file of organisations beside it says who keeps them."""
    keepers: dict[str, Keeper] = {}
    line = 0
    for part in sorted(parts, key=lambda p: _list_of(p) != "organizations"):
        name = _list_of(part) or ""
        for row in items(part, name):
            if isinstance(row, Rejected):
                line += 1
                yield replace(row, line=line)
            elif name == "organizations":
                keeper = Keeper(text(row.cells.get("name")), KINDS.get(text(row.cells.get("type"))), text(row.cells.get("country")))
                if keeper.name:
                    keepers[text(row.cells.get("id"))] = keeper
            else:
                line += 1
                yield (
                    Row(line, _project(row.cells, keepers))
                    if text(row.cells.get("id"))
                    else Rejected(line, "id", "", "is required and is empty")
                )


def _project(project: Object, keepers: Mapping[str, Keeper]) -> Good:
    goals = [re.sub(r"^SDG-0?", "", goal) for goal in texts(project.get("sdgs"))]
    return Good(
        text(project.get("id")),
        text(project.get("name")),
        without_contacts(text(project.get("description"))),
        tuple(texts(project.get("licenses"))),
        tuple(goals),
        address(text(project.get("website"))),
        _first(texts(project.get("repository_urls"))),
        tuple(keepers[name] for name in texts(project.get("steward_organizations")) if name in keepers),
        tuple(texts(project.get("deployment_countries"))),
        "deployment_countries",
        " ".join((*texts(project.get("categories")), *texts(project.get("tags")))),
        from_atlas=True,
    )


def _first(addresses: Sequence[str]) -> str | None:
    return next((found for one in addresses if (found := address(one))), None)


def _countries(row: Row[Good], resolver: Resolver, record: str) -> tuple[list[str], list[Rejected]]:
    good = row.cells
    named = [resolver.countries.many(name) for name in good.countries]
    found = dict.fromkeys(f"country:{code}" for one in named for code in one.codes)
    unknown = [name for one in named for name in one.unknown]
    if not unknown:
        return list(found), []
    field, near = f"{good.row}: {good.countries_field}", resolver.countries.near(unknown[0])
    return list(found), [Rejected(row.line, field, "; ".join(unknown), "is no country that the network knows", near, record)]


def _with_keepers(solution: Record, *, keepers: Sequence[Keeper], resolver: Resolver) -> Record:
    """The solution with those who own or maintain it."""
    found = [
        resolver.organization(keeper.name, kind=keeper.kind, country=resolver.country(keeper.country) if keeper.country else None)
        for keeper in keepers
    ]
    return replace(solution, links={**solution.links, "organizations": [Link(o) for o in dict.fromkeys(found)]}) if found else solution
