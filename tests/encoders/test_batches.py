from collections.abc import Sequence

import numpy as np
import pytest

from knowligo_index.encoders import batches
from knowligo_index.encoders.batches import PASSAGES, QUESTIONS, Shape, Text, TokenBatch, batches_of
from knowligo_index.encoders.protocol import Flush

FLUSH = Flush()


def shapes(
    lengths: Sequence[int | Flush], limit: int = 256, shape: Shape = PASSAGES
) -> list[tuple[tuple[int, ...], int] | Flush]:
    """The numbers of the texts and the length of each batch, for texts of these lengths."""
    texts: list[Text | Flush] = [
        length if isinstance(length, Flush) else (number, [7] * length) for number, length in enumerate(lengths)
    ]
    return [
        batch if isinstance(batch, Flush) else (batch.numbers, batch.input_ids.shape[1])
        for batch in batches_of(texts, limit, 0, shape)
    ]


def test_texts_of_like_length_share_a_batch_the_longest_first() -> None:
    assert shapes([3, 17, 16, 40, 2, 33]) == [((3, 5), 48), ((1,), 32), ((0, 2), 16), ((4,), 16), FLUSH]


def test_of_a_window_only_full_batches_are_made_and_the_others_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "_WINDOW", 4)
    assert shapes([3, 17, 16, 40, 2, 33, 50, 18]) == [
        ((0, 2), 16),
        ((3, 5), 48),
        ((1, 7), 32),
        ((6,), 64),
        ((4,), 16),
        FLUSH,
    ]


def test_at_a_flush_no_text_waits() -> None:
    assert shapes([3, 17, FLUSH, 4, 18]) == [((1,), 32), ((0,), 16), FLUSH, ((4,), 32), ((3,), 16), FLUSH]


def test_no_batch_is_longer_than_the_model_reads() -> None:
    assert shapes([50, 48, 0], limit=50) == [((0,), 50), ((1,), 48), ((2,), 16), FLUSH]


def test_nothing_makes_no_batch() -> None:
    assert shapes([]) == [FLUSH]


def test_a_question_is_a_batch_of_its_own_in_multiples_of_32_tokens() -> None:
    assert shapes([3, 33, 32, 70], 72, QUESTIONS) == [((3,), 72), ((1,), 64), ((0,), 32), ((2,), 32), FLUSH]


def test_a_batch_is_padded_and_a_spare_row_holds_the_first_text_again() -> None:
    both, one, end = batches_of([(3, [7, 8, 9]), (4, [5, 6]), (5, [2])], 4, 1, PASSAGES)
    assert isinstance(both, TokenBatch)
    assert isinstance(one, TokenBatch)
    assert (both.numbers, one.numbers, end) == ((3, 4), (5,), FLUSH)
    np.testing.assert_array_equal(both.input_ids, [[7, 8, 9, 1], [5, 6, 1, 1]])
    np.testing.assert_array_equal(both.attention_mask, [[1, 1, 1, 0], [1, 1, 0, 0]])
    np.testing.assert_array_equal(one.input_ids, [[2, 1, 1, 1], [2, 1, 1, 1]])
    np.testing.assert_array_equal(one.attention_mask, [[1, 0, 0, 0], [1, 0, 0, 0]])
