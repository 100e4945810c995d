"""A need and its packages: the most important page. The address is the whole state, so a result can be kept and sent."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from starlette.responses import RedirectResponse, Response

from graph.errors import Code, NetworkError
from graph.matching.parameters import PARAMETERS, Parameters
from web import options
from web.errors import told
from web.package import Gauge, gauge, packages
from web.page import Page
from web.rendering import clip
from web.speech import Speech
from web.visit import Visit

PAGE_SIZE: Final = 5
KINDS: Final = {"country": "COUNTRY", "organization": "ORGANIZATION"}
WEIGHTS: Final = {"own": "ownExperience", "region": "sameRegion", "language": "sharedLanguage"}
"""Parameters that are weights of the score, with their names in GraphQL."""
LARGEST: Final = 2.0
SIDES: Final = 2
KNOWN: Final = frozenset(
    {"text", "country", "need", "amount", "kind", "topics", "as_of", "after", "before", "without", "cited", "exclude", "side", *WEIGHTS}
)
MENDABLE: Final = frozenset(
    {
        Code.BAD_INPUT,
        Code.UNKNOWN_COUNTRY,
        Code.UNKNOWN_TOPIC,
        Code.TEXT_EMPTY,
        Code.TEXT_TOO_LONG,
        Code.TEXT_NOT_UNDERSTOOD,
        Code.DATE_IN_FUTURE,
        Code.CONTRADICTORY_INPUT,
        Code.BAD_CURSOR,
    }
)
ARABIC_MARKS: Final = str.maketrans({"\N{ARABIC THOUSANDS SEPARATOR}": ",", "\N{ARABIC DECIMAL SEPARATOR}": "."})
SPACES: Final = re.compile(r"[\s'’]")
AMOUNT: Final = re.compile(r"\d{1,15}(\.\d+)?")
THOUSANDS: Final = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")
POINTS: Final = re.compile(r"\d{1,3}(\.\d{3}){2,}(,\d+)?")
LINK_TEXT: Final = 600


@dataclass(frozen=True, slots=True)
class Form:
    """What the visitor wrote, untouched."""

    text: str
    country: str
    need: str
    amount: str
    kind: str
    topics: tuple[str, ...]
    as_of: str
    weights: tuple[tuple[str, str], ...] = ()
    exclude: tuple[str, ...] = ()
    sides: tuple[str, ...] = ()

    @classmethod
    def of(cls, visit: Visit) -> Form:
        read = visit.parameter
        topics = tuple(topic.removeprefix("topic:") for topic in visit.parameters("topics"))
        need = read("need").removeprefix("need:")
        weights = tuple((name, read(name)) for name in WEIGHTS if read(name))
        exclude, sides = tuple(visit.parameters("exclude")), tuple(visit.parameters("side"))
        return cls(read("text"), read("country"), need, read("amount"), read("kind"), topics, read("as_of"), weights, exclude, sides)

    def pairs(self, topics: tuple[str, ...] | None = None) -> list[tuple[str, str]]:
        """The form as parameters of an address."""
        single = [
            ("country", self.country),
            ("text", self.text),
            ("need", self.need),
            ("amount", self.amount),
            ("kind", self.kind),
            ("as_of", self.as_of),
        ]
        chosen = self.topics if topics is None else topics
        return [
            *(pair for pair in single if pair[1]),
            *(("topics", topic) for topic in chosen),
            *self.weights,
            *(("exclude", party) for party in self.exclude),
        ]

    def without(self, party: str) -> list[tuple[str, str]]:
        """The form with one partner allowed again."""
        return [pair for pair in self.pairs() if pair != ("exclude", party)]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a field, and what would be right. `field` is none where no single field is at fault."""

    field: str | None
    message: str


