"""Answers in JSON, without a detour through other types."""

from collections.abc import Mapping

import msgspec
from starlette.responses import Response

from knowligo_index.service.refusals import RefusalError


class JsonResponse(Response):
    """A value as JSON; dataclasses as objects."""

    media_type = "application/json"

    def render(self, content: object) -> bytes:
        """The bytes of it."""
        return msgspec.json.encode(content)


def refusal_response(refusal: RefusalError, beside: Mapping[str, object] | None = None) -> JsonResponse:
    """`{"error": sentence}`, and what there is to give all the same."""
    return JsonResponse({"error": refusal.sentence, **(beside or {})}, refusal.status, dict(refusal.headers))


def server_sent_event(name: str, value: object) -> bytes:
    """An event of `text/event-stream`. JSON has no line ends in it, which would end the event."""
    return b"event: %s\ndata: %s\n\n" % (name.encode(), msgspec.json.encode(value))
