"""Limits of what the server of the model may send, so that a server that fails or is hostile cannot fill the memory or
stop the service."""

from collections.abc import AsyncIterator

import httpx

# Without a gap between two events. Groq's client adds each line to the ones before it, so that its time for an event
# grows with the square of the event's length; an event has some hundred bytes.
_EVENT_BYTES = 65_536

_GAPS = (b"\n\n", b"\r\r", b"\r\n\r\n")

# An event holds one token or a few, in up to some hundred bytes.
_BYTES_PER_TOKEN = 4_096

# Without compression, in which some bytes may stand for gigabytes.
HEADERS = {"Accept-Encoding": "identity"}


class UnreadableError(ValueError):
    """What the server sent is not an answer."""


class ResponseLimit:
    """A hook for httpx that limits the body of each response."""

    def __init__(self, tokens: int) -> None:
        self._max_bytes = _EVENT_BYTES + _BYTES_PER_TOKEN * tokens

    async def __call__(self, response: httpx.Response) -> None:
        """Let the body end with UnreadableError where it becomes too long, and at once if it is compressed."""
        is_plain = response.headers.get("content-encoding", "identity").strip().lower() == "identity"
        if isinstance(response.stream, httpx.AsyncByteStream):
            response.stream = _LimitedStream(response.stream, self._max_bytes if is_plain else 0)


class _LimitedStream(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream, max_bytes: int) -> None:
        self._stream = stream
        self._max_bytes = max_bytes

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size, since_gap, end = 0, 0, b""
        async for part in self._stream:
            size += len(part)
            # A gap may lie across two parts.
            text = end + part
            gap = max(text.rfind(each) for each in _GAPS)
            since_gap = since_gap + len(part) if gap < 0 else len(text) - gap
            end = text[-3:]
            if size > self._max_bytes or since_gap > _EVENT_BYTES:
                raise UnreadableError
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()
