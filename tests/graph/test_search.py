"""Search finds records by name, by words, by meaning in any language; filters hold; pages cover every hit once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.state import Network
from graph import cursor
from graph.database import Database, Query
from graph.embedding import EmbeddingService, Kind, ModelInfo
from graph.embedding.model import Vector, Vectors
from graph.errors import Code, NetworkError
from graph.model import MODEL
from graph.schema import NAME_INDEX, TEXT_INDEX
from graph.search import MEANT, Filters, Hit, Hits, by_words, cursor_of, name_terms, search, snippet
from graph.settings import Settings
from graph.viewer import ANYONE
from graph.words import full_text_terms

ALL = Filters()


async def find(network: Network, text: str, filters: Filters = ALL) -> Hits:
    return await search(network.database, network.embedding, text, filters, ANYONE)


def first(hits: Hits, number: int) -> list[str]:
    return [hit.id for hit in hits.hits[:number]]


async def column(database: Database, query: str, hits: Hits) -> set[object]:
    """Values of a query that begins with the hits' documents as `d`."""
    text = f"UNWIND $ids AS id\nMATCH (d:Document {{id: id}})\n{query}"
    return {value for (value,) in await database.read(Query(text, {"ids": [hit.id for hit in hits.hits]}))}


@pytest.mark.live
@pytest.mark.parametrize(
    ("text", "record"),
    [
        ("X-Road", "solution:x-road"),
        ("x road", "solution:x-road"),
        ("e-Governance Academy", "organization:e-governance-academy"),
        ("Cambodia", "country:KHM"),
        ("Cambodge", "country:KHM"),
        ("柬埔寨", "country:KHM"),
        ("كمبوديا", "country:KHM"),
        ("Камбоджа", "country:KHM"),
        ("KHM", "country:KHM"),
    ],
)
async def test_record_is_found_by_its_name_in_any_language(network: Network, text: str, record: str) -> None:
    assert record in first(await find(network, text), 3)


@pytest.mark.live
@pytest.mark.parametrize(
    ("acronym", "record"),
    [("KOICA", "organization:koica"), ("UNCTAD", "organization:unctad"), ("CNUCED", "organization:unctad"), ("МСЭ", "organization:itu")],
)
async def test_organisation_is_found_by_its_acronym_in_any_language(network: Network, acronym: str, record: str) -> None:
    assert record in first(await find(network, acronym), 5)


@pytest.mark.live
@pytest.mark.parametrize("text", ["Camboda", "cambodja", "Kambodia"])
async def test_near_spelling_of_a_name_is_enough(network: Network, text: str) -> None:
    assert "country:KHM" in first(await find(network, text), 5)


@pytest.mark.live
@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Eltern sollen die Geburt ihres Kindes online anzeigen können", "topic:civil-registration"),
        ("votar por internet desde el extranjero", "topic:e-voting"),
        ("les agriculteurs reçoivent des conseils par téléphone", "topic:agriculture-services"),
        ("المناقصات الحكومية عبر الإنترنت", "topic:e-procurement"),
        ("土地登记电子化", "topic:land-administration"),
    ],
)
async def test_record_is_found_by_its_meaning_in_another_language(network: Network, text: str, topic: str) -> None:
    assert topic in first(await find(network, text, Filters(kinds=("Topic",))), 5)


@pytest.mark.live
async def test_filter_by_kind_keeps_those_kinds(network: Network) -> None:
    hits = await find(network, "digital identity", Filters(kinds=("Practice", "Solution")))

    assert set(hits.counts()) == {"Practice", "Solution"}
    assert sum(hits.counts().values()) == len(hits.hits)
    assert {MODEL.by_prefix[hit.id.partition(":")[0]].label for hit in hits.hits} == {"Practice", "Solution"}


@pytest.mark.live
async def test_filter_by_topic_takes_narrower_topics_with_it(network: Network) -> None:
    wide = await find(network, "registers", Filters(topics=("topic:digital-identity",)))
    narrow = await find(network, "registers", Filters(topics=("topic:civil-registration",)))

    query = "WHERE NOT EXISTS { (d)-[:ABOUT]->(t) WHERE %s }\nRETURN id"
    whole = "t.id = 'topic:digital-identity' OR EXISTS { (t)-[:PART_OF]->({id: 'topic:digital-identity'}) }"
    assert narrow.hits != ()
    assert await column(network.database, query % whole, wide) == set()
    assert await column(network.database, query % "t.id = 'topic:civil-registration'", narrow) == set()
    assert await column(network.database, query % "t.id = 'topic:digital-identity'", wide) != set()


