"""What the columns of a country's own spreadsheet are: their fields in the model, what they allow, what they mean in six languages.

The template is written from here and the sheet is read by it. Must not know spreadsheets or CSV.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Final

from graph.model import MODEL, Kind, Property
from graph.records import Value
from graph.vocabulary import UN_LANGUAGES, Visibility
from ingest.starter import FOLDER
from ingest.tables import parse

HINTS: Final = Path(__file__).parent / "sheet_hints.csv"
LEVELS: Final = ("national", "sub-national")
# The access points of the WSIS+10 vision.
CHANNELS: Final = ("web", "mobile", "kiosk", "community centre", "library", "post office", "counter", "telephone")
TOPICS: Final = ("topic_1", "topic_2", "topic_3")
LANGUAGE_TAG: Final = re.compile(r"[a-z]{2,3}(?:-[a-zA-Z0-9]{2,8})*")
CURRENCY: Final = re.compile(r"[A-Z]{3}")


class SheetKind(StrEnum):
    """What a sheet lists."""

    NEEDS = "needs"
    OFFERS = "offers"
    PRACTICES = "practices"
    ESSENTIAL_SERVICES = "essential-services"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `field` is the model's property, empty for what becomes a link or the key. `allowed` are the values of a drop-down;
    a `several` cell holds more than one, separated by `;`, an `open` one other values as well."""

    name: str
    field: str = ""
    required: bool = False
    allowed: tuple[str, ...] = ()
    several: bool = False
    open: bool = False

    @property
    def closed(self) -> bool:
        """Whether a value that is not in the list makes the whole row unfit, since nobody can tell what was meant."""
        return bool(self.allowed) and not (self.open or self.several)


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of one kind of sheet, and the type of node that a row is."""

    kind: SheetKind
    label: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.required)

    def property_of(self, column: Column) -> Property:
        return MODEL[self.label].content[column.field]

    def hints(self, column: Column) -> Mapping[str, str]:
        """The column's meaning by language."""
        every = _hints()
        general = "topic" if column.name in TOPICS else column.name
        return every.get(f"{self.kind.value}.{column.name}") or every[general]


@lru_cache(maxsize=1)
def _hints() -> dict[str, dict[str, str]]:
    with HINTS.open(encoding="utf-8", newline="") as stream:
        return {row["column"]: {lang: row[lang] for lang in UN_LANGUAGES} for row in csv.DictReader(stream)}


@lru_cache(maxsize=4)
def reference(file: str) -> Mapping[str, tuple[str, ...]]:
    """Names of the starter data's topics, groups or countries in six languages, by key; the English one comes first."""
    with (FOLDER / file).open(encoding="utf-8", newline="") as stream:
        names = ("name", "name_ar", "name_es", "name_fr", "name_ru", "name_zh")
        return {row["key"]: tuple(row[name] for name in names if row[name]) for row in csv.DictReader(stream)}


@lru_cache(maxsize=4)
def _by_name(file: str) -> Mapping[str, str]:
    return {name.casefold(): key for key, names in reference(file).items() for name in (key, *names)}


def key_of(file: str, text: str) -> str | None:
    """The key of a topic or group by its key or its name in one of six languages."""
    return _by_name(file).get(" ".join(text.split()).casefold())


def english(file: str) -> tuple[str, ...]:
    """English names, in alphabetical order."""
    return tuple(sorted(names[0] for names in reference(file).values()))


@lru_cache(maxsize=4)
def layout(kind: SheetKind) -> Layout:
    """The columns of a kind."""
    label, own = _own(kind)
    common = (Column("key", required=True), Column("country", required=True, allowed=english("countries.csv"), open=True))
    topics = tuple(
        Column(name, required=name == TOPICS[0] and kind is not SheetKind.ESSENTIAL_SERVICES, allowed=english("topics.csv"))
        for name in TOPICS
    )
    last: tuple[Column, ...] = (Column("lang", "lang", allowed=UN_LANGUAGES, open=True),)
    # Essential services are public in the network, so there is nothing to choose.
    if kind is not SheetKind.ESSENTIAL_SERVICES:
        last += (_enum("visibility", Visibility),)
    return Layout(kind, label, (*common, *own, *topics, *last))


