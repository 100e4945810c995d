"""Vectors in a file, by model and text hash: eight bits a value, so that a thousand documents take 400 kB.

A data set that is shipped brings its vectors along, and a first start need not compute them. A text that changed has another
hash and is embedded as ever. Eight bits move a vector by less than a cosine of 0.001.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]


def write_vectors(path: Path, key: str, vectors: Mapping[str, Vector]) -> None:
    """Write L2-normalised vectors of one model, by text hash, in the order of the hashes."""
    hashes = sorted(vectors)
    values = np.stack([vectors[h] for h in hashes])
    scale = np.abs(values).max(axis=1) / 127
    small = np.round(values / scale[:, None]).astype(np.int8)
    with path.open("wb") as stream:
        np.savez_compressed(stream, key=np.array(key), hashes=np.array(hashes), scale=scale.astype(np.float32), values=small)


def read_vectors(path: Path, key: str) -> dict[str, Vector]:
    """Vectors of one model, L2-normalised, by text hash; empty where the file is missing or holds another model's."""
    if not path.exists():
        return {}
    with np.load(path, allow_pickle=False) as stored:
        if str(stored["key"]) != key:
            return {}
        values = stored["values"].astype(np.float32) * stored["scale"][:, None]
        values /= np.linalg.norm(values, axis=1, keepdims=True)
        return dict(zip((str(h) for h in stored["hashes"]), values, strict=True))