@pytest.mark.live
async def test_filter_by_country_keeps_what_is_linked_to_it(network: Network) -> None:
    hits = await find(network, "government services", Filters(country="country:RWA"))

    query = "WHERE d.id <> 'country:RWA' AND NOT EXISTS { (d)--({id: 'country:RWA'}) }\nRETURN id"
    assert hits.hits != ()
    assert await column(network.database, query, hits) == set()


@pytest.mark.live
@pytest.mark.parametrize("text", ["registre d'état civil", ""])
async def test_filter_by_language_keeps_texts_in_it(network: Network, text: str) -> None:
    hits = await find(network, text, Filters(language="fr"))

    assert hits.hits != ()
    assert await column(network.database, "RETURN d.lang", hits) == {"fr"}


@pytest.mark.live
async def test_filters_hold_together(network: Network) -> None:
    filters = Filters(("Project", "Practice"), ("topic:digital-services",), "country:RWA", "en")

    hits = await find(network, "", filters)

    query = (
        "MATCH (d:Project|Practice {lang: 'en'})-[:ABOUT]->(:Topic)-[:PART_OF]->{0,1}({id: 'topic:digital-services'})\n"
        "WHERE EXISTS { (d)--(:Country {id: 'country:RWA'}) }\nRETURN DISTINCT d.id"
    )
    assert hits.hits != ()
    assert {hit.id for hit in hits.hits} == {record_id for (record_id,) in await network.database.read(Query(query))}


@pytest.mark.live
@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
async def test_empty_text_browses_newest_first_then_by_name(network: Network, text: str) -> None:
    hits = await find(network, text, Filters(kinds=("Forum", "Practice", "Topic")))

    rows = await network.database.read(Query("MATCH (n:Forum|Practice|Topic)\nRETURN n.id, n.date, coalesce(n.title, n.name)"))
    dated = [(-day.to_native().toordinal(), name, record_id) for record_id, day, name in rows if day is not None]
    undated = [(name, record_id) for record_id, day, name in rows if day is None]
    assert [hit.id for hit in hits.hits] == [i for _, _, i in sorted(dated)] + [i for _, i in sorted(undated)]
    assert {hit.score for hit in hits.hits} == {0.0}
    assert hits.notices == ()


@pytest.mark.live
@pytest.mark.parametrize(
    "text",
    [
        'foo/bar AND ( [ "',
        "AND OR NOT",
        "title:* OR *:*",
        "a~ b^ c? d* {e TO f}",
        "\\",
        '"',
        "the of and",
        "%00 \x00 ' OR 1=1 --",
        "}) RETURN 1 //",
        "$terms `id`",
        "🙂",
        "…—’",
    ],
)
async def test_syntax_in_the_text_is_harmless(network: Network, text: str) -> None:
    hits = await find(network, text)

    assert len(hits.hits) <= 1000
    assert await find(network, text) == hits


@pytest.mark.live
@pytest.mark.parametrize(
    "text",
    [
        *("x" * 9_000, "administration" * 600, "ж" * 5_000, "".join(chr(0x4E00 + n) for n in range(200))),
        " ".join(f"verwaltungsregister{n}" for n in range(150)),
        " ".join(f"the ministry{n} wants registers{n}" for n in range(150)),
    ],
    ids=["letters", "word", "Cyrillic", "Chinese", "many words", "long text"],
)
async def test_very_long_words_and_very_many_are_harmless(network: Network, text: str) -> None:
    hits = await find(network, text)

    assert len(hits.hits) <= 1000


@pytest.mark.live
async def test_long_text_finds_what_its_words_find(network: Network) -> None:
    [(summary,)] = await network.database.read(
        Query(
            "MATCH (p:Practice)\nRETURN p.summary + ' ' + coalesce(p.problem, '') + ' ' + coalesce(p.approach, '')\nORDER BY size(p.summary) DESC\nLIMIT 1"
        )
    )
    assert len(set(summary.split())) > 70

    hits = await find(network, summary)

    assert hits.hits[0].id.startswith("practice:")


