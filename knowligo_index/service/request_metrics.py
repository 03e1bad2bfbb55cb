"""Count and time every request."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from knowligo_index.service.metrics import Metrics
from knowligo_index.service.page_routes import PAGE_PATHS

_ROUTES = frozenset([*PAGE_PATHS, "/search", "/ask", "/health", "/metrics", "/openapi.json"])
_METHODS = frozenset(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])


class RequestMetrics:
    """ASGI middleware that records route, method, status and duration of each request."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start, status = time.perf_counter(), 500

        async def send_and_note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_and_note_status)
        finally:
            # Clients can send any path and method: each as a label of its own would make the metrics grow without end.
            route = scope["path"] if scope["path"] in _ROUTES else "other"
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._metrics.requests.labels(route, method, str(status)).inc()
            self._metrics.request_seconds.labels(route).observe(time.perf_counter() - start)
