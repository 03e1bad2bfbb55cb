"""Read the whole body of a request, up to a limit."""

import asyncio
from http import HTTPStatus

from starlette.types import Message, Receive, Scope

from knowligo_index.service.request_errors import RequestError

_SECONDS = 10.0


async def read_body(scope: Scope, receive: Receive, max_bytes: int) -> bytes:
    """The body. Raises RequestError if it has more than `max_bytes` bytes, or if it is not complete in time: a client
    that sends a byte a minute would hold the memory and the connection of a request."""
    headers = dict(scope["headers"])
    declared = headers.get(b"content-length", b"0")
    if not declared.isdigit() or int(declared) > max_bytes:
        raise _too_large(max_bytes)
    if declared == b"0" and b"transfer-encoding" not in headers:
        return b""
    body = bytearray()
    try:
        async with asyncio.timeout(_SECONDS):
            more_body = True
            while more_body:
                message = await receive()
                if message["type"] == "http.disconnect":
                    # What came before is not the request that the client wanted to send. Nobody gets this response.
                    raise RequestError(HTTPStatus.BAD_REQUEST, "the request is not complete: send it again.")
                body += message.get("body", b"")
                if len(body) > max_bytes:
                    raise _too_large(max_bytes)
                more_body = message.get("more_body", False)
    except TimeoutError as error:
        text = f"the request was not complete after {_SECONDS:g} s: send it again."
        raise RequestError(HTTPStatus.REQUEST_TIMEOUT, text, {"Connection": "close"}) from error
    return bytes(body)


def replayed(body: bytes, receive: Receive) -> Receive:
    """A `receive` for the application: first the body that was read, then whatever else is received."""
    body_sent = False

    async def receive_body_first() -> Message:
        nonlocal body_sent
        if body_sent:
            return await receive()
        body_sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_body_first


def _too_large(max_bytes: int) -> RequestError:
    # The rest of the body is not read, so the connection cannot be used for another request.
    return RequestError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"the request has more than {max_bytes:,} bytes: send only a question.",
        {"Connection": "close"},
    )
