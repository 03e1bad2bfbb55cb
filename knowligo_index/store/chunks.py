"""Read the chunk store, which `chunk_store_writer` wrote once."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from knowligo_index.errors import ClosedIndexError, DamagedIndexError
from knowligo_index.store.passage import Passage
from knowligo_index.types import join_breadcrumb

_COLUMNS = (
    "id, source, title, text, char_start, char_end, headings, breadcrumb, line_start, line_end, page_start, page_end, "
    "tokens"
)


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """A document of the index, in numbers."""

    source: str
    title: str
    format: str
    sha256: str
    """of the source's bytes"""
    characters: int
    chunks: int
    tokens: int
    metadata: dict[str, str | list[str]]
    language: str | None = None
    """ISO 639-1; None where it cannot be told"""


class ChunkStore:
    """A chunk store opened read-only and immutable: no lock, no journal, no write, on any file system.

    May be used from several threads at once: SQLite serialises them.
    """

    def __init__(self, path: Path) -> None:
        uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        self._connection = sqlite3.connect(uri, uri=True, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        # FTS5 looks up the length of every passage it ranks with a statement of its own. Within a transaction none of
        # them has to end one. It reads nothing: a file that is no database is noticed at the first statement that does.
        self._connection.execute("BEGIN")
        self._path = path

    def close(self) -> None:
        self._connection.close()

    def check(self, chunks: int, *, deep: bool = False) -> None:
        """Raises DamagedIndexError where this isn't a store of so many chunks; `deep` has SQLite check every page."""
        try:
            found = self._connection.execute("SELECT count(*) FROM chunks").fetchone()[0]
            verdict = self._connection.execute("PRAGMA integrity_check").fetchone()[0] if deep else "ok"
        except sqlite3.Error as error:
            found, verdict = None, str(error)
        if found != chunks or verdict != "ok":
            why = f"it has {found} chunks and the manifest says {chunks}" if verdict == "ok" else verdict
            raise DamagedIndexError(f"{self._path} is not the chunk store it should be ({why}): build the index again.")

    def _rows(self, statement: str, parameters: Sequence[str | int] = ()) -> list[sqlite3.Row]:
        try:
            return self._connection.execute(statement, parameters).fetchall()
        except sqlite3.ProgrammingError as error:
            raise ClosedIndexError(
                f"{self._path} was closed: ask before the index is closed, or open it again."
            ) from error
        except (sqlite3.DatabaseError, OverflowError) as error:
            raise DamagedIndexError(
                f"SQLite could not read {self._path} ({error}): see to the disk, or build the index again."
            ) from error

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """The passages with these ids, in the order of `ids`. Raises KeyError for an id that is not there."""
        rows = self._rows(
            f"SELECT {_COLUMNS} FROM passages WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),)
        )
        found = {row["id"]: _passage(row) for row in rows}
        return [found[chunk_id] for chunk_id in ids]

    def beside(self, chunk_id: int, step: int) -> Passage | None:
        """The passage so many places after this one in its document, or before it; None where there is none. Raises
        ClosedIndexError."""
        rows = self._rows(
            f"SELECT {_COLUMNS} FROM passages WHERE id = ? AND document = (SELECT document FROM chunks WHERE id = ?)",
            (chunk_id + step, chunk_id),
        )
        return _passage(rows[0]) if rows else None

    def matches(self, expression: str) -> int:
        """How many passages match an FTS5 expression."""
        count: int = self._rows("SELECT count(*) FROM passages_fts WHERE passages_fts MATCH ?", (expression,))[0][0]
        return count

    def lexical_search(
        self, expression: str, k: int, among: str | None = None, others: Sequence[int] = ()
    ) -> list[tuple[int, float]]:
        """Ids and BM25 scores (higher is better) of the best `k` passages that match an FTS5 expression, best first;
        with `among`, of those only that match this one too, or are among these others. Neither moves any score. Then
        come those of the others that match and are not among the best."""
        if not expression:
            return []
        asked = json.dumps(list(others))
        # A passage that is left out is never ranked. The plus keeps SQLite from asking the full-text index for one
        # passage after the other.
        chosen = (
            "AND (+rowid IN (SELECT rowid FROM passages_fts WHERE passages_fts MATCH ?) "
            "OR +rowid IN (SELECT value FROM json_each(?)))"
            if among
            else ""
        )
        # FTS5's rank is BM25, negative, the best match lowest. Ties go to the earlier passage. Most of the time goes
        # into counting what has each phrase, which a second statement for the others would do again.
        rows = self._rows(
            "WITH ranked AS MATERIALIZED (SELECT rowid AS id, -rank AS score FROM passages_fts "
            f"WHERE passages_fts MATCH ? {chosen}), "
            "best AS MATERIALIZED (SELECT id, score FROM ranked ORDER BY score DESC, id LIMIT ?) "
            "SELECT id, score FROM (SELECT id, score, 0 AS place FROM best UNION ALL "
            "SELECT id, score, 1 FROM ranked WHERE id IN (SELECT value FROM json_each(?)) "
            "AND id NOT IN (SELECT id FROM best)) ORDER BY place, score DESC, id",
            (expression, among, asked, k, asked) if among else (expression, k, asked),
        )
        return [(row[0], row[1]) for row in rows]

    def written(self, ids: Sequence[int]) -> list[str]:
        """Breadcrumb and text of each of these passages, as they are written: markup included, which nobody reads."""
        return [join_breadcrumb(passage.breadcrumb, passage.text) for passage in self.passages(ids)]

    def languages(self) -> list[str | None]:
        """The language of each passage's document, ISO 639-1, None where it cannot be told, in the order of the ids."""
        rows = self._rows(
            "SELECT language FROM chunks JOIN documents ON documents.id = chunks.document ORDER BY chunks.id"
        )
        return [row["language"] for row in rows]

    def texts(self) -> list[tuple[str, int, str, str]]:
        """Source, first character, breadcrumb and text of every chunk, in their order."""
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
