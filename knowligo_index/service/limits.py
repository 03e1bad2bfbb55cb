"""Limits of requests: their size, their rate for each client, and how many are in progress at once."""

from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from knowligo_index.service.clients import client_of
from knowligo_index.service.metrics import Metrics
from knowligo_index.service.options import ServiceOptions
from knowligo_index.service.rates import Rates
from knowligo_index.service.request_body import read_body, replayed
from knowligo_index.service.request_errors import RequestError, retry_later
from knowligo_index.service.responses import error_response

# Size of a request without the question, and of a character of it, which JSON may write as two escapes of 6 bytes.
_BODY_BYTES = 4_096
_BYTES_PER_CHARACTER = 12


class Limits:
    """ASGI middleware that answers requests beyond the limits with an error."""

    def __init__(self, app: ASGIApp, options: ServiceOptions, rates: Rates, metrics: Metrics) -> None:
        self._app = app
        self._rates = rates
        self._metrics = metrics
        self._max_bytes = _BODY_BYTES + _BYTES_PER_CHARACTER * options.max_question
        self._max_concurrent = options.max_concurrent
        self._in_progress = 0
        self._per_minute = {"/search": options.searches_per_minute, "/ask": options.answers_per_minute}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = "rate"
        try:
            path = scope["path"]
            await self._rates.check(path, self._per_minute.get(path, 0), client_of(scope))
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
