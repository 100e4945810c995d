"""A sample of the requests made to hurt: each gets a status and a code below 500, and none tells of the inside."""

from __future__ import annotations

import httpx
import pytest

from api.schema import schema
from tests.api.asking import SECRETS, ask
from tests.bench.hostile import KINDS, Hostile, hostile

SAMPLE = 400


def test_the_same_seed_makes_the_same_requests() -> None:
    first, again, other = (list(hostile(schema._schema, len(KINDS), seed)) for seed in (1, 1, 2))

    assert first == again != other
    assert len({request.kind for request in first}) >= 15


@pytest.mark.slow
async def test_none_breaks_the_service_or_tells_of_the_inside(client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    wrong: list[tuple[int, str, Hostile]] = []
    for request in hostile(schema._schema, SAMPLE, seed=7):
        answer = await client.post("/graphql", content=request.body, headers=dict(request.headers))
        sent = request.body.decode(errors="replace")
        told = [word for word in SECRETS if word in answer.text and word not in sent]
        codes = [error["extensions"]["code"] for error in answer.json().get("errors", [])]
        if answer.status_code >= 500 or "INTERNAL" in codes or told or (answer.status_code >= 400) != ("data" not in answer.json()):
            wrong.append((answer.status_code, answer.text[:300], request))

    assert wrong == []
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []
    assert (await ask(client, '{ country(id: "KEN") { name } }'))["country"] == {"name": "Kenya"}
