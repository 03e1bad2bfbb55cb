"""How many connections fit into the number of files that the process may have open."""

import contextlib
import logging
import resource
from pathlib import Path

from knowligo_index.errors import ServiceError

_log = logging.getLogger("knowligo_index.service")

# For the files of the next version, for log and name lookups, and for what the libraries open.
_RESERVE = 24

# A connection, and the connection to the model that generates its answer.
_PER_CONNECTION = 2


def connections_that_fit(wanted: int) -> int:
    """`wanted`, or fewer if the process may not open so many files. The soft limit is raised up to the hard one first.
    Raises ServiceError if not even one connection fits."""
    used = sum(1 for _ in Path("/dev/fd").iterdir())
    needed = used + _RESERVE + _PER_CONNECTION * wanted
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return wanted
    if soft < needed:
        with contextlib.suppress(OSError, ValueError):
            raised = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
            resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
            soft = raised
    number = min(wanted, (soft - used - _RESERVE) // _PER_CONNECTION)
    if number < 1:
        raise ServiceError(
            f"this process may open only {soft:,} files, which is not enough for a connection: raise the limit with "
            "`ulimit -n`."
        )
    if number < wanted:
        _log.warning(
            "At most %s connections at once, instead of %s, because this process may open only %s files: raise the "
            "limit with `ulimit -n`, or lower max_connections.",
            *(f"{value:,}" for value in (number, wanted, soft)),
        )
    return number