async def view(visit: Visit) -> Page | Response:
    form = Form.of(visit)
    if removed := visit.parameter("without").removeprefix("topic:"):
        return RedirectResponse(visit.href("/match", form.pairs(tuple(topic for topic in form.topics if topic != removed))), 303)
    if form.need and not form.country and (country := await _country_of(visit, form.need)):
        return RedirectResponse(visit.href("/match", [("country", country), *form.pairs()]), 303)
    if not form.pairs():
        return await form_page(visit, form, [], status=200)
    entered, problems = read(form, visit.speech)
    if problems:
        return await form_page(visit, form, problems)
    after, before = visit.parameter("after") or None, visit.parameter("before") or None
    sizes = {"last": PAGE_SIZE, "before": before} if before else {"first": PAGE_SIZE, "after": after}
    try:
        answer = (await visit.ask("Match", input=entered, **sizes))["match"]
    except NetworkError as error:
        if error.code not in MENDABLE:
            raise
        return await form_page(visit, form, [problem_of(error, visit.speech)])
    return await _result(visit, form, answer)


def read(form: Form, speech: Speech) -> tuple[dict[str, Any], list[Problem]]:
    """(the input of `match`, what is wrong with the form)."""
    problems: list[Problem] = []
    entered: dict[str, Any] = {"country": form.country}
    if not form.text and not form.need:
        problems.append(Problem("text", speech.say("Write what you need. Two or three sentences are enough, in any language.")))
    if not form.country:
        problems.append(Problem("country", speech.say("Choose your country")))
    if form.text:
        entered["text"] = form.text
    if form.need:
        entered["need"] = f"need:{form.need}"
    entered |= {"topics": [f"topic:{topic}" for topic in form.topics]} if form.topics else {}
    entered |= {"partnerKind": KINDS[form.kind]} if form.kind in KINDS else {}
    if form.amount:
        amount = amount_of(form.amount)
        if amount is None:
            problems.append(Problem("amount", speech.say("Write the amount as a number: 1400000, not “{amount}”", amount=form.amount[:40])))
        else:
            entered["amountUsd"] = amount
    weights, wrong = weights_of(form, speech)
    problems += wrong
    entered |= {"weights": weights} if weights else {}
    entered |= {"exclude": list(form.exclude)} if form.exclude else {}
    if form.as_of:
        try:
            entered["asOf"] = date.fromisoformat(form.as_of).isoformat()
        except ValueError:
            problems.append(Problem("as_of", speech.say("Write the day as 2024-12-31, not “{day}”", day=form.as_of[:40])))
    return entered, problems


def amount_of(text: str) -> float | None:
    """A sum as people write it: `1400000`, `1 400 000`, `1,400,000`, `1.400.000`, `١٬٤٠٠٬٠٠٠`; none where it is anything else or nothing.

    Of one point with three digits behind it nobody can say whether it is a decimal: it is taken for one, as in programs.
    """
    plain = SPACES.sub("", text).translate(ARABIC_MARKS)
    if THOUSANDS.fullmatch(plain):
        plain = plain.replace(",", "")
    elif POINTS.fullmatch(plain):
        plain = plain.replace(".", "").replace(",", ".")
    amount = float(plain) if AMOUNT.fullmatch(plain) else 0.0
    return amount if amount > 0 else None


def weights_of(form: Form, speech: Speech) -> tuple[dict[str, float], list[Problem]]:
    """(weights by their names in GraphQL, what is wrong with them)."""
    weights, problems = {}, []
    for name, text in form.weights:
        weight = weight_of(text)
        if weight is None:
            problems.append(
                Problem(None, speech.say("Write a number from 0 to {largest}, not “{text}”", largest=int(LARGEST), text=text[:20]))
            )
        else:
            weights[WEIGHTS[name]] = weight
    return weights, problems


def weight_of(text: str) -> float | None:
    """A weight, 0 to 2; none where it is anything else."""
    try:
        weight = float(text.replace(",", "."))
    except ValueError:
        return None
    return weight if 0 <= weight <= LARGEST else None


def weighted(form: Form) -> Parameters:
    """The constants of matching as the form has them."""
    given = {name: weight_of(text) for name, text in form.weights}
    own, region, language = (given.get(name) for name in ("own", "region", "language"))
    return replace(
        PARAMETERS,
        own=PARAMETERS.own if own is None else own,
        region=PARAMETERS.region if region is None else region,
        language=PARAMETERS.language if language is None else language,
    )


