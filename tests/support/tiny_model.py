"""A complete sentence-transformers model of some 150 kB, made on the spot.

Its vectors are little more than the mean of random vectors, one for each word of `WORDS`: texts that share words are
close, and which of two texts is closer to a third can be said beforehand. Other words are spelt letter by letter.
"""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from knowligo_index.system.arrays import FloatMatrix

_WORDS = """
the a of to is and in how for plan professional includes support hours phone price month office answer critical
incident password reset mailbox server backup restore key printer network cable el la los las un una de del que
en y se es por para con qué cómo cuánto plan profesional incluye soporte horas teléfono precio mes oficina
respuesta crítico incidente contraseña buzón servidor copia restaurar clave impresora red sesión venció código
causa factura horario viernes lunes cancelar gato leche duerme sol guía ventas pago tarjeta año niño query
passage
"""
WORDS = _WORDS.split()

_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
_SYMBOLS = [
    *"abcdefghijklmnopqrstuvwxyzáéíóúüñ0123456789",
    *"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~¿¡€—",
]

HIDDEN = 32
_INTERMEDIATE = 64
_POSITIONS = 512


def make_tiny_model(
    folder: Path,
    *,
    seed: int = 0,
    query_prompt: str = "",
    passage_prompt: str = "",
    default_prompt_name: str | None = None,
    max_tokens: int = 64,
    positions: int = _POSITIONS,
    strip_accents: bool = False,
    weight: float | None = None,
) -> Path:
    """Write the model's files into `folder`, which is made, and return it.

    Another `seed` gives other weights, `strip_accents` another tokenizer. `weight` puts one number in the place of
    every weight: NaN for a damaged model.
    """
    (folder / "1_Pooling").mkdir(parents=True)
    tokens = [*_SPECIAL, *dict.fromkeys([*_SYMBOLS, *WORDS]), *(f"##{letter}" for letter in _SYMBOLS)]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    save_file(
        weights_of(len(vocabulary), seed, weight, positions), folder / "model.safetensors", metadata={"format": "pt"}
    )
    write(folder / "config.json", CONFIG | {"vocab_size": len(vocabulary), "max_position_embeddings": positions})
    write(folder / "tokenizer.json", _tokenizer(vocabulary, strip_accents=strip_accents))
    write(
        folder / "tokenizer_config.json",
        # transformers makes the tokenizer's normaliser anew from these two, whatever tokenizer.json says.
        {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "strip_accents": strip_accents},
    )
    write(folder / "sentence_bert_config.json", {"max_seq_length": max_tokens, "do_lower_case": False})
    write(folder / "modules.json", [module(0, "", "Transformer"), module(1, "1_Pooling", "Pooling")])
    write(folder / "1_Pooling" / "config.json", {"word_embedding_dimension": HIDDEN, "pooling_mode_mean_tokens": True})
    prompts = {"query": query_prompt, "passage": passage_prompt}
    write(
        folder / "config_sentence_transformers.json",
        {
            "prompts": {name: prompt for name, prompt in prompts.items() if prompt},
            "default_prompt_name": default_prompt_name,
        },
    )
    return folder


CONFIG = {
    "architectures": ["BertModel"],
    "model_type": "bert",
    "hidden_size": HIDDEN,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": _INTERMEDIATE,
    "max_position_embeddings": _POSITIONS,
    "type_vocab_size": 2,
    "hidden_act": "gelu",
    "pad_token_id": 0,
    "transformers_version": "4.8.2",
}


def weights_of(vocabulary: int, seed: int, weight: float | None, positions: int = _POSITIONS) -> dict[str, FloatMatrix]:
    """Word vectors of length about 6, and everything else so small that it hardly changes their mean."""
    random = np.random.default_rng(seed)

    def matrix(*shape: int, scale: float = 0.02) -> FloatMatrix:
        values = random.standard_normal(shape) * scale
        return np.full(shape, weight, dtype=np.float32) if weight is not None else values.astype(np.float32)

    def norm(name: str) -> dict[str, FloatMatrix]:
        return {f"{name}.weight": matrix(HIDDEN, scale=0) + 1, f"{name}.bias": matrix(HIDDEN, scale=0)}

    def dense(name: str, outputs: int, inputs: int) -> dict[str, FloatMatrix]:
        return {f"{name}.weight": matrix(outputs, inputs), f"{name}.bias": matrix(outputs)}

    layer = "encoder.layer.0"
    return {
        "embeddings.word_embeddings.weight": matrix(vocabulary, HIDDEN, scale=1),
        "embeddings.position_embeddings.weight": matrix(positions, HIDDEN),
        "embeddings.token_type_embeddings.weight": matrix(2, HIDDEN),
        **norm("embeddings.LayerNorm"),
        **dense(f"{layer}.attention.self.query", HIDDEN, HIDDEN),
        **dense(f"{layer}.attention.self.key", HIDDEN, HIDDEN),
        **dense(f"{layer}.attention.self.value", HIDDEN, HIDDEN),
        **dense(f"{layer}.attention.output.dense", HIDDEN, HIDDEN),
        **norm(f"{layer}.attention.output.LayerNorm"),
        **dense(f"{layer}.intermediate.dense", _INTERMEDIATE, HIDDEN),
        **dense(f"{layer}.output.dense", HIDDEN, _INTERMEDIATE),
        **norm(f"{layer}.output.LayerNorm"),
        **dense("pooler.dense", HIDDEN, HIDDEN),
    }


def _tokenizer(vocabulary: dict[str, int], *, strip_accents: bool) -> dict[str, object]:
    """A WordPiece tokenizer. It cuts and pads to 16 tokens of its own accord, as the default encoder's file does."""
    start, end = ({"SpecialToken": {"id": name, "type_id": 0}} for name in ("[CLS]", "[SEP]"))
    text = {"Sequence": {"id": "A", "type_id": 0}}
    second = {"Sequence": {"id": "B", "type_id": 1}}
    return {
        "version": "1.0",
        "truncation": {"max_length": 16, "strategy": "LongestFirst", "stride": 0, "direction": "Right"},
        "padding": {
            "strategy": {"Fixed": 16},
            "direction": "Right",
            "pad_to_multiple_of": None,
            "pad_id": 0,
            "pad_type_id": 0,
            "pad_token": "[PAD]",
        },
        "added_tokens": [
            {
                "id": vocabulary[token],
                "content": token,
                "special": True,
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
                "normalized": False,
            }
            for token in _SPECIAL
        ],
        "normalizer": {
            "type": "BertNormalizer",
            "clean_text": True,
            "handle_chinese_chars": True,
            "strip_accents": strip_accents,
            "lowercase": True,
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [start, text, end],
            "pair": [start, text, end, second, {"SpecialToken": {"id": "[SEP]", "type_id": 1}}],
            "special_tokens": {
                name: {"id": name, "ids": [vocabulary[name]], "tokens": [name]} for name in ("[CLS]", "[SEP]")
            },
        },
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": vocabulary,
        },
    }


def module(number: int, path: str, name: str) -> dict[str, object]:
    return {"idx": number, "name": str(number), "path": path, "type": f"sentence_transformers.models.{name}"}


def write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")
