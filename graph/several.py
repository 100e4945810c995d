"""One text for several reads that differ in some of their parameters: `UNWIND $reads AS q`, and `q.name` where the text for one has `$name`.

The text for one gives one row. Its subqueries have to let `q` in, and its `WITH`s have to carry it on, as far as a parameter of `own` is used.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from graph.database import Query

ASKED: Final = "q"
"""What one of the reads is called in the text."""
READS: Final = "reads"
"""The parameter of the text: for each read a map of its own parameters and its `number`."""


@dataclass(frozen=True, slots=True)
class Several:
    """A text that answers several reads: rows of (number of the read, the columns of its answer), in no order.

    `own` are the parameters in which the reads may differ; the others are the same for all.
    """

    text: str
    own: frozenset[str]

    def query(self, reads: Sequence[Mapping[str, Any]]) -> Query:
        """The query for reads whose parameters are these, numbered from 0."""
        shared = {name: value for name, value in reads[0].items() if name not in self.own}
        own = [{"number": number} | {name: each[name] for name in sorted(self.own)} for number, each in enumerate(reads)]
        return Query(self.text, shared | {READS: own})


def several(text: str, own: Collection[str], columns: Sequence[str]) -> Several:
    """The text for several reads, of the text for one and the names of its columns."""
    inner = re.sub(r"\$(\w+)", lambda found: f"{ASKED}.{found[1]}" if found[1] in own else found[0], text)
    indented = "\n".join(f"  {line}" for line in inner.splitlines())
    lines = [
        f"UNWIND ${READS} AS {ASKED}",
        f"CALL ({ASKED}) {{",
        indented,
        "}",
        f"RETURN {', '.join([f'{ASKED}.number AS number', *columns])}",
    ]
    return Several("\n".join(lines), frozenset(own))
