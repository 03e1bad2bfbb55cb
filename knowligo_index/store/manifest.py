"""The manifest: what a version is made of, as JSON that is checked when it is read."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Protocol, Self

import msgspec

from knowligo_index.encoders.protocol import EncoderDescription
from knowligo_index.errors import DamagedIndexError, NewerSchemaError, OlderSchemaError
from knowligo_index.sources.ledger import LedgerEntry
from knowligo_index.system.hashing import FileEntry
from knowligo_index.system.threads import ThreadPlan

SCHEMA = 2
"""Raised when a reader of the schema before could not read the files, or this one those of the schema before."""

MANIFEST_FILE = "manifest.json"
VECTORS_FILE = "vectors.faiss"
CHUNKS_FILE = "chunks.sqlite"
LEDGER_FILE = "ledger.jsonl"

_HISTOGRAM_STEP = 32


class Scored(Protocol):
    """A hit, for all that a manifest knows of it."""

    @property
    def score(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Probe:
    """A text and the vector that the index's encoder gave it when the index was built."""

    text: str
    vector: list[float]


@dataclass(frozen=True, slots=True)
class DocumentCounts:
    """Sources by what became of them; together they are all the sources there are."""

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
    """How a version's hybrid search weighs what the dense and the lexical search found (`search/fusion.py`)."""

    dense_weight: Annotated[float, msgspec.Meta(ge=0, le=1)]
    """the dense evidence's share: 0 is lexical alone, 1 dense alone"""
    unrelated_cosine: Annotated[float, msgspec.Meta(ge=-1, lt=1)]
    """what the encoder gives to a question and a passage that have nothing to do with each other"""
    answered: Annotated[float, msgspec.Meta(ge=0, le=1)]
    """the score that the best passage has at the least where the documents answer"""

    def is_answered(self, hits: Sequence[Scored]) -> bool:
        """Whether the hits of a hybrid search, best first, are evidence enough that the documents answer."""
        return bool(hits) and hits[0].score >= self.answered


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything there is to know about a version without opening its other files."""

    version: str
    """`<counter>-<digest>`"""
    counter: int
    digest: str
    """12 hexadecimal digits of the hash of everything that determines the content"""
    created_at: str
    """ISO 8601, UTC; SOURCE_DATE_EPOCH where it is set"""
    created_by: str
    """this package's release"""
    settings: dict[str, str | int | float]
    """those that change the content"""
    encoder: EncoderDescription
    probes: list[Probe]
    documents: DocumentCounts
    chunks: int
    tokens: int
    """sum over the chunks' encoder inputs"""
    truncated: int
    token_histogram: dict[str, int]
    """chunks by length of the encoder's input, in tokens: "128-159" -> how many"""
    libraries: dict[str, str]
    """releases of the libraries that determine the content"""
    fusion: Fusion
    previous: str | None = None
    """the version that was live when this one was published"""
    files: dict[str, FileEntry] = field(default_factory=dict)
    """every other file of the version"""
    languages: dict[str, int] = field(default_factory=dict)
    """documents by language, ISO 639-1, those whose language cannot be told left out; the most frequent first"""
    unread_languages: list[str] = field(default_factory=list)
    """those of them whose script the encoder does not read, in alphabetical order"""
    refusals: list[Refusal] = field(default_factory=list)
    """why the gate did not let it be published"""
    plan: ThreadPlan | None = None
    """what the build ran on, which changes nothing in the version"""
    schema: int = SCHEMA

    @property
    def size(self) -> int:
        """bytes of every file but the manifest"""
        return sum(entry.size for entry in self.files.values())


@dataclass(frozen=True, slots=True)
class VersionSummary:
    """A line of `list`. The fields from `created_at` to `bytes` are None where the manifest cannot be read."""

    version: str
    current: bool
    """whether CURRENT names it"""
    created_at: str | None = None
    documents: int | None = None
    chunks: int | None = None
    bytes: int | None = None
    """of all its files but the manifest"""
    refused: bool = False
    """whether the gate kept it from being published"""
    problem: str | None = None
    """why the manifest cannot be read"""

    @classmethod
    def of(cls, manifest: Manifest, *, current: bool) -> Self:
        return cls(
            version=manifest.version,
            current=current,
            created_at=manifest.created_at,
            documents=manifest.documents.indexed,
            chunks=manifest.chunks,
            bytes=manifest.size,
            refused=bool(manifest.refusals),
        )


def encode_manifest(manifest: Manifest) -> bytes:
    """JSON for people and machines: indented, keys in the order of the fields, UTF-8, a newline at the end."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def decode_manifest(data: bytes, path: Path) -> Manifest:
    """Read a manifest's bytes; `path` is where they came from, for the error.

    Raises OlderSchemaError or NewerSchemaError where another release wrote it, DamagedIndexError where it is not a
    manifest.
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
            f"{path} is not a manifest ({error}): build the index again, or copy it again from where it came from."
        ) from error


def token_histogram(tokens: Sequence[int]) -> dict[str, int]:
    """How many inputs there are in each range of 32 tokens, empty ranges left out, in ascending order."""
    histogram: dict[str, int] = {}
    for low in sorted({count // _HISTOGRAM_STEP * _HISTOGRAM_STEP for count in tokens}):
        high = low + _HISTOGRAM_STEP - 1
        histogram[f"{low}-{high}"] = sum(low <= count <= high for count in tokens)
    return histogram


def count_documents(ledger: Iterable[LedgerEntry]) -> DocumentCounts:
    """How many sources became what."""
    counts = Counter(entry.status for entry in ledger if entry.page is None)
    return DocumentCounts(counts["indexed"], counts["skipped"], counts["quarantined"])


@dataclass(frozen=True, slots=True)
class _AnySchema:
    schema: int
