"""Messages over pipes, between ends that do not keep to them."""

import os
import time
from collections.abc import Iterator

import pytest

from knowligo_index.sources.sandbox.pipes import MessageTooLongError, receive, send


@pytest.fixture
def ends() -> Iterator[list[int]]:
    """The reading and the writing end of a pipe. Those that a test closes it takes out of the list."""
    descriptors = list(os.pipe())
    yield descriptors
    for descriptor in descriptors:
        os.close(descriptor)


def test_a_message_arrives_as_it_was_sent(ends: list[int]) -> None:
    send(ends[1], b"one")
    send(ends[1], b"")
    assert [receive(ends[0], 3), receive(ends[0], 3)] == [b"one", b""]


def test_a_message_that_is_too_long_is_not_read(ends: list[int]) -> None:
    send(ends[1], b"four")
    with pytest.raises(MessageTooLongError, match=r"^4 bytes$"):
        receive(ends[0], 3)


def test_an_end_that_is_closed_is_the_end(ends: list[int]) -> None:
    os.write(ends[1], bytes(7) + b"\x04" + b"abc")
    os.close(ends.pop())
    with pytest.raises(EOFError):
        receive(ends[0], 4)


def test_the_deadline_is_that_of_the_whole_message(ends: list[int]) -> None:
    os.set_blocking(ends[0], False)
    os.write(ends[1], bytes(7) + b"\x04" + b"abc")
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        receive(ends[0], 4, deadline=started + 0.2)
    assert 0.2 <= time.monotonic() - started < 5


def test_nobody_waits_for_what_nobody_wants(ends: list[int]) -> None:
    abandoned = list(os.pipe())
    os.close(abandoned.pop())
    with pytest.raises(BrokenPipeError):
        receive(ends[0], 4, abandoned=abandoned[0])
    os.close(abandoned[0])
