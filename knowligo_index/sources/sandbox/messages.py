"""The messages between the build and a parser process, in MessagePack. Not pickle: a process that reads hostile files
could send a pickle that makes the build execute code."""

from dataclasses import dataclass

import msgspec

from knowligo_index.types import Document, Secret


@dataclass(frozen=True, slots=True)
class Request:
    """A source to parse."""

    name: str
    format: str
    sha256: str
    data: bytes


class Parsed(msgspec.Struct, frozen=True, tag=True):
    """The document in the source, and the secrets in the document."""

    document: Document
    secrets: tuple[Secret, ...]


class Failed(msgspec.Struct, frozen=True, tag=True):
    """The source gives no document: the fields of a ParseError."""

    reason: str
    detail: str


class ParserUnavailable(msgspec.Struct, frozen=True, tag=True):
    """The parser cannot be used for any source, for example because a package is not installed."""

    message: str


class Ready(msgspec.Struct, frozen=True, tag=True):
    """The process has started and is within its limits."""

    missing: list[str]
    """the kernel's protections that this machine lacks"""


Reply = Parsed | Failed | ParserUnavailable | Ready


def encode(message: Request | Reply) -> bytes:
    """The message in MessagePack."""
    return msgspec.msgpack.encode(message)


def decode_request(data: bytes) -> Request:
    """The request that `encode` gave."""
    return msgspec.msgpack.decode(data, type=Request)
