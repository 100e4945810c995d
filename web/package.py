"""What a result shows of each partner: the line with its four stops, the parts of the score, evidence numbered through the page.

Pure: answers of GraphQL in, values for the template out. Must not know requests; words come from a `Speech`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from graph.vocabulary import PartnershipRole
from web.speech import Speech
from web.terms import value

Record = Mapping[str, Any]
GAUGE: Final = 200.0
EDGE: Final = 18.0
LIKE: Final = (("egdi", "rank"), ("egdi-osi", "value"), ("gtmi", "group"))


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop on the line. `state` is found, near or hole; `record` is where it leads."""

    what: str
    state: str
    who: str
    say: str
    lang: str | None = None
    record: str | None = None


@dataclass(frozen=True, slots=True)
class Cited:
    """A document with its number on the page. `first` is false where an earlier partner has shown it already."""

    number: int
    item: Record
    where: str
    year: str
    first: bool


@dataclass(frozen=True, slots=True)
class Likeness:
    """One line of the comparison between the two countries, as it is written."""

    label: str
    here: str
    there: str


@dataclass(frozen=True, slots=True)
class Package:
    """One partner as the page shows it."""

    partner: Record
    match: Record
    stops: tuple[Stop, ...]
    evidence: tuple[Cited, ...]
    case: Record | None
    case_country: Record | None
    likeness: tuple[Likeness, ...]
    calls: tuple[Record, ...] = ()

    @property
    def complete(self) -> bool:
        return not self.match["missing"]

    def cited(self, part: str) -> list[Cited]:
        """The evidence that speaks for a part of the score."""
        wanted = {"HELP_GIVEN": False, "OWN_EXPERIENCE": True}.get(part)
        return [c for c in self.evidence if wanted is not None and bool(c.item["own"]) is wanted]


@dataclass(frozen=True, slots=True)
class Gauge:
    """A near miss as a drawing 200 wide: where the rule stands, where things stand, and what to write at both ends."""

    rule: float
    here: float
    start: str
    end: str

    @property
    def gap(self) -> tuple[float, float]:
        return min(self.rule, self.here), max(self.rule, self.here)


@dataclass
class Numbers:
    """Numbers of documents, given out in the order in which they are first cited."""

    given: dict[str, int] = field(default_factory=dict)

    def of(self, record_id: str) -> tuple[int, bool]:
        """(number, whether it is new)."""
        new = record_id not in self.given
        return self.given.setdefault(record_id, len(self.given) + 1), new


def packages(answer: Record, speech: Speech, first_number: int = 1) -> list[Package]:
    """The partners of an answer, best first."""
    numbers = Numbers({f"earlier:{n}": n for n in range(1, first_number)})
    return [_package(match, answer, numbers, speech) for match in answer["partners"]["nodes"]]


def _package(match: Record, answer: Record, numbers: Numbers, speech: Speech) -> Package:
    partner = match["partner"]
    case = next(iter(match["cases"]["nodes"]), None)
    there = country_of(case) if case else None
    cited = []
    for item in match["evidence"]:
        number, new = numbers.of(item["node"]["id"])
        cited.append(Cited(number, item, where(item["node"], speech), year(item["node"]), new))
    misses = {miss["record"]["__typename"]: miss for miss in reversed(answer["nearMisses"]) if miss["partner"]["id"] == partner["id"]}
    stops = (
        Stop(speech.say("Partner"), "found", partner["title"], kind_of(partner, speech), partner.get("lang"), partner["id"]),
        _case_stop(case, there, speech),
        _supply_stop("OFFER", match["offers"]["nodes"], misses.get("Offer"), speech),
        _supply_stop("FUNDING", match["fundingCalls"]["nodes"], misses.get("FundingCall"), speech),
    )
    alike = likeness(answer["country"], there, speech) if there and there["id"] != answer["country"]["id"] else ()
    return Package(partner, match, stops, tuple(cited), case, there, alike, tuple(match["fundingCalls"]["nodes"]))


def _case_stop(case: Record | None, there: Record | None, speech: Speech) -> Stop:
    what = speech.tell(value("package", "CASE"))
    if case is None:
        return Stop(what, "hole", speech.say("None on record"), speech.say("Its evidence is offers and software, not cases"))
    told = [text for text in (there["title"] if there else "", year(case)) if text]
    return Stop(what, "found", case["title"], speech.listed(told), case.get("lang"), case["id"])


def _supply_stop(part: str, found: Sequence[Record], miss: Record | None, speech: Speech) -> Stop:
    what = speech.tell(value("package", part))
    if found:
        record = found[0]
        say = speech.tell(value("offer", record["offerKind"])) if part == "OFFER" else terms_of(record, speech)
        return Stop(what, "found", record["title"], say, record.get("lang"), record["id"])
    if miss:
        record = miss["record"]
        rule = speech.say("Eligible except: {rule}", rule=speech.tell(value("rule", miss["rule"])))
        return Stop(what, "near", record["title"], rule, record.get("lang"), record["id"])
    say = speech.say("No help of this kind is on record") if part == "OFFER" else speech.say("No window for this need is on record")
    return Stop(what, "hole", speech.say("None found"), say)


