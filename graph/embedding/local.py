"""A sentence-transformers model in this process, on the CPU. Must not choose which model: `sources` does."""

from __future__ import annotations

import os
import threading
import zlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np

from graph.embedding.bert import SingleText, single_text
from graph.embedding.model import Kind, ModelInfo, Prompts, Vectors, family_prompts, model_key, named_multilingual, unit_rows
from graph.errors import Code, NetworkError

BATCH = 32

# Names under which published models keep their prompts, the usual one first.
_QUERY_PROMPTS = ("query", "search_query", "retrieval.query", "s2p_query", "web_search_query")
_PASSAGE_PROMPTS = ("document", "passage", "corpus", "search_document", "retrieval.passage")

# An English vocabulary has about 30 000 pieces, the multilingual ones 105 000 and more.
_MULTILINGUAL_VOCABULARY = 100_000


class LocalEmbedder:
    """An `Embedder` around a loaded `SentenceTransformer`. Texts are cut at the model's own limit (512 tokens for the default)."""

    def __init__(self, model: Any, info: ModelInfo) -> None:
        self.info = info
        self._model = model
        model.preprocess = _one_at_a_time(model.preprocess)
        self._single = _checked(single_text(model), model)

    def encode(self, texts: Sequence[str], *, kind: Kind) -> Vectors:
        if not texts:
            return np.zeros((0, self.info.dimensions), dtype=np.float32)
        if kind == "query" and len(texts) == 1 and self._single is not None:
            return unit_rows(self._single.encode(texts[0], prompt=self._model.prompts["query"])[None])
        encode = self._model.encode_query if kind == "query" else self._model.encode_document
        return unit_rows(encode(list(texts), batch_size=BATCH, show_progress_bar=False))


