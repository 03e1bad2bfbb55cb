"""Write the chunk store: documents and chunks in one SQLite file, with a full-text index.

The text of a chunk is stored only as a span of its document's text, and cut out when it is read: the two cannot differ.
"""

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from knowligo_index.chunking.chunked_document import ChunkedDocument
from knowligo_index.errors import StorageError
from knowligo_index.store.chunks_database import CHUNKS_SCHEMA
from knowligo_index.types import Chunk


def write_chunk_store(path: Path, documents: Iterable[ChunkedDocument]) -> None:
    """Write a new chunk store. The same documents in the same order give the same bytes. Raises StorageError."""
    with ChunkStoreWriter(path) as writer:
        for document in documents:
            writer.add(document)


class ChunkStoreWriter:
    """Writes a new chunk store document by document. A context manager: it completes the file at the end of the block,
    unless the block raised an error."""

    def __init__(self, path: Path) -> None:
        """Raises StorageError, as all methods do."""
        self._path = path
        self._documents = self._chunks = 0
        with self._naming(), contextlib.ExitStack() as on_failure:
            self._connection = on_failure.enter_context(contextlib.closing(sqlite3.connect(path)))
            self._connection.executescript(CHUNKS_SCHEMA)
            on_failure.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.closing(self._connection):
            if error is None:
                with self._naming():
                    self._complete()

    def add(self, chunked: ChunkedDocument) -> None:
        """Append a document and its chunks."""
        document = chunked.document
        with self._naming():
            self._connection.execute(
                "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    self._documents,
                    document.source,
                    document.format,
                    document.title,
                    chunked.sha256,
                    document.encoding,
                    document.language,
                    _to_json(document.metadata),
                    document.text,
                ),
            )
            for chunk_id, chunk in enumerate(chunked.chunks, self._chunks):
                self._add_chunk(chunk_id, chunk)
        self._documents += 1
        self._chunks += len(chunked.chunks)

    def _add_chunk(self, chunk_id: int, chunk: Chunk) -> None:
        self._connection.execute(
            "INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                chunk_id,
                self._documents,
                chunk.char_start,
                chunk.char_end,
                _to_json(chunk.headings),
                chunk.breadcrumb,
                chunk.line_start,
                chunk.line_end,
                chunk.page_start,
                chunk.page_end,
                chunk.tokens,
            ),
        )
        self._connection.execute(
            "INSERT INTO passages_fts (rowid, breadcrumb, text) VALUES (?, ?, ?)",
            (chunk_id, *chunk.read_parts),
        )

    def _complete(self) -> None:
        # Merge the segments of the full-text index into one: it is faster to search, and its bytes do not depend on the
        # merges that FTS5 did meanwhile.
        self._connection.execute("INSERT INTO passages_fts (passages_fts) VALUES ('optimize')")
        self._connection.commit()
        self._connection.execute("VACUUM")

    @contextlib.contextmanager
    def _naming(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StorageError(f"cannot write {self._path} ({error}): check the disk and build again.") from error


def _to_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
