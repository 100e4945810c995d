"""Templates say nothing of their own: every text goes through translation."""

from __future__ import annotations

from collections import UserDict
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, StrictUndefined
from jinja2.exceptions import UndefinedError

from tests.web.wording import untranslated
from web.rendering import QuickEnvironment
from web.tools.translations import ROOT, templates

NAMES = frozenset({"JSON", "CSV", "GraphQL", "GraphiQL", "Atom"})
"""Names that are the same in every language."""


@pytest.mark.parametrize("path", templates(), ids=lambda path: path.relative_to(ROOT / "web").as_posix())
def test_every_text_of_a_template_goes_through_translation(path: Path) -> None:
    assert untranslated(path.read_text(encoding="utf-8"), NAMES) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Nothing here</p>", ["Nothing here"]),
        ('<p>{{ _("Nothing here") }}</p>', []),
        ('<a aria-label="Next page">{{ _("Next") }}</a>', ["Next page"]),
        ('<a class="wide btn" href="/next">{{ _("Next") }}</a>', []),
        ('<p>{{ "Yes" if x else _("No") }}</p>', ["Yes"]),
        ('<p class="{{ "wide" if x }}">{% if x %}<b>or so</b>{% else %}{{ x or "none at all" }}{% endif %}</p>', ["or so", "none at all"]),
        ('{{ parts.fact("Smallest amount", x) }}{{ term("part", "name") }}{{ day(x, "YEAR") }}', ["Smallest amount"]),
        ('{% set words = _("Next") %}{% for x in y %}<li>{{ x }} (year)</li>{% endfor %}', ["(year)"]),
        ("<code>gcio up</code><!-- a note --> · 1 ÷ 2", []),
    ],
)
def test_the_reader_of_templates_finds_what_is_left(source: str, found: list[str]) -> None:
    assert untranslated(source) == found


class Point:
    x = 3


@pytest.mark.parametrize(
    "value",
    [{"x": 1}, {"x": None}, {"x": {"x": 2}}, {"items": 1, "x": 2}, UserDict({"x": 1}), Point(), [1], "x", None, {}],
    ids=lambda value: f"{type(value).__name__} {value!a}"[:30],
)
@pytest.mark.parametrize("expression", ["v.x", "v.items", "v.x.x", "v['x']", "v.x is defined", "v.nothing is defined"])
def test_what_stands_behind_a_dot_is_what_jinja_finds(value: Any, expression: str) -> None:
    def told(environment: Environment) -> str:
        try:
            return environment.from_string(f"{{{{ {expression} }}}}").render(v=value)
        except UndefinedError as error:
            return f"undefined: {error}"

    assert told(QuickEnvironment(autoescape=True, undefined=StrictUndefined)) == told(
        Environment(autoescape=True, undefined=StrictUndefined)
    )
