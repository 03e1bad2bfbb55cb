"""The manifest: a JSON file that describes a version, and is validated when it is read."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Protocol

import msgspec

from knowligo_index.encoders.protocol import EncoderDescription
from knowligo_index.errors import DamagedIndexError, NewerSchemaError, OlderSchemaError
from knowligo_index.sources.ledger import LedgerEntry
from knowligo_index.system.hashing import PLAIN_NAME, FileEntry
from knowligo_index.system.threads import ThreadPlan

SCHEMA = 2
"""Raised with a change after which a reader of the earlier schema cannot read the files, or this one earlier files."""

MANIFEST_FILE = "manifest.json"
VECTORS_FILE = "vectors.faiss"
CHUNKS_FILE = "chunks.sqlite"
LEDGER_FILE = "ledger.jsonl"

VERSION_FILES = (CHUNKS_FILE, LEDGER_FILE, VECTORS_FILE)
"""what the manifest of every version lists"""

_HISTOGRAM_STEP = 32


class Scored(Protocol):
    """A hit of a search. (The class `Hit` is in a layer above this one.)"""

    @property
    def score(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Probe:
    """A text, and the vector that the encoder computed for it when the version was built."""

    text: str
    vector: list[float]


@dataclass(frozen=True, slots=True)
class DocumentCounts:
    """The number of sources with each status; their sum is the number of all sources."""

    indexed: int
    skipped: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the gate refused a version."""

    code: str
    """for programs, such as `documents-failed` (docs/gate.md lists all); another release may write others"""
    sentence: str
    """for people: what is wrong, where, and what to do about it"""


@dataclass(frozen=True, slots=True)
class Fusion:
    """How the hybrid search of a version combines the dense and the lexical search (`search/fusion.py`)."""

    dense_weight: Annotated[float, msgspec.Meta(ge=0, le=1)]
    """the weight of the dense evidence: 0 is a lexical search, 1 a dense one"""
    unrelated_cosine: Annotated[float, msgspec.Meta(ge=-1, lt=1)]
    """the mean cosine of the encoder for a question and an unrelated passage"""
    answered: Annotated[float, msgspec.Meta(ge=0, le=1)]
    """the minimum score of the best passage at which the documents are said to answer the question"""

    def is_answered(self, hits: Sequence[Scored]) -> bool:
        """Whether the documents answer the question, by the score of the first of the hits of a hybrid search."""
        return bool(hits) and hits[0].score >= self.answered


@dataclass(frozen=True, slots=True)
class Manifest:
    """A version, described so that its other files need not be opened."""

    version: str
    """`<counter>-<digest>`"""
    counter: int
    digest: str
    """the first 12 hexadecimal digits of the hash of everything that determines the content"""
    created_at: str
    """ISO 8601, UTC; the time in SOURCE_DATE_EPOCH if that is set"""
    created_by: str
    """the release of this package that built the version"""
    settings: dict[str, str | int | float]
    """those that change the content"""
    encoder: EncoderDescription
    probes: list[Probe]
    documents: DocumentCounts
    chunks: int
    tokens: int
    """sum over the encoder inputs of the chunks"""
    truncated: int
    """chunks whose encoder input is longer than the encoder's limit"""
    token_histogram: dict[str, int]
    """number of chunks by the length of their encoder input in tokens, such as "128-159" """
    libraries: dict[str, str]
    """releases of the libraries that determine the content"""
    fusion: Fusion
    encoder_record: FileEntry | None = None
    """encoder.json of the exported encoder; None in versions of releases that did not record it"""
    previous: str | None = None
    """the version that was live when this one was built"""
    files: dict[Annotated[str, msgspec.Meta(pattern=PLAIN_NAME)], FileEntry] = field(default_factory=dict)
    """every other file of the version, but for the manifest's hash file"""
    languages: dict[str, int] = field(default_factory=dict)
    """number of documents by language, ISO 639-1, the most frequent first; without those of unknown language"""
    unread_languages: list[str] = field(default_factory=list)
    """those of the languages whose script the encoder does not read, in alphabetical order"""
    refusals: list[Refusal] = field(default_factory=list)
    """why the gate did not let it be published"""
    plan: ThreadPlan | None = None
    """the threads and processes of the build, on which the content does not depend"""
    schema: int = SCHEMA

    @property
    def size(self) -> int:
        """Sum of the sizes of the files, in bytes, without the manifest and its hash file."""
        return sum(entry.size for entry in self.files.values())


def encode_manifest(manifest: Manifest) -> bytes:
    """The JSON of a manifest: UTF-8, indented, keys in the order of the fields, with a newline at the end."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def decode_manifest(data: bytes, path: Path) -> Manifest:
    """Decode the JSON of a manifest; `path` is the path of the file, for the error.

    Raises OlderSchemaError or NewerSchemaError if another release wrote it, DamagedIndexError if it is not a manifest.
    """
    try:
        schema = msgspec.json.decode(data, type=_AnySchema).schema
        if schema > SCHEMA:
            raise NewerSchemaError(
                f"{path} was written in schema {schema} and this release reads up to {SCHEMA}: "
                "upgrade knowligo-index, or build the index again with this release."
            )
        if schema < SCHEMA:
            raise OlderSchemaError(
                f"{path} was written in schema {schema} by an earlier release and this one reads schema {SCHEMA}: "
                "build the index again with this release, which leaves that version as it is, or use the release that "
                "made it."
            )
        return msgspec.json.decode(data, type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise DamagedIndexError(
            f"{path} is not a manifest ({error}): build the index again, or copy it again from where it came from "
            "(under another name, then rename it)."
        ) from error


def token_histogram(tokens: Sequence[int]) -> dict[str, int]:
    """How many encoder inputs have a length in each range of 32 tokens: ascending, without empty ranges."""
    histogram: dict[str, int] = {}
    for low in sorted({count // _HISTOGRAM_STEP * _HISTOGRAM_STEP for count in tokens}):
        high = low + _HISTOGRAM_STEP - 1
        histogram[f"{low}-{high}"] = sum(low <= count <= high for count in tokens)
    return histogram


def count_documents(ledger: Iterable[LedgerEntry]) -> DocumentCounts:
    """The number of sources with each status; entries of single pages are not counted."""
    counts = Counter(entry.status for entry in ledger if entry.page is None)
    return DocumentCounts(counts["indexed"], counts["skipped"], counts["quarantined"])


@dataclass(frozen=True, slots=True)
class _AnySchema:
    schema: int
