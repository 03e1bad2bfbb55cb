"""Standard output and standard error, which may be a full disk, or a pipe that nobody reads."""

import contextlib
import os
import sys
from typing import TextIO


def give_up(stream: TextIO | None) -> None:
    """Lead a stream that cannot be written to the null device, with what is still in its buffer. Python would fail on
    that when it exits, print a traceback, and change the exit code."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        descriptor = os.open(os.devnull, os.O_WRONLY)
        os.dup2(descriptor, stream.fileno())  # type: ignore[union-attr]
        os.close(descriptor)


def write_line(line: str) -> None:
    """Write a line to standard output, and everything that was written before. Raises OSError; what is written to
    standard output from then on is lost."""
    try:
        print(line, flush=True)
    except OSError:
        give_up(sys.stdout)
        raise


def write_error_line(line: str) -> None:
    """Write a line to standard error. Where that is not possible it is lost: there is no place to say so."""
    try:
        print(line, file=sys.stderr, flush=True)
    except OSError:
        give_up(sys.stderr)
