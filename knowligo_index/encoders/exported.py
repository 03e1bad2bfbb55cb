r"""An export: the files in `encoders/<fingerprint>/` of an index, from which texts are encoded without torch.

encoder.json          the encoder's description, and size and SHA-256 of the other files
encoder.json.sha256   the SHA-256 of encoder.json, in the format of sha256sum
model.xml, model.bin  the model in OpenVINO's format
compiled.bin          only in int8, which takes longest to compile: the model compiled for the platform of the export
embeddings.bin        the table of token embeddings, which is not in the model
tokenizer.json        the tokenizer, without truncation and padding
"""

import contextlib
import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec

from knowligo_index.encoders.embedding_table_layout import TableLayout
from knowligo_index.encoders.engine_errors import reported_as_damage
from knowligo_index.encoders.offline import go_offline
from knowligo_index.encoders.protocol import Encoder, EncoderDescription
from knowligo_index.errors import DamagedIndexError
from knowligo_index.system.hashing import PLAIN_NAME, FileEntry, hash_file, read_regular, sha256sum_line
from knowligo_index.system.os_errors import reason_of

if TYPE_CHECKING:
    from knowligo_index.encoders.tokenizer import ModelTokenizer

EXPORT_ENGINE = "openvino"
"""the engine that runs exports"""

MODEL_FILE = "model.xml"
WEIGHTS_FILE = "model.bin"
COMPILED_FILE = "compiled.bin"
EMBEDDINGS_FILE = "embeddings.bin"
TOKENIZER_FILE = "tokenizer.json"
ENCODER_FILE = "encoder.json"
HASH_FILE = "encoder.json.sha256"

_SCHEMA = 3

_MAX_RECORD_BYTES = 2**20


@dataclass(frozen=True, slots=True)
class _Record:
    """The content of encoder.json."""

    encoder: EncoderDescription
    padding_id: int
    embeddings: TableLayout | None
    unrelated_cosine: float
    compiled_for: str | None
    files: dict[Annotated[str, msgspec.Meta(pattern=PLAIN_NAME)], FileEntry]
    schema: int


@dataclass(frozen=True, slots=True)
class ExportedEncoder:
    """An export whose files were all verified."""

    folder: Path
    description: EncoderDescription
    padding_id: int
    embeddings: TableLayout | None = None
    """layout of the table of token embeddings; None where the table is in the model"""
    unrelated_cosine: float = 0.0
    """mean cosine between a question and an unrelated passage (`export_check.unrelated_cosine`)"""
    compiled_for: str | None = None
    """platform of the compiled model; None where there is no compiled model"""

    def tokenizer(self) -> "ModelTokenizer":
        """The tokenizer of the export. Raises EncoderError."""
        from knowligo_index.encoders.tokenizer import ModelTokenizer

        definition = (self.folder / TOKENIZER_FILE).read_text(encoding="utf-8")
        return ModelTokenizer(self.folder, definition, self.description, self.padding_id)

    @reported_as_damage
    def load(self, threads: int, tokenizer: "ModelTokenizer | None" = None) -> Encoder:
        """The encoder with its weights in memory; `tokenizer` is its tokenizer, where it is loaded already. Raises
        DamagedIndexError where OpenVINO cannot read the weights."""
        go_offline()
        from knowligo_index.encoders.model_encoder import ModelEncoder
        from knowligo_index.encoders.openvino_engine import OpenVinoSession, this_platform
        from knowligo_index.encoders.token_embeddings import TokenEmbeddings

        embeddings = TokenEmbeddings(self.folder / EMBEDDINGS_FILE, self.embeddings) if self.embeddings else None
        compiled = self.folder / COMPILED_FILE if self.compiled_for and self.compiled_for == this_platform() else None
        # In parallel: reading a large vocabulary takes as long as opening the model, which does not need the GIL.
        with ThreadPoolExecutor(max_workers=1) as executor:
            session = executor.submit(
                OpenVinoSession, self.folder / MODEL_FILE, self.description.precision, threads, embeddings, compiled
            )
            tokenizer = tokenizer or self.tokenizer()
            return ModelEncoder(self.description, tokenizer, session.result())


def open_exported(folder: Path) -> ExportedEncoder:
    """The export in `folder`, after every file is compared with its SHA-256.

    Raises FileNotFoundError where there is no export, DamagedIndexError where one of its files is damaged or was
    written by another release.
    """
    try:
        data = read_regular(folder / ENCODER_FILE, _MAX_RECORD_BYTES)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise _damaged(folder / ENCODER_FILE, reason_of(error)) from error
    with _reported_as_damage(folder / HASH_FILE):
        hash_line = read_regular(folder / HASH_FILE, _MAX_RECORD_BYTES)
    if hash_line != _hash_line(data):
        raise _damaged(folder / ENCODER_FILE, f"its SHA-256 is not the one in {HASH_FILE}")
    try:
        record = msgspec.json.decode(data, type=_Record)
    except msgspec.MsgspecError as error:
        raise _damaged(folder / ENCODER_FILE, f"it was written by another release ({error})") from error
    if record.schema != _SCHEMA:
        raise _damaged(folder / ENCODER_FILE, f"it was written by another release, in schema {record.schema}")
    for name, expected_entry in record.files.items():
        with _reported_as_damage(folder / name):
            entry = hash_file(folder / name, expected_entry.size)
        if entry != expected_entry:
            raise _damaged(folder / name, "its size or SHA-256 is not the one in encoder.json")
    return ExportedEncoder(
        folder, record.encoder, record.padding_id, record.embeddings, record.unrelated_cosine, record.compiled_for
    )


def seal_exported(exported: ExportedEncoder) -> None:
    """Complete an export: record the description of the encoder and the hashes of the files in its folder."""
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
def _reported_as_damage(path: Path) -> Iterator[None]:
    """Turn an OSError into the DamagedIndexError of this file."""
    try:
        yield
    except OSError as error:
        raise _damaged(path, reason_of(error)) from error


def _damaged(path: Path, reason: str) -> DamagedIndexError:
    return DamagedIndexError(
        f"{path}, a file of the exported encoder, is damaged ({reason}): build the index again, which exports the "
        "encoder anew, or copy the folder again from where it came from."
    )
