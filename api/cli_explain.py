"""`gcio explain`: an operation explained on the terminal."""

from __future__ import annotations

import json
from typing import Any

from rich.console import Console

from api.context import Context
from api.explain import explain_operation
from api.state import Network
from graph.errors import Code, NetworkError


async def explain_command(network: Network, document: str, variables: str) -> dict[str, Any]:
    """The explanation as JSON types. Raises BAD_INPUT for variables that are no JSON object."""
    try:
        given = json.loads(variables)
    except json.JSONDecodeError as error:
        raise NetworkError(
            Code.BAD_INPUT, f"`--variables` is not JSON: {error.msg}.", hint='Write an object: \'{"id": "country:KEN"}\'.'
        ) from None
    if not isinstance(given, dict):
        raise NetworkError(Code.BAD_INPUT, "`--variables` is not a JSON object.", hint='Write an object: \'{"id": "country:KEN"}\'.')
    return (await explain_operation(document, given, None, Context(network))).as_dict()


def show(answer: dict[str, Any], out: Console) -> None:
    """Plan, Cypher, parameters and profile, a section each."""
    if not answer["compiled"]:
        out.print(answer["reason"], soft_wrap=True)
        return
    parts = {
        "Plan": answer["plan"],
        "Cypher": answer["cypher"].splitlines(),
        "Parameters": [f"{name} = {value}" for name, value in answer["parameters"].items()],
        f"Profile: {answer['dbHits']:,} dbHits": answer["profile"],
    }
    for title, lines in parts.items():
        out.print(f"[bold]{title}[/]")
        for line in lines:
            out.print(f"  {line}", markup=False, soft_wrap=True)
