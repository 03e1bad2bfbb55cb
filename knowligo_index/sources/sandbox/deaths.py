"""What is said of a source whose parser process died."""

import signal

from knowligo_index.errors import ParseError
from knowligo_index.sources.sandbox import SandboxOptions

OUT_OF_MEMORY_STATUS = 77
"""the exit status of a process that ran out of memory and could not send a reply"""


def death(status: int, options: SandboxOptions) -> ParseError:
    """The error for a process that ended with this status instead of a reply; below 0 it is the number of a signal."""
    if status == -signal.SIGABRT:
        # Memory is the usual cause of an abort, but cannot be proved: the system does not report how much memory a
        # dead process asked for, and its figure for the memory used includes that of the parent process.
        mib = options.parse_mib
        return ParseError(
            "out-of-memory", f"its parser aborted, as native code does when {mib} MiB of memory are not enough"
        )
    if status == OUT_OF_MEMORY_STATUS:
        return ParseError("out-of-memory", f"reading it takes more than {options.parse_mib} MiB of memory")
    if status == -signal.SIGXCPU:
        # Only a hard limit of the build's own is reached before --parse-seconds has passed.
        return ParseError("timed-out", "reading it takes more processor time than `ulimit -t` allows: raise that limit")
    return ParseError("crashed", f"its parser process died ({_cause(status)}): export it again, or report it")


def timeout(options: SandboxOptions) -> ParseError:
    """The error for a source whose parser did not end in time."""
    return ParseError(
        "timed-out", f"reading it took more than {options.parse_seconds} s: split it, or raise --parse-seconds"
    )


def _cause(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    try:
        return signal.Signals(-status).name
    except ValueError:
        # Real-time signals have no name.
        return f"signal {-status}"
