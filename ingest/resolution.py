"""Which country, which organisation: from codes, from names in six languages, historical and misspelt ones.

What is doubtful is never merged: it becomes a candidate for a person. Must not know the database; `index` is read from it elsewhere.
"""

from __future__ import annotations

import csv
import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

from rapidfuzz import fuzz, process

from graph.records import Link, Record, Value
from graph.vocabulary import MergeState, OrganizationKind

COUNTRY_NAMES: Final = Path(__file__).parent / "country_names.csv"
# Words that say nothing about which country it is, in the languages that the sources use.
EMPTY_WORDS: Final = frozenset("the of and la le les de du des el los las et y d l del do da dos e".split())
LEGAL_FORMS: Final = frozenset(
    "ltd limited inc incorporated llc corp corporation co plc gmbh sa sarl srl spa ag bv nv pvt pty the of and for".split()
)
SHORT_FORMS: Final = (
    (r"\brep\b\.?", "republic"),
    (r"\bdem\b\.?", "democratic"),
    (r"\b(?:st|ste)\b\.?", "saint"),
    (r"\bfed\b\.?", "federal"),
    (r"\bsts\b\.?", "states"),
    (r"\bis\b\.", "islands"),
)
# A qualification behind a group's name: it stays a group.
QUALIFIED: Final = re.compile(
    r"\s*\((?:excluding high income|IDA & IBRD(?: countries)?|developing only)\)$|,\s*regional$|,? regional$", re.IGNORECASE
)
ACRONYM: Final = re.compile(r"\s*\([A-Z]{2,10}\)")
GOVERNMENT_OF: Final = re.compile(
    r"^(?:the )?(?:government of|govt\.? of|gobierno de|gouvernement d[eu](?: la)?|governo d[aeo]) (?:the )?(.+)$", re.IGNORECASE
)
# Names that stand for nobody in particular.
NOBODY: Final = re.compile(
    r"redact|\bvendor\b|miscellaneous|\bvarious\b|\bmultiple\b|not (?:specified|available|applicable)|unspecified|unknown|undisclosed|^n\.?/?a\.?$|^others?$|^tbd$|\bindividual\b",
    re.IGNORECASE,
)
SURE: Final = 90.0


def words(text: str) -> list[str]:
    """Words of a name without accents, case, punctuation."""
    folded = unicodedata.normalize("NFKD", text.replace("&", " and ").casefold())
    folded = "".join(c for c in folded if not unicodedata.combining(c))
    return [word for word in re.split(r"[^\w]+", folded) if word]


@lru_cache(maxsize=50_000)
def country_key(name: str) -> str:
    """Equal for spellings that differ in order, accents, articles and abbreviations only: “Egypt, Arab Rep.” and “Arab Republic of Egypt”."""
    text = name.casefold()
    for short, long in SHORT_FORMS:
        text = re.sub(short, long, text)
    found = words(text)
    return " ".join(sorted({word for word in found if word not in EMPTY_WORDS} or set(found)))


@dataclass(frozen=True, slots=True)
class Countries:
    """What a cell of countries said: alpha-3 codes, names known to be no country (with what they are), names that nobody knows."""

    codes: tuple[str, ...] = ()
    not_countries: tuple[tuple[str, str], ...] = ()
    unknown: tuple[str, ...] = ()


