"""The snippets of docs/mutations.md and docs/subscriptions.md run as they stand, on a server of this session."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from api import websocket
from graph.catalogue import data_version
from graph.database import Database
from tests.api.asking import ask
from tests.api.conftest import Member, NewMember
from tests.api.test_mutations import ERRORS, create, mutate

pytestmark = pytest.mark.live
DOCS = Path(__file__).parents[2] / "docs"
LOCAL = "127.0.0.1:8600"


def snippets(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", (DOCS / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


async def started(command: str, **variables: str) -> asyncio.subprocess.Process:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    return await asyncio.create_subprocess_shell(
        command, stdout=asyncio.subprocess.PIPE, env={"PATH": os.environ["PATH"], "NO_PROXY": "127.0.0.1"} | variables
    )


async def shell(command: str, **variables: str) -> str:
    out, _ = await (await started(command, **variables)).communicate()
    return out.decode()


@pytest.fixture
def address(base_url: str) -> str:
    return base_url.removeprefix("http://")


async def test_need_is_stated_with_curl(member: Member, address: str) -> None:
    [_, command] = snippets("mutations.md", "sh")

    answer = json.loads(await shell(command.replace(LOCAL, address), SECRET=member.secret))

    payload = answer["data"]["createNeed"]
    assert payload["errors"] == []
    assert (payload["need"]["id"].partition(":")[0], payload["need"]["version"]) == ("need", 1)


async def test_needs_are_stated_changed_and_withdrawn_in_graphql(member: Member) -> None:
    [state, change, withdraw, *_] = snippets("mutations.md", "graphql")
    given = {
        "country": "KHM",
        "title": "Birth certificates online",
        "description": "Families travel a day to register a birth.",
        "lang": "en",
    }

    stated = (await ask(member.client, state, {"input": given}))["createNeed"]
    need = {"id": stated["need"]["id"], "version": 1}
    changed = (await ask(member.client, change, need))["updateNeed"]
    withdrawn = (await ask(member.client, withdraw, need | {"version": 2}))["withdrawNeed"]

    assert [stated["errors"], changed["errors"], withdrawn["errors"]] == [[], [], []]
    assert stated["need"]["country"] == {"name": "Cambodia"}
    assert changed["need"] == {"version": 2, "deadline": "2030-06-30", "amountUsd": 300000}
    assert withdrawn["need"] == {"version": 3, "withdrawn": True, "status": "WITHDRAWN"}


async def test_error_is_told_as_the_page_shows_it(member: Member) -> None:
    [shown] = snippets("mutations.md", "json")

    payload = await mutate(
        member.client, "createNeed", {"country": "KHM", "title": "A", "description": "B", "lang": "en", "topics": ["topic:nationl-id"]}
    )

    assert payload["errors"] == [json.loads(shown)]


async def test_offer_is_made_from_python(new_member: NewMember, base_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    member = await new_member("country:KHM")
    [code] = snippets("mutations.md", "python")

    await asyncio.to_thread(exec, code.replace(f"http://{LOCAL}", base_url), {"SECRET": member.secret})

    assert re.fullmatch(r"offer:[0-9A-Z]{26}\n", capsys.readouterr().out)


async def test_changes_are_followed_with_curl(address: str) -> None:
    [command] = snippets("subscriptions.md", "sh")

    process = await started(f"exec {command.replace(LOCAL, address)}")
    assert process.stdout is not None
    first = (await process.stdout.readuntil(b"\n\n")).decode().splitlines()
    process.kill()
    await process.wait()

    assert first[0] == "event: next"
    assert first[1] == f"id: {json.loads(first[2].removeprefix('data: '))['data']['changes']['sequence']}"


async def test_changes_are_followed_from_python(base_url: str) -> None:
    [code] = snippets("subscriptions.md", "python")
    names: dict[str, Any] = {}

    await asyncio.to_thread(exec, code.replace(f"ws://{LOCAL}", base_url.replace("http", "ws")), names)

    assert names["last"] > 0


async def test_subscription_of_the_page_is_one(base_url: str, member: Member, database: Database) -> None:
    from tests.api.test_sse import streaming

    [document] = snippets("subscriptions.md", "graphql")
    since = await data_version(database)
    need = await create(member)

    async with streaming(base_url, document, headers=member.authorization, after=since) as stream:
        event = await stream.next()

    assert event is not None
    assert event.data["data"]["changes"]["record"] == {"id": need["id"], "title": need["title"], "status": "OPEN"}


async def test_query_in_javascript_is_one(base_url: str, member: Member, database: Database) -> None:
    from tests.api.test_sse import streaming

    [code] = snippets("subscriptions.md", "js")
    [query] = re.findall(r"const query = '(.*)';", code)
    since = await data_version(database)
    need = await create(member, visibility="PUBLIC")

    async with streaming(base_url, query, headers={"last-event-id": str(since)}, method="GET") as stream:
        event = await stream.next()

    assert event is not None
    assert event.data["data"]["changes"]["recordId"] == need["id"]


def test_every_code_of_closing_is_explained() -> None:
    named = {int(code) for code in re.findall(r"^\| (\d{4}) \|", (DOCS / "subscriptions.md").read_text(encoding="utf-8"), re.MULTILINE)}

    assert named == {value for name, value in vars(websocket).items() if name.isupper() and isinstance(value, int) and value >= 1000}


def test_page_names_the_fields_of_an_error() -> None:
    [shown] = snippets("mutations.md", "json")

    assert list(json.loads(shown)) == re.findall(r"\w+", ERRORS)[1:]
