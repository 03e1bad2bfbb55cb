import faiss
import numpy as np
import pytest

from knowligo_index.errors import DamagedIndexError
from knowligo_index.store.vectors import VectorIndex, to_bytes
from knowligo_index.system.arrays import FloatMatrix

ROWS: FloatMatrix = np.array([[1, 0, 0], [0, 1, 0], [0.6, 0.8, 0], [-1, 0, 0]], dtype=np.float32)
QUERIES: FloatMatrix = np.array([[1, 0, 0], [0, 0.6, 0.8]], dtype=np.float32)


@pytest.fixture
def index() -> VectorIndex:
    return VectorIndex.read(to_bytes(ROWS), rows=4, dimension=3, name="vectors.faiss")


def test_rows_come_in_the_order_of_their_cosines(index: VectorIndex) -> None:
    scores, rows = index.search(QUERIES, 3)
    assert rows.tolist() == [[0, 2, 1], [1, 2, 0]]
    np.testing.assert_allclose(scores, [[1, 0.6, 0], [0.6, 0.48, 0]], atol=1e-7)


def test_more_rows_than_there_are_gives_those_there_are(index: VectorIndex) -> None:
    scores, rows = index.search(QUERIES[:1], 100)
    assert rows.tolist() == [[0, 2, 1, 3]]
    np.testing.assert_allclose(scores, [[1, 0.6, 0, -1]], atol=1e-7)


def test_scores_are_the_cosines_of_the_rows_asked_for(index: VectorIndex) -> None:
    np.testing.assert_allclose(index.scores(QUERIES[1], [2, 0, 1]), [0.48, 0, 0.6], atol=1e-7)


def test_the_same_vectors_give_the_same_bytes_whatever_their_layout_in_memory() -> None:
    assert to_bytes(np.asfortranarray(ROWS)) == to_bytes(ROWS)


def test_of_equal_vectors_the_first_rows_are_given_in_whatever_order() -> None:
    equal = VectorIndex.read(to_bytes(np.tile(ROWS[2], (5, 1))), rows=5, dimension=3, name="v")
    assert [sorted(equal.search(QUERIES[:1], k)[1][0].tolist()) for k in (1, 3, 5)] == [[0], [0, 1, 2], [0, 1, 2, 3, 4]]


@pytest.mark.parametrize(("rows", "dimension"), [(5, 3), (3, 3), (4, 2), (4, 4)])
def test_an_index_of_another_shape_is_refused(rows: int, dimension: int) -> None:
    with pytest.raises(DamagedIndexError) as refused:
        VectorIndex.read(to_bytes(ROWS), rows=rows, dimension=dimension, name="v/vectors.faiss")
    assert str(refused.value) == (
        f"v/vectors.faiss is IndexFlatIP of 4 x 3 and the manifest says IndexFlatIP of {rows} x {dimension}: "
        "build the index again, or copy it again from where it came from (under another name, then rename it)."
    )


@pytest.mark.parametrize(
    ("other", "found"),
    [(faiss.IndexFlatL2(3), "IndexFlatL2"), (faiss.IndexHNSWFlat(3, 4, faiss.METRIC_INNER_PRODUCT), "IndexHNSWFlat")],
    ids=["another metric", "an approximate index"],
)
def test_an_index_of_another_kind_is_refused(other: faiss.Index, found: str) -> None:
    other.add(ROWS)
    with pytest.raises(DamagedIndexError, match=f"^v is {found} of 4 x 3 and the manifest says IndexFlatIP of 4 x 3:"):
        VectorIndex.read(faiss.serialize_index(other).tobytes(), rows=4, dimension=3, name="v")