class CountryIndex:
    """Countries by code and by name. `labels` has every name of each country by alpha-3 code."""

    def __init__(self, labels: Mapping[str, Sequence[str]]) -> None:
        self.codes = frozenset(labels)
        self._iso2: dict[str, str] = {}
        self._names: dict[str, tuple[str, ...]] = {}
        self._not: dict[str, str] = {}
        self._spelling: dict[str, str] = {}
        self.names = {iso3: next((name for name in names if len(name) > 3), iso3) for iso3, names in labels.items()}
        """The first name of each country by alpha-3 code: the English one."""
        for iso3, names in labels.items():
            for name in names:
                if re.fullmatch(r"[A-Z]{2}", name):
                    self._iso2[name] = iso3
                else:
                    self._learn(name, (iso3,))
        for name, codes, why_not in _country_names():
            if not codes:
                self._not[country_key(name)] = why_not
            # A territory may be no country of the graph; its name is still known.
            elif all(code in self.codes for code in codes):
                self._learn(name, codes)
            else:
                self._not[country_key(name)] = "territory without a record"

    def _learn(self, name: str, codes: tuple[str, ...]) -> None:
        self._names.setdefault(country_key(name), codes)
        self._spelling.setdefault(name.casefold(), name)

    def code(self, code: str) -> str | None:
        """Alpha-3 for an ISO 3166-1 alpha-2 or alpha-3 code in any case."""
        code = code.strip().upper()
        return code if code in self.codes else self._iso2.get(code)

    def one(self, text: str) -> str | None:
        """Alpha-3 of a code or a name; None for several countries, for what is no country, and for what nobody knows."""
        found = self._lookup(text.strip())
        return found[0] if found and len(found) == 1 else None

    def why_not(self, text: str) -> str | None:
        """What a name is that is known to be no country: a region, a group, an organisation."""
        return self._not.get(country_key(QUALIFIED.sub("", text.strip()))) or self._not.get(country_key(text))

    def many(self, text: str) -> Countries:
        """All countries of a cell, separated by `;`, `|`, `/`, line breaks, or commas that do not belong to a name."""
        codes: dict[str, None] = {}
        not_countries: dict[str, str] = {}
        unknown: dict[str, None] = {}
        for name in self._split(text):
            if found := self._lookup(name):
                codes.update(dict.fromkeys(found))
            elif why := self.why_not(name):
                not_countries[name] = why
            else:
                unknown[name] = None
        return Countries(tuple(codes), tuple(not_countries.items()), tuple(unknown))

    def near(self, name: str) -> tuple[str, ...]:
        """The three nearest names, for a person to choose from."""
        found = process.extract(name.casefold(), list(self._spelling), scorer=fuzz.WRatio, limit=3)
        return tuple(self._spelling[spelling] for spelling, _, _ in found)

    def _lookup(self, text: str) -> tuple[str, ...] | None:
        if re.fullmatch(r"[A-Z]{2,3}", text) and (code := self.code(text)):
            return (code,)
        return self._names.get(country_key(text)) if text else None

    def _known(self, text: str) -> bool:
        return bool(self._lookup(text.strip()) or self.why_not(text))

    def _split(self, text: str) -> Iterator[str]:
        text = text.strip()
        if not text or self._known(text):
            yield from [text] if text else []
            return
        for chunk in re.split(r"[;|/\n\t]+", text):
            if self._known(chunk):
                yield chunk.strip()
                continue
            parts = [part for part in chunk.split(",") if part.strip()]
            while parts:
                # “Congo, Democratic Republic, Kenya”: the longest run of parts that is a name comes first.
                length = next((n for n in (3, 2, 1) if n <= len(parts) and self._known(",".join(parts[:n]))), 1)
                yield ",".join(parts[:length]).strip()
                parts = parts[length:]


def _country_names() -> list[tuple[str, tuple[str, ...], str]]:
    with COUNTRY_NAMES.open(encoding="utf-8", newline="") as stream:
        return [(r["name"], tuple(r["countries"].split("|")) if r["countries"] else (), r["why_not"]) for r in csv.DictReader(stream)]


@lru_cache(maxsize=100_000)
def organization_key(name: str) -> str:
    """A name without accents, case, punctuation and legal form."""
    found = words(name)
    return " ".join(word for word in found if word not in LEGAL_FORMS) or " ".join(found)


def slug(text: str, most: int = 60) -> str:
    """Lower-case key; where anything was lost, six hex digits of the whole keep two names apart. Deterministic."""
    plain = "-".join(word for word in words(text) if word.isascii())
    plain = re.sub(r"[^a-z0-9-]+", "-", plain).strip("-")
    if plain == text.casefold() and len(plain) <= most:
        return plain
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:6]
    return f"{plain[: most - 7].strip('-')}-{digest}".strip("-")


