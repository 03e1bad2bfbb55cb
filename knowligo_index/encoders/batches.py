"""Batches of fixed shape: what a text shares its batch with never moves a bit of its vector.

A matrix product picks its way of adding up by the shape of its operands, so the same text in a batch of another shape
may come out with other last bits. Here every batch has the same number of rows, and a length that the text's own
length decides: a text always meets the same shapes, in a full build and in one of a single document.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Shape:
    """What batches are made to."""

    rows: int
    """of every batch"""
    length_step: int
    """tokens; lengths are multiples of it"""


PASSAGES = Shape(rows=2, length_step=16)
"""One row leaves 3 to 6 % of the speed unused; with four and more, small builds are mostly padding. Lengths: by less
there are too many shapes, by more too much padding."""

QUESTIONS = Shape(rows=1, length_step=32)
"""A question comes alone: a second row would only be computed. Nearly all are of up to 32 tokens, and OpenVINO takes
longer to go from one shape to another than to compute 16 more tokens."""

_WINDOW = 512
"""Texts that are sorted by length together, since going from one length to another takes time."""


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """What an encoder session is fed."""

    numbers: tuple[int, ...]
    """which texts the rows are: one, or as many as the batch has rows; one that no text needs holds the first again"""
    input_ids: NDArray[np.int64]
    """(rows of the shape, length)"""
    attention_mask: NDArray[np.int64]
    """(rows of the shape, length): 1 for a token, 0 for padding"""


Pause = None
"""In the place of a batch or of a text: there is no other one for now, so do not wait with what is there."""

Text = tuple[int, Sequence[int]]
"""the number of a text, and its tokens"""


def batches_of(texts: Iterable[Text | None], limit: int, padding_id: int, shape: Shape) -> Iterator[TokenBatch | None]:
    """Batches of the texts, a window of them at a time; at a pause and at the end also those that are not full, and
    then a pause.

    `limit` is the longest the model reads: no batch is longer, so that no position is asked for that it doesn't have.
    """
    waiting: dict[int, list[Text]] = defaultdict(list)
    in_window = 0
    for text in chain(texts, [Pause]):
        if text is not Pause:
            length = min(-(-max(len(text[1]), 1) // shape.length_step) * shape.length_step, limit)
            waiting[length].append(text)
            in_window += 1
            if in_window < _WINDOW:
                continue
        in_window = 0
        # The longest first: where several threads compute, none is left alone with a long one at the end.
        for length in sorted(waiting, reverse=True):
            group = waiting.pop(length)
            kept = 0 if text is Pause else len(group) % shape.rows
            for start in range(0, len(group) - kept, shape.rows):
                yield _batch(group[start : start + shape.rows], length, padding_id, shape)
            if kept:
                waiting[length] = group[-kept:]
        if text is Pause:
            yield Pause


def _batch(texts: Sequence[Text], length: int, padding_id: int, shape: Shape) -> TokenBatch:
    input_ids = np.full((shape.rows, length), padding_id, dtype=np.int64)
    attention_mask = np.zeros((shape.rows, length), dtype=np.int64)
    for row in range(shape.rows):
        _, ids = texts[row if row < len(texts) else 0]
        input_ids[row, : len(ids)] = ids
        attention_mask[row, : len(ids)] = 1
    return TokenBatch(tuple(number for number, _ in texts), input_ids, attention_mask)