def kind_of(partner: Record, speech: Speech) -> str:
    """What a partner is, in a few words."""
    if partner["__typename"] == "Country":
        return speech.say("Country")
    kind = speech.tell(value("organization", partner["organizationKind"]))
    home = partner.get("basedIn")
    return speech.listed([kind, home["title"]]) if home else kind


def terms_of(call: Record, speech: Speech) -> str:
    """The form and the size of a funding window: `Grant, 0.5 M USD to 2 M USD`."""
    instrument = speech.tell(value("instrument", call["instrument"]))
    size = amounts(call, speech)
    return speech.listed([instrument, size]) if size else instrument


def amounts(call: Record, speech: Speech) -> str:
    low, high, currency = call["minimumAmount"], call["maximumAmount"], call["currency"]
    if low and high:
        return speech.say("{low} to {high}", low=speech.money(low, currency), high=speech.money(high, currency))
    if high:
        return speech.say("up to {high}", high=speech.money(high, currency))
    return speech.say("from {low}", low=speech.money(low, currency)) if low else ""


def country_of(case: Record) -> Record | None:
    """The country in which a case happened: for cooperation the one that was helped."""
    if "country" in case:
        found: Record | None = case["country"]
        return found
    if "parties" in case:
        receiving = [
            edge["node"]
            for edge in case["parties"]["edges"]
            if edge["role"] == PartnershipRole.RECIPIENT and edge["node"]["__typename"] == "Country"
        ]
        return receiving[0] if receiving else None
    return next(iter(case["countries"]["nodes"]), None) if "countries" in case else None


def where(node: Record, speech: Speech) -> str:
    """Where a document happened, in a word or two."""
    if "countries" in node and node["countries"]["totalCount"] > 2:
        return speech.count("{n} country", "{n} countries", node["countries"]["totalCount"])
    if "countries" in node:
        return speech.listed([country["title"] for country in node["countries"]["nodes"]])
    if "deployedIn" in node:
        return speech.count("in use in {n} country", "in use in {n} countries", node["deployedIn"]["totalCount"])
    if "providers" in node:
        return speech.listed([party["title"] for party in node["providers"]["nodes"]])
    country = country_of(node)
    return str(country["title"]) if country else ""


def year(node: Record) -> str:
    date = node.get("date") or node.get("startDate")
    return str(date)[:4] if date else ""


def likeness(here: Record, there: Record, speech: Speech) -> tuple[Likeness, ...]:
    """How alike two countries are: figures that both have, each with its year."""
    rows = []
    if here["population"] and there["population"]:
        rows.append(
            Likeness(speech.say("Population"), *(_dated(speech.number(c["population"]), c["populationYear"]) for c in (here, there)))
        )
    if here["incomeGroup"] and there["incomeGroup"]:
        rows.append(Likeness(speech.say("Income"), *(speech.tell(value("income", c["incomeGroup"])) for c in (here, there))))
    labels = (speech.say("EGDI rank"), speech.say("EGDI online services"), speech.say("GovTech group"))
    for label, (code, part) in zip(labels, LIKE, strict=True):
        pair = [_latest(country, code, part, speech) for country in (here, there)]
        if all(pair):
            rows.append(Likeness(label, pair[0], pair[1]))
    return tuple(rows)


def _latest(country: Record, code: str, part: str, speech: Speech) -> str:
    found = [o for o in country["observations"]["nodes"] if o["indicator"]["code"] == code and o[part] is not None]
    if not found:
        return ""
    newest = max(found, key=lambda o: int(o["year"]))
    told = newest[part]
    return _dated(told if isinstance(told, str) else speech.number(told, 2 if part == "value" else 0), newest["year"])


def _dated(told: str, when: int | None) -> str:
    return f"{told} ({when})" if when else told


def gauge(miss: Record, asked: float | None, longest: float, speech: Speech) -> Gauge | None:
    """The drawing of a near miss; none where its rule has no number. `longest` is the longest distance in days on the page."""
    rule, record, distance = miss["rule"], miss["record"], miss["distance"]
    if rule in {"MINIMUM_AMOUNT", "MAXIMUM_AMOUNT"} and asked:
        limit = record["minimumAmount"] if rule == "MINIMUM_AMOUNT" else record["maximumAmount"]
        if not limit:
            return None
        scale = (GAUGE - 2 * EDGE) / max(limit, asked)
        you = speech.say("you ask {amount}", amount=speech.money(asked))
        bound = (
            speech.say("at least {amount}", amount=speech.money(limit))
            if rule == "MINIMUM_AMOUNT"
            else speech.say("at most {amount}", amount=speech.money(limit))
        )
        ends = (you, bound) if asked < limit else (bound, you)
        return Gauge(round(EDGE + limit * scale, 1), round(EDGE + asked * scale, 1), *ends)
    if rule in {"CLOSED", "NOT_YET_OPEN"} and distance and longest:
        far = round(EDGE + (GAUGE - 2 * EDGE) * distance / longest, 1)
        if rule == "CLOSED":
            return Gauge(EDGE, far, speech.say("closed {day}", day=speech.day(record["closes"])), speech.say("your date"))
        return Gauge(far, EDGE, speech.say("your date"), speech.say("opens {day}", day=speech.day(record["opens"])))
    return None