# Words that tell what kind of organisation a name stands for, first match wins.
KINDS: Final[tuple[tuple[str, OrganizationKind], ...]] = (
    (r"\bdevelopment bank\b|\bbanco .*desarrollo\b|\bbanque .*d[eé]veloppement\b|\bworld bank\b", OrganizationKind.DEVELOPMENT_BANK),
    (
        r"\bunited nations\b|\bun [a-z]+ programme\b|\binternational organi[sz]ation\b|\beuropean (?:union|commission)\b",
        OrganizationKind.MULTILATERAL,
    ),
    (r"\buniversit|\buniversidad\b|\bcollege\b|\binstitute of technology\b|\bschool of\b|\bacademy\b", OrganizationKind.ACADEMIA),
    (
        r"\bministr|\bministerio\b|\bminist[eè]re\b|\bgovernment\b|\bgobierno\b|\bgouvernement\b|\bauthority\b|\bdepartment\b|\bmunicipal|\bparliament\b|\brepublic of\b",
        OrganizationKind.GOVERNMENT,
    ),
    (r"\bfoundation\b|\bfundaci[oó]n\b|\bfondation\b|\btrust\b", OrganizationKind.FOUNDATION),
    (r"\b(?:inc|llc|ltd|limited|gmbh|corp|corporation|company|s\.?a|consulting|associates|plc)\b\.?", OrganizationKind.PRIVATE),
    (r"\bassociation\b|\bcommittee\b|\bcouncil\b|\bsociety\b|\bngo\b|\basociaci[oó]n\b", OrganizationKind.NGO),
)


def kind_of(name: str) -> OrganizationKind:
    """What a name alone tells of the kind; OTHER where it tells nothing."""
    return next((kind for pattern, kind in KINDS if re.search(pattern, name, re.IGNORECASE)), OrganizationKind.OTHER)


@dataclass(slots=True)
class Index:
    """What is known before a run: names of countries, organisations, records kept by hand by their row, redirects."""

    countries: CountryIndex
    organizations: Iterable[tuple[str, str, str | None, Sequence[str], str | None]] = ()
    curated: Mapping[tuple[str, str], str] = field(default_factory=dict)
    redirects: Mapping[str, str] = field(default_factory=dict)
    shared: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=dict)
    """Rows of which several records are kept by hand, such as a project and the need that it met."""
    by_hand: frozenset[str] = frozenset()
    """Organisations that are kept by hand."""


