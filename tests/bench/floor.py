"""The floor: each question of the bench as one hand-written Cypher that returns the answer's shape, behind a plain Starlette route.

`python -m tests.bench.floor PORT`; the database is named by FLOOR_URI, FLOOR_USER, FLOOR_PASSWORD and FLOOR_DATABASE.
"""

from __future__ import annotations

import base64
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import neo4j
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

VISIBLE: Final = ["PUBLIC"]
LEVELS: Final = [0]
PARTIES: Final = (
    "{{nodes: [(p)<-[:{type}]-(x:Organization|Country) | "
    "{{__typename: CASE WHEN x:Country THEN 'Country' ELSE 'Organization' END, id: x.id, name: x.name}}]}}"
)
FUNDERS: Final = PARTIES.format(type="FUNDS")
IMPLEMENTERS: Final = PARTIES.format(type="IMPLEMENTS")
COUNTRIES: Final = "{nodes: [(p)-[:IN]->(x:Country) | x {.id, .name}]}"

COUNTRY: Final = """
MATCH (c:Country {id: $id})
RETURN {country: c {.id, .name, .iso2, .region, .subregion, .incomeGroup, .capital, .population}}
"""

NEWEST: Final = f"""
MATCH (p:Project)
WHERE p.startDate <= date($to) AND p.visibility IN $visible
WITH p
ORDER BY p.startDate DESC, p.id
LIMIT 50
RETURN {{projects: {{nodes: collect(p {{
  .id, .title, .status, startDate: toString(p.startDate), endDate: toString(p.endDate), .amountUsd,
  countries: {{nodes: [(p)-[:IN]->(x:Country) | x {{.id, .name, .region}}]}},
  funders: {FUNDERS}
}})}}}}
"""

OF_COUNTRY: Final = f"""
MATCH (c:Country {{id: $id}})
CALL (c) {{
  MATCH (c)<-[:IN]-(p:Project)
  WHERE p.startDate <= date($to) AND p.visibility IN $visible
  WITH p
  ORDER BY p.startDate DESC, p.id
  LIMIT 50
  RETURN collect(p {{
    .id, .title, startDate: toString(p.startDate), .amountUsd,
    topics: {{nodes: [(p)-[:ABOUT]->(x:Topic) | x {{.id, .name}}]}},
    implementers: {IMPLEMENTERS},
    funders: {FUNDERS}
  }}) AS projects
}}
RETURN {{country: c {{.id, .name, projects: {{nodes: projects}}}}}}
"""

BETWEEN: Final = "p.startDate >= date($from) AND p.startDate <= date($to) AND p.visibility IN $visible"

# The first condition on the cursor's date alone keeps the index, from which the page is read in order.
PAGE: Final = f"""
MATCH (p:Project)
WHERE {BETWEEN}
  AND p.startDate <= date($afterDate) AND (p.startDate < date($afterDate) OR p.id > $afterId)
  AND EXISTS {{ (p)-[:IN]->(c:Country) WHERE c.id IN $in }}
WITH p
ORDER BY p.startDate DESC, p.id
LIMIT 21
WITH collect(p {{.id, .title, .status, startDate: toString(p.startDate), .amountUsd, countries: {COUNTRIES}}}) AS found
"""
UNCOUNTED: Final = f"""{PAGE}
RETURN {{projects: {{edges: [p IN found[..20] | {{node: p}}], pageInfo: {{hasNextPage: size(found) > 20}}}}}}
"""

# The count begins at the countries, since the range of dates alone holds far more projects.
COUNTED: Final = f"""{PAGE}
CALL () {{
  UNWIND $in AS id
  MATCH (:Country {{id: id}})<-[:IN]-(p:Project)
  WHERE {BETWEEN}
  RETURN count(DISTINCT p) AS total
}}
RETURN {{projects: {{totalCount: total, edges: [p IN found[..20] | {{node: p}}], pageInfo: {{hasNextPage: size(found) > 20}}}}}}
"""

