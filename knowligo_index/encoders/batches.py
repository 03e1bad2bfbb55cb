"""Batches of fixed shape, so that the vector of a text is the same to the last bit, whatever texts share its batch.

The order of the additions in a matrix product depends on the shape of its operands, so the same text in a batch of
another shape may get other last bits. Here every batch has the same number of rows, and its length is decided by the
length of the text: a text is always computed in the same shape, in a full build and in a build of a single document.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from knowligo_index.encoders.protocol import Flush


@dataclass(frozen=True, slots=True)
class Shape:
    """The shape of batches."""

    rows: int
    """number of rows of every batch"""
    length_step: int
    """tokens; the length of a batch is a multiple of it"""


PASSAGES = Shape(rows=2, length_step=16)
"""With one row 3 to 6 % of the speed is lost; with four and more, small builds are mostly padding. A smaller step gives
too many shapes, a larger one too much padding."""

QUESTIONS = Shape(rows=1, length_step=32)
"""A question comes alone, so a second row would be computed in vain. Nearly all have at most 32 tokens, and OpenVINO
takes longer to change from one shape to another than to compute 16 more tokens."""

_WINDOW = 512
"""Number of texts that are sorted by length together, since a change of length takes time."""


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """The input of an encoder session."""

    numbers: tuple[int, ...]
    """numbers of the texts in the rows, at least one; a row that is left over repeats the first text"""
    input_ids: NDArray[np.int64]
    """(rows of the shape, length)"""
    attention_mask: NDArray[np.int64]
    """(rows of the shape, length): 1 for a token, 0 for padding"""


Text = tuple[int, Sequence[int]]
"""the number of a text, and its token ids"""


def batches_of(
    texts: Iterable[Text | Flush], max_tokens: int, padding_id: int, shape: Shape
) -> Iterator[TokenBatch | Flush]:
    """Batches of the texts, formed from one window of texts after the other. Texts that do not fill a batch wait for
    the next window; a Flush, and the end of the texts, forms batches of all that wait and is then passed on.

    No batch is longer than `max_tokens`, since the model has no more positions.
    """
    by_length: dict[int, list[Text]] = defaultdict(list)
    in_window = 0
    for item in chain(texts, [Flush()]):
        if isinstance(item, Flush):
            yield from _batches(by_length, padding_id, shape, only_full=False)
            yield item
            in_window = 0
            continue
        _, ids = item
        steps = -(-max(len(ids), 1) // shape.length_step)
        by_length[min(steps * shape.length_step, max_tokens)].append(item)
        in_window += 1
        if in_window == _WINDOW:
            yield from _batches(by_length, padding_id, shape, only_full=True)
            in_window = 0


def _batches(
    by_length: dict[int, list[Text]], padding_id: int, shape: Shape, *, only_full: bool
) -> Iterator[TokenBatch]:
    """Batches of these texts, which are removed from `by_length`."""
    # The longest first: otherwise one of several threads might compute a long one at the end while the others are idle.
    for length in sorted(by_length, reverse=True):
        texts = by_length.pop(length)
        remainder = len(texts) % shape.rows if only_full else 0
        for start in range(0, len(texts) - remainder, shape.rows):
            yield _batch(texts[start : start + shape.rows], length, padding_id, shape)
        if remainder:
            by_length[length] = texts[-remainder:]


def _batch(texts: Sequence[Text], length: int, padding_id: int, shape: Shape) -> TokenBatch:
    input_ids = np.full((shape.rows, length), padding_id, dtype=np.int64)
    attention_mask = np.zeros((shape.rows, length), dtype=np.int64)
    for row in range(shape.rows):
        _, ids = texts[row if row < len(texts) else 0]
        input_ids[row, : len(ids)] = ids
        attention_mask[row, : len(ids)] = 1
    return TokenBatch(tuple(number for number, _ in texts), input_ids, attention_mask)
