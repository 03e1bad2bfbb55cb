r"""What a question needs to be encoded without torch: `encoders/<fingerprint>/` of an index.

encoder.json          the encoder's description, and size and SHA-256 of the other files
encoder.json.sha256   of encoder.json, as sha256sum writes it
model.xml, model.bin  the model in OpenVINO's format
tokenizer.json        without truncation and padding
"""

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from knowligo_index.encoding import Encoder, EncoderDescription
from knowligo_index.errors import DamagedIndexError
from knowligo_index.hashing import FileEntry, hash_file, sha256sum_line

EXPORT_ENGINE = "openvino"
"""what an export is made for"""

MODEL_FILE = "model.xml"
WEIGHTS_FILE = "model.bin"
TOKENIZER_FILE = "tokenizer.json"
ENCODER_FILE = "encoder.json"
HASH_FILE = "encoder.json.sha256"

_SCHEMA = 1


@dataclass(frozen=True, slots=True)
class _Record:
    """The content of encoder.json."""

    encoder: EncoderDescription
    padding_id: int
    files: dict[str, FileEntry]
    schema: int = _SCHEMA


@dataclass(frozen=True, slots=True)
class ExportedEncoder:
    """An export whose every file was checked."""

    folder: Path
    description: EncoderDescription
    padding_id: int

    def load(self, threads: int) -> Encoder:
        """The encoder with its weights in memory. Raises DamagedIndexError where OpenVINO cannot read them."""
        from knowligo_index.encoders import go_offline

        go_offline()
        from knowligo_index.encoders.model_encoder import ModelEncoder
        from knowligo_index.encoders.openvino_engine import OpenVinoSession
        from knowligo_index.encoders.tokens import ModelTokenizer

        definition = (self.folder / TOKENIZER_FILE).read_text(encoding="utf-8")
        tokenizer = ModelTokenizer(self.folder, definition, self.description, self.padding_id)
        session = OpenVinoSession(self.folder / MODEL_FILE, self.description.precision, threads)
        return ModelEncoder(self.description, tokenizer, session)


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
    for name, expected in record.files.items():
        with _naming(folder / name):
            found = hash_file(folder / name)
        if found != expected:
            raise _damaged(folder / name, "its size or SHA-256 is not the one in encoder.json")
    return ExportedEncoder(folder, record.encoder, record.padding_id)


def seal_exported(folder: Path, description: EncoderDescription, padding_id: int) -> None:
    """Complete an export: describe the files that are in `folder`."""
    files = {name: hash_file(folder / name) for name in (MODEL_FILE, WEIGHTS_FILE, TOKENIZER_FILE)}
    data = msgspec.json.format(msgspec.json.encode(_Record(description, padding_id, files)), indent=2) + b"\n"
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
