"""The list of every kind of record, and the page of one: the same for all kinds, each with its own document and templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import RedirectResponse, Response

from graph.errors import Code, NetworkError
from web.page import Page, View
from web.terms import Domain
from web.visit import Visit, address

PAGE_SIZE: Final = 20


def list_view(domain: Domain) -> View:
    """All records of a kind, or those that fit a text."""

    async def view(visit: Visit) -> Page:
        text = visit.parameter("q") if domain.searchable else ""
        listing = await _searched(visit, domain, text) if text else await _listed(visit, domain)
        values = {"domain": domain, "text": text, "listing": True} | listing
        known = {"after", "before"} | ({"q"} if domain.searchable else set())
        return Page(domain.list_template, visit.speech.tell(domain.many), values, frozenset(known), menu=domain.path)

    return view


async def _listed(visit: Visit, domain: Domain) -> dict[str, Any]:
    after, before = visit.parameter("after") or None, visit.parameter("before") or None
    sizes = {"last": PAGE_SIZE, "before": before} if before else {"first": PAGE_SIZE, "after": after}
    found = (await visit.ask(f"{domain.operation}List", **sizes))["records"]
    place = found["pageInfo"]
    return {
        "records": found["nodes"],
        "total": found["totalCount"],
        "following": visit.href(domain.path, {"after": place["endCursor"]}) if place["hasNextPage"] else None,
        "preceding": visit.href(domain.path, {"before": place["startCursor"]}) if place["hasPreviousPage"] else None,
        "notices": [],
    }


async def _searched(visit: Visit, domain: Domain, text: str) -> dict[str, Any]:
    found = (await visit.ask("Search", query=text, kinds=[domain.kind], first=PAGE_SIZE, after=visit.parameter("after") or None))["search"]
    place = found["pageInfo"]
    return {
        "records": found["nodes"],
        "total": found["totalCount"],
        "following": visit.href(domain.path, {"q": text, "after": place["endCursor"]}) if place["hasNextPage"] else None,
        "preceding": visit.href(domain.path, {"q": text}) if place["hasPreviousPage"] else None,
        "notices": found["notices"],
    }


def record_view(domain: Domain) -> View:
    """One record with what hangs on it. What was withdrawn is shown as it was, as 410 Gone."""

    async def view(visit: Visit) -> Page | Response:
        record = await fetch(visit, domain)
        if (elsewhere := moved(visit, domain, record)) is not None:
            return elsewhere
        values = {"record": record, "domain": domain, "differences": await differences(visit, domain, record)}
        return Page(f"{domain.name}/record.html", record["title"], values, status=410 if record.get("withdrawn") else 200, menu=domain.path)

    return view


def moved(visit: Visit, domain: Domain, record: Mapping[str, Any]) -> Response | None:
    """The way to the record that stayed, where the address is that of one that was merged into it; the same for every twin."""
    asked, key = str(visit.request.path_params["key"]), record["id"].partition(":")[2]
    if key == asked:
        return None
    suffix = visit.request.url.path.removeprefix(visit.path)
    pairs = [(name, value) for name, value in visit.request.query_params.multi_items() if value]
    return RedirectResponse(address(f"{domain.path}/{key}{suffix}", pairs), 301)


async def differences(visit: Visit, domain: Domain, record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Fields on which the record's sources differ."""
    if not domain.type.sourced:
        return []
    found: list[dict[str, Any]] = (await visit.ask_beside("Disagreements", record=record["id"]))["disagreements"]
    return found


async def fetch(visit: Visit, domain: Domain, **variables: Any) -> dict[str, Any]:
    """The record that the address names, asked for with further variables of its document. Raises NOT_FOUND."""
    key = str(visit.request.path_params["key"])
    record: dict[str, Any] | None = (await visit.ask(domain.operation, id=f"{domain.type.prefix}:{key}", **variables))["record"]
    if record is None:
        raise NetworkError(Code.NOT_FOUND, f"There is no record “{key[:80]}” here.", hint="The record may have moved: search for it.")
    return record
