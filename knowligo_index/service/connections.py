"""The connections of the service: how many there may be, and how long each may wait.

A client that opens connections and sends nothing, or sends and reads a byte at a time, holds a descriptor and memory
for each. The HTTP protocol itself is uvicorn's and h11's.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from knowligo_index.service.clients import client_at, plain_address

# From the opening of a connection, or from the end of a response, until the headers of a request are complete. The body
# has a limit of its own in `request_body`. An open connection without a byte of the next request ends after uvicorn's
# 5 s already.
REQUEST_SECONDS = 10.0

# Time in which a client must read what is ready for it: the rest of a response, or enough of it for more to be sent.
READ_SECONDS = 20.0


class Connections:
    """The open connections of a service, at most `maximum`; a client has at most half of them, unless it is one of the
    trusted proxies. When there is no room for another one, the one that has waited longest for a request is closed."""

    def __init__(self, maximum: int, is_proxy: Callable[[str], bool]) -> None:
        self._maximum = maximum
        self._per_client = max(1, maximum // 2)
        self._is_proxy = is_proxy
        self._count = 0
        self._count_of: Counter[str] = Counter()
        self._protocols: set[TimedProtocol] = set()
        self._waiting: dict[TimedProtocol, None] = {}

    def is_full(self) -> bool:
        """Whether no other connection may be accepted."""
        return self._count >= self._maximum

    def has_room_for(self, host: str) -> bool:
        """Whether the client at this address may have another connection; if it has reached its maximum, one of its own
        is closed for it."""
        if self._is_proxy(plain_address(host)):
            return True
        client = client_at(host)
        return self._count_of[client] < self._per_client or self.close_waiting(client)

    def close_waiting(self, client: str | None = None) -> bool:
        """Close the connection, of this client or of any, that has waited longest for a request; False if there is
        none."""
        protocol = next((one for one in self._waiting if client in (None, one.client_name)), None)
        if protocol is None:
            return False
        del self._waiting[protocol]
        protocol.transport.abort()
        return True

    def accepted(self, host: str) -> Callable[[], None]:
        """Count a connection from this address; returns the function to call when it is closed."""
        client = client_at(host)
        self._count += 1
        self._count_of[client] += 1

        def closed() -> None:
            self._count -= 1
            self._count_of[client] -= 1
            if not self._count_of[client]:
                del self._count_of[client]

        return closed

    def close_overdue(self, now: float) -> None:
        """Close every connection that has waited too long at this time of the event loop."""
        for protocol in [one for one in self._protocols if one.is_overdue(now)]:
            protocol.transport.abort()

    def opened(self, protocol: "TimedProtocol") -> None:
        """The protocol of an accepted connection is ready."""
        self._protocols.add(protocol)

    def waits(self, protocol: "TimedProtocol", *, waits: bool) -> None:
        """The connection waits for a request from now on, or does not wait any more."""
        self._waiting.pop(protocol, None)
        if waits:
            self._waiting[protocol] = None

    def lost(self, protocol: "TimedProtocol") -> None:
        """The connection has ended."""
        self._protocols.discard(protocol)
        self._waiting.pop(protocol, None)

    def are_starting(self) -> bool:
        """Whether a connection was accepted that no protocol has taken over yet."""
        return self._count > len(self._protocols)


class TimedProtocol(H11Protocol):
    """uvicorn's protocol, which also notes since when its connection has been waiting, and for what."""

    registry: Connections

    client_name = ""
    _since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.client:
            self.client = (plain_address(self.client[0]), self.client[1])
            self.client_name = client_at(self.client[0])
        self._since = self.loop.time()
        self.registry.opened(self)
        self.registry.waits(self, waits=True)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._has_request and not self.cycle.more_body:
            self.registry.waits(self, waits=False)

    def on_response_complete(self) -> None:
        self._since = self.loop.time()
        self.registry.waits(self, waits=True)
        super().on_response_complete()
        # The next request may have been sent before this response.
        if self._has_request and not self.cycle.more_body:
            self.registry.waits(self, waits=False)

    def pause_writing(self) -> None:
        self._since = self.loop.time()
        super().pause_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self.registry.lost(self)
        super().connection_lost(exc)

    def is_overdue(self, now: float) -> bool:
        """Whether the client has not sent a request, or not read a response, within its time."""
        unread = self.transport.get_write_buffer_size() > 0
        if self.flow.write_paused or self.transport.is_closing() or (unread and not self._has_request):
            return now - self._since > READ_SECONDS
        return not self._has_request and now - self._since > REQUEST_SECONDS

    @property
    def _has_request(self) -> bool:
        """Whether the headers of a request are complete, and its response is not."""
        return bool(self.cycle) and not self.cycle.response_complete


def protocol_class(connections: Connections) -> type[TimedProtocol]:
    """The protocol for a server with these connections: uvicorn makes the instances itself."""
    attributes: dict[str, Any] = {"registry": connections}
    return type("_Protocol", (TimedProtocol,), attributes)
