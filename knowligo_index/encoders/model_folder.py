"""Read the JSON files of a model folder in the layout of sentence-transformers."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from knowligo_index.errors import EncoderError

IRRELEVANT_SETTINGS = frozenset({"_name_or_path", "name_or_path", "transformers_version", "torch_dtype", "dtype"})
"""Settings that change no vector: names, the release that wrote the file, and the type in which weights are stored."""

# sentence-transformers looks for the prompt of a document under these names, in this order.
_PASSAGE_PROMPT_NAMES = ("document", "passage", "corpus")


class Module(NamedTuple):
    """A step of the pipeline after the transformer."""

    kind: str
    """name of its class"""
    settings: dict[str, Any]


class Prompts(NamedTuple):
    """What is put before a text."""

    query: str
    passage: str


def tokenizer_definition(folder: Path) -> dict[str, Any]:
    """tokenizer.json without truncation and padding, which the caller decides: the file of all-MiniLM-L6-v2 truncates
    at 128 tokens, although the model reads 256. Raises EncoderError."""
    definition: dict[str, Any] = read_json(folder / "tokenizer.json")
    return definition | {"truncation": None, "padding": None}


def tokenizer_settings(folder: Path) -> dict[str, Any]:
    """tokenizer_config.json, which transformers reads besides the definition, without irrelevant settings. Raises
    EncoderError."""
    settings = _read_json_if_present(folder / "tokenizer_config.json")
    return {key: value for key, value in settings.items() if key not in IRRELEVANT_SETTINGS}


def padding_id(folder: Path) -> int:
    """Vocabulary id of the padding token. Some models derive the positions of the tokens from it. Raises
    EncoderError."""
    token_id = read_json(folder / "config.json").get("pad_token_id")
    return token_id if isinstance(token_id, int) else 0


def read_modules(folder: Path) -> list[Module]:
    """The modules after the transformer, in order. Raises EncoderError."""
    path = folder / "modules.json"
    modules: list[Module] = []
    for entry in read_json(path, list):
        if not isinstance(entry, dict) or not isinstance(entry.get("type"), str):
            raise EncoderError(f"{path} of the encoder lists a module without a type: copy the model's folder again.")
        package, _, kind = entry["type"].rpartition(".")
        settings = _read_json_if_present(folder / str(entry.get("path", "")) / "config.json")
        # sentence-transformers imports what these names say, and calls it.
        for name, allowed in ((package, "sentence_transformers"), (settings.get("activation_function"), "torch.nn")):
            if name is not None and not f"{name}.".startswith(f"{allowed}."):
                raise EncoderError(
                    f"{path} of the encoder names code outside of {allowed} ({name}), which is never run: choose "
                    "another with --encoder."
                )
        if kind != "Transformer":
            modules.append(Module(kind, settings))
    return modules


def read_prompts(folder: Path) -> Prompts:
    """The prompts for queries and for passages; the default prompt where there is none of that kind. Raises
    EncoderError."""
    path = folder / "config_sentence_transformers.json"
    settings = _read_json_if_present(path)
    prompts: Any = settings.get("prompts") or {}
    if not isinstance(prompts, dict) or not all(isinstance(prompt, str) for prompt in prompts.values()):
        raise EncoderError(f"{path} of the encoder has a prompt that is not text: copy the model's folder again.")
    default: str = prompts.get(str(settings.get("default_prompt_name") or ""), "")
    passage: str = next((prompts[name] for name in _PASSAGE_PROMPT_NAMES if prompts.get(name)), default)
    query: str = prompts.get("query", default)
    return Prompts(query, passage)


def read_max_tokens(folder: Path, config: dict[str, Any]) -> int:
    """The maximum number of tokens of an input: the setting of sentence-transformers, or else the number of positions
    of the transformer, whose `config` this is, or the limit of the tokenizer. Raises EncoderError."""
    limit = _read_json_if_present(folder / "sentence_bert_config.json").get("max_seq_length")
    if limit is None:
        tokenizer = _read_json_if_present(folder / "tokenizer_config.json")
        limits = (config.get("max_position_embeddings"), tokenizer.get("model_max_length"))
        limit = min((value for value in limits if isinstance(value, int)), default=None)
    if not isinstance(limit, int) or limit < 1:
        raise EncoderError(
            f"encoder folder {folder} does not give the maximum number of tokens of an input: choose another with "
            "--encoder."
        )
    return limit


def read_json(path: Path, expected: type[dict[str, Any]] | type[list[Any]] = dict) -> Any:
    """The content of a JSON file of the model. Raises EncoderError where it is missing, cannot be read, or is not of
    the expected type."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise EncoderError(
            f"encoder folder {path.parent} has no {path.name}: it is not a complete sentence-transformers model; "
            "copy the model's folder again or choose another with --encoder."
        ) from error
    except (OSError, ValueError) as error:
        raise EncoderError(f"{path} of the encoder cannot be read ({error}): copy the model's folder again.") from error
    if not isinstance(value, expected):
        kind = "a list" if expected is list else "an object"
        raise EncoderError(f"{path} of the encoder does not contain {kind}: copy the model's folder again.")
    return value


def _read_json_if_present(path: Path) -> dict[str, Any]:
    settings: dict[str, Any] = read_json(path) if path.is_file() else {}
    return settings
