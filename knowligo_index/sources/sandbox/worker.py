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
from knowligo_index.sources.sandbox.deaths import OUT_OF_MEMORY_STATUS
from knowligo_index.sources.sandbox.messages import (
    Died,
    Failed,
    Parsed,
    ParserUnavailable,
    Prepare,
    Ready,
    Reply,
    Request,
    decode_request,
    encode,
)
from knowligo_index.sources.sandbox.pipes import MessageTooLongError, receive, send
from knowligo_index.sources.sandbox.replies import max_reply_bytes
from knowligo_index.sources.sandbox.restrictions import PROTECTIONS, Restrictions, readable_paths
from knowligo_index.sources.sandbox.warm_up import warm_up
from knowligo_index.sources.secret_scan import find_secrets
from knowligo_index.types import Source

_REQUESTS = 0
"""standard input"""

_OBJECTS_PER_COLLECTION = 50_000

# The build sends nothing longer than a file of the maximum size.
_MAX_REQUEST_BYTES = 2**40


def main() -> None:
    """Answer every request."""
    memory_bytes, seconds = map(int, sys.argv[1:])
    # Ctrl-C interrupts every process of the terminal; the build ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Standard output becomes the null device, so that nothing a library prints mixes with the replies.
    replies = os.dup(1)
    null_device = os.open(os.devnull, os.O_RDWR)
    os.dup2(null_device, 1)
    files, folders = readable_paths(_folders_of(entry.module for entry in all_parsers().values()))
    restrictions = Restrictions(memory_bytes, seconds, files, folders)
    missing = _missing_protections(restrictions)
    try:
        send(replies, encode(Ready(missing)))
        # Up to here, standard error was a file that tells why the process did not start.
        os.dup2(null_device, 2)
        os.close(null_device)
        while True:
            request = decode_request(receive(_REQUESTS, _MAX_REQUEST_BYTES))
            if isinstance(request, Prepare):
                send(replies, encode(_prepared(request)))
            else:
                send(replies, _reply_of_child(request, restrictions, missing, replies))
    except (EOFError, BrokenPipeError):
        # There are no more requests, or the build no longer runs.
        os._exit(0)


def _prepared(request: Prepare) -> Reply:
    try:
        warm_up(request.format)
    except KnowligoError as error:
        return ParserUnavailable(str(error))
    # What is there now is shared with the children, which then need not look at it nor copy it. A child is gone before
    # its garbage is worth collecting often.
    gc.freeze()
    gc.set_threshold(_OBJECTS_PER_COLLECTION)
    return Ready([])


def _reply_of_child(
    request: Request, restrictions: Restrictions, missing: list[str], replies: int
) -> bytes | bytearray:
    """The encoded reply of a child to this request; Died where it gives none. Raises BrokenPipeError where the build no
    longer runs."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _answer_and_exit(request, restrictions, missing, writing, (replies, reading))
    os.close(writing)
    reply = None
    try:
        max_bytes = max_reply_bytes(len(request.data), restrictions.memory_bytes)
        reply = receive(reading, max_bytes, abandoned=_REQUESTS)
    except (EOFError, MessageTooLongError):
        pass
    finally:
        os.close(reading)
        # It may not run any longer, nor send what the next request would take for its reply.
        os.kill(child, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return encode(Died(status)) if reply is None else reply


def _answer_and_exit(
    request: Request, restrictions: Restrictions, missing: list[str], writing: int, inherited: Iterable[int]
) -> NoReturn:
    status = 1
    try:
        for descriptor in inherited:
            os.close(descriptor)
        # In the place of the pipe with the requests: the null device.
        os.dup2(1, _REQUESTS)
        # It does not parse with less than what the build was promised.
        if restrictions.apply() == missing:
            send(writing, encode(_answer(request)))
            status = 0
    except MemoryError:
        status = OUT_OF_MEMORY_STATUS
    finally:
        os._exit(status)


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
        return Failed("damaged", f"the parser failed: {error}")


if __name__ == "__main__":
    main()
