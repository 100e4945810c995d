"""The islands: their TypeScript checked and tested, what is generated up to date, small, and a page that is whole without them."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.state import Network
from api.wording import LANGUAGES
from web import static
from web.tools import islands
from web.tools.node import Missing, Node, find_node, install_packages

NEED = {"country": "KHM", "text": "A national data exchange layer between the registries of people, land and companies"}
PAGES = ("/", "/search?q=identity", "/countries", "/practices", "/graph/country:KEN")
HEAVY = "src/islands/graphiql.ts"
"""GraphiQL is for developers and on a page of its own: it has no budget."""


@pytest.fixture(scope="module")
def node() -> Node:
    found = find_node()
    install_packages(found, islands.FOLDER)
    return found


def run(node: Node, *arguments: str) -> None:
    ran = subprocess.run([*node.node, *arguments], cwd=islands.FOLDER, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_types_hold(node: Node) -> None:
    run(node, "node_modules/typescript/bin/tsc")


def test_what_needs_no_browser_is_tested_without(node: Node) -> None:
    run(node, "--test")


def test_the_types_are_those_of_the_schema_and_the_documents(node: Node, tmp_path: Path) -> None:
    islands.generate(node, tmp_path / "documents.ts")
    written = (islands.FOLDER / "src" / "documents.ts").read_text(encoding="utf-8")
    assert (tmp_path / "documents.ts").read_text(encoding="utf-8") == written, "run `make schema islands`"


def test_the_lock_file_has_no_addresses_and_what_the_manifest_wants() -> None:
    text = islands.LOCK.read_text(encoding="utf-8")
    assert "://" not in text
    assert '"resolved"' not in text
    lock = json.loads(text)["packages"]
    manifest = json.loads((islands.FOLDER / "package.json").read_text(encoding="utf-8"))
    wanted = manifest["dependencies"] | manifest["devDependencies"]
    assert {name: lock[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert all(entry["integrity"].startswith("sha512-") for name, entry in lock.items() if name)


def test_a_lock_file_is_freed_of_addresses() -> None:
    read = {"packages": {"node_modules/a": {"version": "1.0.0", "resolved": "https://example.org/a.tgz", "funding": {"url": "https://x"}}}}
    assert islands.without_addresses(read) == {"packages": {"node_modules/a": {"version": "1.0.0"}}}


def test_without_packages_the_network_starts_all_the_same(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def away() -> Node:
        raise Missing("No registry answers.")

    monkeypatch.setattr(islands, "find_node", away)
    assert islands.main(["build"]) == 0
    assert "all else works.\nNo registry answers." in capsys.readouterr().err
    assert islands.main(["build", "--required"]) == 1


def built() -> dict[str, dict[str, list[str] | str]]:
    assert static.loader(), "the islands are not built: `make test` builds them first"
    found: dict[str, dict[str, list[str] | str]] = json.loads((static.ISLANDS / "manifest.json").read_bytes())
    return found


def files_of(manifest: dict[str, dict[str, list[str] | str]], entry: str) -> set[str]:
    """A file with those that it imports."""
    imported: set[str] = set()
    for inner in manifest[entry].get("imports", []):
        imported |= files_of(manifest, inner)
    return {str(manifest[entry]["file"]), *imported}


def test_each_island_is_a_file_of_its_own() -> None:
    sources = {f"src/islands/{path.name}" for path in (islands.FOLDER / "src" / "islands").glob("*.ts")}
    assert sources == {name for name in built() if name.startswith("src/islands/")}


@pytest.mark.live
@pytest.mark.parametrize("path", PAGES)
async def test_a_page_with_its_islands_stays_within_its_bytes(client: httpx.AsyncClient, path: str) -> None:
    """The page and every file of every island that it names, compressed, at the first visit."""
    manifest = built()
    page = await client.get(path, headers={"accept-encoding": "gzip"})
    named = {name for names in re.findall(r'data-island="([^"]+)"', page.text) for name in names.split()}
    assert named, "the page has no island"
    files = files_of(manifest, "src/main.ts").union(*(files_of(manifest, f"src/islands/{name}.ts") for name in named))
    addresses = [*re.findall(r'<link rel="(?:stylesheet|icon)" href="([^"]+)"', page.text), *(f"/static/islands/{file}" for file in files)]
    sizes = {path: int(page.headers["content-length"])}
    for address in addresses:
        sizes[address] = int((await client.get(address, headers={"accept-encoding": "gzip"})).headers["content-length"])
    assert sum(sizes.values()) <= 120_000, sizes
    assert sum(size for address, size in sizes.items() if "/islands/" not in address) <= 40_000, sizes


def test_all_islands_but_graphiql_together_are_small() -> None:
    manifest = built()
    names = [name for name in manifest if name.startswith("src/islands/") and name != HEAVY]
    files = files_of(manifest, "src/main.ts").union(*(files_of(manifest, name) for name in names))
    sizes = {asset.address: len(asset.packed["gzip"]) for asset in static.islands() if asset.address.rpartition("/")[2] in files}
    assert len(sizes) == len(files)
    assert sum(sizes.values()) <= 30_000, sizes


async def test_files_of_islands_are_kept_for_good_and_travel_compressed(client: httpx.AsyncClient) -> None:
    assert built()
    for encoding in ("br", "gzip"):
        response = await client.get(static.loader(), headers={"accept-encoding": encoding})
        assert response.headers["content-type"] == "text/javascript; charset=utf-8"
        assert response.headers["cache-control"] == static.FOREVER
        assert response.headers["content-encoding"] == encoding
        assert "data-island" in response.text
    assert (await client.get("/static/islands/manifest.json")).status_code == 404
    assert (await client.get("/static/islands/..%2F..%2Fpackage.json")).status_code == 404


@pytest.fixture
def unbuilt(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    caches = (static.loader, static.assets, static.address)
    monkeypatch.setattr(static, "ISLANDS", tmp_path)
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


@pytest.mark.live
@pytest.mark.usefixtures("unbuilt")
@pytest.mark.parametrize("path", [*PAGES, "/api"])
async def test_a_page_is_whole_where_the_islands_are_not_built(client: httpx.AsyncClient, path: str) -> None:
    page = await client.get(path)
    assert page.status_code == 200
    assert "<script " not in page.text.replace('<script type="application/ld+json">', "")
    assert "/graphiql" not in page.text.replace("/graphql", "")
    moved = await client.get("/graphiql", params={"query": "{ __typename }", "lang": "fr"})
    assert moved.status_code == 303
    assert moved.headers["location"] == "/api?query=%7B+__typename+%7D&lang=fr#editor"


@pytest.mark.live
async def test_only_graphiql_may_write_styles_and_nothing_may_come_from_elsewhere(client: httpx.AsyncClient) -> None:
    policies = {path: (await client.get(path)).headers["content-security-policy"] for path in ("/", "/api", "/graphiql")}
    assert policies["/"] == policies["/api"]
    assert "unsafe" not in policies["/"]
    assert policies["/graphiql"].count("unsafe") == 1
    assert "style-src 'self' 'unsafe-inline';" in policies["/graphiql"]
    assert all("script-src 'self';" in policy and "http" not in policy for policy in policies.values())


@pytest.mark.live
async def test_graphiql_is_there_only_where_it_is_wanted(
    client: httpx.AsyncClient, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await client.get("/graphiql", params={"query": "{ __typename }"})
    assert 'data-island="graphiql"' in page.text
    assert "{ __typename }</textarea>" in page.text
    assert 'href="/graphiql?' in (await client.get("/api")).text
    monkeypatch.setattr(network, "settings", network.settings.model_copy(update={"graphiql": False}))
    assert (await client.get("/graphiql")).status_code == 303
    assert 'href="/graphiql?' not in (await client.get("/api")).text


@pytest.mark.live
async def test_the_schema_can_be_read_where_introspection_is_allowed(
    client: httpx.AsyncClient, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = await client.get("/schema.graphql")
    assert shown.text.strip() == (Path(__file__).parents[2] / "schema.graphql").read_text(encoding="utf-8").strip()
    monkeypatch.setattr(network, "settings", network.settings.model_copy(update={"introspection": False}))
    assert (await client.get("/schema.graphql")).status_code == 404


@pytest.mark.live
@pytest.mark.parametrize("language", LANGUAGES)
async def test_sentences_with_numbers_come_from_the_server(client: httpx.AsyncClient, language: str) -> None:
    text = (await client.get("/search", params={"lang": language})).text
    [line] = re.findall(r'<p class="small quiet live"[^>]*>', text)
    said = dict(re.findall(r' data-n(\d+)="([^"]+)"', line))
    assert list(said) == ["0", "1", "2", "3", "11", "100"]
    assert "{n}" in said["11"]
    assert "{n}" in said["100"]
