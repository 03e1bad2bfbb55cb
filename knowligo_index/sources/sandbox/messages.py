"""The messages between the build and a parser process, in MessagePack. Not pickle: a process that reads hostile files
could send a pickle that makes the build execute code."""

import msgspec

from knowligo_index.types import Document, Secret


class Prepare(msgspec.Struct, frozen=True, tag=True):
    """Import what parses a format. Answered with Ready or ParserUnavailable, by a process that sees no file."""

    format: str


class Request(msgspec.Struct, frozen=True, tag=True):
    """A source to parse. Answered with Parsed or Failed by the process that parses it, or with Died."""

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


class Died(msgspec.Struct, frozen=True, tag=True):
    """The process that parsed the source sent no reply."""

    status: int
    """its exit status; below 0 the number of the signal that ended it"""


class ParserUnavailable(msgspec.Struct, frozen=True, tag=True):
    """The parser cannot be used for any source, for example because a package is not installed."""

    message: str


class Ready(msgspec.Struct, frozen=True, tag=True):
    """The process can parse."""

    missing: list[str]
    """the kernel's protections that this machine lacks"""


Reply = Parsed | Failed | Died | ParserUnavailable | Ready


def encode(message: Prepare | Request | Reply) -> bytes:
    """The message in MessagePack."""
    return msgspec.msgpack.encode(message)


def decode_request(data: bytes | bytearray) -> Prepare | Request:
    """The request that `encode` gave."""
    return msgspec.msgpack.decode(data, type=Prepare | Request)
