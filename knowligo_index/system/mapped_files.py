"""Memory of files that a library has mapped."""

import ctypes
import os
import sys
from pathlib import Path

_MADV_DONTNEED = 4


def give_back(*files: Path) -> None:
    """Return memory to the system: that of these files, where they are mapped for reading or are the code of
    libraries, and what this process has freed. A later access reads the page again, from the disk or from the system's
    cache. On systems other than Linux this does nothing."""
    if sys.platform != "linux":
        return
    paths = {os.path.realpath(file) for file in files}
    library = ctypes.CDLL(None)
    # For instance the text of a large vocabulary, which loading it has freed. Only glibc keeps such memory.
    if hasattr(library, "malloc_trim"):
        library.malloc_trim(0)
    madvise = library.madvise
    madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    for line in Path("/proc/self/maps").read_text(encoding="utf-8", errors="surrogateescape").splitlines():
        # Memory that belongs to no file has no name.
        addresses, permissions, *_, name = [*line.split(maxsplit=5), ""][:6]
        # Private pages that were written to would lose their content. That includes the data of a library, which was
        # made read-only after it was written.
        is_unwritten = "w" not in permissions and ("s" in permissions or "x" in permissions)
        if name in paths and is_unwritten:
            begin, end = (int(address, 16) for address in addresses.split("-"))
            madvise(begin, end - begin, _MADV_DONTNEED)
