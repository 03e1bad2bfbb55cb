"""Write the embedded encoder as a model folder in the layout of sentence-transformers.

Only those pieces of the vocabulary are kept that have no letters but Latin and Greek ones. They are half of the
vocabulary, load in a third of the time and take a third of the memory. A text in these scripts is tokenized as with the
whole vocabulary. A word in another script becomes one unknown token, <unk>, so such texts are found by their words
alone; the original model, from a folder or the hub cache, reads all scripts.
"""

import json
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowligo_index.encoders.default_model import PASSAGE_PROMPT, QUERY_PROMPT
from knowligo_index.encoders.e5_file import E5File, from_q4_0, read_e5_file
from knowligo_index.system.arrays import FloatMatrix

EMBEDDINGS_FILE = "embeddings.q4_0"
"""file of the model folder: the token embeddings in the blocks of the embedded encoder's file"""

_SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
_BEGIN, _PADDING, _END, _UNKNOWN = range(len(_SPECIAL))

# Replaces the space before a word.
_METASPACE = "\u2581"

# The first words of the Unicode names of letters and marks that are kept.
_NAME_PREFIXES = ("LATIN ", "GREEK ", "COMBINING ", "MODIFIER ", "FEMININE ORDINAL", "MASCULINE ORDINAL", "MICRO SIGN")


def kept_pieces(pieces: tuple[str, ...]) -> NDArray[np.int64]:
    """Ids of the special tokens and of the pieces without a letter or mark of a script other than Latin and Greek,
    ascending, int64 (n,)."""
    characters = {character for piece in pieces[len(_SPECIAL) :] for character in piece}
    foreign = {character for character in characters if not _is_kept(character)}
    return np.array(
        [piece_id for piece_id, piece in enumerate(pieces) if piece_id < len(_SPECIAL) or foreign.isdisjoint(piece)],
        dtype=np.int64,
    )


def _is_kept(character: str) -> bool:
    if unicodedata.category(character)[0] not in "LM":
        return True
    return unicodedata.name(character, "").startswith(_NAME_PREFIXES)


def tokenizer_definition_of(file: E5File, piece_ids: NDArray[np.int64]) -> dict[str, Any]:
    """The content of tokenizer.json with these pieces alone."""

    def special(token: str) -> dict[str, object]:
        return {"SpecialToken": {"id": token, "type_id": 0}}

    metaspace = {"type": "Metaspace", "replacement": _METASPACE, "prepend_scheme": "always", "split": True}
    text = {"Sequence": {"id": "A", "type_id": 0}}
    pair = {"Sequence": {"id": "B", "type_id": 0}}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {
                "id": token_id,
                "content": token,
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
                "normalized": False,
                "special": True,
            }
            for token_id, token in enumerate(_SPECIAL)
        ],
        "normalizer": {"type": "NFKC"},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, metaspace]},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [special("<s>"), text, special("</s>")],
            "pair": [special("<s>"), text, special("</s>"), special("</s>"), pair, special("</s>")],
            "special_tokens": {
                token: {"id": token, "ids": [token_id], "tokens": [token]}
                for token, token_id in (("<s>", _BEGIN), ("</s>", _END))
            },
        },
        "decoder": metaspace,
        "model": {
            "type": "Unigram",
            "unk_id": _UNKNOWN,
            "vocab": [[file.pieces[piece_id], float(file.scores[piece_id])] for piece_id in piece_ids.tolist()],
            "byte_fallback": False,
        },
    }


def write_model_folder(path: Path, folder: Path) -> None:
    """Write the model in the file at `path` into the empty `folder`. Raises EncoderError."""
    # The package comes with the `build` extra only.
    from safetensors.numpy import save_file

    file = read_e5_file(path)
    piece_ids = kept_pieces(file.pieces)
    embeddings = file.blocks("emb.word", file.rows, file.hidden)[piece_ids]
    embeddings.tofile(folder / EMBEDDINGS_FILE)
    save_file(_weights(file, from_q4_0(embeddings)), folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "1_Pooling").mkdir()
    for name, content in _configuration(file, piece_ids).items():
        (folder / name).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def _configuration(file: E5File, piece_ids: NDArray[np.int64]) -> dict[str, object]:
    """The contents of the JSON files, by name."""
    modules = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    special = {"bos_token": "<s>", "cls_token": "<s>", "eos_token": "</s>", "sep_token": "</s>"}
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_act": "gelu",
            "hidden_size": file.hidden,
            "intermediate_size": file.intermediate,
            "layer_norm_eps": file.epsilon,
            "max_position_embeddings": file.positions,
            "num_attention_heads": file.heads,
            "num_hidden_layers": file.layers,
            "pad_token_id": _PADDING,
            "type_vocab_size": file.token_types,
            "vocab_size": len(piece_ids),
        },
        "tokenizer.json": tokenizer_definition_of(file, piece_ids),
        "tokenizer_config.json": special
        | {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "pad_token": "<pad>",
            "unk_token": "<unk>",
            "model_max_length": file.positions,
        },
        "modules.json": [
            {"idx": place, "name": str(place), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for place, (path, kind) in enumerate(modules)
        ],
        "1_Pooling/config.json": {"word_embedding_dimension": file.hidden, "pooling_mode_mean_tokens": True},
        "sentence_bert_config.json": {"max_seq_length": file.positions, "do_lower_case": False},
        "config_sentence_transformers.json": {"prompts": {"query": QUERY_PROMPT, "document": PASSAGE_PROMPT}},
    }


def _weights(file: E5File, embeddings: FloatMatrix) -> dict[str, NDArray[np.float32]]:
    """The tensors of a BertModel, float32, by name; `embeddings` are the token embeddings, float32 (n, hidden)."""
    hidden = file.hidden

    def norm(name: str, short: str) -> dict[str, NDArray[np.float32]]:
        return {f"{name}.weight": file.array(f"{short}.w", hidden), f"{name}.bias": file.array(f"{short}.b", hidden)}

    def dense(name: str, short: str, outputs: int, inputs: int) -> dict[str, NDArray[np.float32]]:
        return {
            f"{name}.weight": file.matrix(f"{short}.w", outputs, inputs),
            f"{name}.bias": file.array(f"{short}.b", outputs),
        }

    weights = {
        "embeddings.word_embeddings.weight": embeddings,
        "embeddings.position_embeddings.weight": file.array("emb.pos", file.positions, hidden),
        "embeddings.token_type_embeddings.weight": file.array("emb.type", file.token_types, hidden),
        **norm("embeddings.LayerNorm", "emb.ln"),
    }
    for number in range(file.layers):
        layer, short = f"encoder.layer.{number}", f"l{number}"
        weights |= {
            **dense(f"{layer}.attention.self.query", f"{short}.q", hidden, hidden),
            **dense(f"{layer}.attention.self.key", f"{short}.k", hidden, hidden),
            **dense(f"{layer}.attention.self.value", f"{short}.v", hidden, hidden),
            **dense(f"{layer}.attention.output.dense", f"{short}.ao", hidden, hidden),
            **norm(f"{layer}.attention.output.LayerNorm", f"{short}.aln"),
            **dense(f"{layer}.intermediate.dense", f"{short}.fi", file.intermediate, hidden),
            **dense(f"{layer}.output.dense", f"{short}.fo", hidden, file.intermediate),
            **norm(f"{layer}.output.LayerNorm", f"{short}.oln"),
        }
    return weights
