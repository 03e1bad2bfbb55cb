"""The error that a request is answered with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus


# Not frozen: raising or catching an exception sets its traceback and context.
@dataclass(eq=False)
class RequestError(Exception):
    """A request that gets a status and a message instead of what it asked for."""

    status: HTTPStatus
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message


def retry_later(status: HTTPStatus, message: str, seconds: str) -> RequestError:
    """An error with the header Retry-After."""
    return RequestError(status, message, {"Retry-After": seconds})