SEARCH: Final = f"""
CALL db.index.fulltext.queryNodes('project_text', $phrase, {{limit: 1000}}) YIELD node AS p, score
WHERE p:Project AND p.visibility IN $visible
WITH p, score
ORDER BY score DESC, p.id
LIMIT 20
RETURN {{projects: {{edges: collect({{
  score: score,
  node: p {{.id, .title, startDate: toString(p.startDate), countries: {COUNTRIES}}}
}})}}}}
"""

OBSERVATIONS: Final = """
MATCH (c:Country)
WHERE c.id IN $ids
WITH c
ORDER BY c.name, c.id
LIMIT 100
CALL (c) {
  MATCH (c)<-[:FOR]-(o:Observation)
  WITH o
  ORDER BY o.year DESC, o.id
  LIMIT 5
  RETURN collect(o {.id, .year, .value, indicator: head([(o)-[:OF]->(i:Indicator) | i {.id, .name}])}) AS observations
}
RETURN {countries: {nodes: collect(c {.id, .name, observations: {nodes: observations}})}}
"""

SUMS: Final = """
MATCH (c:Country)
WHERE c.population > 0
WITH c
ORDER BY c.population DESC, c.id
LIMIT 50
CALL (c) {
  MATCH (c)<-[r:IN]-()
  WHERE r.projectLevel IN $levels
  RETURN count(r) AS total, sum(r.projectAmountUsd) AS amount
}
RETURN {countries: {nodes: collect(c {.id, .name, .population, projects: {totalCount: total, aggregate: {amountUsd: {sum: amount}}}})}}
"""


def cursor(node: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([node["startDate"], node["id"]])).decode()


def paged(variables: dict[str, Any]) -> dict[str, Any]:
    """The cursor's date and id as parameters; the first page is behind a day that never comes."""
    after = variables.pop("after")
    date, record_id = orjson.loads(base64.urlsafe_b64decode(after)) if after else ("9999-12-31", "")
    return variables | {"afterDate": date, "afterId": record_id}


def with_cursors(data: dict[str, Any]) -> dict[str, Any]:
    for edge in data["projects"]["edges"]:
        edge["cursor"] = cursor(edge["node"])
    data["projects"]["pageInfo"]["endCursor"] = data["projects"]["edges"][-1]["cursor"]
    return data


def same(values: dict[str, Any]) -> dict[str, Any]:
    return values


Step = Callable[[dict[str, Any]], dict[str, Any]]
# By question: the Cypher, what is done to the variables before it, and to the data behind it.
ANSWERS: Final[dict[str, tuple[str, Step, Step]]] = {
    "q1": (COUNTRY, same, same),
    "q2": (NEWEST, same, same),
    "q3": (OF_COUNTRY, same, same),
    "q4": (COUNTED, paged, with_cursors),
    "q5": (UNCOUNTED, paged, with_cursors),
    "q6": (SEARCH, same, same),
    "q7": (OBSERVATIONS, same, same),
    "q8": (SUMS, same, same),
}


async def answer(request: Request) -> Response:
    cypher, before, after = ANSWERS[request.path_params["question"]]
    variables = before(orjson.loads(await request.body())["variables"]) | {"visible": VISIBLE, "levels": LEVELS}
    async with request.app.state.driver.session(database=os.environ["FLOOR_DATABASE"], default_access_mode=neo4j.READ_ACCESS) as session:
        record = await (await session.run("CYPHER 25 " + cypher, variables)).single(strict=True)
    return Response(orjson.dumps({"data": after(record[0])}), media_type="application/json")


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    auth = (os.environ["FLOOR_USER"], os.environ["FLOOR_PASSWORD"])
    async with neo4j.AsyncGraphDatabase.driver(os.environ["FLOOR_URI"], auth=auth, max_connection_pool_size=50) as driver:
        app.state.driver = driver
        yield


app = Starlette(routes=[Route("/{question}", answer, methods=["POST"])], lifespan=lifespan)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)
