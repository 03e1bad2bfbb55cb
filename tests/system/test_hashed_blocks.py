import hashlib
from pathlib import Path

import numpy as np
import pytest

from knowligo_index.system.hashed_blocks import HashedBlocks
from knowligo_index.system.hashing import FileEntry, open_regular


@pytest.mark.parametrize("size", [0, 1, 1999, 2000, 2001, 123_457, 4_000_001])
def test_what_was_loaded_is_the_content_and_the_rest_is_not_there(tmp_path: Path, size: int) -> None:
    content = np.random.default_rng(size).integers(1, 256, size, dtype=np.uint8)
    content.tofile(tmp_path / "file")
    with open_regular(tmp_path / "file") as file:
        blocks = HashedBlocks(file)
    assert blocks.entry == FileEntry(size, hashlib.sha256(content.tobytes()).hexdigest())
    assert not blocks.content.any()
    if size:
        blocks.load(np.array([0, size - 1]), 1)
        assert (blocks.content[0], blocks.content[-1]) == (content[0], content[-1])
        assert np.count_nonzero(blocks.content) == min(size, 2000 + (size - 1) % 2000 + 1)


@pytest.mark.parametrize("length", [1, 16, 1999, 2000, 5000, 20_000])
def test_a_row_may_be_shorter_and_longer_than_a_block(tmp_path: Path, length: int) -> None:
    content = np.random.default_rng(length).integers(1, 256, 10 * length, dtype=np.uint8)
    content.tofile(tmp_path / "file")
    with open_regular(tmp_path / "file") as file:
        blocks = HashedBlocks(file)
    for row in (3, 9, 3):
        blocks.load(np.array([row * length]), length)
        part = slice(row * length, (row + 1) * length)
        np.testing.assert_array_equal(blocks.content[part], content[part])
    blocks.load(np.empty(0, dtype=np.int64), length)


def test_a_block_that_was_changed_is_not_loaded(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"right" * 1000)
    with open_regular(tmp_path / "file") as file:
        blocks = HashedBlocks(file)
    (tmp_path / "file").write_bytes(b"right" * 500 + b"wrong" * 500)
    blocks.load(np.array([0]), 2000)
    with pytest.raises(OSError, match="it was changed after it was opened"):
        blocks.load(np.array([4999]), 1)
    assert not blocks.content[4000:].any()
