"""`topicsOf`: the topics that `match` reads from a text, without the match."""

from __future__ import annotations

import httpx
import pytest

from tests.api.asking import ask, refused

pytestmark = pytest.mark.live

QUERY = "query ($text: String!, $language: String) { topicsOf(text: $text, language: $language) { id name } }"
NEED = "A national data exchange layer between the registries of people, land and companies"


@pytest.mark.parametrize("text", [NEED, "Un registre national des bénéficiaires de la protection sociale", "نظام وطني للهوية الرقمية"])
async def test_they_are_those_of_the_match(client: httpx.AsyncClient, text: str) -> None:
    match = await ask(
        client, 'query ($text: String!) { match(input: {country: "KHM", text: $text}) { topics { id name } } }', {"text": text}
    )

    read = await ask(client, QUERY, {"text": text})

    assert read["topicsOf"] == match["match"]["topics"]
    assert read["topicsOf"]


async def test_a_text_about_something_else_has_none(client: httpx.AsyncClient) -> None:
    assert await ask(client, QUERY, {"text": "A recipe for pancakes with blueberries and maple syrup", "language": "en"}) == {
        "topicsOf": []
    }


@pytest.mark.parametrize(("text", "code"), [(" ", "TEXT_EMPTY"), ("x" * 10_001, "TEXT_TOO_LONG")])
async def test_a_text_that_says_nothing_or_too_much_is_refused(client: httpx.AsyncClient, text: str, code: str) -> None:
    told = await refused(client, QUERY, {"text": text, "language": "en"})

    assert told.code == code
