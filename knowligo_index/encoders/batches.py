"""Batches of fixed shape: what a text shares its batch with never moves a bit of its vector.

A matrix product picks its way of adding up by the shape of its operands, so the same text in a batch of another shape
may come out with other last bits. Here every batch has the same number of rows, and a length that the text's own
length decides: a text always meets the same shapes, in a full build and in one of a single document.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

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


@dataclass(frozen=True, slots=True)
class Batch:
    """Texts that are encoded together."""

    rows: tuple[int, ...]
    """which texts: one, or as many as the batch has rows"""
    length: int
    """tokens of every row, padding included"""


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """What an encoder session is fed."""

    input_ids: NDArray[np.int64]
    """(rows of the shape, length)"""
    attention_mask: NDArray[np.int64]
    """(rows of the shape, length): 1 for a token, 0 for padding"""


def plan_batches(lengths: Sequence[int], limit: int, shape: Shape) -> list[Batch]:
    """Batches for texts of these lengths in tokens, the longest first; each text is in one of them.

    `limit` is the longest the model reads: no batch is longer, so that no position is asked for that it doesn't have.
    """
    step = shape.length_step
    padded = [min(-(-max(length, 1) // step) * step, limit) for length in lengths]
    order = sorted(range(len(lengths)), key=lambda row: -padded[row])
    batches: list[Batch] = []
    for length, group in groupby(order, key=lambda row: padded[row]):
        rows = list(group)
        batches += [Batch(tuple(rows[start : start + shape.rows]), length) for start in range(0, len(rows), shape.rows)]
    return batches


def fill(batch: Batch, token_ids: Sequence[Sequence[int]], padding_id: int, shape: Shape) -> TokenBatch:
    """The tokens of a batch. A row that no text needs holds the first one once more."""
    input_ids = np.full((shape.rows, batch.length), padding_id, dtype=np.int64)
    attention_mask = np.zeros((shape.rows, batch.length), dtype=np.int64)
    for place in range(shape.rows):
        ids = token_ids[batch.rows[place if place < len(batch.rows) else 0]]
        input_ids[place, : len(ids)] = ids
        attention_mask[place, : len(ids)] = 1
    return TokenBatch(input_ids, attention_mask)


def windows(count: int, size: int) -> list[range]:
    """The numbers from 0 to `count`, `size` at a time, in order."""
    return [range(start, min(start + size, count)) for start in range(0, count, size)]
