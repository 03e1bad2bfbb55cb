"""Memory of files that a library has mapped."""

import ctypes
import os
import sys
from pathlib import Path

_MADV_DONTNEED = 4


def give_back(file: Path) -> None:
    """Give back the memory of a file that is mapped for reading. Whoever reads on in it has it read from the disk
    again, or rather from where the system keeps what it read last. Only on Linux; elsewhere nothing happens."""
    if sys.platform != "linux":
        return
    path = os.path.realpath(file)
    madvise = ctypes.CDLL(None).madvise
    madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    for line in Path("/proc/self/maps").read_text(encoding="utf-8", errors="surrogateescape").splitlines():
        addresses, permissions, *_, name = line.split(maxsplit=5)
        # Pages that may have been written to would lose what was written.
        if name == path and "w" not in permissions:
            begin, end = (int(address, 16) for address in addresses.split("-"))
            madvise(begin, end - begin, _MADV_DONTNEED)
