"""Style sheets and the mark, served with their content's hash in the address, so that a browser keeps them for good."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

FILES: Final = Path(__file__).parent / "static"
BUNDLES: Final = {"site.css": ("tokens.css", "site.css", "data.css"), "mark.svg": ("mark.svg",)}
TYPES: Final = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
FOREVER: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as served. `address` is its path, with the first characters of its hash."""

    address: str
    content: bytes
    media_type: str
    etag: str


@cache
def assets() -> dict[str, Asset]:
    """Every asset by its address."""
    out = {}
    for name, parts in BUNDLES.items():
        content = b"".join((FILES / part).read_bytes() for part in parts)
        digest = hashlib.sha256(content).hexdigest()[:12]
        stem, _, suffix = name.rpartition(".")
        address = f"/static/{stem}.{digest}.{suffix}"
        out[address] = Asset(address, content, TYPES["." + suffix], f'"{digest}"')
    return out


@cache
def address(name: str) -> str:
    """Where an asset is served now."""
    stem, _, suffix = name.rpartition(".")
    return next(known for known in assets() if known.startswith(f"/static/{stem}.") and known.endswith(suffix))


async def serve(request: Request) -> Response:
    asset = assets().get(f"/static/{request.path_params['path']}")
    if asset is None:
        raise HTTPException(404)
    headers = {"etag": asset.etag, "cache-control": FOREVER, "x-content-type-options": "nosniff"}
    if asset.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(asset.content, headers=headers, media_type=asset.media_type)
