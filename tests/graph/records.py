"""Small sound records for tests. Their keys begin with `test-`, so that the `scratch` fixture takes them away."""

from __future__ import annotations

from datetime import date

from graph.records import Link, Record, Value


def source(key: str = "test-source", **values: Value) -> Record:
    return Record("Source", key, {"title": f"Title of {key}", "publisher": "Tests", **values})


def project(key: str = "test-project", *, links: dict[str, list[Link]] | None = None, **values: Value) -> Record:
    sound: dict[str, Value] = {
        "title": f"Title of {key}",
        "summary": "A register of fishing boats is put online.",
        "status": "ACTIVE",
        "startDate": date(2021, 5, 4),
        "lang": "en",
    }
    return Record("Project", key, sound | values, links or {"countries": [Link("country:KHM")]})


def need(key: str = "test-need", *, links: dict[str, list[Link]] | None = None, **values: Value) -> Record:
    sound: dict[str, Value] = {
        "title": f"Title of {key}",
        "description": "Boats on paper are to become a register.",
        "date": date(2024, 3, 1),
        "status": "OPEN",
        "lang": "en",
    }
    return Record("Need", key, sound | values, links or {"country": [Link("country:KHM")]})
