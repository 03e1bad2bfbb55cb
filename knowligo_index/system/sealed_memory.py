"""A copy of a file in memory that nobody can change.

A mapped file is no such copy: whoever writes to it changes the memory, and whoever truncates it ends the process with
SIGBUS.
"""

import hashlib
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from knowligo_index.system.hashing import FileEntry

_BLOCK_BYTES = 4 << 20


class SealedCopy:
    """A copy of a file in sealed memory (memfd_create(2)), which only Linux has. A context manager, which closes it:
    what a library has mapped of it stays."""

    def __init__(self, file: io.FileIO, name: str) -> None:
        """Copy an open file; `name` is for people who look at the memory of the process. Raises OSError where there is
        no such memory or not enough."""
        import fcntl

        self._descriptor = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            digest, size = hashlib.sha256(), 0
            for block in blocks_of(file, _BLOCK_BYTES):
                digest.update(block)
                size += len(block)
                while block:
                    block = block[os.write(self._descriptor, block) :]
            seals = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
            fcntl.fcntl(self._descriptor, fcntl.F_ADD_SEALS, seals)
            # Where /proc is not mounted, nobody can open it.
            self.path.stat()
        except BaseException:
            self.close()
            raise
        self.entry = FileEntry(size, digest.hexdigest())
        """of what was copied"""

    @staticmethod
    def mapped_name(name: str) -> Path:
        """What /proc/self/maps says where a copy of this name is mapped."""
        return Path(f"/memfd:{name} (deleted)")

    @property
    def path(self) -> Path:
        """Under which this process can open the copy until `close`."""
        return Path(f"/proc/self/fd/{self._descriptor}")

    def close(self) -> None:
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def blocks_of(file: io.FileIO, block_bytes: int) -> Iterator[memoryview]:
    """The content of an open file in blocks of this size, the last of which may be smaller; each is valid until the
    next. It ends where the file ended when it began, since a file may grow for ever."""
    remaining = os.fstat(file.fileno()).st_size
    buffer = memoryview(bytearray(min(block_bytes, remaining)))
    while remaining > 0:
        wanted = min(len(buffer), remaining)
        filled = 0
        while filled < wanted and (count := file.readinto(buffer[filled:wanted])):
            filled += count
        if filled == 0:
            return
        yield buffer[:filled]
        remaining -= filled