@pytest.mark.live
async def test_meaning_of_a_long_text_is_that_of_its_beginning(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    query, embedded = EmbeddingService.query, []

    async def noting(self: EmbeddingService, text: str, *, wait: bool = False) -> Vector:
        embedded.append(text)
        return await query(self, text, wait=wait)

    monkeypatch.setattr(EmbeddingService, "query", noting)
    beginning = ("We want one register of land and of those who own it. " * 10)[:MEANT]

    hits = await find(network, beginning + " Estonia X-Road" + " and" * 900)

    assert embedded == [beginning]
    # Words are looked for in all of it.
    assert "solution:x-road" in first(hits, 20)


@pytest.mark.live
@given(text=st.text(max_size=80))
@settings(max_examples=30)
async def test_words_of_any_text_can_be_looked_for(database: Database, text: str) -> None:
    terms = full_text_terms(text)
    for index, words in ((TEXT_INDEX, terms), (NAME_INDEX, name_terms(terms))):
        rows = await database.read(by_words(index, words or "nothing", ALL, ANYONE))
        assert len(rows) == len({record_id for record_id, _ in rows}) <= 400


@pytest.mark.live
async def test_score_is_the_sum_over_the_rankings_and_falls(network: Network) -> None:
    hits = (await find(network, "one-stop shop for citizens")).hits

    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert len({hit.id for hit in hits}) == len(hits)
    assert 0 < scores[-1] <= scores[0] <= 3 / 61


@pytest.mark.live
async def test_pages_cover_every_hit_once(network: Network) -> None:
    hits = await find(network, "identity card", Filters(kinds=("Project",)))
    assert len(hits.hits) > 20

    for size in (1, 7, 1000):
        found: list[Hit] = []
        after: str | None = None
        more = True
        while more:
            page, more = hits.page(size, after)
            found += page
            after = cursor_of(page[-1])
        assert tuple(found) == hits.hits


@pytest.mark.live
async def test_cursor_of_another_search_is_refused(network: Network) -> None:
    identity = await find(network, "identity card", Filters(kinds=("Solution",)))
    forum = await find(network, "", Filters(kinds=("Forum",)))

    with pytest.raises(NetworkError) as caught:
        forum.page(10, cursor_of(identity.hits[0]))

    assert caught.value.code is Code.BAD_CURSOR
    assert caught.value.message == "The cursor belongs to a search with other hits."
    assert caught.value.hint == "Leave `after` out to begin again."


def test_cursor_of_a_list_is_refused() -> None:
    hits = Hits((Hit("country:KHM", "Country", 0.5),))

    with pytest.raises(NetworkError) as caught:
        hits.page(10, cursor.encode("name ASC", ["Cambodia"], "country:KHM"))

    assert caught.value.code is Code.BAD_CURSOR


def test_page_tells_whether_more_follow() -> None:
    hits = Hits(tuple(Hit(f"country:{code}", "Country", 0.5) for code in ("KHM", "LAO", "VNM")))

    assert hits.page(2, None) == (hits.hits[:2], True)
    assert hits.page(2, cursor_of(hits.hits[1])) == (hits.hits[2:], False)
    assert hits.page(3, None) == (hits.hits, False)
    assert hits.page(0, None) == ((), True)
    assert hits.page(2, cursor_of(hits.hits[2])) == ((), False)


def test_counts_are_by_kind_most_first_then_by_name() -> None:
    kinds = ["Need", "Project", "Country", "Project"]

    assert list(Hits(tuple(Hit(str(n), kind, 0.1) for n, kind in enumerate(kinds))).counts().items()) == [
        ("Project", 2),
        ("Country", 1),
        ("Need", 1),
    ]


class Still:
    """A model of eight dimensions that answers everything alike."""

    info = ModelInfo("still_8", "still", 8, multilingual=False, source="folder")

    def encode(self, texts: Sequence[str], *, kind: Kind) -> Vectors:  # noqa: ARG002 - the protocol has it
        return np.tile(np.eye(8, dtype=np.float32)[0], (len(texts), 1))


@pytest.mark.live
async def test_search_looks_for_words_only_until_the_vectors_are_there(network: Network, settings: Settings) -> None:
    sleeping = EmbeddingService(settings, lambda _: Still())
    another = EmbeddingService(settings, lambda _: Still())
    await another.ready()

    try:
        early = await search(network.database, sleeping, "X-Road", ALL, ANYONE)
        switching = await search(network.database, another, "X-Road", ALL, ANYONE)
    finally:
        await sleeping.close()
        await another.close()

    assert "solution:x-road" in first(early, 10)
    assert [n.code for n in early.notices] == ["WORDS_ONLY"]
    assert switching == early


def test_long_words_of_a_name_are_looked_for_in_near_spellings_too() -> None:
    assert name_terms("x road estonia") == "x road estonia estonia~1^0.5"
    assert "~" not in name_terms("eight words might still name something while nine write texts")


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"summary": "Short.", "description": "Other."}, "Short."),
        ({"summary": "", "description": "Other."}, "Other."),
        ({"officialName": "Kingdom of Cambodia"}, "Kingdom of Cambodia"),
        ({"name": "Only a name", "date": date(2020, 1, 1)}, ""),
        ({"summary": "x" * 240}, "x" * 240),
        ({"summary": "word " * 60}, "word " * 47 + "word …"),
    ],
)
def test_snippet_is_the_first_text_cut_at_a_word(values: dict[str, object], text: str) -> None:
    assert snippet(values) == text
