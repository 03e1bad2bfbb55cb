"""What `--verbose` adds to the messages on standard error."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import click


@contextmanager
def log_printed(*, enabled: bool) -> Iterator[None]:
    """Print what this package logs about its work, not only its warnings, on standard error."""
    if not enabled:
        yield
        return
    logger = logging.getLogger("knowligo_index")
    handler, level = _Printing(), logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.setLevel(level)
        logger.removeHandler(handler)


class _Printing(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        click.echo(self.format(record), err=True)
