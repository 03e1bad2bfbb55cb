"""What a client may ask for: so much, so often, and so many at once."""

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
from knowligo_index.service.refusals import RefusalError, try_later
from knowligo_index.service.request_body import read_body, replayed
from knowligo_index.service.responses import refusal_response

# Room for what stands beside the question, of which JSON may write a character as two escapes of 6 bytes.
_BODY_BYTES = 4_096
_BYTES_A_CHARACTER = 12

# Whoever has one address of a network of this size in IPv6 has all of them.
_IPV6_PREFIX = 64


class Limits:
    """An ASGI application that hands on what is within the limits, and refuses the rest."""

    def __init__(self, app: ASGIApp, options: ServiceOptions, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        self._most_bytes = _BODY_BYTES + _BYTES_A_CHARACTER * options.max_question
        self._most_at_once = options.max_concurrent
        self._under_way = 0
        self._a_minute = {"/search": options.searches_per_minute, "/ask": options.answers_per_minute}
        # A window begins with a client's first request. One that moves would cost more than a search: the storage looks
        # at every request of every client in threads.
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = "rate"
        try:
            await self._check_rate(scope)
            limit = "body"
            body = await read_body(scope, receive, self._most_bytes)
            limit = "concurrency"
            self._check_room(scope)
        except RefusalError as refusal:
            self._metrics.refused.labels(limit).inc()
            await refusal_response(refusal)(scope, receive, send)
            return
        self._count(scope["path"], 1)
        try:
            await self._app(scope, replayed(body, receive), send)
        finally:
            self._count(scope["path"], -1)

    async def _check_rate(self, scope: Scope) -> None:
        """Raises RefusalError where the client has asked as often as it may."""
        path = scope["path"]
        most = self._a_minute.get(path, 0)
        if not most:
            return
        limit, client = RateLimitItemPerMinute(most), client_of(scope)
        if not await self._limiter.hit(limit, path, client):
            window = await self._limiter.get_window_stats(limit, path, client)
            wait = max(1, math.ceil(window.reset_time - time.time()))
            raise try_later(
                HTTPStatus.TOO_MANY_REQUESTS,
                f"a client may ask {path} {most:,} times a minute: wait {wait} s.",
                str(wait),
            )

    def _check_room(self, scope: Scope) -> None:
        """Raises RefusalError where as much is under way as may be."""
        if scope["path"] in self._a_minute and self._under_way >= self._most_at_once:
            raise try_later(
                HTTPStatus.SERVICE_UNAVAILABLE,
                f"the service is at work on {self._under_way:,} requests, and takes no more: try again in a second.",
                "1",
            )

    def _count(self, path: str, step: int) -> None:
        if path in self._a_minute:
            self._under_way += step
            self._metrics.under_way.set(self._under_way)


def client_of(scope: Scope) -> str:
    """Who asks: the address that the connection comes from, or the one that a trusted proxy names; of an IPv6 address
    its network."""
    host = scope["client"][0] if scope["client"] else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return str(host)
    if address.version == 6:
        return str(ipaddress.ip_network((address, _IPV6_PREFIX), strict=False))
    return str(address)
