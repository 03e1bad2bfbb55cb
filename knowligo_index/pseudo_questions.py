"""Questions that a corpus asks itself: what a passage is headed by, or how it begins, is asked for, and looked for in
the passage without it.

That way nobody has to label anything, and a question never finds its own words in the passage it comes from. Sentences
as questions are known as the inverse cloze task (Lee, Chang and Toutanova, "Latent Retrieval for Weakly Supervised Open
Domain Question Answering", 2019); headings are what people are most likely to ask in.
"""

import hashlib
import heapq
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from sentencex import segment

from knowligo_index.types import Chunk

POOL = 500
"""passages that a question is looked for in: enough to tell good weights from bad ones, and no more work for a large
corpus than for a small one"""
QUESTIONS = 64
"""of them are asked for"""

_LEAST_WORDS = 5
_MOST_WORDS = 40
_LEAST_HEADING_WORDS = 2
# What is left of a passage must say something.
_LEAST_LEFT = 8

_WORD = re.compile(r"[^\W\d_]{2,}")
_MARKS = " \t\r\n#>*-+|`_"


@dataclass(frozen=True, slots=True)
class SampledChunk:
    """A chunk of the sample, and its row in the index."""

    row: int
    chunk: Chunk
    language: str | None = None
    """of its document"""


@dataclass(frozen=True, slots=True)
class PseudoQuestion:
    """A question, and the passage that answers it without the question's words."""

    question: str
    row: int
    """of the passage in the index"""
    passage: Chunk
    """its breadcrumb and text are what is read of them, held out: the spans are those of the whole passage"""


class Sample:
    """The chunks with the lowest hashes: the same for the same corpus, in whatever order they come, and most of them
    stay when the corpus changes."""

    def __init__(self, size: int = POOL) -> None:
        self._size = size
        self._heap: list[tuple[int, int, SampledChunk]] = []

    def offer(self, sampled: SampledChunk) -> None:
        """Take it, unless there are enough with lower hashes."""
        digest = hashlib.sha256(sampled.chunk.encoder_input.encode()).digest()
        item = (-int.from_bytes(digest[:8], "big"), -sampled.row, sampled)
        if len(self._heap) < self._size:
            heapq.heappush(self._heap, item)
        elif item[:2] > self._heap[0][:2]:
            heapq.heapreplace(self._heap, item)

    def chunks(self) -> list[SampledChunk]:
        """By their hashes, lowest first."""
        return [sampled for *_, sampled in sorted(self._heap, key=lambda item: item[:2], reverse=True)]


def pseudo_questions(sample: Sequence[SampledChunk], most: int = QUESTIONS) -> list[PseudoQuestion]:
    """As many questions, one a chunk, from the first chunks that give one; headings and sentences in turns."""
    return list(islice(_all_questions(sample), most))


def _all_questions(sample: Sequence[SampledChunk]) -> Iterator[PseudoQuestion]:
    for number, sampled in enumerate(sample):
        ways = (_from_heading, _from_sentence) if number % 2 else (_from_sentence, _from_heading)
        for way in ways:
            found = way(sampled.chunk)
            if found is not None:
                question, passage = found
                yield PseudoQuestion(question, sampled.row, passage)
                break


def _from_heading(chunk: Chunk) -> tuple[str, Chunk] | None:
    heading = chunk.headings[-1] if chunk.headings else ""
    if len(_WORD.findall(heading)) < _LEAST_HEADING_WORDS:
        return None
    before, read = chunk.read_parts
    first, _, rest = read.partition("\n")
    text = rest if heading in first else read
    if len(_WORD.findall(text)) < _LEAST_LEFT:
        return None
    return heading, replace(chunk, breadcrumb=before.replace(heading, " "), text=text, read=None, read_before=None)


def _from_sentence(chunk: Chunk) -> tuple[str, Chunk] | None:
    before, read = chunk.read_parts
    try:
        sentences = list(segment("en", read[:2000]))
    except ValueError:
        return None
    for sentence in sentences:
        question = " ".join(sentence.strip(_MARKS).split())
        words = len(_WORD.findall(question))
        if _LEAST_WORDS <= words <= _MOST_WORDS and "|" not in question and "`" not in question:
            text = read.replace(sentence, " ", 1)
            if len(_WORD.findall(text)) < _LEAST_LEFT:
                return None
            return question, replace(chunk, breadcrumb=before, text=text, read=None, read_before=None)
    return None
