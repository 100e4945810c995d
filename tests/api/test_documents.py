"""Trusted documents: the manifest, asking by hash, and a server that answers no others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from typer.testing import CliRunner

from api.app import create_app
from api.cli import app as gcio
from api.documents import SHIPPED, check_admitted, hash_of, manifest, read_manifest, trusted
from api.state import Network
from graph.errors import Code, NetworkError
from graph.settings import Settings
from tests.api.asking import refusal
from web.queries import operation, operation_names

OWN = "query Own { __typename }"


def visitor(network: Network, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> httpx.AsyncClient:
    monkeypatch.setattr(network, "settings", network.settings.model_copy(update=changes))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=create_app(network)), base_url="http://gcio.test", timeout=60)


def test_the_manifest_that_is_shipped_is_that_of_the_pages() -> None:
    shipped = (Path(__file__).parents[2] / "api" / SHIPPED).read_bytes()

    assert shipped == manifest(operation(name) for name in operation_names()), "run `gcio documents build`"
    assert set(read_manifest(shipped, SHIPPED).values()) == {operation(name) for name in operation_names()}


def test_a_hash_is_that_of_the_text() -> None:
    text = "query ($id: ID!) {\n  user(id: $id) {\n    name\n  }\n}"

    # The example of GraphQL over HTTP, appendix A.
    assert hash_of(text) == "7dba4bd717b41f10434822356a93c32b1fb4907b983e854300ad839f84cdcd6e"


def test_a_folder_of_documents_becomes_a_manifest(tmp_path: Path) -> None:
    (tmp_path / "own.graphql").write_text(OWN + "\n", encoding="utf-8")
    target = tmp_path / "manifest.json"

    result = CliRunner().invoke(gcio, ["documents", "build", str(tmp_path), "--out", str(target)])

    assert result.exit_code == 0, result.output
    assert orjson.loads(target.read_bytes()) == {
        "format": "apollo-persisted-query-manifest",
        "version": 1,
        "operations": [{"id": hash_of(OWN), "name": "Own", "type": "query", "body": OWN}],
    }
    assert trusted(target).text(hash_of(OWN)) == OWN


@pytest.mark.parametrize(
    "document", ["{ __typename }", "query A { __typename } query B { __typename }", "fragment A on Query { __typename }"]
)
def test_a_trusted_document_has_one_operation_with_a_name(document: str) -> None:
    with pytest.raises(NetworkError) as caught:
        manifest([document])

    assert caught.value.code is Code.BAD_INPUT


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{", "it is not JSON: line 1, column"),
        (b"[]", "it has no `operations`"),
        (b'{"format": "other", "operations": []}', "its `format` is not"),
        (
            b'{"format": "apollo-persisted-query-manifest", "operations": [{"id": "x", "body": "{ __typename }"}]}',
            "the hash of operation 0",
        ),
        (b'{"format": "apollo-persisted-query-manifest", "operations": [5]}', "the hash of operation 0"),
        (
            orjson.dumps({"format": "apollo-persisted-query-manifest", "operations": [{"id": hash_of("{"), "body": "{"}]}),
            "cannot be parsed",
        ),
    ],
)
def test_a_manifest_that_cannot_be_used_is_told_with_its_name(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "broken.json"
    path.write_bytes(content)

    with pytest.raises(NetworkError) as caught:
        trusted(path)

    assert caught.value.code is Code.BAD_INPUT
    assert "broken.json" in caught.value.message
    assert reason in caught.value.message


def test_a_manifest_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match="No such file"):
        trusted(tmp_path / "nothing.json")


def test_only_a_setting_refuses_other_documents() -> None:
    check_admitted(OWN, Settings())
    check_admitted(operation("TopicOptions"), Settings(trusted_only=True))

    with pytest.raises(NetworkError) as caught:
        check_admitted(OWN, Settings(trusted_only=True))
    assert (caught.value.code, caught.value.status) == (Code.DOCUMENT_NOT_TRUSTED, 403)


@pytest.mark.parametrize(
    "by_hash",
    [
        lambda digest: {"documentId": f"sha256:{digest}"},
        lambda digest: {"documentId": digest},
        lambda digest: {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest}}},
    ],
)
async def test_a_document_is_asked_by_its_hash(client: httpx.AsyncClient, by_hash: Any) -> None:
    text = operation("PracticeList")
    asked = {"variables": {"first": 2, "language": "FR"}}

    whole = await client.post("/graphql", json={"query": text} | asked)
    found = await client.post("/graphql", json=by_hash(hash_of(text)) | asked)

    assert whole.status_code == found.status_code == 200
    assert found.json() == whole.json()


async def test_a_link_to_a_document_by_hash_is_answered_in_a_browser_too(client: httpx.AsyncClient) -> None:
    asked = {"documentId": hash_of(operation("TopicOptions")), "variables": '{"language": "EN"}'}

    answer = await client.get("/graphql", params=asked, headers={"accept": "text/html,*/*;q=0.8"})

    assert answer.status_code == 200
    assert len(answer.json()["data"]["topics"]["nodes"]) > 0


async def test_a_hash_that_is_not_known_is_told_so_that_clients_send_the_document(client: httpx.AsyncClient) -> None:
    told = refusal(await client.post("/graphql", json={"documentId": "sha256:" + "0" * 64}))
    sent = await client.post("/graphql", json={"query": OWN, "extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash_of(OWN)}}})

    assert (told.status, told.code) == (404, "PERSISTED_QUERY_NOT_FOUND")
    assert "0000" in told.error["message"]
    assert sent.json()["data"] == {"__typename": "Query"}


async def test_a_server_may_answer_trusted_documents_alone(network: Network, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "own.json"
    path.write_bytes(manifest([OWN]))

    async with visitor(network, monkeypatch, trusted_only=True, documents=path) as client:
        own = await client.get("/graphql", params={"documentId": hash_of(OWN)})
        page = await client.post("/graphql", json={"query": operation("TopicOptions"), "variables": {"language": "EN"}})
        other = refusal(await client.post("/graphql", json={"query": "{ __typename }"}))
        editor = await client.get("/api", params={"query": "{ __typename }"})
        pages = await client.get("/topics")

    assert own.json()["data"] == {"__typename": "Query"}
    assert page.status_code == pages.status_code == 200
    assert (other.status, other.code) == (403, "DOCUMENT_NOT_TRUSTED")
    assert "DOCUMENT_NOT_TRUSTED" in editor.text
