"""A record and what it is linked to, as a drawing and as a list, and the way from one record to another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.responses import RedirectResponse, Response

from graph.errors import Code, NetworkError
from web.figures import Record
from web.page import Page
from web.terms import VALUES, path_of
from web.visit import Visit

DRAWN: Final = 12
LISTED: Final = 12
WHOLE: Final = 100
WIDTH: Final = 960
HEIGHT: Final = 560
REACH_X: Final = 380.0
REACH_Y: Final = 225.0
BOX_WIDTH: Final = 188
BOX_HEIGHT: Final = 34
LETTERS: Final = 21
KNOWN: Final = frozenset({"by", "to", "q"})


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A record around the middle: where its box begins and what joins the two."""

    record: Record
    field: str
    x: float
    y: float

    @property
    def middle(self) -> tuple[float, float]:
        return round(self.x + BOX_WIDTH / 2, 1), round(self.y + BOX_HEIGHT / 2, 1)

    @property
    def word_at(self) -> tuple[float, float]:
        """Where the relationship is written: on the line, nearer to the neighbour."""
        x, y = self.middle
        return round(WIDTH / 2 + (x - WIDTH / 2) * 0.56, 1), round(HEIGHT / 2 + (y - HEIGHT / 2) * 0.56, 1)


async def view(visit: Visit) -> Page | Response:
    record_id = str(visit.request.path_params["key"])
    by, to, sought = visit.parameter("by"), visit.parameter("to"), visit.parameter("q")
    answer = await visit.ask("Surroundings", id=record_id, records=WHOLE if by else LISTED)
    record = answer["node"]
    if record is None or path_of(record_id) is None:
        raise NetworkError(Code.NOT_FOUND, f"There is no record “{record_id[:80]}” here.", hint="The record may have moved: search for it.")
    linked = answer["surroundings"]
    shown = [group for group in linked if group["field"] == by] or linked
    # The page shows what was chosen, and so do its twins.
    visit.data["surroundings"] = shown
    left_out = [f"by={by[:40]}"] if by and shown is linked else []
    found: list[Record] = []
    if sought and not to:
        found = (await visit.ask_more("Suggest", query=sought))["search"]["nodes"]
        found = [node for node in found if node["id"] != record_id]
    if to == record_id:
        return RedirectResponse(visit.href(f"/graph/{record_id}"), 303)
    way: list[Record] | None = None
    if to:
        try:
            way = (await visit.ask_more("Way", start=record_id, end=to))["path"]
        except NetworkError as error:
            if error.code is not Code.NOT_FOUND:
                raise
            left_out.append(f"to={to[:40]}")
    values = {
        "record": record,
        "linked": linked,
        "shown": shown,
        "by": by if shown is not linked else "",
        "neighbours": placed(chosen(shown)),
        "drawing": (WIDTH, HEIGHT, BOX_WIDTH, BOX_HEIGHT, LETTERS),
        "left_out": left_out,
        "sought": sought,
        "found": found,
        "way": way,
        "path": f"/graph/{record_id}",
        "relations": VALUES["link"],
    }
    return Page("graph/surroundings.html", visit.speech.say("Around {record}", record=record["title"]), values, KNOWN, indexed=False)


def chosen(groups: Sequence[Record]) -> list[tuple[str, Record]]:
    """At most twelve records, taken from the relationships in turn so that each is seen: (field, record)."""
    waiting = [(group["field"], list(group["records"]["nodes"])) for group in groups]
    out: list[tuple[str, Record]] = []
    seen: set[str] = set()
    while len(out) < DRAWN and any(nodes for _, nodes in waiting):
        for field, nodes in waiting:
            if nodes and len(out) < DRAWN:
                node = nodes.pop(0)
                if node["id"] not in seen:
                    seen.add(node["id"])
                    out.append((field, node))
    order = [field for field, _ in waiting]
    return sorted(out, key=lambda pair: order.index(pair[0]))


def placed(pairs: Sequence[tuple[str, Record]]) -> list[Neighbour]:
    """The records on an ellipse around the middle, from the top, clockwise. An even number leaves the top free: two boxes have room there."""
    out: list[Neighbour] = []
    begin = -math.pi / 2 + (math.pi / len(pairs) if pairs and len(pairs) % 2 == 0 else 0)
    for place, (field, node) in enumerate(pairs):
        turn = 2 * math.pi * place / len(pairs) + begin
        x = WIDTH / 2 + REACH_X * math.cos(turn) - BOX_WIDTH / 2
        y = HEIGHT / 2 + REACH_Y * math.sin(turn) - BOX_HEIGHT / 2
        out.append(Neighbour(node, field, round(x, 1), round(y, 1)))
    return out