class Resolver:
    """Look-ups for one run. New organisations gather in it until the engine takes them with `take`."""

    def __init__(self, index: Index) -> None:
        self.countries = index.countries
        self._curated = index.curated
        self._shared = index.shared
        self._by_hand = index.by_hand
        self._parts = _parts(index.curated)
        self._redirects = dict(index.redirects)
        self._by_ref: dict[str, str] = {}
        self._by_name: dict[str, str] = {}
        self._refs: dict[str, str] = {}
        self._ids: set[str] = set()
        self._blocks: dict[str, dict[str, str]] = defaultdict(dict)
        self._fresh: list[tuple[Record, Record | None]] = []
        for record, name, short, aliases, ref in index.organizations:
            self._know(record, ref, name, *([short] if short else []), *aliases)

    def country(self, text: str) -> str | None:
        """`country:KEN` for a code or a name; None where it is not one country."""
        code = self.countries.one(text)
        return f"country:{code}" if code else None

    def record_of(self, source: str, row: str, prefix: str | None = None) -> str | None:
        """The id under which this row is kept by hand already, alone or with others, such as `project:caf-cfa011677`; with `prefix`, the
        record of that kind."""
        known = self._curated.get((source, row)) or self._parts.get((source, row))
        found = [known] if known else self._shared.get((source, row), ())
        mine = [record for record in found if prefix is None or record.startswith(f"{prefix}:")]
        return mine[0] if len(mine) == 1 else None

    def known_organization(self, name: str, ref: str | None = None) -> str | None:
        """The id by IATI identifier, else by name where the name bears no other identifier; None where neither is known."""
        if ref and (found := self._by_ref.get(ref.casefold())):
            return found
        same = self._by_name.get(organization_key(name))
        return same if same and (ref is None or self._refs.get(same, ref.casefold()) == ref.casefold()) else None

    def kept_by_hand(self, organization: str) -> bool:
        """Whether a person keeps it. What else is known depends on what was read before, this does not."""
        return organization in self._by_hand

    def organization(
        self, name: str, *, ref: str | None = None, kind: OrganizationKind | None = None, country: str | None = None, lang: str = "en"
    ) -> str:
        """The id of an organisation: by IATI identifier, then by normalised name or alias; a new one where neither is known.

        A name that is nearly that of a known one, or one that bears another identifier, makes a merge candidate. `country` is an id.
        A government body without an identifier is one for each country: there is a Ministry of Health in all of them.
        """
        name = " ".join(name.split())[:500] or (ref or "")
        ref = ref.strip() if ref and ref.strip() else None
        kind = kind or kind_of(name)
        if kind is OrganizationKind.GOVERNMENT and country and not ref:
            # “Netherlands (Kingdom of the)” is the Netherlands behind the name of a body.
            state = self.countries.names.get(country.partition(":")[2], "").partition(" (")[0]
            if state and not set(words(state)) <= set(words(name)):
                name = f"{name} ({state})"
        if known := self.known_organization(name, ref) or self._known_without_acronym(
            name, ref, anywhere=kind is OrganizationKind.GOVERNMENT and not country
        ):
            return known
        key = organization_key(name)
        same = self._by_name.get(key)
        record = f"organization:{slug(f'{name} {ref}' if same and ref else name)}"
        record = self._redirects.get(record, record)
        if record in self._ids:
            return record
        doubt = self._doubt(record, name, key, same)
        properties: dict[str, Value] = {"name": name, "kind": kind.value, "iatiId": ref, "lang": lang}
        links = {"basedIn": [Link(country)]} if country else {}
        self._know(record, ref, name)
        self._fresh.append((Record("Organization", record.partition(":")[2], properties, links), doubt))
        return record

    def party(self, name: str, *, ref: str | None = None, kind: OrganizationKind | None = None, country: str | None = None) -> str | None:
        """As `organization`; “Government of Nepal” is the country, and what stands for nobody (“various”, “not specified”) is None."""
        if len(name) < 2 or NOBODY.search(name):
            return None
        if (government := GOVERNMENT_OF.match(name)) and (state := self.country(government[1])):
            return state
        return self.organization(name, ref=ref, kind=kind, country=country)

    def _known_without_acronym(self, name: str, ref: str | None, *, anywhere: bool) -> str | None:
        """“World Health Organization (WHO)” is the World Health Organization. `anywhere`: a government body of a country that is not named."""
        bare = ACRONYM.sub("", name).strip()
        return self.known_organization(bare, ref) if bare and bare != name and not anywhere else None

    def take(self) -> list[tuple[Record, Record | None]]:
        """New organisations since the last call, each with its merge candidate, to be written before what links to them."""
        fresh, self._fresh = self._fresh, []
        return fresh

    def redirected(self, record: str) -> str:
        """Where a record went that was merged into another."""
        return self._redirects.get(record, record)

    def _know(self, record: str, ref: str | None, *names: str) -> None:
        self._ids.add(record)
        if ref:
            self._by_ref.setdefault(ref.casefold(), record)
            self._refs.setdefault(record, ref.casefold())
        for name in names:
            key = organization_key(name)
            self._by_name.setdefault(key, record)
            if len(key) >= 8:
                self._blocks[key[:4]].setdefault(key, record)

    def _doubt(self, record: str, name: str, key: str, same: str | None) -> Record | None:
        if same:
            return candidate(same, record, 100.0, "They have one name and two identifiers.")
        if len(key) < 8:
            return None
        block = self._blocks[key[:4]]
        near = process.extract(key, list(block), scorer=fuzz.token_sort_ratio, score_cutoff=SURE, limit=None)
        if not near:
            return None
        # Of names that are equally near the first by alphabet: a run that goes on after a crash knows them in another order.
        best, score, _ = min(near, key=lambda hit: (-hit[1], hit[0]))
        return candidate(block[best], record, float(score), f"“{name}” is nearly the name of the other.")


def _parts(curated: Mapping[tuple[str, str], str]) -> dict[tuple[str, str], str]:
    """Rows that a record kept by hand names beside others, as in “Planning, 2002; Planning for the South, 2003”. One that several name is none's."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for (source, row), record in curated.items():
        if "; " in row:
            for part in row.split("; "):
                found[source, part].add(record)
    return {place: next(iter(records)) for place, records in found.items() if len(records) == 1}


def candidate(kept: str, other: str, score: float, reason: str) -> Record:
    """A MergeCandidate record: two records that may be one."""
    key = hashlib.sha256(f"{kept}|{other}".encode()).hexdigest()[:20]
    values: dict[str, Value] = {"kept": kept, "other": other, "score": score, "reason": reason, "state": MergeState.OPEN.value}
    return Record("MergeCandidate", key, values)
