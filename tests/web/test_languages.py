"""The pages in six languages: asked for in many ways, and told without a rest of English."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from api.wording import LANGUAGES
from tests.web.wording import english_left, said
from web.speech import direction
from web.terms import DOMAINS
from web.tools.translations import catalogue_of, extracted

pytestmark = pytest.mark.live

FOREIGN = tuple(language for language in LANGUAGES if language != "en")
NEED = {"country": "KHM", "text": "A national data exchange layer between the registries of people, land and companies"}
PAGES = (
    ("/", {}),
    ("/search", {"q": "digital identity"}),
    ("/search", {"q": "zzzz qqqq", "kind": "nonsense"}),
    ("/match", {}),
    ("/match", NEED),
    ("/match", NEED | {"amount": "1400000"}),
    ("/match", NEED | {"amount": "much"}),
    ("/match", NEED | {"country": "XXX"}),
    ("/match", NEED | {"text": "a bridge over the river"}),
    ("/countries/KEN", {}),
    ("/countries", {"colour": "green"}),
    ("/countries/KEN/peers", {}),
    ("/compare", {"countries": "KEN,RWA"}),
    ("/board", {}),
    ("/status", {}),
    ("/nowhere", {}),
    *((path, {}) for path in ("/how-matching-works", "/accessibility", "/privacy", "/api")),
    *((domain.path, {}) for domain in DOMAINS),
)


def texts(value: object) -> Iterator[str]:
    """Every text in a page's data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


async def data_of(client: httpx.AsyncClient, path: str, parameters: dict[str, str]) -> list[str]:
    twin = await client.get(("/index" if path == "/" else path) + ".json", params=parameters)
    return list(texts(twin.json()))


async def first_record(client: httpx.AsyncClient, path: str) -> str | None:
    nodes = [text for text in await data_of(client, path, {}) if ":" in text and " " not in text]
    prefix = next(domain.type.prefix for domain in DOMAINS if domain.path == path)
    return next((f"{path}/{text.partition(':')[2]}" for text in nodes if text.startswith(prefix + ":")), None)


@pytest.fixture(scope="module")
def found() -> dict[str, str]:
    """Address of one record of each kind, by path: looked for once."""
    return {}


@pytest.mark.parametrize("language", FOREIGN)
async def test_no_english_of_the_catalogue_is_left_on_a_page(client: httpx.AsyncClient, found: dict[str, str], language: str) -> None:
    english, foreign = extracted(), catalogue_of(language)
    if not found:
        found |= {domain.path: address for domain in DOMAINS if (address := await first_record(client, domain.path))}
    assert len(found) > 10
    left: dict[str, list[str]] = {}
    for path, parameters in [*PAGES, *((address, {}) for address in found.values())]:
        page = await client.get(path, params=parameters | {"lang": language})
        assert page.headers["content-language"] == language
        assert f'<html lang="{language}" dir="{direction(language)}">' in page.text
        if told := english_left(page.text, english, foreign):
            names = "\n".join(await data_of(client, path, parameters | {"lang": language}))
            left[str(page.url)] = [text for text in told if text.removesuffix(" …") not in names]
    assert {address: told for address, told in left.items() if told} == {}


async def test_what_is_left_in_english_is_found(client: httpx.AsyncClient) -> None:
    page = (await client.get("/privacy", params={"lang": "en"})).text.replace('lang="en"', 'lang="fr"', 1)
    left = english_left(page, extracted(), catalogue_of("fr"))
    assert {"Privacy", "No cookies.", "Skip to content"} <= set(left)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("zh-Hans-SG", "zh"),
        ("cmn-Hans,en;q=0.5", "zh"),
        ("es-419,es;q=0.9", "es"),
        ("pt-BR,es-MX;q=0.7", "es"),
        ("ru-KZ", "ru"),
        ("arb", "ar"),
        ("kk,de;q=0.9", "en"),
    ],
)
async def test_a_browser_gets_its_language(client: httpx.AsyncClient, header: str, language: str) -> None:
    page = await client.get("/", headers={"accept-language": header})
    assert page.headers["content-language"] == language
    assert f'<html lang="{language}"' in page.text


async def test_the_switch_names_each_language_in_itself(client: httpx.AsyncClient) -> None:
    page = (await client.get("/privacy")).text
    for language, name in zip(LANGUAGES, ("English", "Français", "Español", "العربية", "中文", "Русский"), strict=True):
        assert f'<link rel="alternate" hreflang="{language}" href="' in page
        assert f'lang="{language}" dir="{direction(language)}" hreflang="{language}"' in page
        assert f">{name}</a>" in page


async def test_records_and_countries_have_their_names_in_the_language(client: httpx.AsyncClient) -> None:
    names = {"fr": "Kenya", "es": "Kenya", "ar": "كينيا", "zh": "肯尼亚", "ru": "Кения"}
    for language, name in names.items():
        page = (await client.get("/countries/KEN", params={"lang": language})).text
        assert ("h1", name) in said(page)


async def test_the_sentences_of_a_match_name_countries_in_the_language(client: httpx.AsyncClient) -> None:
    question = "query ($input: MatchInput!) { match(input: $input) { partners(first: 1) { nodes { parts { name explanation } } } } }"
    told = {}
    for language in ("en", "ru", "zh"):
        sent = {"query": question, "variables": {"input": NEED}}
        answer = (await client.post("/graphql", json=sent, headers={"accept-language": language})).json()
        parts = answer["data"]["match"]["partners"]["nodes"][0]["parts"]
        told[language] = next(part["explanation"] for part in parts if part["name"] == "SAME_REGION")
    assert "Cambodia" in told["en"]
    assert "Камбоджа" in told["ru"]
    assert "柬埔寨" in told["zh"]
