"""Every snippet and every example query of docs/api.md runs as it stands, on a server of this session, and finds something."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from graph.errors import Code
from graph.plan.filters import OPERATORS, QUANTIFIERS
from tests.api.asking import ask, refused
from tests.api.test_docs_streams import LOCAL, shell, snippets

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```graphql\n(.*?)^```(?:\n\nis refused with `([A-Z_]+)`)?", PAGE, re.MULTILINE | re.DOTALL)
ANSWERED = [query for query, code in EXAMPLES if not code]
REFUSED = [(query, code) for query, code in EXAMPLES if code]
KENYA = {
    "country": {"id": "country:KEN", "name": "Kenya", "region": "africa", "capital": "Nairobi", "languages": ["en", "sw"]},
}
LATEST = """
{ projects(where: {startDate: {gte: "2015-01-01"}, countries: {some: {region: {eq: "africa"}}}}
  orderBy: [{startDate: DESC}], first: 6) { nodes { id title startDate } } }
"""


def lists(value: Any) -> Iterator[list[Any]]:
    """Lists of records and groups that a root field brought."""
    for root in value.values():
        if isinstance(root, dict):
            yield from (root[name] for name in ("nodes", "edges", "groups", "facets") if name in root)


async def javascript(code: str, folder: Path) -> list[Any]:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    script = folder / "snippet.mjs"
    script.write_text(code, encoding="utf-8")
    return lines(await shell(f"{node} {script}"))


async def python(code: str, capsys: pytest.CaptureFixture[str]) -> list[Any]:
    await asyncio.to_thread(exec, code, {})
    return lines(capsys.readouterr().out)


def lines(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def address(base_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return base_url.removeprefix("http://")


@pytest.mark.live
async def test_first_query(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    command, script = (snippets("api.md", language)[0].replace(LOCAL, address) for language in ("sh", "python"))

    assert json.loads(await shell(command))["data"] == KENYA
    assert await python(script, capsys) == [KENYA]


@pytest.mark.live
async def test_second_query(address: str, client: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]) -> None:
    command, script = (snippets("api.md", language)[1].replace(LOCAL, address) for language in ("sh", "python"))
    latest = (await ask(client, LATEST))["projects"]["nodes"]

    page = json.loads(await shell(command))["data"]["projects"]

    assert len({project["id"] for project in latest}) == 6
    assert page["nodes"] == latest[:3]
    assert page["pageInfo"]["hasNextPage"] is True
    assert await python(script, capsys) == [latest[:3], latest[3:]]


@pytest.mark.live
async def test_third_query(address: str, client: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]) -> None:
    command, script = (snippets("api.md", language)[2].replace(LOCAL, address) for language in ("sh", "python"))
    total = (await ask(client, "{ projects(where: {startDate: {isNull: false}}) { totalCount } }"))["projects"]["totalCount"]

    data = json.loads(await shell(command))["data"]

    [status] = data["projects"]["facets"]
    assert data["projects"]["aggregate"]["count"] == total > 0
    assert sum(group["count"] for group in data["projects"]["groups"]) == total
    assert sum(bucket["count"] for bucket in status["buckets"]) == total
    assert await python(script, capsys) == [data]


@pytest.mark.live
@pytest.mark.parametrize("place", range(3))
async def test_javascript_prints_what_python_prints(address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], place: int) -> None:
    script, program = (snippets("api.md", language)[place].replace(LOCAL, address) for language in ("python", "js"))

    printed = await javascript(program, tmp_path)

    assert printed
    assert printed == await python(script, capsys)


@pytest.mark.live
async def test_get_is_answered_with_a_validator(address: str) -> None:
    head, _, body = (await shell(snippets("api.md", "sh")[3].replace(LOCAL, address))).replace("\r", "").partition("\n\n")
    [tag] = re.findall(r"^etag: (.+)$", head, re.MULTILINE | re.IGNORECASE)

    async with httpx.AsyncClient(trust_env=False) as client:
        again = await client.get(
            f"http://{address}/graphql",
            params={"query": '{ country(id: "KEN") { name } }'},
            headers={"if-none-match": tag, "accept": "*/*"},
        )

    assert json.loads(body)["data"] == {"country": {"name": "Kenya"}}
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.live
@pytest.mark.parametrize("query", ANSWERED)
async def test_example_is_answered_and_finds_something(client: httpx.AsyncClient, query: str) -> None:
    data = await ask(client, query)

    assert [root for root, value in data.items() if value is None] == []
    assert [found for found in lists(data) if not found] == []


@pytest.mark.live
@pytest.mark.parametrize(("query", "code"), REFUSED)
async def test_example_is_refused_as_the_page_says(client: httpx.AsyncClient, query: str, code: str) -> None:
    assert (await refused(client, query)).code == code


def test_examples_are_found() -> None:
    assert len(ANSWERED) == PAGE.count("```graphql\n") - len(REFUSED)
    assert [code for _, code in REFUSED] == ["BAD_CURSOR"]
    assert [len(snippets("api.md", language)) for language in ("sh", "python", "js")] == [4, 3, 3]


def test_every_operator_is_explained_and_shown() -> None:
    explained = re.findall(r"^\| `([a-z]\w*)` \|", PAGE, re.MULTILINE)
    shown = {name for query in ANSWERED for name in re.findall(r"(\w+):", query)}

    assert explained == [operator.name for operator in OPERATORS]
    assert set(explained) - shown == set()
    assert set(QUANTIFIERS) - shown == set()


def test_codes_of_the_page_exist() -> None:
    named = {code for row in re.findall(r"^\| (`[A-Z_]+`.*?) \|", PAGE, re.MULTILINE) for code in re.findall(r"[A-Z_]{4,}", row)}

    assert len(named) > 5
    assert named - {code.value for code in Code} == set()
