"""Read a request's body whole, and no more of it than is wanted."""

import asyncio
from http import HTTPStatus

from starlette.types import Message, Receive, Scope

from knowligo_index.service.refusals import RefusalError

_SECONDS = 10.0


async def read_body(scope: Scope, receive: Receive, most_bytes: int) -> bytes:
    """The body. Raises RefusalError where it has more bytes or takes too long: a client that sends a byte a minute
    would hold what the request needs."""
    headers = dict(scope["headers"])
    declared = headers.get(b"content-length", b"0")
    if not declared.isdigit() or int(declared) > most_bytes:
        raise _too_large(most_bytes)
    if declared == b"0" and b"transfer-encoding" not in headers:
        return b""
    body = bytearray()
    try:
        async with asyncio.timeout(_SECONDS):
            more = True
            while more:
                message = await receive()
                body += message.get("body", b"")
                if len(body) > most_bytes:
                    raise _too_large(most_bytes)
                more = message.get("more_body", False)
    except TimeoutError as error:
        sentence = f"the request had not come whole after {_SECONDS:g} s: send it again."
        raise RefusalError(HTTPStatus.REQUEST_TIMEOUT, sentence, {"Connection": "close"}) from error
    return bytes(body)


def replayed(body: bytes, receive: Receive) -> Receive:
    """`receive` for whoever comes after: the body, and then whatever else there is to receive."""
    given = False

    async def receive_again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again


def _too_large(most_bytes: int) -> RefusalError:
    # What is still to come is not read, so nothing can follow on this connection.
    return RefusalError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"the request has more than {most_bytes:,} bytes: send a question and nothing else.",
        {"Connection": "close"},
    )
