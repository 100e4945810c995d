"""What machines ask of a site: which pages there are, which to leave alone, and where addresses of before lead now."""

from __future__ import annotations

from time import monotonic
from typing import Final

from lxml import etree
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from api.schema import schema
from api.wording import LANGUAGES
from graph.errors import Code, NetworkError
from graph.model import MODEL
from web.terms import BY_SLUG, DOMAINS, Domain, path_of
from web.visit import Visit

SITEMAP: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML: Final = "http://www.w3.org/1999/xhtml"
PAGE_SIZE: Final = 100
FRESH_SECONDS: Final = 3600.0
PLACES: Final = (
    "/",
    "/search",
    "/board",
    "/compare",
    "/how-matching-works",
    "/api",
    "/accessibility",
    "/privacy",
    "/status",
    "/components",
)
"""Pages that are no list and no record."""
MOVED: Final = {
    "/organisations": "/organizations",
    "/best-practices": "/practices",
    "/funding": "/funding-calls",
    "/matching": "/how-matching-works",
    "/docs": "/api",
    "/about": "/how-matching-works",
    "/index": "/",
    "/index.html": "/",
}
"""Addresses that people guess, or that stood in earlier papers, and where they lead."""

Kept = dict[str, tuple[float, bytes]]


def moved(path: str) -> str | None:
    """Where an address leads that is none of ours but could have been: other spellings, the kind in the singular, a record's id."""
    plain = "/" + path.strip("/")
    if plain in MOVED:
        return MOVED[plain]
    first, _, key = plain.removeprefix("/").partition("/")
    if ":" in first and not key:
        return path_of(first)
    if key and plain.startswith("/organisations/"):
        return f"/organizations/{key}"
    if first in MODEL.by_prefix and (address := MODEL.by_prefix[first].path) and not plain.startswith(f"{address}/"):
        return f"{address}/{key}" if key else str(address)
    if first == "countries" and len(key) == 3 and key != key.upper():
        return f"/countries/{key.upper()}"
    return None


async def robots(request: Request) -> Response:
    """Answers to what somebody wrote are nobody's but theirs; everything else may be read."""
    origin = Visit(request).origin
    lines = ["User-agent: *", "Disallow: /graphql", "Disallow: /match?", "Disallow: /search?", "Disallow: /api?", "Allow: /", ""]
    return PlainTextResponse("\n".join([*lines, f"Sitemap: {origin}/sitemap.xml", ""]), headers={"cache-control": "public, max-age=86400"})


async def schema_text(request: Request) -> Response:
    """The GraphQL schema as text, every type and field explained; as long as it may be read."""
    if not Visit(request).network.settings.introspection:
        raise NetworkError(Code.NOT_FOUND, "The schema is not shown here.", hint="GCIO_INTROSPECTION lets it be read.")
    return PlainTextResponse(schema.as_str(), headers={"cache-control": "public, max-age=3600", "x-robots-tag": "noindex"})


async def sitemap(request: Request) -> Response:
    """The list of lists: one file for pages, one for each kind of record."""
    origin = Visit(request).origin
    root = etree.Element(f"{{{SITEMAP}}}sitemapindex", nsmap={None: SITEMAP})
    for name in ("pages", *(domain.slug for domain in DOMAINS)):
        etree.SubElement(etree.SubElement(root, f"{{{SITEMAP}}}sitemap"), f"{{{SITEMAP}}}loc").text = f"{origin}/sitemaps/{name}.xml"
    return _xml(etree.tostring(root, encoding="utf-8", xml_declaration=True))


async def sitemap_of(request: Request) -> Response:
    """Every page of a kind with its address in each language."""
    name = str(request.path_params["name"])
    visit = Visit(request)
    if name == "pages":
        return _xml(_urls(visit.origin, [*PLACES, *(domain.path for domain in DOMAINS)]))
    if name not in BY_SLUG:
        raise NetworkError(Code.NOT_FOUND, f"There is no sitemap “{name[:40]}”.", hint="/sitemap.xml names them all.")
    kept = _kept(request)
    when, body = kept.get(name, (0.0, b""))
    if not body or monotonic() - when > FRESH_SECONDS:
        body = _urls(visit.origin, await _paths(visit, BY_SLUG[name]))
        kept[name] = (monotonic(), body)
    return _xml(body)


def _kept(request: Request) -> Kept:
    """Sitemaps that were made a short while ago, for this application."""
    state = request.app.state
    if not hasattr(state, "sitemaps"):
        state.sitemaps = {}
    kept: Kept = state.sitemaps
    return kept


async def _paths(visit: Visit, domain: Domain) -> list[str]:
    out: list[str] = []
    after: str | None = None
    while True:
        found = (await visit.look_up(f"{domain.operation}List", first=PAGE_SIZE, after=after))["records"]
        out += [path for node in found["nodes"] if (path := path_of(node["id"]))]
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            return out


def _urls(origin: str, paths: list[str]) -> bytes:
    root = etree.Element(f"{{{SITEMAP}}}urlset", nsmap={None: SITEMAP, "xhtml": XHTML})
    for path in paths:
        url = etree.SubElement(root, f"{{{SITEMAP}}}url")
        etree.SubElement(url, f"{{{SITEMAP}}}loc").text = origin + path
        for language in LANGUAGES:
            etree.SubElement(url, f"{{{XHTML}}}link", rel="alternate", hreflang=language, href=f"{origin}{path}?lang={language}")
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True))


def _xml(body: bytes) -> Response:
    return Response(body, media_type="application/xml", headers={"cache-control": "public, max-age=3600"})
