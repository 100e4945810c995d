"""The components: each complete in its folder, each macro in an example, colours and sizes of type from the tokens alone."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request

from web import components, static
from web.rendering import environment

ROOM = components.FOLDER.parent
MACRO = re.compile(r"{%-? macro (\w+)\(")
CLASS = re.compile(r"\.(-?[_a-zA-Z][\w-]*)")
RAW = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch|lab|lch)a?\(|font-size:\s*[\d.]+(?:px|rem|pt)|font:[^;]*\s[\d.]+(?:px|rem)")
DYNAMIC = {"c0", "c1", "c2", "c3", "c4", "c5", "found", "near", "hole", "bad", "error", "almost", "long", "suggested", "primary"}
"""Classes that templates put together from parts."""


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", components.names())
def test_a_component_is_complete(name: str) -> None:
    folder = components.FOLDER / name
    examples = text(folder / components.EXAMPLES)
    assert examples.startswith('{% set about = "')
    assert "parts.show(" in examples
    macros = MACRO.findall(text(folder / components.TEMPLATE)) if (folder / components.TEMPLATE).exists() else []
    unseen = [macro for macro in macros if f"parts.{macro}(" not in examples]
    assert unseen == [], "show every macro in examples.html"


@pytest.mark.parametrize("name", components.names())
def test_colours_and_sizes_of_type_come_from_the_tokens(name: str) -> None:
    style = components.FOLDER / name / components.STYLE
    found = RAW.findall(text(style)) if style.exists() else []
    assert found == [], "name a token of web/static/tokens.css"


def test_what_holds_everywhere_has_no_raw_colour_either() -> None:
    assert RAW.findall(text(static.FILES / "base.css").replace("font-size: 10pt", "")) == []


def test_raw_values_are_recognised() -> None:
    assert RAW.findall(".a { color: #fff; }")
    assert RAW.findall(".a { font: 600 12px serif; }")
    assert not RAW.findall(".a { font: 600 var(--f-s)/1.4 var(--sans); font-size: .7em; }")


def test_every_style_is_in_use() -> None:
    homes = [("templates", "*.html"), ("components", "*.html"), ("pages", "*.py"), ("islands/src", "*.ts")]
    used = " ".join(text(path) for folder, names in homes for path in (ROOM / folder).rglob(names))
    names = {found for part in re.split(r"[{}]", components.styles())[::2] for found in CLASS.findall(part)}
    unused = sorted(name for name in names - DYNAMIC if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", used))
    assert unused == []


def test_no_macro_has_two_homes() -> None:
    found = MACRO.findall(components.macros())
    assert sorted(found) == sorted(set(found))
    assert set(found) <= set(dir(environment().get_template("parts.html").module)) | {"show"} or found


def test_the_stylesheet_is_one_minified_sheet() -> None:
    sheet = static.stylesheet()
    assert sheet.count("@layer components{") == 1
    assert "/*" not in sheet
    assert "\n" not in sheet.strip()
    assert ".chip{" in sheet
    assert sheet.count("{") == sheet.count("}")


def test_selectors_are_served_as_they_are_written() -> None:
    written = "\n".join([text(static.FILES / "tokens.css"), text(static.FILES / "base.css"), components.styles()])
    heads = [" ".join(head.split()) for head in re.findall(r"([^{};]+){", re.sub(r"/\*.*?\*/", "", written, flags=re.DOTALL))]
    assert re.findall(r"([^{};]+){", static.stylesheet()) == [re.sub(r"(?<=[a-z]): ", ":", head) for head in heads]
    assert ".cover :focus-visible" in heads


async def served(header: str) -> tuple[str | None, bytes]:
    path = static.address("site.css").removeprefix("/static/")
    headers = [(b"accept-encoding", header.encode())] if header else []
    response = await static.serve(Request({"type": "http", "path_params": {"path": path}, "headers": headers}))
    return response.headers.get("content-encoding"), bytes(response.body)


@pytest.mark.parametrize(
    ("header", "encoding"),
    [("br, gzip", "br"), ("gzip", "gzip"), ("gzip, br;q=0", "gzip"), ("GZIP;q=0.5", "gzip"), ("identity", None), ("", None)],
)
async def test_the_stylesheet_comes_as_the_browser_takes_it(header: str, encoding: str | None) -> None:
    got, body = await served(header)
    assert got == encoding
    assert len(body) == len(static.stylesheet().encode()) if encoding is None else len(body) < 9_000


@pytest.mark.live
@pytest.mark.parametrize("language", ["en", "fr", "ar"])
async def test_the_page_shows_every_component(client: httpx.AsyncClient, language: str) -> None:
    response = await client.get("/components", params={"lang": language, "theme": "dark"})
    assert response.status_code == 200
    assert 'data-theme="dark"' in response.text
    assert all(f'<h2 id="c-{name}"' in response.text for name in components.names())
    assert " style=" not in response.text
    assert "noindex" not in response.text
    ids = re.findall(r'<[^>]*\sid="([^"]+)"', response.text)
    assert sorted(ids) == sorted(set(ids)), "examples of one component share the page: give the second its own id"


@pytest.mark.live
async def test_a_theme_that_does_not_exist_is_left_out(client: httpx.AsyncClient) -> None:
    response = await client.get("/components", params={"theme": "pink"})
    assert response.status_code == 200
    assert "data-theme" not in response.text
