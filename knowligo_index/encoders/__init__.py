"""Encoders: from texts to unit vectors.

A model is located and described without torch. An index keeps an export of the model, which is created once. Passages
(unless the torch engine is chosen) and questions are then encoded from the export, without torch.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Meta

from knowligo_index.encoders.default_model import DEFAULT_ENCODER
from knowligo_index.encoders.encoder_description import describe_model
from knowligo_index.encoders.engine_choice import Engine, Precision
from knowligo_index.encoders.model_folder import padding_id, tokenizer_definition
from knowligo_index.encoders.model_location import locate_model
from knowligo_index.encoders.offline import go_offline
from knowligo_index.encoders.packaged_models import as_model_folder
from knowligo_index.encoders.protocol import Encoder, EncoderDescription
from knowligo_index.errors import EncoderError, MissingExtraError
from knowligo_index.system.hash_memo import HashMemo
from knowligo_index.system.utf8 import utf8_path

if TYPE_CHECKING:
    from knowligo_index.encoders.exported import ExportedEncoder
    from knowligo_index.encoders.tokenizer import ModelTokenizer

__all__ = ["DEFAULT_ENCODER", "LIBRARIES", "EncoderModel", "EncoderOptions", "find_encoder", "go_offline"]

# Distributions whose release may change the last bits of a vector. They are part of a version's digest.
LIBRARIES = ("nncf", "openvino", "sentence-transformers", "tokenizers", "torch", "transformers")


@dataclass(frozen=True, slots=True)
class EncoderOptions:
    """Which model is used, and how it is run."""

    id: Annotated[
        str,
        Meta(
            description="A local model folder, or the id of a model in the local hub cache.",
            extra={"name": "encoder", "metavar": "ID-OR-PATH"},
        ),
    ] = DEFAULT_ENCODER
    engine: Annotated[
        Literal["auto", Engine],
        Meta(description="The library that runs the encoder.", extra={"metavar": "auto|torch|openvino"}),
    ] = "auto"
    precision: Annotated[
        Literal["auto", Precision],
        Meta(
            description="The encoder's precision; auto: the fastest on this CPU with the search quality of float32.",
            extra={"metavar": "auto|float32|bfloat16|int8"},
        ),
    ] = "auto"


@dataclass(frozen=True, slots=True)
class EncoderModel:
    """A model that was located and described. Its weights are not in memory."""

    path: Path
    """a folder in the layout of sentence-transformers, or the file of the embedded encoder"""
    description: EncoderDescription

    def tokenizer(self) -> "ModelTokenizer":
        """The model's tokenizer, which counts tokens before any weights are loaded. An export has it too and loads it
        faster. Raises EncoderError."""
        from knowligo_index.encoders.tokenizer import ModelTokenizer

        with as_model_folder(self.path) as folder:
            definition = json.dumps(tokenizer_definition(folder))
            return ModelTokenizer(folder, definition, self.description, padding_id(folder))

    def export(self, target: Path) -> None:
        """Write the export of the model into the folder `target`, from a process of its own. It takes about half a
        minute for the default encoder in int8. Raises EncoderError, or MissingExtraError where the `build` extra is
        not installed."""
        from knowligo_index.encoders.export import ExportTask, export_model

        export_model(ExportTask(os.fsencode(self.path), os.fsencode(target), self.description))

    def load(
        self, exported: "ExportedEncoder | None", threads: int, tokenizer: "ModelTokenizer | None" = None
    ) -> Encoder:
        """The encoder for passages, with its weights in memory. `exported` is the model's export, which the torch
        engine does not need; `tokenizer` is the model's tokenizer, where it is loaded already.

        Raises EncoderError, DamagedIndexError, or MissingExtraError where the `build` extra is not installed.
        """
        if self.description.engine == "openvino":
            assert exported is not None
            return exported.load(threads, tokenizer)
        try:
            from knowligo_index.encoders.torch_engine import TorchSession, load_module
        except ModuleNotFoundError as error:
            raise MissingExtraError.for_package("encoding with torch", error.name) from error
        from knowligo_index.encoders.model_encoder import ModelEncoder

        tokenizer = tokenizer or self.tokenizer()
        with as_model_folder(self.path) as folder:
            session = TorchSession(load_module(folder, tokenizer), threads)
        return ModelEncoder(self.description, tokenizer, session)


def find_encoder(options: EncoderOptions, memo: HashMemo | None = None) -> EncoderModel:
    """Locate the model, hash those of its files that `memo` does not recall, and choose what runs it on this CPU.

    Raises EncoderError where the model is not on this machine or cannot be used, SettingError where the engine does not
    have the precision.
    """
    go_offline()
    path = locate_model(options.id)
    # A folder is recorded by its absolute path: the index may be opened from another working directory.
    name = str(path.resolve()) if Path(options.id).expanduser().is_dir() else options.id
    if utf8_path(name) != name:
        raise EncoderError(
            f"the path of encoder {utf8_path(name)} is not UTF-8, in which an index records it: rename the folder, or "
            "choose another with --encoder."
        )
    return EncoderModel(path, describe_model(path, name, memo or HashMemo(), options.engine, options.precision))
