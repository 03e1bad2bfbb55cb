r"""What a question needs to be encoded without torch: `encoders/<fingerprint>/` of an index.

encoder.json          the encoder's description, and size and SHA-256 of the other files
encoder.json.sha256   of encoder.json, as sha256sum writes it
model.xml, model.bin  the model in OpenVINO's format
compiled.bin          in int8, which takes longest to compile: the model compiled, for the platform of the export
embeddings.bin        the table of token embeddings, which is not in the model
tokenizer.json        without truncation and padding
"""

import contextlib
import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from knowligo_index.encoders.protocol import Encoder, EncoderDescription
from knowligo_index.encoders.table_layout import TableLayout
from knowligo_index.errors import DamagedIndexError
from knowligo_index.system.hashing import FileEntry, hash_file, sha256sum_line

if TYPE_CHECKING:
    from knowligo_index.encoders.tokens import ModelTokenizer

EXPORT_ENGINE = "openvino"
"""what an export is made for"""

MODEL_FILE = "model.xml"
WEIGHTS_FILE = "model.bin"
COMPILED_FILE = "compiled.bin"
EMBEDDINGS_FILE = "embeddings.bin"
TOKENIZER_FILE = "tokenizer.json"
ENCODER_FILE = "encoder.json"
HASH_FILE = "encoder.json.sha256"

_SCHEMA = 3


@dataclass(frozen=True, slots=True)
class _Record:
    """The content of encoder.json."""

    encoder: EncoderDescription
    padding_id: int
    embeddings: TableLayout | None
    """None where the model has the table in it"""
    unrelated_cosine: float
    compiled_for: str | None
    files: dict[str, FileEntry]
    schema: int


@dataclass(frozen=True, slots=True)
class ExportedEncoder:
    """An export whose every file was checked."""

    folder: Path
    description: EncoderDescription
    padding_id: int
    embeddings: TableLayout | None = None
    """of the table of token embeddings; None where the model has it in it"""
    unrelated_cosine: float = 0.0
    """mean cosine of a question and a passage that has nothing to do with it, over the calibration texts"""
    compiled_for: str | None = None
    """the platform that the compiled model is for; None where there is none"""

    def tokenizer(self) -> "ModelTokenizer":
        """Its tokenizer. Raises EncoderError."""
        from knowligo_index.encoders.tokens import ModelTokenizer

        definition = (self.folder / TOKENIZER_FILE).read_text(encoding="utf-8")
        return ModelTokenizer(self.folder, definition, self.description, self.padding_id)

    def load(self, threads: int, tokenizer: "ModelTokenizer | None" = None) -> Encoder:
        """The encoder with its weights in memory; `tokenizer` is its tokenizer, if that is there already. Raises
        DamagedIndexError where OpenVINO cannot read them."""
        from knowligo_index.encoders import go_offline

        go_offline()
        from knowligo_index.encoders.model_encoder import ModelEncoder
        from knowligo_index.encoders.openvino_engine import OpenVinoSession, this_platform
        from knowligo_index.encoders.token_embeddings import TokenEmbeddings

        embeddings = TokenEmbeddings(self.folder / EMBEDDINGS_FILE, self.embeddings) if self.embeddings else None
        compiled = self.folder / COMPILED_FILE if self.compiled_for and self.compiled_for == this_platform() else None
        # Reading a large vocabulary takes as long as opening the model, which needs no Python.
        with ThreadPoolExecutor(max_workers=1) as aside:
            session = aside.submit(
                OpenVinoSession, self.folder / MODEL_FILE, self.description.precision, threads, embeddings, compiled
            )
            tokenizer = tokenizer or self.tokenizer()
            return ModelEncoder(self.description, tokenizer, session.result())


def open_exported(folder: Path) -> ExportedEncoder:
    """The export in `folder`, every file of it compared with its SHA-256.

    Raises FileNotFoundError where there is none, DamagedIndexError where a file of it is not what it should be.
    """
    data = (folder / ENCODER_FILE).read_bytes()
    with _naming(folder / HASH_FILE):
        line = (folder / HASH_FILE).read_bytes()
    if line != _hash_line(data):
        raise _damaged(folder / ENCODER_FILE, f"its SHA-256 is not the one in {HASH_FILE}")
    try:
        record = msgspec.json.decode(data, type=_Record)
    except msgspec.MsgspecError as error:
        raise _damaged(folder / ENCODER_FILE, f"it is of another release ({error})") from error
    if record.schema != _SCHEMA:
        raise _damaged(folder / ENCODER_FILE, f"it is of another release (schema {record.schema})")
    for name, expected in record.files.items():
        with _naming(folder / name):
            found = hash_file(folder / name)
        if found != expected:
            raise _damaged(folder / name, "its size or SHA-256 is not the one in encoder.json")
    return ExportedEncoder(
        folder, record.encoder, record.padding_id, record.embeddings, record.unrelated_cosine, record.compiled_for
    )


def seal_exported(exported: ExportedEncoder) -> None:
    """Complete an export: describe the files that are in its folder."""
    folder = exported.folder
    names = [MODEL_FILE, WEIGHTS_FILE, TOKENIZER_FILE]
    names += [EMBEDDINGS_FILE] if exported.embeddings else []
    names += [COMPILED_FILE] if exported.compiled_for else []
    record = _Record(
        exported.description,
        exported.padding_id,
        exported.embeddings,
        exported.unrelated_cosine,
        exported.compiled_for,
        {name: hash_file(folder / name) for name in names},
        _SCHEMA,
    )
    data = msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n"
    (folder / ENCODER_FILE).write_bytes(data)
    (folder / HASH_FILE).write_bytes(_hash_line(data))


def _hash_line(data: bytes) -> bytes:
    return sha256sum_line(hashlib.sha256(data).hexdigest(), ENCODER_FILE)


@contextlib.contextmanager
def _naming(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _damaged(path, (error.strerror or str(error)).lower()) from error


def _damaged(path: Path, what: str) -> DamagedIndexError:
    return DamagedIndexError(
        f"{path}, a file of the exported encoder, is damaged ({what}): build the index again, which exports the "
        "encoder anew, or copy the folder again from where it came from."
    )
