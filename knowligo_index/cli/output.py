"""What commands print. Text from outside, such as names of files, may contain control sequences for the terminal: they
are escaped here, wherever the text comes from."""

import contextlib
import logging
from collections.abc import Callable, Iterator

import msgspec

from knowligo_index.cli.text.printable import printable
from knowligo_index.errors import OutputError
from knowligo_index.system.os_errors import reason_of
from knowligo_index.system.standard_streams import write_error_line, write_line


def print_text(text: str) -> None:
    """Print lines of text. If nobody reads standard output any more, that is no error: the command has done its work.
    Raises OutputError."""
    _print("\n".join(map(printable, text.split("\n"))))


def print_json(value: object) -> None:
    """Print one JSON document; dataclasses become objects, and tuples lists. Raises OutputError."""
    text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    # JSON itself escapes no other than the first 32 control characters.
    _print("".join(char if char == "\n" or char.isprintable() else _escaped(char) for char in text))


def print_error(message: str) -> None:
    """Print a message as one line on standard error, where it is lost if that cannot be written."""
    write_error_line(printable(message))


@contextlib.contextmanager
def having_done(outcome: Callable[[], str]) -> Iterator[None]:
    """An OutputError within the block says first what the command has done."""
    try:
        yield
    except OutputError as error:
        raise OutputError(f"{outcome()}, but {error}") from error


class PrintableFormatter(logging.Formatter):
    """Messages as one line each, without control sequences; the lines of a traceback without them, too."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        return printable(super().formatMessage(record))

    def formatException(self, ei: object) -> str:  # noqa: N802
        return "\n".join(map(printable, super().formatException(ei).split("\n")))  # type: ignore[arg-type]


def _print(text: str) -> None:
    try:
        write_line(text)
    except BrokenPipeError:
        pass
    except OSError as error:
        raise OutputError(
            f"the result cannot be written to standard output ({reason_of(error)}): make room, or direct it elsewhere."
        ) from error


def _escaped(char: str) -> str:
    """A character as JSON spells it, if need be as two surrogates."""
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{int.from_bytes(units[place : place + 2]):04x}" for place in range(0, len(units), 2))
