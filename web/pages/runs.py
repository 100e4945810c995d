"""Runs of connectors: the latest beside the sources, and each with the rows that it set aside, for those who may see them."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from graph.viewer import Role
from web.page import Page
from web.pages.records import fetch, list_view
from web.terms import BY_LABEL
from web.visit import Visit

ROWS: Final = 100
LATEST: Final = 10


async def sources(visit: Visit) -> Page | Response:
    """All sources with their licences, and on the first page the latest runs."""
    page = await list_view(BY_LABEL["Source"])(visit)
    if isinstance(page, Page):
        runs = [] if page.values["preceding"] else (await visit.ask_beside("LatestRuns", first=LATEST))["runs"]["nodes"]
        page.values["runs"] = runs
    return page


async def view(visit: Visit) -> Page:
    """One run. Rows are asked for as whoever shows a token: nobody but a member gets any."""
    await visit.know_viewer()
    domain, after = BY_LABEL["IngestRun"], visit.parameter("after") or None
    record = await fetch(visit, domain, first=ROWS, after=after)
    place = record["rejections"]["pageInfo"]
    values = {
        "record": record,
        "domain": domain,
        "differences": [],
        "listing": True,
        "member": visit.viewer.role is not Role.PUBLIC,
        "taken": sum(record[name] or 0 for name in ("new", "changed", "unchanged")),
        "following": visit.href(visit.path, {"after": place["endCursor"]}) if place["hasNextPage"] else None,
        "preceding": visit.href(visit.path) if place["hasPreviousPage"] else None,
    }
    return Page("runs/record.html", record["title"], values, frozenset({"after"}), menu=domain.path)
