"""What `--verbose` adds to the messages on standard error."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from knowligo_index.cli.output import PrintableFormatter, print_error


@contextmanager
def log_printed(*, enabled: bool) -> Iterator[None]:
    """Print what this package logs about its work, not only its warnings, on standard error."""
    if not enabled:
        yield
        return
    logger = logging.getLogger("knowligo_index")
    handler, level = _Printing(), logger.level
    handler.setFormatter(PrintableFormatter())
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.setLevel(level)
        logger.removeHandler(handler)


class _Printing(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        print_error(self.format(record))
