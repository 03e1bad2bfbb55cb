"""A parser process: `python -m knowligo_index.sources.sandbox.worker MEMORY_BYTES SECONDS` reads requests from standard
input and writes replies to standard output, until standard input ends.

It parses nothing itself. Each request is answered by a child that it forks, which is restricted for good before it
sees the file, and is gone afterwards: whatever a hostile file makes of its process, no other file meets it. The parent
has imported what the parsers need, so that a child costs some milliseconds.
"""

import gc
import os
import signal
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

from knowligo_index.errors import KnowligoError, ParseError
from knowligo_index.parsers import all_parsers, parse
from knowligo_index.sources.sandbox.messages import (
    Failed,
    Parsed,
    ParserUnavailable,
    Ready,
    Reply,
    Request,
    decode_request,
    encode,
)
from knowligo_index.sources.sandbox.pipes import MessageTooLongError, receive, send
from knowligo_index.sources.sandbox.process import OUT_OF_MEMORY_STATUS
from knowligo_index.sources.sandbox.replies import max_reply_bytes
from knowligo_index.sources.sandbox.restrictions import PROTECTIONS, Restrictions, readable_paths
from knowligo_index.sources.sandbox.warm_up import warm_up
from knowligo_index.sources.secret_scan import find_secrets
from knowligo_index.types import Source

# The build sends nothing longer than a file of the maximum size.
_MAX_REQUEST_BYTES = 2**40


def main() -> None:
    """Answer every request."""
    memory_bytes, seconds = map(int, sys.argv[1:])
    # Ctrl-C interrupts every process of the terminal; the build ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Standard output becomes the null device, so that nothing a library prints mixes with the replies.
    requests, replies = 0, os.dup(1)
    null_device = os.open(os.devnull, os.O_RDWR)
    os.dup2(null_device, 1)
    files, folders = readable_paths(_folders_of(entry.module for entry in all_parsers().values()))
    restrictions = Restrictions(memory_bytes, seconds, files, folders)
    try:
        send(replies, encode(Ready(_missing_protections(restrictions))))
        # Up to here, standard error was a file that tells why the process did not start.
        os.dup2(null_device, 2)
        while True:
            request = decode_request(receive(requests, _MAX_REQUEST_BYTES))
            warm_up(request.format)
            gc.freeze()
            send(replies, _reply_of_child(request, restrictions, (requests, replies)))
    except (EOFError, BrokenPipeError):
        # There are no more requests, or the build no longer runs.
        os._exit(0)


def _reply_of_child(request: Request, restrictions: Restrictions, inherited: tuple[int, ...]) -> bytes:
    """The encoded reply of a child to this request. Ends this process as the child ended where it gives none."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _answer_and_exit(request, restrictions, writing, (*inherited, reading))
    os.close(writing)
    try:
        reply = receive(reading, max_reply_bytes(request.data))
    except MessageTooLongError:
        os.kill(child, signal.SIGKILL)
        _end_like(os.waitpid(child, 0)[1])
    except EOFError:
        _end_like(os.waitpid(child, 0)[1])
    finally:
        os.close(reading)
    # It may not write anything that the next request would take for its reply, nor run any longer.
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return reply


def _answer_and_exit(request: Request, restrictions: Restrictions, writing: int, inherited: Iterable[int]) -> NoReturn:
    status = 1
    try:
        for descriptor in inherited:
            os.close(descriptor)
        os.dup2(1, 0)
        restrictions.apply()
        send(writing, encode(_answer(request)))
        status = 0
    except MemoryError:
        status = OUT_OF_MEMORY_STATUS
    finally:
        os._exit(status)


def _end_like(wait_status: int) -> NoReturn:
    """End this process with the exit status or by the signal of its child, for the build to see."""
    status = os.waitstatus_to_exitcode(wait_status)
    if status < 0:
        signal.signal(-status, signal.SIG_DFL) if -status not in (signal.SIGKILL, signal.SIGSTOP) else None
        os.kill(os.getpid(), -status)
    # A child that ends well without a reply has not answered either.
    os._exit(status or 1)


def _missing_protections(restrictions: Restrictions) -> list[str]:
    """Names of the kernel's protections that this machine lacks, as a child finds out that applies them."""
    child = os.fork()
    if child == 0:
        status = 255
        try:
            missing = restrictions.apply()
            status = sum(1 << PROTECTIONS.index(name) for name in missing)
        finally:
            os._exit(status)
    bits = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if not 0 <= bits < 1 << len(PROTECTIONS):
        raise MemoryError("a process with these limits does not start")
    return [name for number, name in enumerate(PROTECTIONS) if bits >> number & 1]


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