def open_folder(folder: Path, *, name: str, source: str, fingerprint: str = "") -> LocalEmbedder:
    """Load an ordinary model folder without asking any hub: the hub library looks for this variable when it is first imported."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    return _open(str(folder), name=name, source=source, fingerprint=fingerprint, local_files_only=True)


def open_hub(name: str, *, cache: Path | None, download: bool) -> LocalEmbedder:
    """Load a hub model from a download cache (None: the hub library's own).

    The hub is asked only to download; without that, a model that is not in the cache raises `OSError`.
    """
    from huggingface_hub import snapshot_download  # noqa: PLC0415 - not needed for a folder

    name = name if "/" in name else f"sentence-transformers/{name}"
    if download:
        _check_hub(name)
        return _open(name, name=name, source="hub", cache_folder=str(cache) if cache else None)
    try:
        # The folder is looked up here, since sentence-transformers asks the hub even when it is told to stay local.
        folder = snapshot_download(name, cache_dir=cache, local_files_only=True)
    except ValueError as error:
        raise FileNotFoundError(name) from error
    return _open(folder, name=name, source="hub", local_files_only=True)


def _check_hub(name: str) -> None:
    """One question to the hub first: loading a model asks a dozen, and tries each for half a minute where there is no network."""
    from huggingface_hub import HfApi  # noqa: PLC0415 - as above
    from huggingface_hub.errors import HFValidationError, RepositoryNotFoundError  # noqa: PLC0415 - as above

    try:
        HfApi().model_info(name, timeout=10)
    except (RepositoryNotFoundError, HFValidationError):
        raise NetworkError(
            Code.MODEL_UNAVAILABLE,
            f"The model hub has no model {name} for this machine.",
            hint="Check the spelling of GCIO_MODEL (owner/model), and HF_TOKEN if the model is not open to everybody.",
            details={"model": name},
        ) from None
    except Exception as error:
        raise NetworkError(
            Code.MODEL_UNAVAILABLE,
            f"The embedding model {name} is not on this machine, and the model hub cannot be reached.",
            hint="Connect the machine once, copy the model into a folder and set GCIO_MODEL to it, or unset GCIO_MODEL to use the default.",
            details={"model": name},
        ) from error


def _open(path: str, *, name: str, source: str, fingerprint: str = "", **options: Any) -> LocalEmbedder:
    import torch  # noqa: PLC0415 - importing takes seconds, and must happen in the loader's thread
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - as above
    from transformers.utils.logging import disable_progress_bar  # noqa: PLC0415 - as above

    # Callers run side by side instead: with threads inside an operation, one busy neighbour (Neo4j, say) stalls every operation.
    torch.set_num_threads(1)
    disable_progress_bar()
    # A CPU computes in float32 fastest, whatever the weights were saved in.
    model = SentenceTransformer(path, device="cpu", model_kwargs={"dtype": torch.float32}, **options)
    prompts = _settle_prompts(model, name)
    _lay_out_for_short_texts(model.modules())
    dimensions = len(model.encode_document("warm-up", show_progress_bar=False))
    info = ModelInfo(
        key=model_key(name, dimensions, prompts, fingerprint),
        name=name,
        dimensions=dimensions,
        multilingual=named_multilingual(name) or _vocabulary(model) >= _MULTILINGUAL_VOCABULARY,
        source=source,
    )
    return LocalEmbedder(model, info)


def _settle_prompts(model: Any, name: str) -> Prompts:
    """Give `encode_query` and `encode_document` their prompts: the model's own where it has any, else its family's."""
    own: dict[str, str] = {key: text for key, text in model.prompts.items() if text}
    prompts = Prompts(_first(own, _QUERY_PROMPTS), _first(own, _PASSAGE_PROMPTS))
    if prompts == Prompts():
        prompts = family_prompts(name)
    model.prompts.update(query=prompts.query, document=prompts.passage)
    return prompts


def _first(prompts: dict[str, str], names: Iterable[str]) -> str:
    return next((prompts[name] for name in names if name in prompts), "")


def _lay_out_for_short_texts(modules: Iterable[Any]) -> None:
    """Keep wide-input weights column by column: the same numbers, a fifth faster for a query, since MKL need not turn them round."""
    import torch  # noqa: PLC0415 - loaded by now

    for module in modules:
        if isinstance(module, torch.nn.Linear) and module.in_features >= module.out_features and module.weight.dtype == torch.float32:
            module.weight.data = module.weight.data.t().contiguous().t()


def _checked(single: SingleText | None, model: Any) -> SingleText | None:
    """The fast way for one text if it gives what the model gives, to one part in a hundred thousand."""
    if single is None:
        return None
    text = "Which countries gave people in remote villages a digital identity? Quels pays? 哪些国家？"
    expected, found = unit_rows(model.encode_query([text], show_progress_bar=False)), single.encode(text, prompt=model.prompts["query"])
    return single if float(expected[0] @ unit_rows(found[None])[0]) > 1 - 1e-5 else None


def _one_at_a_time(preprocess: Callable[..., Any]) -> Callable[..., Any]:
    """A tokenizer used by two threads at once raises "Already borrowed" (transformers issue 47085); the model itself does not mind."""
    lock = threading.Lock()

    def locked(*args: Any, **kwargs: Any) -> Any:
        with lock:
            return preprocess(*args, **kwargs)

    return locked


def _vocabulary(model: Any) -> int:
    try:
        return len(cast("Any", model.tokenizer))
    except (AttributeError, TypeError):
        return 0


def fingerprint(folder: Path) -> str:
    """Tells one content of a folder from another: every file's name and size, the head and tail of each."""
    total = 0
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.suffix in {".md", ".lock"} or any(part.startswith(".") for part in path.relative_to(folder).parts):
            continue
        size = path.stat().st_size
        total = zlib.crc32(f"{path.relative_to(folder).as_posix()} {size}".encode(), total)
        with path.open("rb") as file:
            total = zlib.crc32(file.read(1 << 20), total)
            file.seek(max(0, size - (1 << 20)))
            total = zlib.crc32(file.read(), total)
    return f"{total:08x}"


def explained(error: Exception, name: str) -> NetworkError:
    """What a person can do about a model that does not load."""
    reason = (str(error).strip() or type(error).__name__).splitlines()[0]
    return NetworkError(
        Code.MODEL_UNAVAILABLE,
        f"The embedding model {name} could not be loaded: {reason}",
        hint="Check GCIO_MODEL (a hub name or a folder with a sentence-transformers model); unset it to use the default model.",
        details={"model": name},
    )
