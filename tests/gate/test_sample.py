import random

from knowligo_index.gate.sample import Sample, SampledChunk
from knowligo_index.types import Chunk


def chunk(text: str) -> Chunk:
    return Chunk(text, 0, len(text), (), "", None, None, None, None, tokens=1)


CHUNKS = [SampledChunk(row, chunk(f"texto {row}")) for row in range(100)]


def rows(chunks: list[SampledChunk], size: int) -> list[int]:
    sample = Sample(size)
    for each in chunks:
        sample.offer(each)
    return [each.row for each in sample.chunks()]


def test_the_sample_is_the_same_in_whatever_order_chunks_come() -> None:
    shuffled = random.Random(1).sample(CHUNKS, len(CHUNKS))
    assert rows(shuffled, 10) == rows(CHUNKS, 10)
    assert len(rows(CHUNKS, 10)) == 10
    assert rows(CHUNKS, 1000) == rows(shuffled, 1000)


def test_a_smaller_sample_is_the_beginning_of_a_larger_one() -> None:
    assert rows(CHUNKS, 30)[:10] == rows(CHUNKS, 10)


def test_a_new_chunk_takes_at_most_one_place() -> None:
    new = SampledChunk(100, chunk("texto 100"))
    assert len(set(rows([*CHUNKS, new], 10)) & set(rows(CHUNKS, 10))) >= 9


def test_of_equal_chunks_the_earlier_is_taken() -> None:
    equal = [SampledChunk(row, chunk("igual")) for row in range(5)]
    assert rows(equal, 2) == rows(equal[::-1], 2) == [0, 1]
