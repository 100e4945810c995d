"""Pages of text: how matching works, accessibility, privacy, and the API with a place to run queries."""

from __future__ import annotations

from importlib import resources
from typing import Any, Final

import orjson
from starlette.responses import RedirectResponse, Response

from api.execute import run
from graph.matching.parameters import PARAMETERS
from graph.message import Message
from web import static
from web.page import SECURITY_OF_GRAPHIQL, Page, View
from web.visit import Visit

EXAMPLES: Final = (
    (
        Message("Partners for a need"),
        "query ($input: MatchInput!) {\n  match(input: $input) {\n    topics { name }\n    partners(first: 3) {\n      nodes { rank score sentence partner { ... on Record { id title } } missing }\n    }\n  }\n}",
        '{"input": {"country": "KHM", "text": "A national data exchange layer between registries"}}',
    ),
    (
        Message("A country with its latest figures"),
        'query {\n  country(id: "KEN") {\n    name\n    observations(first: 5) { nodes { year value rank indicator { name } } }\n    practices(first: 3) { nodes { title url } }\n  }\n}',
        "",
    ),
    (
        Message("Search in any language"),
        "query ($words: String!) {\n  search(query: $words, kinds: [PRACTICE, OFFER], first: 5) {\n    totalCount\n    nodes { id title url }\n  }\n}",
        '{"words": "guichet unique pour les entreprises"}',
    ),
)
EDITOR_PARAMETERS: Final = frozenset({"query", "variables", "operationName"})


def _text(template: str, title: Message, **values: Any) -> View:
    async def view(visit: Visit) -> Page:
        return Page(template, visit.speech.tell(title), dict(values), menu=visit.path)

    return view


async def api(visit: Visit) -> Page:
    """Example queries, and the answer to a query in the address."""
    query, variables = visit.parameter("query"), visit.parameter("variables")
    answer: dict[str, Any] | None = None
    problem = ""
    if query:
        try:
            given = orjson.loads(variables or "{}")
        except orjson.JSONDecodeError:
            given = None
        if isinstance(given, dict):
            answer = await run(
                visit.network, query, given, operation_name=visit.parameter("operationName") or None, language=visit.language
            )
            visit.data |= answer
        else:
            problem = visit.speech.say("The variables are not a JSON object, such as {example}", example='{"id": "country:KEN"}')
    failed = bool(problem) or (answer is not None and answer.get("data") is None)
    values = {
        "examples": [(visit.speech.tell(words), document, sample) for words, document, sample in EXAMPLES],
        "query": query or EXAMPLES[0][1],
        "variables": variables if query else EXAMPLES[0][2],
        "answer": orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode() if answer is not None else None,
        "problem": problem,
        "graphiql": offers_graphiql(visit),
    }
    problems = (problem,) if problem else ()
    status = 400 if failed else 200
    return Page("texts/api.html", visit.speech.say("Ask with GraphQL"), values, EDITOR_PARAMETERS, status, "/api", problems, not query)


def offers_graphiql(visit: Visit) -> bool:
    """Whether GraphiQL is wanted here, and built."""
    return visit.network.settings.graphiql and bool(static.loader())


async def graphiql(visit: Visit) -> Page | Response:
    """GraphiQL with the query of the address; where it is not offered, the plain editor. Without a script the page has that one too."""
    query, variables = visit.parameter("query"), visit.parameter("variables")
    if not offers_graphiql(visit):
        return RedirectResponse(visit.href("/api", visit.request.query_params) + "#editor", 303)
    values = {"query": query or EXAMPLES[0][1], "variables": variables if query else EXAMPLES[0][2]}
    return Page("texts/graphiql.html", "GraphiQL", values, EDITOR_PARAMETERS, menu="/api", indexed=False, security=SECURITY_OF_GRAPHIQL)


# Written by `make eval`, so that the page shows what was measured last.
QUALITY: Final[dict[str, float]] = orjson.loads(resources.files("web").joinpath("quality.json").read_bytes())

VIEWS: Final[dict[str, View]] = {
    "/how-matching-works": _text("texts/matching.html", Message("How matching works"), parameters=PARAMETERS, quality=QUALITY),
    "/accessibility": _text("texts/accessibility.html", Message("Accessibility")),
    "/privacy": _text("texts/privacy.html", Message("Privacy")),
    "/api": api,
    "/graphiql": graphiql,
}
