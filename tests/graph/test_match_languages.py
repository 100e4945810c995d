"""One need in six languages finds the same partners; what a language adds to a question is measured and taken away."""

from __future__ import annotations

import numpy as np

from api.state import Network
from graph.database import Query
from graph.matching import MatchResult, Request, match
from graph.vectors import embed_documents, space_in_use

NEED = {
    "en": "We want to link the civil registration and identity registers",
    "fr": "Nous voulons relier les registres de l'état civil et de l'identité",
    "es": "Queremos conectar los registros civiles y de identidad",
    "ar": "نريد ربط سجلات الأحوال المدنية بسجلات الهوية",
    "zh": "我们希望把民事登记系统与身份登记系统连接起来",
    "ru": "Мы хотим связать реестры актов гражданского состояния и удостоверения личности",
}


async def partners(network: Network, language: str) -> list[str]:
    found: MatchResult = await match(network.database, network.embedding, Request(NEED[language], "KHM", language), packaged=0)
    return [partner.id for partner in found.partners[:10]]


async def test_a_need_finds_partners_it_finds_in_english(network: Network) -> None:
    english = set(await partners(network, "en"))

    shared = {language: len(english & set(await partners(network, language))) for language in NEED if language != "en"}

    assert all(n >= 5 for n in shared.values()), shared


async def test_a_question_is_nearer_to_itself_in_english_without_what_its_language_adds(network: Network) -> None:
    space = await space_in_use(network.database)

    async def cosine(language: str, way: str) -> float:
        raw = {each: await network.embedding.query(NEED[each]) for each in (language, "en")}
        of = [space.asked(v, NEED[each], each) if way == "asked" else space.centred(v, each) for each, v in raw.items()]
        one, other = (np.asarray(vector) / np.linalg.norm(vector) for vector in of)
        return float(one @ other)

    assert set(space.asking) == {"ar", "es", "fr", "ru", "zh"}
    gained = {language: await cosine(language, "asked") - await cosine(language, "centred") for language in space.asking}
    assert min(gained.values()) > 0, gained
    raw = await network.embedding.query(NEED["en"])
    assert space.asked(raw, NEED["en"]) == space.centred(raw)


async def test_a_graph_that_was_embedded_before_gets_what_languages_add_to_questions(network: Network) -> None:
    space = await space_in_use(network.database)
    forget = Query("MATCH (m:State {id: $id})\nREMOVE m.asking", {"id": f"state:vectors:{space.key}"})
    await network.database.write(lambda transaction: transaction.run(forget))

    report = await embed_documents(network.database, network.embedding)

    again = await space_in_use(network.database)
    assert (report.embedded, report.switched) == (0, False)
    # Made anew instead of read from the file, whose eight bits a value round a little.
    for language, added in space.asking.items():
        assert again.asking[language].letters == added.letters
        assert np.allclose(again.asking[language].words, added.words, atol=1e-3)
        assert np.allclose(again.asking[language].sentence, added.sentence, atol=1e-3)
