"""Listen on a port and run the service until a signal stops it."""

import asyncio
import os
import socket
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from knowligo_index.errors import ServiceError
from knowligo_index.service.connections import Connections, protocol_class
from knowligo_index.service.descriptors import connections_that_fit
from knowligo_index.service.listener import Listener
from knowligo_index.service.options import ServiceOptions
from knowligo_index.service.state import ServiceState

# After a signal: how long answers may continue, and how long all other requests.
_ANSWERS_SECONDS = 0.5
_GRACE_SECONDS = 1

# Length of the queue of connections that were not accepted yet.
_BACKLOG = 512


def bind(options: ServiceOptions) -> Listener:
    """The socket to listen on. It is made before anything is loaded, so that a port in use is reported at once; clients
    can connect from `run` on. Raises ServiceError."""
    try:
        family = socket.getaddrinfo(options.host, options.port, type=socket.SOCK_STREAM)[0][0]
        # asyncio sets TCP_NODELAY only on sockets whose protocol is given, which `socket.create_server` does not do.
        # Without it, a response is held back by 40 ms, until the client has acknowledged its headers.
        listener = Listener(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((options.host, options.port))
        except OSError:
            listener.close()
            raise
        return listener
    except OSError as error:
        # The sentence of a socket has the address in it, too; that of a name that is not known has a number below 0.
        number = error.errno or 0
        reason = (os.strerror(number) if number > 0 else error.strerror or str(error)).lower()
        raise ServiceError(
            f"cannot listen on port {options.port} of {options.host} ({reason}): choose another with --port or --host, "
            "or stop the program that uses it."
        ) from error


def url_of(listener: socket.socket) -> str:
    """The address of the web page."""
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def run(app: FastAPI, options: ServiceOptions, listener: Listener, on_start: Callable[[], object]) -> None:
    """Serve until SIGTERM or SIGINT. `on_start` is called as soon as requests are answered. Raises ServiceError if the
    process may open too few files."""
    connections = Connections(connections_that_fit(options.max_connections), _is_proxy(app, options))
    listener.limit(connections)
    config = uvicorn.Config(
        app,
        # The limits of connections need this event loop and this protocol, whatever else is installed.
        loop="asyncio",
        http=protocol_class(connections),
        backlog=_BACKLOG,
        # The access log would contain the questions, which are part of addresses.
        access_log=False,
        log_config=None,
        server_header=False,
        # Any client can send X-Forwarded-For.
        proxy_headers=bool(options.trusted_proxies),
        forwarded_allow_ips=options.trusted_proxies,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        ws="none",
    )
    _Server(config, app.state.service, connections, on_start).run([listener])


def _is_proxy(app: FastAPI, options: ServiceOptions) -> Callable[[str], bool]:
    """Whether an address is of a trusted proxy, as uvicorn decides it."""
    if not options.trusted_proxies:
        return lambda address: False
    return ProxyHeadersMiddleware(app, options.trusted_proxies).trusted_hosts.__contains__  # type: ignore[arg-type]


class _Server(uvicorn.Server):
    """uvicorn's server, which also reports its start, closes connections that wait too long, and ends answers before it
    stops."""

    def __init__(
        self, config: uvicorn.Config, service: ServiceState, connections: Connections, on_start: Callable[[], object]
    ) -> None:
        super().__init__(config)
        self._service = service
        self._connections = connections
        self._on_start = on_start

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_start()

    async def on_tick(self, counter: int) -> bool:
        # uvicorn calls this ten times a second.
        if counter % 10 == 0:
            self._connections.close_overdue(asyncio.get_running_loop().time())
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._service.end_answers(_ANSWERS_SECONDS)
        await super().shutdown(sockets)
