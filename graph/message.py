"""A sentence for people that can be told in any language: the English text is its key, values are filled in after translation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias


class Translations(Protocol):
    """The two calls of gettext that are needed."""

    def gettext(self, message: str) -> str: ...

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str: ...


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum of money; in English `1.4 M USD`: at most two decimals, no trailing zeros."""

    amount: float
    currency: str = "USD"

    def __str__(self) -> str:
        for size, unit in ((1e9, " B"), (1e6, " M"), (1e3, " k")):
            # From where the next smaller unit would be rounded up to 1,000.
            if round(abs(self.amount) / size * 1000, 2) >= 1000:
                return f"{_short(self.amount / size)}{unit} {self.currency}"
        return f"{_short(self.amount)} {self.currency}"


@dataclass(frozen=True, slots=True)
class Number:
    """A number with its decimals."""

    value: float
    decimals: int = 0

    def __str__(self) -> str:
        return f"{self.value:,.{self.decimals}f}"


@dataclass(frozen=True, slots=True)
class Names:
    """Names of records that the graph may know in other languages: countries, their groups, topics."""

    items: tuple[str, ...]

    def __str__(self) -> str:
        return ", ".join(self.items)


@dataclass(frozen=True, slots=True)
class Languages:
    """Languages by their BCP 47 tags."""

    tags: tuple[str, ...]

    def __str__(self) -> str:
        return ", ".join(self.tags)


Value: TypeAlias = "str | int | float | Sum | Number | Names | Languages | Message"


def _short(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")


@dataclass(frozen=True, slots=True)
class Message:
    """`text` has `{names}` that `values` fill, a message among them in the same language. With `plural`, `values["n"]` chooses the form."""

    text: str
    values: Mapping[str, Value] = field(default_factory=dict)
    plural: str | None = None

    def render(self, translations: Translations | None = None, write: Callable[[Value], str] = str) -> str:
        """The sentence in a language; `write` says how a value is written in it."""
        if self.plural is not None:
            n = int(self.values["n"])  # type: ignore[arg-type]  # a number, by what `plural` asks
            chosen = translations.ngettext(self.text, self.plural, n) if translations else (self.text if n == 1 else self.plural)
        else:
            chosen = translations.gettext(self.text) if translations else self.text
        told = {name: v.render(translations, write) if isinstance(v, Message) else write(v) for name, v in self.values.items()}
        return chosen.format(**told)

    def __str__(self) -> str:
        return self.render()
