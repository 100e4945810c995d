"""Embeddings: text in, unit vectors out. Must not know the database: whoever stores vectors asks for `ModelInfo.key` and `text_hash`."""

from graph.embedding.model import Embedder, Kind, ModelInfo, Vector, fold, text_hash
from graph.embedding.service import EmbeddingService
from graph.embedding.sources import load

__all__ = ["Embedder", "EmbeddingService", "Kind", "ModelInfo", "Vector", "fold", "load", "text_hash"]
