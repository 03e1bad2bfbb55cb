"""What the service says where it does not do what it was asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus


# Not frozen: whoever raises or catches an exception writes its traceback and context into it.
@dataclass(eq=False)
class RefusalError(Exception):
    """An answer other than the one that was wanted: a status, and a sentence for the person."""

    status: HTTPStatus
    sentence: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.sentence


def try_later(status: HTTPStatus, sentence: str, seconds: str) -> RefusalError:
    """With the seconds after which it is worth trying again."""
    return RefusalError(status, sentence, {"Retry-After": seconds})
