"""Encoders: from texts to unit vectors.

A model folder is found and described without torch. An index keeps an export of the model, made once, from which
passages (unless the torch engine is asked for) and questions are encoded without torch too.
"""

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Meta

from knowligo_index.encoders.choice import Engine, Precision
from knowligo_index.encoders.embedded import DEFAULT_ENCODER, as_model_folder
from knowligo_index.encoders.location import locate_model
from knowligo_index.encoders.model_folder import describe_model, padding_id, tokenizer_definition
from knowligo_index.encoders.protocol import Encoder, EncoderDescription
from knowligo_index.errors import MissingExtraError
from knowligo_index.system.hash_memo import HashMemo

if TYPE_CHECKING:
    from knowligo_index.encoders.exported import ExportedEncoder
    from knowligo_index.encoders.tokens import ModelTokenizer

__all__ = ["DEFAULT_ENCODER", "LIBRARIES", "EncoderModel", "EncoderOptions", "find_encoder", "go_offline"]

# Distributions whose version may move the last bits of a vector: they are part of a version's digest.
LIBRARIES = ("nncf", "openvino", "sentence-transformers", "tokenizers", "torch", "transformers")


@dataclass(frozen=True, slots=True)
class EncoderOptions:
    """Which model, and how it is run."""

    id: Annotated[
        str,
        Meta(
            description="A local model folder, or the id of a model in the local hub cache.",
            extra={"name": "encoder", "metavar": "ID-OR-PATH"},
        ),
    ] = DEFAULT_ENCODER
    engine: Annotated[
        Literal["auto", Engine],
        Meta(description="What runs the encoder.", extra={"metavar": "auto|torch|openvino"}),
    ] = "auto"
    precision: Annotated[
        Literal["auto", Precision],
        Meta(
            description="What it computes in; auto: the fastest on this CPU that finds as much as float32.",
            extra={"metavar": "auto|float32|bfloat16|int8"},
        ),
    ] = "auto"


@dataclass(frozen=True, slots=True)
class EncoderModel:
    """A model that was found and described, without its weights in memory."""

    path: Path
    """a folder of sentence-transformers, or the file of the embedded encoder"""
    description: EncoderDescription

    def tokenizer(self) -> "ModelTokenizer":
        """Its tokenizer, which counts tokens before any weights are loaded. An export has it, too, and has it sooner.
        Raises EncoderError."""
        from knowligo_index.encoders.tokens import ModelTokenizer

        with as_model_folder(self.path) as folder:
            definition = json.dumps(tokenizer_definition(folder))
            return ModelTokenizer(folder, definition, self.description, padding_id(folder))

    def export(self, target: Path) -> None:
        """Write into the folder `target` what questions are encoded from. Takes some seconds, and a process of its
        own. Raises EncoderError, or MissingExtraError where the `build` extra is not installed."""
        from knowligo_index.encoders.export import ExportTask, export_model

        export_model(ExportTask(str(self.path), str(target), self.description))

    def load(
        self, exported: "ExportedEncoder | None", threads: int, tokenizer: "ModelTokenizer | None" = None
    ) -> Encoder:
        """The encoder for passages, with its weights in memory; `exported` is its export, which the torch engine does
        without, and `tokenizer` its tokenizer, if that is there already.

        Raises EncoderError, DamagedIndexError, or MissingExtraError where the `build` extra is not installed.
        """
        if self.description.engine == "openvino":
            assert exported is not None
            return exported.load(threads, tokenizer)
        try:
            from knowligo_index.encoders.torch_engine import TorchSession, load_module
        except ModuleNotFoundError as error:
            raise MissingExtraError(
                f"encoding with torch needs the package {error.name}: install it with "
                "`pip install 'knowligo-index[build]'`."
            ) from error
        from knowligo_index.encoders.model_encoder import ModelEncoder

        tokenizer = tokenizer or self.tokenizer()
        with as_model_folder(self.path) as folder:
            session = TorchSession(load_module(folder, tokenizer), threads)
        return ModelEncoder(self.description, tokenizer, session)


def find_encoder(options: EncoderOptions, memo: HashMemo | None = None) -> EncoderModel:
    """Find the model, hash it unless `memo` knows it unchanged, and choose what runs it on this CPU.

    Raises EncoderError where it is not on this machine or cannot be used, SettingError where the engine does not have
    the precision.
    """
    go_offline()
    path = locate_model(options.id)
    # A folder is remembered by its whole path: the index may be opened from another working directory.
    name = str(path.resolve()) if Path(options.id).expanduser().is_dir() else options.id
    return EncoderModel(path, describe_model(path, name, memo or HashMemo(), options.engine, options.precision))


def go_offline() -> None:
    """Nothing in here asks a model hub or tells anybody of its use, whatever the machine's settings say. Call before
    a hub library or openvino is imported."""
    for variable in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE"):
        os.environ[variable] = "1"
    for variable in ("HF_HUB_DISABLE_TELEMETRY", "DO_NOT_TRACK", "HF_HUB_DISABLE_PROGRESS_BARS"):
        os.environ[variable] = "1"
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    # openvino and nncf do without this package where it cannot be imported.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