def problem_of(error: NetworkError, speech: Speech) -> Problem:
    """An error of the network as a problem of the form, in the visitor's language where we have words for it."""
    words = told(error.code)
    text = f"{speech.tell(words.title)}. {speech.tell(words.advice)}"
    if error.code is Code.UNKNOWN_COUNTRY and error.allowed:
        text += " " + speech.say("Nearest: {names}.", names=speech.listed(list(error.allowed)))
    if error.code is Code.TEXT_TOO_LONG:
        text = speech.say(
            "The text has {length} characters. Shorten it to at most {largest}: what should change, for whom, and what exists already.",
            length=speech.number(int(error.details["length"])),
            largest=speech.number(int(error.details["largest"])),
        )
    if error.code in {Code.BAD_INPUT, Code.CONTRADICTORY_INPUT}:
        text += f" {error.message}"
    return Problem(words.field, text)


async def form_page(visit: Visit, form: Form, problems: list[Problem], *, status: int = 400) -> Page:
    """The form alone, with what was typed and what to mend."""
    countries = await options.countries(visit)
    country = "" if form.pairs() else options.guessed(visit, countries)
    values = {
        "form": replace(form, country=country) if country else form,
        "guessed": bool(country),
        "problems": {problem.field: problem.message for problem in problems if problem.field},
        "summary": problems,
        "countries": countries,
        "examples": [],
    }
    return Page(
        "match/form.html",
        visit.speech.say("State a need"),
        values,
        KNOWN,
        status,
        "/",
        tuple(problem.message for problem in problems),
        False,
    )


async def _result(visit: Visit, form: Form, answer: dict[str, Any]) -> Page:
    speech = visit.speech
    cited = visit.parameter("cited")
    found = packages(answer, speech, int(cited) + 1 if cited.isascii() and cited.isdigit() and len(cited) < 4 else 1)
    asked = amount_of(form.amount) or (answer["need"] or {}).get("amountUsd")
    keys = tuple(options.key_of(topic["id"]) for topic in answer["topics"])
    place = answer["partners"]["pageInfo"]
    last = max((c.number for package in found for c in package.evidence), default=0)
    values = {
        "form": form,
        "problems": {},
        "result": answer,
        "packages": found,
        "complete": sum(package.complete for package in found),
        "asked": asked,
        "headline": answer["need"]["title"] if answer["need"] and not form.text else answer["text"],
        "topic_keys": keys,
        "hidden": form.pairs(keys),
        "misses": _misses(answer, asked, speech),
        "countries": await options.countries(visit),
        "parameters": weighted(form),
        "usual": PARAMETERS,
        "excluded": await _excluded(visit, form),
        "sides": [package for package in found if package.partner["id"] in form.sides][:SIDES],
        "address": visit.origin + visit.href("/match", form.pairs(keys)),
        "following": visit.href("/match", [*form.pairs(), ("after", place["endCursor"]), ("cited", str(last))])
        if place["hasNextPage"]
        else None,
        "preceding": visit.href("/match", form.pairs()) if place["hasPreviousPage"] else None,
        "words": form.text[:LINK_TEXT] or answer["text"][:LINK_TEXT],
    }
    subject = speech.listed([topic["title"] for topic in answer["topics"][:2]]) or clip(answer["text"], 60)
    title = speech.say("{country}: {subject}", country=answer["country"]["title"], subject=subject)
    return Page("match/result.html", title, values, KNOWN, menu="/", indexed=False)


async def _excluded(visit: Visit, form: Form) -> list[tuple[dict[str, Any], str]]:
    """Partners that were left out, each with the address that lets it in again."""
    if not form.exclude:
        return []
    nodes = (await visit.look_up("Partners", ids=list(form.exclude)))["nodes"]
    return [(node, visit.href("/match", form.without(node["id"]))) for node in nodes if node]


def _misses(answer: dict[str, Any], asked: float | None, speech: Speech) -> list[tuple[dict[str, Any], Gauge | None]]:
    longest = max((miss["distance"] or 0.0 for miss in answer["nearMisses"] if miss["unit"] == "days"), default=0.0)
    return [(miss, gauge(miss, asked, longest, speech)) for miss in answer["nearMisses"]]


async def _country_of(visit: Visit, need: str) -> str | None:
    record = (await visit.look_up("Need", id=f"need:{need}"))["record"]
    return options.key_of(record["country"]["id"]) if record else None
