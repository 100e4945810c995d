"""The stylesheet, the pictures and the islands, served with their content's hash in the address, so that a browser keeps them for good."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import brotli
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import components

FILES: Final = Path(__file__).parent / "static"
TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".js": "text/javascript; charset=utf-8",
    ".ttf": "font/ttf",
}
ISLANDS: Final = Path(__file__).parent / "islands" / "dist"
"""What `web.tools.islands` built, with its hashes in the names; the folder is absent where nothing was."""
LOADER: Final = "islands.js"
KEPT_AS_THEY_ARE: Final = ("mark.svg", "card.png")
FOREVER: Final = "public, max-age=31536000, immutable"
ENCODINGS: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "br": brotli.compress,
    "gzip": lambda content: gzip.compress(content, mtime=0),
}
"""Encodings in the order in which they are chosen. Each is made once, at its best."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as served. `address` is its path, with the first characters of its hash; `packed` is its content by encoding."""

    address: str
    content: bytes
    media_type: str
    etag: str
    packed: Mapping[str, bytes]


@cache
def stylesheet() -> str:
    """Tokens, what holds everywhere, and every component as one sheet without what only people read."""
    parts = [
        (FILES / "tokens.css").read_text(encoding="utf-8"),
        (FILES / "base.css").read_text(encoding="utf-8"),
        components.styles(),
    ]
    return compact("\n".join(parts))


def compact(css: str) -> str:
    """CSS without comments, line breaks and indentation. Selectors stay as written: to `.cover :focus-visible` the space is all."""
    bare = re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL))
    tight = re.sub(r"\s*([{};])\s*", r"\1", bare).strip().replace(";}", "}")
    return re.sub(r"(?<=[\w-]): ", ":", tight)


def with_stylesheet(page: str) -> str:
    """The page with the stylesheet in it. The file is asked for last, for the next page, and nothing waits for it."""
    link = f'<link rel="stylesheet" href="{address("site.css")}">'
    kept = link.replace(">", ' media="not all">')
    return page.replace(link, f"<style>{stylesheet()}</style>", 1).replace("</body>", f"{kept}\n</body>")


@cache
def stylesheet_source() -> str:
    """What a `Content-Security-Policy` calls the stylesheet where it stands in a page."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(stylesheet().encode()).digest()).decode()}'"


@cache
def assets() -> dict[str, Asset]:
    """Every asset by its address."""
    contents = {"site.css": stylesheet().encode()} | {name: (FILES / name).read_bytes() for name in KEPT_AS_THEY_ARE}
    made = [asset(name, content) for name, content in contents.items()]
    return {known.address: known for known in (*made, *islands())}


def asset(name: str, content: bytes) -> Asset:
    """A file with its hash in its address, compressed where that makes it smaller."""
    digest = hashlib.sha256(content).hexdigest()[:12]
    stem, _, suffix = name.rpartition(".")
    packed = {encoding: smaller for encoding, pack in ENCODINGS.items() if len(smaller := pack(content)) < len(content)}
    return Asset(f"/static/{stem}.{digest}.{suffix}", content, TYPES["." + suffix], f'"{digest}"', packed)


def islands() -> list[Asset]:
    """The files of the islands, compressed as the build left them; none where they are not built."""
    if not loader():
        return []
    out = []
    for path in sorted(ISLANDS.iterdir()):
        if path.suffix in TYPES:
            packed = {"br": path.with_name(path.name + ".br"), "gzip": path.with_name(path.name + ".gz")}
            content = path.read_bytes()
            beside = {encoding: file.read_bytes() for encoding, file in packed.items() if file.exists()}
            digest = hashlib.sha256(content).hexdigest()[:12]
            out.append(Asset(f"/static/islands/{path.name}", content, TYPES[path.suffix], f'"{digest}"', beside))
    return out


@cache
def loader() -> str:
    """Where the script is served that brings the islands to a page; empty where they are not built."""
    try:
        built = json.loads((ISLANDS / "manifest.json").read_bytes())
    except FileNotFoundError:
        return ""
    return f"/static/islands/{built['src/main.ts']['file']}"


@cache
def address(name: str) -> str:
    """Where an asset is served now; empty for the islands' loader where there is none."""
    if name == LOADER:
        return loader()
    stem, _, suffix = name.rpartition(".")
    return next(known for known in assets() if known.startswith(f"/static/{stem}.") and known.endswith(suffix))


async def serve(request: Request) -> Response:
    asset = assets().get(f"/static/{request.path_params['path']}")
    if asset is None:
        raise HTTPException(404)
    headers = {"etag": asset.etag, "cache-control": FOREVER, "vary": "accept-encoding", "x-content-type-options": "nosniff"}
    if asset.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    accepted = taken(request.headers.get("accept-encoding", ""))
    encoding = next((known for known in asset.packed if known in accepted), None)
    if encoding is None:
        return Response(asset.content, headers=headers, media_type=asset.media_type)
    return Response(asset.packed[encoding], headers=headers | {"content-encoding": encoding}, media_type=asset.media_type)


async def mark(_: Request) -> Response:
    """Browsers and readers of feeds ask for `/favicon.ico` whatever the page says."""
    return RedirectResponse(address("mark.svg"), 301, {"cache-control": "public, max-age=86400"})


def taken(header: str) -> set[str]:
    """The encodings that an `Accept-Encoding` names and does not refuse."""
    items = (item.replace(" ", "").lower().partition(";q=") for item in header.split(","))
    return {name for name, _, quality in items if name and quality not in {"0", "0.0", "0.00", "0.000"}}
