"""Keep the catalogues in step with the code: `python -m web.tools.translations` extracts every sentence and updates each language.

New sentences come in empty, changed ones marked fuzzy; a test names both until somebody has translated them.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from api.wording import CATALOGUES, LANGUAGES, SOURCE

ROOT: Final = CATALOGUES.parent.parent
SINGULAR: Final = frozenset({"say", "Message"})
PLURAL: Final = {"count": 1, "Message": 2}
"""Calls with a sentence as the first argument, and where their plural form stands."""
WIDTH: Final = 140
STAMP: Final = datetime(2026, 1, 1, tzinfo=UTC)
Sentence = str | tuple[str, str]


def extracted() -> Catalog:
    """Every sentence of the code and the templates, with the files it stands in."""
    catalogue = Catalog(project="Global CIO Network", charset="utf-8")
    for room in ("graph", "api", "web"):
        for path in sorted((ROOT / room).rglob("*.py")):
            for sentence in in_python(path.read_text(encoding="utf-8")):
                catalogue.add(sentence, None, [(path.relative_to(ROOT).as_posix(), 0)])
    for path in templates():
        for sentence in in_template(path.read_bytes()):
            catalogue.add(sentence, None, [(path.relative_to(ROOT).as_posix(), 0)])
    return catalogue


def templates() -> list[Path]:
    """Every template of the pages: whole pages, and macros of components. Examples of components are English."""
    return sorted([*(ROOT / "web" / "templates").rglob("*.html"), *(ROOT / "web" / "components").glob("*/template.html")])


def in_python(source: str) -> Iterator[Sentence]:
    """Sentences in calls of `say`, `count` and `Message`. Babel's own reader takes a comma in a dictionary for the next argument."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        texts = [
            argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else None for argument in node.args
        ]
        one, plural = texts[0], PLURAL.get(name)
        many = texts[plural] if plural is not None and plural < len(texts) else None
        if one and many:
            yield one, many
        elif one and name in SINGULAR:
            yield one


def in_template(source: bytes) -> Iterator[Sentence]:
    """Sentences in calls of `_` and `ngettext`."""
    for _, function, found, _ in babel_extract(
        BytesIO(source), ("_", "ngettext"), (), {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
    ):
        if function == "ngettext" and isinstance(found, tuple):
            yield str(found[0]), str(found[1])
        elif function == "_":
            yield str(found[0] if isinstance(found, tuple) else found)


def catalogue_of(language: str) -> Catalog:
    with path_of(language).open("rb") as file:
        return read_po(file, locale=language)


def path_of(language: str) -> Path:
    return CATALOGUES / language / "LC_MESSAGES" / "messages.po"


def update(language: str, template: Catalog) -> Catalog:
    """Bring one catalogue up to date; what is no longer said is dropped."""
    catalogue = catalogue_of(language) if path_of(language).exists() else Catalog(locale=language, charset="utf-8")
    catalogue.update(template, no_fuzzy_matching=False)
    catalogue.obsolete.clear()
    path_of(language).parent.mkdir(parents=True, exist_ok=True)
    path_of(language).write_bytes(_written(catalogue))
    return catalogue


def unfinished(catalogue: Catalog) -> Iterator[str]:
    """Sentences that nobody has translated, or not since they changed."""
    for message in catalogue:
        if message.id and (message.fuzzy or not _complete(message)):
            yield message.id if isinstance(message.id, str) else message.id[0]


def _complete(message: Message) -> bool:
    told = message.string
    return bool(told) and (isinstance(told, str) or all(told or ()))


def _written(catalogue: Catalog) -> bytes:
    """The catalogue as text that changes only where its sentences do."""
    out = BytesIO()
    catalogue.project, catalogue.version = "Global CIO Network", "1"
    catalogue.header_comment = (
        "# Sentences of the Global CIO Network. `python -m web.tools.translations` keeps this file in step with the code."
    )
    catalogue.creation_date = catalogue.revision_date = STAMP
    catalogue.last_translator = catalogue.language_team = catalogue.msgid_bugs_address = "Global CIO Network"
    catalogue.fuzzy = False
    write_po(out, catalogue, width=WIDTH, include_lineno=False)
    return out.getvalue()


def main() -> int:
    template = extracted()
    status = 0
    for language in LANGUAGES:
        if language == SOURCE:
            continue
        missing = list(unfinished(update(language, template)))
        sys.stdout.write(f"{language}: {len(template)} sentences, {len(missing)} to translate\n")
        status = status or int(bool(missing))
    return status


if __name__ == "__main__":
    raise SystemExit(main())
