"""The graph that is written for a BertModel gives what torch gives; other models are converted."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
import torch
from conftest import Exports
from tiny_model import CONFIG, HIDDEN, make_tiny_model, module, write

from knowligo_index.arrays import FloatMatrix
from knowligo_index.encoders import EncoderOptions, find_encoder
from knowligo_index.encoders.bert_graph import BertModel, bert_graph
from knowligo_index.encoders.embedding_cut import EMBEDDINGS, MASK, input_names
from knowligo_index.encoders.exported import open_exported
from knowligo_index.encoders.torch_engine import SentenceEmbedding, load_module

# The second text is shorter: its row is filled up.
IDS = np.array([[2, 40, 90, 51, 40, 3], [2, 77, 3, 0, 0, 0]], dtype=np.int64)
ATTENTION = (IDS != 0).astype(np.int64)


def loaded(folder: Path) -> SentenceEmbedding:
    return load_module(folder, find_encoder(EncoderOptions(str(folder), precision="float32")).tokenizer())


def by_torch(module: SentenceEmbedding, ids: Any, mask: Any) -> FloatMatrix:
    with torch.no_grad():
        vectors: FloatMatrix = module(torch.from_numpy(ids), torch.from_numpy(mask)).numpy()
    return vectors


@pytest.fixture(scope="module")
def bert_module(tmp_path_factory: pytest.TempPathFactory) -> SentenceEmbedding:
    """Two layers whose weights are large enough to matter."""
    folder = make_tiny_model(tmp_path_factory.mktemp("bert") / "model", layers=2, scale=0.3)
    return loaded(folder)


@pytest.fixture(scope="module")
def bert(bert_module: SentenceEmbedding) -> BertModel:
    bert = bert_module.as_bert()
    assert bert is not None
    return bert


def test_sizes_and_tensors_are_the_models(bert: BertModel) -> None:
    assert (bert.layers, bert.heads, bert.epsilon) == (2, CONFIG["num_attention_heads"], 1e-12)
    assert bert.table.shape[1] == HIDDEN
    assert bert.tensors["encoder.layer.1.output.dense.weight"].dtype == np.float32


@pytest.mark.parametrize("lengths", [(6,), (3, 6, 1)], ids=["one length", "one after the other"])
def test_the_vectors_are_those_of_torch(bert_module: SentenceEmbedding, bert: BertModel, lengths: tuple[int]) -> None:
    graph = bert_graph(bert)
    assert input_names(graph) == {MASK, EMBEDDINGS}
    compiled = ov.Core().compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    for length in lengths:
        ids, mask = IDS[:, :length].copy(), ATTENTION[:, :length].copy()
        found = compiled({MASK: mask, EMBEDDINGS: bert.table[ids]})[0]
        np.testing.assert_allclose(found, by_torch(bert_module, ids, mask), atol=2e-5)


def test_padding_moves_nothing(bert: BertModel) -> None:
    compiled = ov.Core().compile_model(bert_graph(bert), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    padded = np.array(compiled({MASK: ATTENTION, EMBEDDINGS: bert.table[IDS]})[0][1])
    alone = compiled({MASK: ATTENTION[1:, :3].copy(), EMBEDDINGS: bert.table[IDS[1:, :3]]})[0][0]
    np.testing.assert_allclose(padded, alone, atol=1e-6)


def change_config(folder: Path, changes: dict[str, object]) -> None:
    write(folder / "config.json", json.loads((folder / "config.json").read_text()) | changes)


def other_activation(folder: Path) -> None:
    change_config(folder, {"hidden_act": "relu"})


def other_pooling(folder: Path) -> None:
    write(folder / "1_Pooling" / "config.json", {"word_embedding_dimension": HIDDEN, "pooling_mode_cls_token": True})


def a_module_more(folder: Path) -> None:
    modules = json.loads((folder / "modules.json").read_text())
    (folder / "2_LayerNorm").mkdir()
    write(folder / "modules.json", [*modules, module(2, "2_LayerNorm", "LayerNorm")])
    write(folder / "2_LayerNorm" / "config.json", {"dimension": HIDDEN})
    norm = torch.nn.LayerNorm(HIDDEN)
    from safetensors.torch import save_file

    save_file(
        {f"norm.{name}": tensor for name, tensor in norm.state_dict().items()},
        folder / "2_LayerNorm" / "model.safetensors",
    )


@pytest.mark.parametrize("change", [other_activation, other_pooling, a_module_more])
def test_what_is_not_quite_such_a_model_is_converted(tmp_path: Path, exports: Exports, change: Any) -> None:
    folder = make_tiny_model(tmp_path / "model", scale=0.3)
    change(folder)
    module = loaded(folder)
    assert module.as_bert() is None
    exported = open_exported(exports.of(EncoderOptions(str(folder), precision="float32")))
    texts = ["el gato duerme al sol", "precio del plan"]
    expected = by_torch(module, *padded(exported.tokenizer().inputs(texts)))
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(exported.load(threads=1).encode_passages(texts), expected, atol=1e-5)


def padded(rows: list[list[int]]) -> tuple[Any, Any]:
    """Token ids and mask, each int64 (texts, longest)."""
    longest = max(len(row) for row in rows)
    ids = np.array([row + [0] * (longest - len(row)) for row in rows], dtype=np.int64)
    mask = np.array([[1] * len(row) + [0] * (longest - len(row)) for row in rows], dtype=np.int64)
    return ids, mask
