"""The table beside the model: look-ups in its three kinds."""

from pathlib import Path

import numpy as np
import pytest
from support.e5_files import q4_0

from knowligo_index.encoders.embedding_table_layout import TableLayout
from knowligo_index.encoders.token_embeddings import TokenEmbeddings

IDS = np.array([[2, 0, 2], [1, 1, 0]], dtype=np.int64)

ROWS = [[0.5, -1.25, 3.0, 0.1], [2.0, 0.0, -0.1, 65504.0], [1e-3, -7.5, 0.3, 8.0]]


@pytest.mark.parametrize(("kind", "type_"), [("float32", "<f4"), ("float16", "<f2")])
def test_rows_of_numbers_are_looked_up(tmp_path: Path, kind: str, type_: str) -> None:
    table = np.array(ROWS, dtype=type_)
    table.tofile(tmp_path / "table")
    embeddings = TokenEmbeddings(tmp_path / "table", TableLayout(kind, 4))  # type: ignore[arg-type]
    found = embeddings.of(IDS)
    assert (found.shape, str(found.dtype)) == ((2, 3, 4), "float32")
    np.testing.assert_array_equal(found, table.astype(np.float32)[IDS])


def test_rows_of_blocks_are_looked_up(tmp_path: Path) -> None:
    weights = [[(row * 7 + place) % 16 - 8 for place in range(64)] for row in range(3)]
    scales = [(0.5, -2.0), (0.125, 1.0), (3.0, 0.0)]
    blocks = [
        q4_0(scale, row[32 * number : 32 * number + 32])
        for row, pair in zip(weights, scales, strict=True)
        for number, scale in enumerate(pair)
    ]
    (tmp_path / "table").write_bytes(b"".join(blocks))
    found = TokenEmbeddings(tmp_path / "table", TableLayout("q4_0", 64)).of(IDS)
    expected = np.array(weights) * np.repeat(np.array(scales), 32, axis=1)
    assert (found.shape, str(found.dtype)) == ((2, 3, 64), "float32")
    np.testing.assert_array_equal(found, expected.astype(np.float32)[IDS])


def test_a_token_that_is_not_in_the_table_is_an_error(tmp_path: Path) -> None:
    np.array(ROWS, dtype="<f4").tofile(tmp_path / "table")
    embeddings = TokenEmbeddings(tmp_path / "table", TableLayout("float32", 4))
    with pytest.raises(IndexError):
        embeddings.of(np.array([[3]], dtype=np.int64))


def test_no_tokens_give_no_rows(tmp_path: Path) -> None:
    np.array(ROWS, dtype="<f4").tofile(tmp_path / "table")
    embeddings = TokenEmbeddings(tmp_path / "table", TableLayout("float32", 4))
    assert embeddings.of(np.empty((0, 5), dtype=np.int64)).shape == (0, 5, 4)
