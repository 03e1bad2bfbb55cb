"""Responses in JSON, encoded by msgspec."""

from collections.abc import Mapping

import msgspec
from starlette.responses import Response

from knowligo_index.service.request_errors import RequestError


class JsonResponse(Response):
    """A value as JSON; dataclasses become objects."""

    media_type = "application/json"

    def render(self, content: object) -> bytes:
        """The value as JSON in UTF-8."""
        return msgspec.json.encode(content)


def error_response(error: RequestError, more_fields: Mapping[str, object] | None = None) -> JsonResponse:
    """`{"error": message}`, and what else the response has, such as the passages that were found."""
    return JsonResponse({"error": error.message, **(more_fields or {})}, error.status, dict(error.headers))


def server_sent_event(name: str, value: object) -> bytes:
    """An event of `text/event-stream`. A line end would end it: JSON on one line has none."""
    return b"event: %s\ndata: %s\n\n" % (name.encode(), msgspec.json.encode(value))
