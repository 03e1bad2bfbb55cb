"""Limits of requests: their size, their rate for each client, and how many are in progress at once."""

import ipaddress
import math
import time
from http import HTTPStatus

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter
from starlette.types import ASGIApp, Receive, Scope, Send

from knowligo_index.service.metrics import Metrics
from knowligo_index.service.options import ServiceOptions
from knowligo_index.service.request_body import read_body, replayed
from knowligo_index.service.request_errors import RequestError, retry_later
from knowligo_index.service.responses import error_response

# Size of a request without the question, and of a character of it, which JSON may write as two escapes of 6 bytes.
_BODY_BYTES = 4_096
_BYTES_PER_CHARACTER = 12

# A client with one IPv6 address usually has all addresses of a network of this size.
_IPV6_PREFIX = 64


class Limits:
    """ASGI middleware that answers requests beyond the limits with an error."""

    def __init__(self, app: ASGIApp, options: ServiceOptions, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        self._max_bytes = _BODY_BYTES + _BYTES_PER_CHARACTER * options.max_question
        self._max_concurrent = options.max_concurrent
        self._in_progress = 0
        self._per_minute = {"/search": options.searches_per_minute, "/ask": options.answers_per_minute}
        # A fixed window, which begins with a client's first request. A moving window would cost more than a search: its
        # storage goes through every request of every client in threads.
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = "rate"
        try:
            await self._check_rate(scope)
            limit = "body"
            body = await read_body(scope, receive, self._max_bytes)
            limit = "concurrency"
            self._check_concurrency(scope)
        except RequestError as error:
            self._metrics.refused.labels(limit).inc()
            await error_response(error)(scope, receive, send)
            return
        self._count(scope["path"], 1)
        try:
            await self._app(scope, replayed(body, receive), send)
        finally:
            self._count(scope["path"], -1)

    async def _check_rate(self, scope: Scope) -> None:
        """Raises RequestError if the client has reached its number of requests a minute."""
        path = scope["path"]
        per_minute = self._per_minute.get(path, 0)
        if not per_minute:
            return
        limit, client = RateLimitItemPerMinute(per_minute), client_of(scope)
        if not await self._limiter.hit(limit, path, client):
            window = await self._limiter.get_window_stats(limit, path, client)
            seconds = max(1, math.ceil(window.reset_time - time.time()))
            raise retry_later(
                HTTPStatus.TOO_MANY_REQUESTS,
                f"a client may send {per_minute:,} requests a minute to {path}: wait {seconds} s.",
                str(seconds),
            )

    def _check_concurrency(self, scope: Scope) -> None:
        """Raises RequestError if the maximum number of requests is in progress."""
        if scope["path"] in self._per_minute and self._in_progress >= self._max_concurrent:
            raise retry_later(
                HTTPStatus.SERVICE_UNAVAILABLE,
                f"the maximum number of requests is in progress, {self._in_progress:,}: try again in a second.",
                "1",
            )

    def _count(self, path: str, step: int) -> None:
        if path in self._per_minute:
            self._in_progress += step
            self._metrics.in_progress.set(self._in_progress)


def client_of(scope: Scope) -> str:
    """The client: the address that the connection comes from, or the one that a trusted proxy names; for an IPv6
    address, its network."""
    host = scope["client"][0] if scope["client"] else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return str(host)
    # A server that listens on an IPv6 address sees IPv4 clients as ::ffff:192.0.2.1, all in one network.
    address = getattr(address, "ipv4_mapped", None) or address
    if address.version == 6:
        return str(ipaddress.ip_network((address, _IPV6_PREFIX), strict=False))
    return str(address)
