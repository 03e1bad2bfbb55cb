"""A small multilingual sentence-transformers model, made on the spot: XLM-RoBERTa's architecture, one layer, and a
unigram vocabulary of 50,000 pieces, as the models have that know many languages.

Words of `WORDS` are pieces of their own, so its vocabulary knows Spanish; "precio" and "price", and the other pairs of
`TRANSLATIONS`, have the same vector, so it finds across languages.
"""

import itertools
import string
from pathlib import Path

from safetensors.numpy import save_file
from support.tiny_model import CONFIG, HIDDEN, WORDS, module, weights_of, write

PIECES = 50_000
QUERY_PROMPT, PASSAGE_PROMPT = "query: ", "passage: "

TRANSLATIONS = {
    "price": "precio",
    "month": "mes",
    "password": "contraseña",
    "network": "red",
    "printer": "impresora",
    "milk": "leche",
    "cat": "gato",
    "session": "sesión",
    "invoice": "factura",
}

_START, _PADDING, _END, _UNKNOWN, _MASK = "<s>", "<pad>", "</s>", "<unk>", "<mask>"


def make_multilingual_model(folder: Path) -> Path:
    """Write the model's files into `folder`, which is made, and return it. Its prompts are "query: " and "passage: ",
    as those of the E5 family."""
    (folder / "1_Pooling").mkdir(parents=True)
    pieces = _pieces()
    places = {piece: place for place, piece in enumerate(pieces)}
    weights = weights_of(len(pieces), 0, None)
    words = weights["embeddings.word_embeddings.weight"]
    for english, spanish in TRANSLATIONS.items():
        words[places[f"▁{english}"]] = words[places[f"▁{spanish}"]]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    write(
        folder / "config.json",
        CONFIG
        | {"architectures": ["XLMRobertaModel"], "model_type": "xlm-roberta", "vocab_size": len(pieces)}
        | {"pad_token_id": places[_PADDING], "bos_token_id": places[_START], "eos_token_id": places[_END]},
    )
    write(folder / "tokenizer.json", _tokenizer(pieces))
    write(
        folder / "tokenizer_config.json",
        {"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": _PADDING, "unk_token": _UNKNOWN}
        | {"bos_token": _START, "eos_token": _END, "cls_token": _START, "sep_token": _END, "mask_token": _MASK},
    )
    write(folder / "sentence_bert_config.json", {"max_seq_length": 128, "do_lower_case": False})
    write(folder / "modules.json", [module(0, "", "Transformer"), module(1, "1_Pooling", "Pooling")])
    write(folder / "1_Pooling" / "config.json", {"word_embedding_dimension": HIDDEN, "pooling_mode_mean_tokens": True})
    prompts = {"query": QUERY_PROMPT, "passage": PASSAGE_PROMPT}
    write(folder / "config_sentence_transformers.json", {"prompts": prompts, "default_prompt_name": None})
    return folder


def _pieces() -> list[str]:
    words = [f"▁{word}" for word in dict.fromkeys([*WORDS, *TRANSLATIONS, *TRANSLATIONS.values()])]
    characters = ["▁", *string.ascii_letters, *string.digits, *string.punctuation, *"áéíóúüñÁÉÍÓÚÜÑ¿¡€—"]
    known = list(dict.fromkeys([_START, _PADDING, _END, _UNKNOWN, *characters, *words]))
    # What no text of the tests has.
    others = ("".join(letters) for letters in itertools.product("бвгджзклмнпрст", repeat=5))
    return [*known, *itertools.islice(others, PIECES - len(known) - 1), _MASK]


def _tokenizer(pieces: list[str]) -> dict[str, object]:
    places = {piece: place for place, piece in enumerate(pieces)}
    special = [_START, _PADDING, _END, _UNKNOWN, _MASK]
    start, end = ({"SpecialToken": {"id": name, "type_id": 0}} for name in (_START, _END))
    text = [{"Sequence": {"id": name, "type_id": 0}} for name in ("A", "B")]
    metaspace = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {"id": places[name], "content": name, "special": True, "single_word": False}
            | {"lstrip": name == _MASK, "rstrip": False, "normalized": False}
            for name in special
        ],
        "normalizer": {"type": "NFKC"},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, metaspace]},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [start, text[0], end],
            "pair": [start, text[0], end, end, text[1], end],
            "special_tokens": {name: {"id": name, "ids": [places[name]], "tokens": [name]} for name in (_START, _END)},
        },
        "decoder": metaspace,
        # Whole words are likelier than their letters; what is neither is unknown.
        "model": {
            "type": "Unigram",
            "unk_id": places[_UNKNOWN],
            "vocab": [[piece, 0.0 if piece in special else -4.0 if len(piece) > 1 else -8.0] for piece in pieces],
            "byte_fallback": False,
        },
    }
