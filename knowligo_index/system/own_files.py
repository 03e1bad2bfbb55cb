"""Files with a fixed name that only this package writes, such as those of the cache. Something else may have the name:
no link is followed, no other file is written to, and what is in the way is removed."""

import contextlib
import errno
import shutil
import stat
from pathlib import Path


def discard(path: Path) -> None:
    """Remove what has this name, if anything does: a link, but not its target; a folder with everything in it. Raises
    OSError."""
    try:
        if stat.S_ISDIR(path.lstat().st_mode):
            shutil.rmtree(path)
        else:
            path.unlink()
    except FileNotFoundError:
        return
    except RecursionError as error:
        raise OSError(errno.ENAMETOOLONG, "its folders are nested too deeply", str(path)) from error


def replace_content(path: Path, data: bytes, temporary: Path) -> None:
    """Replace the content of a file without flushing it: whoever reads it finds the old content or the new one, unless
    the power fails. `temporary` is a path in the same folder, where the new content is written; what is there is
    removed. A link at `path` is replaced itself. Raises OSError."""
    discard(temporary)
    try:
        # Fails where somebody has made a file or a link there in the meantime.
        with temporary.open("xb") as file:
            file.write(data)
        temporary.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
