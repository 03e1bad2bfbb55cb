"""Read what a model says of itself, and hash everything that decides a vector.

No weights are loaded here and no torch is imported.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from knowligo_index.encoders.choice import Engine, Precision, choose_engine
from knowligo_index.encoders.embedded import (
    PASSAGE_PROMPT,
    QUERY_PROMPT,
    TOKENIZER_SHA256,
    check_embedded,
    embedded_path,
)
from knowligo_index.encoders.int8_texts import calibration_sha256
from knowligo_index.encoders.protocol import EncoderDescription
from knowligo_index.errors import EncoderError
from knowligo_index.system.cpu import cpu_features
from knowligo_index.system.hash_memo import HashMemo
from knowligo_index.system.hashing import canonical_sha256

# Raised when the way vectors are made from the same folder changes, so that old fingerprints no longer match.
_FINGERPRINT_SCHEMA = 4

# Who wrote a configuration, where and with which release does not change a vector.
_IRRELEVANT = {"_name_or_path", "name_or_path", "transformers_version", "torch_dtype", "dtype"}

# sentence-transformers looks a document's prompt up under these names, in this order.
_PASSAGE_PROMPT_NAMES = ("document", "passage", "corpus")


def describe_model(
    path: Path,
    encoder_id: str,
    memo: HashMemo,
    engine: Engine | Literal["auto"],
    precision: Precision | Literal["auto"],
) -> EncoderDescription:
    """Describe the model, a folder or the file of the embedded encoder, and what runs it on this CPU.

    Raises EncoderError where a file is missing or the model is of a kind that cannot be used (no safetensors weights,
    no fast tokenizer, no pooling), SettingError where the engine does not have the precision.
    """
    model = _read_folder(path, memo) if path.is_dir() else _of_the_file(memo.hash_file(path).sha256)
    if path == embedded_path(encoder_id):
        check_embedded(encoder_id, path, model.weights_sha256)
    chosen_engine, chosen_precision = choose_engine(engine, precision, model.weights_sha256, cpu_features())
    fingerprint = canonical_sha256(
        {
            "schema": _FINGERPRINT_SCHEMA,
            "model": model.identity,
            "engine": chosen_engine,
            "precision": chosen_precision,
            "calibration": calibration_sha256() if chosen_precision == "int8" else None,
        }
    )
    return EncoderDescription(
        id=encoder_id,
        fingerprint=fingerprint,
        weights_sha256=model.weights_sha256,
        tokenizer_sha256=model.tokenizer_sha256,
        dimension=model.dimension,
        max_tokens=model.max_tokens,
        pooling=model.pooling,
        query_prompt=model.query_prompt,
        passage_prompt=model.passage_prompt,
        engine=chosen_engine,
        precision=chosen_precision,
    )


@dataclass(frozen=True, slots=True)
class _Model:
    """What a model is, whatever runs it."""

    identity: str
    """hash of everything that decides a vector"""
    weights_sha256: str
    tokenizer_sha256: str
    dimension: int
    max_tokens: int
    pooling: str
    query_prompt: str
    passage_prompt: str


def _of_the_file(sha256: str) -> _Model:
    """The model of the embedded encoder's file: its hash decides all the rest, but for what is made of it here."""
    return _Model(
        identity=canonical_sha256({"file": sha256, "tokenizer": TOKENIZER_SHA256}),
        weights_sha256=sha256,
        tokenizer_sha256=TOKENIZER_SHA256,
        dimension=384,
        max_tokens=512,
        pooling="mean_tokens",
        query_prompt=QUERY_PROMPT,
        passage_prompt=PASSAGE_PROMPT,
    )


def _read_folder(folder: Path, memo: HashMemo) -> _Model:
    weights = folder / "model.safetensors"
    if not weights.is_file():
        raise EncoderError(
            f"encoder folder {folder} has no model.safetensors: only safetensors weights are loaded, "
            "since other formats can run code; convert the model or choose another with --encoder."
        )
    weights_sha256 = memo.hash_file(weights).sha256
    config = _read_json(folder / "config.json")
    tokenizer_sha256 = canonical_sha256(tokenizer_definition(folder))
    modules = _modules(folder)
    pooling = next((settings for kind, settings in modules if kind == "Pooling"), None)
    if pooling is None:
        raise EncoderError(
            f"encoder folder {folder} has no pooling module: it is not a sentence-transformers model that gives "
            "one vector a text; choose another with --encoder."
        )
    prompts, default_prompt = _prompts(folder)
    max_tokens = _max_tokens(folder, config)
    query_prompt = prompts.get("query", default_prompt)
    passage_prompt = next((prompts[name] for name in _PASSAGE_PROMPT_NAMES if prompts.get(name)), default_prompt)
    dimension = next(
        (settings["out_features"] for kind, settings in reversed(modules) if kind == "Dense"),
        pooling.get("word_embedding_dimension") or pooling.get("embedding_dimension") or config.get("hidden_size"),
    )
    if not isinstance(dimension, int):
        raise EncoderError(f"encoder folder {folder} does not say the dimension of its vectors: choose another.")
    weights_of_modules = [memo.hash_file(path).sha256 for path in sorted(folder.glob("*/model.safetensors"))]
    identity = canonical_sha256(
        {
            "weights": [weights_sha256, *weights_of_modules],
            "architecture": {key: value for key, value in config.items() if key not in _IRRELEVANT},
            "tokenizer": tokenizer_sha256,
            "tokenizer_settings": _tokenizer_settings(folder),
            "modules": modules,
            "max_tokens": max_tokens,
            "prompts": [query_prompt, passage_prompt],
            "normalised": True,
        }
    )
    return _Model(
        identity=identity,
        weights_sha256=weights_sha256,
        tokenizer_sha256=tokenizer_sha256,
        dimension=dimension,
        max_tokens=max_tokens,
        pooling=_pooling_name(pooling),
        query_prompt=query_prompt,
        passage_prompt=passage_prompt,
    )


