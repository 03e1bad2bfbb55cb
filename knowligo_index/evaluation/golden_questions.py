"""Golden questions: what a person would ask, and the document that answers, or that none does."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import msgspec

from knowligo_index.errors import KnowledgeError
from knowligo_index.system.os_errors import reason_of


@dataclass(frozen=True, slots=True)
class GoldenQuestion:
    """A question and where its answer is."""

    question: str
    source: str | None
    """name of the document that answers it, relative to the knowledge folder; None where nothing answers it"""
    contains: str | None = None
    """text that the passage must hold to be the answer; any white space stands for any other"""
    also: tuple[str, ...] = ()
    """further documents that answer it as well"""

    def __post_init__(self) -> None:
        if self.source is None and (self.contains is not None or self.also):
            name = "also" if self.contains is None else "contains"
            raise ValueError(f"`{name}` says what answers it, and a source of null that nothing does")

    def judged_name(self, source: str) -> str | None:
        """The name by which it says that this document answers it, with its ending or without; None where it does
        not."""
        names = (source, str(PurePosixPath(source).with_suffix("")))
        return next((name for name in names if name in (self.source, *self.also)), None)

    def is_answered_by(self, source: str, text: str) -> bool:
        """Whether a passage of this document with this text is the answer."""
        return self.judged_name(source) is not None and (self.contains is None or _plain(self.contains) in _plain(text))


@dataclass(frozen=True, slots=True)
class Declined:
    """Of how many of some questions a version says that the documents do not answer them."""

    questions: int
    declined: int | None
    """None where they were asked in another mode than hybrid, whose scores do not tell"""


def read_golden_questions(path: Path) -> list[GoldenQuestion]:
    """The questions in a file of JSON Lines, blank lines left out, or in a folder in the layout of BEIR. Raises
    KnowledgeError where they cannot be read."""
    return list(_judged_queries(path) if path.is_dir() else _golden_questions(path))


def _golden_questions(path: Path) -> Iterator[GoldenQuestion]:
    for number, line in enumerate(_read(path).splitlines(), start=1):
        if line.strip():
            try:
                yield msgspec.json.decode(line, type=GoldenQuestion)
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                raise KnowledgeError(
                    f"{path}, line {number}, is not a golden question ({error}): "
                    'write {"question": ..., "source": ...}, with a source of null where nothing answers.'
                ) from error


class _Query(msgspec.Struct):
    id: str = msgspec.field(name="_id")
    text: str = ""


def _judged_queries(folder: Path) -> Iterator[GoldenQuestion]:
    """Queries with the documents that were judged relevant to them, by queries.jsonl and qrels/test.tsv (or, without
    it, the one file in qrels). Ids of documents are names of sources, with their ending or without."""
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
            first, *others = relevant[query.id]
            yield GoldenQuestion(query.text, first, also=tuple(others))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        why = reason_of(error)
        raise KnowledgeError(f"cannot read the golden questions {path} ({why}): name another file.") from error


def _plain(text: str) -> str:
    return " ".join(text.split())
