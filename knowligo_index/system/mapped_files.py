"""Memory of files that a library has mapped."""

import ctypes
import os
import sys
from pathlib import Path

_MADV_DONTNEED = 4


def give_back(*files: Path) -> None:
    """Give back the memory of files that are mapped for reading, and of the code of libraries, and what this process
    has freed. Whoever goes on in the files has them read again, from the disk or from where the system keeps what it
    read last. Only on Linux; elsewhere nothing happens."""
    if sys.platform != "linux":
        return
    paths = {os.path.realpath(file) for file in files}
    library = ctypes.CDLL(None)
    # What loading freed, the text of a large vocabulary for instance; of the C libraries glibc alone keeps it.
    if hasattr(library, "malloc_trim"):
        library.malloc_trim(0)
    madvise = library.madvise
    madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    for line in Path("/proc/self/maps").read_text(encoding="utf-8", errors="surrogateescape").splitlines():
        # What is no file has no name.
        addresses, permissions, *_, name = [*line.split(maxsplit=5), ""][:6]
        # Pages that were written to would lose what was written, a library's data that can only be read by now, too.
        unwritten = "w" not in permissions and ("s" in permissions or "x" in permissions)
        if name in paths and unwritten:
            begin, end = (int(address, 16) for address in addresses.split("-"))
            madvise(begin, end - begin, _MADV_DONTNEED)
