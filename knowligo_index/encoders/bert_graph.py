"""A BERT encoder as an OpenVINO graph of few operations.

A graph that is converted from torch says the same in three times as many, one look-up of a shape after the other, and
OpenVINO takes longer to compile it and to go from one length of text to another. Here the three projections of
attention are one product, and attention is one operation. Other kinds of models are converted (`export_worker`).

Devlin and others, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding" (2019).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset13

from knowligo_index.arrays import FloatMatrix
from knowligo_index.encoders.embedding_cut import EMBEDDINGS, MASK

ATTENTION = "ScaledDotProductAttention"
"""the operation's type"""

# Added to the logits of padding, before the softmax: enough to leave nothing of it, and within half precision.
_MASKED = -10_000.0


@dataclass(frozen=True, slots=True)
class BertModel:
    """An encoder of BERT's kind: exact GELU, absolute positions, and the mean of the last states."""

    layers: int
    heads: int
    epsilon: float
    """of the layer norms"""
    tensors: Mapping[str, NDArray[np.float32]]
    """by the names that transformers gives them"""

    @property
    def table(self) -> FloatMatrix:
        """The token embeddings, float32 (vocabulary, dimension)."""
        return self.tensors["embeddings.word_embeddings.weight"]


def bert_graph(bert: BertModel) -> ov.Model:
    """What gives float32 (rows, dimension), not normalised, from the inputs MASK, int64 (rows, length), and EMBEDDINGS,
    float32 (rows, length, dimension)."""
    return _Graph(bert).model()


class _Graph:
    def __init__(self, bert: BertModel) -> None:
        self._bert = bert
        self._hidden = bert.table.shape[1]

    def model(self) -> ov.Model:
        embeddings = opset13.parameter([-1, -1, self._hidden], np.float32)
        mask = opset13.parameter([-1, -1], np.int64)
        for parameter, name in ((embeddings, EMBEDDINGS), (mask, MASK)):
            parameter.output(0).tensor.set_names({name})
        present = opset13.convert(mask, "f32")
        masked = opset13.multiply(
            opset13.subtract(np.float32(1), opset13.unsqueeze(present, [1, 2])), np.float32(_MASKED)
        )
        state = self._norm(self._placed(embeddings), "embeddings.LayerNorm")
        for number in range(self._bert.layers):
            layer = f"encoder.layer.{number}"
            attended = self._attention(state, masked, f"{layer}.attention")
            state = self._norm(opset13.add(state, attended), f"{layer}.attention.output.LayerNorm")
            inner = opset13.gelu(self._dense(state, f"{layer}.intermediate.dense"), "erf")
            outer = self._dense(inner, f"{layer}.output.dense")
            state = self._norm(opset13.add(state, outer), f"{layer}.output.LayerNorm")
        return ov.Model([opset13.result(_mean(state, present))], [mask, embeddings], "bert")

    def _placed(self, embeddings: ov.Node) -> ov.Node:
        """The token embeddings with those of their positions and of the first type of tokens, which a single text's
        all are."""
        tensor = self._bert.tensors
        table = tensor["embeddings.position_embeddings.weight"] + tensor["embeddings.token_type_embeddings.weight"][:1]
        length = opset13.gather(opset13.shape_of(embeddings), [1], 0)
        return opset13.add(embeddings, opset13.slice(opset13.constant(table), [0], length, [1], [0]))

    def _attention(self, state: ov.Node, masked: ov.Node, name: str) -> ov.Node:
        projections = [f"{name}.self.{kind}" for kind in ("query", "key", "value")]
        weight, bias = (
            np.concatenate([self._bert.tensors[f"{each}.{kind}"] for each in projections])
            for kind in ("weight", "bias")
        )
        together = opset13.split(_product(state, weight, bias), 2, len(projections))
        query, key, value = (self._by_head(together.output(place)) for place in range(len(projections)))
        attended = opset13.scaled_dot_product_attention(query, key, value, masked)
        rows = opset13.reshape(opset13.transpose(attended, [0, 2, 1, 3]), [0, 0, self._hidden], special_zero=True)
        return self._dense(rows, f"{name}.output.dense")

    def _by_head(self, states: ov.Output) -> ov.Node:
        """(rows, length, dimension) as (rows, heads, length, dimension of a head)."""
        heads = self._bert.heads
        parted = opset13.reshape(states, [0, 0, heads, self._hidden // heads], special_zero=True)
        return opset13.transpose(parted, [0, 2, 1, 3])

    def _dense(self, states: ov.Node, name: str) -> ov.Node:
        return _product(states, self._bert.tensors[f"{name}.weight"], self._bert.tensors[f"{name}.bias"])

    def _norm(self, states: ov.Node, name: str) -> ov.Node:
        normal = opset13.mvn(states, [-1], True, self._bert.epsilon, "inside_sqrt")
        scaled = opset13.multiply(normal, self._bert.tensors[f"{name}.weight"])
        return opset13.add(scaled, self._bert.tensors[f"{name}.bias"])


def _product(states: ov.Node, weight: NDArray[np.float32], bias: NDArray[np.float32]) -> ov.Node:
    return opset13.add(opset13.matmul(states, opset13.constant(weight), False, True), bias)


def _mean(states: ov.Node, present: ov.Node) -> ov.Node:
    """Of the tokens that are there; `present`, float32 (rows, length), is 1 for these and 0 for padding."""
    weights = opset13.unsqueeze(present, [2])
    total = opset13.reduce_sum(opset13.multiply(states, weights), [1], False)
    return opset13.divide(total, opset13.reduce_sum(weights, [1], False))
