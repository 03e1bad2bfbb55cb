import numpy as np

from knowligo_index.encoders.batches import PASSAGES, QUESTIONS, Batch, fill, plan_batches, windows


def test_texts_of_like_length_share_a_batch_the_longest_first() -> None:
    assert plan_batches([3, 17, 16, 40, 2, 33], limit=256, shape=PASSAGES) == [
        Batch((3, 5), 48),
        Batch((1,), 32),
        Batch((0, 2), 16),
        Batch((4,), 16),
    ]


def test_no_batch_is_longer_than_the_model_reads() -> None:
    assert plan_batches([50, 48, 0], limit=50, shape=PASSAGES) == [Batch((0,), 50), Batch((1,), 48), Batch((2,), 16)]


def test_nothing_makes_no_batch() -> None:
    assert plan_batches([], limit=256, shape=PASSAGES) == []


def test_a_question_is_a_batch_of_its_own_in_multiples_of_32_tokens() -> None:
    assert plan_batches([3, 33, 32, 70], limit=72, shape=QUESTIONS) == [
        Batch((3,), 72),
        Batch((1,), 64),
        Batch((0,), 32),
        Batch((2,), 32),
    ]
    one = fill(Batch((1,), 3), [[5, 6], [7, 8]], padding_id=0, shape=QUESTIONS)
    np.testing.assert_array_equal(one.input_ids, [[7, 8, 0]])
    np.testing.assert_array_equal(one.attention_mask, [[1, 1, 0]])


def test_a_batch_is_padded_and_a_spare_row_holds_the_first_text_again() -> None:
    both = fill(Batch((1, 0), 4), [[5, 6], [7, 8, 9]], padding_id=1, shape=PASSAGES)
    np.testing.assert_array_equal(both.input_ids, [[7, 8, 9, 1], [5, 6, 1, 1]])
    np.testing.assert_array_equal(both.attention_mask, [[1, 1, 1, 0], [1, 1, 0, 0]])
    one = fill(Batch((0,), 3), [[5, 6], [7, 8, 9]], padding_id=0, shape=PASSAGES)
    np.testing.assert_array_equal(one.input_ids, [[5, 6, 0], [5, 6, 0]])
    np.testing.assert_array_equal(one.attention_mask, [[1, 1, 0], [1, 1, 0]])


def test_windows_cover_every_number_once() -> None:
    assert windows(5, 2) == [range(2), range(2, 4), range(4, 5)]
    assert windows(0, 2) == []