def _enum(name: str, values: type[StrEnum], *, required: bool = False) -> Column:
    return Column(name, name, required=required, allowed=tuple(value.value for value in values))


def _plain(label: str, *names: str) -> tuple[Column, ...]:
    """Columns that carry a property of the model under its own name; `*` marks a required one."""
    columns = []
    for name in names:
        plain = name.rstrip("*")
        field = re.sub(r"_([a-z])", lambda found: found[1].upper(), plain)
        enum = MODEL[label].content[field].enum
        allowed = tuple(value.value for value in enum) if enum else ()
        columns.append(Column(plain, field, name.endswith("*"), allowed))
    return tuple(columns)


def _own(kind: SheetKind) -> tuple[str, tuple[Column, ...]]:
    """The type of node, and the columns between country and topics."""
    match kind:
        case SheetKind.NEEDS:
            return "Need", _plain("Need", "title*", "description*", "date*", "deadline", "amount", "currency", "status")
        case SheetKind.OFFERS:
            return "Offer", (
                *_plain("Offer", "title*", "summary*", "kind*"),
                Column("organization"),
                Column("open_to", required=True, allowed=english("country_groups.csv"), several=True),
                Column("languages", "languages", allowed=UN_LANGUAGES, several=True, open=True),
                *_plain("Offer", "mode", "capacity", "duration_days", "opens", "closes", "date*"),
            )
        case SheetKind.PRACTICES:
            told = (
                "title*",
                "summary*",
                "problem",
                "approach",
                "results",
                "lessons",
                "what_failed",
                "cost",
                "cost_usd",
                "duration_months",
                "date*",
            )
            return "Practice", _plain("Practice", *told)
        case SheetKind.ESSENTIAL_SERVICES:
            return "EssentialService", (
                *_plain("EssentialService", "name*"),
                Column("level", "level", required=True, allowed=LEVELS),
                Column("channels", "channels", allowed=CHANNELS, several=True),
                *_plain("EssentialService", "electronic_since"),
            )


class UnfitError(ValueError):
    """Why a cell cannot be taken: the text ends the sentence “x …”; `allowed` says what would do."""

    def __init__(self, reason: str, allowed: Sequence[str] = ()) -> None:
        super().__init__(reason)
        self.allowed = tuple(allowed)


def value_of(column: Column, prop: Property, text: str) -> Value:
    """The value of a cell that is not empty. Raises UnfitError."""
    if column.several:
        return [_listed(column, part) for part in parts(text)]
    if column.allowed:
        return _listed(column, text)
    if column.name == "currency" and not CURRENCY.fullmatch(text.upper()):
        raise UnfitError("is not a currency in three letters", ("EUR", "KES", "USD"))
    if prop.kind in {Kind.INTEGER, Kind.FLOAT} and not re.fullmatch(r"-?\d{1,15}(?:\.\d{1,6})?", text):
        raise UnfitError("is not a number without separators", ("1500000", "1500000.50"))
    try:
        return parse(text.upper() if column.name == "currency" else text, prop)
    except ValueError as error:
        raise UnfitError(str(error)) from None


def parts(text: str) -> list[str]:
    """Values of a cell, separated by `;`, without repeats."""
    return list(dict.fromkeys(part.strip() for part in text.split(";") if part.strip()))


def _listed(column: Column, text: str) -> str:
    found = next((value for value in column.allowed if value.casefold() == text.casefold()), None)
    if found is not None:
        return found
    if not column.open:
        raise UnfitError("is not an allowed value", column.allowed)
    if not LANGUAGE_TAG.fullmatch(text):
        raise UnfitError("is not the code of a language", column.allowed)
    return text
