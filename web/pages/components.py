"""The page that shows every component in its states, in the colours that were asked for."""

from __future__ import annotations

import re
from typing import Final

from graph.message import Message
from web import components, static
from web.page import Page
from web.visit import Visit

THEMES: Final = {"": Message("As the device"), "light": Message("Light"), "dark": Message("Dark")}
COLOUR: Final = re.compile(r"--([a-z][a-z0-9-]*): #")


async def view(visit: Visit) -> Page:
    wanted = visit.parameter("theme")
    theme = wanted if wanted in THEMES else ""
    tokens = (static.FILES / "tokens.css").read_text(encoding="utf-8")
    values = {
        "names": components.names(),
        "colours": list(dict.fromkeys(COLOUR.findall(tokens))),
        "themes": [(name, visit.speech.tell(words), visit.href("/components", {"theme": name})) for name, words in THEMES.items()],
        "theme": theme,
    }
    return Page("components.html", visit.speech.say("Components"), values, frozenset({"theme"}))
