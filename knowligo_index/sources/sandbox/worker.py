"""A parser process: `python -m knowligo_index.sources.sandbox.worker MEMORY_BYTES SECONDS` reads requests from standard
input and writes replies to standard output, until standard input ends."""

import os
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from multiprocessing.connection import Connection
from pathlib import Path

from knowligo_index.errors import KnowligoError, ParseError
from knowligo_index.parsers import all_parsers, parse
from knowligo_index.sources.sandbox.messages import (
    Failed,
    Parsed,
    ParserUnavailable,
    Ready,
    Reply,
    Request,
    receive_request,
    send,
)
from knowligo_index.sources.sandbox.process import OUT_OF_MEMORY_STATUS
from knowligo_index.sources.sandbox.restrictions import limit_cpu, restrict
from knowligo_index.sources.secret_scan import find_secrets
from knowligo_index.types import Source


def main() -> None:
    """Answer every request."""
    memory_bytes, seconds = map(int, sys.argv[1:])
    # Standard output becomes the null device, so that nothing a library prints mixes with the replies.
    requests, replies = Connection(0, writable=False), Connection(os.dup(1), readable=False)
    null_device = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null_device, 1)
    try:
        # Find the parsers of other packages now, while this process may still list their folders.
        restrict(memory_bytes, _folders_of(entry.module for entry in all_parsers().values()))
        # So far, standard error was a file that tells why the process did not start; now no file may grow any more.
        os.dup2(null_device, 2)
        send(replies, Ready())
        while True:
            limit_cpu(seconds)
            send(replies, _answer(receive_request(requests)))
    except MemoryError:
        os._exit(OUT_OF_MEMORY_STATUS)
    except (EOFError, BrokenPipeError):
        # There are no more requests, or the build no longer runs.
        os._exit(0)


def _folders_of(modules: Iterable[str]) -> list[Path]:
    """The folders of the packages of these modules: the folder of a package in an editable installation is not in
    Python's path."""
    specs = [find_spec(package) for package in {module.partition(".")[0] for module in modules}]
    return [Path(spec.origin).parent for spec in specs if spec is not None and spec.origin is not None]


def _answer(request: Request) -> Reply:
    # The path is only the name: a parser gets the bytes and may not open the file.
    source = Source(request.name, Path(request.name), request.format, len(request.data), request.sha256)
    try:
        document = parse(source, request.data)
        return Parsed(document, tuple(find_secrets(document)))
    except ParseError as error:
        return Failed(error.reason, error.detail)
    except KnowligoError as error:
        return ParserUnavailable(str(error))


if __name__ == "__main__":
    main()
