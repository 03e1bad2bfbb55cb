"""Golden questions: questions that people would ask, each with the document that answers it, or that none does."""

import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path, PurePosixPath

import msgspec

from knowligo_index.errors import KnowledgeError
from knowligo_index.system.hashing import read_regular
from knowligo_index.system.os_errors import reason_of

# Of one file; the largest sets of questions that are published have some tens of megabytes.
_MAX_BYTES = 2**30


@dataclass(frozen=True, slots=True)
class GoldenQuestion:
    """A question and where its answer is."""

    question: str
    source: str | None
    """name of the document that answers it, relative to the knowledge folder; None if no document does"""
    contains: str | None = None
    """text that a passage must contain to be the answer; white space matches any other white space"""
    also: tuple[str, ...] = ()
    """other documents that answer it, too"""

    def __post_init__(self) -> None:
        if self.source is None and (self.contains is not None or self.also):
            name = "also" if self.contains is None else "contains"
            raise ValueError(f"`{name}` describes an answer, and a source of null says that there is none")

    def judged_name(self, source: str) -> str | None:
        """The name under which the question lists this document as answering it, which may lack the file's suffix; None
        if it does not list it."""
        names = (source, str(PurePosixPath(source).with_suffix("")))
        return next((name for name in names if name in (self.source, *self.also)), None)

    def is_answered_by(self, source: str, text: str) -> bool:
        """Whether a passage of the document `source` with this text is the answer."""
        is_relevant = self.judged_name(source) is not None
        return is_relevant and (self.contains is None or _folded(self.contains) in _folded(text))


def read_golden_questions(path: Path) -> list[GoldenQuestion]:
    """The questions in a JSON Lines file, in which blank lines are ignored, or in a folder in the format of BEIR.

    Raises KnowledgeError if they cannot be read.
    """
    return list(_judged_queries(path) if path.is_dir() else _golden_questions(path))


def _golden_questions(path: Path) -> Iterator[GoldenQuestion]:
    for number, line in enumerate(_read(path).splitlines(), start=1):
        if line.strip():
            try:
                yield msgspec.json.decode(line, type=GoldenQuestion)
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                problem = "; ".join([str(error), *_unknown_keys(line)])
                raise KnowledgeError(
                    f"{path}, line {number}, is not a golden question ({problem}): "
                    'write {"question": ..., "source": ...}, with a source of null if no document answers it.'
                ) from error


def _unknown_keys(line: bytes) -> list[str]:
    """What is wrong with the keys of a line that is not a golden question: one of them may be misspelt."""
    try:
        keys = msgspec.json.decode(line, type=dict[str, object])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return []
    known_keys = {field.name for field in fields(GoldenQuestion)}
    return [f"`{key}` is not a key of one" for key in keys if key not in known_keys]


class _Query(msgspec.Struct):
    id: str = msgspec.field(name="_id")
    text: str = ""


def _judged_queries(folder: Path) -> Iterator[GoldenQuestion]:
    """The queries in queries.jsonl, with the documents that are judged relevant to them in qrels/test.tsv or, if that
    does not exist, in the first file in qrels. The id of a document is the name of a source, with or without its
    suffix."""
    judgements = folder / "qrels" / "test.tsv"
    if not judgements.is_file():
        judgements = next(iter(sorted(folder.glob("qrels/*.tsv"))), judgements)
    relevant: dict[str, list[str]] = {}
    try:
        for row in csv.DictReader(_read(judgements).decode("utf-8").splitlines(), delimiter="\t"):
            if float(row["score"]) > 0:
                relevant.setdefault(row["query-id"], []).append(row["corpus-id"])
        queries = msgspec.json.Decoder(_Query).decode_lines(_read(folder / "queries.jsonl"))
    except (KeyError, TypeError, ValueError, msgspec.MsgspecError) as error:
        raise KnowledgeError(
            f"{folder} is not in the layout of BEIR ({type(error).__name__}: {error}): it needs queries.jsonl with _id "
            "and text, and qrels/test.tsv with query-id, corpus-id and score."
        ) from error
    for query in queries:
        if query.id in relevant:
            source, *also = relevant[query.id]
            yield GoldenQuestion(query.text, source, also=tuple(also))


def _read(path: Path) -> bytes:
    try:
        # A pipe in the folder of documents, which others may write to, would be waited for.
        return read_regular(Path(os.path.realpath(path)), _MAX_BYTES)
    except OSError as error:
        reason = reason_of(error)
        raise KnowledgeError(f"cannot read the golden questions {path} ({reason}): name another file.") from error


def _folded(text: str) -> str:
    """The text with each run of white space as one space."""
    return " ".join(text.split())
