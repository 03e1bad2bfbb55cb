"""A parser's process: `python -m knowligo_index.sources.sandbox.worker MEMORY_BYTES SECONDS`, with requests on standard
input and replies on standard output, until there are no more requests."""

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
    Ready,
    Reply,
    Request,
    Stopped,
    receive_request,
    send,
)
from knowligo_index.sources.sandbox.process import OUT_OF_MEMORY_STATUS
from knowligo_index.sources.sandbox.restrictions import limit_cpu, restrict
from knowligo_index.sources.secret_scan import find_secrets
from knowligo_index.types import Source


def main() -> None:
    """Answer requests until there are no more."""
    memory_bytes, seconds = map(int, sys.argv[1:])
    # What a library prints must not get between the replies.
    requests, replies = Connection(0, writable=False), Connection(os.dup(1), readable=False)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        # Other packages' parsers are looked for now, while their folders may be listed.
        restrict(memory_bytes, _folders_of(entry.module for entry in all_parsers().values()))
        # Up to here standard error is a file that says why the process did not start; now no file may grow any more.
        os.dup2(nowhere, 2)
        send(replies, Ready())
        while True:
            limit_cpu(seconds)
            send(replies, _answer(receive_request(requests)))
    except MemoryError:
        os._exit(OUT_OF_MEMORY_STATUS)
    except (EOFError, BrokenPipeError):
        # There are no more requests, or the build is gone.
        os._exit(0)


def _folders_of(modules: Iterable[str]) -> list[Path]:
    """Where the packages of these modules lie: one that is installed for editing is in no folder of Python's path."""
    specs = [find_spec(package) for package in {module.partition(".")[0] for module in modules}]
    return [Path(spec.origin).parent for spec in specs if spec is not None and spec.origin is not None]


def _answer(request: Request) -> Reply:
    # The path is the name: a parser has the bytes, and may open nothing.
    source = Source(request.name, Path(request.name), request.format, len(request.data), request.sha256)
    try:
        document = parse(source, request.data)
        return Parsed(document, tuple(find_secrets(document)))
    except ParseError as error:
        return Failed(error.reason, error.detail)
    except KnowligoError as error:
        return Stopped(str(error))


if __name__ == "__main__":
    main()
