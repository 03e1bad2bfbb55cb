r"""An export: the files in `encoders/<fingerprint>/` of an index, from which texts are encoded without torch.

encoder.json          the encoder's description, and size and SHA-256 of the other files
encoder.json.sha256   the SHA-256 of encoder.json, in the format of sha256sum
model.xml, model.bin  the model in OpenVINO's format
compiled.bin          only in int8, which takes longest to compile: the model compiled for the platform of the export
embeddings.bin        the table of token embeddings, which is not in the model
tokenizer.json        the tokenizer, without truncation and padding
"""

import hashlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec

from knowligo_index.encoders.embedding_table_layout import TableLayout
from knowligo_index.encoders.engine_errors import reported_as_damage
from knowligo_index.encoders.exported_files import ExportedFiles, ModelFiles, damage_reported, damaged_export
from knowligo_index.encoders.offline import go_offline
from knowligo_index.encoders.protocol import Encoder, EncoderDescription
from knowligo_index.system.hashing import PLAIN_NAME, FileEntry, hash_file, read_regular, sha256sum_line

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
    """An export. Its files are compared with their entries in encoder.json when they are read."""

    folder: Path
    description: EncoderDescription
    padding_id: int
    embeddings: TableLayout | None = None
    """layout of the table of token embeddings; None where the table is in the model"""
    unrelated_cosine: float = 0.0
    """mean cosine between a question and an unrelated passage (`export_check.unrelated_cosine`)"""
    compiled_for: str | None = None
    """platform of the compiled model; None where there is no compiled model"""
    entries: Mapping[str, FileEntry] | None = None
    """the files, but for encoder.json and its hash; None while the export is being made"""
    record: FileEntry | None = None
    """encoder.json; None while the export is being made"""

    def check(self) -> None:
        """Compare every file with its entry. Raises DamagedIndexError."""
        ExportedFiles(self.folder, self.entries).check()

    def unlisted_files(self) -> list[str]:
        """Names in the folder that do not belong to the export."""
        return ExportedFiles(self.folder, self.entries).unlisted(frozenset({ENCODER_FILE, HASH_FILE}))

    def tokenizer(self) -> "ModelTokenizer":
        """The tokenizer of the export. Raises EncoderError or DamagedIndexError."""
        return self._tokenizer(ExportedFiles(self.folder, self.entries))

    @reported_as_damage
    def load(self, threads: int, tokenizer: "ModelTokenizer | None" = None, *, all_files: bool = False) -> Encoder:
        """The encoder with its weights in memory; `tokenizer` is its tokenizer, where it is loaded already. Files that
        are not needed on this machine are compared with their entries only with `all_files`. Raises DamagedIndexError
        where a file is damaged, or OpenVINO cannot read the weights."""
        go_offline()
        from knowligo_index.encoders.model_encoder import ModelEncoder
        from knowligo_index.encoders.openvino_engine import OpenVinoSession, this_platform
        from knowligo_index.encoders.token_embeddings import TokenEmbeddings

        files = ExportedFiles(self.folder, self.entries)
        layout = self.embeddings
        embeddings = TokenEmbeddings(self.folder / EMBEDDINGS_FILE, layout, files) if layout else None
        model = ModelFiles(files, MODEL_FILE, WEIGHTS_FILE, None)
        if self.compiled_for and self.compiled_for == this_platform():
            model = replace(model, compiled=COMPILED_FILE)
        # In parallel: reading a large vocabulary takes as long as opening the model, which does not need the GIL.
        with ThreadPoolExecutor(max_workers=1) as executor:
            session = executor.submit(OpenVinoSession, model, self.description.precision, threads, embeddings)
            tokenizer = tokenizer or self._tokenizer(files)
            encoder = ModelEncoder(self.description, tokenizer, session.result())
        if all_files:
            files.check_others()
        return encoder

    def _tokenizer(self, files: ExportedFiles) -> "ModelTokenizer":
        from knowligo_index.encoders.tokenizer import ModelTokenizer

        definition = files.read(TOKENIZER_FILE).decode("utf-8")
        return ModelTokenizer(self.folder, definition, self.description, self.padding_id)


def open_exported(folder: Path, record: FileEntry | None = None) -> ExportedEncoder:
    """`read_exported`, and every file is compared with its entry. Raises the same errors."""
    exported = read_exported(folder, record)
    exported.check()
    return exported


def read_exported(folder: Path, record: FileEntry | None = None) -> ExportedEncoder:
    """The export in `folder`. `record`: what its encoder.json must be, according to the manifest of a version; None
    where no manifest says so, and only the hash file beside it is compared.

    Raises FileNotFoundError where there is no export, DamagedIndexError where encoder.json is damaged, is another than
    `record`, or was written by another release.
    """
    path = folder / ENCODER_FILE
    with damage_reported(path, FileNotFoundError):
        data = read_regular(path, _MAX_RECORD_BYTES)
    with damage_reported(folder / HASH_FILE):
        hash_line = read_regular(folder / HASH_FILE, _MAX_RECORD_BYTES)
    if hash_line != _hash_line(data):
        raise damaged_export(path, f"its SHA-256 is not the one in {HASH_FILE}")
    actual = FileEntry.of(data)
    if record is not None and actual != record:
        raise damaged_export(path, "its SHA-256 is not the one in the manifest of the version")
    content = _decoded(data, path)
    return ExportedEncoder(
        folder,
        content.encoder,
        content.padding_id,
        content.embeddings,
        content.unrelated_cosine,
        content.compiled_for,
        content.files,
        actual,
    )


def _decoded(data: bytes, path: Path) -> _Record:
    """The content of encoder.json. Raises DamagedIndexError where another release wrote it, or it lacks a file."""
    try:
        content = msgspec.json.decode(data, type=_Record)
    except msgspec.MsgspecError as error:
        raise damaged_export(path, f"it was written by another release ({error})") from error
    if content.schema != _SCHEMA:
        raise damaged_export(path, f"it was written by another release, in schema {content.schema}")
    expected = _file_names(content.embeddings, content.compiled_for)
    if set(content.files) != set(expected):
        raise damaged_export(path, f"it lists {', '.join(content.files) or 'no files'} and not {', '.join(expected)}")
    return content


def seal_exported(exported: ExportedEncoder) -> None:
    """Complete an export: record the description of the encoder and the hashes of the files in its folder."""
    folder = exported.folder
    record = _Record(
        exported.description,
        exported.padding_id,
        exported.embeddings,
        exported.unrelated_cosine,
        exported.compiled_for,
        {name: hash_file(folder / name) for name in _file_names(exported.embeddings, exported.compiled_for)},
        _SCHEMA,
    )
    data = msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n"
    (folder / ENCODER_FILE).write_bytes(data)
    (folder / HASH_FILE).write_bytes(_hash_line(data))


def _file_names(embeddings: TableLayout | None, compiled_for: str | None) -> list[str]:
    """The files that encoder.json lists."""
    names = [MODEL_FILE, WEIGHTS_FILE, TOKENIZER_FILE]
    names += [EMBEDDINGS_FILE] if embeddings else []
    return names + ([COMPILED_FILE] if compiled_for else [])


def _hash_line(data: bytes) -> bytes:
    return sha256sum_line(hashlib.sha256(data).hexdigest(), ENCODER_FILE)
