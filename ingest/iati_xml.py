"""IATI files as a stream of plain activities and organisations: versions 1.0x (text in elements) and 2.0x (`narrative`).

Contact details are not read at all. Files that declare entities are refused. Must not know records.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from lxml import etree

from ingest.connector import Rejected, Row
from ingest.inputs import InputFile
from ingest.textfiles import CONTROL

LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
ROOTS: Final = ("iati-activities", "iati-organisations")
MOST_TEXTS: Final = 50

Text = tuple[str | None, str]
"""The language an element itself declares, and its text."""


@dataclass(slots=True)
class Party:
    """A participating organisation: role and type as the file has them."""

    role: str
    ref: str | None
    type: str | None
    names: list[Text]


@dataclass(slots=True)
class Share:
    """A sector or a country with its percentage, where one is given. `vocabulary` of a sector, `names` of a country."""

    code: str
    percentage: float | None
    vocabulary: str = ""
    names: list[Text] = field(default_factory=list)


@dataclass(slots=True)
class Money:
    """A transaction's or a budget's value. `kind` is the transaction type, `budget` for a budget."""

    kind: str
    amount: float
    currency: str
    date: str


@dataclass(slots=True)
class Activity:
    """What is taken of one `iati-activity`."""

    lang: str | None
    currency: str
    uri: str | None
    identifier: str = ""
    reporter: Party | None = None
    titles: list[Text] = field(default_factory=list)
    descriptions: list[Text] = field(default_factory=list)
    parties: list[Party] = field(default_factory=list)
    status: str = ""
    dates: dict[str, str] = field(default_factory=dict)
    countries: list[Share] = field(default_factory=list)
    sectors: list[Share] = field(default_factory=list)
    money: list[Money] = field(default_factory=list)
    transaction_countries: list[Share] = field(default_factory=list)
    transaction_sectors: list[Share] = field(default_factory=list)
    seen: set[tuple[str, ...]] = field(default_factory=set)
    """Sectors and countries of transactions that are in already."""
    bad: list[tuple[str, str, str]] = field(default_factory=list)
    """Field, value and reason of what could not be read."""


@dataclass(slots=True)
class Organisation:
    """What is taken of one `iati-organisation`."""

    lang: str | None
    identifier: str
    names: list[Text]
    reporter: Party | None


Item = Activity | Organisation


def items(file: InputFile) -> Iterator[Row[Item] | Rejected]:
    """Activities and organisations in the order of the file. `line` is the line on which the element begins.

    A file that breaks off gives all that stands before the break, and a `Rejected` that says where it is.
    """
    with file.open() as stream:
        try:
            for _event, element in _elements(stream):
                if element.getroottree().docinfo.internalDTD is not None:
                    yield Rejected(1, "", "<!DOCTYPE", "declares entities or a document type, which no IATI file needs", broken=True)
                    return
                if element.tag in ROOTS:
                    continue
                yield Row(element.sourceline or 0, _activity(element) if element.tag == "iati-activity" else _organisation(element))
                element.clear(keep_tail=False)
                while element.getprevious() is not None:
                    del element.getparent()[0]
        except etree.XMLSyntaxError as error:
            yield Rejected(error.lineno or 1, "", "", f"is no XML from here on ({error.msg})", broken=True)


def _elements(stream: Any) -> Iterator[tuple[str, Any]]:
    """Roots as they open, so that a document type is seen before anything is built; activities and organisations as they close."""
    parser = etree.iterparse(
        stream,
        events=("start", "end"),
        tag=(*ROOTS, "iati-activity", "iati-organisation"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    for event, element in parser:
        if (event == "start") == (element.tag in ROOTS):
            yield event, element


def _activity(element: Any) -> Activity:
    activity = Activity(
        element.get(LANG),
        (element.get("default-currency") or "").strip().upper(),
        element.get("linked-data-uri") or element.get("linked-data"),
    )
    for child in element:
        reader = READERS.get(child.tag)
        if reader is not None:
            reader(activity, child)
    return activity


def _organisation(element: Any) -> Organisation:
    identifier = ""
    for name in ("organisation-identifier", "iati-identifier", "identifier"):
        identifier = identifier or _plain(element.findtext(name))
    reporter = element.find("reporting-org")
    names = [text for child in element.findall("name") for text in texts(child)]
    return Organisation(element.get(LANG), identifier, names, None if reporter is None else _party(reporter))


def texts(element: Any) -> list[Text]:
    """The narratives of an element, or its own text in version 1.0x."""
    narratives = element.findall("narrative")
    found = [(n.get(LANG), _plain(n.text)) for n in narratives[:MOST_TEXTS]] if narratives else [(element.get(LANG), _plain(element.text))]
    return [(lang, text) for lang, text in found if text]


def _plain(text: str | None) -> str:
    """One space between words; control characters gone."""
    return " ".join(CONTROL.sub("", text).split()) if text else ""


def _party(element: Any) -> Party:
    return Party((element.get("role") or "").strip(), (element.get("ref") or "").strip() or None, element.get("type"), texts(element))


def _share(activity: Activity, element: Any) -> Share:
    given = (element.get("percentage") or "").strip().rstrip("%")
    percentage = None
    if given:
        try:
            percentage = float(given)
        except ValueError:
            activity.bad.append((f"{element.tag}/@percentage", given, "is not a number"))
    return Share(
        (element.get("code") or "").strip(),
        percentage,
        (element.get("vocabulary") or "").strip(),
        [] if element.tag == "sector" else texts(element),
    )


def _identifier(activity: Activity, element: Any) -> None:
    activity.identifier = "".join(_plain(element.text).split())


def _reporter(activity: Activity, element: Any) -> None:
    activity.reporter = _party(element)


def _title(activity: Activity, element: Any) -> None:
    activity.titles += texts(element)


def _description(activity: Activity, element: Any) -> None:
    activity.descriptions += texts(element)


def _participant(activity: Activity, element: Any) -> None:
    activity.parties.append(_party(element))


def _status(activity: Activity, element: Any) -> None:
    activity.status = (element.get("code") or _plain(element.text)).strip()


def _date(activity: Activity, element: Any) -> None:
    day = (element.get("iso-date") or _plain(element.text))[:10]
    if day:
        activity.dates.setdefault((element.get("type") or "").strip().lower(), day)


def _country(activity: Activity, element: Any) -> None:
    activity.countries.append(_share(activity, element))


def _sector(activity: Activity, element: Any) -> None:
    activity.sectors.append(_share(activity, element))


def _transaction(activity: Activity, element: Any) -> None:
    kind = ""
    for child in element:
        if child.tag == "transaction-type":
            kind = (child.get("code") or "").strip().upper()
        elif child.tag in ("sector", "recipient-country") and (place := (child.tag, *child.attrib.values())) not in activity.seen:
            # A hundred transactions of one country say no more of it than one.
            if child.get("code"):
                activity.seen.add(place)
            (activity.transaction_sectors if child.tag == "sector" else activity.transaction_countries).append(_share(activity, child))
    _money(activity, element, kind)


def _budget(activity: Activity, element: Any) -> None:
    _money(activity, element, "BUDGET")


def _money(activity: Activity, element: Any, kind: str) -> None:
    value = element.find("value")
    if value is None:
        return
    text = _plain(value.text).replace(",", "")
    try:
        amount = float(text)
    except ValueError:
        if text:
            activity.bad.append((f"{element.tag}/value", text, "is not a number"))
        return
    activity.money.append(Money(kind, amount, (value.get("currency") or "").strip().upper(), (value.get("value-date") or "")[:10]))


READERS: Final[dict[str, Callable[[Activity, Any], None]]] = {
    "iati-identifier": _identifier,
    "reporting-org": _reporter,
    "title": _title,
    "description": _description,
    "participating-org": _participant,
    "activity-status": _status,
    "activity-date": _date,
    "recipient-country": _country,
    "sector": _sector,
    "transaction": _transaction,
    "budget": _budget,
}

GENERATED: Final = re.compile(rb"generated-datetime\s*=\s*[\"']([^\"']{10,40})")
REPORTER: Final = re.compile(rb"<reporting-org\b[^>]*\bref\s*=\s*[\"']([^\"']+)")
