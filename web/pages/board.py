"""The funders' board: what is asked and what is open, topic by group of countries, and one cell of it with its records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.responses import RedirectResponse, Response

from graph.errors import Code, NetworkError
from graph.vocabulary import CountryGroupKind
from web import options
from web.figures import Record
from web.options import Option
from web.page import Page
from web.visit import LARGEST_PAGE, Visit

KINDS: Final = {kind.value.lower(): kind for kind in CountryGroupKind}
USUAL: Final = CountryGroupKind.REGION.value.lower()
KNOWN: Final = frozenset({"columns", "within", "provider"})
CELL_KNOWN: Final = frozenset({"topic", "group", "provider"})


@dataclass(frozen=True, slots=True)
class Square:
    """A cell of the matrix. `state` is gap where a need lacks something, over where help meets no need, plain else."""

    cell: Record

    @property
    def state(self) -> str:
        if self.cell["needsWithoutMoney"]["totalCount"] or self.cell["needsWithoutOffer"]["totalCount"]:
            return "gap"
        return "plain" if self.cell["needs"]["totalCount"] else "over"


async def view(visit: Visit) -> Page:
    asked_columns, asked_rows = visit.parameter("columns").lower(), visit.parameter("within").removeprefix("topic:")
    topics = await options.topics(visit)
    columns = asked_columns if asked_columns in KINDS else USUAL
    rows = rows_within(topics, asked_rows)
    left_out = [f"columns={asked_columns[:40]}"] if asked_columns and asked_columns not in KINDS else []
    left_out += [f"within={asked_rows[:40]}"] if asked_rows and not rows else []
    providers = await options.providers(visit)
    provider, unmet = chosen_provider(visit, providers)
    left_out += unmet
    given = {
        "kind": KINDS[columns].value,
        "topics": [f"topic:{key}" for key in rows] or None,
        "providers": [provider.value] if provider else None,
    }
    board = (await visit.ask("Board", first=LARGEST_PAGE, **given))["board"]
    place = board["cells"]["pageInfo"]
    while place["hasNextPage"]:
        more = (await visit.ask_more("Board", first=LARGEST_PAGE, after=place["endCursor"], **given))["board"]["cells"]
        board["cells"]["nodes"] += more["nodes"]
        place = more["pageInfo"]
    visit.data["board"] = board
    cells = board["cells"]["nodes"]
    values = {
        "board": board,
        "columns": columns,
        "kinds": list(KINDS),
        "within": asked_rows if rows else "",
        "wide_topics": [option for option in topics if option.within is None],
        "left_out": left_out,
        "providers": providers,
        "provider": provider,
        "topics": {cell["topic"]["id"]: cell["topic"] for cell in cells},
        "groups": dict(sorted({cell["group"]["id"]: cell["group"] for cell in cells}.items(), key=lambda pair: str(pair[1]["title"]))),
        "squares": {(cell["topic"]["id"], cell["group"]["id"]): Square(cell) for cell in cells},
        "listing": True,
        "feeds": False,
    }
    return Page("board/board.html", visit.speech.say("Funders’ board"), values, KNOWN, menu="/board")


def rows_within(topics: Sequence[Option], wide: str) -> list[str]:
    """Keys of a wide topic's narrower ones, and its own; none where it is no wide topic."""
    narrow = [option.value for option in topics if option.within == wide]
    return [*narrow, wide] if narrow else []


def chosen_provider(visit: Visit, known: Sequence[Option]) -> tuple[Option | None, list[str]]:
    """Whose offers and windows alone are asked for, and what of the address is left out since nobody there has anything open."""
    asked = visit.parameter("provider")
    found = next((option for option in known if option.value == asked), None)
    return found, [f"provider={asked[:40]}"] if asked and found is None else []


async def cell_view(visit: Visit) -> Page | Response:
    topic, group = (visit.parameter(name).removeprefix(f"{name}:") for name in ("topic", "group"))
    if not topic or not group:
        return RedirectResponse(visit.href("/board"), 303)
    provider, left_out = chosen_provider(visit, await options.providers(visit))
    mine = [provider.value] if provider else None
    try:
        answer = await visit.ask("BoardCell", topic=f"topic:{topic}", group=f"group:{group}", providers=mine)
    except NetworkError as error:
        if error.code not in {Code.UNKNOWN_TOPIC, Code.BAD_INPUT, Code.NOT_FOUND}:
            raise
        raise NetworkError(
            Code.NOT_FOUND, f"The board has no cell for “{topic[:60]}” and “{group[:60]}”.", hint="Choose one from the board."
        ) from error
    cell = next(iter(answer["board"]["cells"]["nodes"]), None)

    def ids(name: str) -> set[str]:
        return {node["id"] for node in cell[name]["nodes"]} if cell else set()

    values = {
        "board": answer["board"],
        "cell": cell,
        "provider": provider,
        "left_out": left_out,
        "topic": answer["topic"],
        "group": answer["countryGroup"],
        "no_money": ids("needsWithoutMoney"),
        "no_offer": ids("needsWithoutOffer"),
        "idle": ids("idleOffers") | ids("idleWindows"),
    }
    title = visit.speech.say("{topic}: {group}", topic=answer["topic"]["title"], group=answer["countryGroup"]["title"])
    return Page("board/cell.html", title, values, CELL_KNOWN, menu="/board")
