"""The look-up of token embeddings, cut out of models of several kinds that are made on the spot."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
import torch
from numpy.typing import NDArray
from openvino import opset13
from transformers import BertConfig, BertModel, MPNetConfig, MPNetModel, XLMRobertaConfig, XLMRobertaModel

from knowligo_index.encoders.embedding_cut import EMBEDDINGS, MASK, TOKENS, cut_embeddings, input_names, model_inputs
from knowligo_index.encoders.embedding_table_layout import TableLayout
from knowligo_index.encoders.token_embeddings import TokenEmbeddings
from knowligo_index.system.arrays import FloatMatrix

VOCABULARY, HIDDEN = 50, 32
SIZES: dict[str, Any] = {
    "vocab_size": VOCABULARY,
    "hidden_size": HIDDEN,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "max_position_embeddings": 40,
}

# The second text is shorter; its row is filled up with the number of the padding.
IDS = np.array([[0, 7, 9, 30, 7, 2], [0, 11, 49, 2, 1, 1]], dtype=np.int64)
ATTENTION = (IDS != 1).astype(np.int64)


class Embedding(torch.nn.Module):  # type: ignore[misc]
    """The mean of a model's last states."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self._model = model

    def forward(self, input_ids: Any, attention_mask: Any) -> Any:
        states = self._model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        weights = attention_mask.unsqueeze(-1).to(states.dtype)
        return (states * weights).sum(1) / weights.sum(1)


def converted(model: Any) -> ov.Model:
    module = Embedding(model).eval()
    example = {name: torch.ones(2, 6, dtype=torch.int64) for name in (TOKENS, MASK)}
    with torch.no_grad():
        return ov.convert_model(
            module, example_input=example, input=[(name, [-1, -1], np.int64) for name in (TOKENS, MASK)]
        )


def vectors(model: ov.Model, inputs: dict[str, NDArray[Any]]) -> FloatMatrix:
    compiled = ov.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    found: FloatMatrix = compiled(inputs)[0]
    return np.array(found)


def table_of(model: Any) -> FloatMatrix:
    weights: FloatMatrix = model.get_input_embeddings().weight.detach().numpy()
    return weights


def cut_and_asked(model: ov.Model, table: FloatMatrix, folder: Path) -> FloatMatrix:
    """The vectors of the cut model, which is fed from the table's file."""
    table.tofile(folder / "table")
    embeddings = TokenEmbeddings(folder / "table", TableLayout("float32", HIDDEN))
    return vectors(model, model_inputs(IDS, ATTENTION, input_names(model), embeddings))


def bert() -> Any:
    return BertModel(BertConfig(**SIZES, pad_token_id=1))


def mpnet() -> Any:
    return MPNetModel(MPNetConfig(**SIZES, pad_token_id=1))


def xlm_roberta() -> Any:
    return XLMRobertaModel(XLMRobertaConfig(**SIZES, pad_token_id=1))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("make", "inputs"),
    [
        (bert, {MASK, EMBEDDINGS}),
        # They tell a token's position by which tokens are padding.
        (mpnet, {TOKENS, MASK, EMBEDDINGS}),
        (xlm_roberta, {TOKENS, MASK, EMBEDDINGS}),
    ],
)
def test_a_model_without_its_look_up_gives_the_same_vectors(
    tmp_path: Path, make: Callable[[], Any], inputs: set[str]
) -> None:
    torch.manual_seed(0)
    original = make()
    model = converted(original)
    whole = vectors(model, model_inputs(IDS, ATTENTION, input_names(model), None))
    assert input_names(model) == {TOKENS, MASK}
    table = cut_embeddings(model)
    assert table is not None
    np.testing.assert_array_equal(table, table_of(original))
    assert input_names(model) == inputs
    np.testing.assert_allclose(cut_and_asked(model, table, tmp_path), whole, atol=1e-6)
    with torch.no_grad():
        expected = Embedding(original.eval())(torch.from_numpy(IDS), torch.from_numpy(ATTENTION)).numpy()
    np.testing.assert_allclose(whole, expected, atol=1e-5)


@pytest.mark.filterwarnings("ignore")
def test_a_cut_model_takes_texts_of_any_number_and_length(tmp_path: Path) -> None:
    torch.manual_seed(0)
    original = bert()
    model = converted(original)
    table = cut_embeddings(model)
    assert table is not None
    table.tofile(tmp_path / "table")
    embeddings = TokenEmbeddings(tmp_path / "table", TableLayout("float32", HIDDEN))
    for rows, length in ((1, 3), (3, 11)):
        ids = np.arange(rows * length, dtype=np.int64).reshape(rows, length)
        mask = np.ones_like(ids)
        found = vectors(model, model_inputs(ids, mask, input_names(model), embeddings))
        with torch.no_grad():
            expected = Embedding(original.eval())(torch.from_numpy(ids), torch.from_numpy(mask)).numpy()
        np.testing.assert_allclose(found, expected, atol=1e-5)


def looking_up(count: int) -> ov.Model:
    """A model that looks its tokens up in `count` tables, and adds up what it finds and the mask."""
    random = np.random.default_rng(0)
    tokens, mask = (opset13.parameter([-1, -1], np.int64, name=name) for name in (TOKENS, MASK))
    for parameter, name in ((tokens, TOKENS), (mask, MASK)):
        parameter.output(0).tensor.set_names({name})
    total = opset13.unsqueeze(opset13.convert(mask, "f32"), opset13.constant(2))
    for _ in range(count):
        table = opset13.constant(random.standard_normal((VOCABULARY, HIDDEN)).astype(np.float32))
        total = opset13.add(total, opset13.gather(table, tokens, opset13.constant(0)))
    return ov.Model([opset13.reduce_mean(total, opset13.constant([1]))], [tokens, mask])


@pytest.mark.parametrize("count", [0, 2])
def test_a_model_without_a_single_look_up_is_left_as_it_was(count: int) -> None:
    model = looking_up(count)
    operations = [node.get_type_name() for node in model.get_ordered_ops()]
    before = vectors(model, model_inputs(IDS, ATTENTION, input_names(model), None)) if count else None
    assert cut_embeddings(model) is None
    assert [node.get_type_name() for node in model.get_ordered_ops()] == operations
    assert input_names(model) == {TOKENS, MASK}
    if before is not None:
        np.testing.assert_array_equal(vectors(model, model_inputs(IDS, ATTENTION, input_names(model), None)), before)


def test_a_single_look_up_is_cut_whatever_the_model(tmp_path: Path) -> None:
    model = looking_up(1)
    before = vectors(model, model_inputs(IDS, ATTENTION, input_names(model), None))
    table = cut_embeddings(model)
    assert table is not None
    assert table.shape == (VOCABULARY, HIDDEN)
    assert input_names(model) == {MASK, EMBEDDINGS}
    np.testing.assert_array_equal(cut_and_asked(model, table, tmp_path), before)
