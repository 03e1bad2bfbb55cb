"""Cut the look-up of token embeddings out of an OpenVINO model, which then takes embeddings instead of token ids."""

from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from knowligo_index.encoders.token_embeddings import TokenEmbeddings
from knowligo_index.system.arrays import FloatMatrix

if TYPE_CHECKING:
    import openvino as ov

TOKENS, MASK, EMBEDDINGS = "input_ids", "attention_mask", "token_embeddings"
"""names of the inputs of a model"""

# The only operation that may stand between the tokens and the look-up, or between the table and the look-up.
_CONVERSION = "Convert"


def cut_embeddings(model: "ov.Model") -> FloatMatrix | None:
    """Remove the table from `model` and return it, float32 (vocabulary, dimension). In place of the look-up the model
    gets the input EMBEDDINGS, float32 (rows, length, dimension). The input TOKENS is removed, unless the model uses
    more of it than its shape. A model that does not have exactly one such look-up stays as it is, and None is
    returned."""
    from openvino import opset13

    tokens, mask = (next(port for port in model.inputs if name in port.names) for name in (TOKENS, MASK))
    lookups = [node for node in model.get_ordered_ops() if node.get_type_name() == "Gather" and _looks_up(node, tokens)]
    if len(lookups) != 1:
        return None
    (lookup,) = lookups
    table = _constant(lookup.input_value(0).get_node())
    assert table is not None
    embeddings = opset13.parameter([-1, -1, table.shape[1]], np.float32, name=EMBEDDINGS)
    embeddings.output(0).tensor.set_names({EMBEDDINGS})
    source = embeddings.output(0)
    for consumer in lookup.output(0).get_target_inputs():
        consumer.replace_source_output(source)
    model.add_parameters([embeddings])
    # Positions are computed from the shape of the tokens, which is also that of the mask.
    for consumer in tokens.get_target_inputs():
        if consumer.get_node().get_type_name() == "ShapeOf":
            consumer.replace_source_output(mask.get_node().output(0))
    model.validate_nodes_and_infer_types()
    if not any(_reaches_a_result(consumer.get_node()) for consumer in tokens.get_target_inputs()):
        model.remove_parameter(tokens.get_node())
    return table


def input_names(model: "ov.Model | ov.CompiledModel") -> frozenset[str]:
    """The names of all inputs of the model."""
    return frozenset(name for port in model.inputs for name in port.names)


def model_inputs(
    tokens: NDArray[np.int64],
    mask: NDArray[np.int64],
    names: AbstractSet[str],
    embeddings: TokenEmbeddings | None,
) -> dict[str, NDArray[Any]]:
    """The inputs for a batch, of a model whose inputs have these names. `tokens` and `mask` are int64 (rows, length);
    `embeddings` is the table that was cut out of the model, if there is one."""
    inputs: dict[str, NDArray[Any]] = {MASK: mask}
    if TOKENS in names:
        inputs[TOKENS] = tokens
    if embeddings is not None:
        inputs[EMBEDDINGS] = embeddings.of(tokens)
    return inputs


def _looks_up(node: "ov.Node", tokens: "ov.Output") -> bool:
    """Whether this Gather takes rows of a constant matrix, by the ids of the tokens."""
    table = _constant(node.input_value(0).get_node())
    return table is not None and table.ndim == 2 and _unconverted(node.input_value(1).get_node()) == tokens.get_node()


def _constant(node: "ov.Node") -> FloatMatrix | None:
    source = _unconverted(node)
    return source.data.astype(np.float32) if source.get_type_name() == "Constant" and source.shape else None


def _unconverted(node: "ov.Node") -> "ov.Node":
    while node.get_type_name() == _CONVERSION:
        node = node.input_value(0).get_node()
    return node


def _reaches_a_result(node: "ov.Node") -> bool:
    """Whether a result of the model is computed from this node. No result is computed from what is left of the
    look-up."""
    return node.get_type_name() == "Result" or any(
        _reaches_a_result(consumer.get_node()) for output in node.outputs() for consumer in output.get_target_inputs()
    )
