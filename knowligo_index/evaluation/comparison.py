"""`diff`: what one version has and another has not."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Literal

from knowligo_index.errors import IndexNotFoundError
from knowligo_index.evaluation.golden_questions import GoldenQuestion
from knowligo_index.evaluation.question_changes import QuestionChanges, question_changes
from knowligo_index.store import Store
from knowligo_index.store.chunks import ChunkStore, DocumentSummary
from knowligo_index.store.manifest import CHUNKS_FILE, Manifest


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """A document that only one of the versions has, or that the two have in different states."""

    source: str
    change: Literal["added", "removed", "changed"]
    """changed: other bytes, or other passages from the same bytes"""
    chunks_before: int
    chunks_after: int


@dataclass(frozen=True, slots=True)
class ChunkChanges:
    """Chunks by what became of them; text and breadcrumb together say which chunk is the same."""

    added: int
    removed: int
    moved: int
    """the same, in another document or at another place in its document"""
    unchanged: int


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A setting, library or property of the encoder that is not the same."""

    name: str
    before: str | int | float | None
    after: str | int | float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What `diff --json` prints."""

    old: str
    new: str
    documents: list[DocumentChange]
    """those that changed, by name"""
    documents_unchanged: int
    chunks: ChunkChanges
    settings: list[ValueChange]
    """what the content was made with"""
    tokens: ValueChange
    bytes: ValueChange
    questions: QuestionChanges | None = None
    """None where there are no golden questions"""


_Place = tuple[str, int]


def compare(
    store: Store, old: str | None = None, new: str | None = None, questions: Sequence[GoldenQuestion] = ()
) -> Comparison:
    """What version `new` has that `old` has not. `new` is the live one unless given, `old` the one before `new`. Both
    are asked the questions, if there are some.

    Raises IndexNotFoundError or DamagedIndexError.
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
            closing(ChunkStore(before.check_file(CHUNKS_FILE))) as old_chunks,
            closing(ChunkStore(after.check_file(CHUNKS_FILE))) as new_chunks,
        ):
            old_places, new_places = _places(old_chunks), _places(new_chunks)
            changes, unchanged = _documents(
                old_chunks.documents(), new_chunks.documents(), _by_source(old_places), _by_source(new_places)
            )
            return Comparison(
                old=before.id,
                new=after.id,
                documents=changes,
                documents_unchanged=unchanged,
                chunks=_chunks(old_places, new_places),
                settings=_settings(before.manifest, after.manifest),
                tokens=ValueChange("tokens", before.manifest.tokens, after.manifest.tokens),
                bytes=ValueChange("bytes", before.manifest.size, after.manifest.size),
                questions=question_changes(store, before.id, after.id, questions) if questions else None,
            )


def _places(chunks: ChunkStore) -> Counter[tuple[str, _Place]]:
    """(hash of breadcrumb and text, (source, offset)) of every chunk."""
    return Counter(
        (hashlib.sha256(f"{breadcrumb}\0{text}".encode()).hexdigest(), (source, char_start))
        for source, char_start, breadcrumb, text in chunks.texts()
    )


def _by_source(places: Counter[tuple[str, _Place]]) -> dict[str, set[tuple[str, int]]]:
    found: dict[str, set[tuple[str, int]]] = {}
    for content, (source, char_start) in places:
        found.setdefault(source, set()).add((content, char_start))
    return found


def _chunks(old: Counter[tuple[str, _Place]], new: Counter[tuple[str, _Place]]) -> ChunkChanges:
    old_left, new_left = old - new, new - old
    old_contents = Counter(content for content, _ in old_left.elements())
    new_contents = Counter(content for content, _ in new_left.elements())
    return ChunkChanges(
        added=(new_contents - old_contents).total(),
        removed=(old_contents - new_contents).total(),
        moved=(old_contents & new_contents).total(),
        unchanged=(old & new).total(),
    )


def _documents(
    old: list[DocumentSummary],
    new: list[DocumentSummary],
    old_chunks: dict[str, set[tuple[str, int]]],
    new_chunks: dict[str, set[tuple[str, int]]],
) -> tuple[list[DocumentChange], int]:
    """The documents that changed, and how many did not."""
    before = {document.source: document for document in old}
    after = {document.source: document for document in new}
    changes: list[DocumentChange] = []
    for source in sorted({*before, *after}):
        was, now = before.get(source), after.get(source)
        if was is None and now is not None:
            changes.append(DocumentChange(source, "added", 0, now.chunks))
        elif was is not None and now is None:
            changes.append(DocumentChange(source, "removed", was.chunks, 0))
        elif was is not None and now is not None:
            same = was.sha256 == now.sha256 and old_chunks.get(source) == new_chunks.get(source)
            if not same:
                changes.append(DocumentChange(source, "changed", was.chunks, now.chunks))
    return changes, len({*before, *after}) - len(changes)


def _settings(old: Manifest, new: Manifest) -> list[ValueChange]:
    before, after = _made_with(old), _made_with(new)
    names = [*before, *(name for name in after if name not in before)]
    return [
        ValueChange(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)
    ]


def _made_with(manifest: Manifest) -> dict[str, str | int | float]:
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
