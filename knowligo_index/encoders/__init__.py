"""Encoders: from texts to unit vectors. Finding, describing and counting tokens needs no torch; `load` does."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from knowligo_index.encoders.location import DEFAULT_ENCODER, locate_model
from knowligo_index.encoders.model_folder import read_model_folder
from knowligo_index.errors import MissingExtraError
from knowligo_index.types import Encoder, EncoderDescription, TokenCounter

__all__ = ["DEFAULT_ENCODER", "LIBRARIES", "EncoderModel", "EncoderOptions", "find_encoder", "go_offline"]

# Distributions whose version may move the last bits of a vector: they are part of a version's digest.
LIBRARIES = ("sentence-transformers", "torch", "tokenizers", "transformers")


@dataclass(frozen=True, slots=True)
class EncoderOptions:
    """Which model, and how it is fed."""

    id: Annotated[
        str,
        Meta(
            description="A local model folder, or the id of a model in the local hub cache.",
            extra={"name": "encoder", "metavar": "ID-OR-PATH"},
        ),
    ] = DEFAULT_ENCODER
    batch_size: int = 32
    """passages the model encodes at a time; it moves the last bits of a vector, so it is no setting"""


@dataclass(frozen=True, slots=True)
class EncoderModel:
    """A model folder that was found and described, without its weights in memory."""

    folder: Path
    description: EncoderDescription

    def token_counter(self) -> TokenCounter:
        from knowligo_index.encoders.tokens import ModelTokenCounter

        return ModelTokenCounter(self.folder, self.description)

    def load(self, options: EncoderOptions, threads: int) -> Encoder:
        """Load the weights. Raises MissingExtraError where the `build` extra is not installed."""
        try:
            from knowligo_index.encoders.torch_engine import TorchEncoder
        except ModuleNotFoundError as error:
            raise MissingExtraError(
                f"encoding needs the package {error.name}: install it with `pip install 'knowligo-index[build]'`."
            ) from error
        return TorchEncoder(self.folder, self.description, batch_size=options.batch_size, threads=threads)


def find_encoder(encoder_id: str) -> EncoderModel:
    """Find the model and hash it. Raises EncoderError where it is not on this machine or cannot be used."""
    go_offline()
    folder = locate_model(encoder_id)
    # A folder is remembered by its whole path: the index may be opened from another working directory.
    name = str(folder.resolve()) if Path(encoder_id).expanduser().is_dir() else encoder_id
    return EncoderModel(folder, read_model_folder(folder, name))


def go_offline() -> None:
    """Nothing in here asks a model hub, whatever the machine's settings say. Call before a hub library is imported."""
    for variable in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE"):
        os.environ[variable] = "1"
    for variable in ("HF_HUB_DISABLE_TELEMETRY", "DO_NOT_TRACK", "HF_HUB_DISABLE_PROGRESS_BARS"):
        os.environ[variable] = "1"
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
