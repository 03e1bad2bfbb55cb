"""Messages over pipes: eight bytes of length, then the message. The build's end has a deadline for every message, and a
maximum length for what it receives: nothing that a parser process does with its end can make it wait or grow."""

import os
import select
import struct
import time

_LENGTH = struct.Struct(">Q")
_BLOCK = 2**20


class MessageTooLongError(Exception):
    """The other end announces a message of more than the maximum length."""


def send(descriptor: int, message: bytes | bytearray, deadline: float | None = None) -> None:
    """Write a message. `deadline`: on the monotonic clock, in seconds; the descriptor must then be non-blocking.

    Raises OSError where the other end is closed, TimeoutError after the deadline.
    """
    for part in (_LENGTH.pack(len(message)), message):
        view = memoryview(part)
        while view:
            if deadline is not None:
                _wait(descriptor, select.POLLOUT, deadline, None)
            try:
                view = view[os.write(descriptor, view) :]
            except BlockingIOError:
                continue


def receive(
    descriptor: int, max_length: int, *, deadline: float | None = None, abandoned: int | None = None
) -> bytearray:
    """Read a message of at most `max_length` bytes. `abandoned`: the end of another pipe; there is no use in waiting
    any longer once the other end of that one is closed.

    Raises EOFError where the other end is closed, OSError, MessageTooLongError, TimeoutError after the deadline,
    BrokenPipeError where `abandoned` says so.
    """
    (length,) = _LENGTH.unpack(_read(descriptor, _LENGTH.size, deadline, abandoned))
    if length > max_length:
        raise MessageTooLongError(f"{length:,} bytes")
    return _read(descriptor, length, deadline, abandoned)


def _read(descriptor: int, length: int, deadline: float | None, abandoned: int | None) -> bytearray:
    # It grows as bytes arrive: a length alone takes no memory.
    message = bytearray()
    while len(message) < length:
        if deadline is not None or abandoned is not None:
            _wait(descriptor, select.POLLIN, deadline, abandoned)
        try:
            block = os.read(descriptor, min(_BLOCK, length - len(message)))
        except BlockingIOError:
            continue
        if not block:
            raise EOFError
        message += block
    return message


def _wait(descriptor: int, event: int, deadline: float | None, abandoned: int | None) -> None:
    poll = select.poll()
    poll.register(descriptor, event)
    if abandoned is not None:
        # No event is asked for: that the other end is closed is reported all the same.
        poll.register(abandoned, 0)
    milliseconds = None if deadline is None else max(0.0, deadline - time.monotonic()) * 1000
    ready = [number for number, _ in poll.poll(milliseconds)]
    if not ready:
        raise TimeoutError
    if descriptor not in ready:
        raise BrokenPipeError
