"""What a template says without translation, and what a page says in English although it is in another language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser

from babel.messages.catalog import Catalog
from jinja2 import nodes

from web.rendering import environment

READ = ("aria-label", "title", "alt", "placeholder", "data-h")
"""Attributes whose values people read."""
META = frozenset({"description", "og:title", "og:description", "og:site_name", "og:image:alt"})
"""`meta` elements whose content people read, by name or property."""
SILENT = frozenset({"style", "script", "code", "pre"})
VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
GETTEXT = frozenset({"_", "ngettext"})
PHRASE = re.compile(r"[A-Z][a-z]+([ ,.]|$)")
"""How a string begins that is a sentence or a word for people, not the name of a field, a class or a value."""
ATTRIBUTES = re.compile(r"(\s*[\w-]+=\"[^\"]*\")+")


class Reader(HTMLParser):
    """What a reader meets in HTML that is in the page's language: (element, text)."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[tuple[str, str]] = []
        self.open: list[tuple[str, bool]] = []
        self.page: str | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "html":
            self.page = given.get("lang")
        lang = given.get("lang")
        own = self._own() if lang is None else lang == self.page
        if own:
            button = tag == "input" and given.get("type") in {"submit", "button", "reset"}
            meta = bool({given.get("name"), given.get("property")} & META)
            wanted = {*READ, *(("value",) if button else ()), *(("content",) if meta else ())}
            self.said += [(tag, value) for name, value in attributes if name in wanted and value]
        if tag not in VOID:
            self.open.append((tag, own and tag not in SILENT))

    def handle_endtag(self, tag: str) -> None:
        for place in range(len(self.open) - 1, -1, -1):
            if self.open[place][0] == tag:
                del self.open[place:]
                break

    def handle_data(self, data: str) -> None:
        if self._own() and data.strip():
            self.said.append((self.open[-1][0] if self.open else "", " ".join(data.split())))

    def _own(self) -> bool:
        return all(own for _, own in self.open)


def said(html: str) -> list[tuple[str, str]]:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader.said


def untranslated(source: str, allowed: Iterable[str] = ()) -> list[str]:
    """Texts of a template that no call of `_` or `ngettext` tells: between tags, in attributes that are read, as arguments of macros."""
    tree = environment().parse(source)
    html = "".join(_written(tree))
    found = [text for _, text in said(html) if re.search(r"[^\W\d_]", text) and not ATTRIBUTES.fullmatch(text)]
    found += [text for call in tree.find_all(nodes.Call) for text in _arguments(call) if PHRASE.match(text)]
    names = set(allowed)
    return [text for text in found if text.strip(" ·:,;()") not in names]


def _written(tree: nodes.Node) -> Iterator[str]:
    """What a template writes itself, in the order of its source: text, and constants that an expression chooses between."""
    for output in tree.find_all(nodes.Output):
        for part in output.nodes:
            yield part.data if isinstance(part, nodes.TemplateData) else " ".join(_constants(part))


def _constants(expression: nodes.Node) -> Iterator[str]:
    """Strings that an expression can have as its value."""
    match expression:
        case nodes.Const(value=str() as text):
            yield text
        case nodes.CondExpr(expr1=first, expr2=second):
            yield from _constants(first)
            yield from _constants(second) if second else ()
        case nodes.Or(left=first, right=second) | nodes.And(left=first, right=second):
            yield from _constants(first)
            yield from _constants(second)
        case nodes.Concat(nodes=parts):
            for part in parts:
                yield from _constants(part)


def _arguments(call: nodes.Call) -> Iterator[str]:
    """Strings given to a macro or a function that does not translate."""
    if isinstance(call.node, nodes.Name) and call.node.name in GETTEXT:
        return
    for argument in (*call.args, *(keyword.value for keyword in call.kwargs)):
        yield from _constants(argument)


def english_left(html: str, english: Catalog, foreign: Catalog) -> list[str]:
    """Sentences of the catalogue that a page in another language tells in English."""
    words, phrases = _english(english, foreign)
    return [text for _, text in said(html) if text in words or any(phrase in text for phrase in phrases)]


def _english(english: Catalog, foreign: Catalog) -> tuple[set[str], list[str]]:
    """(whole sentences, pieces of three words and more between the names) that are told otherwise in the other language."""
    words: set[str] = set()
    phrases: set[str] = set()
    for message in english:
        if not message.id:
            continue
        forms = (message.id,) if isinstance(message.id, str) else message.id
        told = foreign[message.id if isinstance(message.id, str) else message.id[0]].string
        translated = {told} if isinstance(told, str) else set(told)
        for form in set(forms) - translated:
            if "{" not in form:
                words.add(form)
            phrases |= {piece.strip() for piece in re.split(r"\{\w+\}", form) if len(piece.split()) >= 3}
    return words, sorted(phrases)
