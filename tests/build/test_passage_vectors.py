"""Vectors of passages that come one after the other, with the real encoder thread, cache and FAISS."""

import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from support.tiny_model import HIDDEN

from knowligo_index.build import passage_vectors
from knowligo_index.build.passage_vectors import PassageVectors
from knowligo_index.encoders import EncoderOptions, find_encoder
from knowligo_index.encoders.encoder_thread import EncoderThread
from knowligo_index.encoders.protocol import CountedText, Encoder, Flush
from knowligo_index.encoders.vector_cache import VectorCache
from knowligo_index.errors import ChunkingError, EncoderError
from knowligo_index.store.vectors import VectorIndex, VectorIndexBuilder
from knowligo_index.system.arrays import FloatMatrix
from knowligo_index.system.blob_cache import BlobCache

TEXTS = [f"El gato {number} duerme" + " al sol" * (number % 23) for number in range(300)]


class Counting:
    """A real encoder, whose passages are counted."""

    def __init__(self, folder: Path) -> None:
        model = find_encoder(EncoderOptions(str(folder), engine="torch"))
        self.real = model.load(None, threads=1)
        self.description = model.description
        self.tokenizer = model.tokenizer()
        self.asked: list[str] = []

    def counted(self, texts: Sequence[str]) -> list[CountedText]:
        return list(map(CountedText, texts, self.tokenizer.count_inputs(texts)))

    def stream_passages(
        self, groups: Iterator[Sequence[CountedText] | Flush]
    ) -> Iterator[tuple[Sequence[int], FloatMatrix]]:
        def watched() -> Iterator[Sequence[CountedText] | Flush]:
            for group in groups:
                if not isinstance(group, Flush):
                    self.asked += [counted.text for counted in group]
                yield group

        return self.real.stream_passages(watched())


@pytest.fixture(scope="module")
def counting_model(tiny_model: Path) -> Counting:
    return Counting(tiny_model)


@pytest.fixture
def encoder(counting_model: Counting) -> Counting:
    counting_model.asked = []
    return counting_model


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[BlobCache]:
    with BlobCache(tmp_path / "cache" / "results.sqlite") as opened:
        yield opened


def indexed(encoder: Counting, cache: BlobCache, groups: Sequence[Sequence[str]]) -> tuple[FloatMatrix, int]:
    """The rows of the index that these passages give, and how many of them were encoded."""
    pieces: list[bytes] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(VectorIndexBuilder(HIDDEN, Path(folder))) as index,
        EncoderThread(lambda: encoder) as thread,  # type: ignore[arg-type, return-value]
    ):
        vectors = PassageVectors(thread, VectorCache(cache, encoder.description, {"torch": "x"}), index)
        for group in groups:
            vectors.add(encoder.counted(group))
        vectors.finish(lambda _: None)
        index.write(pieces.append)
    rows = sum(map(len, groups))
    found = VectorIndex.read(b"".join(pieces), rows=rows, dimension=HIDDEN, name="v")
    axes = np.eye(HIDDEN, dtype=np.float32)
    return np.stack([found.scores(axis, list(range(rows))) for axis in axes], axis=1), vectors.embedded


@pytest.mark.parametrize("size", [1, 7, 300])
def test_rows_are_in_the_order_of_the_passages(encoder: Counting, cache: BlobCache, size: int) -> None:
    groups = [TEXTS[start : start + size] for start in range(0, len(TEXTS), size)]
    rows, embedded = indexed(encoder, cache, groups)
    np.testing.assert_array_equal(rows, encoder.real.encode_passages(TEXTS))
    assert (embedded, sorted(encoder.asked)) == (300, sorted(TEXTS))


def test_only_what_is_new_is_encoded_and_equal_passages_once(encoder: Counting, cache: BlobCache) -> None:
    indexed(encoder, cache, [TEXTS[:100]])
    encoder.asked = []
    rows, embedded = indexed(encoder, cache, [TEXTS[:150] + TEXTS[120:130], [*TEXTS[140:160], "", ""]])
    np.testing.assert_array_equal(
        rows, encoder.real.encode_passages([*TEXTS[:150], *TEXTS[120:130], *TEXTS[140:160], "", ""])
    )
    assert (embedded, sorted(encoder.asked)) == (61, sorted([*TEXTS[100:160], ""]))


def test_the_cache_of_another_encoder_is_none(encoder: Counting, cache: BlobCache) -> None:
    one, other = (VectorCache(cache, encoder.description, {"torch": name}) for name in ("one", "other"))
    one.put({"a": np.arange(HIDDEN, dtype=np.float32)})
    np.testing.assert_array_equal(one.get(["a", "b"])["a"], np.arange(HIDDEN, dtype=np.float32))
    assert (set(one.get(["a", "b"])), other.get(["a"])) == ({"a"}, {})


def test_passages_wait_for_an_encoder_that_is_behind(
    encoder: Counting, cache: BlobCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passage_vectors, "_MAX_WAITING", 10)
    go = threading.Event()

    def load() -> Counting:
        go.wait()
        return encoder

    with (
        closing(VectorIndexBuilder(HIDDEN, tmp_path)) as index,
        EncoderThread(load) as thread,  # type: ignore[arg-type]
    ):
        vectors = PassageVectors(thread, VectorCache(cache, encoder.description, {}), index)
        vectors.add(encoder.counted(TEXTS[:10]))
        assert thread.waiting == 10
        threading.Timer(0.2, go.set).start()
        vectors.add(encoder.counted(TEXTS[10:20]))
        assert go.is_set()
        assert thread.waiting <= 10


def test_vectors_that_are_known_wait_for_one_that_is_not(
    encoder: Counting, cache: BlobCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    indexed(encoder, cache, [TEXTS[1:]])
    monkeypatch.setattr(passage_vectors, "_MAX_OUT_OF_ORDER", 50)
    rows, embedded = indexed(encoder, cache, [[text] for text in TEXTS])
    np.testing.assert_array_equal(rows, encoder.real.encode_passages(TEXTS))
    assert embedded == 1


def raised(load: Callable[[], Encoder], texts: Sequence[CountedText]) -> BaseException:
    with EncoderThread(load) as thread:
        thread.put(texts)
        with pytest.raises((EncoderError, ChunkingError)) as found:
            thread.take(wait=True)
    return found.value


def test_what_the_thread_raises_is_raised_where_vectors_are_taken(encoder: Counting) -> None:
    def load() -> Encoder:
        raise EncoderError("no weights")

    assert str(raised(load, [CountedText("a", 3)])) == "no weights"
    assert "has 3 tokens instead of the 4 that were counted" in str(
        raised(lambda: encoder.real, [CountedText("sol", 4)])
    )


def test_a_thread_that_is_told_to_stop_leaves_the_rest(encoder: Counting) -> None:
    many = encoder.counted(TEXTS) * 40
    begun = time.monotonic()
    with EncoderThread(lambda: encoder) as thread:  # type: ignore[arg-type, return-value]
        thread.put(many)
        assert thread.take(wait=True) is not None
    assert len(encoder.asked) < len(many)
    assert thread.waiting > 0
    print(f"stopped after {time.monotonic() - begun:.2f} s and {len(encoder.asked)} of {len(many)} texts")


def test_the_encoder_is_there_for_other_texts_when_all_are_done(encoder: Counting) -> None:
    with EncoderThread(lambda: encoder.real) as thread:
        thread.put(encoder.counted(TEXTS[:3]))
        while thread.take(wait=True):
            pass
        others = thread.encoder().encode_passages(TEXTS[3:5])
    np.testing.assert_array_equal(others, encoder.real.encode_passages(TEXTS[3:5]))
