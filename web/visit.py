"""One visit to a page: the request with its language, the questions it asks of the network, and links that keep the language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, Final
from urllib.parse import quote, urlencode

import orjson
from starlette.requests import Request

from api.execute import execute
from api.state import Network
from api.viewers import viewer_of
from api.wording import negotiate
from graph.errors import Code, NetworkError
from graph.viewer import ANYONE, Viewer
from web.queries import operation
from web.speech import Speech, speech_of

LARGEST_PAGE: Final = 100
Query = Sequence[tuple[str, str]]
LONGEST_QUERY: Final = 80_000
"""Bytes behind the question mark: a need of the longest allowed length in any script fits."""
MOST_PARAMETERS: Final = 200


@dataclass
class Visit:
    """Made once per request and handed to the page. `asked` is the question about the page's subject, `viewer` as whom it is asked."""

    request: Request
    data: dict[str, Any] = field(default_factory=dict)
    asked: tuple[str, Mapping[str, Any]] | None = None
    viewer: Viewer = ANYONE

    @cached_property
    def _negotiated(self) -> tuple[str, str | None]:
        return negotiate(self.request.headers.get("accept-language"), self.wanted_language)

    @property
    def wanted_language(self) -> str | None:
        """The language in the address, as it stands there."""
        return self.request.query_params.get("lang") or None

    @property
    def language(self) -> str:
        return self._negotiated[0]

    @property
    def unmet_language(self) -> str | None:
        """A language that the address asks for and that the pages do not have."""
        return self._negotiated[1]

    @cached_property
    def speech(self) -> Speech:
        return speech_of(self.language)

    @property
    def arriving(self) -> bool:
        """Whether the browser says that it comes from elsewhere: it may have nothing of ours yet."""
        return self.request.headers.get("sec-fetch-site") in {"none", "cross-site", "same-site"}

    @property
    def network(self) -> Network:
        network: Network = self.request.app.state.network
        return network

    @property
    def path(self) -> str:
        """Path of the page, whichever of its twins was asked for."""
        path = self.request.url.path
        for suffix in (".json", ".csv", ".atom"):
            path = path.removesuffix(suffix)
        return "/" if path == "/index" else path

    @cached_property
    def hopeless(self) -> NetworkError | None:
        """What is wrong with a query string that nobody would write: beyond all measure, or with bytes that are no text."""
        query = self.request.scope["query_string"]
        if len(query) > LONGEST_QUERY:
            said = f"The address has {len(query)} bytes behind the question mark; {LONGEST_QUERY} are read."
            return NetworkError(Code.MALFORMED_REQUEST, said, hint="Leave parameters out.", details={"largest": LONGEST_QUERY})
        if (found := query.count(b"&") + 1) > MOST_PARAMETERS:
            said = f"The address has {found} parameters; {MOST_PARAMETERS} are read."
            return NetworkError(Code.MALFORMED_REQUEST, said, hint="Leave parameters out.", details={"largest": MOST_PARAMETERS})
        for name, value in self.request.query_params.multi_items():
            if "\ufffd" in name or "\ufffd" in value or not name.isprintable():
                shown = "".join(c for c in name if c.isprintable())[:40]
                said = f"The parameter “{shown}” of the address is not text in UTF-8."
                return NetworkError(Code.MALFORMED_REQUEST, said, hint="Write the address anew, or go on from one of the pages below.")
        return None

    @cached_property
    def _pairs(self) -> Query:
        """What the address asks for, as links to this page repeat it: nothing of a query that cannot be read."""
        return [] if self.hopeless else [(name, value) for name, value in self.request.query_params.multi_items() if value]

    def parameter(self, name: str) -> str:
        """The last value of a parameter without the space around it; empty where it is absent."""
        return str(self.request.query_params.get(name, "")).strip()

    def parameters(self, name: str) -> list[str]:
        """Every value of a parameter, whether it is repeated or separated by commas."""
        values = [part.strip() for value in self.request.query_params.getlist(name) for part in value.split(",")]
        return list(dict.fromkeys(value for value in values if value))

    async def ask(self, name: str, **variables: Any) -> dict[str, Any]:
        """The answer to one of the pages' documents. It becomes the page's data, and the page's query."""
        given = {key: value for key, value in variables.items() if value is not None} | {"language": self.language.upper()}
        answer = await self._execute(name, given)
        self.data |= answer
        self.asked = (name, given)
        return answer

    async def ask_beside(self, name: str, **variables: Any) -> dict[str, Any]:
        """As `ask`, for what stands beside the page's own subject: the page's query stays that of the subject."""
        answer = await self._execute(name, variables | {"language": self.language.upper()})
        self.data |= answer
        return answer

    async def ask_more(self, name: str, **variables: Any) -> dict[str, Any]:
        """A further question whose answer is part of the page's data; the page's query stays the one that was asked first."""
        first = self.asked
        answer = await self.ask(name, **variables)
        self.asked = first or self.asked
        return answer

    async def ask_whole(self, name: str, **variables: Any) -> dict[str, Any]:
        """The answer to a question whose list, `records`, is longer than a page: with all its records."""
        answer = await self.ask(name, first=LARGEST_PAGE, **variables)
        records: list[Any] = answer["records"]["nodes"]
        place = answer["records"]["pageInfo"]
        while place["hasNextPage"]:
            more = (await self.ask_more(name, first=LARGEST_PAGE, after=place["endCursor"], **variables))["records"]
            records += more["nodes"]
            place = more["pageInfo"]
        self.data |= answer
        return answer

    async def look_up(self, name: str, **variables: Any) -> dict[str, Any]:
        """The answer to a question that only fills a form: it is no part of the page's data."""
        return await self._execute(name, variables | {"language": self.language.upper()})

    async def _execute(self, name: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        return await execute(self.network, operation(name), variables, language=self.language, viewer=self.viewer)

    async def know_viewer(self) -> None:
        """Ask from here on as whoever shows a token; as anybody where none is shown. Raises UNAUTHENTICATED."""
        self.viewer = await viewer_of(self.network, self.request.headers)

    def href(self, path: str, query: Query | Mapping[str, str] = ()) -> str:
        """An address on this site that keeps the language where the visitor chose it."""
        if not query:
            return _quoted(path) + self._kept_language
        pairs = [(name, value) for name, value in (query.items() if isinstance(query, Mapping) else query) if value]
        if self._kept_language and not any(name == "lang" for name, _ in pairs):
            pairs.append(("lang", self.language))
        return address(path, pairs)

    @cached_property
    def _kept_language(self) -> str:
        """The query that keeps the language where the visitor chose it; else nothing."""
        return f"?lang={self.language}" if self.wanted_language and self.unmet_language is None else ""

    def here(self, language: str) -> str:
        """This page with its query, in another language."""
        return f"{self.plain}{'&' if '?' in self.plain else '?'}lang={language}"

    @cached_property
    def plain(self) -> str:
        """This page with its query, in the language that the reader's browser asks for."""
        pairs = [(name, value) for name, value in self._pairs if name != "lang"]
        return address(self.path, pairs)

    def twin(self, suffix: str) -> str:
        """This page as data."""
        path = "/index" if self.path == "/" else self.path
        return address(path + suffix, self._pairs)

    @property
    def query_address(self) -> str | None:
        """Where this page's query can be read and run."""
        if self.asked is None:
            return None
        name, variables = self.asked
        return self.href("/graphql", [("query", operation(name)), ("variables", orjson.dumps(variables).decode())])

    @cached_property
    def origin(self) -> str:
        """Public address of the site; where it is not set, the one that was asked."""
        return (self.network.settings.base_url or str(self.request.base_url)).rstrip("/")

    def address(self) -> str:
        """This page with its query as it was asked for, whichever of its twins that was."""
        return address(self.path, self._pairs)

    def canonical(self, known: frozenset[str]) -> str:
        """The one address of this page: what it understands of the query, and its language where that was chosen."""
        pairs = [(name, value) for name, value in self._pairs if name in known]
        return self.origin + self.href(self.path, pairs)


def address(path: str, pairs: Query) -> str:
    """A path with its query, as it stands in a link."""
    return _quoted(path) + ("?" + urlencode(list(pairs)) if pairs else "")


@lru_cache(16_384)
def _quoted(path: str) -> str:
    return quote(path, safe="/:@!$&'()*+,;=-._~%")
