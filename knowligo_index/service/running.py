"""Run the service until a signal ends it."""

import os
import socket
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from knowligo_index.errors import ServiceError
from knowligo_index.service.core import Service
from knowligo_index.service.options import ServiceOptions

# From a signal on, so long may answers go on that are being worded; and then so long whatever else is under way.
_ANSWERS_SECONDS = 0.5
_GRACE_SECONDS = 1

# Connections that wait to be taken up.
_BACKLOG = 512


def bind(options: ServiceOptions) -> socket.socket:
    """The socket, so that a port which is taken is known before anything is loaded; nobody can connect before `run`.
    Raises ServiceError."""
    try:
        family = socket.getaddrinfo(options.host, options.port, type=socket.SOCK_STREAM)[0][0]
        # By its protocol asyncio knows that answers are not to be held back until the client has acknowledged their
        # headers, which costs 40 ms; `socket.create_server` leaves it open.
        bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind((options.host, options.port))
        except OSError:
            bound.close()
            raise
        return bound
    except OSError as error:
        # The sentence of a socket has the address in it, too; that of a name that is not known has a number below 0.
        number = error.errno or 0
        reason = (os.strerror(number) if number > 0 else error.strerror or str(error)).lower()
        raise ServiceError(
            f"nothing can listen on port {options.port} of {options.host} ({reason}): end what does, or choose another "
            "with --port or --host."
        ) from error


def url_of(bound: socket.socket) -> str:
    """Where a browser finds the page."""
    host, port = bound.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def run(app: FastAPI, options: ServiceOptions, bound: socket.socket, on_start: Callable[[], object]) -> None:
    """Serve until SIGTERM or SIGINT; `on_start` is called when the first request can be answered."""
    config = uvicorn.Config(
        app,
        backlog=_BACKLOG,
        # Its own log of requests would hold the questions that are in their addresses.
        access_log=False,
        log_config=None,
        server_header=False,
        # Whoever sends X-Forwarded-For could be anybody.
        proxy_headers=bool(options.trusted_proxies),
        forwarded_allow_ips=options.trusted_proxies,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        ws="none",
    )
    _Server(config, app.state.service, on_start).run([bound])


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, service: Service, on_start: Callable[[], object]) -> None:
        super().__init__(config)
        self._service = service
        self._on_start = on_start

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._service.end_answers(_ANSWERS_SECONDS)
        await super().shutdown(sockets)
