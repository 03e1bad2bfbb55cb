"""The description of a model, whatever runs it.

In these descriptions `fingerprint` hashes everything in the model that decides a vector, and `id`, `engine` and
`precision` are empty: `describe_model` adds them.
"""

from pathlib import Path
from typing import Any

from knowligo_index.encoders.default_model import PASSAGE_PROMPT, QUERY_PROMPT, TOKENIZER_SHA256
from knowligo_index.encoders.model_folder import (
    IRRELEVANT_SETTINGS,
    Module,
    read_json,
    read_max_tokens,
    read_modules,
    read_prompts,
    tokenizer_definition,
    tokenizer_settings,
)
from knowligo_index.encoders.protocol import EncoderDescription
from knowligo_index.errors import EncoderError
from knowligo_index.system.hash_memo import HashMemo
from knowligo_index.system.hashing import canonical_sha256

_WEIGHTS_FILE = "model.safetensors"


def describe_embedded_file(sha256: str) -> EncoderDescription:
    """The model in the file of the embedded encoder, whose SHA-256 decides everything but the tokenizer, which is
    generated from the file."""
    return EncoderDescription(
        id="",
        fingerprint=canonical_sha256({"file": sha256, "tokenizer": TOKENIZER_SHA256}),
        weights_sha256=sha256,
        tokenizer_sha256=TOKENIZER_SHA256,
        dimension=384,
        max_tokens=512,
        pooling="mean_tokens",
        query_prompt=QUERY_PROMPT,
        passage_prompt=PASSAGE_PROMPT,
        engine="",
        precision="",
    )


def describe_model_folder(folder: Path, memo: HashMemo) -> EncoderDescription:
    """The model in a folder in the layout of sentence-transformers. Raises EncoderError."""
    weights_sha256 = _hash_weights(folder, memo)
    config = read_json(folder / "config.json")
    tokenizer_sha256 = canonical_sha256(tokenizer_definition(folder))
    modules = read_modules(folder)
    pooling = _pooling_settings(folder, modules)
    prompts = read_prompts(folder)
    limit = read_max_tokens(folder, config)
    dimension = _dimension(folder, config, modules, pooling)
    fingerprint = canonical_sha256(
        {
            "weights": [weights_sha256, *_hash_weights_of_modules(folder, memo)],
            "architecture": {key: value for key, value in config.items() if key not in IRRELEVANT_SETTINGS},
            "tokenizer": tokenizer_sha256,
            "tokenizer_settings": tokenizer_settings(folder),
            "modules": modules,
            "max_tokens": limit,
            "prompts": prompts,
            "normalised": True,
        }
    )
    return EncoderDescription(
        id="",
        fingerprint=fingerprint,
        weights_sha256=weights_sha256,
        tokenizer_sha256=tokenizer_sha256,
        dimension=dimension,
        max_tokens=limit,
        pooling=_pooling_name(pooling),
        query_prompt=prompts.query,
        passage_prompt=prompts.passage,
        engine="",
        precision="",
    )


def _hash_weights(folder: Path, memo: HashMemo) -> str:
    weights = folder / _WEIGHTS_FILE
    if not weights.is_file():
        raise EncoderError(
            f"encoder folder {folder} has no {_WEIGHTS_FILE}: only safetensors weights are loaded, since other formats "
            "can run code; convert the model or choose another with --encoder."
        )
    return memo.hash_file(weights).sha256


def _hash_weights_of_modules(folder: Path, memo: HashMemo) -> list[str]:
    return [memo.hash_file(path).sha256 for path in sorted(folder.glob(f"*/{_WEIGHTS_FILE}"))]


def _pooling_settings(folder: Path, modules: list[Module]) -> dict[str, Any]:
    for module in modules:
        if module.kind == "Pooling":
            return module.settings
    raise EncoderError(
        f"encoder folder {folder} has no pooling module: it is not a sentence-transformers model that gives one vector "
        "per text; choose another with --encoder."
    )


def _pooling_name(pooling: dict[str, Any]) -> str:
    modes = sorted(
        key.removeprefix("pooling_mode_")
        for key, is_on in pooling.items()
        if key.startswith("pooling_mode_") and is_on is True
    )
    return "+".join(modes) or str(pooling.get("pooling_mode"))


def _dimension(folder: Path, config: dict[str, Any], modules: list[Module], pooling: dict[str, Any]) -> int:
    """The dimension of the sentence embeddings: that of the last dense layer, else that of the tokens' embeddings."""
    dimension = next(
        (module.settings["out_features"] for module in reversed(modules) if module.kind == "Dense"),
        pooling.get("word_embedding_dimension") or pooling.get("embedding_dimension") or config.get("hidden_size"),
    )
    if not isinstance(dimension, int):
        raise EncoderError(
            f"encoder folder {folder} does not give the dimension of its vectors: choose another with --encoder."
        )
    return dimension
