"""A sentence for people that can be told in any language: the English text is its key, values are filled in after translation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


class Translations(Protocol):
    """The two calls of gettext that are needed."""

    def gettext(self, message: str) -> str: ...

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str: ...


@dataclass(frozen=True, slots=True)
class Message:
    """`text` has `{names}` that `values` fill. With `plural`, `values["n"]` chooses the form."""

    text: str
    values: Mapping[str, str | int | float] = field(default_factory=dict)
    plural: str | None = None

    def render(self, translations: Translations | None = None) -> str:
        if self.plural is not None:
            n = int(self.values["n"])
            chosen = translations.ngettext(self.text, self.plural, n) if translations else (self.text if n == 1 else self.plural)
        else:
            chosen = translations.gettext(self.text) if translations else self.text
        return chosen.format(**self.values)

    def __str__(self) -> str:
        return self.render()
