"""The socket that the service listens on, which accepts no more connections than there is room for."""

import errno
import os
import select
import socket
import weakref
from collections.abc import Callable
from typing import Any

from knowligo_index.service.connections import Connections

_NO_DESCRIPTORS = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class Listener(socket.socket):
    """A listening socket for asyncio. Without a limit, asyncio accepts up to the length of the queue at once, and logs
    a traceback for each attempt when the process has no descriptor left."""

    _connections: Connections | None = None
    _spare = -1

    def limit(self, connections: Connections) -> None:
        """Count the connections that are accepted from now on, and accept no more than there is room for."""
        self._connections = connections
        # Closed for a moment when there is no other descriptor, so that a waiting connection can be refused: one that
        # stays in the queue would wake the event loop again and again.
        self._spare = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)

    def accept(self) -> tuple[socket.socket, Any]:
        """The next connection. Raises BlockingIOError, which ends asyncio's turn, if there is none, or no room for
        it."""
        connections = self._connections
        if connections is None:
            return super().accept()
        if connections.is_full():
            # A place is free as soon as asyncio has closed the connection: at its next turn.
            if self._has_next() and not connections.close_waiting() and not connections.are_starting():
                self._refuse()
            raise BlockingIOError
        try:
            connection, address = super().accept()
        except OSError as error:
            if error.errno not in _NO_DESCRIPTORS:
                raise
            self._refuse()
            raise BlockingIOError from error
        if not connections.has_room_for(address[0]):
            connection.close()
            raise BlockingIOError
        return _Connection(connection, connections.accepted(address[0])), address

    def close(self) -> None:
        """Close the socket, and the descriptor that was kept for it."""
        super().close()
        if self._spare >= 0:
            os.close(self._spare)
            self._spare = -1

    def _has_next(self) -> bool:
        """Whether a connection is in the queue: asyncio asks until there is none."""
        poll = select.poll()
        poll.register(self, select.POLLIN)
        return bool(poll.poll(0))

    def _refuse(self) -> None:
        """Close the next connection of the queue at once."""
        os.close(self._spare)
        try:
            super().accept()[0].close()
        except OSError:
            # Another thread has taken the descriptor, or the client has gone: asyncio asks again.
            pass
        finally:
            self._spare = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)


class _Connection(socket.socket):
    """An accepted connection, which reports when it is closed, also if nothing closes it explicitly."""

    def __init__(self, accepted: socket.socket, closed: Callable[[], None]) -> None:
        super().__init__(accepted.family, accepted.type, accepted.proto, accepted.detach())
        self._report = weakref.finalize(self, closed)
        self._report.atexit = False

    def close(self) -> None:
        super().close()
        self._report()
