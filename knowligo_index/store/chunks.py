"""Read the chunk store that `chunks_writer` wrote: passages, documents, and the full-text search."""

import json
import sqlite3
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from knowligo_index.errors import ClosedIndexError, DamagedIndexError
from knowligo_index.store.chunks_database import STATEMENT_SECONDS, Deadline, foreign_objects, open_database
from knowligo_index.store.passage import Passage
from knowligo_index.system.hashing import read_regular
from knowligo_index.system.os_errors import reason_of
from knowligo_index.types import join_breadcrumb

_COLUMNS = (
    "id, source, title, text, char_start, char_end, headings, breadcrumb, line_start, line_end, page_start, page_end, "
    "tokens"
)


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """A document of the index and its sizes."""

    source: str
    title: str
    format: str
    sha256: str
    """of the bytes of the source"""
    characters: int
    """length of the canonical text, in code points"""
    chunks: int
    tokens: int
    """sum over the encoder inputs of its chunks"""
    metadata: dict[str, str | list[str]]
    language: str | None = None
    """ISO 639-1; None if it cannot be determined"""


class ChunkStore:
    """A chunk store, opened in memory. Several threads may use it at once: SQLite serialises them."""

    def __init__(self, path: Path, data: bytes | None = None) -> None:
        """`data` is the content of the file, if it was read already. Raises DamagedIndexError."""
        self._path = path
        try:
            data = read_regular(path, sys.maxsize) if data is None else data
            self._connection = open_database(data)
        except OSError as error:
            raise self._unreadable(error) from error
        except sqlite3.Error as error:
            raise DamagedIndexError(
                f"{self._path} is not a valid store of passages ({error}): build the index again."
            ) from error
        self._deadline = Deadline(self._connection)
        self._connection.row_factory = sqlite3.Row
        # FTS5 runs a statement for every passage that it ranks, to look up its length. Within a transaction, none of
        # these statements has to end one of its own. BEGIN itself reads nothing from the file: if that is no database,
        # the first statement that reads it fails.
        self._connection.execute("BEGIN")

    def close(self) -> None:
        self._connection.close()

    def check(self, chunks: int, *, deep: bool = False) -> None:
        """Raises DamagedIndexError if this is not a store of `chunks` chunks. With `deep`, SQLite also checks every
        page of the file, however long that takes."""
        count = None
        self._deadline.start(float("inf") if deep else STATEMENT_SECONDS)
        try:
            foreign = foreign_objects(self._connection)
            verdict = f"{', '.join(foreign)}: not as this package makes it" if foreign else "ok"
            if not foreign:
                count = self._connection.execute("SELECT count(*) FROM chunks").fetchone()[0]
                verdict = self._connection.execute("PRAGMA integrity_check").fetchone()[0] if deep else "ok"
        except sqlite3.Error as error:
            verdict = str(error)
        if count != chunks or verdict != "ok":
            why = f"it has {count} passages and the manifest says {chunks}" if verdict == "ok" else verdict
            raise DamagedIndexError(f"{self._path} is not a valid store of passages ({why}): build the index again.")

    def _rows(self, statement: str, parameters: Sequence[str | int] = ()) -> list[sqlite3.Row]:
        self._deadline.start()
        try:
            return self._connection.execute(statement, parameters).fetchall()
        except sqlite3.ProgrammingError as error:
            raise ClosedIndexError(
                f"{self._path} is closed: search before you close the index, or open it again."
            ) from error
        except (sqlite3.DatabaseError, OverflowError) as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: Exception) -> DamagedIndexError:
        reason = str(error)
        if isinstance(error, OSError):
            reason = reason_of(error)
        elif reason == "interrupted":
            reason = f"it did not answer within {STATEMENT_SECONDS:.0f} seconds"
        return DamagedIndexError(f"cannot read {self._path} ({reason}): check the disk, or build the index again.")

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """The passages with these ids, in the order of `ids`. Raises KeyError for an id that does not exist."""
        rows = self._rows(
            f"SELECT {_COLUMNS} FROM passages WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),)
        )
        passages = {row["id"]: _passage(row) for row in rows}
        return [passages[chunk_id] for chunk_id in ids]

    def neighbour(self, chunk_id: int, offset: int) -> Passage | None:
        """The passage of the same document that comes `offset` places after this one, or before it if `offset` is
        negative; None if there is no such passage. Raises ClosedIndexError."""
        rows = self._rows(
            f"SELECT {_COLUMNS} FROM passages WHERE id = ? AND document = (SELECT document FROM chunks WHERE id = ?)",
            (chunk_id + offset, chunk_id),
        )
        return _passage(rows[0]) if rows else None

    def count_matches(self, expression: str) -> int:
        """How many passages match an FTS5 expression."""
        count: int = self._rows("SELECT count(*) FROM passages_fts WHERE passages_fts MATCH ?", (expression,))[0][0]
        return count

    def lexical_search(
        self, expression: str, k: int, among: str | None = None, include: Sequence[int] = ()
    ) -> list[tuple[int, float]]:
        """Ids and BM25 scores of the `k` passages that match an FTS5 expression best, best first; then those of the
        passages in `include` that match it and are not among the best.

        A higher score is better; of equal scores the lower id comes first. With `among`, only passages that match this
        expression too, and those in `include`, are ranked, which is faster. No score depends on `among` or `include`.
        """
        if not expression:
            return []
        included = json.dumps(list(include))
        # A passage that is left out is never ranked. The plus keeps SQLite from looking up every single passage in the
        # full-text index.
        condition = (
            "AND (+rowid IN (SELECT rowid FROM passages_fts WHERE passages_fts MATCH ?) "
            "OR +rowid IN (SELECT value FROM json_each(?)))"
            if among
            else ""
        )
        # The rank of FTS5 is the negative BM25 score. One statement for all: most of its time goes into counting the
        # passages that have each phrase, which a second statement would do again.
        rows = self._rows(
            "WITH ranked AS MATERIALIZED (SELECT rowid AS id, -rank AS score FROM passages_fts "
            f"WHERE passages_fts MATCH ? {condition}), "
            "best AS MATERIALIZED (SELECT id, score FROM ranked ORDER BY score DESC, id LIMIT ?) "
            "SELECT id, score FROM (SELECT id, score, 0 AS place FROM best UNION ALL "
            "SELECT id, score, 1 FROM ranked WHERE id IN (SELECT value FROM json_each(?)) "
            "AND id NOT IN (SELECT id FROM best)) ORDER BY place, score DESC, id",
            (expression, among, included, k, included) if among else (expression, k, included),
        )
        return [(row[0], row[1]) for row in rows]

    def written(self, ids: Sequence[int]) -> list[str]:
        """Breadcrumb and text of each of these passages, joined, with their markup."""
        return [join_breadcrumb(passage.breadcrumb, passage.text) for passage in self.passages(ids)]

    def languages(self) -> list[str | None]:
        """For each passage, in the order of the ids, the language of its document: ISO 639-1, or None if it could not
        be determined."""
        rows = self._rows(
            "SELECT language FROM chunks JOIN documents ON documents.id = chunks.document ORDER BY chunks.id"
        )
        return [row["language"] for row in rows]

    def texts(self) -> list[tuple[str, int, str, str]]:
        """Source, `char_start`, breadcrumb and text of every chunk, in the order of the ids."""
        rows = self._rows("SELECT source, char_start, breadcrumb, text FROM passages ORDER BY id")
        return [(row["source"], row["char_start"], row["breadcrumb"], row["text"]) for row in rows]

    def documents(self) -> list[DocumentSummary]:
        """Every document, in the order of the index."""
        rows = self._rows(
            "SELECT source, title, format, sha256, length(text) AS characters, count(chunks.id) AS chunks, "
            "total(tokens) AS tokens, metadata, language FROM documents "
            "LEFT JOIN chunks ON chunks.document = documents.id GROUP BY documents.id ORDER BY documents.id"
        )
        return [
            DocumentSummary(**{**dict(row), "tokens": int(row["tokens"]), "metadata": json.loads(row["metadata"])})
            for row in rows
        ]


def _passage(row: sqlite3.Row) -> Passage:
    return Passage(**{**dict(row), "headings": tuple(json.loads(row["headings"]))})
