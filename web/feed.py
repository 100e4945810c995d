"""A list as an Atom feed (RFC 4287): the same records in the same order as on its page.

Must not know where the records come from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from lxml import etree

from web.terms import BY_LABEL, path_of
from web.visit import Visit

ATOM: Final = "http://www.w3.org/2005/Atom"
LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
DATES: Final = ("date", "startDate", "starts", "due", "retrieved", "electronicSince")
STARTED: Final = datetime.now(UTC)
"""What has no date of its own is as new as this process: readers need some moment, and none later is known."""
FORBIDDEN: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot carry."""


def feed(visit: Visit, title: str, records: Sequence[Mapping[str, Any]]) -> bytes:
    """The feed as XML. The page itself is its alternate; a record's page is its identifier."""
    root = etree.Element(f"{{{ATOM}}}feed", {LANG: visit.language}, nsmap={None: ATOM})
    page, own = visit.origin + visit.address(), visit.origin + visit.twin(".atom")
    entries = [_entry(visit, record) for record in records if path_of(record["id"])]
    newest = max((text for entry in entries if (text := entry.findtext(f"{{{ATOM}}}updated"))), default=_moment(None))
    _put(root, "id", page)
    _put(root, "title", f"{title} – {visit.speech.say('Global CIO Network')}")
    _put(root, "updated", newest)
    _put(root, "link", rel="self", type="application/atom+xml", href=own)
    _put(root, "link", rel="alternate", type="text/html", href=page)
    author = _put(root, "author")
    _put(author, "name", visit.speech.say("Global CIO Network"))
    root.extend(entries)
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True))


def _entry(visit: Visit, record: Mapping[str, Any]) -> etree._Element:
    path = str(path_of(record["id"]))
    entry = etree.Element(f"{{{ATOM}}}entry", {LANG: record["lang"]} if record.get("lang") else {})
    _put(entry, "id", visit.origin + path)
    _put(entry, "title", record["title"])
    _put(entry, "updated", _moment(next((record[name] for name in DATES if record.get(name)), None)))
    _put(entry, "link", rel="alternate", type="text/html", href=visit.origin + visit.href(path))
    if domain := BY_LABEL.get(record.get("__typename", "")):
        _put(entry, "category", term=domain.slug, label=visit.speech.tell(domain.one))
    if text := record.get("summary") or record.get("about"):
        _put(entry, "summary", text)
    return entry


def _put(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    made = etree.SubElement(parent, f"{{{ATOM}}}{name}", {key: FORBIDDEN.sub("", value) for key, value in attributes.items()})
    made.text = FORBIDDEN.sub("", text) if text is not None else None
    return made


def _moment(value: str | None) -> str:
    """A day or a moment of the API as RFC 3339."""
    found = datetime.fromisoformat(value) if value else STARTED
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