def tokenizer_definition(folder: Path) -> dict[str, Any]:
    """tokenizer.json without its truncation and padding, which are the caller's business and not the model's: the
    default encoder's file cuts at 128 tokens where the model reads 256."""
    definition: dict[str, Any] = _read_json(folder / "tokenizer.json")
    return definition | {"truncation": None, "padding": None}


def padding_id(folder: Path) -> int:
    """Vocabulary number of the token that fills a row up. Some models tell a token's position by it."""
    number = _read_json(folder / "config.json").get("pad_token_id")
    return number if isinstance(number, int) else 0


def _tokenizer_settings(folder: Path) -> dict[str, Any]:
    """tokenizer_config.json, which transformers reads beside the definition, but for who wrote it where."""
    path = folder / "tokenizer_config.json"
    settings: dict[str, Any] = _read_json(path) if path.is_file() else {}
    return {key: value for key, value in settings.items() if key not in _IRRELEVANT}


def _modules(folder: Path) -> list[tuple[str, dict[str, Any]]]:
    """The pipeline of modules after the transformer: class name and its configuration, in order."""
    modules: list[tuple[str, dict[str, Any]]] = []
    for module in _read_json(folder / "modules.json", list):
        if not isinstance(module, dict) or not isinstance(module.get("type"), str):
            raise EncoderError(
                f"{folder / 'modules.json'} of the encoder is not what it should be: copy the folder again."
            )
        kind = module["type"].rsplit(".", 1)[-1]
        settings = folder / str(module.get("path", "")) / "config.json"
        if kind != "Transformer":
            modules.append((kind, _read_json(settings) if settings.is_file() else {}))
    return modules


def _max_tokens(folder: Path, config: dict[str, Any]) -> int:
    """What the sentence-transformers configuration says, else the transformer's positions."""
    settings = folder / "sentence_bert_config.json"
    limit = _read_json(settings).get("max_seq_length") if settings.is_file() else None
    if limit is None:
        tokenizer = folder / "tokenizer_config.json"
        limits = [config.get("max_position_embeddings")]
        if tokenizer.is_file():
            limits.append(_read_json(tokenizer).get("model_max_length"))
        limit = min((value for value in limits if isinstance(value, int)), default=None)
    if not isinstance(limit, int) or limit < 1:
        raise EncoderError(f"encoder folder {folder} does not say how many tokens it reads: choose another.")
    return limit


def _prompts(folder: Path) -> tuple[dict[str, str], str]:
    """The prompts by name, and the one that applies where no name is asked for."""
    path = folder / "config_sentence_transformers.json"
    settings = _read_json(path) if path.is_file() else {}
    prompts = settings.get("prompts") or {}
    if not isinstance(prompts, dict) or not all(isinstance(prompt, str) for prompt in prompts.values()):
        raise EncoderError(f"{path} of the encoder has prompts that are not text by name: copy the folder again.")
    return prompts, prompts.get(str(settings.get("default_prompt_name") or ""), "")


def _pooling_name(pooling: dict[str, Any]) -> str:
    modes = sorted(
        key.removeprefix("pooling_mode_")
        for key, on in pooling.items()
        if key.startswith("pooling_mode_") and on is True
    )
    return "+".join(modes) or str(pooling.get("pooling_mode"))


def _read_json(path: Path, expected: type = dict) -> Any:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise EncoderError(
            f"encoder folder {path.parent} has no {path.name}: it is not a whole sentence-transformers model; "
            "copy the model's folder again or choose another with --encoder."
        ) from error
    except (OSError, ValueError) as error:
        raise EncoderError(f"{path} of the encoder cannot be read ({error}): copy the model's folder again.") from error
    if not isinstance(value, expected):
        raise EncoderError(f"{path} of the encoder is not what it should be: copy the model's folder again.")
    return value
