"""Open the folders below a folder by descriptors, one part of the path after the other: a folder that is replaced by a
link at any moment is not followed."""

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

# Of a folder that is nested deeper, only the folders above it down to this depth stay open.
_MAX_OPEN = 64

_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


class OpenFolders:
    """The folders below a root. A context manager; not for several threads at the same time.

    The root is named by the user and may be a link. Every other folder is opened from the descriptor of the folder that
    holds it. Descriptors stay open for the next folder, which is usually near: at most 66 at a time.
    """

    def __init__(self, root: Path) -> None:
        """Raises OSError."""
        self._root = os.open(root, _FLAGS)
        self._open: list[tuple[str, int]] = []
        """name and descriptor of each folder on the way to the one that was opened last, without the root"""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._close_below(0)
        os.close(self._root)

    @contextmanager
    def folder(self, parts: Sequence[str]) -> Iterator[int]:
        """The descriptor of the folder that these names lead to from the root; use it within the block. Raises OSError,
        with ELOOP where one of the names is that of a link."""
        depth = 0
        while depth < min(len(parts), len(self._open)) and self._open[depth][0] == parts[depth]:
            depth += 1
        self._close_below(depth)
        descriptor = self._open[-1][1] if self._open else self._root
        for part in parts[depth:_MAX_OPEN]:
            descriptor = _open_folder(part, descriptor)
            self._open.append((part, descriptor))
        deeper = parts[_MAX_OPEN:]
        if not deeper:
            yield descriptor
            return
        descriptor = os.dup(descriptor)
        try:
            for part in deeper:
                above, descriptor = descriptor, _open_folder(part, descriptor)
                os.close(above)
            yield descriptor
        finally:
            os.close(descriptor)

    def _close_below(self, depth: int) -> None:
        for _, descriptor in self._open[depth:]:
            os.close(descriptor)
        del self._open[depth:]


def _open_folder(name: str, above: int) -> int:
    try:
        return os.open(name, _FLAGS | os.O_NOFOLLOW, dir_fd=above)
    except NotADirectoryError as error:
        # Linux says so of a link, too; what is a folder by now was a link when it was opened.
        mode = os.stat(name, dir_fd=above, follow_symlinks=False).st_mode
        if stat.S_ISLNK(mode) or stat.S_ISDIR(mode):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), name) from error
        raise
