"""Golden questions: what a person would ask, and the document that answers."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from knowligo_index.errors import KnowledgeError


@dataclass(frozen=True, slots=True)
class GoldenQuestion:
    """A question and where its answer is."""

    question: str
    source: str
    """name of the document that answers it, relative to the knowledge folder"""
    contains: str | None = None
    """text that the passage must hold to be the answer"""


def read_golden_questions(path: Path) -> list[GoldenQuestion]:
    """The questions in a file of JSON Lines, blank lines left out. Raises KnowledgeError where it cannot be read."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise KnowledgeError(f"cannot read the golden questions {path} ({why}): name another file.") from error
    questions: list[GoldenQuestion] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            questions.append(msgspec.json.decode(line, type=GoldenQuestion))
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise KnowledgeError(
                f'{path}, line {number}, is not a golden question ({error}): write {{"question": ..., "source": ...}}.'
            ) from error
    return questions
