"""One text through a BERT encoder: the arithmetic of transformers without batches, padding and hooks, a third faster for a query.

Must give the same vectors: `local` compares them when the model is loaded, and does without this where they differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graph.embedding.model import Vector


@dataclass(frozen=True)
class _Layer:
    """A layer's modules, with the three projections into attention as one matrix, since one large product is faster than three."""

    projection: Any
    projection_bias: Any
    attended: Any
    attended_norm: Any
    inner: Any
    outer: Any
    outer_norm: Any


class SingleText:
    """Mean-pooled vectors of a `SentenceTransformer` whose transformer is a `BertModel`, one text at a time."""

    def __init__(self, model: Any) -> None:
        bert = model[0].auto_model
        self._model = model
        self._embeddings = bert.embeddings
        self._heads = bert.config.num_attention_heads
        self._layers = [_layer(layer) for layer in bert.encoder.layer]

    def encode(self, text: str, *, prompt: str) -> Vector:
        """The vector of the prompt and the text, float32; of length 1 only where the caller makes it so."""
        import torch  # noqa: PLC0415 - loaded long ago by whoever made the model
        from torch.nn import functional  # noqa: PLC0415 - as above

        # The model's own preparation puts the prompt, cuts at the limit and takes its turn at the tokenizer.
        numbers = self._model.preprocess([text], prompt=prompt)["input_ids"][0]
        with torch.inference_mode():
            tokens = self._embed(numbers)
            for layer in self._layers:
                heads = functional.linear(tokens, layer.projection, layer.projection_bias)
                query, key, value = heads.view(len(numbers), 3, self._heads, -1).permute(1, 2, 0, 3)
                weights = torch.softmax(query @ key.transpose(1, 2) * query.shape[-1] ** -0.5, dim=-1)
                seen = (weights @ value).transpose(0, 1).reshape(len(numbers), -1)
                tokens = layer.attended_norm(layer.attended(seen) + tokens)
                tokens = layer.outer_norm(layer.outer(functional.gelu(layer.inner(tokens))) + tokens)
            vector: Vector = tokens.mean(dim=0).numpy()
        return vector

    def _embed(self, numbers: Any) -> Any:
        parts = self._embeddings
        words = parts.word_embeddings.weight[numbers]
        return parts.LayerNorm(words + parts.token_type_embeddings.weight[0] + parts.position_embeddings.weight[: len(numbers)])


def single_text(model: Any) -> SingleText | None:
    """The fast way for this model, or None where the model is not one that it is written for."""
    modules = [type(module).__name__ for module in model]
    if modules[:2] != ["Transformer", "Pooling"] or modules[2:] not in ([], ["Normalize"]):
        return None
    transformer, pooling = model[0], model[1]
    bert = getattr(transformer, "auto_model", None)
    if type(bert).__name__ != "BertModel" or bert is None or bert.config.hidden_act != "gelu":
        return None
    if pooling.pooling_mode != "mean" or not pooling.include_prompt:
        return None
    return SingleText(model)


def _layer(layer: Any) -> _Layer:
    import torch  # noqa: PLC0415 - loaded long ago by whoever made the model

    attention = layer.attention.self
    parts = (attention.query, attention.key, attention.value)
    return _Layer(
        projection=torch.cat([part.weight.data for part in parts]).t().contiguous().t(),
        projection_bias=torch.cat([part.bias.data for part in parts]),
        attended=layer.attention.output.dense,
        attended_norm=layer.attention.output.LayerNorm,
        inner=layer.intermediate.dense,
        outer=layer.output.dense,
        outer_norm=layer.output.LayerNorm,
    )
