"""`diff`: what differs between two versions: documents, passages, settings, and the answers to golden questions."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Literal, NamedTuple

from knowligo_index.errors import IndexNotFoundError
from knowligo_index.evaluation.answer_changes import AnswerChanges, answer_changes
from knowligo_index.evaluation.golden_questions import GoldenQuestion
from knowligo_index.store import Store
from knowligo_index.store.chunks import ChunkStore, DocumentSummary
from knowligo_index.store.manifest import CHUNKS_FILE, Manifest


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """A document that only one of the versions has, or that differs between them."""

    source: str
    change: Literal["added", "removed", "changed"]
    """changed: the source has other bytes, or gave other passages"""
    chunks_before: int
    chunks_after: int


@dataclass(frozen=True, slots=True)
class ChunkChanges:
    """The number of chunks by how they differ. Chunks with the same text and breadcrumb are the same chunk."""

    added: int
    removed: int
    moved: int
    """the same chunk, in another document or at another position of its document"""
    unchanged: int


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A setting, a release of a library, a property of the encoder or a total that differs."""

    name: str
    before: str | int | float | None
    after: str | int | float | None


@dataclass(frozen=True, slots=True)
class VersionDiff:
    """What `diff --json` prints."""

    old: str
    new: str
    documents: list[DocumentChange]
    """those that differ, sorted by name"""
    documents_unchanged: int
    chunks: ChunkChanges
    settings: list[ValueChange]
    """settings, libraries and properties of the encoder on which the content depends"""
    tokens: ValueChange
    bytes: ValueChange
    questions: AnswerChanges | None = None
    """None if there are no golden questions"""


class _PlacedChunk(NamedTuple):
    """A chunk and its position in the version."""

    content_sha256: str
    """of breadcrumb and text"""
    source: str
    char_start: int


class _ChunkOfDocument(NamedTuple):
    """A chunk and its position in its document."""

    content_sha256: str
    char_start: int


def diff_versions(
    store: Store, old: str | None = None, new: str | None = None, questions: Sequence[GoldenQuestion] = ()
) -> VersionDiff:
    """What differs between the versions `old` and `new`. The default for `new` is the live version, and for `old` the
    predecessor of `new`. If there are golden questions, both versions are searched for them.

    Raises IndexNotFoundError or DamagedIndexError; with golden questions also EncoderMismatchError.
    """
    with store.leased(new) as after:
        old = old or store.predecessor(after.id)
        if old is None:
            raise IndexNotFoundError(
                f"there is no version before {after.id} in {store.root} to compare it with: name two, `knowligo-index "
                "diff OLD NEW`."
            )
        with (
            store.leased(old) as before,
            closing(ChunkStore(before.folder / CHUNKS_FILE, before.read_file(CHUNKS_FILE))) as old_store,
            closing(ChunkStore(after.folder / CHUNKS_FILE, after.read_file(CHUNKS_FILE))) as new_store,
        ):
            old_chunks, new_chunks = _placed_chunks(old_store), _placed_chunks(new_store)
            changes, unchanged = _document_changes(
                old_store.documents(), new_store.documents(), _by_source(old_chunks), _by_source(new_chunks)
            )
            return VersionDiff(
                old=before.id,
                new=after.id,
                documents=changes,
                documents_unchanged=unchanged,
                chunks=_chunk_changes(old_chunks, new_chunks),
                settings=_setting_changes(before.manifest, after.manifest),
                tokens=ValueChange("tokens", before.manifest.tokens, after.manifest.tokens),
                bytes=ValueChange("bytes", before.manifest.size, after.manifest.size),
                questions=answer_changes(store, before.id, after.id, questions) if questions else None,
            )


def _placed_chunks(store: ChunkStore) -> Counter[_PlacedChunk]:
    return Counter(
        _PlacedChunk(hashlib.sha256(f"{breadcrumb}\0{text}".encode()).hexdigest(), source, char_start)
        for source, char_start, breadcrumb, text in store.texts()
    )


def _by_source(chunks: Counter[_PlacedChunk]) -> dict[str, set[_ChunkOfDocument]]:
    chunks_by_source: dict[str, set[_ChunkOfDocument]] = {}
    for chunk in chunks:
        chunk_of_document = _ChunkOfDocument(chunk.content_sha256, chunk.char_start)
        chunks_by_source.setdefault(chunk.source, set()).add(chunk_of_document)
    return chunks_by_source


def _chunk_changes(old: Counter[_PlacedChunk], new: Counter[_PlacedChunk]) -> ChunkChanges:
    only_old = Counter(chunk.content_sha256 for chunk in (old - new).elements())
    only_new = Counter(chunk.content_sha256 for chunk in (new - old).elements())
    return ChunkChanges(
        added=(only_new - only_old).total(),
        removed=(only_old - only_new).total(),
        moved=(only_old & only_new).total(),
        unchanged=(old & new).total(),
    )


def _document_changes(
    old: list[DocumentSummary],
    new: list[DocumentSummary],
    old_chunks: dict[str, set[_ChunkOfDocument]],
    new_chunks: dict[str, set[_ChunkOfDocument]],
) -> tuple[list[DocumentChange], int]:
    """The documents that differ, and the number of those that do not."""
    old_documents = {document.source: document for document in old}
    new_documents = {document.source: document for document in new}
    changes: list[DocumentChange] = []
    sources = sorted({*old_documents, *new_documents})
    for source in sources:
        before, after = old_documents.get(source), new_documents.get(source)
        if before is None and after is not None:
            changes.append(DocumentChange(source, "added", 0, after.chunks))
        elif before is not None and after is None:
            changes.append(DocumentChange(source, "removed", before.chunks, 0))
        elif before is not None and after is not None:
            is_same = before.sha256 == after.sha256 and old_chunks.get(source) == new_chunks.get(source)
            if not is_same:
                changes.append(DocumentChange(source, "changed", before.chunks, after.chunks))
    return changes, len(sources) - len(changes)


def _setting_changes(old: Manifest, new: Manifest) -> list[ValueChange]:
    before, after = _content_settings(old), _content_settings(new)
    names = [*before, *(name for name in after if name not in before)]
    return [
        ValueChange(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)
    ]


def _content_settings(manifest: Manifest) -> dict[str, str | int | float]:
    encoder = manifest.encoder
    return {
        **manifest.settings,
        "encoder": encoder.id,
        "encoder fingerprint": encoder.fingerprint,
        "engine": encoder.engine,
        "precision": encoder.precision,
        "created_by": manifest.created_by,
        **manifest.libraries,
    }
