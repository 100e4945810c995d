"""All topics as a tree: each wide one with its narrower ones, and how many records of each kind are about them."""

from __future__ import annotations

from typing import Final

from web.figures import Record
from web.options import reading_order
from web.page import Page
from web.terms import BY_LABEL
from web.visit import Visit

COUNTED: Final = ("practices", "partnerships", "projects", "offers", "fundingCalls", "needs", "solutions")


async def view(visit: Visit) -> Page:
    domain = BY_LABEL["Topic"]
    answer = await visit.ask_whole("TopicList")
    nodes = sorted(answer["records"]["nodes"], key=lambda node: reading_order(node["title"]))
    tree = [
        (wide, [node for node in nodes if node["parent"] and node["parent"]["id"] == wide["id"]]) for wide in nodes if not wide["parent"]
    ]
    # The twins have the topics in the order of the page.
    answer["records"]["nodes"] = [node for wide, narrow in tree for node in (wide, *narrow)]
    totals = {node["id"]: total_of(node) for node in nodes}
    values = {
        "domain": domain,
        "listing": True,
        "tree": tree,
        "records": answer["records"]["nodes"],
        "totals": totals,
        "sums": {wide["id"]: sum(totals[node["id"]] for node in (wide, *narrow)) for wide, narrow in tree},
    }
    return Page("topics/list.html", visit.speech.tell(domain.many), values, menu=domain.path)


def total_of(topic: Record) -> int:
    """How many records are about exactly this topic."""
    return sum(int(topic[kind]["totalCount"]) for kind in COUNTED)
