"""Batches of fixed shape: what a text shares its batch with never moves a bit of its vector.

A matrix product picks its way of adding up by the shape of its operands, so the same text in a batch of another shape
may come out with other last bits. Here every batch has the same number of rows, and a length that the text's own
length decides: a text always meets the same shapes, in a full build and in one of a single document.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

ROWS = 2
"""Rows of every batch. One leaves 3 to 6 % of the speed unused; with four and more, small builds are mostly padding."""

LENGTH_STEP = 16
"""Lengths are rounded up to a multiple of this: by less there are too many shapes, by more too much padding."""


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """What an encoder session is fed."""

    numbers: tuple[int, ...]
    """which texts the rows are, 1 to ROWS of them; a row that no text needs holds the first one once more"""
    input_ids: NDArray[np.int64]
    """(ROWS, length)"""
    attention_mask: NDArray[np.int64]
    """(ROWS, length): 1 for a token, 0 for padding"""


Pause = None
"""In the place of a batch or of a text: there is no other one for now, so do not wait with what is there."""

Text = tuple[int, Sequence[int]]
"""the number of a text, and its tokens"""


def batches_of(texts: Iterable[Text | None], limit: int, padding_id: int) -> Iterator[TokenBatch | None]:
    """Batches of the texts, as soon as there are enough texts of a length; at a pause and at the end also those that
    are not full, and then a pause.

    `limit` is the longest the model reads: no batch is longer, so that no position is asked for that it doesn't have.
    """
    waiting: dict[int, list[Text]] = {}
    for text in chain(texts, [Pause]):
        if text is Pause:
            # The longest first: where several threads compute, none is left alone with a long one at the end.
            for length in sorted(waiting, reverse=True):
                yield _batch(waiting.pop(length), length, padding_id)
            yield Pause
            continue
        length = min(-(-max(len(text[1]), 1) // LENGTH_STEP) * LENGTH_STEP, limit)
        group = waiting.setdefault(length, [])
        group.append(text)
        if len(group) == ROWS:
            yield _batch(waiting.pop(length), length, padding_id)


def _batch(texts: Sequence[Text], length: int, padding_id: int) -> TokenBatch:
    input_ids = np.full((ROWS, length), padding_id, dtype=np.int64)
    attention_mask = np.zeros((ROWS, length), dtype=np.int64)
    for row in range(ROWS):
        _, ids = texts[row if row < len(texts) else 0]
        input_ids[row, : len(ids)] = ids
        attention_mask[row, : len(ids)] = 1
    return TokenBatch(tuple(number for number, _ in texts), input_ids, attention_mask)
