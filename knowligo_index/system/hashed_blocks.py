"""The content of a file of which only the parts that are used are in memory."""

import contextlib
import errno
import hashlib
import io
import mmap
import os
import weakref

import numpy as np
from numpy.typing import NDArray

from knowligo_index.system.hashing import FileEntry
from knowligo_index.system.sealed_memory import blocks_of

# hashlib lets other threads run for each hash of 2,048 bytes or more and, where they are busy, takes 5 ms to return.
# With thousands of blocks, a service that imports its modules meanwhile would start seconds later.
_BLOCK_BYTES = 2_000
_BLOCKS_PER_READ = 2_000


class HashedBlocks:
    """A file that is read once as a whole, to be hashed. A block that is read again later must have the hash that it
    had then, so that what is used is what was hashed."""

    def __init__(self, file: io.FileIO) -> None:
        """The caller may close `file`. Raises OSError."""
        digest, hashes = hashlib.sha256(), bytearray()
        size = 0
        for data in blocks_of(file, _BLOCK_BYTES * _BLOCKS_PER_READ):
            digest.update(data)
            size += len(data)
            for start in range(0, len(data), _BLOCK_BYTES):
                hashes += hashlib.sha256(data[start : start + _BLOCK_BYTES]).digest()
        self.entry = FileEntry(size, digest.hexdigest())
        """of the whole file"""
        self._hashes = bytes(hashes)
        self.content: NDArray[np.uint8] = np.frombuffer(_memory(size), dtype=np.uint8, count=size)
        """uint8 (size,); only what was loaded is valid"""
        self._is_loaded = np.zeros(-(-size // _BLOCK_BYTES), dtype=np.bool_)
        self._descriptor = os.dup(file.fileno())
        self._close = weakref.finalize(self, os.close, self._descriptor)

    def load(self, starts: NDArray[np.int64], length: int) -> None:
        """Read what lies from each of these offsets on, int64 (n,), for `length` bytes, into `content`. Several threads
        may do so at once. Raises OSError, also where the file was changed."""
        first = starts // _BLOCK_BYTES
        last = (starts + length - 1) // _BLOCK_BYTES
        for distance in range(int((last - first).max(initial=0)) + 1):
            blocks = np.unique(np.minimum(first + distance, last))
            for block in blocks[~self._is_loaded[blocks]].tolist():
                self._load_block(block)

    def _load_block(self, block: int) -> None:
        start = block * _BLOCK_BYTES
        data = os.pread(self._descriptor, min(_BLOCK_BYTES, len(self.content) - start), start)
        if hashlib.sha256(data).digest() != self._hashes[32 * block : 32 * block + 32]:
            raise OSError(errno.EIO, "it was changed after it was opened")
        self.content[start : start + len(data)] = np.frombuffer(data, dtype=np.uint8)
        self._is_loaded[block] = True


def _memory(size: int) -> mmap.mmap:
    """Memory of zeros, of which a page takes space once it is written to. numpy's would take it in pieces of 2 MiB."""
    memory = mmap.mmap(-1, max(size, 1), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if hasattr(mmap, "MADV_NOHUGEPAGE"):
        # Not every kernel knows it.
        with contextlib.suppress(OSError):
            memory.madvise(mmap.MADV_NOHUGEPAGE)
    return memory
